"""When: of what was moved from one time to another, a reply may not tell the old one as the new.

"Your alarm now rings at six" of an alarm that was moved from six to half past seven. That "the 6:00 alarm is gone" or
"changed", and that it rings "not at six any more", is right.
"""

import re
from functools import lru_cache
from pathlib import Path

import yaml

from rewards.facts.cldr import Cldr, cldr
from rewards.facts.times import Reading, clock_digits, read_times
from rewards.facts.verdicts import denial
from rewards.memo import per_task
from rewards.places import ROAD, leads
from rewards.sayings import CLAUSE, SENTENCE, words_of
from rewards.text.normalize import fold_words, plain
from rewards.types import Task

BESIDE = 24  # characters beside a time


def keeps_old(task: Task, said: str) -> bool:
    """Whether the reply has the alarm ring at the old time, or moved from the new one to the old."""
    moved, locale = _moved(task), cldr(task.locale)
    if moved is None:
        return False
    for sentence in SENTENCE.split(said):
        text = clock_digits(plain(sentence), locale).digits
        old, new = (_said(minute, sentence, locale) for minute in moved)
        if any(_turned(text, one, other, task) for one in new for other in old):
            return True
        if (
            old
            and not _said(moved[1], said, locale)
            and any(_is_new(c, task, moved[0]) for c in CLAUSE.split(sentence))
        ):
            return True
    return False


@per_task
def _moved(task: Task) -> tuple[int, int] | None:
    """The old and the new time of an alarm, where it is changed, or cancelled and another one set."""
    calls = {call["name"]: call["arguments"] for call in task.expected.calls}
    if "change_alarm" in calls:
        times = [calls["change_alarm"].get(name) for name in ("datetime", "new_datetime")]
    else:
        times = [calls.get(name, {}).get("datetime") for name in ("cancel_alarm", "set_alarm")]
    found = [re.fullmatch(r"(\d\d):(\d\d)", str(values[0])) if values else None for values in times]
    return tuple(int(one[1]) * 60 + int(one[2]) for one in found) if all(found) else None


def _said(minute: int, text: str, locale: Cldr) -> list[Reading]:
    return [said for said in read_times(plain(text), locale) if minute in said.halves]


def _turned(text: str, new: Reading, old: Reading, task: Task) -> bool:
    """Whether it goes from the new time to the old."""
    to, _, _ = _patterns(task.language.split("-")[0])
    between = text[new.end : old.start]
    near = new.end <= old.start <= new.end + ROAD and (to.search(between) or "→" in between)
    return bool(near) and leads(text, (new.start, new.end), (old.start, old.end), task.language.split("-")[0])


def _is_new(clause: str, task: Task, minute: int) -> bool:
    """Whether a clause has it ring at this time, from now on."""
    locale, text = cldr(task.locale), plain(clause)
    written = clock_digits(text, locale).digits
    to, after, rings = _patterns(task.language.split("-")[0])
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
    whole = "" if language in ("zh", "ja", "th") else r"(?<![^\W\d_])"
    return (
        re.compile(rf"{whole}(?:{to})\s?$"),
        re.compile(rf"\s?(?:{after})"),
        re.compile(rf"{whole}(?:{rings})"),
    )


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return found
