"""How parts are put together: weights, gates, and what an abstention means. Plain data, checked at start.

A weight is a number; or numbers by training step, ``{0: 0.0, 200: 0.3}``, a straight line between two steps
and level before the first and after the last; or either of these by language, ``{default: 0.2, ja: 0.4}``.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from rewards.text.nearest import hint

KEYS = (
    "_target_",
    "weight",
    "gate",
    "scaled_by",
    "on_abstain",
    "time_limit",
)  # the keys of a component that are not its options
ON_ABSTAIN = ("renormalize", "mask")
Schedule = tuple[tuple[int, float], ...]  # (step, weight), by step


@dataclass(frozen=True)
class Weight:
    """A part's weight by language (``default``: the languages that are not named) and by training step."""

    schedules: dict[str, Schedule]

    def at(self, language: str, step: int) -> float:
        """The weight for a BCP 47 tag: its own, else that of its first subtag, else the default."""
        found = (self.schedules.get(tag) for tag in (language, language.split("-")[0]))
        points = next((s for s in found if s), self.schedules["default"])
        after = bisect_right(points, step, key=lambda point: point[0])
        if after in (0, len(points)):
            return points[max(after - 1, 0)][1]
        (s0, w0), (s1, w1) = points[after - 1 : after + 1]
        return w0 + (w1 - w0) * (step - s0) / (s1 - s0)


@dataclass(frozen=True)
class Place:
    """One part's place in the whole. ``gates``: the least value of each part that it stands behind; ``scaled_by``:
    the parts whose values it is multiplied by; ``masks``: where it abstains the sample is masked, instead of the others sharing its weight;
    ``time_limit`` in seconds (None: not its own)."""

    name: str
    weight: Weight
    gates: dict[str, float]
    scaled_by: tuple[str, ...]
    masks: bool
    time_limit: float | None


@dataclass(frozen=True)
class Plan:
    """The parts' places, in the order of the configuration."""

    places: dict[str, Place]

    @classmethod
    def from_config(cls, cfg: Mapping[str, Any]) -> "Plan":
        """From ``{"components": {name: {"weight", "gate", "scaled_by", "on_abstain", ...}}, "on_abstain", "languages"}``.

        Raises ValueError with one sentence that names the component and what to do.
        """
        components = cfg.get("components") or {}
        places = {name: _place(name, component, cfg) for name, component in components.items()}
        _check_gates(places)
        plan = cls(places)
        plan._check_sums(cfg.get("languages") or ())
        return plan

    def weights(self, language: str, step: int) -> dict[str, float]:
        """Each part's weight, summing to 1."""
        weights = {name: place.weight.at(language, step) for name, place in self.places.items()}
        total = sum(weights.values())
        return {name: weight / total for name, weight in weights.items()}

    def _check_sums(self, languages: Iterable[str]) -> None:
        """Between two points of any schedule the sum is a straight line, so the points tell it all.

        Tasks may be in languages that nobody named, so the default is checked as well.
        """
        schedules = [(tag, s) for place in self.places.values() for tag, s in place.weight.schedules.items()]
        named = {tag for tag, _ in schedules}
        for language in sorted({"default"} | (set(languages) or named) if len(named) > 1 else named):
            for step in sorted({0} | {step for _, points in schedules for step, _ in points}):
                if not any(place.weight.at(language, step) for place in self.places.values()):
                    where = f" for {language}" * (len(named) > 1) + f" at step {step}" * (step > 0)
                    raise ValueError(
                        f"reward.components needs at least one component with a weight above 0{where}."
                    )


