"""The reward of a trajectory: the weighted mean of its parts, and never a number where we failed.

A part may abstain (it has nothing to say; the others share its weight, or the sample is masked) or fail (an
exception, a time limit, a value that is no reward: the sample is masked). Neither is the model's doing.
A part behind a gate is 0.0, and is not run, where the gate's part is below its least value; a gate that
abstained or failed holds nobody up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rewards.execution import failed_by_us
from rewards.parts import Outcome, Part, evaluate
from rewards.plan import Plan
from rewards.types import Score, Task, Trajectory

Run = Callable[[Part], Awaitable[Outcome]]


@dataclass(frozen=True)
class Rewards:
    """The configured parts, and how they are put together."""

    parts: list[Part]
    plan: Plan

    @classmethod
    def from_config(cls, cfg: Mapping[str, Any]) -> "Rewards":
        """From ``{"components": {name: {"_target_": path, "weight": w, "gate", "on_abstain", **options}},
        "time_limit": seconds a part (10), "on_abstain": renormalize, "languages": [BCP 47 tags]}``.

        Raises ValueError with one sentence that names the component and what to do.
        """
        plan = Plan.from_config(cfg)
        return cls([Part.from_config(name, c, cfg) for name, c in cfg["components"].items()], plan)

    def score(self, task: Task, trajectory: Trajectory) -> Score:
        """``ascore`` for callers without an event loop."""
        return asyncio.run(self.ascore(task, trajectory))

    async def ascore(self, task: Task, trajectory: Trajectory) -> Score:
        """The trajectory's score; ``reward`` is None where we failed or every part abstained.

        The parts run side by side: those that are not async in threads of their own, which a time limit
        leaves behind. ``RewardService`` ends what is too late.
        """

        async def run(part: Part) -> Outcome:
            (outcome,) = await evaluate(part, [(task, trajectory)])
            return outcome

        if failed_by_us(trajectory):
            return self.masked("the sandbox or the rollout failed")
        return await self.compose(task.language, trajectory.policy_version, run)

    async def compose(self, language: str, step: int, run: Run) -> Score:
        """The score of what ``run`` gives for each part; ``step`` is what weights go by."""
        running: dict[str, asyncio.Task[Outcome]] = {}

        async def one(part: Part) -> Outcome:
            for gate, least in self.plan.rules[part.name].gates.items():
                value = (await running[gate]).value
                if value is not None and value < least:
                    return Outcome(0.0, {part.name: f"gated: {gate} is {value:.3g}, below {least:g}"})
            return await run(part)

        for part in self.parts:
            running[part.name] = asyncio.create_task(one(part))
        await asyncio.gather(*running.values())
        return self._score(language, step, {name: task.result() for name, task in running.items()})

    def masked(self, why: str) -> Score:
        """The score where nothing could be scored, by our fault."""
        names = [part.name for part in self.parts]
        return Score(None, dict.fromkeys(names), {name: f"failed: {why}" for name in names})

    def _score(self, language: str, step: int, outcomes: Mapping[str, Outcome]) -> Score:
        parts = {name: outcome.value for name, outcome in outcomes.items()}
        notes = {key: note for outcome in outcomes.values() for key, note in outcome.notes.items()}
        weights = self.plan.weights(language, step)
        return Score(self._mean(weights, outcomes), parts, notes)

    def _mean(self, weights: Mapping[str, float], outcomes: Mapping[str, Outcome]) -> float | None:
        counted = {name: outcome for name, outcome in outcomes.items() if weights[name]}
        if any(o.failed or (o.value is None and self.plan.rules[name].masks) for name, o in counted.items()):
            return None
        given = [(weights[name], o.value) for name, o in counted.items() if o.value is not None]
        total = sum(weight for weight, _ in given)
        if not total:
            return None
        return min(1.0, max(0.0, sum(weight * value for weight, value in given) / total))
