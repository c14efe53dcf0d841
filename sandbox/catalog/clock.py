"""The frozen clock of every session, and how the tools read dates and times."""

import datetime as dt
import re

from sandbox.tools import ToolError

NOW = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)  # a Monday
DAY_MINUTES = 24 * 60


def minute_of_day(text: str) -> int | None:
    """Minutes after midnight of an ``HH:MM`` time, or None for any other text."""
    found = re.fullmatch(r"\s*([0-9]{1,2}):([0-9]{2})\s*", text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return int(found[1]) * 60 + int(found[2])


def as_time(minute: int) -> str:
    """Minutes after midnight as ``HH:MM``, wrapping at midnight."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def iso_date(text: str) -> dt.date | None:
    """The date that ``YYYY-MM-DD`` names, 1950 to 2100, or None for any other text."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text.strip()):
        return None
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:  # such as 2026-02-30
        return None
    return day if 1950 <= day.year <= 2100 else None


def need_date(text: str) -> dt.date:
    """The date, or a ``ToolError`` that says how to write one."""
    day = iso_date(text)
    if day is None:
        raise ToolError(f"{text[:40]!r} is not a date between 1950 and 2100: write it as YYYY-MM-DD")
    return day


def need_time(text: str) -> str:
    """The time as ``HH:MM``, or a ``ToolError`` that says how to write one."""
    minute = minute_of_day(text)
    if minute is None:
        raise ToolError(f"{text[:40]!r} is not a time: write it as HH:MM, in 24 hours")
    return as_time(minute)
