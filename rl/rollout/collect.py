"""From tasks to scored trajectories: each is scored the moment it ends, while others still generate."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rewards.types import Score, Task, Trajectory

Job = tuple[Task, int]  # a task and the seed of this sample


@dataclass(frozen=True)
class Sampled:
    trajectory: Trajectory
    score: Score


class Rollouts(Protocol):
    async def rollout(
        self, task: Task, seed: int, temperature: float
    ) -> tuple[Trajectory, dict[str, float]]: ...

    async def load_weights(self, weights: bytes, version: int) -> None: ...


class Scorer(Protocol):
    async def score(self, task: Task, trajectory: Trajectory) -> Score: ...

    def metrics(self) -> dict[str, float]: ...


class Collector:
    """Runs jobs through the rollout pool and the reward service, on one event loop of its own.

    ``seconds`` splits the wall time of the last call into ``sampling``, ``tools`` (by their share of the
    trajectories' own time) and ``scoring`` (how long the last score came after the last trajectory: the
    rest of the scoring is done while others sample). ``scoring_each`` is a trajectory's mean. ``metrics``
    are the scorer's, of the last call.
    """

    def __init__(self, rollouts: Rollouts, scorer: Scorer) -> None:
        self.rollouts, self.scorer = rollouts, scorer
        self.runner = asyncio.Runner()
        self.seconds: dict[str, float] = {}
        self.metrics: dict[str, float] = {}

    def __call__(self, jobs: Sequence[Job], temperature: float, on_done: Any = None) -> list[Sampled]:
        """The scored trajectories of ``jobs``, in their order; ``on_done()`` after each."""
        return self.run(self._collect(jobs, temperature, on_done))

    def run(self, coroutine: Any) -> Any:
        """Run something on this collector's event loop (starting and closing its parts)."""
        return self.runner.run(coroutine)

    def load_weights(self, weights: bytes, version: int) -> None:
        self.run(self.rollouts.load_weights(weights, version))

    async def _collect(self, jobs: Sequence[Job], temperature: float, on_done: Any) -> list[Sampled]:
        spent: dict[str, list[float]] = {"rollout": [], "tools": [], "scoring": []}
        begin = last = time.perf_counter()

        async def one(task: Task, seed: int) -> Sampled:
            nonlocal last
            trajectory, seconds = await self.rollouts.rollout(task, seed, temperature)
            last = time.perf_counter()
            ended = last
            score = await self.scorer.score(task, trajectory)
            spent["scoring"].append(time.perf_counter() - ended)
            spent["rollout"].append(seconds["rollout"])
            spent["tools"].append(seconds["tools"])
            if on_done:
                on_done()
            return Sampled(trajectory, score)

        sampled = await asyncio.gather(*(one(task, seed) for task, seed in jobs))
        tools = (last - begin) * sum(spent["tools"]) / max(sum(spent["rollout"]), 1e-9)
        self.seconds = {
            "sampling": last - begin - tools,
            "tools": tools,
            "scoring": time.perf_counter() - last,
            "scoring_each": sum(spent["scoring"]) / len(jobs),
        }
        self.metrics = self.scorer.metrics()
        return list(sampled)
