"""Money, quantities and temperatures: a number, and the words and signs right beside it."""

import re
from collections.abc import Iterable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache

from babel.localedata import LocaleDataDict

from rewards.facts.cldr import Cldr, cldr
from rewards.facts.lengths import MINUTES, duration_terms
from rewards.facts.numbers import MOMENT, Found, find_about, find_number
from rewards.facts.numerals import literal
from rewards.facts.terms import BESIDE, Terms, beside, unit_patterns
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
EITHER_SIDE = frozenset({"ar", "bn", "tr", "fa", "ur", "it", "he"})
# Where people live with °F, by CLDR's supplemental data.
FAHRENHEIT = frozenset({"US", "BS", "BZ", "KY", "PR", "PW", "GU", "VI", "AS", "MP", "UM", "FM", "MH", "LR"})
# 元 and its kin are the currency of the place.
HERE = {"TW": "TWD", "HK": "HKD", "MO": "MOP"}
YUAN = ("元", "塊", "塊錢", "蚊")
TOMANS = ("تومان", "تومن")  # as written, and as said
# Groups of three, or of two before the last one: 180,000 and 1,80,000.
AMOUNT = re.compile(
    r"(?<![\d.,])(?:\d{1,2}(?:[,']\d\d(?!\d))++[,']\d{3}(?!\d)|\d+(?:[.,'٫ ]\d{3}(?!\d))*+)(?:[.,'٫]\d+)?(?!\d)"
)


def find_money(fact: Fact, text: Plain, locale: Cldr) -> Iterator[Found]:
    """All places that state an amount of a currency, also in whole units and hundredths: "212 euros 50 cents"."""
    currency, value = fact["currency"], fact["value"]
    terms = _currency_terms(locale, None if currency in CURRENCIES else currency)
    for found in find_about(value, text, locale, letters=True):
        before, after = beside(found, text, terms)
        nearest = after or before
        if _glued(before, text, found) or (nearest in TOMANS and currency == "IRR"):
            continue
        if after is None and words(locale).hundredths.match(text.digits, found.end):
            continue
        if nearest is not None and currency not in (terms.after | terms.before)[nearest]:
            continue
        if _cents(found.end, text, after, locale) is None:
            yield Found(found.start, found.end, found.local and _placed(before, after, terms, locale))
    yield from _with_cents(value, currency, text, terms, locale)
    yield from _cents_alone(value, currency, text, terms, locale)
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
        before, after = beside(found, text, terms)
        nearest = after or before
        named = nearest and currency in (terms.after | terms.before)[nearest]
        cents = _cents(found.end, text, after, locale)
        if named and cents and cents[0] == hundredths % 100 and not _glued(before, text, found):
            yield found
        pointed = words(locale).point.match(text.digits, found.end)
        if pointed and int(pointed["cents"]) == hundredths % 100:
            _, term = beside(Found(*pointed.span("cents"), local=True), text, terms)
            if term and currency in terms.after[term]:
                yield Found(found.start, pointed.end(), found.local)


def _cents_alone(value: float, currency: str, text: Plain, terms: Terms, locale: Cldr) -> Iterator[Found]:
    """Less than a whole unit: 99 cents, 5毛. Behind an amount they are a part of it."""
    said = [
        Found(*match.span(), local=True)
        for pattern, codes, worth in words(locale).coins
        if currency in codes
        for match in pattern.finditer(text.digits)
        if worth * int(match["number"]) + int(match.groupdict().get("more") or 0) == round(value * 100)
    ]
    parts = {_part_end(match, text, terms, locale) for match in AMOUNT.finditer(text.digits)} if said else ()
    yield from (found for found in said if found.end not in parts)


def _part_end(amount: re.Match[str], text: Plain, terms: Terms, locale: Cldr) -> int | None:
    """Where the hundredths behind an amount of money end."""
    before, after = beside(Found(*amount.span(), local=True), text, terms)
    cents = _cents(amount.end(), text, after, locale) if before or after else None
    return cents and cents[1]


def _cents(at: int, text: Plain, after: str | None, locale: Cldr) -> tuple[int, int] | None:
    """The hundredths that are said behind an amount which ends at a place, and where they end."""
    match = words(locale).cents.match(text.digits, at, at + BESIDE)
    if not match and after:
        behind = text.text.find(after, at) + len(after)
        if tenths := words(locale).tenths.match(text.digits, behind):
            return 10 * int(tenths["tenths"]) + int(tenths["cents"] or 0), tenths.end()
        match = words(locale).bare_cents.match(text.digits, behind)
    return (int(match["cents"] or match["after"]), match.end()) if match else None


def _tomans(value: float, text: Plain, terms: Terms, locale: Cldr) -> Iterator[Found]:
    """In Iran ten rials are a toman, the unit that people say."""
    for found in find_number(value / 10, text, locale):
        if any(term in TOMANS for term in beside(found, text, terms)):
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
        before, after = beside(found, text, terms)
        means = terms.after[after] if after else terms.before[before] if before else {unit}
        if unit not in means:  # in Swahili "nyuzi" alone are Celsius, "nyuzi 149 za Fahrenheit" are not
            continue
        if named and not after:
            continue
        yield Found(found.start, found.end, found.local and (after is None or after in terms.own))


