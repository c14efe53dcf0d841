"""Finding one time of day in a text: on a 24-hour or a 12-hour clock, with half and quarter, in a language's own way.

What a language says is in ``clock.yaml``. Number words are digits before anything is looked for (``numerals``).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from rewards.facts.cldr import Cldr, cldr, unquoted
from rewards.facts.numbers import Found, digits_known
from rewards.facts.numerals import in_digits
from rewards.text.normalize import UNSPACED_LANGUAGES, Plain, fold, matches

DAY, HALF_DAY = 24 * 60, 12 * 60
ANY = (0, DAY)
# Minutes after midnight that a part of the day may mean, as widely as natives use it. After noon an hour said as
# twelve at night is midnight.
PARTS = {
    "am": (0, HALF_DAY), "pm": (HALF_DAY, DAY), "dawn": (0, 8 * 60), "morning": (0, HALF_DAY),
    "forenoon": (60, 13 * 60), "noon": (10 * 60, 17 * 60), "afternoon": (HALF_DAY, DAY),
    "evening": (HALF_DAY, DAY + 60), "night": (18 * 60, DAY + 9 * 60),
}  # fmt: skip
# CLDR's names of its parts of the day.
KEYS = {"am": "am", "pm": "pm", "midnight": "night", "noon": "noon", "morning": "morning",
        "afternoon": "afternoon", "evening": "evening", "night": "night"}  # fmt: skip
LATIN_HALVES = frozenset({"am", "pm", "a.m.", "p.m.", "a. m.", "p. m.", "a.m", "p.m"})
PARTING = re.compile(r"[,\n]")
BEFORE, AFTER = 32, 36  # characters beside a time in which its part of the day stands
CLOSE = r"(?=\s?(?:[.,!?;:)。、，！？।]|$))"
ON_THE_HOUR = re.compile(r":|uhr|o'clock|時|시|[点點]|นาฬิกา|\buur\b")  # no length of time
MERIDIEM = re.compile(r"\s?[ap]\.?\s?m")
OFFSET = re.compile(r"(?P<fixed>[+-]?\d+)?(?P<spoken>[+-]?m)?")


@dataclass(frozen=True)
class Said:
    """A time as it stands in a text, before its part of the day is known: its minutes after midnight, on which clock
    (``wide``: an hour that is on a 24-hour clock only), and whether its separator is the locale's."""

    start: int
    end: int
    hour: int
    offset: int
    own: bool
    part: tuple[int, int] | None = None
    announced: bool = True  # by more than digits alone
    wide: bool = False
    phrase: bool = False  # half past seven


class Reading(NamedTuple):
    """A time in a text: where, in its digits (``in_digits`` with ordinals), the minutes after midnight that it may
    be, whether a native writes it so, and whether it can be nothing else, such as a length of time."""

    start: int
    end: int
    minutes: frozenset[int]
    local: bool
    sure: bool


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
    read = in_digits(text, locale, ordinals=True)
    return tuple(_read(read, text, locale))


def _read(text: Plain, written: Plain, locale: Cldr) -> Iterator[Reading]:
    for said in _said(text.digits, locale):
        marker = None if said.part else _marker(text.digits, said, locale)
        if marker is None and not said.announced:
            continue
        minutes = _minutes(said, marker, text.digits, locale)
        if minutes:
            known = marker is None or _marker_known(marker, locale)
            local = said.own and known and digits_known(text.text[said.start : said.end], locale)
            shown = text.digits[said.start : said.end]
            sure = (
                said.phrase or ON_THE_HOUR.search(shown) or _halved(said, marker, text.digits, written.digits)
            )
            yield Reading(said.start, said.end, minutes, local, bool(sure))


def _halved(said: Said, marker: str | None, text: str, written: str) -> bool:
    """Whether a part of the day stands beside digits: "8 AM", but neither "the second in the evening" nor "am 8."."""
    if marker is None or (marker in LATIN_HALVES and not MERIDIEM.match(text, said.end)):
        return False
    digits = re.search(r"\d+", text[said.start : said.end])
    return digits is not None and digits[0] in re.findall(r"\d+", written)


