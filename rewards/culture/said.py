"""A reply as the rules of a culture read it, and what a rule says of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from rewards.culture.customs import Customs, customs
from rewards.facts.cldr import Cldr, cldr
from rewards.facts.text import Plain, plain
from rewards.types import Task

LONGEST = 20_000  # characters; what a reply says beyond them is not read
# What others wrote and what is no prose: quotations, addresses, codes with digits in them.
QUOTED = re.compile(
    r'"[^"\n]{1,200}"|“[^”\n]{1,200}”|«[^»\n]{1,200}»|„[^“”\n]{1,200}[“”]|「[^」\n]{1,200}」|『[^』\n]{1,200}』'
    r"|《[^》\n]{1,200}》|‘[^’\n]{1,200}’|`[^`\n]{1,200}`"
    r"|(?:https?://|www\.)[!-~]{1,500}|[!-~]{1,64}@[!-~]{1,200}"
)
DIALLED = re.compile(r"(?!\d{4}-\d\d-\d\d$)\+?\d(?:[ ().-]{0,2}\d){6,}")


@dataclass(frozen=True)
class Verdict:
    """Whether a rule holds, and why; texts of the reply within ``reason`` are data."""

    held: bool
    reason: str


@dataclass(frozen=True)
class Said:
    """``text`` is the reply's own prose, ``plain`` the same folded; ``asked`` is what the user wrote."""

    text: str
    plain: Plain
    asked: str
    task: Task
    locale: Cldr
    customs: Customs


Rule = Callable[[Said], Verdict | None]


def said(reply: str, asked: str, task: Task) -> Said:
    """Raises ValueError for a locale that CLDR does not know."""
    text = QUOTED.sub(" ", reply[:LONGEST])
    for dialled in _dialled(task):
        text = text.replace(dialled, " ")
    return Said(
        text,
        plain(text),
        QUOTED.sub(" ", asked[:LONGEST]),
        task,
        cldr(task.locale),
        customs(task.locale),
    )


def _dialled(task: Task) -> set[str]:
    """Phone numbers and the like that the right calls hold: their groups are not those of an amount."""
    values = (v for call in task.expected.calls for some in call["arguments"].values() for v in some)
    return {value for value in values if isinstance(value, str) and DIALLED.fullmatch(value)}


def all_hold(wrong: list[str], seen: object) -> Verdict | None:
    """The verdict of a rule that looked at several places: the wrong ones as (what, why) sentences."""
    if not seen:
        return None
    return Verdict(False, "; ".join(wrong[:3])) if wrong else Verdict(True, "as the locale has it")
