"""When: of what was moved from one time to another, a reply may not tell the old one as the new.

"Your alarm now rings at six" of an alarm that was moved from six to half past seven. That "the 6:00 alarm is gone" or
"changed", and that it rings "not at six any more", is right.
"""

import itertools
import re
from functools import lru_cache
from pathlib import Path

import yaml

from rewards.claims.places import ROAD, leads
from rewards.facts import LONGEST
from rewards.facts.cldr import Cldr, cldr
from rewards.facts.clock import minute_of
from rewards.facts.times import Reading, clock_digits, read_times
from rewards.facts.verdicts import denial
from rewards.memo import per_task
from rewards.sayings import CLAUSE, SENTENCE, words_of
from rewards.text.normalize import SPACELESS, fold_words, plain
from rewards.text.scripts import base
from rewards.types import Task

BESIDE = 24  # characters beside a time
TIME = re.compile(r"\d\d:\d\d")


def keeps_old(task: Task, said: str) -> bool:
    """Whether the reply has the alarm ring at the old time, or moved from the new one to the old."""
    moved = _moved(task)
    if moved is None:
        return False
    (old, new), locale, said = moved, cldr(task.locale), said[:LONGEST]
    sentences = SENTENCE.split(said)
    if any(_goes_back(sentence, old, new, task) for sentence in sentences):
        return True
    clauses = (clause for sentence in sentences for clause in CLAUSE.split(sentence))
    return not _said(new, said, locale) and any(_is_new(clause, task, old) for clause in clauses)


@per_task
def _moved(task: Task) -> tuple[int, int] | None:
    """The old and the new time of an alarm, where it is changed, or cancelled and another one set."""
    calls = {call["name"]: call["arguments"] for call in task.expected.calls}
    if "change_alarm" in calls:
        times = [calls["change_alarm"].get(name) for name in ("datetime", "new_datetime")]
    else:
        times = [calls.get(name, {}).get("datetime") for name in ("cancel_alarm", "set_alarm")]
    old, new = (str(values[0]) if values else "" for values in times)
    return (minute_of(old), minute_of(new)) if TIME.fullmatch(old) and TIME.fullmatch(new) else None


def _said(minute: int, text: str, locale: Cldr) -> list[Reading]:
    return [said for said in read_times(plain(text), locale) if minute in said.halves]


def _goes_back(sentence: str, old: int, new: int, task: Task) -> bool:
    """Whether it goes from the new time to the old."""
    locale, language = cldr(task.locale), base(task.language)
    text, (to, _, _) = clock_digits(plain(sentence), locale).digits, _patterns(language)
    times = [
        (said.start, said.end, minute) for minute in (old, new) for said in _said(minute, sentence, locale)
    ]
    for first, then in itertools.pairwise(sorted(times)):
        between = text[first[1] : then[0]]
        turned = (first[2], then[2]) == (new, old) and len(between) <= ROAD
        if turned and (to.search(between) or "→" in between) and leads(text, first[:2], then[:2], language):
            return True
    return False


def _is_new(clause: str, task: Task, minute: int) -> bool:
    """Whether a clause has it ring at this time, from now on."""
    locale, text = cldr(task.locale), plain(clause)
    written = clock_digits(text, locale).digits
    to, after, rings = _patterns(base(task.language))
    if words_of(task).negated.search(text.text):
        return False
    for said in _said(minute, clause, locale):
        before, behind = (
            written[max(0, said.start - BESIDE) : said.start],
            written[said.end : said.end + BESIDE],
        )
        denied = denial(locale)[0].search(before) or denial(locale)[1].match(behind)
        if not denied and (to.search(before) or after.match(behind) or rings.search(text.text)):
            return True
    return False


@lru_cache(maxsize=64)
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    own = _data().get(language, {})
    to, after, rings = (fold_words(own.get(key, "(?!)")) for key in ("to", "after", "rings"))
    whole = "" if language in SPACELESS else r"(?<![^\W\d_])"
    return (
        re.compile(rf"{whole}(?:{to})\s?$"),
        re.compile(rf"\s?(?:{after})"),
        re.compile(rf"{whole}(?:{rings})"),
    )


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return found
