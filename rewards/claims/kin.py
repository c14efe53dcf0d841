"""Who: a message that went to one parent or grandparent was not sent to another.

Where the reply names who it is, or one that the request speaks of, nothing is said of it.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from rewards.facts import LONGEST
from rewards.memo import per_task
from rewards.reply import requests
from rewards.text.normalize import find_text, fold, fold_words
from rewards.types import Task


def names_another_of_kin(task: Task, said: str) -> bool:
    """Whether a parent or grandparent is named whom nobody spoke of, instead of who was written to."""
    if not any("contact_id" in call["arguments"] for call in task.expected.calls):
        return False
    named = _named(said[:LONGEST], task)
    if not named or named & _spoken_of(task):
        return False
    return not any(find_text(name, said) for name in _names(task))


@per_task
def _spoken_of(task: Task) -> frozenset[str]:
    return _named("\n".join([*requests(task), *_names(task)]), task)


def _names(task: Task) -> list[str]:
    return [str(name) for fact in task.expected.facts for name in (fact["value"], *fact.get("also", ()))]


def _named(text: str, task: Task) -> frozenset[str]:
    text = fold(text)
    return frozenset(
        who for who, words in _kin(task.language.partition("-")[0]).items() if words.search(text)
    )


@lru_cache(maxsize=64)
def _kin(language: str) -> dict[str, re.Pattern[str]]:
    own = dict(_data().get(language, {}))
    before, after = (r"(?<![\w-])", "(?![a-zß-ɏḁ-ỹа-ґ])") if own.pop("spaced", True) else ("", "")
    return {who: re.compile(f"{before}(?:{fold_words(words)}){after}") for who, words in own.items()}


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return found
