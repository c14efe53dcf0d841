"""Finding one calendar date in a text, with the month as a number or by its name."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from babel.dates import DateTimePattern

from rewards.facts.cldr import Cldr, cldr
from rewards.facts.numbers import Found, digits_known
from rewards.facts.text import Plain, fold

TOKEN = re.compile(r"'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+")
NAMED = ("d MMMM y", "MMMM d y", "y MMMM d", "d MMMM", "MMMM d")
SKELETONS = ("yMd", "yMMMd", "yMMMMd", "MMMd", "MMMMd")
ORDINAL = r"(?:st|nd|rd|th|er|o|°|ª|-е|-го)?"
REIWA = 2018  # the year before Reiwa 1


def find_date(value: str, text: Plain, locale: Cldr) -> Iterator[Found]:
    """All places that state an ISO date in a form of the locale, of English, or in ISO's."""
    day = date.fromisoformat(value)
    for pattern, local in _patterns(day, locale):
        for match in pattern.finditer(text.digits):
            if _own_year(match):
                known = local and digits_known(text.text[match.start() : match.end()], locale)
                yield Found(*match.span(), local=known)


def _own_year(match: re.Match[str]) -> bool:
    """A date without its year is not followed or preceded by another year."""
    if match["year"]:
        return True
    after = re.match(r"\W{0,3}(?:\w{1,4}\W{1,2})?\d{4}(?!\d)", match.string[match.end() : match.end() + 16])
    before = match.string[max(0, match.start() - 12) : match.start()]
    return not after and not re.search(r"\d{4}\W{0,2}\w?\W{0,2}$", before)


def _patterns(day: date, locale: Cldr) -> Iterator[tuple[re.Pattern[str], bool]]:
    """One after another, the likeliest first: most are never needed, and each takes time to compile."""
    yield from ((_regex(p, day, locale), True) for p in _own_patterns(locale))
    for source in (locale, cldr("en-US")):
        yield from ((_regex(p, day, source), False) for p in NAMED)
    yield from ((_numeric(order, day), False) for order in _orders(day, locale))


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


@lru_cache(maxsize=4096)
def _numeric(order: str, day: date) -> re.Pattern[str]:
    parts = {"y": _years(day, ""), "M": f"0?{day.month}", "d": f"0?{day.day}"}
    return _bounded(r"\ ?[-/.]\ ?".join(parts[letter] for letter in order))


@lru_cache(maxsize=16384)
def _regex(pattern: str, day: date, locale: Cldr) -> re.Pattern[str]:
    """A CLDR pattern as a regular expression for one day; words between its parts may be missing."""
    named = "MMM" in re.sub("'[^']*'", "", pattern)
    tokens = [m[0] for m in TOKEN.finditer(fold_pattern(pattern))]
    while tokens and tokens[-1][0] not in "yMLdu":
        tokens.pop()
    return _bounded("".join(_token(t, day, locale, named) for t in tokens))


def fold_pattern(pattern: str) -> str:
    """Invisible marks dropped, letters that are fields kept in their case."""
    return re.sub("[\u200e\u200f\u061c]", "", pattern).replace("\u202f", " ").replace("\u00a0", " ")


def _token(token: str, day: date, locale: Cldr, named: bool) -> str:
    if token[0] in "yu":
        return _years(day, locale.language)
    if token[0] in "ML":
        return f"0?{day.month}" if len(token) < 3 else _months(day.month, locale)
    if token[0] == "d":
        return f"0?{day.day}{ORDINAL if named else ''}"
    if token[0] in "EG":
        return r"(?:[^\d\s]{1,6})?"
    words = re.escape(fold(token.strip("'")).strip()).replace(r"\ ", r"\s*")
    return rf"[\s,]{{0,2}}(?:{words})?[\s,]{{0,2}}" if named else rf"\s?{words}\s?"


def _years(day: date, language: str) -> str:
    years = [str(day.year)]
    if language == "th":
        years.append(str(day.year + 543))
    if language == "ja" and day.year > REIWA:
        years.append(f"令和{day.year - REIWA}")
    return f"(?P<year>{'|'.join(years)}|{day.year % 100:02d})"


@lru_cache(maxsize=2048)
def _months(month: int, locale: Cldr) -> str:
    names = {
        fold(locale.locale.months[context][width][month]).rstrip(".")
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
    }
    longest = sorted(names, key=len, reverse=True)
    return rf"(?:{'|'.join(map(re.escape, longest))})(?![^\W\d_])\.?"


def _bounded(body: str) -> re.Pattern[str]:
    year = "" if "(?P<year>" in body else "(?P<year>$^)?"
    left = r"(?<![^\W_])" if body.startswith("(?:") else r"(?<!\d)(?<!\d[-/.])"
    return re.compile(rf"{left}{body}{year}(?!\d)(?![-/.]\d)")
