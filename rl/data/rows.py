"""Rows of other people's files: JSON lines or one JSON array, each row with the place where it stands."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeVar

from babel.core import get_global

from rewards.schema import typed
from rewards.types import Task
from rl.errors import UserError, hint
from sandbox.lines import numbered

SPLITS = ("train", "test")
T = TypeVar("T")


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


def rows(path: Path, pattern: str = "*.json*") -> Iterator[Row]:
    """The rows of a file, or of a folder's files in the order of their names. Raises UserError."""
    files = sorted(path.rglob(pattern)) if path.is_dir() else [path]
    if not files:
        raise UserError(f"{path} has no files named {pattern}; point data.path at the data's file or folder")
    for file in files:
        try:
            yield from _file_rows(file, file.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError:
            raise UserError(f"{file} is not UTF-8 text; convert it") from None


def tasks_of(found: Iterable[Row], task: Callable[[Row], T | None]) -> list[T]:
    """A task, or something else, of each row (None: the row is none). What is wrong with a row becomes a UserError with its place."""
    made: list[T | None] = []
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
    return [t for t in tasks if (share_of(t.parallel_id) < held_out) == (split == "test")]


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


def shown(needed: Iterable[str], others: Sequence[str], count: int, parallel_id: str) -> list[str]:
    """The needed tools among others, ``count`` in all, in an order that tells nothing, the same in all
    languages."""
    rng = Random(f"{parallel_id}/tools")
    first = list(needed)
    found = [*first, *rng.sample(others, min(max(count - len(first), 0), len(others)))]
    rng.shuffle(found)
    return found


def share_of(text: str) -> float:
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
    for number, line in numbered(text):
        try:
            yield json.loads(line), number
        except (json.JSONDecodeError, RecursionError) as error:
            raise UserError(f"{file}:{number}: not JSON: {error}; correct the row or take it out") from None


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
