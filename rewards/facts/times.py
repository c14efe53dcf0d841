"""Finding one time of day in a text: on a 24-hour or a 12-hour clock, with half and quarter, in a language's own way.

What a language says is in ``clock``. Number words are digits before anything is looked for (``numerals``).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import time
from functools import lru_cache
from typing import NamedTuple

from rewards.facts.cldr import Cldr, unquoted
from rewards.facts.clock import ANY, DAY, HALF_DAY, Clock, SaidTime, clock_of
from rewards.facts.numbers import Found, digits_known
from rewards.facts.numerals import in_digits
from rewards.facts.ranges import begins_range, in_ranges
from rewards.text.normalize import Plain, matches

LATIN_HALVES = frozenset({"am", "pm", "a.m.", "p.m.", "a. m.", "p. m.", "a.m", "p.m"})
PARTING = re.compile(r"[,\n]")
BEFORE, AFTER = 40, 44  # characters beside a time in which its part of the day stands
LIST = 40  # characters between the times of a list
SENTENCE = re.compile(r"[.;!?。！？।\n](?!\d)")
ON_THE_HOUR = re.compile(r":|uhr|o'clock|時|시|[点點]|นาฬิกา|\buur\b")  # no length of time
AM_IS_A_WORD = ("de", "gsw", "lb", "ro")
AM_AND_WORD = re.compile(r"am\s[^\W\d_]")
A_LITTLE = (None, "早", "晚")  # what 一点 is after none, or after these: 早一点 is a little earlier
MERIDIEM = re.compile(r"\s?[ap]\.?\s?m")
RUN = re.compile(r"\d+")
BESIDE_HOUR = re.compile(r"(?P<number>\d{1,2})(?P<link>\D{0,8})$")
LINKED = re.compile(r"\W+(?:\w{1,3}\W+)?")  # with a preposition at most


class Reading(NamedTuple):
    """A time in a text: where, in its digits (``in_digits`` with ordinals), the minutes after midnight that it may
    be, whether a native writes it so, and whether it can be nothing else, such as a length of time.

    ``halves``: what it may be, too, for who knows the half of the day that it leaves out. ``led``: it hardly is
    anything else. ``numbers``: those said in it."""

    start: int
    end: int
    minutes: frozenset[int]
    local: bool
    sure: bool
    halves: frozenset[int]
    led: bool
    numbers: frozenset[int]


def find_time(value: str, text: Plain, locale: Cldr) -> Iterator[Found]:
    """All places that state "HH:MM"; a 12-hour form needs a word that says which half of the day."""
    moment = time.fromisoformat(value)
    minute = moment.hour * 60 + moment.minute
    for said in read_times(text, locale):
        if minute in said.minutes:
            yield Found(said.start, said.end, said.local)


@lru_cache(maxsize=64)
def read_times(text: Plain, locale: Cldr) -> tuple[Reading, ...]:
    """Every time in the text."""
    return tuple(_read(clock_digits(text, locale), text, locale))


def clock_digits(text: Plain, locale: Cldr) -> Plain:
    """The text in digits, where a time is looked for: an hour and its minutes in words are two numbers."""
    parted = clock_of(locale).parted
    for match in reversed(list(parted.finditer(text.text)) if parted else ()):
        text = Plain(*(f"{side[: match.end()]}:{side[match.end() :]}" for side in (text.text, text.digits)))
    digits, dash = in_digits(text, locale, ordinals=True), clock_of(locale).dash
    return Plain(*(dash.sub("–", side) for side in (digits.text, digits.digits)))


def _read(text: Plain, written: Plain, locale: Cldr) -> Iterator[Reading]:
    found = sorted(_said(text.digits, locale), key=lambda said: said.start)
    found = [said for said in found if not _lasts(said, text.digits, clock_of(locale))]
    markers = [None if said.part else _marker(text.digits, said, locale) for said in found]
    found = in_ranges(found, list(map(bool, markers)), text.digits, clock_of(locale))
    for at, (said, marker) in enumerate(zip(found, markers, strict=True)):
        if marker or said.announced:
            shared = marker or (None if said.wide else _shared(at, found, markers, text.digits))
            minutes = frozenset[int]().union(
                *(_minutes(said, part, text.digits, locale) for part in {marker, shared})
            )
            if minutes:
                yield _reading(said, marker, minutes, text, written, locale)


def _lasts(said: SaidTime, text: str, clock: Clock) -> bool:
    """Whether it is a length of time: "dure 1 h 52"."""
    return bool(clock.lasting.search(text[max(0, said.start - BEFORE) : said.start]))


def _reading(
    said: SaidTime, marker: str | None, minutes: frozenset[int], text: Plain, written: Plain, locale: Cldr
) -> Reading:
    known = marker is None or _marker_known(marker, locale)
    local = said.own and known and digits_known(text.text[said.start : said.end], locale)
    shown = text.digits[said.start : said.end]
    numbers = tuple(map(int, RUN.findall(shown)))
    little = numbers == (1,) and marker in A_LITTLE and "1" not in written.digits
    on_the_hour = ON_THE_HOUR.search(shown) and not little
    exact = said.led and len(numbers) > 1  # at 6h40
    sure = said.phrase or exact or on_the_hour or _halved(said, marker, text.digits, written.digits)
    open_half = marker is None and _leaves_half(said, numbers, written.digits, locale)
    halves = minutes | {(minute + HALF_DAY) % DAY for minute in minutes if open_half}
    return Reading(said.start, said.end, minutes, local, bool(sure), halves, said.led, frozenset(numbers))


def _shared(at: int, found: list[SaidTime], markers: list[str | None], text: str) -> str | None:
    """A part of the day that is said once for several times: "1:35 and 7:40 PM", 下午三点和五点."""
    for other in (at + 1, at - 1):
        marker = markers[other] if 0 <= other < len(found) else None
        first, second = sorted((at, other))
        gap = text[found[first].end : found[second].start] if marker else ""
        if marker and marker not in gap and len(gap) <= LIST and not SENTENCE.search(gap):
            return marker
    return None


def _leaves_half(said: SaidTime, numbers: tuple[int, ...], written: str, locale: Cldr) -> bool:
    """Whether it is on a 12-hour clock: "half past six", but not 6:30 where the clock in digits has 24 hours."""
    digital = not said.phrase and len(numbers) > 1 and str(numbers[0]) in RUN.findall(written)
    twelve = locale.prefers_12h or not digital
    return twelve and said.part is None and not said.wide and 1 <= said.hour <= 12


def _halved(said: SaidTime, marker: str | None, text: str, written: str) -> bool:
    """Whether a part of the day stands beside digits: "8 AM", but neither "the second in the evening" nor "am 8."."""
    if marker is None or (marker in LATIN_HALVES and not MERIDIEM.match(text, said.end)):
        return False
    digits = re.search(r"\d+", text[said.start : said.end])
    return digits is not None and digits[0] in re.findall(r"\d+", written)


def _said(text: str, locale: Cldr) -> Iterator[SaidTime]:
    """Times said in phrases first: what stands within one of them is no time of its own."""
    clock = clock_of(locale)
    moments = list(clock.moments.finditer(text)) if clock.moments else []
    phrases = _phrases(text, clock, bool(moments))
    days = [match.span() for match in clock.day.finditer(text)]
    yield from phrases
    if any(map(str.isdecimal, text)):
        yield from _in_numbers(text, clock, phrases, days)
    yield from _moments(moments, text, clock, phrases, days)


def _phrases(text: str, clock: Clock, momentary: bool) -> list[SaidTime]:
    """As in "half past six": of those within each other the longest."""
    found = [
        replace(said, phrase=True)
        for form in clock.forms
        if momentary or not form.momentary
        for said in form.find(text)
        if not (form.spoken and begins_range(said, text, clock))
    ]
    return [one for one in found if not any(_within(one, other) for other in found)]


def _in_numbers(
    text: str, clock: Clock, phrases: list[SaidTime], days: list[tuple[int, int]]
) -> Iterator[SaidTime]:
    """As in "6:30" and "at 6 in the morning", but no day of a date."""
    for match in matches(clock.plain, text):
        said = clock.read(match, text)
        if any(other.start < said.end and said.start < other.end for other in phrases):
            continue
        alone = match[0] == match["hour"]
        if alone and clock.month.search(text[: match.start()][-BEFORE:]):
            continue  # the day of a date
        if alone and not said.announced and _within_any(match.start(), days):
            continue  # "el 8 por la noche"
        bare = match["word_minute"] and not match["minute_word"]
        if bare and clock.counter.match(text, match.end()):
            yield SaidTime(said.start, match.start("word_minute"), said.hour, 0, said.own)
            continue
        yield said
        if bare and len(match["word_minute"]) == 1:
            yield SaidTime(said.start, said.end, said.hour, 0, said.own)


def _moments(
    moments: list[re.Match[str]],
    text: str,
    clock: Clock,
    phrases: list[SaidTime],
    days: list[tuple[int, int]],
) -> Iterator[SaidTime]:
    """As in "at noon", where it is no part of a time that stands before it."""
    for match in moments:
        minute = clock.moment_words.get(match[0])
        beside = BESIDE_HOUR.search(text[max(0, match.start() - BEFORE) : match.start()])
        within = any(
            other.start <= match.start() < (_part_end(other, text, clock) or other.end) for other in phrases
        )
        hour = beside and not _is_day(beside, match.start() - len(beside[0]), text, clock, days)
        if minute is not None and not hour and not within:
            yield SaidTime(*match.span(), minute // 60, minute % 60, own=True, part=ANY, led=True)


def _within_any(place: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)


def _is_day(
    number: re.Match[str], start: int, text: str, clock: Clock, days: Iterable[tuple[int, int]]
) -> bool:
    """Whether a number before noon or midnight is the day of a date: "May 22nd at noon", "le 22 mai à midi"."""
    end = start + len(number["number"])
    before = text[max(0, start - BEFORE) : start]
    if _within_any(start, days) or clock.in_month.match(text, end) or clock.month.search(before):
        return True
    return (
        int(number["number"]) > 12
        and not before.endswith((":", "."))
        and bool(LINKED.fullmatch(number["link"]))
    )


def _part_end(said: SaidTime, text: str, clock: Clock) -> int | None:
    """Where the part of the day right after a time ends: "a quarter past twelve after midnight" is one time."""
    after = None if said.part else clock.after.match(text[said.end : said.end + AFTER])
    return said.end + after.end() if after else None


def _within(one: SaidTime, other: SaidTime) -> bool:
    inside = other.start <= one.start and one.end <= other.end
    return inside and other.end - other.start > one.end - one.start


def _minutes(said: SaidTime, marker: str | None, text: str, locale: Cldr) -> frozenset[int]:
    base = said.hour * 60 + said.offset
    if said.hour > 24 or (said.wide and said.offset > 59):
        return frozenset()
    clock = clock_of(locale)
    if said.part:
        return frozenset({base % DAY})
    part = clock.parts[marker] if marker else None
    if clock.shift and not said.wide and marker not in LATIN_HALVES:
        return _shifted(said, part, text, clock)
    if part is None:
        minutes = {base % DAY}
        if said.hour == 1 and said.offset < 0:
            minutes.add(base + HALF_DAY)
        return frozenset(minutes)
    if said.hour > 12 or said.hour == 0:
        day = not said.announced and base % DAY not in _in_part(base, part)  # "22 rano, o 9:30"
        return frozenset() if day else frozenset({base % DAY})
    return _in_part(base, part)


def _in_part(base: int, part: tuple[int, int]) -> frozenset[int]:
    first, last = part
    half = base % HALF_DAY
    options = (half, half + HALF_DAY, half + DAY, half + DAY + HALF_DAY)
    return frozenset(minute % DAY for minute in options if first <= minute < last)


def _shifted(said: SaidTime, part: tuple[int, int] | None, text: str, clock: Clock) -> frozenset[int]:
    """Hours counted from six, as in Swahili: the first hour of the morning is seven."""
    base = said.hour * 60 + said.offset
    shifted = base + clock.shift * 60
    if said.hour > 12 or said.hour == 0:
        return frozenset({base % DAY})
    if part:
        return _in_part(shifted, part)
    day = {m % DAY for m in (shifted, shifted + HALF_DAY) if 6 * 60 <= m % DAY <= 18 * 60}
    digital = re.match(r"\d\d[:.]", text[said.start : said.end])
    return frozenset(day | ({base % DAY} if digital else set()))


def _marker(text: str, said: SaidTime, locale: Cldr) -> str | None:
    """The word for a part of the day right after or right before the time.

    Of two it is the one that no comma and no line parts from it, else the one on the locale's own side.
    """
    later, earlier = clock_of(locale).after, clock_of(locale).before
    after = later.match(text[said.end : said.end + AFTER])
    after = None if after and is_preposition(text, said.end + after.start(1), locale) else after
    before = earlier.search(text[max(0, said.start - BEFORE) : said.start])
    before = None if before and before[1] == "am" and locale.language in AM_IS_A_WORD else before
    if before and said.wide and PARTING.search(before[0][before.end(1) - before.start() :]):
        before = None  # "4:00 PM, 09:00"
    if after and before:
        after_parted = bool(PARTING.search(after[0][: after.start(1)]))
        before_parted = bool(PARTING.search(before[0][before.end(1) - before.start() :]))
        takes_before = after_parted if after_parted != before_parted else _before_hour(locale)
        return before[1] if takes_before else after[1]
    found = after or before
    return found[1] if found else _event(text, said, clock_of(locale))


def _event(text: str, said: SaidTime, clock: Clock) -> str | None:
    """What happens then, where the hour may be in that part of the day: lunch at one, but not at nine."""
    found = clock.event.search(text[max(0, said.start - BEFORE) : said.start])
    fits = found and _in_part(said.hour * 60 + said.offset, clock.parts[found[1]])
    return found[1] if found and fits else None


def is_preposition(text: str, start: int, locale: Cldr) -> bool:
    """Whether "am" is no half of the day here, but a word of the language before another one ("um 8:15 am Freitag")."""
    return locale.language in AM_IS_A_WORD and AM_AND_WORD.match(text, start) is not None


def _before_hour(locale: Cldr) -> bool:
    """Whether the locale writes the part of the day before the hour."""
    short = unquoted(str(locale.locale.time_formats["short"].pattern))
    return (short if "a" in short else str(locale.locale.datetime_skeletons["hm"].pattern))[0] in "abB"


def _marker_known(marker: str, locale: Cldr) -> bool:
    """English words for the parts of the day are not the locale's, nor is AM/PM on its 24-hour clock."""
    if locale.language == "en":
        return True
    if marker not in LATIN_HALVES:
        return marker in clock_of(locale).own_parts
    own = {re.sub(r"[.\s]", "", word) for word in clock_of(locale).own_parts}
    return locale.prefers_12h and re.sub(r"[.\s]", "", marker) in own
