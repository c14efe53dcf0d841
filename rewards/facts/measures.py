"""Money, quantities and temperatures: a number, and the words and signs right beside it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache

from babel.localedata import LocaleDataDict

from rewards.facts.cldr import Cldr, cldr
from rewards.facts.numbers import MOMENT, Found, find_about, find_number
from rewards.facts.numerals import literal
from rewards.facts.words import words
from rewards.text.normalize import UNSPACED_LANGUAGES, Plain, fold
from rewards.types import Fact

UNITS = {
    "kilometer": "length-kilometer", "mile": "length-mile", "meter": "length-meter",
    "foot": "length-foot", "kilogram": "mass-kilogram", "pound": "mass-pound",
    "liter": "volume-liter", "gallon": "volume-gallon",
    "celsius": "temperature-celsius", "fahrenheit": "temperature-fahrenheit",
}  # fmt: skip
# Currencies whose signs and names are told apart; the fact's own is always among them.
CURRENCIES = (
    "USD", "EUR", "GBP", "JPY", "BRL", "INR", "CHF", "CNY", "CAD", "AUD", "MXN", "RUB", "KRW",
    "THB", "KES", "EGP", "BDT", "SGD", "HKD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "ZAR",
)  # fmt: skip
SIGNS = {"$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY CNY", "r$": "BRL", "₹": "INR",
         "元": "CNY", "円": "JPY", "원": "KRW", "₽": "RUB", "฿": "THB", "৳": "BDT", "₩": "KRW"}  # fmt: skip
# Where natives write the sign on either side, whatever CLDR's pattern says.
EITHER_SIDE = frozenset({"ar", "bn", "tr", "fa", "ur", "it"})
# Where people live with °F, by CLDR's supplemental data.
FAHRENHEIT = frozenset({"US", "BS", "BZ", "KY", "PR", "PW", "GU", "VI", "AS", "MP", "UM", "FM", "MH", "LR"})
# 元 and its kin are the currency of the place.
HERE = {"TW": "TWD", "HK": "HKD", "MO": "MOP"}
YUAN = ("元", "塊", "塊錢", "蚊")
TOMAN = "تومان"
DURATIONS = {
    "second": "duration-second",
    "minute": "duration-minute",
    "hour": "duration-hour",
    "day": "duration-day",
}
MINUTES = {"second": 1 / 60, "minute": 1, "hour": 60, "day": 24 * 60}
# Groups of three, or of two before the last one: 180,000 and 1,80,000.
AMOUNT = re.compile(
    r"(?<![\d.,])(?:\d{1,2}(?:[,']\d\d(?!\d))++[,']\d{3}(?!\d)|\d+(?:[.,'٫ ]\d{3}(?!\d))*+)(?:[.,'٫]\d+)?(?!\d)"
)
LINK = re.compile(r"^(?:de |d'|di )")  # dos millones de euros
BESIDE = 40  # characters beside a number in which its term stands
ENDED = r"(?![^\W\d_\u0500-\U0010ffff])"  # no letter goes on, in a script with spaces between words
LENGTHS = ("long", "short", "narrow")


@dataclass(frozen=True)
class Terms:
    """What stands after or before a number, and which measures each term may mean."""

    after: dict[str, set[str]] = field(default_factory=dict)
    before: dict[str, set[str]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)

    def add(self, side: dict[str, set[str]], term: str, meaning: str, own: bool) -> None:
        term = fold(term).strip()
        if term:
            side.setdefault(term, set()).add(meaning)
            if own:
                self.own.add(term)


def find_money(fact: Fact, text: Plain, locale: Cldr) -> Iterator[Found]:
    """All places that state an amount of a currency, also in whole units and hundredths: "212 euros 50 cents"."""
    currency, value = fact["currency"], fact["value"]
    terms = _currency_terms(locale, None if currency in CURRENCIES else currency)
    for found in find_about(value, text, locale, letters=True):
        before, after = _beside(found, text, terms)
        nearest = after or before
        if _glued(before, text, found) or (nearest == TOMAN and currency == "IRR"):
            continue
        if nearest is not None and currency not in (terms.after | terms.before)[nearest]:
            continue
        if _cents(found.end, text, after, locale) is None:
            yield Found(found.start, found.end, found.local and _placed(before, after, terms, locale))
    yield from _with_cents(value, currency, text, terms, locale)
    if currency == "IRR":
        yield from _tomans(value, text, terms, locale)


def _glued(before: str | None, text: Plain, found: Found) -> bool:
    """Whether letters that are no currency stand right before the number."""
    return not before and bool(re.search("[a-z]$", text.text[max(0, found.start - 1) : found.start]))


def _with_cents(value: float, currency: str, text: Plain, terms: Terms, locale: Cldr) -> Iterator[Found]:
    hundredths = round(value * 100)
    if hundredths % 100 == 0:
        return
    for found in find_number(hundredths // 100, text, locale, letters=True):
        before, after = _beside(found, text, terms)
        nearest = after or before
        named = nearest and currency in (terms.after | terms.before)[nearest]
        cents = _cents(found.end, text, after, locale)
        if named and cents and cents[0] == hundredths % 100 and not _glued(before, text, found):
            yield found


def _cents(at: int, text: Plain, after: str | None, locale: Cldr) -> tuple[int, int] | None:
    """The hundredths that are said behind an amount which ends at a place, and where they end."""
    match = words(locale).cents.match(text.digits, at, at + BESIDE)
    if not match and after:
        match = words(locale).bare_cents.match(text.digits, text.text.find(after, at) + len(after))
    return (int(match["cents"] or match["after"]), match.end()) if match else None


def _tomans(value: float, text: Plain, terms: Terms, locale: Cldr) -> Iterator[Found]:
    """In Iran ten rials are a toman, the unit that people say."""
    for found in find_number(value / 10, text, locale):
        if TOMAN in _beside(found, text, terms):
            yield found


def find_quantity(fact: Fact, text: Plain, locale: Cldr) -> Iterator[Found]:
    """All places that state a quantity or a temperature; °F where the locale's readers live with it."""
    unit = fact.get("unit", "celsius")
    yield from _measured(fact["value"], unit, text, locale, named=False)
    if unit == "celsius" and locale.locale.territory in FAHRENHEIT:
        exact = Decimal(str(fact["value"])) * 9 / 5 + 32
        for near in {exact.to_integral_value(ROUND_FLOOR), exact.to_integral_value(ROUND_CEILING)}:
            yield from _measured(int(near), "fahrenheit", text, locale, named=True)


