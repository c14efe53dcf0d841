"""A judge beside the verified culture part: each takes half of its weight."""

from collections.abc import Mapping
from typing import Any

from rewards.scoring.plan import KEYS

JUDGED = "culture_judged"


def with_judge(components: Mapping[str, Any], judge: Mapping[str, Any]) -> dict[str, Any]:
    """The components, ``culture`` at half its weight, and ``culture_judged`` at the other half behind the same
    gates. ``judge`` are the options of ``rewards.judge.Judge``."""
    verified = components["culture"]
    half = verified | {"weight": _half(verified["weight"])}
    place = {key: value for key, value in half.items() if key in KEYS}
    judged = place | {"_target_": "rewards.judge.Judge", **judge}
    return {**components, "culture": half, JUDGED: judged}


def _half(weight: Any) -> Any:
    """Half of a weight, of each weight by step, or by language."""
    if isinstance(weight, Mapping):
        return {key: _half(value) for key, value in weight.items()}
    return weight / 2