def _said(text: str, locale: Cldr) -> Iterator[Said]:
    """Times said in phrases first: what stands within one of them is no time of its own."""
    clock = _clock(locale)
    found = [replace(said, phrase=True) for form in clock.forms for said in form.find(text)]
    found = [one for one in found if not any(_within(one, other) for other in found)]
    yield from found
    for match in matches(clock.plain, text) if any(map(str.isdecimal, text)) else ():
        said = clock.read(match, text)
        if not any(other.start < said.end and said.start < other.end for other in found):
            yield said
            if match["word_minute"] and len(match["word_minute"]) == 1 and not match["minute_word"]:
                yield Said(said.start, said.end, said.hour, 0, said.own)
    for match in clock.moments.finditer(text) if clock.moments else ():
        if not re.search(r"\d\D{0,8}$", text[max(0, match.start() - 10) : match.start()]):
            minute = clock.moment_words[match[0]]
            yield Said(*match.span(), minute // 60, minute % 60, own=True, part=(minute, minute + 1))


def _within(one: Said, other: Said) -> bool:
    inside = other.start <= one.start and one.end <= other.end
    return inside and other.end - other.start > one.end - one.start


def _minutes(said: Said, marker: str | None, text: str, locale: Cldr) -> frozenset[int]:
    base = said.hour * 60 + said.offset
    if said.hour > 24 or (said.wide and said.offset > 59):
        return frozenset()
    clock = _clock(locale)
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
        return frozenset({base % DAY})
    return _in_part(base, part)


def _in_part(base: int, part: tuple[int, int]) -> frozenset[int]:
    first, last = part
    half = base % HALF_DAY
    options = (half, half + HALF_DAY, half + DAY, half + DAY + HALF_DAY)
    return frozenset(minute % DAY for minute in options if first <= minute < last)


def _shifted(said: Said, part: tuple[int, int] | None, text: str, clock: "Clock") -> frozenset[int]:
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


def _marker(text: str, said: Said, locale: Cldr) -> str | None:
    """The word for a part of the day right after or right before the time.

    Of two it is the one that no comma and no line parts from it, else the one on the locale's own side.
    """
    later, earlier = _clock(locale).after, _clock(locale).before
    after = later.match(text[said.end : said.end + AFTER])
    before = earlier.search(text[max(0, said.start - BEFORE) : said.start])
    if after and before:
        after_parted = bool(PARTING.search(after[0][: after.start(1)]))
        before_parted = bool(PARTING.search(before[0][before.end(1) - before.start() :]))
        takes_before = after_parted if after_parted != before_parted else _before_hour(locale)
        return before[1] if takes_before else after[1]
    found = after or before
    return found[1] if found else None


def _before_hour(locale: Cldr) -> bool:
    """Whether the locale writes the part of the day before the hour."""
    short = unquoted(str(locale.locale.time_formats["short"].pattern))
    return (short if "a" in short else str(locale.locale.datetime_skeletons["hm"].pattern))[0] in "abB"


def _marker_known(marker: str, locale: Cldr) -> bool:
    """English words for the parts of the day are not the locale's, nor is AM/PM on its 24-hour clock."""
    if locale.language == "en":
        return True
    if marker not in LATIN_HALVES:
        return marker in _clock(locale).own_parts
    own = {re.sub(r"[.\s]", "", word) for word in _clock(locale).own_parts}
    return locale.prefers_12h and re.sub(r"[.\s]", "", marker) in own


@dataclass(frozen=True)
class Form:
    """A pattern with an hour, and what it says about the minutes: ``fixed`` and ``spoken`` times those in it."""

    pattern: re.Pattern[str]
    fixed: int
    spoken: int
    own: bool = True
    add: int = 0
    hours: tuple[int, int] | None = None  # a clock of its own: only these, and no part of the day beside it

    def find(self, text: str) -> Iterator[Said]:
        for match in self.pattern.finditer(text):
            groups = match.groupdict()
            hour = int(groups.get("h") or 0)
            offset = self.fixed + self.spoken * int(groups.get("m") or 0) + (30 if groups.get("half") else 0)
            if int(groups.get("m") or 0) > 59 or hour > 24:
                continue
            if self.hours is None:
                yield Said(*match.span(), hour, offset, self.own)
            elif self.hours[0] <= hour <= self.hours[1]:
                yield Said(*match.span(), hour + self.add, offset, self.own, part=ANY)


@dataclass(frozen=True)
class Clock:
    """How a locale says times: patterns that hold for any time, compiled once."""

    plain: re.Pattern[str]
    forms: tuple[Form, ...]
    parts: dict[str, tuple[int, int]]
    own_parts: frozenset[str]
    own_words: frozenset[str]
    after: re.Pattern[str]
    before: re.Pattern[str]
    lead: re.Pattern[str]
    soft: re.Pattern[str]
    dots: bool
    shift: int
    moments: re.Pattern[str] | None
    moment_words: dict[str, int]

    def read(self, match: re.Match[str], text: str) -> Said:
        minute = match["minute"] or match["word_minute"] or match["apart"]
        separator = (match["sep"] or match["word_sep"] or match["word"] or ":").strip()
        bare = not (match["sep"] or match["word_sep"] or match["word"])
        own = separator == ":" or (self.dots if separator == "." else separator in self.own_words)
        wide = len(match["hour"]) == 2 and match["hour"][0] == "0"
        announced = not bare or bool(match["apart"]) or self._announced(match, text)
        return Said(*match.span(), int(match["hour"]), int(minute or 0), own, announced=announced, wide=wide)

    def _announced(self, match: re.Match[str], text: str) -> bool:
        before = text[max(0, match.start() - 16) : match.start()]
        if self.lead.search(before):
            return True
        return bool(self.soft.search(before) and CLOSED.match(text, match.end()))


CLOSED = re.compile(CLOSE)


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, Any]]:
    path = Path(__file__).with_name("clock.yaml")
    found: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return found


