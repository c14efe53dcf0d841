"""Finding one calendar date in a text: with the month as a number or by its name, by its weekday, from today.

CLDR's patterns come first; what natives write besides is in ``dates.yaml``. Number words are digits already.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from babel.dates import DateTimePattern

from rewards.facts.cldr import Cldr, cldr
from rewards.facts.days import ORDINAL, TODAY, days_of_month, read_days, words_of
from rewards.facts.eras import jalali, years
from rewards.facts.numbers import Found, digits_known
from rewards.facts.numerals import in_digits
from rewards.text.normalize import UNSPACED_LANGUAGES, Plain, fold, fold_words, matches

TOKEN = re.compile(r"'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+")
NAMED = ("d MMMM y", "MMMM d y", "y MMMM d", "d MMMM", "MMMM d")
SKELETONS = ("yMd", "yMMMd", "yMMMMd", "MMMd", "MMMMd")
YEAR = r"(?P<year>\d{4}|\d{2}|(?:令和|民国|民國|r)\d{1,3})"
DIGIT = re.compile(r"\d")
LETTER = re.compile(r"[^\W\d_]")
GAP = re.compile(r"\W{0,3}")
MOST = 50  # dates of one text that are compared with each other


@dataclass(frozen=True)
class Written:
    """A date as it stands in a text. ``local``: in a form of the locale; ``loose``: in an order that is none of its
    own, which counts where the day can be no month."""

    match: re.Match[str]
    source: Cldr
    local: bool
    loose: bool


def find_date(value: str, text: Plain, locale: Cldr) -> Iterator[Found]:
    """All places that state an ISO date in a form of the locale, of English, or in ISO's; where no other date is
    said, by its weekday or as a day from today."""
    day = date.fromisoformat(value)
    spoken = in_digits(text, locale, ordinals=True)
    written = _written(spoken, locale)
    plain_order = day.day > 12 or day.day == day.month
    for one in written:
        if (plain_order or not one.loose) and _is_day(one.match, day, one.source) and _own_year(one.match):
            start, end = one.match.span()
            yield Found(start, end, local=one.local and digits_known(spoken.text[start:end], locale))
    if not written:
        yield from _from_today(day, text, spoken, locale)


def misnames(day: date, text: Plain, locale: Cldr) -> bool:
    """Whether the weekday right beside the date is another one's."""
    return any(
        said.weekday not in (None, day.isoweekday()) and GAP.fullmatch(text.text, *gap) is not None
        for one in _written(text, locale)
        if _is_day(one.match, day, one.source)
        for said in read_days(text, locale)
        for gap in ((said.end, one.match.start()), (one.match.end(), said.start))
        if gap[0] <= gap[1]
    )


Span = tuple[int, int, frozenset[tuple[int, int]]]


def read_dates(text: Plain, locale: Cldr) -> list[Span]:
    """Every date with its month by name or with its year: (start, end) and the (month, day)s that it may be."""
    found: list[Span] = []
    for one in _written(in_digits(text, locale, ordinals=True), locale):
        groups, (start, end) = one.match.groupdict(), one.match.span()
        number, day = _month(one.match, one.source), int(groups["day"])
        sure = groups["year"] or LETTER.search(one.match[0])  # 12月25, 25 tháng 12
        if sure and number <= 12 and 1 <= day <= 31 and not _is_jalali(one.match, one.source):
            found.append((start, end, frozenset({(number, day)})))
    found = [one for one in found[:MOST] if not _reaches_on(one, found)]
    return [
        (start, end, one.union(*(options for a, b, options in found if a < end and start < b)))
        for start, end, one in found
    ]


def _reaches_on(one: Span, found: list[Span]) -> bool:
    """Whether it is a date and the day of the next: "25 ธันวาคม หรือ 26"."""
    start, end, _ = one
    shorter = any(a == start and b < end for a, b, _ in found)
    return shorter and any(start < a < end < b for a, b, _ in found)


def _month(match: re.Match[str], source: Cldr) -> int:
    groups = match.groupdict()
    return int(groups["month"]) if groups.get("month") else months(source)[groups["name"]]


@lru_cache(maxsize=64)
def _written(text: Plain, locale: Cldr) -> tuple[Written, ...]:
    """Every date in a text whose number words are digits."""
    if not DIGIT.search(text.digits):  # each pattern has a day in digits
        return ()
    return tuple(
        Written(match, source, local, loose)
        for pattern, source, local, loose in _patterns(locale)
        for match in matches(pattern, text.digits)
        if int(match.groupdict().get("month") or 1) <= 12  # 9.30 is a time
    )


