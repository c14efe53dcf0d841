"""How a locale says times, from ``clock.yaml``: patterns that hold for any time, compiled once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from rewards.facts.cldr import Cldr, cldr
from rewards.facts.dates import months
from rewards.facts.days import ORDINAL, of_month, weekday_names
from rewards.facts.lengths import DURATIONS
from rewards.facts.measures import CURRENCIES, UNITS, currency_words
from rewards.facts.terms import unit_patterns
from rewards.facts.words import any_of
from rewards.text.normalize import UNSPACED_LANGUAGES, fold

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
CLOSED = re.compile(r"(?=\s?(?:[.,!?;:)。、，！？।]|$))")
EVENT = 24  # characters between what happens and its time
STEM = 4  # letters of a word that stay when it is inflected
OFFSET = re.compile(r"(?P<fixed>[+-]?\d+)?(?P<spoken>[+-]?m)?")
FRACTION = re.compile(r"\{h\.(\d+)\}")  # an hour and a half said as one number: {h.5}
SPELLED = r"0[ -]\d(?!\d)"  # oh five, ноль пять
MINUTES = rf"(?P<m>{SPELLED}|[0-5]?\d)"
FIVES = r"(?P<m>(?P<fives>5(?!\d)|[1-5][05])|[0-5]?\d)"


@dataclass(frozen=True)
class SaidTime:
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
    led: bool = False  # by a word before which an hour stands ("at"), by its minutes


@dataclass(frozen=True)
class Form:
    """A pattern with an hour, and what it says about the minutes: ``fixed`` and ``spoken`` times those in it."""

    pattern: re.Pattern[str]
    fixed: int
    spoken: int
    own: bool = True
    add: int = 0
    hours: tuple[int, int] | None = None  # a clock of its own: only these, and no part of the day beside it
    open: bool = False  # which may leave out its half of the day, all the same
    moments: dict[str, int] = field(default_factory=dict)  # that may stand for the hour
    momentary: bool = False  # no hour may stand for them

    def find(self, text: str) -> Iterator[SaidTime]:
        for match in self.pattern.finditer(text):
            groups = match.groupdict()
            moment = self.moments.get(groups.get("moment") or "")
            hour, minutes = (int(groups.get("h") or 0), 30 if groups.get("half") else 0)
            if moment is not None:
                hour, minutes = divmod(moment, 60)
            spoken = _count(groups.get("m") or "0")
            offset = self.fixed + self.spoken * spoken + minutes
            if spoken > 59 or hour > 24:
                continue
            if self.hours is None:
                part = None if moment is None else ANY
                yield SaidTime(*match.span(), hour, offset, self.own, part)
            elif self.hours[0] <= hour <= self.hours[1]:
                yield SaidTime(*match.span(), hour + self.add, offset, self.own, None if self.open else ANY)


def _count(minutes: str) -> int:
    return int(re.sub(r"\D", "", minutes))


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
    event: re.Pattern[str]  # what happens in a part of the day, before a time
    lead: re.Pattern[str]
    soft: re.Pattern[str]
    at: re.Pattern[str]
    counted: re.Pattern[str]  # what follows a number that is no hour
    counter: re.Pattern[str]  # what follows a number of people or things
    day: re.Pattern[str]  # of a month: the 10th
    month: re.Pattern[str]  # before a number that is a day,
    in_month: re.Pattern[str]  # and after it
    opening: re.Pattern[str]  # between, from: before the first time of a range
    closing: re.Pattern[str]  # what says "between" after the second
    both: re.Pattern[str]  # and: between the two
    until: re.Pattern[str]  # to, until, a dash
    dash: re.Pattern[str]  # a hyphen between two times: a date has none between such parts
    lasting: re.Pattern[str]  # before a length of time
    halves: bool  # hours are said by halves of the day
    parted: re.Pattern[str] | None
    oclock: re.Pattern[str]
    worded: bool
    dots: bool
    shift: int
    moments: re.Pattern[str] | None
    moment_words: dict[str, int]

    def read(self, match: re.Match[str], text: str) -> SaidTime:
        minute = match["minute"] or match["word_minute"] or match["apart"]
        separator = (match["sep"] or match["word_sep"] or match["word"] or ":").strip()
        bare = not (match["sep"] or match["word_sep"] or match["word"])
        own = separator == ":" or (self.dots if separator == "." else separator in self.own_words)
        wide = len(match["hour"]) == 2 and match["hour"][0] == "0"
        led = self._led(match, text)
        announced = (
            not bare
            or bool(match["apart"])
            or (led and not self.worded)
            or self._is_after(self.lead, match, text)
        )
        minutes = match["apart"] or (match["word_minute"] and not match["minute_word"])
        counted = bool(self.counted.match(text, match.end()))
        return SaidTime(
            *match.span(),
            int(match["hour"]),
            _count(minute or "0"),
            own,
            announced=announced,
            wide=wide,
            led=led or bool(minutes and not counted),
        )

    def _led(self, match: re.Match[str], text: str) -> bool:
        """At seven; for seven, where the clause ends; seven o'clock."""
        if match["word"] and self.oclock.search(match["word"]):
            return True
        if self._is_after(self.at, match, text):
            return not self.counted.match(text, match.end())
        return bool(CLOSED.match(text, match.end())) and self._is_after(self.soft, match, text)

    @staticmethod
    def _is_after(pattern: re.Pattern[str], match: re.Match[str], text: str) -> bool:
        return bool(pattern.search(text[max(0, match.start() - 16) : match.start()]))