@lru_cache(maxsize=256)
def _clock(locale: Cldr) -> Clock:
    own, english = _data().get(locale.language, {}), _data()["en"]
    words = _any_of({*own.get("hour", ()), *english["hour"]})
    minute_words = _any_of({*own.get("minute", ()), *english["minute"]})
    parts, own_parts = _parts(locale, own, english)
    moments = {fold(word): _minute(value) for word, value in own.get("moments", {}).items()}
    after, before = _beside(locale, parts, own)
    lead = fold(own.get("lead", "(?!)"))
    soft = fold(own.get("soft", "(?!)"))
    left = (
        "" if locale.language in UNSPACED_LANGUAGES or locale.language in ("he", "ar") else r"(?<![^\W\d_])"
    )
    return Clock(
        plain=_plain(words, minute_words, own, locale.language in UNSPACED_LANGUAGES),
        forms=tuple(_forms(own, words, left)),
        parts=parts,
        own_parts=own_parts,
        own_words=frozenset(fold(word).strip() for word in own.get("hour", ())),
        after=after,
        before=before,
        lead=re.compile(rf"{left}(?:{lead}) ?$"),
        soft=re.compile(rf"{left}(?:{soft}) ?$"),
        dots=bool(own.get("dots")) or "." in str(locale.locale.time_formats["short"].pattern),
        shift=int(own.get("shift", 0)),
        moments=re.compile(_whole(moments, locale)) if moments else None,
        moment_words=moments,
    )


def _minute(value: str) -> int:
    hour, minute = value.split(":")
    return int(hour) * 60 + int(minute)


def _any_of(words: set[str]) -> str:
    folded = sorted({fold(word) for word in words if word}, key=len, reverse=True)
    return "|".join(map(re.escape, folded)) or "(?!)"


def _whole(words: dict[str, int], locale: Cldr) -> str:
    body = _any_of(set(words))
    return body if locale.language in UNSPACED_LANGUAGES else rf"(?<![^\W_])(?:{body})(?![^\W_])"