def _is_day(match: re.Match[str], day: date, source: Cldr) -> bool:
    groups, number = match.groupdict(), _month(match, source)
    written = groups["year"]
    if _is_jalali(match, source):
        year, *rest = jalali(day)
        return [number, int(groups["day"])] == rest and written in (None, str(year))
    same = int(groups["day"]) == day.day and number == day.month
    return same and (written is None or written in years(day, source.language, match[0]))


def _is_jalali(match: re.Match[str], source: Cldr) -> bool:
    groups = match.groupdict()
    of_iran = groups.get("name") in JALALI_MONTHS or (groups["year"] or "2").startswith(("13", "14"))
    return source.language == "fa" and of_iran


def _own_year(match: re.Match[str]) -> bool:
    """A date without its year is not followed or preceded by another year."""
    if match["year"]:
        return True
    after = re.match(
        r"(?:\W{0,3}(?:\w{1,4}\W{1,2})?|\s?[พค]\.ศ\.\s?)\d{4}(?![\d:])",
        match.string[match.end() : match.end() + 16],
    )
    before = match.string[max(0, match.start() - 12) : match.start()]
    return not after and not re.search(r"(?:\d{4}|(?:令和|民[国國])\d+)\W{0,2}\w?\W{0,2}$", before)


@lru_cache(maxsize=256)
def _patterns(locale: Cldr) -> tuple[tuple[re.Pattern[str], Cldr, bool, bool], ...]:
    """(pattern, whose months, local, loose), for any day: one for each day would cost more to compile than all the
    rest costs."""
    english = cldr("en-US")
    found = [(_regex(pattern, locale), locale, True, False) for pattern in _own_patterns(locale)]
    found += [(_numeric(order, mark), locale, True, False) for order, mark in sorted(national(locale))]
    found += [
        (_regex(pattern, source), source, False, False) for source in (locale, english) for pattern in NAMED
    ]
    own = _orders(locale)
    found += [(_numeric(order), locale, False, order not in own) for order in sorted({*own, "dMy", "Mdy"})]
    found += [(pattern, locale, True, False) for pattern in _sharing_a_month(locale)]
    if "no_year" in words_of(locale):
        found.append((_without_year(words_of(locale)["no_year"]), locale, True, False))
    return tuple(found)


@lru_cache(maxsize=256)
def _own_patterns(locale: Cldr) -> tuple[str, ...]:
    """CLDR's for the locale, and those that natives write besides. 14 March is English everywhere, 14/3 is not."""
    british = _cldr_patterns(cldr("en-GB")) if locale.language == "en" else []
    more = words_of(locale).get("forms", ())
    return tuple(dict.fromkeys([*_cldr_patterns(locale), *(p for p in british if "MMM" in p), *more]))


def _cldr_patterns(locale: Cldr) -> list[str]:
    formats = locale.locale.date_formats
    skeletons = locale.locale.datetime_skeletons
    found = [formats[style] for style in ("long", "medium", "short")]
    found += [skeletons[key] for key in SKELETONS if key in skeletons]
    return [f.pattern if isinstance(f, DateTimePattern) else str(f) for f in found]


def national(locale: Cldr) -> frozenset[tuple[str, str]]:
    """(order, mark) of dates in numbers that are in use beside CLDR's, such as ("yMd", "-")."""
    return frozenset((entry[:3], entry[3:]) for entry in words_of(locale).get("marks", ()))


def _orders(locale: Cldr) -> set[str]:
    """Orders of all-number dates: ISO's and the locale's."""
    short = locale.locale.date_formats["short"].pattern
    return {"yMd", re.sub(r"(.)\1*", r"\1", re.sub("[^yMd]", "", re.sub("'[^']*'", "", short)))}


@lru_cache(maxsize=64)
def _numeric(order: str, marks: str = "-/.") -> re.Pattern[str]:
    parts = {"y": YEAR, "M": r"(?P<month>\d{1,2})", "d": r"(?P<day>\d{1,2})"}
    return _bounded(rf"\ ?[{re.escape(marks)}]\ ?".join(parts[letter] for letter in order))


@lru_cache(maxsize=32)
def _without_year(form: str) -> re.Pattern[str]:
    """A day and a month in numbers: "14.3.", 14/3."""
    parts = {"M": r"(?P<month>\d{1,2})", "d": r"(?P<day>\d{1,2})"}
    marks = re.escape(form[2:])
    return re.compile(
        rf"(?<!\d)(?<!\d[-/.,:])(?:(?<![-+])|(?<=[^\W\d_]-)){parts[form[0]]}[{marks}]{parts[form[1]]}(?P<year>$^)?"
        r"(?!\d)(?![-/:,]\d)(?!\.\d)(?!\s?(?:[€$%°£]|uhr|km|kg))"
    )


