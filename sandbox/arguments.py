"""A model's call is checked against a tool's spec before it goes anywhere."""

import difflib
import json
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextvars import ContextVar
from itertools import islice
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from jsonschema.validators import extend
from referencing import Registry

from sandbox.json_schema import Schemas, allows, inside
from sandbox.patterns import found, quick, steps
from sandbox.tools import one_line
from sandbox.types import ToolCall, ToolSpec

MAX_ARGUMENT_BYTES = 64 * 1024
MAX_ARGUMENT_DEPTH = 20
MAX_INTEGER = 2**53  # beyond it JSON readers disagree about an integer's value
MOST_CHECKS = 400_000  # parts of a schema times parts of the arguments: a part of a second at the worst
MOST_FOLLOWED = 100_000  # the same, of references to what stands within itself
MOST_STEPS = 300_000_000  # places that all searches for patterns look at: as long
MOST_ERRORS = 50  # among which the best is told
FEW, SHORT = 32, 256  # arguments, and characters of a text: together below MAX_ARGUMENT_BYTES
SCALARS = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}
PLAIN_OBJECT = {"type", "properties", "required", "additionalProperties", "title", "description"}
PLAIN_VALUE = {"type", "enum", "title", "description", "default"}
Plain = tuple[
    tuple[type, ...], list[Any] | None
]  # the types that a value may have, and its choices if it has some
NO_TYPES: Plain = ((), None)
MOST_KEPT = 10_000  # specs whose check is kept
LEFT: ContextVar[int] = ContextVar("parts of the arguments that references may still be followed for")


class _TooLong(Exception):
    """Schemas within themselves are followed to too many parts of the arguments."""