def _counted(locale: Cldr) -> set[str]:
    """Units of time and of measure, and currencies."""
    kinds = (*UNITS.values(), *DURATIONS.values(), "concentr-percent")
    units = {
        pattern.partition("{0}")[2].strip()
        for source in (cldr("en"), locale)
        for kind in kinds
        for pattern in unit_patterns(source, kind)
    }
    return units | currency_words(CURRENCIES, locale)


def _inflected(words: set[str]) -> str:
    """The words with any ending of a few letters, if they are long: минут, минуте."""
    return "|".join(
        rf"{any_of({word[:-1]})}\w{{0,3}}" if len(word) > STEM else any_of({word}) for word in words
    )


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, Any]]:
    path = Path(__file__).with_name("clock.yaml")
    found: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return found


@lru_cache(maxsize=256)
def clock_of(locale: Cldr) -> Clock:
    own, english = _data().get(locale.language, {}), _data()["en"]
    words = any_of({*own.get("hour", ()), *english["hour"]})
    full = any_of({*own.get("hour", ()), *own.get("ending", ()), *english["hour"]})
    minute_words = any_of({*own.get("minute", ()), *english["minute"]})
    parts, own_parts = _parts(locale, own, english)
    moments = {fold(word): minute_of(value) for word, value in own.get("moments", {}).items()}
    others = {word for word, part in parts.items() if part not in (PARTS["noon"], PARTS["night"])}
    after, before = _beside(locale, parts, own)
    events = {fold(word): PARTS[part] for part, names in own.get("events", {}).items() for word in names}
    lead = fold(own.get("lead", "(?!)"))
    at = fold(own.get("at", own.get("lead", "(?!)")))
    soft = fold(own.get("soft", "(?!)"))
    left = (
        "" if locale.language in UNSPACED_LANGUAGES or locale.language in ("he", "ar") else r"(?<![^\W\d_])"
    )
    little = "|".join((lead, at, soft))
    openings = [own[key] for key in ("between", "from") if key in own] or ["(?!)"]
    ended = rf"(?:{any_of(own['ending'])})?\s?" if own.get("ending") else r"\s?"
    return Clock(
        plain=_plain(words, full, minute_words, own, locale.language in UNSPACED_LANGUAGES),
        forms=tuple(_forms(own, words, full, left, moments, locale.language not in UNSPACED_LANGUAGES)),
        parts=parts | events,
        own_parts=own_parts | events.keys(),
        own_words=frozenset(fold(word).strip() for word in own.get("hour", ())),
        after=after,
        before=before,
        event=re.compile(rf"{left}({any_of(events)})[^.,!?;:\d]{{0,{EVENT}}}$"),
        lead=re.compile(rf"{left}(?:{lead}) ?$"),
        at=re.compile(rf"{left}(?:{at}) ?$"),
        counted=re.compile(rf"[\s-]?(?:%|°|(?:{_inflected(_counted(locale))})(?![^\W\d_]))"),
        soft=re.compile(rf"{left}(?:{soft}) ?$"),
        counter=re.compile(rf"\s?(?:{fold(own.get('counter', '(?!)'))})"),
        day=of_month(locale),
        month=re.compile(rf"{left}(?:{any_of(months(locale))})\.? $"),
        in_month=re.compile(rf"{ORDINAL}\s?(?:of |de |d')?(?:{any_of(months(locale))})"),
        opening=re.compile(rf"{left}(?:{fold('|'.join(openings))})[ -]?(?:(?:{little})\s?)?$"),
        closing=re.compile(rf"\S{{0,3}}\s?(?:{fold(own.get('closing', '(?!)'))})"),
        both=re.compile(rf"{ended}(?:{fold(own.get('both', '(?!)'))})[ -]?(?:(?:{little})\s?)?"),
        until=re.compile(rf"{ended}(?:{fold(own.get('until', '(?!)'))}|[-–—~〜～])[ -]?(?:(?:{little})\s?)?"),
        dash=re.compile(
            rf"(?<=\d[:.]\d\d)-(?=\d{{1,2}}[:.]\d\d)|(?<!\d\d\d)(?<=\d)-(?=\d{{1,2}}\s?(?:{fold(own.get('dashed', '(?!)'))}))"
        ),
        lasting=re.compile(rf"{left}(?:{fold(own.get('lasting', '(?!)'))})\W{{0,3}}(?:de |von |di )?$"),
        halves=locale.language == "en",
        parted=re.compile(fold(own["parted"])) if "parted" in own else None,
        oclock=re.compile(fold(own.get("oclock", "(?!)"))),
        worded=bool(own.get("worded")),
        dots=(bool(own.get("dots")) and locale.locale.territory not in own.get("colons", ()))
        or "." in str(locale.locale.time_formats["short"].pattern),
        shift=int(own.get("shift", 0)),
        moments=re.compile(_whole({*moments, *others}, locale)) if moments else None,
        moment_words=moments,
    )


