"""Whether the calls that were made are the calls that were expected."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rewards import bfcl
from rewards.types import ExpectedCall, Task
from sandbox.arguments import checked
from sandbox.json_schema import allows, inside
from sandbox.types import ToolCall, ToolSpec

NEARLY = 0.99  # of a graded match that is no match
NUMBERS = {int, float}


@dataclass(frozen=True)
class Match:
    """``reason`` says in one sentence why the calls do not match; None if they do."""

    ok: bool
    reason: str | None = None


def match_calls(task: Task, calls: Sequence[ToolCall]) -> Match:
    """Compares calls with ``task.expected`` by its rules.

    ``exact``: the expected calls and no other, in any order unless ``ordered``. ``subset``: all
    expected calls, others tolerated. ``bfcl``: the Berkeley leaderboard's AST match. An argument's
    value is one of the acceptable ones, type for type (True is not 1; 5 is 5.0 only where the
    schema allows a number), strings equal in NFC; an empty string among the acceptable values lets the
    argument be left out; no argument beyond the expected ones.
    """
    expected = task.expected
    if expected.rules == "bfcl":
        return _verdict(bfcl.difference(task, calls))
    if expected.no_call:
        return _verdict(f"{len(calls)} calls where none was due" if calls else None)
    if bad := next((c for c in calls if c.error is not None), None):
        return Match(False, f"call {bad.id} is malformed: {bad.error}")
    return _ordered(task, calls) if expected.ordered else _unordered(task, calls)


def graded_match(task: Task, calls: Sequence[ToolCall]) -> float:
    """How near the calls come to the expected ones, in 0..1: for shaping, where all or nothing is too rare.

    The mean of three parts in 0..1, after ToolRL (Qian et al. 2025, arXiv 2504.13958): the Jaccard index of
    the multisets of names; of the sets of argument names, and the share of right values, each over the
    best pairs of calls of one name, calls without a partner counting 0. 1.0 exactly where ``match_calls``
    is ok, below 1.0 elsewhere. Malformed calls count as calls of no name.
    """
    wanted = task.expected.calls
    ok = match_calls(task, calls).ok
    if ok or not wanted:
        return float(ok)
    given: Counter[Any] = Counter(call.name if call.error is None else None for call in calls)
    expected: Counter[Any] = Counter(want["name"] for want in wanted)
    names = (given & expected).total() / (given | expected).total()
    keys, values = _graded_arguments(task, calls)
    return min((names + keys + values) / 3, NEARLY)


def _graded_arguments(task: Task, calls: Sequence[ToolCall]) -> tuple[float, float]:
    """(argument names, values), each the mean over the expected calls and those beyond their number."""
    wanted = task.expected.calls
    graded = [
        (*_grade(want, call, task.tools), i, j)
        for i, want in enumerate(wanted)
        for j, call in enumerate(calls)
        if call.error is None and call.name == want["name"]
    ]
    keys, values = 0.0, 0.0
    taken_wanted, taken_calls = set[int](), set[int]()
    for of_values, of_keys, i, j in sorted(graded, key=lambda row: row[:2], reverse=True):
        if i not in taken_wanted and j not in taken_calls:
            taken_wanted.add(i)
            taken_calls.add(j)
            keys, values = keys + of_keys, values + of_values
    whole = max(len(wanted), len(calls))
    return keys / whole, values / whole


def _grade(want: ExpectedCall, call: ToolCall, tools: list[ToolSpec]) -> tuple[float, float]:
    """(the share of right values, the Jaccard index of argument names) of one call."""
    given, acceptable, schema = call.arguments or {}, want["arguments"], _schema(call.name, tools)
    due = {name for name, values in acceptable.items() if name in given or not any(map(_is_empty, values))}
    named = given.keys() | due
    right = [
        name
        for name in given.keys() & due
        if any(same_value(given[name], value, inside(schema, name)) for value in acceptable[name])
    ]
    if not named:
        return 1.0, 1.0
    return len(right) / len(named), len(given.keys() & due) / len(named)


def _verdict(difference: str | None) -> Match:
    return Match(difference is None, difference)


def _ordered(task: Task, calls: Sequence[ToolCall]) -> Match:
    """Expected calls in their order; under ``subset`` others may stand between them."""
    left = list(calls)
    for number, want in enumerate(task.expected.calls):
        reason = "is missing"
        while left:
            reason = _difference(want, left.pop(0), task.tools) or ""
            if not reason or task.expected.rules == "exact":
                break
        if reason:
            return Match(False, f"expected call {number} ({want['name']}) {reason}")
    return _none_left(len(left), task)


def _unordered(task: Task, calls: Sequence[ToolCall]) -> Match:
    """A bipartite matching, so that no order of near-identical calls changes the verdict."""
    wants = task.expected.calls
    if len(wants) > len(calls):
        return Match(False, f"{len(calls)} calls where {len(wants)} were expected")
    fits = [[_difference(want, call, task.tools) is None for call in calls] for want in wants]
    taken: dict[int, int] = {}
    for number, want in enumerate(wants):
        if not _assign(number, fits, taken, set()):
            return Match(False, _closest(number, want, calls, task.tools))
    return _none_left(len(calls) - len(wants), task)


def _assign(want: int, fits: list[list[bool]], taken: dict[int, int], seen: set[int]) -> bool:
    for call, fit in enumerate(fits[want]):
        if fit and call not in seen:
            seen.add(call)
            if call not in taken or _assign(taken[call], fits, taken, seen):
                taken[call] = want
                return True
    return False


def _none_left(count: int, task: Task) -> Match:
    if count and task.expected.rules == "exact":
        return Match(False, f"{count} calls more than expected")
    return Match(True)


def _closest(number: int, want: ExpectedCall, calls: Sequence[ToolCall], tools: list[ToolSpec]) -> str:
    same = [call for call in calls if call.name == want["name"]]
    reason = _difference(want, same[0], tools) if same else None
    return f"expected call {number} ({want['name']}) {reason or 'is missing'}"


def _difference(want: ExpectedCall, call: ToolCall, tools: list[ToolSpec]) -> str | None:
    """Why a call is not the expected one, None if it is."""
    if call.name != want["name"]:
        return f"is not {call.name!r}"
    given, acceptable = call.arguments or {}, want["arguments"]
    if undeclared := sorted(set(given) - set(acceptable)):
        return f"has no argument {undeclared[0]!r}"
    schema = _schema(call.name, tools)
    for argument, values in acceptable.items():
        if argument not in given:
            if not any(_is_empty(v) for v in values):
                return f"lacks the argument {argument!r}"
        elif not any(same_value(given[argument], v, inside(schema, argument)) for v in values):
            return f"has a wrong value of {argument!r}"
    return None


def _is_empty(value: Any) -> bool:
    return isinstance(value, str) and not value


def _schema(name: str | None, tools: list[ToolSpec]) -> dict[str, Any]:
    tool = next((tool for tool in tools if tool.name == name), None)
    return checked(tool).schema if tool else {}


def same_value(given: Any, wanted: Any, schema: dict[str, Any]) -> bool:
    """Equality of JSON values, type for type; ``schema`` is the value's JSON Schema, without references."""
    if isinstance(given, dict) and isinstance(wanted, dict):
        return given.keys() == wanted.keys() and all(
            same_value(given[key], wanted[key], inside(schema, key)) for key in wanted
        )
    if isinstance(given, list) and isinstance(wanted, list):
        return len(given) == len(wanted) and all(
            same_value(one, other, inside(schema, place))
            for place, (one, other) in enumerate(zip(given, wanted, strict=True))
        )
    if isinstance(given, str) and isinstance(wanted, str):
        return unicodedata.normalize("NFC", given) == unicodedata.normalize("NFC", wanted)
    if type(given) is not type(wanted):
        numbers = type(given) in NUMBERS and type(wanted) in NUMBERS
        return numbers and bool(given == wanted) and allows(schema, "number")
    return bool(given == wanted)
