"""From tasks to scored trajectories: each is scored the moment it ends, while others still generate."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean
from typing import Any, NamedTuple, Protocol, TypeVar

from rewards.types import Score, Task, Trajectory
from rl.pipeline.loop import Loop
from rl.pipeline.trace import Trace
from rl.weights.base import Weights

T = TypeVar("T")


class Job(NamedTuple):
    """One sample to take: the task, the sample's seed, and the training step whose reward weights count."""

    task: Task
    seed: int
    step: int = 0


@dataclass(frozen=True)
class Sample:
    """A scored trajectory."""

    trajectory: Trajectory
    score: Score


@dataclass(frozen=True)
class Collected:
    """The scored trajectories of some jobs, in their order.

    ``seconds`` splits the wall time from the first job to the last score into ``sampling``, ``tools`` (by their
    share of the trajectories' own time) and ``scoring`` (how long the last score came after the last trajectory:
    the rest of the scoring is done while others sample). ``scoring_each`` is a trajectory's mean. ``metrics`` are
    the scorer's.
    """

    jobs: list[Job]
    samples: list[Sample]
    seconds: dict[str, float]
    metrics: dict[str, float]


# Jobs of another prompt for the place of a prompt's, at the first, second ... try.
Refill = Callable[[list[Job], int], list[Job]]


class Rollouts(Protocol):
    wanted: "Future[None]"  # done while an engine waits for the weights to be sent again

    async def rollout(
        self, task: Task, seed: int, temperature: float
    ) -> tuple[Trajectory, dict[str, float]]: ...

    def keep(self, part: Weights) -> Any:
        """Keep a part of new weights for ``load_weights``; what stands for it."""

    async def load_weights(self, parts: Sequence[Any]) -> None: ...

    async def busy(self) -> list[float]:
        """Seconds that each engine has computed so far."""


class Scorer(Protocol):
    async def score(self, task: Task, trajectory: Trajectory, step: int | None = None) -> Score: ...

    def metrics(self) -> dict[str, float]: ...


class Collector:
    """Runs jobs through the rollout pool and the reward service, on one event loop of its own.

    ``seconds`` are those of the last call.
    """

    def __init__(self, rollouts: Rollouts, scorer: Scorer, trace: Trace | None = None) -> None:
        self.rollouts, self.scorer, self.trace = rollouts, scorer, trace
        self.runner = Loop()
        self.seconds: dict[str, float] = {}

    def __call__(
        self, jobs: Sequence[Job], temperature: float, on_done: Callable[[], None] | None = None
    ) -> list[Sample]:
        """The scored trajectories of ``jobs``, in their order; ``on_done()`` after each."""
        collected = self.run(self._collect(jobs, temperature, on_done))
        self.seconds = collected.seconds
        return collected.samples

    def begin(
        self, jobs: Sequence[Job], temperature: float, refill: Refill | None = None, tries: int = 0
    ) -> "Future[Collected]":
        """Start on ``jobs`` and do not wait; what was begun before comes first.

        ``refill`` gives other jobs, up to ``tries`` times, for those of a prompt whose samples all earned the same.
        """
        return self.runner.begin(self._collect(jobs, temperature, None, refill, tries))

    @property
    def wanted(self) -> "Future[None]":
        """Done while an engine waits for the weights to be sent again."""
        return self.rollouts.wanted

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run something on this collector's event loop (starting and closing its parts)."""
        return self.runner.run(coroutine)

    def load_weights(self, parts: Iterable[Weights]) -> None:
        """Give the engines new weights, between their turns; each part is kept for them as it comes."""
        self.run(self.rollouts.load_weights([self.rollouts.keep(part) for part in parts]))

    def busy(self) -> list[float]:
        """Seconds that each engine has computed so far: a sample within a tool is none of its work."""
        return self.run(self.rollouts.busy())

    def sleep(self) -> None:
        """The engines leave their devices to the trainer, until new weights come."""
        pool: Any = self.rollouts
        self.run(pool.sleep())

    def traced(self, what: str, job: Job) -> AbstractContextManager[None]:
        if self.trace is None:
            return nullcontext()
        return self.trace.span(what, job.task.id, language=job.task.language, seed=job.seed, step=job.step)

    async def _collect(
        self,
        jobs: Sequence[Job],
        temperature: float,
        on_done: Callable[[], None] | None,
        refill: Refill | None = None,
        tries: int = 0,
    ) -> Collected:
        spent: dict[str, list[float]] = {"rollout": [], "tools": [], "scoring": []}
        begin = last = time.perf_counter()

        async def one(job: Job) -> Sample:
            nonlocal last
            with self.traced("sampling", job):
                trajectory, seconds = await self.rollouts.rollout(job.task, job.seed, temperature)
            last = time.perf_counter()
            ended = last
            with self.traced("scoring", job):
                score = await self.scorer.score(job.task, trajectory, job.step)
            spent["scoring"].append(time.perf_counter() - ended)
            spent["rollout"].append(seconds["rollout"])
            spent["tools"].append(seconds["tools"])
            if on_done:
                on_done()
            return Sample(trajectory, score)

        flat: list[
            tuple[str, bool]
        ] = []  # of each prompt that was tried: its language, whether all earned the same

        async def prompt(jobs: list[Job]) -> list[tuple[Job, Sample]]:
            first = jobs
            for number in range(1, tries + 2):
                taken = await asyncio.gather(*(one(job) for job in jobs))
                flat.append((jobs[0].task.language, all_alike(taken)))
                if refill is None or number > tries or not all_alike(taken):
                    break
                jobs = refill(first, number)
            return list(zip(jobs, taken, strict=True))

        prompts = await asyncio.gather(*(prompt(own) for own in by_prompt(jobs)))
        done = [pair for own in prompts for pair in own]
        tools = (last - begin) * sum(spent["tools"]) / max(sum(spent["rollout"]), 1e-9)
        seconds = {
            "sampling": last - begin - tools,
            "tools": tools,
            "scoring": time.perf_counter() - last,
            "scoring_each": fmean(spent["scoring"]),
        }
        metrics = self.scorer.metrics() | shares_alike(flat)
        return Collected([job for job, _ in done], [sample for _, sample in done], seconds, metrics)


def by_prompt(jobs: Sequence[Job]) -> list[list[Job]]:
    """Jobs of one task that stand side by side, together."""
    return [[Job(*job) for job in own] for _, own in groupby(jobs, key=lambda job: id(job[0]))]


def all_alike(samples: Sequence[Sample]) -> bool:
    """Whether a prompt's samples all earned the same, so that none is better than another. Masked ones are our
    failure and say nothing."""
    rewards = [sample.score.reward for sample in samples if sample.score.reward is not None]
    return len(rewards) > 1 and max(rewards) - min(rewards) < 1e-9


def shares_alike(flat: Sequence[tuple[str, bool]]) -> dict[str, float]:
    """``language/<tag>/zero_variance``: the share of its prompts whose samples all earned the same."""
    languages = sorted({language for language, _ in flat})
    return {
        f"language/{tag}/zero_variance": fmean(alike for language, alike in flat if language == tag)
        for tag in languages
    }