@lru_cache(maxsize=256)
def beside_times(locale: Cldr) -> re.Pattern[str]:
    """Words that stand beside a time and leave it as it is: parts of the day, links, words for hours and minutes."""
    sources = [_data().get(locale.language, {}), _data()["en"]]
    kinds = ("hour", "ending", "minute", "links", "beside")
    little = {word for source in sources for kind in kinds for word in source.get(kind, ())}
    parts, _ = _parts(locale, *sources)
    return re.compile(_whole({*parts, *little}, locale))


def minute_of(value: str) -> int:
    """Minutes after midnight of ``HH:MM``, or of a time that has seconds, too."""
    hour, minute = value.split(":")[:2]
    return int(hour) * 60 + int(minute)


def _whole(words: set[str], locale: Cldr) -> str:
    body = any_of(words)
    return body if locale.language in UNSPACED_LANGUAGES else rf"(?<![^\W_])(?:{body})(?![^\W_])"


def _plain(words: str, full: str, minute_words: str, own: dict[str, Any], unspaced: bool) -> re.Pattern[str]:
    """Any time in digits: one pattern for each time would cost more to compile than all the rest costs."""
    glued = "(?![間间간])" if unspaced else r"(?![^\W\d_])"  # 2時間 is a length of time
    kinds = [
        r"(?P<sep>[:.])(?P<minute>[0-5]\d)(?:(?<=:\d\d):00)?",
        rf"(?P<word_sep>\s?(?:{words})\s?)(?P<word_minute>{SPELLED}|[0-5]?\d)(?P<minute_word>\s?(?:{minute_words}))?",
        rf"(?P<word>\s?(?:{full})){glued}",
        rf" (?P<apart>{SPELLED}|[0-5]\d)(?! ?\d)" if own.get("apart") else r"(?P<apart>(?!))",
        r"(?=\D|$)",
    ]
    tail = rf"(?:\s?(?:{full}){glued})?"
    return re.compile(
        rf"(?<!\d)(?<!\d[:.,/-])(?P<hour>\d{{1,2}})(?:{kinds[0]}{tail}|{'|'.join(kinds[1:])})(?!\d)(?![:.,/-]\d)"
    )


