"""xSID (van der Goot et al., NAACL 2021): intents, and slots by strict F1: the slot and its whole text."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rl.evaluation.benchmarks.matched import matches
from rl.evaluation.funnel import Judged, rate


def figures(samples: Sequence[Judged]) -> dict[str, Any]:
    """``intent`` (the share with the right tool first), ``slots`` (precision, recall, F1 over all samples' arguments,
    those of a wrong intent too) and ``exact`` (both right)."""
    intents = [(s, [c.name for c in s.trajectory.calls[:1]] == _wanted(s)[:1]) for s in samples]
    right = given = wanted = 0
    for sample in samples:
        made, gold = Counter(_made(sample)), Counter(_gold(sample))
        right += (made & gold).total()
        given += made.total()
        wanted += gold.total()
    slots = {
        "precision": right / given if given else 0.0,
        "recall": right / wanted if wanted else 0.0,
        "f1": 2 * right / (given + wanted) if given + wanted else 1.0,
    }
    return {"intent": rate(intents), "slots": slots, "exact": rate(matches(samples))}


def _wanted(sample: Judged) -> list[str]:
    return [call["name"] for call in sample.task.expected.calls]


def _made(sample: Judged) -> Iterable[tuple[str, str]]:
    for call in sample.trajectory.calls[:1]:
        yield from ((name, str(value)) for name, value in (call.arguments or {}).items() if value != "")


def _gold(sample: Judged) -> Iterable[tuple[str, str]]:
    for call in sample.task.expected.calls[:1]:
        yield from ((name, values[0]) for name, values in call["arguments"].items() if values[0] != "")
