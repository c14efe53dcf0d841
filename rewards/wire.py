"""The rewards' dataclasses from plain JSON, every field checked: what other programs and files hand in."""

import dataclasses
import difflib
import types
from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin, get_type_hints

from rewards.types import Task, Trajectory

NAMES = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
NAMES |= {int: "a whole number", float: "a number"}
# What scoring does not need may be left out; the tokens are there for rewards that count them.
DEFAULTS: dict[str, Any] = {
    "task_id": "", "prompt_ids": [], "token_ids": [], "sampled": [], "logprobs": [],
    "calls": [], "results": [], "stop": "end",
}  # fmt: skip


def read_row(value: Any) -> tuple[Task, Trajectory]:
    """The pair of ``{"task": {...}, "trajectory": {...}}``; of a trajectory only ``messages`` is needed, and
    ``calls`` and ``results`` where there were some. Raises ValueError that names the field."""
    both = _typed(value, dict, "an item")
    for name in ("task", "trajectory"):
        if name not in both:
            raise ValueError(f"{name} is missing")
    task: Task = read(both["task"], Task, "task")
    given = DEFAULTS | _typed(both["trajectory"], dict, "trajectory")
    trajectory: Trajectory = read(given, Trajectory, "trajectory")
    if not len(trajectory.token_ids) == len(trajectory.sampled) == len(trajectory.logprobs):
        raise ValueError("trajectory.token_ids, sampled and logprobs must have one length")
    return task, trajectory


def read(value: Any, kind: Any, where: str) -> Any:
    """``value`` as the type ``kind`` of a dataclass field. Raises ValueError that says which field is wrong."""
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(value, kind, where)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is types.UnionType:
        return None if value is None else read(value, inner[0], where)
    if origin is Literal:
        if value not in inner:
            raise ValueError(f"{where} is {value!r:.80}; it must be one of {', '.join(inner)}")
        return value
    if origin in (list, tuple):
        items = _typed(value, list, where)
        return origin(read(item, inner[0], f"{where}[{i}]") for i, item in enumerate(items))
    if origin is dict and inner[1] is not Any:
        items = _typed(value, dict, where)
        return {key: read(item, inner[1], f"{where}.{key}") for key, item in items.items()}
    return value if kind is Any else _typed(value, origin or kind, where)


def _read_dataclass(value: Any, kind: Any, where: str) -> Any:
    hints = get_type_hints(kind)
    for name in _typed(value, dict, where):
        if name not in hints:
            raise ValueError(f"{where}.{name:.80} is not a field of {kind.__name__}{_hint(name, hints)}")
    for field in dataclasses.fields(kind):
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if needed and field.name not in value:
            raise ValueError(f"{where}.{field.name} is missing")
    return kind(**{name: read(item, hints[name], f"{where}.{name}") for name, item in value.items()})


def _typed(value: Any, kind: type, where: str) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"{where} must be {NAMES[kind]}, not {NAMES[type(value)]}")
    return value


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""
