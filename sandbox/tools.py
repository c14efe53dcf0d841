"""A typed function becomes a tool that a model can be shown, and a model's call is checked against it.

The schema comes from the function alone: names, types, defaults, and the docstring's first paragraph
and ``Args:`` section. ``Literal[...]`` becomes ``enum``. A first parameter named ``state`` is the
session's state: the sandbox fills it in, the model never sees it.
"""

import inspect
import json
import math
import random
import re
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend
from referencing import Registry

from sandbox.types import ToolCall, ToolSpec

MAX_ARGUMENT_BYTES = 64 * 1024
MAX_ARGUMENT_DEPTH = 20
MAX_INTEGER = 2**53  # beyond it JSON readers disagree about an integer's value
MAX_MESSAGE = 300
# An argument for an int is an int: to JSON Schema 10.0 would be one too, and 1e300.
Validator = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)
JSON_TYPES: dict[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


class ToolError(Exception):
    """A tool's refusal: one clear line that the model can learn from."""


def one_line(text: str) -> str:
    """The text on one line, at most ``MAX_MESSAGE`` characters: fit for a message or a log."""
    flat = " ".join(text.split())
    return flat if len(flat) <= MAX_MESSAGE else flat[: MAX_MESSAGE - 1] + "…"


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
    return ToolSpec(function.__name__, description, parameters, locale, tuple(examples))


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


def validate(spec: ToolSpec, call: ToolCall) -> str | None:
    """None if the call fits the spec, else one line that says what is wrong with it.

    Never raises on what a model wrote. ``spec.parameters`` must be a valid Draft 2020-12 schema without
    remote references; ours have no ``pattern``, so no call can make validation slow.
    """
    return CallCheck(spec)(call)


class CallCheck:
    """``validate`` for one spec, which is read once."""

    def __init__(self, spec: ToolSpec):
        self.spec = spec
        self._schema = Validator(spec.parameters, registry=Registry())  # fetches no remote $ref

    def __call__(self, call: ToolCall) -> str | None:
        spec, arguments = self.spec, call.arguments
        if call.error is not None:
            return one_line(call.error)
        if call.name != spec.name:
            return one_line(f"the call is to {call.name!r}, not to {spec.name!r}")
        if not isinstance(arguments, dict):
            return "the arguments must be a JSON object"
        return _not_json(arguments) or _names(spec, arguments) or self._mistyped(arguments)

    def _mistyped(self, arguments: dict[str, Any]) -> str | None:
        error = best_match(self._schema.iter_errors(arguments))
        return None if error is None else one_line(f"{self.spec.name}: {_mismatch(error)}")


def _not_json(arguments: dict[str, Any]) -> str | None:
    """What keeps the arguments from being plain, bounded JSON, if anything."""
    pending: list[tuple[Any, int]] = [(arguments, 1)]
    while pending:
        value, depth = pending.pop()
        if depth > MAX_ARGUMENT_DEPTH:
            return f"the arguments are nested deeper than {MAX_ARGUMENT_DEPTH} levels"
        if isinstance(value, dict):
            pending += [(part, depth + 1) for item in value.items() for part in item]
            if not all(isinstance(key, str) for key in value):
                return "the arguments have a key that is not a string"
        elif isinstance(value, list):
            pending += [(part, depth + 1) for part in value]
        elif reason := _bad_scalar(value):
            return reason
    size = len(json.dumps(arguments, ensure_ascii=False).encode())
    return None if size <= MAX_ARGUMENT_BYTES else f"the arguments exceed {MAX_ARGUMENT_BYTES // 1024} KB"


def _bad_scalar(value: Any) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return None if _is_unicode(value) else "the arguments have a string that is not valid Unicode"
    if isinstance(value, int):
        return None if abs(value) <= MAX_INTEGER else "the arguments have an integer beyond 2**53"
    if isinstance(value, float):
        return None if math.isfinite(value) else "the arguments have a number that is not finite"
    return f"the arguments have a {type(value).__name__}, which JSON has not"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _names(spec: ToolSpec, arguments: dict[str, Any]) -> str | None:
    properties = spec.parameters.get("properties", {})
    if missing := [name for name in spec.parameters.get("required", ()) if name not in arguments]:
        return one_line(f"{spec.name}: missing argument {missing[0]!r}")
    unknown = [name for name in arguments if name not in properties]
    if unknown and spec.parameters.get("additionalProperties") is False:
        known = ", ".join(properties) or "none"
        return one_line(f"{spec.name}: unknown argument {unknown[0][:60]!r}; the arguments are: {known}")
    return None


def _mismatch(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path) or "arguments"
    if error.validator == "type":
        return f"argument {where!r} must be of type {error.validator_value}"
    if error.validator == "enum":
        return f"argument {where!r} must be one of: {', '.join(map(str, error.validator_value))}"
    return f"argument {where!r}: {error.message}"
