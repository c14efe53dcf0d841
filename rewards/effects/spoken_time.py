"""Whether a text says one time of day and nothing that would change it: "today at 4:40 PM", but not "until 4:40 PM"."""

import re
from collections.abc import Iterable

from rewards.facts import find, form
from rewards.facts.cldr import Cldr, cldr
from rewards.facts.clock import beside_times
from rewards.facts.days import TODAY, read_days
from rewards.facts.times import Reading, clock_digits, read_times
from rewards.text.normalize import Plain, ascii_digits, fold, plain
from sandbox.catalog.clock import NOW, as_time

LONGEST = 48  # characters of a time with the words beside it
ISO = re.compile(r"(?<!\d)(\d{4}-\d\d-\d\d)t(?=\d)")
MEANS_NOTHING = re.compile(r"[\s.,:;!()\[\]'\"、，。।،–-]*")


def says_only(minute: int, text: str, locale: str, request: str) -> bool:
    """Whether the time in the text is ``minute`` after midnight, its day the one on which that comes next or one
    that the request names, and all beside them words that the locale puts beside times; or the user's own words."""
    own = _spaced(text)
    if not own or len(own) > LONGEST:
        return False
    if own == fold(form({"kind": "time", "value": as_time(minute)}, locale)):
        return True
    ahead = _days_ahead(minute, request, cldr(locale))
    return any(_says_only(minute, own, code, ahead, _spaced(request)) for code in (locale, "en"))


def _says_only(minute: int, own: str, locale: str, ahead: frozenset[int], request: str) -> bool:
    data, said = cldr(locale), _without_dates(own, ahead, locale)
    times = read_times(said, data)
    if not times or not _are_one(times, minute):
        return False
    return _is_quoted(own, request) or _says_no_more(said, times, ahead, data)


def _spaced(text: str) -> str:
    return " ".join(ISO.sub(r"\1 ", ascii_digits(fold(text))).split())


def _days_ahead(minute: int, request: str, data: Cldr) -> frozenset[int]:
    """How many days from today it may be: none, one where the time has passed, and as many as the request says."""
    passed = {1} if minute <= NOW.hour * 60 + NOW.minute else set[int]()
    return frozenset({0} | passed).union(*(said.ahead for said in read_days(plain(request), data)))


def _without_dates(text: str, ahead: Iterable[int], locale: str) -> Plain:
    """The text in digits, less the dates among the days that it may be."""
    digits = clock_digits(plain(text), cldr(locale)).digits
    for days in ahead:
        date = TODAY.fromordinal(TODAY.toordinal() + days).isoformat()
        for found in find({"kind": "date", "value": date}, digits, locale):
            if re.search(r"\d", digits[found.start : found.end]):
                left = f"{digits[: found.start]} {digits[found.end :]}"
                return Plain(left, left)
    return Plain(digits, digits)


def _are_one(times: Iterable[Reading], minute: int) -> bool:
    """Whether one of the times is the right one, and the others are it again or other readings of the same words."""
    right = [time for time in times if minute in time.minutes]
    return bool(right) and all(
        time in right or any(one.start < time.end and time.start < one.end for one in right) for time in times
    )


def _is_quoted(text: str, request: str) -> bool:
    """Whether the request has these very words."""
    return re.search(rf"(?<![^\W_]){re.escape(text)}(?![^\W_])", request) is not None


def _says_no_more(said: Plain, times: Iterable[Reading], ahead: frozenset[int], data: Cldr) -> bool:
    days = [*read_days(said, data), *read_days(said, cldr("en"))]
    if any(not day.ahead & ahead for day in days):
        return False
    left = list(clock_digits(said, data).digits)
    for start, end in [(one.start, one.end) for one in times] + [(day.start, day.end) for day in days]:
        left[start:end] = " " * (end - start)
    return MEANS_NOTHING.fullmatch(beside_times(data).sub(" ", "".join(left))) is not None
