"""Years and days of other calendars: the Buddhist year, Reiwa, the years of the Republic, Iran's calendar."""

from datetime import date

BUDDHIST = 543  # years ahead
REIWA = 2018  # the year before Reiwa 1
REPUBLIC = 1911  # the year before Minguo 1


def years(day: date, language: str, written: str) -> set[str]:
    """What the year may be written as; ``written`` is the whole date, which may name its era."""
    gregorian = {str(day.year), f"{day.year % 100:02d}"}
    if language == "th":
        buddhist = {str(day.year + BUDDHIST), f"{(day.year + BUDDHIST) % 100:02d}"}
        return buddhist if "พ.ศ" in written else gregorian if "ค.ศ" in written else gregorian | buddhist
    if language == "ja" and day.year > REIWA:
        return gregorian | {f"令和{day.year - REIWA}", f"r{day.year - REIWA}"}
    if language in ("zh", "yue"):
        return gregorian | {f"民国{day.year - REPUBLIC}", f"民國{day.year - REPUBLIC}"}
    return gregorian


def jalali(day: date) -> tuple[int, int, int]:
    """Year, month and day in Iran's calendar: the 33-year cycle of leap years, right for 1800 to 2200.

    Source: K. M. Borkowski, "The Persian calendar for 3000 years", Earth, Moon, and Planets 74 (1996).
    """
    year = day.year - 621
    new_year = _nowruz(year)
    if day < new_year:
        year -= 1
        new_year = _nowruz(year)
    passed = (day - new_year).days
    month, rest = divmod(passed, 31) if passed < 186 else divmod(passed - 186, 30)
    return year, month + (1 if passed < 186 else 7), rest + 1


def _nowruz(year: int) -> date:
    """The Gregorian day of the first of Farvardin, found from that of 1403 (20 March 2024)."""
    days, at = 0, 1403
    while at < year:
        days += 366 if _leap(at) else 365
        at += 1
    while at > year:
        at -= 1
        days -= 366 if _leap(at) else 365
    return date.fromordinal(date(2024, 3, 20).toordinal() + days)


def _leap(year: int) -> bool:
    return year % 33 in (1, 5, 9, 13, 17, 22, 26, 30)
