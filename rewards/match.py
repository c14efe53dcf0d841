"""Whether the calls that were made are the calls that were expected."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rewards import bfcl
from rewards.types import Task
from sandbox.types import ToolCall, ToolSpec

ANY_NUMBER = frozenset({"number", "float"})


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
    schema says number), strings equal in NFC; an empty string among the acceptable values lets the
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


def _closest(number: int, want: dict[str, Any], calls: Sequence[ToolCall], tools: list[ToolSpec]) -> str:
    same = [call for call in calls if call.name == want["name"]]
    reason = _difference(want, same[0], tools) if same else None
    return f"expected call {number} ({want['name']}) {reason or 'is missing'}"


def _difference(want: dict[str, Any], call: ToolCall, tools: list[ToolSpec]) -> str | None:
    """Why a call is not the expected one, None if it is."""
    if call.name != want["name"]:
        return f"is not {call.name!r}"
    given, acceptable = call.arguments or {}, want["arguments"]
    if undeclared := sorted(set(given) - set(acceptable)):
        return f"has no argument {undeclared[0]!r}"
    properties = _properties(call.name, tools)
    for argument, values in acceptable.items():
        if argument not in given:
            if not any(_is_empty(v) for v in values):
                return f"lacks the argument {argument!r}"
        elif not any(same_value(given[argument], v, _part(properties, argument)) for v in values):
            return f"has a wrong value of {argument!r}"
    return None


def _is_empty(value: Any) -> bool:
    return isinstance(value, str) and not value


def _properties(name: str | None, tools: list[ToolSpec]) -> dict[str, Any]:
    tool = next((tool for tool in tools if tool.name == name), None)
    return _part(tool.parameters, "properties") if tool else {}


def same_value(given: Any, wanted: Any, schema: dict[str, Any]) -> bool:
    """Equality of JSON values, type for type; ``schema`` is the value's JSON Schema."""
    if isinstance(given, dict) and isinstance(wanted, dict):
        inner = _part(schema, "properties")
        return given.keys() == wanted.keys() and all(
            same_value(given[key], wanted[key], _part(inner, key)) for key in wanted
        )
    if isinstance(given, list) and isinstance(wanted, list):
        items = _part(schema, "items")
        return len(given) == len(wanted) and all(map(same_value, given, wanted, [items] * len(given)))
    if isinstance(given, str) and isinstance(wanted, str):
        return unicodedata.normalize("NFC", given) == unicodedata.normalize("NFC", wanted)
    return _same_scalar(given, wanted, schema)


def _part(schema: dict[str, Any], key: str) -> dict[str, Any]:
    """A schema within a schema; JSON Schema also allows plain true or false there."""
    part = schema.get(key)
    return part if isinstance(part, dict) else {}


def _same_scalar(given: Any, wanted: Any, schema: dict[str, Any]) -> bool:
    numbers = {int, float}
    if type(given) in numbers and type(wanted) in numbers and _says_number(schema):
        return bool(given == wanted)
    return type(given) is type(wanted) and bool(given == wanted)


def _says_number(schema: dict[str, Any]) -> bool:
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    return any(k in ANY_NUMBER for k in kinds)
