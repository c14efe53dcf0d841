"""A reply as the rules of a culture read it, and what a rule says of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from rewards.culture.customs import Customs, customs
from rewards.facts.cldr import Cldr, cldr
from rewards.language.prose import values, without_values
from rewards.reply import accepted, requests
from rewards.text.normalize import Plain, plain
from rewards.text.quotations import unquoted, without_quotations
from rewards.types import Task, Trajectory

LONGEST = 20_000  # characters; what a reply says beyond them is not read
# What is no prose: addresses and numbers to dial.
ADDRESS = re.compile(r"(?:https?://|www\.)[!-~]{1,500}|[!-~]{1,64}@[!-~]{1,200}|\+\d(?:[ ().-]{0,2}\d){6,20}")
DIALLED = re.compile(r"(?!\d{4}-\d\d-\d\d$)\+?\d(?:[ ().-]{0,2}\d){6,}")
MOST_DIGITS = 40  # of a code
ITEM = re.compile(r"^\s*(?:[-*•・–]|\d{1,2}[.)、])\s.*$", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """Whether a rule holds, and why; texts of the reply within ``reason`` are data."""

    held: bool
    reason: str


@dataclass(frozen=True)
class Said:
    """``text`` is what the reply says of its own, without the task's titles and names, ``plain`` the same
    folded, and ``whole`` with all that it says; ``asked`` is what the user wrote; ``to_reader`` is the text without
    quotations, which speak to somebody else, where there is more than these."""

    text: str
    to_reader: str
    plain: Plain
    whole: Plain
    asked: str
    task: Task
    locale: Cldr
    customs: Customs

    @property
    def prose(self) -> str:
        """``to_reader`` without the items of lists, which are somebody's notes and titles."""
        return ITEM.sub(" ", self.to_reader)


Rule = Callable[[Said], Finding | None]


def said(reply: str, task: Task, trajectory: Trajectory) -> Said:
    """Raises ValueError for a locale that CLDR does not know."""
    titles = [value for value in values(task, trajectory) if _is_title(value)]
    whole = unquoted(ADDRESS.sub(" ", reply[:LONGEST]))
    text = without_values(whole, titles)
    for dialled in _dialled(task):
        text = text.replace(dialled, " ")
    for code in (v for v in values(task, trajectory) if v.isdigit() and 4 <= len(v) <= MOST_DIGITS):
        text = re.sub("[ .-]?".join(code), " ", text)  # in groups of anyone's choice
    spoken = without_values(without_quotations(ADDRESS.sub(" ", reply[:LONGEST])), titles)
    asked = "\n".join(requests(task))
    return Said(
        text,
        spoken if 3 * sum(map(str.isalpha, spoken)) > sum(map(str.isalpha, text)) else text,
        plain(text),
        plain(whole),
        without_quotations(asked[:LONGEST]),
        task,
        cldr(task.locale),
        customs(task.locale),
    )


def _is_title(value: str) -> bool:
    """Whether a value is words, and no date, time or amount, whose form is looked at."""
    return sum(map(str.isalpha, value)) > max(1, sum(map(str.isdigit, value)))


def _dialled(task: Task) -> set[str]:
    """Phone numbers and the like that the right calls hold: their groups are not those of an amount."""
    return {value for value in accepted(task) if isinstance(value, str) and DIALLED.fullmatch(value)}


def all_hold(wrong: list[str], seen: object) -> Finding | None:
    """The verdict of a rule that looked at several places: a sentence for each that is ``wrong``; None where it has
    ``seen`` none."""
    if not seen:
        return None
    return Finding(False, "; ".join(wrong[:3])) if wrong else Finding(True, "as the locale has it")
