"""Rows of other people's files: JSON lines or one JSON array, each row with the place where it stands."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from babel.core import get_global
from jsonschema import Draft202012Validator, SchemaError

from rewards.types import Task
from rl.errors import UserError, hint
from sandbox.types import ToolSpec

JSON_NAMES = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
# What the data sets call JSON Schema's types; ``any`` has none.
TYPES = {
    "dict": "object", "float": "number", "double": "number", "tuple": "array", "list": "array", "set": "array",
    "str": "string", "text": "string", "int": "integer", "bool": "boolean", "any": None,
}  # fmt: skip
JSON_TYPES = {
    str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object", type(None): "null",
}  # fmt: skip
SCHEMA_TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
SPLITS = ("train", "test")


class Row(NamedTuple):
    """One row: the object, its number in its file (from 1), and its place for messages."""

    value: dict[str, Any]
    number: int
    where: str

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        """The field's value. Raises ValueError where it is missing (without a default) or of another type."""
        if key not in self.value and default is not None:
            return default
        if key not in self.value:
            raise ValueError(f"{key} is missing{hint(key, self.value)}")
        return typed(self.value[key], kind, key)


def typed(value: Any, kind: type, name: str) -> Any:
    """``value``, if it is of that type. Raises ValueError."""
    if type(value) is not kind:
        found = JSON_NAMES.get(type(value), "null" if value is None else "a number")
        raise ValueError(f"{name} must be {JSON_NAMES[kind]}, not {found}")
    return value


def rows(path: Path, pattern: str = "*.json*") -> Iterator[Row]:
    """The rows of a file, or of a folder's files in the order of their names. Raises UserError."""
    files = sorted(path.rglob(pattern)) if path.is_dir() else [path]
    if not files:
        raise UserError(f"{path} has no files named {pattern}; point data.path at the data's file or folder")
    for file in files:
        try:
            yield from _file_rows(file, file.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            raise UserError(f"{file} is not UTF-8 text; convert it") from None


def tasks_of(found: Iterable[Row], task: Callable[[Row], Task | None]) -> list[Task]:
    """A task of each row (None: the row is none). What is wrong with a row becomes a UserError with its place."""
    made = []
    for row in found:
        try:
            made.append(task(row))
        except ValueError as error:
            raise UserError(f"{row.where}: {error}; correct the row or take it out") from None
    return [one for one in made if one is not None]


def in_split(tasks: Iterable[Task], split: str, held_out: float) -> list[Task]:
    """The tasks of a split that the data itself does not have: ``held_out`` of all are ``test``, parallel
    ones together, and 0 puts all into either split. Raises UserError for another split."""
    if split not in SPLITS:
        raise UserError(f"there is no split {split!r} here; data.split is train or test")
    if not held_out:
        return list(tasks)
    return [t for t in tasks if (_share(t.parallel_id) < held_out) == (split == "test")]


def only(
    source: str, tasks: Sequence[Task], languages: Iterable[str] | None, tools: Iterable[str] | None
) -> list[Task]:
    """The tasks in those languages whose expected calls need only those tools. Raises UserError for a
    language that the data does not have."""
    there = sorted({task.language for task in tasks})
    for language in languages or ():
        if language not in there:
            raise UserError(
                f"{source} has no language {language!r}{hint(language, there)}; it has {' '.join(there)}"
            )
    wanted, allowed = None if languages is None else set(languages), None if tools is None else set(tools)
    return [
        task
        for task in tasks
        if (wanted is None or task.language in wanted)
        and (allowed is None or {call["name"] for call in task.expected.calls} <= allowed)
    ]


def locale_of(language: str) -> str:
    """The likeliest locale of a BCP 47 language, such as ``kk-KZ``; a tag with a region is one itself."""
    parts = language.split("-")
    if any(len(part) == 2 and part.isupper() for part in parts[1:]):
        return language
    likely = get_global("likely_subtags").get(parts[0], parts[0])
    return f"{parts[0]}-{likely.split('_')[-1]}"


def prompt(text: str, system: str | None) -> list[dict[str, Any]]:
    first = [{"role": "system", "content": system}] if system else []
    return [*first, {"role": "user", "content": text}]


def spec(name: Any, description: Any, parameters: Any) -> ToolSpec:
    """A tool of the data, its parameters as a JSON Schema. Raises ValueError if they cannot be one."""
    if not isinstance(name, str) or not name:
        raise ValueError("a tool needs a name, a text")
    schema = schema_of(typed(parameters or {}, dict, f"the parameters of {name}"))
    schema = {"type": "object", "properties": {}, **schema}
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"the parameters of {name} are no JSON Schema: {error.message}") from None
    return ToolSpec(name, str(description or ""), schema)


