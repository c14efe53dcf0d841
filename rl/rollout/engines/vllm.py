"""vLLM as the rollout engine, on CUDA and on the CPU."""

import asyncio
import json
import os
import time
import uuid
from collections.abc import Coroutine, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import torch
from safetensors.torch import save_file
from vllm import AsyncEngineArgs, SamplingParams
from vllm.config import StructuredOutputsConfig, WeightTransferConfig
from vllm.config.lora import MaxLoRARanks
from vllm.distributed.weight_transfer import ParamMeta
from vllm.distributed.weight_transfer.base import WeightTransferInitRequest, WeightTransferUpdateRequest
from vllm.lora.request import LoRARequest
from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams
from vllm.v1.engine.async_llm import AsyncLLM
from vllm.v1.executor.uniproc_executor import UniProcExecutor

from rl.rollout.engines.base import Completion, Sampling
from rl.weights.base import Weights
from rl.weights.shared import Extension, SharedMemory  # before vLLM, whose environment it sets
from rl.weights.way import Way

RANKS = sorted(get_args(MaxLoRARanks))
ADAPTER = "policy"
DYING = 10.0  # seconds that an engine whose worker is gone takes to end


def cpu_options(max_model_len: int, kv_cache_gib: float, tensor_parallel: int) -> dict[str, Any]:
    """What the CPU backend needs. Prompts are prefilled whole, since vLLM 0.31 takes back the draw of
    a seeded request after a partial prefill, which a CPU generator cannot do (it kills the engine)."""
    options = {
        "kv_cache_memory_bytes": int(kv_cache_gib * 2**30),
        "enforce_eager": True,
        "enable_chunked_prefill": False,
        "max_num_batched_tokens": max(8192, max_model_len),
    }
    if tensor_parallel == 1:
        # The scheduler and a worker of its own poll while they wait for one another, on a core that others need.
        options["distributed_executor_backend"] = UniProcExecutor
    return options


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
        way: how weights come.
        adapter_rank: of the adapter that comes in the place of weights; None: weights come.
        sleeps: whether ``sleep`` is to give its GPUs' memory to others. On the CPU it only pauses.
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
        way: Way = "objects",
        sleeps: bool = False,
        adapter_rank: int | None = None,
    ) -> None:
        self.end_ids, self.asleep = list(end_ids), False
        self.adapter: LoRARequest | None = None
        self.adapts = adapter_rank is not None
        backend = {}
        if not torch.cuda.is_available():
            backend = cpu_options(max_model_len, kv_cache_gib, tensor_parallel)
            # For the engine's process, which takes it from this one: all cores but one, as vLLM's workers do.
            os.environ["OMP_NUM_THREADS"] = str(max(1, len(os.sched_getaffinity(0)) - 1))
        if adapter_rank is not None:
            backend |= {"enable_lora": True, "max_lora_rank": min(r for r in RANKS if r >= adapter_rank)}
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
                worker_extension_cls=f"{Extension.__module__}.{Extension.__qualname__}",
                enable_sleep_mode=sleeps and torch.cuda.is_available(),
                weight_transfer_config=WeightTransferConfig(backend="shared" if way == "objects" else way),
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
        request = self.llm.generate(
            {"prompt_token_ids": prompt_ids}, params, uuid.uuid4().hex, lora_request=self.adapter
        )
        output = [step async for step in request][-1].outputs[0]
        ids = list(output.token_ids)
        assert output.logprobs is not None, "logprobs were asked for"
        logprobs = [output.logprobs[i][token].logprob for i, token in enumerate(ids)]
        return Completion(ids, logprobs, ended=output.finish_reason == "stop")

    async def load_weights(self, parts: Sequence[Weights]) -> None:
        """New weights, with no request in flight, by memory that this process shares with the engine's own."""
        if parts[0].adapter is not None:
            return await self._load_adapter(parts[0])
        tensors = [pair for part in parts for pair in part.tensors.items()]
        metas = [ParamMeta(name, value.dtype, tuple(value.shape)) for name, value in tensors]
        memory = SharedMemory()
        try:
            info = await asyncio.to_thread(memory.write, metas, tensors)
            await self.start_weight_update()
            await self.update_weights(asdict(info))
            await self.finish_weight_update()
        finally:
            memory.close()

    async def _load_adapter(self, part: Weights) -> None:
        """In the place of the one before; vLLM reads it as PEFT writes it."""
        with TemporaryDirectory() as folder:
            Path(folder, "adapter_config.json").write_text(json.dumps(part.adapter))
            save_file(dict(part.tensors), Path(folder, "adapter_model.safetensors"))
            await self._alive(self.llm.wake_up() if self.asleep else self.llm.pause_generation())
            new = LoRARequest(ADAPTER, 1, folder, load_inplace=True)
            await self._alive(self.llm.add_lora(new))
        self.adapter = LoRARequest(ADAPTER, 1, ADAPTER)  # it is there by its number, and read no more
        await self._run_on()

    # The same by vLLM's own transfer, with no request in flight from start to finish

    async def init_weight_transfer(self, info: dict[str, Any]) -> None:
        await self._alive(self.llm.init_weight_transfer_engine(WeightTransferInitRequest(info)))

    async def start_weight_update(self) -> None:
        await self._alive(self.llm.wake_up(["weights"]) if self.asleep else self.llm.pause_generation())
        await self._alive(self.llm.start_weight_update())

    async def update_weights(self, info: dict[str, Any]) -> None:
        await self._alive(self.llm.update_weights(WeightTransferUpdateRequest(info)))

    async def finish_weight_update(self) -> None:
        await self._alive(self.llm.finish_weight_update())
        if self.asleep:
            await self._alive(self.llm.wake_up(["kv_cache"]))
        await self._run_on()

    async def _run_on(self) -> None:
        self.asleep = False
        await self._alive(self.llm.reset_prefix_cache())
        await self._alive(self.llm.resume_generation())

    async def sleep(self) -> None:
        """With no request in flight. Its weights are gone then, and new ones wake it; the base of an adapter is kept."""
        await self._alive(self.llm.sleep(level=1 if self.adapts else 2))
        self.asleep = True

    async def _alive(self, call: Coroutine[Any, Any, object]) -> None:
        """vLLM leaves a call unanswered whose engine dies meanwhile, or answers that it was cancelled. Raises its
        EngineDeadError."""
        task = asyncio.ensure_future(call)
        while not (await asyncio.wait([task], timeout=0.5))[0]:
            if self.llm.errored:
                task.cancel()
                raise self.llm.dead_error
        if task.exception() is not None and await self._is_dying():
            raise self.llm.dead_error from task.exception()
        task.result()

    async def _is_dying(self) -> bool:
        """Whether the engine is gone, which vLLM notices a little later than its calls."""
        end = time.monotonic() + DYING
        while not self.llm.errored and time.monotonic() < end:
            await asyncio.sleep(0.1)
        return self.llm.errored

    def close(self) -> None:
        self.llm.shutdown()


def _outputs(grammar: str | None) -> StructuredOutputsParams | None:
    return None if grammar is None else StructuredOutputsParams(structural_tag=grammar)
