"""Your own tasks: one ``Task`` as a JSON object a line, its fields as in ``rewards/types.py``."""

import dataclasses
import json
import math
import types
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from rewards.types import Task
from rl.errors import UserError, hint
from sandbox.catalog import SPECS
from sandbox.code import PYTHON

JSON_NAMES = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}


def load(
    path: Path,
    split: str = "train",
    languages: Iterable[str] | None = None,
    tools: Sequence[str] | None = None,
    foreign_tools: bool = False,
) -> list[Task]:
    """The file's tasks of that split, in the file's order; empty lines are skipped.

    ``languages`` keeps only those, ``tools`` the tasks whose expected calls need only those. Tools are the
    catalog's and ``python``, or any with ``foreign_tools``. Raises ``UserError`` that names file, line and
    field where a line is not a task.
    """
    try:
        tasks = [task for task in _tasks(path, foreign_tools) if task.split == split]
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text") from None
    if not tasks:
        raise UserError(f"{path} has no tasks with split {split!r}")
    there = sorted({task.language for task in tasks})
    for language in languages or ():
        if language not in there:
            raise UserError(
                f"{path} has no language {language!r}{hint(language, there)}; it has {' '.join(there)}"
            )
    return [
        task
        for task in tasks
        if (languages is None or task.language in languages)
        and (tools is None or {call["name"] for call in task.expected.calls} <= set(tools))
    ]


def dump(tasks: Iterable[Task], path: str | Path) -> None:
    """Write the tasks, one a line, for ``load`` to read back equal. NaN raises ``ValueError``."""
    with Path(path).open("w", encoding="utf-8") as file:
        for task in tasks:
            file.write(json.dumps(dataclasses.asdict(task), ensure_ascii=False, allow_nan=False) + "\n")


def _tasks(path: Path, foreign_tools: bool) -> list[Task]:
    tasks: list[Task] = []
    seen: dict[str, int] = {}
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                task = _task(line.rstrip(), f"{path}, line {number}", foreign_tools)
                if task.id in seen:
                    raise UserError(
                        f"{path}, line {number}: id {task.id!r} stands on line {seen[task.id]} already"
                    )
                seen[task.id] = number
                tasks.append(task)
    return tasks


def _task(line: str, where: str, foreign_tools: bool) -> Task:
    try:
        value = json.loads(line, object_pairs_hook=_unique, parse_float=_finite, parse_constant=_finite)
        task: Task = _read(value, Task, "")
        _check_messages(task.messages)
        if not foreign_tools:
            _check_tools(task)
        _check_calls(task)
    except json.JSONDecodeError as error:
        raise UserError(f"{where}: not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise UserError(f"{where}: nested too deeply") from None
    except ValueError as error:
        raise UserError(f"{where}: {error}") from None
    return task


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the key {name!r} stands there twice")
    return dict(pairs)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number that JSON can hold; write null or a finite number")
    return number


def _read(value: Any, kind: Any, where: str) -> Any:
    """``value`` as the type ``kind`` of a dataclass field; ``ValueError`` says which field is wrong."""
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(value, kind, where)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is types.UnionType:
        return None if value is None else _read(value, inner[0], where)
    if origin is Literal:
        if value not in inner:
            raise ValueError(
                f"{where} is {value!r}{hint(str(value), inner)}; it must be one of {', '.join(inner)}"
            )
        return value
    if origin in (list, tuple):
        items = _typed(value, list, where)
        return origin(_read(item, inner[0], f"{where}[{i}]") for i, item in enumerate(items))
    if origin is dict and inner[1] is not Any:
        return {
            key: _read(item, inner[1], f"{where}.{key}") for key, item in _typed(value, dict, where).items()
        }
    return value if kind is Any else _typed(value, origin or kind, where)


def _read_dataclass(value: Any, kind: Any, where: str) -> Any:
    hints = get_type_hints(kind)
    prefix = where and where + "."
    for name in _typed(value, dict, where or "the line"):
        if name not in hints:
            raise ValueError(f"{prefix}{name} is not a field of {kind.__name__}{hint(name, hints, prefix)}")
    for field in dataclasses.fields(kind):
        optional = (
            field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        )
        if field.name not in value and not optional:
            raise ValueError(f"{prefix}{field.name} is missing")
    return kind(**{name: _read(item, hints[name], prefix + name) for name, item in value.items()})


def _typed(value: Any, kind: type, where: str) -> Any:
    if type(value) is not kind:
        found = JSON_NAMES.get(type(value), "a number")
        raise ValueError(f"{where} must be {JSON_NAMES[kind]}, not {found}")
    return value


def _check_messages(messages: list[dict[str, Any]]) -> None:
    if not messages or messages[-1].get("role") != "user":
        raise ValueError("messages must end with one whose role is 'user'")
    for i, message in enumerate(messages):
        for name in ("role", "content"):
            _typed(message.get(name), str, f"messages[{i}].{name}")


def _check_tools(task: Task) -> None:
    for i, tool in enumerate(task.tools):
        if tool.name not in SPECS and tool.name != PYTHON.name:
            raise ValueError(
                f"tools[{i}].name {tool.name!r} is not in the catalog{hint(tool.name, SPECS)}; "
                "for a tool of your own name its module: +sandbox.tools=[my_tools]"
            )


def _check_calls(task: Task) -> None:
    names = {tool.name for tool in task.tools}
    if task.expected.no_call and task.expected.calls:
        raise ValueError("expected.no_call is true and expected.calls is not empty; one of them is wrong")
    for i, call in enumerate(task.expected.calls):
        where = f"expected.calls[{i}]"
        if set(call) != {"name", "arguments"}:
            raise ValueError(f"{where} must have exactly the fields name and arguments")
        if call["name"] not in names:
            raise ValueError(f"{where}.name {call['name']!r} is none of the task's tools")
        for argument, accepted in _typed(call["arguments"], dict, f"{where}.arguments").items():
            if not _typed(accepted, list, f"{where}.arguments.{argument}"):
                raise ValueError(f"{where}.arguments.{argument} must list at least one acceptable value")
