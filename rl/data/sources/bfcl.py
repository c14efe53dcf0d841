"""Berkeley Function Calling Leaderboard v4: the single-turn categories, judged by its own rules.

``data.path`` is the folder with ``BFCL_v4_<category>.json`` and ``possible_answer/``, as the leaderboard
publishes them (Patil et al. 2025; github.com/ShishirPatil/gorilla, Apache-2.0): JSON lines of ``id``,
``question`` (turns of messages) and ``function``, and of ``id`` and ``ground_truth``. Without a path they
are taken from the package ``bfcl-eval``, where that is installed.
"""

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rewards.schema import typed
from rewards.types import Expected, ExpectedCall, Task
from rl.data.rows import Row, in_split, only, rows, tasks_of
from rl.data.tools import fitting, spec, without_nulls
from rl.errors import UserError, hint
from sandbox.types import ToolSpec

FILES = "BFCL_v*_*.json"
CATEGORIES = (
    "irrelevance", "live_irrelevance", "live_multiple", "live_parallel", "live_parallel_multiple", "live_relevance",
    "live_simple", "multiple", "parallel", "parallel_multiple", "simple_python",
)  # fmt: skip
NO_CALL, ANY_CALL = "irrelevance", "relevance"


def load(
    path: Path | None = None,
    split: str = "train",
    languages: Iterable[str] | None = None,
    tools: Sequence[str] | None = None,
    underscore_names: bool = False,
    categories: Sequence[str] | None = None,
    held_out: float = 0.0,
    system: str | None = None,
) -> list[Task]:
    """The tasks of the categories (default: all of one turn in Python) that the folder has, in the files'
    order; ids are the leaderboard's.

    ``underscore_names`` turns ``.`` in names of functions to ``_``, for models that cannot write dots.
    Raises UserError for a category of several turns, of another language, or that the folder lacks.
    """
    folder = path or installed()
    files = question_files(folder, categories)
    answers = answers_of(folder, [category for category, _ in files])

    def task(row: Row) -> Task:
        id = row.get("id", str)
        functions = [_tool(typed(f, dict, "function"), underscore_names) for f in row.get("function", list)]
        no_call = NO_CALL in id
        if id not in answers and not no_call and ANY_CALL not in id:
            raise ValueError(f"{id} has no line in possible_answer")
        calls = [] if no_call else [_call(c, underscore_names) for c in answers.get(id, [])]
        plain = [c | {"arguments": _plain(c["arguments"])} for c in calls]
        return Task(
            id=id,
            parallel_id=id,
            language="en",
            locale="en-US",
            messages=_messages(row, system),
            tools=fitting(functions, plain, required_as_said=True),
            expected=Expected(calls=calls, rules="bfcl", no_call=no_call),
            source="bfcl",
            split=split,
            run_calls=False,
        )

    questions = [row for _, file in files for row in rows(file)]
    return only("bfcl", in_split(tasks_of(questions, task), split, held_out), languages, tools)


def installed() -> Path:
    package = find_spec("bfcl_eval")
    if package is None or package.origin is None:
        raise UserError(
            "data=bfcl needs data.path, the leaderboard's folder of questions, or its package: "
            "pip install --no-deps bfcl-eval"
        )
    return Path(package.origin).parent / "data"


def question_files(folder: Path, categories: Sequence[str] | None) -> list[tuple[str, Path]]:
    """(category, file) of each that is read."""
    for category in categories or ():
        if category not in CATEGORIES:
            raise UserError(
                f"bfcl's category {category!r} is none that is read here{hint(category, CATEGORIES)}; "
                f"there are {', '.join(CATEGORIES)}"
            )
    found = [(file.stem.split("_", 2)[-1], file) for file in sorted(folder.glob(FILES))]
    files = [(category, file) for category, file in found if category in (categories or CATEGORIES)]
    if not files:
        raise UserError(f"{folder} has no {FILES}; point data.path at the leaderboard's folder of questions")
    for category in categories or ():
        if category not in dict(files):
            raise UserError(f"{folder} has no questions of {category}; it has {', '.join(dict(files))}")
    return files


def answers_of(path: Path, categories: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    folder = path / "possible_answer"
    files = [file for file in sorted(folder.glob(FILES)) if file.stem.split("_", 2)[-1] in categories]
    found = [row for file in files for row in rows(file)]
    try:
        return {row.get("id", str): row.get("ground_truth", list) for row in found}
    except ValueError as error:
        raise UserError(f"{folder}: {error}; take the leaderboard's own files") from None


def _messages(row: Row, system: str | None) -> list[dict[str, Any]]:
    turns = row.get("question", list)
    if len(turns) != 1:
        raise ValueError(f"question has {len(turns)} turns where one is read")
    messages = [without_nulls(typed(m, dict, "question")) for m in typed(turns[0], list, "question")]
    own = any(message.get("role") == "system" for message in messages)
    return messages if own or not system else [{"role": "system", "content": system}, *messages]


def _tool(function: dict[str, Any], underscore_names: bool) -> ToolSpec:
    name = _name(function.get("name"), underscore_names)
    return spec(name, function.get("description"), function.get("parameters"))


def _call(answer: Any, underscore_names: bool) -> ExpectedCall:
    ((name, arguments),) = typed(answer, dict, "ground_truth").items()
    return {
        "name": _name(name, underscore_names),
        "arguments": typed(arguments, dict, f"the answer of {name}"),
    }


def gold(answers: dict[str, list[Any]], required: Sequence[str] = ()) -> dict[str, Any]:
    """The arguments of an answer as a model would write them, without those that may be left out: the data says so of
    some that their tool demands, and those are given."""
    return {
        name: _value(next((value for value in values if value != ""), ""))
        for name, values in answers.items()
        if values and ("" not in values or name in required)
    }


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
