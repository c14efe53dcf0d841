"""Years and the calendar that they are said to be of: พ.ศ. 2569, 令和8年, 民國115年, 1447 هـ."""

import re

from rewards.culture.customs import Era
from rewards.culture.reply_view import Finding, Said, all_hold

# A Gregorian year given beside it, in parentheses or after a stroke.
BESIDE = re.compile(r"^[^\d\n]{0,4}[(（/／=]\s?(\d{4})(?!\d)")
AHEAD = re.compile(r"(?<!\d)(\d{4})[^\d\n]{0,3}[(（/／=]\s?$")


def calendar(said: Said) -> Finding | None:
    """Each year that stands with an era's mark is one of that era, and agrees with the Gregorian year that
    is given beside it. What calendar the reader prefers is not decided: all that are named are in use."""
    seen, wrong = 0, []
    for era in said.customs.eras:
        for match in _pattern(era).finditer(said.plain.digits):
            seen += 1
            year = int(match["year"])
            if not era.years[0] <= year <= era.years[1]:
                wrong.append(f"{year} is no year of {era.mark}")
            elif (beside := _beside(match)) and era.offset is not None and year + era.offset != beside:
                wrong.append(f"{era.mark} {year} is {year + era.offset}, not {beside}")
    return all_hold(wrong, seen)


def _pattern(era: Era) -> re.Pattern[str]:
    mark = rf"(?<![^\W\d_]){era.mark}" if era.mark[0].isascii() else era.mark
    year = rf"(?<![\d:.,/])(?P<year>\d{{{len(str(era.years[0]))},4}})(?!\d)"
    return re.compile(rf"{mark}\s?{year}" if era.before else rf"{year}\s?{era.mark}(?![^\W\d_])")


def _beside(match: re.Match[str]) -> int | None:
    text = match.string
    found = BESIDE.search(text[match.end() : match.end() + 12])
    found = found or AHEAD.search(text[max(0, match.start() - 12) : match.start()])
    return int(found[1]) if found else None
