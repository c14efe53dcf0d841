"""A typed function becomes a tool that a model can be shown.

The schema comes from the function alone: names, types, defaults, and the docstring's first paragraph
and ``Args:`` section. ``Literal[...]`` becomes ``enum``. A first parameter named ``state`` is the
session's state: the sandbox fills it in, the model never sees it.
"""

import inspect
import random
import re
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from sandbox.types import ToolSpec

MAX_MESSAGE = 300
# What would move a terminal's cursor or turn the order of what is read.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
JSON_TYPES: dict[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


class ToolError(Exception):
    """A tool's refusal: one clear line that the model can learn from."""


def one_line(text: str) -> str:
    """The text on one line, at most ``MAX_MESSAGE`` characters of valid Unicode: fit for a message or a log."""
    flat = in_a_line(text.encode("utf-8", "replace").decode())
    return flat if len(flat) <= MAX_MESSAGE else flat[: MAX_MESSAGE - 1] + "…"


def in_a_line(text: str) -> str:
    """The text without line ends and control characters, such as a terminal would obey."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))


def tool_spec(
    function: Callable[..., Any], locale: str | None = None, examples: Sequence[str] = ()
) -> ToolSpec:
    """The spec of a typed, documented function.

    Raises ``ValueError`` where a parameter has no type that JSON has, or no line under ``Args:``.
    """
    description, documented = _docstring(function)
    hints = get_type_hints(function)
    properties: dict[str, Any] = {}
    required = []
    for parameter in shown_parameters(function):
        name = parameter.name
        if name not in documented:
            raise ValueError(f"tool {function.__name__}: describe {name!r} under Args: in the docstring")
        properties[name] = {**_schema(function, name, hints.get(name)), "description": documented[name]}
        if parameter.default is parameter.empty:
            required.append(name)
        else:
            properties[name]["default"] = parameter.default
    parameters = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    return ToolSpec(
        function.__name__, description, parameters, locale, tuple(examples), stateful=takes_state(function)
    )


def public_tools(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """A module's own tools by name: what ``__all__`` lists, else every public function it defines."""
    names = getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]
    found = {name: getattr(module, name) for name in names}
    return {
        name: value
        for name, value in found.items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    }


@cache
def takes_state(function: Callable[..., Any]) -> bool:
    """Whether the function's first parameter is the session's state."""
    return next(iter(inspect.signature(function).parameters), None) == "state"


def shown_parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters that the model fills in: all but a leading ``state``."""
    return list(inspect.signature(function).parameters.values())[takes_state(function) :]


def call_tool(
    function: Callable[..., Any], arguments: dict[str, Any], state: dict[str, Any], seed: int, index: int
) -> Any:
    """Call a tool, which may change ``state`` in place.

    ``random`` is seeded from the session's seed and the call's index.
    """
    random.seed(f"{seed}:{index}")
    return function(state, **arguments) if takes_state(function) else function(**arguments)


def _docstring(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    head, _, tail = (inspect.getdoc(function) or "").partition("Args:")
    if not head.strip():
        raise ValueError(f"tool {function.__name__}: write a docstring, the model reads it")
    documented: dict[str, str] = {}
    name = ""
    for line in inspect.cleandoc(tail).splitlines():
        entry = re.match(r"(\w+): (.+)", line)
        if entry:
            name = entry[1]
            documented[name] = entry[2].strip()
        elif name and line.strip():
            documented[name] += " " + line.strip()
    return " ".join(head.split()), documented


def _schema(function: Callable[..., Any], name: str, hint: Any) -> dict[str, Any]:
    if get_origin(hint) is list and len(get_args(hint)) == 1:
        return {"type": "array", "items": _schema(function, name, get_args(hint)[0])}
    if get_origin(hint) is Literal and len(kinds := {type(value) for value in get_args(hint)}) == 1:
        return {**_schema(function, name, kinds.pop()), "enum": list(get_args(hint))}
    if hint in JSON_TYPES:
        return {"type": JSON_TYPES[hint]}
    raise ValueError(
        f"tool {function.__name__}: give {name!r} the type str, int, float, bool, Literal or a list of these"
    )
