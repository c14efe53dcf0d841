"""The rewards' dataclasses from plain JSON, every field checked: what other programs and files hand in."""

import dataclasses
import types
from typing import Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

from rewards.parse import parse_calls
from rewards.reply import content
from rewards.text.nearest import hint
from rewards.types import Task, Trajectory

NAMES = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
NAMES |= {int: "a whole number", float: "a number"}
FOUND = NAMES | {int: "a number"}
# What scoring does not need may be left out; the tokens are there for rewards that count them.
DEFAULTS: dict[str, Any] = {
    "task_id": "", "prompt_ids": [], "token_ids": [], "sampled": [], "logprobs": [],
    "calls": [], "results": [], "stop": "end",
}  # fmt: skip


def read_row(value: Any) -> tuple[Task, Trajectory]:
    """The pair of ``{"task": {...}, "trajectory": {...}}``; of a trajectory only ``messages`` is needed, and
    ``calls`` and ``results`` where there were some. Raises ValueError that names the field."""
    both = typed(value, dict, "an item")
    for name in ("task", "trajectory"):
        if name not in both:
            raise ValueError(f"{name} is missing")
    task: Task = read(both["task"], Task, "task")
    given = DEFAULTS | typed(both["trajectory"], dict, "trajectory")
    trajectory: Trajectory = read(given, Trajectory, "trajectory")
    if not len(trajectory.token_ids) == len(trajectory.sampled) == len(trajectory.logprobs):
        raise ValueError("trajectory.token_ids, sampled and logprobs must have one length")
    if "calls" not in both["trajectory"]:
        _check_no_calls(trajectory.messages)
    return task, trajectory


def _check_no_calls(messages: list[dict[str, Any]]) -> None:
    """A trajectory's calls are scored, not the texts that they were read from: they must be handed in."""
    for i, message in enumerate(messages):
        if message.get("role") != "assistant":
            continue
        if message.get("tool_calls") or parse_calls(content(message)):
            raise ValueError(
                f"trajectory.messages[{i}] makes calls and trajectory.calls is missing; hand in the calls that "
                "rewards.parse.parse_calls reads of it, and their results ([]: they are to count as none)"
            )


def read(value: Any, kind: Any, where: str = "") -> Any:
    """``value`` as the type ``kind`` of a dataclass field, ``where`` it stands ("": the whole line of a file).

    Raises ValueError that says which field is wrong.
    """
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(value, kind, where)
    if is_typeddict(kind):
        return _read_dict(value, kind, where)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is types.UnionType:
        return None if value is None else read(value, inner[0], where)
    if origin is Literal:
        if value not in inner:
            known = ", ".join(inner)
            raise ValueError(
                f"{where} is {value!r:.80}{hint(str(value)[:80], inner)}; it must be one of {known}"
            )
        return value
    if origin in (list, tuple):
        items = typed(value, list, where)
        return origin(read(item, inner[0], f"{where}[{i}]") for i, item in enumerate(items))
    if origin is dict and inner[1] is not Any:
        items = typed(value, dict, where)
        return {key: read(item, inner[1], f"{where}.{key}") for key, item in items.items()}
    return value if kind is Any else typed(value, origin or kind, where)


def _read_dataclass(value: Any, kind: Any, where: str) -> Any:
    hints, prefix = get_type_hints(kind), where and where + "."
    for name in typed(value, dict, where or "the line"):
        if name not in hints:
            meant = hint(name[:80], hints, prefix)
            raise ValueError(f"{prefix}{name:.80} is not a field of {kind.__name__}{meant}")
    for field in dataclasses.fields(kind):
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if needed and field.name not in value:
            raise ValueError(f"{prefix}{field.name} is missing")
    return kind(**{name: read(item, hints[name], prefix + name) for name, item in value.items()})


def _read_dict(value: Any, kind: Any, where: str) -> Any:
    """Keys that the type does not know stay as they are: rewards of one's own may read them."""
    hints = get_type_hints(kind)
    for name in sorted(kind.__required_keys__ - set(typed(value, dict, where))):
        raise ValueError(f"{where}.{name} is missing")
    return {k: read(item, hints[k], f"{where}.{k}") if k in hints else item for k, item in value.items()}


def typed(value: Any, kind: type, where: str) -> Any:
    """``value``, which must be of that JSON type. Raises ValueError that says what it is instead."""
    if kind is float and type(value) is int:
        try:
            return float(value)
        except OverflowError:
            raise ValueError(f"{where} is a number out of range") from None
    if type(value) is not kind:
        raise ValueError(f"{where} must be {NAMES[kind]}, not {FOUND.get(type(value), type(value).__name__)}")
    return value
