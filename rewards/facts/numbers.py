"""Finding one number in a text, in any digits and with any marks that leave no doubt."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache

from rewards.facts.cldr import Cldr
from rewards.facts.words import words
from rewards.text.normalize import Plain, matches

DECIMAL, GROUP = ".,٫", ".,' _"
# A date or a clock time is not a number, whatever digits it has.
MOMENT = re.compile(r"(?<!\d)\d{1,4}([-/])\d{1,2}\1\d{1,4}(?!\d)|(?<!\d)\d{1,2}:\d{2}(?!\d)")
ROUGHLY = Decimal("0.02")  # how far from a number its rounded one may be
LEAST_ROUNDED = 10  # a number as great may be said in wholes, too
GROUPINGS = ("west", "india", "short")  # 123,456 and 1,23,456; 1,234 and 12,345 are both


@dataclass(frozen=True)
class Found:
    """Where a value stands in the folded text, and whether it is written as the locale does."""

    start: int
    end: int
    local: bool


def find_number(value: float | Decimal, text: Plain, locale: Cldr, letters: bool = False) -> Iterator[Found]:
    """All places that state ``value``; with ``letters`` a Latin letter may stand right before it."""
    number = Decimal(str(value)).normalize()
    whole, _, fraction = f"{abs(number):f}".partition(".")
    digits = MOMENT.sub(lambda m: "\0" * len(m[0]), text.digits)
    for match in matches(_pattern(len(whole), len(fraction), letters), digits):
        if (
            _has_digits(match, whole, fraction)
            and words(locale).negative(digits, *match.span()) == (number < 0)
            and _alone(match, locale)
            and _unambiguous(match, locale)
        ):
            yield Found(*match.span(), local=_is_local(match, text, locale))


def find_about(value: float, text: Plain, locale: Cldr, letters: bool = False) -> Iterator[Found]:
    """All places that state ``value``, and those that say about what it is: "about 62 miles" for 62.14, "a little
    over 35" for 35.29."""
    yield from find_number(value, text, locale, letters)
    if not words(locale).hedge.search(text.digits):
        return
    number = Decimal(str(value))
    for near in sorted(roundings(number)):
        for found in find_number(near, text, locale, letters):
            if words(locale).rounded(text.digits, found.start, found.end, above=number > near):
                yield found


@lru_cache(maxsize=256)
def roundings(number: Decimal) -> frozenset[Decimal]:
    """What a number is roughly: to tenths, wholes, tens and so on, and to fives of them, where that is near it."""
    found = set()
    for exponent in range(-1, number.adjusted() + 1):
        for step in (Decimal(10) ** exponent, 5 * Decimal(10) ** exponent):
            for mode in (ROUND_HALF_UP, ROUND_HALF_DOWN):
                near = (number / step).to_integral_value(mode) * step
                whole = step == 1 and abs(number) >= LEAST_ROUNDED
                if near != number and (whole or abs(near - number) <= ROUGHLY * abs(number)):
                    found.add(near)
    return frozenset(found)


def _has_digits(match: re.Match[str], whole: str, fraction: str) -> bool:
    written = "".join(filter(str.isdecimal, match["whole"]))
    return written == whole and (match["fraction"] or "").startswith(fraction)


@lru_cache(maxsize=1024)
def _pattern(whole: int, fraction: int, letters: bool) -> re.Pattern[str]:
    """Any number with so many digits before and after its decimal mark, which may be zeros after it, too: one for
    each number would cost more to compile than all the rest costs."""
    forms = [rf"\d{{{whole}}}"]
    if whole > 5:
        forms += [_grouped(whole, 3, "west"), _grouped(whole, 2, "india")]
    elif whole > 3:
        forms.append(_grouped(whole, 3, "short"))
    tail = f"(?P<decimal>[{DECIMAL}])(?P<fraction>\\d{{{fraction}}}0{{0,3}})"
    if not fraction:
        tail = f"(?:(?P<decimal>[{DECIMAL}])(?P<fraction>0{{1,2}}))?"
    left = "" if letters else "(?<![a-z_])"
    marks = ".,:'٫"
    number = rf"(?P<whole>{'|'.join(forms)}){tail}"
    return re.compile(rf"(?<!\d)(?<!\d[{marks}]){left}{number}(?!\d)(?![{marks}]\d)")


def _grouped(digits: int, size: int, name: str) -> str:
    """The last three digits set apart, those before them in groups of ``size``."""
    first, groups = (digits - 3 - 1) % size + 1, (digits - 3 - 1) // size
    rest = [rf"\d{{{size}}}"] * groups + [r"\d{3}"]
    return rf"\d{{{first}}}(?P<{name}>[{GROUP}])" + f"(?P={name})".join(rest)


def _alone(match: re.Match[str], locale: Cldr) -> bool:
    """Where spaces group digits, "4 229" holds neither 4 nor 229."""
    if " " not in locale.groups:
        return True
    before, after = (
        match.string[max(0, match.start() - 2) : match.start()],
        match.string[match.end() : match.end() + 5],
    )
    joined_left = bool(re.fullmatch(r"\d ", before)) and re.match(r"\d{3}(?!\d)", match[0])
    joined_right = match["decimal"] is None and re.match(r" \d{3}(?!\d)", after)
    return not joined_left and not joined_right


def _group(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    return next((mark for name in GROUPINGS if (mark := groups.get(name))), None)


def _unambiguous(match: re.Match[str], locale: Cldr) -> bool:
    """One mark before three digits may be either kind: the locale or English must use it so."""
    group, decimal = _group(match), match["decimal"]
    if group and group == decimal:
        return False
    if group in (".", ",") and not decimal and len(match[0]) <= 7:
        return group == "," or group in locale.groups
    if decimal == "," and not group and len(match["fraction"]) == 3:
        return "," in locale.decimals
    return True


def _is_local(match: re.Match[str], text: Plain, locale: Cldr) -> bool:
    return digits_known(text.text[match.start() : match.end()], locale) and _marks_known(match, locale)


def digits_known(written: str, locale: Cldr) -> bool:
    """Latin digits and the language's own are known; those of other scripts are not."""
    return all(_zero(c) in locale.zeros for c in written if c.isdecimal())


def _zero(digit: str) -> str:
    return chr(ord(digit) - int(digit))


def _marks_known(match: re.Match[str], locale: Cldr) -> bool:
    group, decimal = _group(match), match["decimal"]
    if decimal and decimal not in locale.decimals:
        return False
    if not group:
        return True
    known = group in locale.groups or (group == " " and "," in locale.decimals)
    return known and _sizes_known(match, locale)


def _sizes_known(match: re.Match[str], locale: Cldr) -> bool:
    groups = match.groupdict()
    return bool(groups.get("short")) or bool(groups.get("india")) == (locale.grouping[1] == 2)
