"""Days that are said from today: tomorrow, on Saturday, next Tuesday, on the 10th.

The words are in ``dates.yaml``, the names of the weekdays are CLDR's.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from rewards.facts.cldr import Cldr
from rewards.text.normalize import UNSPACED_LANGUAGES, Plain, fold, fold_words
from sandbox.catalog.clock import NOW

TODAY = NOW.date()  # every session's
WEEK, MONTH = 7, 30
BESIDE = 24  # characters beside a weekday
DAY = r"(?<!\d)(?<!\d[-/.,:])(\d{1,2})(?!\d)"
ORDINAL = r"(?:(?:\.?[ºª°oa]|st|nd|rd|th|er|ste|de|:[aes]|o|ησ?|-?(?:go|го|ого|е|ое|й|ій|те|me|e|ème)(?!\w)|ই|শে|রা|লা|ঠা|\.)(?![^\W\d_]))?"


class Day(NamedTuple):
    """A day as it stands in a text: the days from today that it is, and its weekday, 1 to 7 from Monday, if named."""

    start: int
    end: int
    ahead: frozenset[int]
    weekday: int | None = None


@lru_cache(maxsize=1)
def _dates() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(
        Path(__file__).with_name("dates.yaml").read_text("utf-8")
    )
    return found


@lru_cache(maxsize=256)
def words_of(locale: Cldr) -> dict[str, Any]:
    """The language's words for dates; a region may have orders of its own."""
    data = _dates()
    own = data.get(locale.language, {})
    region = f"{locale.language}-{locale.locale.territory}"
    british = "en-GB" if locale.language == "en" and locale.locale.territory not in (None, "US") else region
    return own | data.get(region, data.get(british, {}))


@lru_cache(maxsize=64)
def read_days(text: Plain, locale: Cldr) -> tuple[Day, ...]:
    """Every day in the text that is said by its weekday or by a word for it."""
    never = [match.span() for match in _never(locale).finditer(text.text)]
    found = (*_relative(text, locale), *_weekdays(text, locale))
    return tuple(said for said in found if not any(a < said.end and said.start < b for a, b in never))


def _relative(text: Plain, locale: Cldr) -> Iterator[Day]:
    for match in _words(locale).finditer(text.text):
        yield Day(*match.span(), frozenset({int((match.lastgroup or "")[1:])}))


def _weekdays(text: Plain, locale: Cldr) -> Iterator[Day]:
    """A weekday means the next one; "next Tuesday" may be the one after it."""
    before, after = _next(locale)
    for match in _names(locale).finditer(text.text):
        weekday = int((match.lastgroup or "")[1:])
        ahead = (weekday - TODAY.isoweekday() - 1) % WEEK + 1
        later = before.search(text.text[max(0, match.start() - BESIDE) : match.start()]) or after.match(
            text.text, match.end()
        )
        yield Day(*match.span(), frozenset({ahead, ahead + WEEK} if later else {ahead}), weekday)


def days_of_month(text: Plain, spoken: Plain, locale: Cldr) -> Iterator[Day]:
    """Days within a month that are said without it: "the 10th", "mardi 10"; ``spoken``: in digits."""
    for match in of_month(locale).finditer(spoken.digits):
        yield Day(*match.span(), _with_number(int(next(filter(None, match.groups())))))
    for said in read_days(text, locale):
        beside = re.match(rf"[\s,]{{0,2}}(?:[^\W\d_]{{1,4}}\s)?{DAY}{ORDINAL}", text.digits[said.end :])
        if said.weekday and beside:
            ahead = {n for n in _with_number(int(beside[1])) if _weekday_in(n) == said.weekday}
            yield Day(said.start, said.end + beside.end(), frozenset(ahead), said.weekday)


def this_year(month: int, day: int) -> set[date]:
    """The date in this year, if it has it: what a session says may name February 30."""
    try:
        return {date(TODAY.year, month, day)}
    except ValueError:
        return set()


