"""What the tests of the catalog share."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from rewards.types import Task
from rl.data.catalog import phrases
from rl.data.catalog.words import SLOT

LANGUAGES = ["ar", "bn", "de", "en", "es", "fr", "hi", "ja", "ko", "pt", "ru", "sw", "te", "th", "zh"]
SPLITS = ("train", "test")
CLOSED = {  # classes that both splits share
    "country",
    "currency",
    "foreign",
    "units",
    "people",
    "rating",
    "service",
    "place",
    "account",
}
each_language = pytest.mark.parametrize("language", LANGUAGES)


def kind_of(task: Task) -> str:
    return task.parallel_id.split("/")[2]


def request_of(task: Task) -> str:
    return str(task.messages[-1]["content"])


def arguments(task: Task) -> Iterator[tuple[str, str, list[Any]]]:
    """(tool, argument, acceptable values) of every gold call."""
    for call in task.expected.calls:
        for argument, values in call["arguments"].items():
            yield call["name"], argument, values


def templates(language: str, split: str) -> Iterator[tuple[str, str]]:
    """(kind, request template)."""
    file = phrases(language)
    for kind, phrasing in file["tools"].items():
        yield from ((kind, template) for template in phrasing["requests"][split])
    yield from (("small_talk", pair["request"]) for pair in file["small_talk"][split])


def reply_templates(language: str, split: str) -> Iterator[tuple[str, str]]:
    """(kind, reply template)."""
    for kind, phrasing in phrases(language)["tools"].items():
        for name in ("replies", "replies_no"):
            yield from ((kind, template) for template in phrasing.get(name, {}).get(split, ()))
    yield from (("small_talk", pair["reply"]) for pair in phrases(language)["small_talk"][split])


def letters(text: str) -> Counter[str]:
    """How often each script occurs among the letters (the first word of each letter's Unicode name)."""
    return Counter(unicodedata.name(c).split()[0] for c in text if c.isalpha())


def wording(template: str) -> str:
    """The template's words alone: no case, no punctuation, every slot alike."""
    plain = SLOT.sub(" § ", unicodedata.normalize("NFKC", template)).casefold()
    return " ".join("".join(c if c.isalnum() or c == "§" else " " for c in plain).split())
