"""vLLM as the rollout engine, on CUDA and on the CPU."""

import asyncio
import os
import tempfile
import uuid
from typing import Any

from rl.rollout.engine import Sample, Sampling

# vLLM reads these once, at import. Its engine process inherits them.
os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")

import torch
from safetensors.torch import load_file
from vllm import AsyncEngineArgs, SamplingParams
from vllm.config import set_current_vllm_config
from vllm.sampling_params import RequestOutputKind
from vllm.v1.engine.async_llm import AsyncLLM


class WeightLoader:
    """Mixed into vLLM's worker, so that it can take new weights from a file.

    Loading goes through ``reload_weights`` because the CPU backend repacks weights after the first
    load, and ``load_weights`` on the live model would find its parameters empty.
    """

    model_runner: Any
    vllm_config: Any

    def load_weights_file(self, path: str) -> None:
        with set_current_vllm_config(self.vllm_config), torch.no_grad():
            self.model_runner.reload_weights(weights_iterator=iter(load_file(path).items()))


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
        eos_id: the token that ends a turn.
        kv_cache_gib: GiB for the KV cache on the CPU backend.
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
        eos_id: int,
        seed: int,
        trust_remote_code: bool = False,
    ) -> None:
        self.eos_id = eos_id
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
                skip_tokenizer_init=True,
                seed=seed,
                trust_remote_code=trust_remote_code,
                disable_log_stats=True,
                **backend,
            )
        )

    async def generate(self, prompt_ids: list[int], sampling: Sampling, seed: int) -> Sample:
        params = SamplingParams(
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            seed=seed,
            logprobs=0,
            stop_token_ids=[self.eos_id],
            detokenize=False,
            output_kind=RequestOutputKind.FINAL_ONLY,
        )
        request = self.llm.generate({"prompt_token_ids": prompt_ids}, params, uuid.uuid4().hex)
        output = [step async for step in request][-1].outputs[0]
        ids = list(output.token_ids)
        assert output.logprobs is not None, "logprobs were asked for"
        logprobs = [output.logprobs[i][token].logprob for i, token in enumerate(ids)]
        return Sample(ids, logprobs, ended=output.finish_reason == "stop")

    async def load_weights(self, weights: bytes) -> None:
        """New weights, with no request in flight. The file is how they reach the engine's process."""
        folder = "/dev/shm" if os.path.isdir("/dev/shm") else None
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".safetensors") as file:
            await asyncio.to_thread(_write, file, weights)
            await self.llm.pause_generation()
            await self.llm.collective_rpc("load_weights_file", args=(file.name,))
            await self.llm.reset_prefix_cache()
            await self.llm.resume_generation()

    def close(self) -> None:
        self.llm.shutdown()


def _write(file: Any, data: bytes) -> None:
    file.write(data)
    file.flush()
