"""The reward of a trajectory: the weighted mean of its parts, and never a number where we failed.

A part may abstain (it has nothing to say; the others share its weight, or the sample is masked) or fail (an
exception, a time limit, a value that is no reward: the sample is masked). Neither is the model's doing.
A part behind a gate is 0.0, and is not run, where the gate's part is below its least value; a gate that
abstained or failed holds nobody up. A part that is scaled by another is multiplied by its value, and abstains or
fails with it.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rewards.outcome import failed_by_us
from rewards.scoring.part import Part, PartScore, Row, evaluate
from rewards.scoring.plan import Plan
from rewards.types import Score, Task, Trajectory

Run = Callable[[Part], Awaitable[PartScore]]


@dataclass(frozen=True)
class Rewards:
    """The configured parts, and how they are put together."""

    parts: list[Part]
    plan: Plan

    @classmethod
    def from_config(cls, cfg: Mapping[str, Any]) -> "Rewards":
        """From ``{"components": {name: {"_target_": path, "weight": w, "gate", "scaled_by", "on_abstain", **options}},
        "time_limit": seconds a part (10), "on_abstain": renormalize, "languages": [BCP 47 tags]}``.

        Raises ValueError with one sentence that names the component and what to do.
        """
        plan = Plan.from_config(cfg)
        return cls([Part.from_config(name, c, cfg) for name, c in cfg["components"].items()], plan)

    def score(self, task: Task, trajectory: Trajectory, step: int | None = None) -> Score:
        """``ascore`` for callers without an event loop."""
        return asyncio.run(self.ascore(task, trajectory, step))

    async def ascore(self, task: Task, trajectory: Trajectory, step: int | None = None) -> Score:
        """The trajectory's score; ``reward`` is None where we failed or every part abstained.

        ``step`` is the training step that weights go by (None: the trajectory's policy version).

        The parts run side by side: those that are not async in threads of their own, which a time limit
        leaves behind. ``RewardService`` ends what is too late.
        """

        async def run(part: Part) -> PartScore:
            (outcome,) = await evaluate(part, [Row(task, trajectory, step)])
            return outcome

        if failed_by_us(trajectory):
            return self.masked("the sandbox or the rollout failed")
        return await self.compose(task.language, trajectory.policy_version if step is None else step, run)

    async def compose(self, language: str, step: int, run: Run) -> Score:
        """The score of what ``run`` gives for each part; ``step`` is what weights go by."""
        running: dict[str, asyncio.Task[PartScore]] = {}

        async def one(part: Part) -> PartScore:
            for gate, least in self.plan.places[part.name].gates.items():
                value = (await running[gate]).value
                if value is not None and value < least:
                    return PartScore(0.0, {part.name: f"gated: {gate} is {value:.3g}, below {least:g}"})
            scales = {name: await running[name] for name in self.plan.places[part.name].scaled_by}
            return await _scaled(part, scales, run)

        for part in self.parts:
            running[part.name] = asyncio.create_task(one(part))
        await asyncio.gather(*running.values())
        return self._score(language, step, {name: task.result() for name, task in running.items()})

    def masked(self, why: str) -> Score:
        """The score where nothing could be scored, by our fault."""
        names = [part.name for part in self.parts]
        return Score(None, dict.fromkeys(names), {name: f"failed: {why}" for name in names})

    def _score(self, language: str, step: int, outcomes: Mapping[str, PartScore]) -> Score:
        parts = {name: outcome.value for name, outcome in outcomes.items()}
        notes = {key: note for outcome in outcomes.values() for key, note in outcome.notes.items()}
        weights = self.plan.weights(language, step)
        return Score(self._mean(weights, outcomes), parts, notes)

    def _mean(self, weights: Mapping[str, float], outcomes: Mapping[str, PartScore]) -> float | None:
        counted = {name: outcome for name, outcome in outcomes.items() if weights[name]}
        if any(o.failed or (o.value is None and self.plan.places[name].masks) for name, o in counted.items()):
            return None
        given = [(weights[name], o.value) for name, o in counted.items() if o.value is not None]
        total = sum(weight for weight, _ in given)
        if not total:
            return None
        return min(1.0, max(0.0, sum(weight * value for weight, value in given) / total))


async def _scaled(part: Part, scales: Mapping[str, PartScore], run: Run) -> PartScore:
    """The part's outcome times those of others. It is not run where they leave nothing of it."""
    for name, outcome in scales.items():
        if outcome.value is None:
            why = f"failed: with {name}" if outcome.failed else f"abstains, as {name} does"
            return PartScore(None, {part.name: why}, failed=outcome.failed)
    share = math.prod(outcome.value or 0.0 for outcome in scales.values())
    if not share:
        nothing = next(name for name, outcome in scales.items() if not outcome.value)
        return PartScore(0.0, {part.name: f"counts for nothing: {nothing} is 0"})
    async with part.room:
        found = await run(part)
    if found.value is None or share == 1.0:
        return found
    note = {f"{part.name}.share": f"{found.value:.3g} x {share:.3g}"}
    return replace(found, value=found.value * share, notes=found.notes | note)