def _measured(value: float, unit: str, text: Plain, locale: Cldr, named: bool) -> Iterator[Found]:
    """``named``: the unit must be said, if only as degrees."""
    terms = _degree_terms(locale) if named else unit_terms(locale)
    for found in find_about(value, text, locale):
        before, after = _beside(found, text, terms)
        if (before and unit not in terms.before[before]) or (after and unit not in terms.after[after]):
            continue
        if named and not after:
            continue
        yield Found(found.start, found.end, found.local and (after is None or after in terms.own))


@dataclass(frozen=True)
class Length:
    """A length of time in more than one word, or in hours, and where it stands."""

    minutes: int
    start: int
    end: int
    whole: bool  # whether a number in it means only a part of it

    def longer(self, other: "Length") -> bool:
        within = self.start <= other.start and other.end <= self.end
        return within and self.end - self.start > other.end - other.start

    def holds(self, start: int) -> bool:
        return self.start <= start < self.end


def find_duration(value: float, unit: str, text: Plain, locale: Cldr) -> Iterator[Found]:
    """All places that state a length of time in ``unit``, also as half an hour, an hour and 20 minutes, or without
    its unit; a number of another one is none, nor is a part of a longer one."""
    terms, lengths = _duration_terms(locale), list(_lengths(text, locale))
    for found in find_number(value, text, locale):
        before, after = _beside(found, text, terms)
        said = (terms.after[after] if after else set()) | (terms.before[before] if before else set())
        if (not said or unit in said) and not any(one.whole and one.holds(found.start) for one in lengths):
            yield found
    for one in lengths:
        if one.minutes == value * MINUTES[unit]:
            yield Found(one.start, one.end, local=True)


def _lengths(text: Plain, locale: Cldr) -> Iterator[Length]:
    """Phrases such as half an hour, and hours with the minutes after them: 2 hours, an hour and 20 minutes, 1h20."""
    phrases = [
        Length(minutes, *match.span(), whole=True)
        for pattern, minutes in words(locale).half
        for match in pattern.finditer(text.digits)
    ]
    phrases = [one for one in phrases if not any(other.longer(one) for other in phrases)]
    yield from phrases
    hours, rest = _clock_of_lengths(locale)
    for match in hours.finditer(text.digits):
        after = rest.match(text.digits, match.end())
        said = (match["after"] or match["before"] or "1").replace(",", ".")
        minutes = Decimal(said) * 60 + (int(after["minutes"]) if after else 0)
        if not any(one.holds(match.start()) for one in phrases):
            yield Length(int(minutes), match.start(), (after or match).end(), whole=after is not None)


