"""How old the policy was that sampled: in updates, by language."""

from collections.abc import Sequence
from statistics import fmean

from rl.pipeline.collector import Sample


def staleness(sample: Sample, version: int) -> int:
    """Updates between the oldest policy that sampled a turn and the one of ``version`` updates, which learns."""
    lowest = sample.trajectory.lowest_version
    return 0 if lowest is None else version - lowest


def figures(ages: Sequence[tuple[str, int, int]], ahead: int) -> dict[str, float]:
    """Of samples as (language, staleness, tokens): ``staleness`` (mean) and ``stale_dropped``, those staler than
    ``ahead``, by language. Long samples grow stale first, so where any were dropped, ``stale_length`` beside the
    language's ``length`` shows what their loss leans to."""
    found: dict[str, float] = {}
    for language in sorted({language for language, *_ in ages}):
        own = [(age, length) for tag, age, length in ages if tag == language]
        dropped = [length for age, length in own if age > ahead]
        found[f"language/{language}/staleness"] = fmean(age for age, _ in own)
        found[f"language/{language}/stale_dropped"] = float(len(dropped))
        if dropped:
            found[f"language/{language}/stale_length"] = fmean(dropped)
    return found
