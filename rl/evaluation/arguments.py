"""Which arguments are right: by what kind of value they are, and by the script that it is written in."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rewards.text.scripts import script_of
from rl.evaluation.calls import is_accepted, matched_calls
from rl.evaluation.funnel import Judged, rate

DATE = re.compile(r"\d{4}-\d\d-\d\d")
TIME = re.compile(r"\d{1,2}:\d\d(?::\d\d)?")
CODE = re.compile(r"(?=\S*\d)\S+")


def argument_accuracy(samples: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """``{"kind": {kind: rate}, "script": {script: rate}}`` over the arguments that must be given: one is right where
    the best call of its tool gives an acceptable value; a call that was not made has none right."""
    judged = [one for sample in samples if sample.steps for one in _judged(sample)]
    return {"kind": _by(kind_of, judged), "script": _by(_script, judged)}


def _by(group_of: Callable[[Any], str | None], judged: Sequence[tuple[Judged, Any, bool]]) -> dict[str, Any]:
    groups: dict[str, list[tuple[Judged, bool]]] = {}
    for sample, value, right in judged:
        if (group := group_of(value)) is not None:
            groups.setdefault(group, []).append((sample, right))
    return {group: rate(cases) for group, cases in sorted(groups.items())}


def kind_of(value: Any) -> str:
    """``number``, ``boolean``, ``list``, ``object``, ``date``, ``time``, ``code`` (digits in one word) or ``text``."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, list | dict):
        return "list" if isinstance(value, list) else "object"
    text = str(value)
    patterns = (("date", DATE), ("time", TIME), ("code", CODE))
    return next((kind for kind, pattern in patterns if pattern.fullmatch(text)), "text")


def _script(value: Any) -> str | None:
    """The script of a text's letters, as Unicode names it; None for what has none."""
    found = script_of(value) if isinstance(value, str) else None
    return found.title() if found else None


def _judged(sample: Judged) -> Iterator[tuple[Judged, Any, bool]]:
    """Each argument that must be given, with its value (the first acceptable one) and whether it is right."""
    for want, call in matched_calls(sample):
        given = (call.arguments if call else None) or {}
        for name, values in want["arguments"].items():
            if values and "" not in values:
                yield sample, values[0], name in given and is_accepted(values, given[name])
