"""Rollout workers as Ray actors: each holds an engine, a sandbox and the agent loop."""

import asyncio
import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ray
import torch
from ray.exceptions import RayActorError, RayError

from rewards.types import Task, Trajectory
from rl.config import Model, Rollout, Sandbox
from rl.errors import UserError
from rl.precision import chosen
from rl.rollout.engine import Engine, Sampling
from sandbox import open_sandbox
from sandbox.client import connect

CLOSE_SECONDS = 30.0
MAX_CALLS = 100_000  # calls in flight in one actor; the pool's semaphore is what limits them
OBJECT_STORE_BYTES = 512 * 2**20  # on a machine without a GPU, where models are small


def start_ray(address: str | None) -> None:
    """Join the cluster at ``address``, or start Ray on this machine; nothing if it runs.

    Raises UserError where there is no cluster at the address.
    """
    if ray.is_initialized():
        return
    project = str(Path(__file__).resolve().parents[2])
    environment = {"PYTHONPATH": os.pathsep.join([project, os.getcwd(), os.environ.get("PYTHONPATH", "")])}
    options: dict[str, Any] = {
        "runtime_env": {"env_vars": environment},
        "log_to_driver": False,
        "logging_level": "ERROR",
    }
    if address:
        options["address"] = address
    else:
        options |= {"address": "local", "include_dashboard": False}
        if not torch.cuda.is_available():
            options["object_store_memory"] = OBJECT_STORE_BYTES
    try:
        ray.init(**options)
    except ConnectionError as error:
        raise _no_cluster(address, error) from error


def check_address(address: str) -> None:
    """Refuse a cluster that nobody answers for; Ray itself would try for minutes. Raises UserError."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host, int(port)), 5).close()
    except (OSError, ValueError) as error:
        raise _no_cluster(address, error) from error


def _no_cluster(address: str | None, error: Exception) -> UserError:
    return UserError(
        f"There is no Ray cluster at cluster.address={address} ({_reason(error)}); start "
        "one with `ray start --head`, or leave the address out to start Ray here."
    )


@dataclass(frozen=True)
class WorkerConfig:
    """All that a worker needs to start, wherever it is put. ``model_path`` is readable there.

    ``sandbox_token`` is a served sandbox's; it is read where the run is started, and shown nowhere.
    """

    model_path: str
    model: Model
    rollout: Rollout
    sandbox: Sandbox
    seed: int
    sandbox_token: str | None = field(default=None, repr=False)


class RolloutWorker:
    """One engine and one sandbox in one process."""

    def __init__(self, config: WorkerConfig) -> None:
        from transformers import AutoTokenizer

        from rl.chat import Chat
        from rl.rollout.agent import Limits

        if not torch.cuda.is_available():
            os.nice(10)  # an idle engine polls; on shared cores the policy update comes first
        self.config = config
        rollout = config.rollout
        tokenizer = AutoTokenizer.from_pretrained(
            config.model_path, trust_remote_code=config.model.trust_remote_code
        )
        self.chat = Chat(tokenizer, config.model.call_format, **config.model.chat_template_kwargs)
        self.limits = Limits(rollout.max_turns, rollout.max_new_tokens, rollout.max_model_len)
        self.engine = open_engine(config, self.chat.eos_id)
        self.version = 0
        self.sandbox_context: Any = None
        self.sandbox: Any = None

    async def start(self) -> None:
        self.sandbox_context = open_tools(self.config.sandbox, self.config.sandbox_token)
        self.sandbox = await self.sandbox_context.__aenter__()

    async def rollout(self, task: Task, seed: int, temperature: float) -> tuple[Trajectory, dict[str, float]]:
        """A trajectory of ``task`` and the seconds it spent sampling and in tools."""
        from rl.rollout.agent import rollout

        begin = time.perf_counter()
        sampling = Sampling(self.limits.max_new_tokens, temperature, self.config.rollout.top_p)
        trajectory = await rollout(
            task, self.engine, self.sandbox, self.chat, self.limits, sampling, seed, self.version
        )
        tools = sum(result.seconds for result in trajectory.results)
        return trajectory, {"rollout": time.perf_counter() - begin, "tools": tools}

    async def load_weights(self, weights: bytes, version: int) -> None:
        await self.engine.load_weights(weights)
        self.version = version

    async def close(self) -> None:
        await self.sandbox_context.__aexit__(None, None, None)
        self.engine.close()


def open_tools(settings: Sandbox, token: str | None) -> Any:
    """The sandbox that the config names: one of this process's own, or one that is served at ``url``."""
    if settings.url:
        return connect(settings.url, token)
    return open_sandbox(**settings.model_dump(exclude={"url", "token_env", "descriptions"}))


