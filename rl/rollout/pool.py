"""Rollout workers as Ray actors, and which of them samples what."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import ray
from ray.exceptions import RayActorError, RayError

from rewards.types import Task, Trajectory
from rl.cluster import last_line
from rl.errors import UserError
from rl.rollout.worker import RolloutWorker, WorkerConfig
from rl.weights.base import Weights

CLOSE_SECONDS = 30.0
MAX_CALLS = 100_000  # calls in flight in one actor; the pool's semaphore is what limits them


class Worker:
    """One engine's place: the actor that fills it now, and the samples that are with it, by prompt."""

    def __init__(self, number: int, spawn: Callable[[], Any]) -> None:
        self.number, self.spawn = number, spawn
        self.actor = spawn()
        self.samples: Counter[str] = Counter()
        self.ready: asyncio.Future[None] | None = None

    @property
    def is_ready(self) -> bool:
        return self.ready is not None and self.ready.done() and self.ready.exception() is None

    async def wait(self) -> None:
        """Until it can sample. Raises UserError if it cannot."""
        if self.ready is not None:
            await asyncio.shield(self.ready)

    async def sample(self, task: Task, seed: int, temperature: float) -> tuple[Trajectory, dict[str, float]]:
        self.samples[task.id] += 1
        try:
            await self.wait()
            found: tuple[Trajectory, dict[str, float]] = await self.actor.rollout.remote(
                task, seed, temperature
            )
            return found
        finally:
            self.samples[task.id] -= 1
            self.samples += Counter()  # prompts that have none are forgotten

    def restart(self) -> None:
        with suppress(RayError):
            ray.kill(self.actor)  # where only its engine died, the actor still holds the devices
        self.actor = self.spawn()


class RolloutPool:
    """``rollout.workers`` engines, shared by all ranks, and where each next sample goes: to the one that has other
    samples of its prompt, whose tokens it has read already, unless it is full; else to the one with the fewest.

    A worker that dies, or whose node does, is started again with the newest weights and its samples are redone,
    once, wherever there is room.
    """

    def __init__(self, config: WorkerConfig, gpus_per_worker: float = 0) -> None:
        self.config = config
        self.gpus = gpus_per_worker
        self.workers = [Worker(i, self._spawn) for i in range(config.rollout.workers)]
        self.weights: list[Any] = []  # references to the newest, in parts, in Ray's object store
        self.slots: asyncio.Semaphore | None = None

    def _spawn(self) -> Any:
        options: dict[str, Any] = {"num_cpus": 0, "num_gpus": self.gpus, "max_concurrency": MAX_CALLS}
        return ray.remote(**options)(RolloutWorker).remote(self.config)

    async def start(self) -> None:
        """Wait until every worker can sample. Raises UserError if one cannot start."""
        self.slots = asyncio.Semaphore(self.config.rollout.concurrency * len(self.workers))
        for worker in self.workers:
            worker.ready = asyncio.ensure_future(self._started(worker))
        await asyncio.gather(*(worker.wait() for worker in self.workers))

    async def _started(self, worker: Worker) -> None:
        try:
            async with asyncio.timeout(self.config.rollout.start_timeout):
                await worker.actor.start.remote()
                if self.weights:
                    await worker.actor.load_weights.remote(self.weights)
        except TimeoutError as error:
            raise UserError(
                f"Rollout worker {worker.number} did not start within {self.config.rollout.start_timeout} s; "
                "raise rollout.start_timeout, or see the Ray logs for what it waits for."
            ) from error
        except RayError as error:
            raise UserError(f"Rollout worker {worker.number} could not start: {last_line(error)}") from error

    def keep(self, part: Weights) -> Any:
        """Put a part of new weights where every engine can get it, on whatever node; a reference to it."""
        return ray.put(part)

    async def load_weights(self, parts: Sequence[Any]) -> None:
        """Give every worker the weights whose parts were kept. Raises UserError for one that does not take them."""
        self.weights = list(parts)
        await asyncio.gather(*(self._load(worker, self.weights) for worker in self.workers))

    async def _load(self, worker: Worker, weights: list[Any]) -> None:
        actor, patience = worker.actor, self.config.rollout.transfer_timeout
        try:
            await worker.wait()
            await asyncio.wait_for(worker.actor.load_weights.remote(weights), patience)
        except TimeoutError as error:
            raise UserError(
                f"Rollout worker {worker.number} did not take new weights within {patience:g} s; raise "
                "rollout.transfer_timeout if its turns are that long, or see the Ray logs for what it waits for."
            ) from error
        except RayError as error:
            self._replace(worker, actor, error)
            await worker.wait()

    async def rollout(self, task: Task, seed: int, temperature: float) -> tuple[Trajectory, dict[str, float]]:
        assert self.slots is not None, "start the pool first"
        async with self.slots:
            worker = self._with_room(task.id)
            actor = worker.actor
            try:
                return await worker.sample(task, seed, temperature)
            except RayError as error:
                self._replace(worker, actor, error)
            worker = self._with_room(task.id)
            try:
                return await worker.sample(task, seed, temperature)
            except RayError as error:
                if not _is_death(error):
                    raise
                raise UserError(
                    f"Rollout worker {worker.number} died while it redid a sample of task {task.id} "
                    f"({last_line(error)}); look for what ends it, memory first, then go on with resume=."
                ) from error

    def _with_room(self, prompt: str) -> Worker:
        room = self.config.rollout.concurrency

        def order(worker: Worker) -> tuple[bool, bool, int, int]:
            in_flight = worker.samples.total()
            return not worker.is_ready, in_flight >= room, -worker.samples[prompt], in_flight

        return min(self.workers, key=order)

    def _replace(self, worker: Worker, dead: Any, error: RayError) -> None:
        """Fill the dead actor's place; whoever notices first starts the new one. Raises what is no death."""
        if not _is_death(error):
            raise error
        if worker.actor is dead:
            worker.restart()
            worker.ready = asyncio.ensure_future(self._started(worker))

    async def close(self) -> None:
        closing = asyncio.gather(*(w.actor.close.remote() for w in self.workers), return_exceptions=True)
        with suppress(TimeoutError):  # a worker that never started never answers
            await asyncio.wait_for(closing, CLOSE_SECONDS)
        for worker in self.workers:
            ray.kill(worker.actor)


def _is_death(error: RayError) -> bool:
    """Whether the worker, or the engine's process in it, is gone."""
    return isinstance(error, RayActorError) or "EngineDead" in type(error).__name__ + str(error)
