"""Your own tasks: one ``Task`` as a JSON object a line, its fields as in ``rewards/types.py``."""

import dataclasses
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rewards.schema import read, typed
from rewards.types import Task
from rl.data.facts import check_fact
from rl.data.rows import only
from rl.data.tools import without_nulls
from rl.errors import UserError, hint
from sandbox.arguments import CallCheck
from sandbox.backends.code.server import PYTHON
from sandbox.catalog import SPECS
from sandbox.lines import numbered_lines
from sandbox.types import ToolSpec


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
        raise UserError(f"{path} is not UTF-8 text; convert it") from None
    if not tasks:
        raise UserError(f"{path} has no tasks with split {split!r}; each row's split says where it belongs")
    return only(str(path), tasks, languages, tools)


def dump(tasks: Iterable[Task], path: str | Path) -> None:
    """Write the tasks, one a line, for ``load`` to read back equal. NaN raises ``ValueError``."""
    with Path(path).open("w", encoding="utf-8") as file:
        for task in tasks:
            file.write(json.dumps(dataclasses.asdict(task), ensure_ascii=False, allow_nan=False) + "\n")


def _tasks(path: Path, foreign_tools: bool) -> list[Task]:
    tasks: list[Task] = []
    seen: dict[str, int] = {}
    for number, line in numbered_lines(path):
        task = _task(line.rstrip(), f"{path}, line {number}", foreign_tools)
        if task.id in seen:
            raise UserError(f"{path}, line {number}: id {task.id!r} stands on line {seen[task.id]} already")
        seen[task.id] = number
        tasks.append(task)
    return tasks


def _task(line: str, where: str, foreign_tools: bool) -> Task:
    try:
        value = json.loads(line, object_pairs_hook=_unique, parse_float=_finite, parse_constant=_finite)
        task: Task = read(_without_padding(value), Task)
        _check_messages(task.messages)
        for i, tool in enumerate(task.tools):
            _check_parameters(tool, f"tools[{i}]")
        for i, fact in enumerate(task.expected.facts):
            check_fact(fact, f"expected.facts[{i}]")
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


def _without_padding(row: Any) -> Any:
    """The row without the keys that Arrow adds where another row has them, and tools with their properties.
    A state's own nulls stay: nobody can tell them apart."""
    if not isinstance(row, dict):
        return row
    row = {key: value for key, value in row.items() if value is not None}
    row |= {key: without_nulls(row[key]) for key in ("messages", "tools") if key in row}
    for tool in _objects(row.get("tools")):
        if isinstance(parameters := tool.get("parameters"), dict):
            tool["parameters"] = {"type": "object", "properties": {}} | parameters
    for message in _objects(row.get("messages")):
        if message.get("role") == "assistant" and message.get("tool_calls"):
            message.setdefault("content", "")
    if isinstance(expected := row.get("expected"), dict):
        row["expected"] = expected = {key: value for key, value in expected.items() if value is not None}
        expected |= {"facts": without_nulls(expected["facts"])} if "facts" in expected else {}
        for call in _objects(expected.get("calls")):
            if isinstance(arguments := call.get("arguments"), dict):
                call["arguments"] = {name: values for name, values in arguments.items() if values is not None}
    return row


def _objects(items: Any) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise ValueError(f"the key {counts.most_common(1)[0][0]!r} stands there twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number that JSON can hold; write null or a finite number")
    return number


def _check_messages(messages: list[dict[str, Any]]) -> None:
    if not messages or messages[-1].get("role") != "user":
        raise ValueError("messages must end with one whose role is 'user'")
    for i, message in enumerate(messages):
        for name in ("role", "content"):
            typed(message.get(name), str, f"messages[{i}].{name}")


def _check_parameters(tool: ToolSpec, where: str) -> None:
    try:
        CallCheck(tool)
    except ValueError as error:
        raise ValueError(f"{where}.parameters cannot be used: {error}") from None


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
        for argument, accepted in typed(call["arguments"], dict, f"{where}.arguments").items():
            if not typed(accepted, list, f"{where}.arguments.{argument}"):
                raise ValueError(f"{where}.arguments.{argument} must list at least one acceptable value")