def _with_number(number: int) -> frozenset[int]:
    return frozenset(n for n in range(1, MONTH + 1) if (TODAY + timedelta(n)).day == number)


def _weekday_in(ahead: int) -> int:
    return (TODAY + timedelta(ahead)).isoweekday()


def contradicts(said: Day, dates: set[date], known: tuple[Day, ...]) -> bool:
    """Whether a day is none of the dates, and none of the ``known`` days. What is said of today may be anything."""
    if not any(said.ahead):
        return False
    if said.weekday:
        weekdays = {day.isoweekday() for day in dates} | {day.weekday for day in known}
        return said.weekday not in weekdays | {_weekday_in(n) for day in known for n in day.ahead}
    days = {(day - TODAY).days for day in dates}.union(*(day.ahead for day in known))
    return not said.ahead & days


@lru_cache(maxsize=256)
def _never(locale: Cldr) -> re.Pattern[str]:
    """Where the words mean something else: "am Morgen" is in the morning, "minggu depan" next week."""
    return re.compile(fold_words(words_of(locale).get("never", "(?!)")))


@lru_cache(maxsize=256)
def _words(locale: Cldr) -> re.Pattern[str]:
    """Words for days from today, in groups d0 to d2; "pasado mañana" before "mañana"."""
    days = sorted(words_of(locale).get("days", {}).items(), reverse=True)
    return _whole([f"(?P<d{ahead}>{fold('|'.join(words))})" for ahead, words in days], locale)


def _whole(branches: list[str], locale: Cldr) -> re.Pattern[str]:
    body = f"(?:{'|'.join(branches) or '(?!)'})"
    spaced = locale.language not in UNSPACED_LANGUAGES
    return re.compile(rf"(?<![^\W_]){body}(?![^\W_])" if spaced else body)


@lru_cache(maxsize=256)
def _names(locale: Cldr) -> re.Pattern[str]:
    """The names of the weekdays, in groups d1 to d7 from Monday."""
    return _whole([f"(?P<d{number}>{_weekday(number, locale)})" for number in range(1, WEEK + 1)], locale)


def weekday_names(locale: Cldr) -> str:
    """A pattern of the name of any weekday."""
    return "|".join(_weekday(number, locale) for number in range(1, WEEK + 1))


def _weekday(number: int, locale: Cldr) -> str:
    """The names of a weekday, 1 to 7 from Monday, in the cases that its language puts them."""
    names = {fold(locale.locale.days[context]["wide"][number - 1]) for context in ("format", "stand-alone")}
    more = {fold(name) for name in words_of(locale).get("names", {}).get(number, ())}
    cut, endings = words_of(locale).get("week", (0, ""))
    inflected = {f"{re.escape(name[: len(name) - cut])}(?:{endings})?" for name in names}
    short = {re.escape(name.split("-")[0]) for name in names if name.endswith("-feira")}
    return "|".join(sorted({*map(re.escape, names | more), *inflected, *short}, key=len, reverse=True))


@lru_cache(maxsize=256)
def _next(locale: Cldr) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Words for "next", before a weekday and after it."""
    body = fold_words(words_of(locale).get("next", "(?!)"))
    spaced = locale.language not in UNSPACED_LANGUAGES
    left, right = (r"(?<![^\W_])", r"(?![^\W_])") if spaced else ("", "")
    return re.compile(rf"{left}(?:{body})\W{{0,2}}$"), re.compile(rf"\W{{0,2}}(?:{body}){right}")


@lru_cache(maxsize=256)
def of_month(locale: Cldr) -> re.Pattern[str]:
    form = words_of(locale).get("day", "(?!)")
    left = "" if locale.language in UNSPACED_LANGUAGES else r"(?<![^\W_])"
    return re.compile(f"{left}(?:{fold_words(form)})".replace("{d}", DAY))
