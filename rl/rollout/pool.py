"""Rollout workers as Ray actors, and which of them samples what."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any

import ray
from ray.exceptions import OutOfMemoryError, RayActorError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from rewards.types import Task, Trajectory
from rl.cluster import Place, last_line
from rl.errors import UserError
from rl.rollout.worker import RolloutWorker, WorkerConfig
from rl.weights.base import Weights

CLOSE_SECONDS = 30.0
IN_STEP = (
    "init_weight_transfer",
    "start_weight_update",
    "update_weights",
)  # what a broadcast needs all engines for
MAX_CALLS = 100_000  # calls in flight in one actor; the pool's semaphore is what limits them


class Worker:
    """One engine's place: the actor that fills it now, and the samples that are with it, by prompt."""

    def __init__(self, number: int, spawn: Callable[[], Any], patience: float = 600.0) -> None:
        self.number, self.spawn, self.patience = number, spawn, patience
        self.actor = spawn()
        self.samples: Counter[str] = Counter()
        self.ready: asyncio.Future[None] | None = None
        self.given = asyncio.Event()  # the newest weights
        self.given.set()

    @property
    def is_ready(self) -> bool:
        done = self.ready is not None and self.ready.done() and self.ready.exception() is None
        return done and self.given.is_set()

    async def wait(self) -> None:
        """Until it can sample. Raises UserError if it cannot."""
        if self.ready is not None:
            await asyncio.shield(self.ready)

    async def _has_weights(self) -> None:
        try:
            await asyncio.wait_for(self.given.wait(), self.patience)
        except TimeoutError as error:
            raise UserError(
                f"Rollout worker {self.number} was started anew, and nobody sent it weights within {self.patience:g} s; "
                "raise rollout.transfer_timeout if an update takes that long, or set rollout.transfer=objects, and go on "
                "with resume=."
            ) from error

    async def sample(self, task: Task, seed: int, temperature: float) -> tuple[Trajectory, dict[str, float]]:
        self.samples[task.id] += 1
        try:
            await self.wait()
            await self._has_weights()
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
    once, wherever there is room. Weights that went from device to device are nowhere to be had again: there it waits
    for the trainer to send them anew (``wanted``).
    """

    def __init__(
        self, config: WorkerConfig, gpus_per_worker: float = 0, places: Sequence[Place] | None = None
    ) -> None:
        self.config, self.places = config, places
        self.gpus = gpus_per_worker
        self.workers = [
            Worker(i, partial(self._spawn, i), config.rollout.transfer_timeout)
            for i in range(config.rollout.workers)
        ]
        # The newest weights, for those that start later: how they are given, and what is said.
        self.newest: tuple[str, tuple[Any, ...]] | None = None
        self.sent: dict[str, Any] = {}
        self.keeps = config.way in ("objects", "shared")
        self.trainer: Any = None  # vLLM's, with the copy that those read
        self.restarts = 0
        self.wanted: Future[None] = Future()  # done while one that started later waits for the trainer
        self.sending = asyncio.Lock()
        self.taking: set[Worker] = set()  # those that take the weights that are being sent
        self.slots: asyncio.Semaphore | None = None

    @property
    def devices(self) -> int:
        """Of all engines."""
        return len(self.workers) * self.config.rollout.tensor_parallel

    def _spawn(self, number: int) -> Any:
        options: dict[str, Any] = {"num_cpus": 0, "num_gpus": self.gpus, "max_concurrency": MAX_CALLS}
        if self.places:  # the devices are the trainers', who have them from Ray
            node, devices = beside(self.places, number, self.config.rollout.tensor_parallel)
            options |= {"num_gpus": 0, "scheduling_strategy": _on(node)}
            if devices:
                options["runtime_env"] = {"env_vars": {"CUDA_VISIBLE_DEVICES": devices}}
        elif self.config.way == "shared":  # memory that this node has
            options["scheduling_strategy"] = _on(ray.get_runtime_context().get_node_id())
        return ray.remote(**options)(RolloutWorker).remote(self.config)

    async def start(self) -> None:
        """Wait until every worker can sample. Raises UserError if one cannot start."""
        self.slots = asyncio.Semaphore(self.config.rollout.concurrency * len(self.workers))
        for worker in self.workers:
            worker.ready = asyncio.ensure_future(self._started(worker))
        await self._wait()

    async def _started(self, worker: Worker) -> None:
        try:
            async with asyncio.timeout(self.config.rollout.start_timeout):
                await worker.actor.start.remote()
                async with self.sending:
                    if self.newest:
                        method, told = self.newest
                        await getattr(worker.actor, method).remote(*told)
            if not worker.given.is_set() and not self.wanted.done():
                self.wanted.set_result(None)
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
        await self._wait()
        self.newest = "load_weights", (list(parts),)
        self.taking = set(self.workers)
        await self._tell("load_weights", list(parts))
        await self._wait()

    async def busy(self) -> list[float]:
        """Of each engine; of one that is not there, none."""

        async def of(worker: Worker) -> float:
            try:
                return float(await worker.actor.busy.remote()) if worker.is_ready else 0.0
            except RayError:  # whoever samples there notices
                return 0.0

        return await asyncio.gather(*(of(worker) for worker in self.workers))

    async def sleep(self) -> None:
        """Until new weights are sent, every engine leaves its devices to others."""
        await self._wait()
        self.taking = set(self.workers)
        await self._tell("sleep")

    # The same by vLLM's own transfer, whose trainer takes these steps (``rl.weights.transfer``)

    async def init_weight_transfer(self, info: dict[str, Any]) -> None:
        """Each engine's workers follow the trainer and the engines before it, where places are counted."""
        self.taking = set(self.workers)
        each = self.config.rollout.tensor_parallel
        places = {
            w: {"rank_offset": 1 + w.number * each} if "rank_offset" in info else {} for w in self.workers
        }
        await asyncio.gather(
            *(self._told(w, "init_weight_transfer", info | place) for w, place in places.items())
        )

    async def start_weight_update(self) -> None:
        """From here to the end of it every engine's turns have ended, and the next wait."""
        await self._wait()
        await self.sending.acquire()
        self.wanted = Future()
        self.taking = set(self.workers)
        await self._tell("start_weight_update")

    async def update_weights(self, info: dict[str, Any]) -> None:
        self.sent = info
        await self._tell("update_weights", info)

    async def finish_weight_update(self, version: int) -> None:
        self.newest = ("take_weights", (self.sent, version)) if self.keeps else None
        await self._tell("finish_weight_update", version)
        for worker in self.taking:
            worker.given.set()
        self.sending.release()
        await self._wait()

    async def _tell(self, method: str, *arguments: Any) -> None:
        await asyncio.gather(*(self._told(worker, method, *arguments) for worker in set(self.taking)))

    async def _told(self, worker: Worker, method: str, *arguments: Any) -> None:
        """What a worker does that takes new weights. Where it dies meanwhile, the one in its place gets the newest
        at its start; but a broadcast goes on for none without it, and that is a UserError."""
        actor, patience = worker.actor, self.config.rollout.transfer_timeout
        try:
            await asyncio.wait_for(getattr(actor, method).remote(*arguments), patience)
        except TimeoutError as error:
            raise UserError(
                f"Rollout worker {worker.number} did not take new weights within {patience:g} s; raise "
                "rollout.transfer_timeout if its turns are that long, or see the Ray logs for what it waits for."
            ) from error
        except RayError as error:
            if self.config.way == "nccl" and method in IN_STEP and _is_death(error):
                raise UserError(
                    f"Rollout worker {worker.number} died while it took new weights ({last_line(error)}); look for what "
                    "ends it, memory first, then go on with resume=."
                ) from error
            self._replace(worker, actor, error)
            self.taking.discard(worker)

    async def _wait(self) -> None:
        await asyncio.gather(*(worker.wait() for worker in self.workers))

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
            self.restarts += 1
            if self.sent and not self.keeps:
                worker.given.clear()
            worker.restart()
            worker.ready = asyncio.ensure_future(self._started(worker))

    async def close(self) -> None:
        closing = asyncio.gather(*(w.actor.close.remote() for w in self.workers), return_exceptions=True)
        with suppress(TimeoutError):  # a worker that never started never answers
            await asyncio.wait_for(closing, CLOSE_SECONDS)
        for worker in self.workers:
            ray.kill(worker.actor)


def beside(places: Sequence[Place], number: int, each: int) -> Place:
    """Where an engine is that has ``each`` of the ranks' devices. Raises UserError where they are on two nodes."""
    own = places[number * each : (number + 1) * each]
    if len({place.node for place in own}) > 1:
        raise UserError(
            f"Rollout worker {number} would have devices of two nodes; choose a rollout.tensor_parallel that divides "
            "the ranks of each node, or cluster.placement=apart."
        )
    return Place(own[0].node, ",".join(place.devices for place in own))


def _on(node: str) -> NodeAffinitySchedulingStrategy:
    return NodeAffinitySchedulingStrategy(node, soft=False)


def _is_death(error: RayError) -> bool:
    """Whether the worker, or the engine's process in it, is gone."""
    # Ray ends workers where a node's memory is short.
    gone = isinstance(error, RayActorError | OutOfMemoryError)
    return gone or "EngineDead" in type(error).__name__ + str(error)
