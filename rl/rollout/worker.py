"""A rollout worker: one engine, one sandbox and the agent loop, in a process of its own."""

import gc
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from rewards.types import Task, Trajectory
from rl.config.schema import Model, Rollout, Sandbox
from rl.hardware.precision import chosen
from rl.hardware.sweeper import sweeper
from rl.rollout.engines.base import Engine, Sampling
from rl.rollout.gate import GatedEngine
from rl.rollout.grammar import calls_tag
from rl.weights.way import Way
from sandbox import open_sandbox
from sandbox.client import connect


@dataclass(frozen=True)
class WorkerConfig:
    """All that a worker needs to start, wherever it is put. ``model_path`` is readable there.

    ``new_tokens`` are what a turn may have in languages whose budget is their own. ``way`` is how weights come,
    ``sleeps``: to an engine that sleeps before, ``adapter_rank``: of the adapter that comes in their place.
    ``sandbox_token`` is a served sandbox's; it is read where the run is started, and shown nowhere.
    """

    model_path: str
    model: Model
    rollout: Rollout
    sandbox: Sandbox
    seed: int
    new_tokens: Mapping[str, int] = field(default_factory=dict)
    sandbox_token: str | None = field(default=None, repr=False)
    way: Way = "objects"
    sleeps: bool = False
    adapter_rank: int | None = None


class RolloutWorker:
    """One engine and one sandbox in one process."""

    def __init__(self, config: WorkerConfig) -> None:
        from transformers import AutoTokenizer

        from rl.rollout.agent import Bounds
        from rl.rollout.chat import chat_of

        if not torch.cuda.is_available():
            os.nice(10)  # an idle engine polls; on shared cores the policy update comes first
        self.config = config
        rollout = config.rollout
        tokenizer = AutoTokenizer.from_pretrained(
            config.model_path, trust_remote_code=config.model.trust_remote_code
        )
        self.chat = chat_of(tokenizer, config.model)
        self.constrained = rollout.grammar == "calls"
        self.bounds = Bounds(rollout.max_turns, rollout.max_new_tokens, rollout.max_model_len)
        self.inner: Any = open_engine(config, self.chat.end_ids)
        self.engine = GatedEngine(self.inner)
        self.sandbox_context: Any = None
        self.sandbox: Any = None

    async def start(self) -> None:
        self.sandbox_context = self.tools()
        self.sandbox = await self.sandbox_context.__aenter__()
        gc.collect()
        gc.freeze()  # a million objects, which searches for garbage would go through again and again

    def tools(self) -> Any:
        return open_tools(self.config.sandbox, self.config.sandbox_token)

    async def rollout(self, task: Task, seed: int, temperature: float) -> tuple[Trajectory, dict[str, float]]:
        """A trajectory of ``task`` and the seconds it spent sampling and in tools."""
        from rl.rollout.agent import rollout

        begin = time.perf_counter()
        room = self.config.new_tokens.get(task.language, self.bounds.max_new_tokens)
        grammar = calls_tag(self.chat.call_format, task.tools) if self.constrained else None
        sampling = Sampling(room, temperature, self.config.rollout.top_p, grammar)
        trajectory = await rollout(task, self.engine, self.sandbox, self.chat, self.bounds, sampling, seed)
        tools = sum(result.seconds for result in trajectory.results)
        return trajectory, {"rollout": time.perf_counter() - begin, "tools": tools}

    async def busy(self) -> float:
        """Seconds in which the engine has sampled."""
        return self.engine.busy.seconds()

    async def load_weights(self, parts: list[Any]) -> None:
        """Takes references to the parts, which are fetched before the engine is held up."""
        await self.engine.load_weights([await part for part in parts])

    async def sleep(self) -> None:
        """Until new weights come."""
        await self.engine.hold()
        await self.inner.sleep()

    # The same by vLLM's own transfer

    async def init_weight_transfer(self, info: dict[str, Any]) -> None:
        await self.inner.init_weight_transfer(info)

    async def start_weight_update(self) -> None:
        await self.engine.hold()
        await self.inner.start_weight_update()

    async def update_weights(self, info: dict[str, Any]) -> None:
        await self.inner.update_weights(info)

    async def finish_weight_update(self, version: int) -> None:
        await self.inner.finish_weight_update()
        self.engine.version = version
        await self.engine.release()

    async def take_weights(self, info: dict[str, Any], version: int) -> None:
        """All of it, from memory that the trainer has written already."""
        await self.init_weight_transfer({})
        await self.start_weight_update()
        await self.update_weights(info)
        await self.finish_weight_update(version)

    async def close(self) -> None:
        await self.sandbox_context.__aexit__(None, None, None)
        self.engine.close()


def open_tools(settings: Sandbox, token: str | None) -> Any:
    """The sandbox that the config names: one of this process's own, or one that is served at ``url``."""
    if settings.url:
        return connect(settings.url, token)
    return open_sandbox(**settings.model_dump(exclude={"url", "token_env", "descriptions"}))


def open_engine(config: WorkerConfig, end_ids: Sequence[int]) -> Engine:
    """The engine that the config names."""
    rollout, model = config.rollout, config.model
    if rollout.engine == "hf":
        from rl.rollout.engines.transformers import HfEngine

        return HfEngine(
            config.model_path,
            dtype=chosen(rollout.dtype),
            concurrency=rollout.concurrency,
            end_ids=end_ids,
            trust_remote_code=model.trust_remote_code,
            attn_implementation=model.attn_implementation,
        )
    if config.way == "ipc":
        # A handle of GPU memory travels to vLLM's process as a pickle. It is our own trainer's, over a local socket.
        os.environ["VLLM_ALLOW_INSECURE_SERIALIZATION"] = "1"
    from rl.rollout.engines.vllm import VllmEngine

    with sweeper():
        return VllmEngine(
            config.model_path,
            dtype=chosen(rollout.dtype),
            max_model_len=rollout.max_model_len,
            concurrency=rollout.concurrency,
            tensor_parallel=rollout.tensor_parallel,
            gpu_memory_utilization=rollout.gpu_memory_utilization,
            kv_cache_gib=rollout.kv_cache_gib,
            end_ids=end_ids,
            seed=config.seed,
            trust_remote_code=model.trust_remote_code,
            grammars=rollout.grammar != "none",
            way=config.way,
            sleeps=config.sleeps,
            adapter_rank=config.adapter_rank,
        )
