"""Facts: the values that a reply must state, how we write them, and whether a text states them.

A fact is plain data, one of::

    {"kind": "number", "value": 12.5}
    {"kind": "number", "value": 30, "unit": "minute"}             # a length of time; or second, hour, day
    {"kind": "money", "value": 229.5, "currency": "EUR"}          # ISO 4217
    {"kind": "date", "value": "2026-03-14"}
    {"kind": "time", "value": "19:30"}
    {"kind": "quantity", "value": 12.5, "unit": "kilometer"}      # a unit of ``measures.UNITS``
    {"kind": "temperature", "value": 17}                          # °C
    {"kind": "text", "value": "...", "also": ["other accepted spellings"]}

A text may be a verdict instead, ``{"kind": "text", "value": "", "verdict": True, "yes": [...], "no": [...]}``,
with words that affirm and that deny: the right ones must be said, and none of the others. A number may have
``"not": [...]``, values that contradict it; the greatest, if it is greater, only where the number is not said, since
it may be the best that there is ("4 out of 5").

A text that is a name or an address may say what its parts are, so that their order can be judged::

    {"kind": "text", "value": "Müller", "name": {"given": "Jürgen", "family": "Müller"}}
    {"kind": "text", "value": "Hauptstraße", "address": {"street": "Hauptstraße", "number": "5",
     "postal_code": "10115", "city": "Berlin", "region": "...", "country": "DE"}}    # any of them

Whether a reply tells its facts, each belonging to what it is about, is ``rewards.facts.telling.told``.

Formats are CLDR's, through Babel; locales are BCP 47 tags such as fr-FR, zh-CN or ar-EG.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, get_args

from rewards.facts.cldr import Cldr, cldr
from rewards.facts.dates import find_date
from rewards.facts.forms import write_date, write_money, write_number, write_quantity, write_time
from rewards.facts.inflection import inflected
from rewards.facts.lengths import find_duration
from rewards.facts.measures import find_money, find_quantity
from rewards.facts.numbers import Found, find_number
from rewards.facts.numerals import in_digits
from rewards.facts.times import find_time
from rewards.facts.verdicts import verdict
from rewards.text.normalize import Plain, find_text, fold, plain
from rewards.types import Fact, Kind

__all__ = ["find", "form", "local", "stated"]

LONGEST = 8_000  # characters of a text that are read; no honest reply is as long
KINDS = get_args(Kind)
DIGITAL = re.compile(r"\d{1,2}[:.]\d\d")  # a time in digits alone


def form(fact: Fact, locale: str) -> str:
    """The form in which we would write the fact for a reader in ``locale``.

    Raises ValueError for a kind, a unit or a locale that is not known.
    """
    data, value = cldr(locale), fact["value"]
    match fact["kind"]:
        case "number":
            return write_number(value, data)
        case "money":
            return write_money(fact, data)
        case "date":
            return write_date(value, data)
        case "time":
            return write_time(value, data)
        case "quantity":
            return write_quantity(value, fact["unit"], data)
        case "temperature":
            return write_quantity(value, "celsius", data, length="short")
        case "text":
            return str(value)
    raise _unknown(fact)


def stated(fact: Fact, text: str, locale: str) -> bool:
    """Whether the text states the value in any sensible format; see ``local`` for the locale's own."""
    text = text[:LONGEST]
    if "verdict" in fact:
        return verdict(fact.get("yes", ()), fact.get("no", ()), text, cldr(locale)) is fact["verdict"]
    if fact["kind"] == "text":
        values = (str(fact["value"]), *fact.get("also", ()))
        return any(find_text(v, text) for v in values) or any(
            inflected(v, text, cldr(locale)) for v in values if any(map(str.isalpha, v))
        )
    others = (v for v in fact.get("not", ()) if v != best(fact))
    if any(stated({"kind": fact["kind"], "value": v}, text, locale) for v in others):
        return False
    return any(True for _ in _found(fact, plain(text), cldr(locale))) or _as_written(fact, text, locale)


def best(fact: Fact) -> Any:
    """Of what contradicts a number, what it may be out of: 5 of 4; None where it is the greatest."""
    top = max(fact.get("not", ()), default=None)
    return top if top is not None and top > fact["value"] else None


def find(fact: Fact, text: str, locale: str) -> Iterable[Found]:
    """Where the text states a value that is no text, in ``in_digits`` of it (with ordinals for dates and times)."""
    return () if fact["kind"] == "text" else _found(fact, plain(text[:LONGEST]), cldr(locale))


def local(fact: Fact, text: str, locale: str) -> bool | None:
    """Whether the text states the value as a native of the locale writes it; None for plain text."""
    if fact["kind"] == "text":
        return None
    text = text[:LONGEST]
    found = any(found.local for found in _found(fact, plain(text), cldr(locale)))
    return found or _as_written(fact, text, locale)


def _as_written(fact: Fact, text: str, locale: str) -> bool:
    """Whether our own form stands in the text, digit by digit: some locales write what no pattern here reads."""
    own = _own_form(fact["kind"], fact["value"], fact.get("currency"), fact.get("unit"), locale)
    if fact["kind"] == "time" and DIGITAL.fullmatch(own):
        return False  # it has been read with the part of the day beside it: ۷:۳۰ عصر is no ۷:۳۰
    pattern = rf"(?<![\w.,:/-]){re.escape(own)}(?![\d]|[.,:/-]\d)"
    return not own.isdecimal() and re.search(pattern, fold(text)) is not None


@lru_cache(maxsize=4096)
def _own_form(kind: Kind, value: Any, currency: str | None, unit: str | None, locale: str) -> str:
    return fold(form({"kind": kind, "value": value, "currency": currency or "", "unit": unit or ""}, locale))


def _found(fact: Fact, text: Plain, locale: Cldr) -> Iterable[Found]:
    match fact["kind"]:
        case "number":
            spoken = in_digits(text, locale)
            if "unit" in fact:
                return find_duration(fact["value"], fact["unit"], spoken, locale)
            return find_number(fact["value"], spoken, locale)
        case "money":
            return find_money(fact, in_digits(text, locale), locale)
        case "date":
            return find_date(fact["value"], text, locale)
        case "time":
            return find_time(fact["value"], text, locale)
        case "quantity" | "temperature":
            return find_quantity(fact, in_digits(text, locale), locale)
    raise _unknown(fact)


def _unknown(fact: Fact) -> ValueError:
    return ValueError(f"unknown kind of fact {fact['kind']!r}: use one of {', '.join(KINDS)}")