def _pattern(validator: Any, pattern: str, text: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(text, str) and found(pattern, text) is False:
        yield ValidationError(f"does not match {pattern!r}")


def _unique(validator: Any, wanted: bool, items: Any, schema: Any) -> Iterator[ValidationError]:
    if (
        wanted
        and isinstance(items, list)
        and len({json.dumps(_plain_number(i), sort_keys=True) for i in items}) < len(items)
    ):
        yield ValidationError("has an item twice")


def _followed(validator: Any, reference: str, value: Any, schema: Any) -> Iterable[ValidationError]:
    """What stands behind a reference may lead to itself several times, and so to any part many times."""
    LEFT.set(LEFT.get() - _size(value))
    if LEFT.get() < 0:
        raise _TooLong
    errors: Iterable[ValidationError] = Draft202012Validator.VALIDATORS["$ref"](
        validator, reference, value, schema
    )
    return errors


def _plain_number(value: Any) -> Any:
    """1.0 as 1, in lists and objects too: to JSON they are one number."""
    if isinstance(value, list):
        return [_plain_number(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain_number(item) for key, item in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


# An argument for an int is an int: to JSON Schema 10.0 would be one too, and 1e300.
Validator = extend(
    Draft202012Validator,
    {"pattern": _pattern, "uniqueItems": _unique, "$ref": _followed},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


def validate(spec: ToolSpec, call: ToolCall) -> str | None:
    """None if the call fits the spec, else one line that says what is wrong with it.

    Never raises on what a model wrote. ``spec.parameters`` is read as JSON Schema Draft 2020-12, of which patterns that
    could make a check slow do not count. Raises ``ValueError`` for one that refers to
    something outside itself or is larger than anything that a model could be shown.
    """
    return CallCheck(spec)(call)


def wrong_call(call: ToolCall, tools: Collection[str], check: Callable[[str], "CallCheck"]) -> str | None:
    """None if the call is to one of the tools and fits its spec, else one line that says what is wrong with it."""
    if call.error is not None:
        return one_line(call.error)
    if not isinstance(call.name, str) or not call.name:
        return "the call names no tool"
    if call.name in tools:
        return check(call.name)(call)
    nearest = difflib.get_close_matches(call.name[:100], tools, n=1, cutoff=0.0)
    hint = f"; the nearest is {nearest[0]!r}" if nearest else ""
    return one_line(f"there is no tool {call.name[:60]!r}{hint}")


class CallCheck:
    """``validate`` for one spec, which is read once. ``schema`` is that of its arguments, whole in itself."""

    def __init__(self, spec: ToolSpec):
        self.spec = spec
        self.schema = schema = _plain_schema(spec)
        self._schema = Validator(schema, registry=Registry())  # an empty one: nothing is ever fetched
        self._size, self._patterns, self._named = _size(schema), list(_patterns(schema)), list(_named(schema))
        self._plain = _plain_parameters(schema)
        self._required = frozenset(schema.get("required", ()))

    def takes(self, name: str, value: Any) -> bool:
        """Whether a value of plain JSON fits that parameter."""
        if self._is_long(value):
            return False
        try:
            LEFT.set(MOST_FOLLOWED // self._size)
            return next(self._schema.descend(value, self._parameter(name)), None) is None
        except _TooLong:
            return False

    def admits_text(self, name: str) -> bool:
        """Whether some text may fit that parameter."""
        return allows(self._parameter(name), "string")

    def _parameter(self, name: str) -> Any:
        return inside(self.schema, name)

    def __call__(self, call: ToolCall) -> str | None:
        spec, arguments = self.spec, call.arguments
        if call.error is not None:
            return one_line(call.error)
        if call.name != spec.name:
            return one_line(f"the call is to {call.name!r}, not to {spec.name!r}")
        if not isinstance(arguments, dict):
            return "the arguments must be a JSON object"
        if self._plainly_fit(arguments):
            return None
        return _not_json(arguments) or _names(spec.name, self.schema, arguments) or self._mistyped(arguments)

    def _plainly_fit(self, arguments: dict[str, Any]) -> bool:
        """Whether they are few, short and of the right types, as nearly all are. This takes a tenth of the time
        of the validator, which is asked about all others."""
        simple = self.schema.keys() <= PLAIN_OBJECT
        if not simple or len(arguments) > FEW or not self._required <= arguments.keys():
            return False
        for name, value in arguments.items():
            types, choices = self._plain.get(name, NO_TYPES)
            if type(value) not in types or (choices is not None and value not in choices):
                return False
            if not (_is_short(value) if isinstance(value, str) else abs(value) <= MAX_INTEGER):
                return False
        return True

    def _mistyped(self, arguments: dict[str, Any]) -> str | None:
        too_long = one_line(f"{self.spec.name}: the arguments have too many parts")
        if self._is_long(arguments):
            return too_long
        try:
            LEFT.set(MOST_FOLLOWED // self._size)
            error = best_match(islice(self._schema.iter_errors(arguments), MOST_ERRORS))
        except _TooLong:
            return too_long
        return None if error is None else one_line(f"{self.spec.name}: {_mismatch(error)}")

    def _is_long(self, value: Any) -> bool:
        """Whether it could take long to check, by how much there is to look at."""
        if self._size * _size(value) > MOST_CHECKS:
            return True
        if not self._patterns and not self._named:
            return False
        lengths, names = Counter(map(len, _texts(value))), Counter(map(len, _keys(value)))
        searched = sum(steps(one, length) * lengths[length] for one in self._patterns for length in lengths)
        searched += sum(steps(one, length) * names[length] for one in self._named for length in names)
        unsearched = any(not steps(one, length) for one in self._named for length in names)
        return searched > MOST_STEPS or unsearched


KEPT: dict[tuple[str, str], CallCheck] = {}


def checked(spec: ToolSpec) -> CallCheck:
    """The spec's check, made once for all that are equal to it: a task from another process brings its own."""
    key = spec.name, spec.description
    check = KEPT.get(key)
    if check is None or (check.spec is not spec and check.spec != spec):
        if len(KEPT) >= MOST_KEPT:
            KEPT.clear()
        check = KEPT[key] = CallCheck(spec)
    return check


def _plain_parameters(schema: dict[str, Any]) -> dict[str, Plain]:
    """The parameters of which the schema says no more than a type and choices."""
    if not schema.keys() <= PLAIN_OBJECT:
        return {}
    return {
        name: (SCALARS[one["type"]], one.get("enum"))
        for name, one in schema.get("properties", {}).items()
        if isinstance(one, dict) and str(one.get("type")) in SCALARS and one.keys() <= PLAIN_VALUE
    }


def _plain_schema(spec: ToolSpec) -> dict[str, Any]:
    """The schema of the tool's arguments, certain to be one, whole in itself and quick to check against."""

    def refuse(where: str, what: str) -> NoReturn:
        raise ValueError(one_line(f"sandbox: the tool {spec.name!r}: {where}: {what}"))

    try:
        schemas = Schemas(spec.parameters, refuse)
        schema = schemas.whole(schemas.read(spec.parameters, "parameters"))
        if (
            len(_plain_parameters(schema)) < len(schema.get("properties", {}))
            or not schema.keys() <= PLAIN_OBJECT
        ):
            Validator.check_schema(schema)  # takes milliseconds, which types and choices do not need
    except RecursionError:
        refuse("parameters", "they are nested too deeply")
    except SchemaError as error:
        refuse("parameters", f"they are no JSON Schema: {error.message}")
    return schema


def _size(value: Any) -> int:
    """How many values it has in it, itself included."""
    return 1 + sum(map(_size, _parts(value)))


def _parts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _patterns(schema: Any) -> Iterator[str]:
    """All that stand in the schema, and perhaps more."""
    for key, part in schema.items() if isinstance(schema, dict) else ():
        if key == "pattern" and isinstance(part, str):
            yield part
    for part in _parts(schema):
        yield from _patterns(part)


def _named(schema: Any) -> Iterator[str]:
    """The patterns of the names of properties, and perhaps more."""
    if isinstance(schema, dict) and isinstance(patterns := schema.get("patternProperties"), dict):
        yield from (pattern for pattern in patterns if quick(pattern))
    for part in _parts(schema):
        yield from _named(part)


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for part in _parts(value):
        yield from _keys(part)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    if isinstance(value, dict):
        yield from value
    for part in _parts(value):
        yield from _texts(part)


def _is_short(text: str) -> bool:
    return len(text) <= SHORT and _is_unicode(text)


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


def _names(tool: str, schema: dict[str, Any], arguments: dict[str, Any]) -> str | None:
    properties = schema.get("properties", {})
    if missing := [name for name in schema.get("required", ()) if name not in arguments]:
        return one_line(f"{tool}: missing argument {missing[0]!r}")
    unknown = [name for name in arguments if name not in properties]
    if unknown and schema.get("additionalProperties") is False and "patternProperties" not in schema:
        known = ", ".join(properties) or "none"
        return one_line(f"{tool}: unknown argument {unknown[0][:60]!r}; the arguments are: {known}")
    return None


def _mismatch(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path) or "arguments"
    if error.validator == "type":
        return f"argument {where!r} must be of type {error.validator_value}"
    if error.validator == "enum":
        return f"argument {where!r} must be one of: {', '.join(map(str, error.validator_value))}"
    return f"argument {where!r}: {error.message}"
