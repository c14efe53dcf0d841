"""vLLM as the rollout engine, on CUDA and on the CPU."""

import asyncio
import os
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import chain
from typing import Any

from rl.rollout.engines.base import Completion, Sampling
from rl.weights.base import Weights

# vLLM reads these once, at import. Its engine process inherits them.
os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")

import torch
from safetensors.torch import load_file, save
from vllm import AsyncEngineArgs, SamplingParams
from vllm.config import StructuredOutputsConfig, set_current_vllm_config
from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams
from vllm.v1.engine.async_llm import AsyncLLM


class WeightLoader:
    """Mixed into vLLM's worker, so that it can take new weights from a file.

    Loading goes through ``reload_weights`` because the CPU backend repacks weights after the first
    load, and ``load_weights`` on the live model would find its parameters empty.
    """

    model_runner: Any
    vllm_config: Any

    def load_weights_files(self, paths: list[str]) -> None:
        tensors = chain.from_iterable(load_file(path).items() for path in paths)
        with set_current_vllm_config(self.vllm_config), torch.no_grad():
            self.model_runner.reload_weights(weights_iterator=tensors)


def cpu_options(max_model_len: int, kv_cache_gib: float) -> dict[str, Any]:
    """What the CPU backend needs. Prompts are prefilled whole, since vLLM 0.31 takes back the draw of
    a seeded request after a partial prefill, which a CPU generator cannot do (it kills the engine)."""
    return {
        "kv_cache_memory_bytes": int(kv_cache_gib * 2**30),
        "enforce_eager": True,
        "enable_chunked_prefill": False,
        "max_num_batched_tokens": max(8192, max_model_len),
    }


class VllmEngine:
    """One vLLM engine (its own process) on one device group.

    Args:
        model: path or hub id.
        dtype: "bfloat16" or "float32".
        max_model_len: tokens of prompt and completion together.
        concurrency: sequences in flight.
        tensor_parallel: GPUs of this engine.
        gpu_memory_utilization: share of each GPU that the engine may take.
        end_ids: the tokens that end a turn.
        kv_cache_gib: GiB for the KV cache on the CPU backend.
        grammars: whether turns may be sampled under a grammar, for which vLLM loads the tokenizer.
    """

    def __init__(
        self,
        model: str,
        *,
        dtype: str,
        max_model_len: int,
        concurrency: int,
        tensor_parallel: int,
        gpu_memory_utilization: float,
        kv_cache_gib: float,
        end_ids: Sequence[int],
        seed: int,
        trust_remote_code: bool = False,
        grammars: bool = False,
    ) -> None:
        self.end_ids = list(end_ids)
        backend = {} if torch.cuda.is_available() else cpu_options(max_model_len, kv_cache_gib)
        self.llm = AsyncLLM.from_engine_args(
            AsyncEngineArgs(
                model=model,
                dtype=dtype,  # type: ignore[arg-type]  # vLLM checks the name itself
                max_model_len=max_model_len,
                max_num_seqs=concurrency,
                tensor_parallel_size=tensor_parallel,
                gpu_memory_utilization=gpu_memory_utilization,
                enable_prefix_caching=True,
                logprobs_mode="processed_logprobs",
                worker_extension_cls=f"{WeightLoader.__module__}.{WeightLoader.__qualname__}",
                skip_tokenizer_init=not grammars,
                structured_outputs_config=StructuredOutputsConfig(backend="xgrammar"),
                seed=seed,
                trust_remote_code=trust_remote_code,
                disable_log_stats=True,
                **backend,
            )
        )

    async def generate(self, prompt_ids: list[int], sampling: Sampling, seed: int) -> Completion:
        params = SamplingParams(
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            seed=seed,
            logprobs=0,
            structured_outputs=_outputs(sampling.grammar),
            stop_token_ids=self.end_ids,
            detokenize=False,
            output_kind=RequestOutputKind.FINAL_ONLY,
        )
        request = self.llm.generate({"prompt_token_ids": prompt_ids}, params, uuid.uuid4().hex)
        output = [step async for step in request][-1].outputs[0]
        ids = list(output.token_ids)
        assert output.logprobs is not None, "logprobs were asked for"
        logprobs = [output.logprobs[i][token].logprob for i, token in enumerate(ids)]
        return Completion(ids, logprobs, ended=output.finish_reason == "stop")

    async def load_weights(self, parts: Sequence[Weights]) -> None:
        """New weights, with no request in flight. Files in memory, which end with this process, are how
        they reach the engine's own."""
        with ExitStack() as files:
            paths = [await asyncio.to_thread(_in_memory, part, files) for part in parts]
            await self.llm.pause_generation()
            await self.llm.collective_rpc("load_weights_files", args=(paths,))
            await self.llm.reset_prefix_cache()
            await self.llm.resume_generation()

    def close(self) -> None:
        self.llm.shutdown()


def _outputs(grammar: str | None) -> StructuredOutputsParams | None:
    return None if grammar is None else StructuredOutputsParams(structural_tag=grammar)


def _in_memory(part: Weights, files: ExitStack) -> str:
    """The part as a safetensors file without a name; its path while ``files`` is open."""
    file = files.enter_context(os.fdopen(os.memfd_create("weights"), "wb"))
    file.write(save(dict(part.tensors)))
    file.flush()
    return f"/proc/{os.getpid()}/fd/{file.fileno()}"
