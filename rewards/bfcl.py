"""The Berkeley Function Calling Leaderboard's AST match (Patil et al. 2025, ``ast_checker.py`` of v4).

Its verdicts are reproduced as they are, oddities included: calls are matched greedily, types are one
level deep, strings are compared without case and punctuation, and where a gold value has another type
than the schema says ("a variable"), that type is accepted too. Equality is Python's.
"""

import re
from collections.abc import Sequence
from typing import Any

from rewards.types import ExpectedCall, Task
from sandbox.types import ToolCall

TYPES: dict[str, type] = {
    "string": str, "any": str, "integer": int, "float": float, "number": float, "boolean": bool,
    "array": list, "tuple": list, "dict": dict, "object": dict,
}  # fmt: skip
IGNORED = re.compile(r"[ ,./\-_*^]")


def difference(task: Task, calls: Sequence[ToolCall]) -> str | None:
    """Why the calls do not pass; None if they do. What did not parse is, to the leaderboard, no call."""
    malformed = [call for call in calls if call.error is not None or call.name is None]
    if task.expected.no_call:
        decoded = len(calls) - len(malformed)
        return f"{decoded} calls where none was due" if decoded else None
    if malformed:
        return f"call {malformed[0].id} is malformed"
    if not task.expected.calls:
        return None if calls else "no call where one was due"
    if len(calls) != len(task.expected.calls):
        return f"{len(calls)} calls where {len(task.expected.calls)} were expected"
    return _greedy(task, list(calls))


def _greedy(task: Task, unused: list[ToolCall]) -> str | None:
    """Each gold call takes the first unused call that passes."""
    for number, gold in enumerate(task.expected.calls):
        schema = next((t.parameters for t in task.tools if t.name == gold["name"]), {})
        fit = next((call for call in unused if _passes(gold, call, schema)), None)
        if fit is None:
            return f"no call matches expected call {number} ({gold['name']})"
        unused.remove(fit)
    return None


def _passes(gold: ExpectedCall, call: ToolCall, schema: dict[str, Any]) -> bool:
    given, answers = call.arguments or {}, gold["arguments"]
    properties = schema.get("properties", {})
    return (
        call.name == gold["name"]
        and all(name in given for name in schema.get("required", ()))
        and all(name in properties and name in answers for name in given)
        and all(_argument(value, answers[name], properties[name]) for name, value in given.items())
        and all(name in given or "" in values for name, values in answers.items())
    )


def _argument(value: Any, answers: list[Any], schema: dict[str, Any]) -> bool:
    kind = _kind(schema) or str
    nested = _kind(schema.get("items", {})) if kind is list else None
    if kind is float and type(value) is int:
        value = float(value)
    known = _answer_type(answers)
    if type(value) is not kind:
        return type(value) is known and value in answers
    if nested and isinstance(value, list) and not _items_fit(value, answers, nested):
        return False
    if known is not None and known is not kind:
        return value in answers
    return _compare(value, answers, kind, nested)


def _kind(schema: dict[str, Any]) -> type | None:
    """The first type that a schema says, as the leaderboard's documents have but one; None: it says none."""
    said = schema.get("type")
    named = said[0] if isinstance(said, list) and said else said
    return TYPES.get(str(named), str) if named else None


def _answer_type(answers: Sequence[Any]) -> type | None:
    return next((type(answer) for answer in answers if answer != ""), None)


def _items_fit(value: list[Any], answers: list[Any], nested: type) -> bool:
    """Whether the items have the schema's type, or that of some answer's first item."""
    for answer in answers:
        if not isinstance(answer, list):
            return True
        if all(type(item) is nested or type(item) is _answer_type(answer) for item in value):
            return True
    return False


def _compare(value: Any, answers: list[Any], kind: type, nested: type | None) -> bool:
    if kind is dict:
        return any(_same_dict(value, answer) for answer in answers if answer != "")
    if kind is list and nested is dict:
        return any(_same_dicts(value, answer) for answer in answers)
    if kind is list:
        return [_plain(item) for item in value] in [[_plain(item) for item in _several(a)] for a in answers]
    if kind is str:
        return _plain(value) in [_plain(answer) for answer in answers if isinstance(answer, str)]
    return value in answers


def _same_dict(value: Any, answer: Any) -> bool:
    """Each key's value among its answers; a key may be missing where "" is among them."""
    if not isinstance(value, dict) or not isinstance(answer, dict):
        return False
    right = all(
        key in answer and _plain(item) in [_plain(a) for a in _several(answer[key])]
        for key, item in value.items()
    )
    return right and all(key in value or "" in _several(answers) for key, answers in answer.items())


def _several(answers: Any) -> Any:
    """A value that stands where the leaderboard's files have a list of them, as a list."""
    return answers if isinstance(answers, list | str) else [answers]


def _same_dicts(value: list[Any], answer: Any) -> bool:
    """Whether each object is the answer's; "" is an answer without any."""
    if answer == "":
        return not value
    return isinstance(answer, list) and len(value) == len(answer) and all(map(_same_dict, value, answer))


def _plain(value: Any) -> Any:
    return IGNORED.sub("", value).lower().replace("'", '"') if isinstance(value, str) else value
