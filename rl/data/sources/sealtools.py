"""Seal-Tools: requests that need one tool or several, among thousands (Wu et al. 2024, arXiv 2405.08355).

``data.path`` is the folder ``Seal-Tools_Dataset`` of github.com/fairyshine/Seal-Tools (Apache-2.0): JSON lines of
``id``, ``query`` and ``calling`` (each ``api`` and ``parameters``) in ``<split>.jsonl``, and of ``api_name``,
``api_description``, ``parameters`` and ``required`` in ``tool.jsonl``. Values are texts, whatever type a tool asks
for, and ``API_call_0`` is the first result of the calls before.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rewards.schema import typed
from rewards.types import Expected, ExpectedCall, Task
from rl.data.rows import Row, only, prompt, rows, shown, tasks_of
from rl.data.tools import expected_call, fitting, spec
from rl.errors import UserError, hint
from sandbox.types import ToolSpec

TOOLS = "tool.jsonl"


def load(
    path: Path,
    split: str = "train",
    languages: Iterable[str] | None = None,
    tools: Sequence[str] | None = None,
    tools_per_task: int = 5,
    system: str | None = None,
) -> list[Task]:
    """The requests of ``<split>.jsonl``, each shown ``tools_per_task`` tools, its own among them. Raises UserError."""
    specs = {tool.name: tool for tool in tasks_tools(path)}
    file = path / f"{split}.jsonl"
    if not file.is_file():
        there = sorted(p.stem for p in path.glob("*.jsonl") if p.name not in (TOOLS, "field.jsonl"))
        raise UserError(f"{path} has no split {split!r}{hint(split, there)}; it has {', '.join(there)}")

    def task(row: Row) -> Task:
        own = row.get("id", str)
        calls = [_call(call) for call in row.get("calling", list)]
        wanted = list(dict.fromkeys(call["name"] for call in calls))
        if missing := next((name for name in wanted if name not in specs), None):
            raise ValueError(f"{TOOLS} has no api {missing!r}")
        names = shown(wanted, [name for name in tools or specs if name not in wanted], tools_per_task, own)
        return Task(
            id=f"sealtools/{own}",
            parallel_id=f"sealtools/{own}",
            language="en",
            locale="en-US",
            messages=prompt(row.get("query", str), system),
            tools=fitting([specs[name] for name in names if name in specs], calls),
            expected=Expected(calls=calls, rules="exact", no_call=not calls),
            source="sealtools",
            split=split,
            run_calls=False,
        )

    return only("sealtools", tasks_of(rows(file), task), languages, tools)


def tasks_tools(path: Path) -> list[ToolSpec]:
    """The tools of the folder. Raises UserError where it has none."""
    if not (path / TOOLS).is_file():
        raise UserError(f"{path} has no {TOOLS}; point data.path at the folder Seal-Tools_Dataset")
    return tasks_of(rows(path / TOOLS), _tool)


def _tool(row: Row) -> ToolSpec:
    parts = {name: typed(part, dict, name) for name, part in row.get("parameters", dict).items()}
    schema = {"type": "object", "properties": parts, "required": row.get("required", list, [])}
    return spec(row.get("api_name", str), row.value.get("api_description"), schema)


def _call(call: Any) -> ExpectedCall:
    made = typed(call, dict, "calling")
    arguments = typed(made.get("parameters") or {}, dict, "parameters")
    return expected_call(made.get("api"), arguments)
