"""xLAM's function-calling data (APIGen; Liu et al. 2024, arXiv 2406.18518), English.

``data.path`` is ``xlam_function_calling_60k.json`` or JSON lines of the same: ``query``, and ``tools`` and
``answers``, each a list or a text that holds one. A tool has ``name``, ``description`` and ``parameters``
(``{name: {"type": "str, optional", "description", "default"}}``), an answer ``name`` and ``arguments``.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rewards.schema import typed
from rewards.types import Expected, ExpectedCall, Task
from rl.data.rows import Row, in_split, locale_of, only, prompt, rows, tasks_of
from rl.data.tools import expected_call, fitting, tool_of, without_nulls


def load(
    path: Path,
    split: str = "train",
    languages: Iterable[str] | None = None,
    tools: Sequence[str] | None = None,
    held_out: float = 0.0,
    system: str | None = None,
) -> list[Task]:
    """A task of each row; calls may come in any order, and no others may. Rows without ``language`` are
    English; translations of a row have its ``id``."""

    def task(row: Row) -> Task:
        calls = [_call(answer) for answer in _listed(row, "answers")]
        language = row.get("language", str, "en")
        parallel_id = f"xlam/{row.value.get('id', row.number)}"
        return Task(
            id=f"{parallel_id}/{language}",
            parallel_id=parallel_id,
            language=language,
            locale=locale_of(language),
            messages=prompt(row.get("query", str), system),
            tools=fitting([tool_of(tool) for tool in _listed(row, "tools")], calls),
            expected=Expected(calls=calls, no_call=not calls),
            source="xlam",
            split=split,
            run_calls=False,
        )

    return only("xlam", in_split(tasks_of(rows(path), task), split, held_out), languages, tools)


def _listed(row: Row, key: str) -> list[dict[str, Any]]:
    value = row.value.get(key)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError as error:
            raise ValueError(f"{key} holds no JSON: {error}") from None
    else:
        value = without_nulls(value)
    if key not in row.value:
        raise ValueError(f"{key} is missing")
    return [typed(item, dict, f"an item of {key}") for item in typed(value, list, key)]


def _call(answer: dict[str, Any]) -> ExpectedCall:
    arguments = typed(answer.get("arguments") or {}, dict, "the arguments of an answer")
    return expected_call(answer.get("name"), arguments)
