"""Money, quantities and temperatures: a number, and the words and signs right beside it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from babel.localedata import LocaleDataDict

from rewards.facts.cldr import Cldr, cldr
from rewards.facts.numbers import Found, find_number
from rewards.facts.text import Plain, fold

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
EITHER_SIDE = frozenset({"ar", "bn", "tr", "fa", "ur"})
BESIDE = 40  # characters beside a number in which its term stands
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


def find_money(fact: dict[str, Any], text: Plain, locale: Cldr) -> Iterator[Found]:
    currency = fact["currency"]
    terms = _currency_terms(locale, None if currency in CURRENCIES else currency)
    for found in find_number(fact["value"], text, locale, letters=True):
        before, after = _beside(found, text, terms)
        if not before and re.search("[a-z]$", text.text[: found.start]):
            continue
        nearest = after or before
        if nearest is None or currency in (terms.after | terms.before)[nearest]:
            yield Found(found.start, found.end, found.local and _placed(before, after, terms, locale))


def find_quantity(fact: dict[str, Any], text: Plain, locale: Cldr) -> Iterator[Found]:
    unit = fact.get("unit", "celsius")
    terms = unit_terms(locale)
    for found in find_number(fact["value"], text, locale):
        before, after = _beside(found, text, terms)
        if (before and unit not in terms.before[before]) or (after and unit not in terms.after[after]):
            continue
        yield Found(found.start, found.end, found.local and (after is None or after in terms.own))


def _beside(found: Found, text: Plain, terms: Terms) -> tuple[str | None, str | None]:
    before = text.text[max(0, found.start - BESIDE) : found.start].rstrip()
    after = text.text[found.end : found.end + BESIDE].lstrip()
    lengths = range(BESIDE, 0, -1)  # the longest term is meant
    behind = (before[-n:] for n in lengths if n <= len(before))
    ahead = (after[:n] for n in lengths if n <= len(after))
    return (
        next((t for t in behind if t in terms.before and _starts(t, before[: -len(t)])), None),
        next((t for t in ahead if t in terms.after and _ends(t, after[len(t) :])), None),
    )


def _ends(term: str, rest: str) -> bool:
    """A sign before the next number belongs to that one; a term ends where its word does."""
    if re.match(r" ?\d", rest):
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
    return terms


def _both(terms: Terms, term: str, code: str, own: bool) -> None:
    terms.add(terms.after, term, code, own)
    terms.add(terms.before, term, code, own)


def _currency_names(locale: Cldr, code: str) -> Iterable[str]:
    babel = locale.locale
    plurals: LocaleDataDict = babel._data["currency_names_plural"].get(code, {})
    symbol = babel.currency_symbols.get(code)
    names = [x for x in (babel.currencies.get(code), *dict(plurals).values()) if x]
    return [*names, *(word for name in names for word in _ends_of(name)), *([symbol] if symbol else [])]


def _ends_of(name: str) -> tuple[str, str]:
    """First and last word: natives say "dollars" for "dollars des États-Unis"."""
    words = name.split()
    return words[0], words[-1]


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


# SI and other signs that are the same in every language.
SYMBOLS = {"km": "kilometer", "mi": "mile", "m": "meter", "ft": "foot", "kg": "kilogram",
           "lb": "pound", "lbs": "pound", "l": "liter", "gal": "gallon", "°c": "celsius",
           "°f": "fahrenheit", "° c": "celsius", "° f": "fahrenheit"}  # fmt: skip


def unit_patterns(locale: Cldr, key: str) -> list[str]:
    """CLDR's patterns of a unit with a place for the number, the longest style first."""
    styles = locale.locale._data["unit_patterns"][key]
    found = [styles[s] for s in LENGTHS if s in styles]
    return [p for style in found for k, p in dict(style).items() if k != "per" and "{0}" in p]