def _place(name: str, component: Any, cfg: Mapping[str, Any]) -> Place:
    if not isinstance(component, Mapping):
        raise ValueError(
            f"reward.components.{name} must be a mapping such as {{_target_: my_rewards.f, weight: 0.1}}."
        )
    target = component.get("_target_")
    if not isinstance(target, str) or "." not in target:
        raise ValueError(
            f"reward.components.{name} needs _target_, a dotted path such as my_rewards.short_reply."
        )
    on_abstain = component.get("on_abstain", cfg.get("on_abstain", "renormalize"))
    if on_abstain not in ON_ABSTAIN:
        raise ValueError(f"reward.components.{name}.on_abstain is renormalize or mask, not {on_abstain!r}.")
    weight = _weight(name, component.get("weight"), cfg.get("languages") or ())
    limit = component.get("time_limit")
    if limit is not None and not (_is_number(limit) and limit > 0):
        raise ValueError(
            f"reward.components.{name}.time_limit is a number of seconds above 0, not {limit!r}."
        )
    gates, scales = _gates(name, component.get("gate")), _scales(name, component.get("scaled_by"))
    return Place(name, weight, gates, scales, on_abstain == "mask", limit)


def _weight(name: str, given: Any, languages: Iterable[str]) -> Weight:
    if not isinstance(given, Mapping) or (given and all(map(_is_step, given))):
        return Weight({"default": _schedule(name, given)})
    if any(not isinstance(tag, str) or _is_step(tag) for tag in given):
        odd = next(tag for tag in given if not isinstance(tag, str) or _is_step(tag))
        raise ValueError(
            f"reward.components.{name}.weight has the key {odd!r} beside others; give steps only or languages only, "
            "with quotation marks around a language such as 'no'."
        )
    if "default" not in given:
        raise ValueError(
            f"reward.components.{name}.weight needs default, for the languages that it does not name."
        )
    known = {tag for language in languages for tag in (language, language.split("-")[0])}
    for tag in given:
        if known and tag != "default" and tag not in known:
            raise ValueError(
                f"reward.components.{name}.weight names {tag!r}, which is no language of this run."
            )
    return Weight({tag: _schedule(name, weight) for tag, weight in given.items()})


def _schedule(name: str, given: Any) -> Schedule:
    if not isinstance(given, Mapping):
        return ((0, _number(name, given)),)
    if not given or not all(map(_is_step, given)):
        raise ValueError(
            f"reward.components.{name}.weight by step is {{0: 0.0, 200: 0.3}}, not {dict(given)!r}."
        )
    return tuple(sorted((int(step), _number(name, weight)) for step, weight in given.items()))


def _is_step(key: Any) -> bool:
    """Whether a key is a step: a number, or in JSON, which has no others, its digits."""
    return (type(key) is int and key >= 0) or (isinstance(key, str) and key.isascii() and key.isdigit())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _number(name: str, weight: Any) -> float:
    if not _is_number(weight) or weight < 0:
        raise ValueError(f"reward.components.{name} needs weight, a number of at least 0.")
    return float(weight)


def _gates(name: str, given: Any) -> dict[str, float]:
    gates = {} if given is None else given
    if not isinstance(gates, Mapping):
        raise ValueError(
            f"reward.components.{name}.gate names parts with their least values, as {{json_valid: 1.0}}."
        )
    for part, least in gates.items():
        if not _is_number(least) or not 0 < least <= 1:
            raise ValueError(
                f"reward.components.{name}.gate.{part} is the least value of {part}, above 0 and at most 1, not {least!r}."
            )
    return {str(part): float(least) for part, least in gates.items()}


def _scales(name: str, given: Any) -> tuple[str, ...]:
    names = [given] if isinstance(given, str) else [] if given is None else given
    if not isinstance(names, Sequence) or not all(isinstance(part, str) for part in names):
        raise ValueError(
            f"reward.components.{name}.scaled_by is a part's name or a list of some, not {given!r}."
        )
    return tuple(names)


def _check_gates(places: Mapping[str, Place]) -> None:
    for place in places.values():
        for key, parts in (("gate", place.gates), ("scaled_by", place.scaled_by)):
            for part in parts:
                if part not in places:
                    raise ValueError(
                        f"reward.components.{place.name}.{key} names {part!r}, which is no component"
                        + (hint(part, places) or f"; there are {', '.join(places)}.")
                    )
    try:
        TopologicalSorter(
            {place.name: [*place.gates, *place.scaled_by] for place in places.values()}
        ).prepare()
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise ValueError(
            f"gate and scaled_by of reward.components go in a circle ({circle}); take one of them out."
        ) from None
