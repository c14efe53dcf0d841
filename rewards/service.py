"""The rewards over Ray: each trajectory is scored the moment it ends, by the actor with the least to do."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import RayError

from rewards.compose import Rewards
from rewards.types import Score, Task, Trajectory

log = logging.getLogger(__name__)
GRACE = 30.0  # seconds beyond the parts' time limits: an actor's start, and the way there and back


class Scorer:
    """Holds the configured rewards in a process of its own."""

    def __init__(self, cfg: Mapping[str, Any]) -> None:
        self.rewards = Rewards.from_config(cfg)

    async def score(self, task: Task, trajectory: Trajectory) -> tuple[Score, dict[str, float]]:
        """The score, and each part's seconds."""
        seconds: dict[str, float] = {}
        score = await self.rewards.ascore(task, trajectory, seconds)
        return score, seconds


# No CPU is reserved: training ranks may have asked Ray for all of them, and scoring must still start.
Actor: Any = ray.remote(num_cpus=0)(Scorer)


@dataclass
class Counts:
    """What has been scored so far; ``seconds`` and ``failures`` are by part."""

    scores: int = 0
    masked: int = 0
    restarts: int = 0
    parts: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)


class RewardService:
    """``Rewards`` with the same results, in ``actors`` Ray actors. Ray must be initialized.

    An actor that dies, or does not answer within all time limits and ``grace`` seconds, is replaced and
    its trajectory scored once more; where that fails too the sample is masked, with the reason.
    Raises ValueError, as ``Rewards.from_config`` does, for a configuration that cannot work.
    """

    def __init__(self, cfg: Mapping[str, Any], actors: int = 2, grace: float = GRACE) -> None:
        self.cfg = cfg
        rewards = Rewards.from_config(cfg)  # errors show here, in one sentence, and not in an actor's log
        self.names = [part.name for part in rewards.parts]
        self.patience = rewards.time_limit + grace
        self.actors = [Actor.remote(cfg) for _ in range(actors)]
        self.busy: Counter[Any] = Counter()
        self.counts = Counts()

    async def score(self, task: Task, trajectory: Trajectory) -> Score:
        """The trajectory's score; never raises for what a reward or an actor does."""
        reason = ""
        for _ in range(2):
            actor = min(self.actors, key=lambda a: self.busy[a])
            try:
                return self._counted(*await self._ask(actor, task, trajectory))
            except (RayError, TimeoutError) as error:
                reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:300]
                self._replace(actor)
        notes = {name: f"failed: the reward's actor failed twice: {reason}" for name in self.names}
        return self._counted(Score(None, dict.fromkeys(self.names), notes), {})

    async def _ask(self, actor: Any, task: Task, trajectory: Trajectory) -> tuple[Score, dict[str, float]]:
        self.busy[actor] += 1
        try:
            async with asyncio.timeout(self.patience):
                return await actor.score.remote(task, trajectory)
        finally:
            self.busy[actor] -= 1

    def _replace(self, actor: Any) -> None:
        if actor not in self.actors:
            return  # another trajectory met the same failure first
        ray.kill(actor)
        del self.busy[actor]
        self.actors[self.actors.index(actor)] = Actor.remote(self.cfg)
        self.counts.restarts += 1
        log.warning("a reward actor failed and was replaced")

    def _counted(self, score: Score, seconds: dict[str, float]) -> Score:
        counts = self.counts
        counts.scores += 1
        counts.masked += score.reward is None
        counts.seconds.update(seconds)
        counts.parts.update(seconds.keys())
        counts.failures.update(n for n in self.names if score.notes.get(n, "").startswith("failed:"))
        return score

    def stats(self) -> dict[str, Any]:
        """``scores``, ``masked_share``, ``restarts``; by part ``seconds`` (mean) and ``failures``."""
        counts = self.counts
        return {
            "scores": counts.scores,
            "masked_share": counts.masked / counts.scores if counts.scores else 0.0,
            "restarts": counts.restarts,
            "seconds": {name: total / counts.parts[name] for name, total in counts.seconds.items()},
            "failures": dict(counts.failures),
        }

    def close(self) -> None:
        """Ends the actors."""
        for actor in self.actors:
            ray.kill(actor)
        self.actors = []
