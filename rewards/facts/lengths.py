"""Lengths of time: half an hour, 90 minutes, an hour and 20 minutes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from rewards.facts.cldr import Cldr, cldr
from rewards.facts.numbers import Found, find_number
from rewards.facts.terms import Terms, beside, unit_patterns
from rewards.facts.words import any_of, words
from rewards.text.normalize import UNSPACED_LANGUAGES, Plain

DURATIONS = {
    "second": "duration-second",
    "minute": "duration-minute",
    "hour": "duration-hour",
    "day": "duration-day",
}
MINUTES = {"second": 1 / 60, "minute": 1, "hour": 60, "day": 24 * 60}
ENDED = r"(?![^\W\d_\u0500-\U0010ffff])"  # no letter goes on, in a script with spaces between words


@dataclass(frozen=True)
class Length:
    """A length of time in more than one word, or in hours, and where it stands."""

    minutes: int
    start: int
    end: int
    whole: bool  # whether a number in it means only a part of it


def find_duration(value: float, unit: str, text: Plain, locale: Cldr) -> Iterator[Found]:
    """All places that state a length of time in ``unit``, also as half an hour, an hour and 20 minutes, or without
    its unit; a number of another one is none, nor is a part of a longer one."""
    terms, lengths = duration_terms(locale), list(_lengths(text, locale))
    parts = _places(one for one in lengths if one.whole)
    for found in find_number(value, text, locale):
        before, after = beside(found, text, terms)
        said = (terms.after[after] if after else set()) | (terms.before[before] if before else set())
        if (not said or unit in said) and found.start not in parts:
            yield found
    for one in lengths:
        if one.minutes == value * MINUTES[unit]:
            yield Found(one.start, one.end, local=True)


def _lengths(text: Plain, locale: Cldr) -> Iterator[Length]:
    """Phrases such as half an hour, and hours with the minutes after them: 2 hours, an hour and 20 minutes, 1h20."""
    phrases = [
        Length(minutes, *match.span(), whole=True)
        for pattern, minutes in words(locale).half
        for match in pattern.finditer(text.digits)
    ]
    phrases = list(_outermost(phrases))
    yield from phrases
    taken = _places(phrases)
    hours, rest = _clock_of_lengths(locale)
    for match in hours.finditer(text.digits):
        after = rest.match(text.digits, match.end())
        said = (match["after"] or match["before"] or "1").replace(",", ".")
        minutes = Decimal(said) * 60 + (int(after["minutes"]) if after else 0)
        if match.start() not in taken:
            yield Length(int(minutes), match.start(), (after or match).end(), whole=after is not None)


def _outermost(lengths: Iterable[Length]) -> Iterator[Length]:
    """Those that stand in no other: "half an hour" has no hour."""
    reach = 0
    for one in sorted(lengths, key=lambda one: (one.start, -one.end)):
        if one.end > reach:
            reach = one.end
            yield one


def _places(lengths: Iterable[Length]) -> set[int]:
    return {place for one in lengths for place in range(one.start, one.end)}


@lru_cache(maxsize=256)
def _clock_of_lengths(locale: Cldr) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A count of hours, and the minutes that may follow it."""
    terms = duration_terms(locale)
    after, before = (_of_unit("hour", side) for side in (terms.after, terms.before))
    minute = _of_unit("minute", terms.before)
    count = r"\d{1,3}(?:[.,]\d{1,2})?"
    return (
        re.compile(
            rf"(?<![\d.,:])(?P<after>{count})[ ']?(?:h|{after}){ENDED}"
            rf"|(?:{before})\s(?P<before>{count})(?![\d:])|{words(locale).hour}"
        ),
        re.compile(rf"[^\d.;!?]{{0,6}}(?:(?:{minute})\s)?(?P<minutes>\d{{1,2}})(?![\d:/])"),
    )


def _of_unit(unit: str, side: dict[str, set[str]]) -> str:
    """The terms of one unit as a pattern, the longest first."""
    return any_of(term for term, units in side.items() if units == {unit})


@lru_cache(maxsize=256)
def duration_terms(locale: Cldr) -> Terms:
    """Words for units of time, in the locale's language and in English."""
    terms = Terms()
    for source, own in ((cldr("en"), False), (locale, True)):
        for unit, key in DURATIONS.items():
            for pattern in unit_patterns(source, key):
                head, _, tail = pattern.partition("{0}")
                if len(head.strip()) > 1:
                    terms.add(terms.before, head, unit, own)
                if len(tail.strip()) > 1 or locale.language in UNSPACED_LANGUAGES:
                    terms.add(terms.after, tail, unit, own)
    for unit, names in words(locale).durations.items():
        for name in names:
            terms.add(terms.after, name, unit, own=True)
    return terms