def schema_of(schema: Any) -> Any:
    """A schema with JSON Schema's own names of types, its parts too; a type without one is left open."""
    if not isinstance(schema, dict):
        return schema
    found = dict(schema)
    if isinstance(kind := found.pop("type", None), str):
        named = _type(kind)
        if named:
            found["type"] = named
    elif kind is not None:
        found["type"] = kind
    if isinstance(found.get("properties"), dict):
        found["properties"] = {name: schema_of(part) for name, part in found["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in found:
            found[key] = schema_of(found[key])
    return found


def properties_of(parameters: dict[str, Any]) -> dict[str, Any]:
    """``{name: {"type", "description", "required" or "... , optional" or "default"}}`` as a JSON Schema; a
    JSON Schema stays what it is. Raises ValueError."""
    if isinstance(parameters.get("properties"), dict):
        return parameters
    properties = {name: typed(part, dict, f"parameter {name}") for name, part in parameters.items()}
    required = [name for name, part in properties.items() if _required(part)]
    shown = {name: {k: v for k, v in part.items() if k != "required"} for name, part in properties.items()}
    return {"type": "object", "properties": shown, "required": required}


def _required(part: dict[str, Any]) -> bool:
    if "required" in part:
        return part["required"] is True
    return "optional" not in str(part.get("type")) and "default" not in part


def fitting(tools: list[ToolSpec], calls: list[dict[str, Any]]) -> list[ToolSpec]:
    """The tools, so that the data's own answers fit their schemas: real data breaks its own word.

    A parameter none of whose acceptable values has the type that is said gets the value's type, too, and
    one that an answer leaves out is not required.
    """
    return [_fitting(tool, [c["arguments"] for c in calls if c["name"] == tool.name]) for tool in tools]


def _fitting(tool: ToolSpec, answers: list[dict[str, Any]]) -> ToolSpec:
    if not answers:
        return tool
    schema, properties = tool.parameters, dict(tool.parameters["properties"])
    for arguments in answers:
        for name, values in arguments.items():
            if values and isinstance(properties.get(name), dict):
                properties[name] = _wider(properties[name], [v for v in values if v != ""] or values)
    always = [n for n in schema.get("required", ()) if all(_given(a.get(n)) for a in answers)]
    return replace(tool, parameters=schema | {"properties": properties, "required": always})


def _given(values: list[Any] | None) -> bool:
    return bool(values) and "" not in (values or ())


def _wider(schema: dict[str, Any], values: list[Any]) -> dict[str, Any]:
    check = Draft202012Validator(schema)
    if any(check.is_valid(value) for value in values):
        return schema
    kept = {key: part for key, part in schema.items() if key in ("type", "description", "items")}
    said = kept.get("type", [])
    types = [*(said if isinstance(said, list) else [said]), JSON_TYPES[type(values[0])]]
    types = list(dict.fromkeys(types))
    wider = kept | {"type": types if len(types) > 1 else types[0]}
    return (
        wider
        if Draft202012Validator(wider).is_valid(values[0])
        else {k: v for k, v in wider.items() if k != "items"}
    )


def shown(needed: Iterable[str], others: Sequence[str], count: int, parallel_id: str) -> list[str]:
    """The needed tools among others, ``count`` in all, in an order that tells nothing, the same in all
    languages."""
    rng = Random(f"{parallel_id}/tools")
    first = list(needed)
    found = [*first, *rng.sample(others, min(max(count - len(first), 0), len(others)))]
    rng.shuffle(found)
    return found


def _type(written: str) -> str | None:
    """``List[int]``, ``str, optional``, ``Dict`` and the like; None where JSON Schema has no such type."""
    word = written.split(",")[0].split("[")[0].strip().lower()
    named = TYPES.get(word, word)
    return named if named in SCHEMA_TYPES else None


def _share(text: str) -> float:
    """A number in 0..1 that stands by the text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def _file_rows(file: Path, text: str) -> Iterator[Row]:
    start = len(text) - len(text.lstrip())
    found = _array(file, text, start + 1) if text.startswith("[", start) else _lines(file, text)
    for number, (value, line) in enumerate(found, 1):
        where = f"{file}:{line}"
        if not isinstance(value, dict):
            raise UserError(f"{where}: a row must be an object; correct the row or take it out")
        yield Row(value, number, where)


def _lines(file: Path, text: str) -> Iterator[tuple[Any, int]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line), number
            except (json.JSONDecodeError, RecursionError) as error:
                raise UserError(
                    f"{file}:{number}: not JSON: {error}; correct the row or take it out"
                ) from None


def _array(file: Path, text: str, at: int) -> Iterator[tuple[Any, int]]:
    """The items of the array that opens before ``at``, each with the line on which it begins."""
    decoder, line, counted = json.JSONDecoder(), 1, 0
    while True:
        at += len(text[at : at + 10_000]) - len(text[at : at + 10_000].lstrip(" \t\r\n,"))
        line, counted = line + text.count("\n", counted, at), at
        if text.startswith("]", at):
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError) as error:
            raise UserError(f"{file}:{line}: not JSON: {error}; correct the row or take it out") from None
        yield value, line
