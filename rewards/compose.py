"""The reward of a trajectory: the weighted mean of its parts, and never a number where we failed.

A part may abstain (it has nothing to say; the others share its weight) or fail (an exception, a time
limit, a value that is no reward: the whole sample is masked). Neither is the model's doing.
"""

import asyncio
import inspect
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from numbers import Real
from typing import Any

from rewards.execution import failed_by_us
from rewards.targets import Component, accepts, has_trl_signature, known_columns, resolve
from rewards.types import Score, Task, Trajectory
from rewards.workers import in_thread

TIME_LIMIT = 10.0


class Failed(Exception):
    """A part that gave no usable value; the message says why."""


@dataclass(frozen=True)
class Part:
    """One component: its share of the weights, and its time limit in seconds."""

    name: str
    component: Component
    weight: float
    time_limit: float
    trl: bool


@dataclass(frozen=True)
class Rewards:
    """The configured parts, their weights summing to 1."""

    parts: list[Part]

    @classmethod
    def from_config(cls, cfg: Mapping[str, Any]) -> "Rewards":
        """From ``{"components": {name: {"_target_": path, "weight": w, **options}}, "time_limit":
        seconds a part (10), "languages": [BCP 47 tags]}``.

        Raises ValueError with one sentence that names the component and what to do.
        """
        components = cfg.get("components") or {}
        total = sum(_weight(name, component) for name, component in components.items())
        if not total > 0:
            raise ValueError("reward.components needs at least one component with a weight above 0.")
        return cls([_part(name, c, total, cfg) for name, c in components.items()])

    @property
    def time_limit(self) -> float:
        """Seconds after which a score is there, whatever the parts do."""
        return sum(part.time_limit for part in self.parts)

    def score(self, task: Task, trajectory: Trajectory) -> Score:
        """``ascore`` for callers without an event loop."""
        return asyncio.run(self.ascore(task, trajectory))

    async def ascore(
        self, task: Task, trajectory: Trajectory, seconds: dict[str, float] | None = None
    ) -> Score:
        """The trajectory's score; ``reward`` is None where we failed or every part abstained.

        ``seconds`` is filled with each part's latency.
        """
        if failed_by_us(trajectory):
            parts = dict.fromkeys(part.name for part in self.parts)
            return Score(None, parts, {name: "failed: the sandbox or the rollout failed" for name in parts})
        values: dict[str, float | None] = {}
        notes: dict[str, str] = {}
        for part in self.parts:
            start = time.perf_counter()
            values[part.name] = await _run(part, task, trajectory, notes)
            if seconds is not None:
                seconds[part.name] = time.perf_counter() - start
        return Score(self._mean(values, notes), values, notes)

    def _mean(self, values: dict[str, float | None], notes: dict[str, str]) -> float | None:
        if any(part.weight and notes.get(part.name, "").startswith("failed:") for part in self.parts):
            return None
        given = [(part.weight, value) for part in self.parts if (value := values[part.name]) is not None]
        total = sum(weight for weight, _ in given)
        if not total:
            return None
        return min(1.0, max(0.0, sum(weight * value for weight, value in given) / total))


def _weight(name: str, component: Mapping[str, Any]) -> float:
    weight = component.get("weight")
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight < math.inf:
        raise ValueError(f"Reward {name!r} needs weight: a number of at least 0.")
    return float(weight)


def _part(name: str, settings: Mapping[str, Any], total: float, cfg: Mapping[str, Any]) -> Part:
    options = {key: value for key, value in settings.items() if key not in ("_target_", "weight")}
    component = resolve(name, settings.get("_target_"), options)
    if cfg.get("languages") and "languages" not in options and accepts(component, "languages"):
        component = partial(component, languages=tuple(cfg["languages"]))
    limit = float(getattr(component, "time_limit", cfg.get("time_limit", TIME_LIMIT)))
    return Part(name, component, _weight(name, settings) / total, limit, has_trl_signature(component))


async def _run(part: Part, task: Task, trajectory: Trajectory, notes: dict[str, str]) -> float | None:
    """The part's value in 0..1, or None with a note that says whether it failed or abstained."""
    try:
        return _checked(part.name, await _call(part, task, trajectory), notes)
    except Failed as error:
        notes[part.name] = f"failed: reward {part.name!r} {error}"
    except Exception as error:  # the component is the user's code: whatever it raises masks this sample
        notes[part.name] = f"failed: reward {part.name!r} raised {type(error).__name__}: {error}"[:500]
    return None


async def _call(part: Part, task: Task, trajectory: Trajectory) -> Any:
    try:
        async with asyncio.timeout(part.time_limit) as clock:
            if part.trl:
                columns = known_columns(part.component, _columns(task, trajectory))
                return _only(await _invoke(part.component, **columns))
            return await _invoke(part.component, task, trajectory)
    except TimeoutError:
        if clock.expired():
            raise Failed(f"took longer than {part.time_limit:g} s") from None
        raise


async def _invoke(component: Component, *args: Any, **columns: Any) -> Any:
    """Async components run on this event loop, others in a thread that a time limit may leave behind."""
    if _is_async(component):
        return await component(*args, **columns)
    value = await in_thread(component, *args, **columns)
    return await value if inspect.isawaitable(value) else value


def _is_async(component: Component) -> bool:
    call = getattr(type(component), "__call__", None)  # noqa: B004
    return inspect.iscoroutinefunction(component) or inspect.iscoroutinefunction(call)


def _columns(task: Task, trajectory: Trajectory) -> dict[str, list[Any]]:
    """TRL's arguments for one sample: each column is a list of one."""
    return {
        "prompts": [task.messages],
        "completions": [trajectory.messages],
        "completion_ids": [trajectory.token_ids],
        "language": [task.language],
        "locale": [task.locale],
        "task": [task],
        "trajectory": [trajectory],
    }


def _only(values: Any) -> Any:
    if not isinstance(values, list | tuple):
        raise Failed(f"must return a list of floats, not {type(values).__name__}")
    if len(values) != 1:
        raise Failed(f"returned {len(values)} values for 1 completion")
    return values[0]


def _checked(name: str, value: Any, notes: dict[str, str]) -> float | None:
    if isinstance(value, Score):
        notes.update({f"{name}.{key}": note for key, note in value.notes.items()})
        value = value.reward
    if value is None:
        notes[name] = "abstains"
        return None
    if not isinstance(value, Real):
        raise Failed(f"must return a number in 0..1, not {type(value).__name__}")
    number = float(value)
    if not 0 <= number <= 1:  # NaN, too, is refused
        raise Failed(f"returned {value!r}, which is outside 0..1")
    return number
