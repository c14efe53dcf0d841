"""International Tool Calling (Zhang and Zhu 2026, arXiv 2603.05515): real APIs of many countries.

``data.path`` is a JSON array or JSON lines of ``query``, ``tools`` (each ``name``, ``description`` and
``parameters``, a JSON Schema or ``{name: {"type", "description", "required"}}``) and ``answer``: an object
``{"thought", "action"}``, a text that holds one, or a list of calls. ``language`` (BCP 47) is needed;
``id``, ``locale`` and ``system`` are not.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from rewards.parse import parse_calls, thoughts
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
    """A task of each row; rows of one ``id`` in several languages are parallel."""

    def task(row: Row) -> Task:
        language, calls = row.get("language", str), _calls(row)
        parallel_id = f"itc/{row.value.get('id', row.number)}"
        return Task(
            id=f"{parallel_id}/{language}",
            parallel_id=parallel_id,
            language=language,
            locale=row.get("locale", str, locale_of(language)),
            messages=prompt(row.get("query", str), system or row.get("system", str, "")),
            tools=fitting([tool_of(typed(tool, dict, "a tool")) for tool in row.get("tools", list)], calls),
            expected=Expected(calls=calls, no_call=not calls),
            source="itc",
            split=split,
            run_calls=False,
        )

    return only("itc", in_split(tasks_of(rows(path), task), split, held_out), languages, tools)


def _calls(row: Row) -> list[ExpectedCall]:
    answer = row.value.get("answer")
    if "answer" not in row.value:
        raise ValueError("answer is missing")
    answer = without_nulls(answer)
    if isinstance(answer, list):
        answer = {"action": answer}
    written = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    calls = parse_calls(written, "itc")
    if wrong := next((call.error for call in calls if call.error), None):
        raise ValueError(f"answer cannot be read: {wrong}")
    if not calls and not thoughts(written):
        raise ValueError(f"answer cannot be read: neither thought nor action in {written[:60]!r}")
    return [expected_call(call.name, call.arguments) for call in calls]
