"""Berkeley Function Calling Leaderboard v4: the single-turn categories, judged by its own rules.

``data.path`` is the folder with ``BFCL_v4_<category>.json`` and ``possible_answer/``, as the leaderboard
publishes them (Patil et al. 2025; github.com/ShishirPatil/gorilla, Apache-2.0): JSON lines of ``id``,
``question`` (turns of messages) and ``function``, and of ``id`` and ``ground_truth``.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rewards.types import Expected, Task
from rl.data.rows import Row, fitting, in_split, only, rows, spec, tasks_of, typed
from rl.errors import UserError
from sandbox.types import ToolSpec

FILES = "BFCL_v*_*.json"
NO_CALL = "irrelevance"


def load(
    path: Path,
    split: str = "train",
    languages: Iterable[str] | None = None,
    tools: Sequence[str] | None = None,
    underscore_names: bool = False,
    held_out: float = 0.0,
    system: str | None = None,
) -> list[Task]:
    """The tasks of all categories in the folder, in the files' order; ids are the leaderboard's.

    ``underscore_names`` turns ``.`` in names of functions to ``_``, for models that cannot write dots.
    """
    answers = _answers(path)

    def task(row: Row) -> Task:
        id = row.get("id", str)
        functions = [_tool(typed(f, dict, "function"), underscore_names) for f in row.get("function", list)]
        no_call = NO_CALL in id
        if not no_call and id not in answers:
            raise ValueError(f"{id} has no line in possible_answer")
        calls = [] if no_call else [_call(c, underscore_names) for c in answers[id]]
        return Task(
            id=id,
            parallel_id=id,
            language="en",
            locale="en-US",
            messages=_messages(row, system),
            tools=fitting(functions, [c | {"arguments": _plain(c["arguments"])} for c in calls]),
            expected=Expected(calls=calls, rules="bfcl", no_call=no_call),
            source="bfcl",
            split=split,
            run_calls=False,
        )

    questions = [row for file in _files(path) for row in rows(file)]
    return only("bfcl", in_split(tasks_of(questions, task), split, held_out), languages, tools)


def _files(path: Path) -> list[Path]:
    files = sorted(path.glob(FILES))
    if not files:
        raise UserError(f"{path} has no {FILES}; point data.path at the leaderboard's folder of questions")
    return files


def _answers(path: Path) -> dict[str, list[dict[str, Any]]]:
    folder = path / "possible_answer"
    found = [row for file in sorted(folder.glob(FILES)) for row in rows(file)]
    try:
        return {row.get("id", str): row.get("ground_truth", list) for row in found}
    except ValueError as error:
        raise UserError(f"{folder}: {error}; take the leaderboard's own files") from None


def _messages(row: Row, system: str | None) -> list[dict[str, Any]]:
    turns = row.get("question", list)
    if len(turns) != 1:
        raise ValueError(f"question has {len(turns)} turns where one is read")
    messages = [dict(typed(message, dict, "question")) for message in typed(turns[0], list, "question")]
    own = any(message.get("role") == "system" for message in messages)
    return messages if own or not system else [{"role": "system", "content": system}, *messages]


def _tool(function: dict[str, Any], underscore_names: bool) -> ToolSpec:
    name = _name(function.get("name"), underscore_names)
    return spec(name, function.get("description"), function.get("parameters"))


def _call(answer: Any, underscore_names: bool) -> dict[str, Any]:
    ((name, arguments),) = typed(answer, dict, "ground_truth").items()
    return {
        "name": _name(name, underscore_names),
        "arguments": typed(arguments, dict, f"the answer of {name}"),
    }


def gold(answers: dict[str, list[Any]]) -> dict[str, Any]:
    """The arguments of an answer as a model would write them, without those that may be left out."""
    return {name: _value(values[0]) for name, values in answers.items() if values and "" not in values}


def _value(answer: Any) -> Any:
    """An acceptable value; a dict's own values are lists of acceptable ones."""
    if isinstance(answer, dict):
        return gold({key: v if isinstance(v, list) and v else [v] for key, v in answer.items()})
    return (
        [_value(item) if isinstance(item, dict) else item for item in answer]
        if isinstance(answer, list)
        else answer
    )


def _plain(arguments: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: [_value(value) for value in values] for name, values in arguments.items()}


def _name(name: Any, underscore_names: bool) -> Any:
    return name.replace(".", "_") if underscore_names and isinstance(name, str) else name