@lru_cache(maxsize=256)
def _clock_of_lengths(locale: Cldr) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A count of hours, and the minutes that may follow it."""
    terms = _duration_terms(locale)
    after, before = (_of_unit("hour", side) for side in (terms.after, terms.before))
    minute = _of_unit("minute", terms.before)
    count = r"\d{1,3}(?:[.,]\d{1,2})?"
    return (
        re.compile(
            rf"(?<![\d.,:])(?P<after>{count})[ ']?(?:h|{after}){ENDED}"
            rf"|(?:{before})\s(?P<before>{count})(?![\d:])|{words(locale).hour}"
        ),
        re.compile(rf"[^\d.;!?]{{0,6}}(?:(?:{minute})\s)?(?P<minutes>\d{{1,2}})(?![\d:/])"),
    )


def _of_unit(unit: str, side: dict[str, set[str]]) -> str:
    """The terms of one unit as a pattern, the longest first."""
    ordered = sorted((term for term, units in side.items() if units == {unit}), key=len, reverse=True)
    return "|".join(map(re.escape, ordered)) or "(?!)"


def amounts(unit: str, text: Plain, locale: Cldr) -> Iterator[tuple[Decimal, int, int]]:
    """All values that the text names beside a currency, a unit or a length of time, and where they stand."""
    money = unit not in UNITS and unit not in MINUTES
    terms = _terms_of(unit, locale)
    digits = MOMENT.sub(lambda match: "\0" * len(match[0]), text.digits)
    told = 0  # up to here the amounts before have been read, their cents among them
    for match in AMOUNT.finditer(digits):
        before, after = _beside(Found(*match.span(), local=True), text, terms)
        nearest = after or before
        value = literal(match[0], locale)
        if match.start() < told or (money and words(locale).cent.match(digits, match.end())):
            continue
        if nearest and value is not None and unit in (terms.after | terms.before)[nearest]:
            cents = _cents(match.end(), text, after, locale) if money else None
            told = cents[1] if cents else told
            yield -value if words(locale).negative(digits, *match.span()) else value, *match.span()


def _terms_of(unit: str, locale: Cldr) -> Terms:
    if unit == "celsius":
        return _degree_terms(locale)
    if unit in MINUTES:
        return _duration_terms(locale)
    return (
        unit_terms(locale) if unit in UNITS else _currency_terms(locale, None if unit in CURRENCIES else unit)
    )


def _beside(found: Found, text: Plain, terms: Terms) -> tuple[str | None, str | None]:
    before = text.text[max(0, found.start - BESIDE) : found.start].rstrip()
    after = LINK.sub("", text.text[found.end : found.end + BESIDE].lstrip())
    lengths = range(BESIDE, 0, -1)  # the longest term is meant
    behind = (before[-n:] for n in lengths if n <= len(before))
    ahead = (after[:n] for n in lengths if n <= len(after))
    return (
        next((t for t in behind if t in terms.before and _starts(t, before[: -len(t)])), None),
        next((t for t in ahead if t in terms.after and _ends(t, after[len(t) :])), None),
    )


def _ends(term: str, rest: str) -> bool:
    """A sign before the next number belongs to that one; a term ends where its word does."""
    if not term[-1].isalpha() and re.match(r" ?\d", rest):
        return False
    return not (_latin(term[-1]) and rest and _latin(rest[0]))


def _starts(term: str, rest: str) -> bool:
    return not (_latin(term[0]) and rest and _latin(rest[-1]))


def _latin(char: str) -> bool:
    return char.isalpha() and ord(char) < 0x0500


def _placed(before: str | None, after: str | None, terms: Terms, locale: Cldr) -> bool:
    """A sign stands on its side; an ISO code or a name of the locale on either."""
    nearest = after or before
    if nearest is None:
        return True
    if nearest not in SIGNS or nearest in "元円원":
        return nearest in terms.own
    prefix = sign_first(locale)
    return locale.language in EITHER_SIDE or prefix == (after is None)


def sign_first(locale: Cldr) -> bool:
    pattern = locale.locale.currency_formats["standard"].pattern
    return str(pattern).lstrip("\u200e\u200f").startswith("¤")


@lru_cache(maxsize=256)
def _currency_terms(locale: Cldr, another: str | None) -> Terms:
    """What the known currencies are called, and another one."""
    terms = Terms()
    for sign, codes in SIGNS.items():
        for code in codes.split():
            _both(terms, sign, code, own=True)
    for code in (*CURRENCIES, another) if another else CURRENCIES:
        _both(terms, code, code, own=True)
        for term in _currency_names(cldr("en"), code):
            _both(terms, term, code, own=False)
        for term in _currency_names(locale, code):
            _both(terms, term, code, own=True)
    for code, names in words(locale).money.items():
        for name in names:
            _both(terms, name, code, own=True)
    here = HERE.get(str(locale.locale.territory))
    for term in YUAN if here and locale.language in ("zh", "yue") else ():
        _both(terms, term, here or "", own=True)
    if locale.language == "fa":
        terms.add(terms.after, TOMAN, TOMAN, own=True)
    return terms


def currency_words(codes: Iterable[str], locale: Cldr) -> frozenset[str]:
    """What the currencies are called, folded: some names are those of measures as well, such as libras."""
    terms, meant = _currency_terms(locale, None), set(codes)
    return frozenset(term for term, meanings in terms.after.items() if meanings & meant)


@lru_cache(maxsize=256)
def _duration_terms(locale: Cldr) -> Terms:
    """Words for units of time, in the locale's language and in English."""
    terms = Terms()
    for source, own in ((cldr("en"), False), (locale, True)):
        for unit, key in DURATIONS.items():
            for pattern in unit_patterns(source, key):
                head, _, tail = pattern.partition("{0}")
                if len(head.strip()) > 1:
                    terms.add(terms.before, head, unit, own)
                if len(tail.strip()) > 1 or locale.language in UNSPACED_LANGUAGES:
                    terms.add(terms.after, tail, unit, own)
    for unit, names in words(locale).durations.items():
        for name in names:
            terms.add(terms.after, name, unit, own=True)
    return terms


