"""Dates, times, numbers, digits and money anywhere in a reply, whatever their values.

Only what leaves no doubt is decided: 3/4/2026 is a date everywhere, 13/4/2026 is none in the United States,
and 1,234 may be either kind of number in Germany.
"""

import re
from functools import lru_cache

from babel.dates import DateTimePattern

from rewards.culture.reply_view import Finding, Said, all_hold
from rewards.facts.cldr import ZEROS, Cldr, cldr
from rewards.facts.dates import fold_pattern, national
from rewards.facts.measures import EITHER_SIDE, sign_first, unit_terms
from rewards.facts.numbers import digits_known
from rewards.facts.times import is_preposition
from rewards.facts.words import any_of
from rewards.text.normalize import fold

NUMERIC_DATE = re.compile(
    r"(?<![\d/.-])(?P<first>\d{1,4})(?P<mark>[-/]|\. ?)(?P<second>\d{1,2})(?P=mark)(?P<third>\d{1,4})(?![\d]|[-/]\d)"
)
ALL_NUMBERS = re.compile(r"([yMd])\1*(\W+)([yMd])\3*(\W+)([yMd])\5*")
TIME = re.compile(
    r"(?<![\d:.,/-])(?P<hour>[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?!\d|[:/-]\d)"
    r"(?P<half>\s?[ap](?:m|\.\s?m\.)(?![a-z]))?"
)
NUMBER = re.compile(r"(?<![a-z\d_.,:/'+-])\d+(?:[.,'٫]\d+| \d{3}(?![\d]))+(?![\d:/]|[.,'-]\d)")
SIGN = r"(?:r\$|us\$|[$€£¥₹₽₩฿৳₺₫₪₴])"
# Letters and brackets may touch a sign, numbers on both sides of it leave it undecided.
PRICE = re.compile(rf"(?:(?P<end>\d)\s?)?(?<![a-z])(?P<sign>{SIGN})(?!{SIGN})(?:\s?(?P<start>\d))?")
MONTHS = tuple(fold(name) for name in cldr("en").locale.months["format"]["wide"].values())


def digits(said: Said) -> Finding | None:
    """Digits other than ASCII's are of a numbering system that the locale's readers use."""
    native = {c for c in said.plain.text if c.isdecimal() and not c.isascii()}
    known = said.customs.digits
    if known is None:
        wrong = [c for c in native if not digits_known(c, said.locale)]
    else:
        zeros = {ZEROS[system] for system in known}
        wrong = [c for c in native if chr(ord(c) - int(c)) not in zeros]
    return all_hold([f"{c!r} is no digit of {said.task.locale}" for c in sorted(wrong)], native)


def dates(said: Said) -> Finding | None:
    """Dates in numbers have the locale's order and mark; dates in words do not name an English month."""
    wrong, seen = [], 0
    for match in NUMERIC_DATE.finditer(said.plain.digits):
        order = _order(match)
        if order is None:
            continue
        seen += 1
        if (order, match["mark"].strip()) not in numeric_dates(said.locale, order == "ambiguous"):
            wrong.append(f"{match[0]!r} is not written {_shortest(said.locale)}")
    english = [m[0] for m in _english_months(said.locale).finditer(said.plain.digits)]
    wrong += [f"{found!r} names an English month" for found in english]
    return all_hold(wrong, seen + len(english))


def _order(match: re.Match[str]) -> str | None:
    """The only order that makes it a date: "yMd", "dMy", "Mdy"; "ambiguous" for the last two; None: no date."""
    first, second, third = match["first"], match["second"], match["third"]
    if len(first) == 4:
        return "yMd" if int(second) <= 12 and 1 <= int(third) <= 31 and len(third) <= 2 else None
    if len(third) != 4 or len(first) > 2 or not (1 <= int(first) <= 31 and 1 <= int(second) <= 31):
        return None
    if int(first) > 12 and int(second) > 12:
        return None
    if int(first) > 12:
        return "dMy"
    return "Mdy" if int(second) > 12 else "ambiguous"


@lru_cache(maxsize=256)
def numeric_dates(locale: Cldr, ambiguous: bool = False) -> frozenset[tuple[str, str]]:
    """(order, mark) of dates in numbers, CLDR's and others in use, such as ("dMy", "."); ``ambiguous``: the year last."""
    formats, skeletons = locale.locale.date_formats, locale.locale.datetime_skeletons
    patterns = [formats["short"], formats["medium"]]
    patterns += [skeletons[key] for key in ("yMd", "yMMdd") if key in skeletons]
    texts = [p.pattern if isinstance(p, DateTimePattern) else str(p) for p in patterns]
    found = [m for text in texts if (m := ALL_NUMBERS.search(fold_pattern(text))) and "MMM" not in text]
    orders = {(m[1] + m[3] + m[5], m[2].strip()) for m in found} | national(locale)
    return frozenset(
        ("ambiguous" if o[-1] == "y" else o, mark) if ambiguous else (o, mark) for o, mark in orders
    )