@lru_cache(maxsize=4096)
def _regex(pattern: str, locale: Cldr) -> re.Pattern[str]:
    """A CLDR pattern as a regular expression; words between its parts may be missing."""
    named = "MMM" in re.sub("'[^']*'", "", pattern)
    tokens = [m[0] for m in TOKEN.finditer(fold_pattern(pattern))]
    while tokens and tokens[-1][0] not in "yMLdu":
        tokens.pop()
    return _bounded("".join(_token(t, locale, named) for t in tokens))


def _sharing_a_month(locale: Cldr) -> list[re.Pattern[str]]:
    """Each of two days before a month, and each of two after it: "8–12 June", "June 8 to 12"."""
    month, day, no_year = _named_month(locale), r"(?P<day>\d{1,2})(?!\d)", "(?P<year>$^)?"
    link = rf"{ORDINAL}\s?(?:[-–—~〜～]|{fold_words(words_of(locale).get('to', '(?!)'))})\s?"
    of = rf"{ORDINAL}[\s,]{{0,2}}(?:(?:of|de|d'|ב|के|এর)\s?)?"
    other, no_more = r"\d{1,2}(?!\d)", r"(?![-/.:]\d)"
    left = "" if locale.language in UNSPACED_LANGUAGES else r"(?<![^\W_])"
    return [
        re.compile(rf"(?<!\d)(?<!\d[-/.,:]){day}(?={link}{other}{of}{month}){no_year}"),
        re.compile(
            rf"(?:(?<=(?<!\d)\d-)|(?<=(?<!\d)\d\d-)){day}{of}{month}{no_year}"
        ),  # others stop at the hyphen
        re.compile(rf"{left}{month}\s?{day}(?={link}{other}{no_more}){no_year}"),
        re.compile(rf"{left}{month}\s?{other}{link}{day}{no_more}{no_year}"),
    ]


def fold_pattern(pattern: str) -> str:
    """Invisible marks dropped, letters that are fields kept in their case."""
    return re.sub("[\u200e\u200f\u061c]", "", pattern).replace("\u202f", " ").replace("\u00a0", " ")


def _token(token: str, locale: Cldr, named: bool) -> str:
    if token[0] in "yu":
        return YEAR
    if token[0] in "ML":
        return r"(?P<month>\d{1,2})" if len(token) < 3 else _named_month(locale)
    if token[0] == "d":
        return rf"(?P<day>\d{{1,2}}){ORDINAL if named else ''}"
    if token[0] in "EG":
        return r"(?:[^\d\s]{1,6})?"
    words = re.escape(fold(token.strip("'")).strip()).replace(r"\ ", r"\s*")
    return rf"[\s,]{{0,2}}(?:{words})?[\s,]{{0,2}}" if named else rf"\s?{words}\s?"


@lru_cache(maxsize=256)
def months(locale: Cldr) -> dict[str, int]:
    """The names of the months, without a dot at their end."""
    found = {
        fold(name).rstrip("."): month
        for context in ("format", "stand-alone")
        for width in ("abbreviated", "wide")
        for month, name in locale.locale.months[context][width].items()
    }
    found |= {fold(name): month for name, month in JALALI_MONTHS.items() if locale.language == "fa"}
    return found | {
        fold(name): n for n, names in words_of(locale).get("months", {}).items() for name in names
    }


JALALI_MONTHS = {"فروردین": 1, "اردیبهشت": 2, "خرداد": 3, "تیر": 4, "مرداد": 5, "شهریور": 6, "مهر": 7,
                 "آبان": 8, "آذر": 9, "دی": 10, "بهمن": 11, "اسفند": 12}  # fmt: skip


def _named_month(locale: Cldr) -> str:
    longest = sorted(months(locale), key=len, reverse=True)
    end = "" if locale.language in UNSPACED_LANGUAGES else r"(?![^\W\d_])"
    names = (rf"(?<!\d){name}" if name[0].isdecimal() else re.escape(name) for name in longest)  # 2月 in 12月
    return rf"(?P<name>{'|'.join(names)}){end}\.?"


def _bounded(body: str) -> re.Pattern[str]:
    year = "" if YEAR in body else "(?P<year>$^)?"
    left = r"(?<![^\W_])" if body.startswith("(?P<name>") else r"(?<!\d)(?<!\d[-/.])"
    return re.compile(rf"{left}{body}{year}(?!\d)(?![-/.]\d)")


def _from_today(day: date, text: Plain, spoken: Plain, locale: Cldr) -> Iterator[Found]:
    """Tomorrow, on Saturday, on the 10th."""
    ahead = (day - TODAY).days
    for said in (*read_days(text, locale), *days_of_month(text, spoken, locale)):
        if ahead in said.ahead:
            yield Found(said.start, said.end, local=True)