def amounts(unit: str, text: Plain, locale: Cldr) -> Iterator[tuple[Decimal, int, int]]:
    """All values that the text names beside a currency, a unit or a length of time, and where they stand."""
    money = unit not in UNITS and unit not in MINUTES
    terms = _terms_of(unit, locale)
    digits = MOMENT.sub(lambda match: "\0" * len(match[0]), text.digits)
    told = 0  # up to here the amounts before have been read, their cents among them
    for match in AMOUNT.finditer(digits):
        before, after = beside(Found(*match.span(), local=True), text, terms)
        nearest = after or before
        value = literal(match[0], locale)
        if match.start() < told or (money and words(locale).cent.match(digits, match.end())):
            continue
        if nearest and unit in (terms.after | terms.before)[nearest]:
            cents = _cents(match.end(), text, after, locale) if money else None
            told = cents[1] if cents else told
            yield -value if words(locale).negative(digits, *match.span()) else value, *match.span()


def _terms_of(unit: str, locale: Cldr) -> Terms:
    if unit == "celsius":
        return _degree_terms(locale)
    if unit in MINUTES:
        return duration_terms(locale)
    return (
        unit_terms(locale) if unit in UNITS else _currency_terms(locale, None if unit in CURRENCIES else unit)
    )


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
            terms.add(terms.after, term, code, own=True)
        for term in _before_amounts(locale, code):
            terms.add(terms.before, term, code, own=True)
    for code, names in words(locale).money.items():
        for name in names:
            _both(terms, name, code, own=True)
    here = HERE.get(str(locale.locale.territory))
    for term in YUAN if here and locale.language in ("zh", "yue") else ():
        _both(terms, term, here or "", own=True)
    if locale.language == "fa":
        for term in TOMANS:
            terms.add(terms.after, term, TOMANS[0], own=True)
    return terms


def currency_words(codes: Iterable[str], locale: Cldr) -> frozenset[str]:
    """What the currencies are called, folded: some names are those of measures as well, such as libras."""
    terms, meant = _currency_terms(locale, None), set(codes)
    return frozenset(term for term, meanings in terms.after.items() if meanings & meant)


def _both(terms: Terms, term: str, code: str, own: bool) -> None:
    terms.add(terms.after, term, code, own)
    terms.add(terms.before, term, code, own)


def _currency_names(locale: Cldr, code: str) -> Iterable[str]:
    names, symbol = _names(locale, code), locale.locale.currency_symbols.get(code)
    nouns = {word for name in names for word in [*_ends_of(name), *_nouns_in(name, locale)]}
    return [*names, *sorted(nouns), *([symbol] if symbol else [])]


def _before_amounts(locale: Cldr, code: str) -> Iterable[str]:
    """What a currency is called before an amount. Parts of a name are only where the language counts so ("shilingi 500"):
    elsewhere Lan or דני there is somebody who was paid, and neither Thailand nor Denmark."""
    if any(pattern.endswith("{0}") for pattern in unit_patterns(locale, "length-meter")):
        return _currency_names(locale, code)
    symbol = locale.locale.currency_symbols.get(code)
    return [*_names(locale, code), *([symbol] if symbol else [])]


def _names(locale: Cldr, code: str) -> list[str]:
    """What CLDR calls a currency, in the singular and in its plurals."""
    plurals: LocaleDataDict = locale.locale._data["currency_names_plural"].get(code, {})
    return [x for x in (locale.locale.currencies.get(code), *dict(plurals).values()) if x]


def _nouns_in(name: str, locale: Cldr) -> Iterable[str]:
    """The noun of a name that has more around it: фунтов in "британских фунтов стерлингов", ポンド in 英国ポンド."""
    nouns = _currency_nouns(locale)
    if locale.language in UNSPACED_LANGUAGES:
        return [noun for noun in nouns if name.endswith(noun)]
    return nouns.intersection(name.split()[1:-1])


@lru_cache(maxsize=256)
def _currency_nouns(locale: Cldr) -> frozenset[str]:
    """The words with which names of known currencies end: dollars, euro, фунтов."""
    return frozenset(_ends_of(name)[1] for code in CURRENCIES for name in _names(locale, code))


def _ends_of(name: str) -> tuple[str, str]:
    """First and last word: natives say "dollars" for "dollars des États-Unis", "dollár" for "USA-dollár"."""
    parts = name.split()
    return parts[0], parts[-1].rpartition("-")[2]


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


# SI and other signs that are the same in every language, and what follows the number of degrees in Swahili.
SYMBOLS = {"km": "kilometer", "mi": "mile", "m": "meter", "ft": "foot", "kg": "kilogram",
           "lb": "pound", "lbs": "pound", "l": "liter", "gal": "gallon", "°c": "celsius",
           "°f": "fahrenheit", "° c": "celsius", "° f": "fahrenheit", "fahrenheit": "fahrenheit", "celsius": "celsius",
           "za fahrenheit": "fahrenheit", "za selsiasi": "celsius"}  # fmt: skip