def _shortest(locale: Cldr) -> str:
    return str(locale.locale.date_formats["short"].pattern)


@lru_cache(maxsize=256)
def _english_months(locale: Cldr) -> re.Pattern[str]:
    own = {fold(n) for c in ("format", "stand-alone") for n in locale.locale.months[c]["wide"].values()}
    names = "|".join(name for name in MONTHS if name not in own and locale.language != "en")
    if not names:
        return re.compile(r"(?!)")
    return re.compile(
        rf"(?<![^\W_])(?:(?:{names}),? \d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{names}))(?!\w)"
    )


def times(said: Said) -> Finding | None:
    """Times with a colon keep to the locale's clock: no "am" and "pm" on a 24-hour one, none without them
    on a 12-hour one."""
    wrong, seen = [], 0
    for match in TIME.finditer(said.plain.digits):
        seen += 1
        half = match["half"] and not is_preposition(match.string, match.end() - 2, said.locale)
        if half and _latin_halves_are_strange(said):
            wrong.append(f"{match[0]!r} is on the 12-hour clock")
        elif not half and said.customs.clock == 12 and not 1 <= int(match["hour"]) <= 12:
            wrong.append(f"{match[0]!r} is on the 24-hour clock")
    return all_hold(wrong, seen)


def _latin_halves_are_strange(said: Said) -> bool:
    if said.customs.clock:
        return said.customs.clock == 24  # "either" refuses nothing
    return not said.locale.prefers_12h


def numbers(said: Said) -> Finding | None:
    """Marks of decimals and of groups, and the groups' sizes, are the locale's, where they leave no doubt."""
    wrong, seen = [], 0
    for match in NUMBER.finditer(said.plain.digits):
        known = _known(match, said)
        seen += known is not None
        if known is False:
            wrong.append(f"{match[0]!r} is not written as in {said.task.locale}")
    return all_hold(wrong, seen)


def _known(match: re.Match[str], said: Said) -> bool | None:
    """Whether the locale writes a number so; None where it may be something else: a version, a time, a day."""
    written, locale = match[0], said.locale
    parts, marks = re.split(r"\D", written), re.findall(r"\D", written)
    sizes = [len(part) for part in parts]
    if len(set(marks)) == 1 and (len(marks) > 1 or sizes[1] == 3):
        if len(marks) == 1 and sizes[0] <= 3 and marks[0] in locale.decimals:
            return None if marks[0] in locale.groups or locale.decimals == {","} else True
        return _grouped(marks[0], sizes, locale) if _is_grouped(sizes) else None
    if len(marks) == 1:
        return _measured(match, locale) and marks[0] in locale.decimals
    if len(set(marks)) == 2 and marks[-1] not in marks[:-1] and _is_grouped(sizes[:-1]):
        return marks[-1] in locale.decimals and _grouped(marks[0], sizes[:-1], locale)
    return None


def _is_grouped(sizes: list[int]) -> bool:
    return sizes[-1] == 3 and 1 <= sizes[0] <= 3 and set(sizes[1:-1]) in (set(), {2}, {3})


def _grouped(mark: str, sizes: list[int], locale: Cldr) -> bool:
    if mark not in locale.groups and not (mark == " " and "," in locale.decimals):
        return False
    before = locale.grouping[1]
    return sizes[0] <= before and all(size == before for size in sizes[1:-1])


def _measured(match: re.Match[str], locale: Cldr) -> bool | None:
    """True where a unit or a sign stands beside it, so that it is a number and no day or version; else None."""
    text = match.string
    after = _measure(locale).match(text[match.end() : match.end() + 40])
    return (
        True if after or re.search(rf"{SIGN}\s?$", text[max(0, match.start() - 4) : match.start()]) else None
    )


@lru_cache(maxsize=256)
def _measure(locale: Cldr) -> re.Pattern[str]:
    units = any_of(term for term in unit_terms(locale).after if term != "°")
    return re.compile(rf"\s?(?:%|٪|°|{SIGN}|(?:{units})(?![a-z]))")


def money(said: Said) -> Finding | None:
    """A currency's sign stands on the side of the amount that CLDR's pattern has it on."""
    if said.locale.language in EITHER_SIDE:
        return None
    wrong, seen = [], 0
    for match in PRICE.finditer(said.plain.digits):
        if bool(match["start"]) == bool(match["end"]):
            continue
        seen += 1
        if bool(match["start"]) != sign_first(said.locale):
            side = "before" if match["end"] else "after"
            wrong.append(f"{match['sign']!r} stands {side} the amount in {said.task.locale}")
    return all_hold(wrong, seen)