def open_engine(config: WorkerConfig, eos_id: int) -> Engine:
    """The engine that the config names."""
    rollout, model = config.rollout, config.model
    if rollout.engine == "hf":
        from rl.rollout.hf_worker import HfEngine

        return HfEngine(
            config.model_path,
            dtype=chosen(rollout.dtype),
            concurrency=rollout.concurrency,
            eos_id=eos_id,
            trust_remote_code=model.trust_remote_code,
        )
    from rl.rollout.vllm_worker import VllmEngine

    return VllmEngine(
        config.model_path,
        dtype=chosen(rollout.dtype),
        max_model_len=rollout.max_model_len,
        concurrency=rollout.concurrency,
        tensor_parallel=rollout.tensor_parallel,
        gpu_memory_utilization=rollout.gpu_memory_utilization,
        kv_cache_gib=rollout.kv_cache_gib,
        eos_id=eos_id,
        seed=config.seed,
        trust_remote_code=model.trust_remote_code,
    )


class RolloutPool:
    """The workers, and where each next sample goes: to the one with the fewest in flight.

    A worker that dies is started again with the newest weights and its samples are redone, once.
    """

    def __init__(self, config: WorkerConfig, gpus_per_worker: float = 0) -> None:
        self.config = config
        self.gpus = gpus_per_worker
        self.workers = [self._spawn() for _ in range(config.rollout.workers)]
        self.in_flight = [0] * len(self.workers)
        self.weights: Any = None
        self.version = 0
        self.slots: asyncio.Semaphore | None = None

    def _spawn(self) -> Any:
        options: dict[str, Any] = {"num_cpus": 0, "num_gpus": self.gpus, "max_concurrency": MAX_CALLS}
        return ray.remote(**options)(RolloutWorker).remote(self.config)

    async def start(self) -> None:
        """Wait until every worker can sample. Raises UserError if one cannot start."""
        self.slots = asyncio.Semaphore(self.config.rollout.concurrency * len(self.workers))
        starts = asyncio.gather(*(worker.start.remote() for worker in self.workers))
        try:
            await asyncio.wait_for(starts, self.config.rollout.start_timeout)
        except TimeoutError as error:
            raise UserError(
                f"The rollout workers did not start within {self.config.rollout.start_timeout} s; "
                "raise rollout.start_timeout, or see the Ray logs for what they wait for."
            ) from error
        except RayError as error:
            raise UserError(f"A rollout worker could not start: {_reason(error)}") from error

    async def load_weights(self, weights: bytes, version: int) -> None:
        """Give every worker the weights (a safetensors file's bytes), through Ray's object store."""
        self.weights, self.version = ray.put(weights), version
        await asyncio.gather(*(w.load_weights.remote(self.weights, version) for w in self.workers))

    async def rollout(self, task: Task, seed: int, temperature: float) -> tuple[Trajectory, dict[str, float]]:
        assert self.slots is not None, "start the pool first"
        async with self.slots:
            index = min(range(len(self.workers)), key=self.in_flight.__getitem__)
            worker = self.workers[index]
            self.in_flight[index] += 1
            try:
                return await worker.rollout.remote(task, seed, temperature)
            except RayError as error:
                if not _is_death(error):
                    raise
                worker = await self._replaced(index, worker)
                return await worker.rollout.remote(task, seed, temperature)
            finally:
                self.in_flight[index] -= 1

    async def _replaced(self, index: int, dead: Any) -> Any:
        """The worker in the dead one's place; whoever notices first starts it."""
        if self.workers[index] is dead:
            ray.kill(dead)  # where only its engine died, the actor still holds the devices
            self.workers[index] = fresh = self._spawn()
            self.starting = asyncio.ensure_future(self._ready(fresh))
        await self.starting
        return self.workers[index]

    async def _ready(self, worker: Any) -> None:
        await worker.start.remote()
        if self.weights is not None:
            await worker.load_weights.remote(self.weights, self.version)

    async def close(self) -> None:
        closing = asyncio.gather(*(w.close.remote() for w in self.workers), return_exceptions=True)
        with suppress(TimeoutError):  # a worker that never started never answers
            await asyncio.wait_for(closing, CLOSE_SECONDS)
        for worker in self.workers:
            ray.kill(worker)


def _is_death(error: RayError) -> bool:
    """Whether the worker, or the engine's process in it, is gone."""
    return isinstance(error, RayActorError) or "EngineDead" in type(error).__name__ + str(error)


def _reason(error: Exception) -> str:
    """The last line of a remote traceback, which is the one that says what was wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