def _plain(words: str, minute_words: str, own: dict[str, Any], unspaced: bool) -> re.Pattern[str]:
    """Any time in digits: one pattern for each time would cost more to compile than all the rest costs."""
    glued = "" if unspaced else r"(?![^\W\d_])"
    kinds = [
        r"(?P<sep>[:.])(?P<minute>[0-5]\d)(?:(?<=:\d\d):00)?",
        rf"(?P<word_sep>\s?(?:{words})\s?)(?P<word_minute>[0-5]?\d)(?P<minute_word>\s?(?:{minute_words}))?",
        rf"(?P<word>\s?(?:{words})){glued}",
        r" (?P<apart>[0-5]\d)(?! ?\d)" if own.get("apart") else r"(?P<apart>(?!))",
        r"(?=\D|$)",
    ]
    tail = rf"(?:\s?(?:{words}){glued})?"
    return re.compile(
        rf"(?<!\d)(?<!\d[:.,/-])(?P<hour>\d{{1,2}})(?:{kinds[0]}{tail}|{'|'.join(kinds[1:])})(?!\d)(?![:.,/-]\d)"
    )


def _forms(own: dict[str, Any], words: str, left: str) -> Iterator[Form]:
    hour, minutes = r"(?<!\d)(?<!\d[:.,/-])(?P<h>\d{1,2})", r"(?P<m>[0-5]?\d)"
    after = rf"(?:\s?(?:{words})(?![^\W\d_]))?"
    for said, offset in own.get("before", {}).items():
        body = fold(said).replace("{h}", r"(?P<h>\d{1,2})(?!\d)(?![:.,/-]\d)").replace("{m}", minutes)
        body = body.replace("{h.5}", r"(?P<h>\d{1,2})[.,]5(?!\d)")
        yield Form(re.compile(rf"{left}{body}{after}"), *_offset(offset))
    for said, offset in own.get("after", {}).items():
        body = fold(said).replace("{m}", minutes)
        yield Form(re.compile(rf"{hour}(?:\s?(?:{words}))? ?(?:{body})(?![\d])"), *_offset(offset))
    rest = own.get("rest", "(?!)").replace("{m}", minutes).replace("ครึ่ง", "(?P<half>ครึ่ง)")
    for entry in own.get("count", ()):
        body = fold(entry["say"]).replace(" ", " ?").replace("{h}", r"(?P<h>\d{1,2})")
        tail = "" if "{m}" in body else f"(?:{rest})?"
        first, last = entry["hours"]
        yield Form(
            re.compile(rf"(?<!\d){body.replace('{m}', minutes)}{tail}(?!\d)"),
            0,
            1,
            add=int(entry["add"]),
            hours=(first, last),
        )


def _offset(written: str | int) -> tuple[int, int]:
    """(fixed minutes, times the spoken ones) of "30", "-m" or "-30+m"."""
    match = OFFSET.fullmatch(str(written))
    assert match, written
    spoken = {None: 0, "m": 1, "+m": 1, "-m": -1}[match["spoken"]]
    return int(match["fixed"] or 0), spoken


def _parts(
    locale: Cldr, own: dict[str, Any], english: dict[str, Any]
) -> tuple[dict[str, tuple[int, int]], frozenset[str]]:
    """Words of the locale and of English for parts of the day → its minutes, and which are the locale's."""
    found: dict[str, tuple[int, int]] = {}
    own_words: set[str] = set()
    for source in (cldr("en"), locale):
        periods = source.locale.day_periods["format"]
        for width in ("abbreviated", "wide"):
            names = {
                fold(word): PARTS[KEYS[re.sub(r"\d", "", key)]] for key, word in dict(periods[width]).items()
            }
            found |= names
            own_words |= set(names) if source is locale else set()
    for table in (english, own):
        for part, words in table.get("parts", {}).items():
            names = {fold(word): PARTS[part] for word in words}
            found |= names
            own_words |= set(names) if table is own else set()
    return found, frozenset(own_words)


def _beside(
    locale: Cldr, parts: dict[str, tuple[int, int]], own: dict[str, Any]
) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of a part of the day after a time and before one, with the little words between."""
    words = _any_of(set(parts))
    links = _any_of({*own.get("links", ()), *_data()["en"]["links"]})
    spaced = locale.language not in UNSPACED_LANGUAGES
    left, right = (r"(?<![^\W\d_])", r"(?![^\W\d_])") if spaced else ("", "")
    between = rf"(?:(?:{links})\s?){{0,2}}"
    later = rf"[\s,]{{0,2}}{between}({words}){right}"
    earlier = rf"{left}({words}),?\s?{between}$"
    return re.compile(later), re.compile(earlier)
