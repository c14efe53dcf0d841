"""Arithmetic in words, in MGSM's format (Shi et al. 2023, arXiv 2210.03057): ``mgsm_<language>.tsv`` files.

A line is a question, a tab and the answer, a number; lines of one number are parallel. ``data.path`` is a file or the
folder of them. No tools: the answer is the last number of the reply.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from rewards.text.normalize import ascii_digits
from rewards.types import Expected, Task
from rl.data.rows import in_split, locale_of, only, prompt
from rl.errors import UserError


def load(
    path: Path,
    split: str = "train",
    languages: Iterable[str] | None = None,
    tools: Sequence[str] | None = None,
    held_out: float = 1.0,
    system: str | None = None,
) -> list[Task]:
    """A task of each line. Raises UserError with the place of a line that is none."""
    files = sorted(path.glob("*_*.tsv")) if path.is_dir() else [path]
    if not files:
        raise UserError(f"{path} has no files named mgsm_<language>.tsv; point data.path at their folder")
    tasks = [task for file in files for task in _tasks(file, split, system)]
    return only("mgsm", in_split(tasks, split, held_out), languages, tools)


def _tasks(file: Path, split: str, system: str | None) -> Iterator[Task]:
    language = file.stem.rpartition("_")[2]
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").split("\n"), 1):
        if not line.strip():
            continue
        question, tab, answer = line.rpartition("\t")
        value = _number(answer)
        if not tab or value is None:
            raise UserError(f"{file}:{number}: a line is a question, a tab and a number; correct the line")
        yield Task(
            id=f"mgsm/{number}/{language}",
            parallel_id=f"mgsm/{number}",
            language=language,
            locale=locale_of(language),
            messages=prompt(question, system),
            tools=[],
            expected=Expected(no_call=True, facts=[{"kind": "number", "value": value}], reply=answer.strip()),
            source="mgsm",
            split=split,
        )


def _number(text: str) -> float | int | None:
    """MGSM's answers: whole numbers, with a comma at the thousands or without."""
    try:
        value = Decimal(ascii_digits(text.strip()).replace(",", ""))
    except InvalidOperation:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