def _forms(
    own: dict[str, Any], words: str, full: str, left: str, moments: dict[str, int], spaced: bool
) -> Iterator[Form]:
    # An hour, and no minutes: neither the 20 of "6h20 sharp" nor the 1 of "10 minutes before".
    hour = r"(?<!\d)(?<!\d[:.,/-h時时點点시])(?P<h>\d{1,2})(?!\d)"
    after = rf"(?:\s?(?:{full})(?![^\W\d_]))?"
    end = r"(?![^\W\d_])" if spaced else ""
    moment = rf"(?P<moment>{any_of(set(moments))}){end}"
    for said, offset in own.get("before", {}).items():
        counted = 0 <= said.find("{m}") < said.find("{h}")  # "a table for 4 after midnight" is no 00:04
        moments_here = f"(?(fives){moment}|(?!))" if counted else moment
        body = fold(said).replace("{h}", rf"(?:(?P<h>\d{{1,2}})(?!\d)(?![:.,/-]\d)|{moments_here})")
        body = FRACTION.sub(r"(?P<h>\\d{1,2})[.,]\1(?!\\d)", body).replace("{moment}", moment)
        # Neither the 12 of room 412 nor the 30 of 19:30 are minutes before an hour.
        apart = r"(?<!\d)(?<!\d[:.])" if body.startswith("{m}") else ""
        pattern = re.compile(rf"{left}{apart}{body.replace('{m}', FIVES if counted else MINUTES)}{after}")
        yield Form(pattern, *_offset(offset), moments=moments, momentary="{moment}" in said)
    close = ""
    if moments:
        close = rf"(?(moment){end})"
        hour = rf"(?:{hour}|{left}(?P<moment>{any_of(set(moments))}))"
    for said, offset in own.get("after", {}).items():
        body = fold(said).replace("{m}", MINUTES)
        whole = "" if not spaced and "{m}" not in said else r"(?!\d)"
        pattern = re.compile(rf"{hour}(?:\s?(?:{words}))? ?(?:{body}){whole}{close}")
        yield Form(pattern, *_offset(offset), moments=moments)
    yield from _counted_hours(own)


def _counted_hours(own: dict[str, Any]) -> Iterator[Form]:
    """Hours on a clock of their own, with their minutes: 5 ทุ่ม is 23:00."""
    half = "(?P<half>ครึ่ง)"
    rest = own.get("rest", "(?!)").replace("{m}", MINUTES).replace("ครึ่ง", half)
    for entry in own.get("count", ()):
        body = fold(entry["say"]).replace(" ", " ?").replace("{h}", r"(?P<h>\d{1,2})")
        tail = "" if "{m}" in body else f"(?:{rest})?"
        body = body.replace("{m}", f"(?:{MINUTES}|{half})")
        first, last = entry["hours"]
        yield Form(
            re.compile(rf"(?<!\d){body}{tail}(?!\d)"),
            0,
            1,
            add=int(entry["add"]),
            hours=(first, last),
            open=bool(entry.get("open")),
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
    """Patterns of a part of the day after a time and before one, with the little words and the weekday between."""
    words = any_of(set(parts))
    links = any_of({*own.get("links", ()), *_data()["en"]["links"]})
    spaced = locale.language not in UNSPACED_LANGUAGES
    left, right = (r"(?<![^\W\d_])", r"(?![^\W\d_])") if spaced else ("", "")
    between = rf"(?:(?:{links})\s?){{0,2}}"
    day = rf"(?:{weekday_names(locale)})[\s,-]{{0,2}}"  # on Friday night, Freitagabend
    later = rf"[\s,]{{0,2}}{between}(?:{day}{between})?({words}){right}"
    earlier = rf"{left}(?:{day})?({words}),?\s?{between}$"
    return re.compile(later), re.compile(earlier)
