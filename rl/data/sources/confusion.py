"""The Language Confusion Benchmark's prompts (Marchisio et al. 2024, arXiv 2406.20052): in which language is replied?

``data.path`` is the folder ``test_sets`` of github.com/for-ai/language-confusion (Apache-2.0), or one below it: CSV
files with a column ``prompt``, ``monolingual/<data>/<language>.csv`` and ``crosslingual/<data>/<language>.csv``. The
file names the language of the reply; in cross-lingual ones the prompt asks in English for it.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rewards.types import Expected, Task
from rl.data.rows import in_split, locale_of, only, prompt
from rl.errors import UserError

SETTINGS = ("monolingual", "crosslingual")


def load(
    path: Path,
    split: str = "train",
    languages: Iterable[str] | None = None,
    tools: Sequence[str] | None = None,
    held_out: float = 1.0,
    system: str | None = None,
) -> list[Task]:
    """A task of each prompt; none is parallel to another. Raises UserError for a file without prompts."""
    files = sorted(path.rglob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise UserError(f"{path} has no files named <language>.csv; point data.path at the folder test_sets")
    tasks = [task for file in files for task in _tasks(file, split, system)]
    return only("confusion", in_split(tasks, split, held_out), languages, tools)


def setting_of(task: Task) -> str:
    """``monolingual`` or ``crosslingual``; the former where the folders do not say."""
    return next((part for part in task.id.split("/") if part in SETTINGS), SETTINGS[0])


def _tasks(file: Path, split: str, system: str | None) -> Iterator[Task]:
    language = file.stem
    with file.open(encoding="utf-8-sig", newline="") as lines:
        found = csv.DictReader(lines)
        if "prompt" not in (found.fieldnames or ()):
            raise UserError(f"{file} has no column prompt; take the benchmark's own files")
        for number, row in enumerate(found, 1):
            own = f"confusion/{'/'.join(file.parts[-3:-1])}/{number}/{language}"
            yield Task(
                id=own,
                parallel_id=own,
                language=language,
                locale=locale_of(language),
                messages=prompt(row["prompt"], system),
                tools=[],
                expected=Expected(no_call=True),
                source="confusion",
                split=split,
            )
