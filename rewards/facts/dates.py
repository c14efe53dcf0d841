"""Finding one calendar date in a text, with the month as a number or by its name."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from babel.dates import DateTimePattern

from rewards.facts.cldr import Cldr, cldr
from rewards.facts.numbers import Found, digits_known
from rewards.facts.text import Plain, fold, matches

TOKEN = re.compile(r"'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+")
NAMED = ("d MMMM y", "MMMM d y", "y MMMM d", "d MMMM", "MMMM d")
SKELETONS = ("yMd", "yMMMd", "yMMMMd", "MMMd", "MMMMd")
ORDINAL = r"(?:st|nd|rd|th|er|o|°|ª|-е|-го)?"
YEAR = r"(?P<year>\d{4}|\d{2}|令和\d{1,2})"
REIWA = 2018  # the year before Reiwa 1


def find_date(value: str, text: Plain, locale: Cldr) -> Iterator[Found]:
    """All places that state an ISO date in a form of the locale, of English, or in ISO's."""
    day = date.fromisoformat(value)
    for pattern, source, local in _patterns(day, locale):
        for match in matches(pattern, text.digits):
            if _is_day(match, day, source) and _own_year(match):
                known = local and digits_known(text.text[match.start() : match.end()], locale)
                yield Found(*match.span(), local=known)


def _is_day(match: re.Match[str], day: date, source: Cldr) -> bool:
    groups = match.groupdict()
    month = groups.get("month") or groups["name"]
    number = int(month) if month.isdecimal() else _months(source)[month]
    return (
        int(groups["day"]) == day.day
        and number == day.month
        and (groups["year"] is None or groups["year"] in _years(day, source.language))
    )


def _own_year(match: re.Match[str]) -> bool:
    """A date without its year is not followed or preceded by another year."""
    if match["year"]:
        return True
    after = re.match(r"\W{0,3}(?:\w{1,4}\W{1,2})?\d{4}(?!\d)", match.string[match.end() : match.end() + 16])
    before = match.string[max(0, match.start() - 12) : match.start()]
    return not after and not re.search(r"\d{4}\W{0,2}\w?\W{0,2}$", before)


def _patterns(day: date, locale: Cldr) -> Iterator[tuple[re.Pattern[str], Cldr, bool]]:
    """The likeliest first. They are patterns for any day: one for each day would cost more to compile than all the
    rest costs."""
    yield from ((_regex(pattern, locale), locale, True) for pattern in _own_patterns(locale))
    for source in (locale, cldr("en-US")):
        yield from ((_regex(pattern, source), source, False) for pattern in NAMED)
    yield from ((_numeric(order), locale, False) for order in _orders(day, locale))


@lru_cache(maxsize=256)
def _own_patterns(locale: Cldr) -> tuple[str, ...]:
    """CLDR's for the locale. 14 March is English everywhere, 14/3 is not."""
    british = _cldr_patterns(cldr("en-GB")) if locale.language == "en" else []
    return tuple(dict.fromkeys([*_cldr_patterns(locale), *(p for p in british if "MMM" in p)]))


def _cldr_patterns(locale: Cldr) -> list[str]:
    formats = locale.locale.date_formats
    skeletons = locale.locale.datetime_skeletons
    found = [formats[style] for style in ("long", "medium", "short")]
    found += [skeletons[key] for key in SKELETONS if key in skeletons]
    return [f.pattern if isinstance(f, DateTimePattern) else str(f) for f in found]


def _orders(day: date, locale: Cldr) -> set[str]:
    """Orders of all-number dates: ISO's, the locale's; others where the day can be no month."""
    short = locale.locale.date_formats["short"].pattern
    order = re.sub(r"(.)\1*", r"\1", re.sub("[^yMd]", "", re.sub("'[^']*'", "", short)))
    return {"yMd", order} | ({"dMy", "Mdy"} if day.day > 12 or day.day == day.month else set())


@lru_cache(maxsize=16)
def _numeric(order: str) -> re.Pattern[str]:
    parts = {"y": YEAR, "M": r"(?P<month>\d{1,2})", "d": r"(?P<day>\d{1,2})"}
    return _bounded(r"\ ?[-/.]\ ?".join(parts[letter] for letter in order))


@lru_cache(maxsize=4096)
def _regex(pattern: str, locale: Cldr) -> re.Pattern[str]:
    """A CLDR pattern as a regular expression; words between its parts may be missing."""
    named = "MMM" in re.sub("'[^']*'", "", pattern)
    tokens = [m[0] for m in TOKEN.finditer(fold_pattern(pattern))]
    while tokens and tokens[-1][0] not in "yMLdu":
        tokens.pop()
    return _bounded("".join(_token(t, locale, named) for t in tokens))


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


def _years(day: date, language: str) -> set[str]:
    """What the year may be written as."""
    years = {str(day.year), f"{day.year % 100:02d}"}
    if language == "th":
        years.add(str(day.year + 543))
    if language == "ja" and day.year > REIWA:
        years.add(f"令和{day.year - REIWA}")
    return years


@lru_cache(maxsize=256)
def _months(locale: Cldr) -> dict[str, int]:
    """The names of the months, without a dot at their end."""
    return {
        fold(name).rstrip("."): month
        for context in ("format", "stand-alone")
        for width in ("abbreviated", "wide")
        for month, name in locale.locale.months[context][width].items()
    }


def _named_month(locale: Cldr) -> str:
    longest = sorted(_months(locale), key=len, reverse=True)
    return rf"(?P<name>{'|'.join(map(re.escape, longest))})(?![^\W\d_])\.?"


def _bounded(body: str) -> re.Pattern[str]:
    year = "" if YEAR in body else "(?P<year>$^)?"
    left = r"(?<![^\W_])" if body.startswith("(?P<name>") else r"(?<!\d)(?<!\d[-/.])"
    return re.compile(rf"{left}{body}{year}(?!\d)(?![-/.]\d)")