def _both(terms: Terms, term: str, code: str, own: bool) -> None:
    terms.add(terms.after, term, code, own)
    terms.add(terms.before, term, code, own)


def _currency_names(locale: Cldr, code: str) -> Iterable[str]:
    names, symbol = _names(locale, code), locale.locale.currency_symbols.get(code)
    nouns = {word for name in names for word in [*_ends_of(name), *_nouns_in(name, locale)]}
    return [*names, *sorted(nouns), *([symbol] if symbol else [])]


def _names(locale: Cldr, code: str) -> list[str]:
    """What CLDR calls a currency, in the singular and in its plurals."""
    plurals: LocaleDataDict = locale.locale._data["currency_names_plural"].get(code, {})
    return [x for x in (locale.locale.currencies.get(code), *dict(plurals).values()) if x]


def _nouns_in(name: str, locale: Cldr) -> Iterable[str]:
    """The noun of a name that has more around it: фунтов in "британских фунтов стерлингов", ポンド in 英国ポンド."""
    words, nouns = set(name.split()[1:-1]), _currency_nouns(locale)
    if locale.language in UNSPACED_LANGUAGES:
        return [noun for noun in nouns if name.endswith(noun)]
    return words & nouns


@lru_cache(maxsize=256)
def _currency_nouns(locale: Cldr) -> frozenset[str]:
    """The words with which names of known currencies end: dollars, euro, фунтов."""
    return frozenset(_ends_of(name)[1] for code in CURRENCIES for name in _names(locale, code))


def _ends_of(name: str) -> tuple[str, str]:
    """First and last word: natives say "dollars" for "dollars des États-Unis", "dollár" for "USA-dollár"."""
    words = name.split()
    return words[0], words[-1].rpartition("-")[2]


@lru_cache(maxsize=256)
def unit_terms(locale: Cldr) -> Terms:
    terms = Terms()
    for source, own in ((cldr("en"), False), (locale, True)):
        for unit, key in UNITS.items():
            for pattern in unit_patterns(source, key):
                head, _, tail = pattern.partition("{0}")
                terms.add(terms.before, head, unit, own)
                terms.add(terms.after, tail, unit, own)
    for sign, unit in SYMBOLS.items():
        terms.add(terms.after, sign, unit, own=True)
    for unit in ("celsius", "fahrenheit"):
        terms.add(terms.after, "°", unit, own=True)
    return terms


@lru_cache(maxsize=256)
def _degree_terms(locale: Cldr) -> Terms:
    """Units, and a word for degrees alone."""
    units = unit_terms(locale)
    terms = Terms({**units.after}, {**units.before}, set(units.own))
    for pattern in unit_patterns(locale, "angle-degree"):
        head, _, tail = pattern.partition("{0}")
        for side, term in ((terms.after, tail), (terms.before, head)):
            if fold(term).strip() not in units.after | units.before:
                for unit in ("celsius", "fahrenheit"):
                    terms.add(side, term, unit, own=True)
    return terms


# SI and other signs that are the same in every language.
SYMBOLS = {"km": "kilometer", "mi": "mile", "m": "meter", "ft": "foot", "kg": "kilogram",
           "lb": "pound", "lbs": "pound", "l": "liter", "gal": "gallon", "°c": "celsius",
           "°f": "fahrenheit", "° c": "celsius", "° f": "fahrenheit"}  # fmt: skip


def unit_patterns(locale: Cldr, key: str) -> list[str]:
    """CLDR's patterns of a unit with a place for the number, the longest style first."""
    styles = locale.locale._data["unit_patterns"][key]
    found = [styles[s] for s in LENGTHS if s in styles]
    return [p for style in found for k, p in dict(style).items() if k != "per" and "{0}" in p]
