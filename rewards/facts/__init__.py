"""Facts: the values that a reply must state, how we write them, and whether a text states them.

A fact is plain data, one of::

    {"kind": "number", "value": 12.5}
    {"kind": "money", "value": 229.5, "currency": "EUR"}          # ISO 4217
    {"kind": "date", "value": "2026-03-14"}
    {"kind": "time", "value": "19:30"}
    {"kind": "quantity", "value": 12.5, "unit": "kilometer"}      # a unit of ``measures.UNITS``
    {"kind": "temperature", "value": 17}                          # °C
    {"kind": "text", "value": "...", "also": ["other accepted spellings"]}

A text may be a verdict instead, ``{"kind": "text", "value": "", "verdict": True, "yes": [...], "no": [...]}``,
with words that affirm and that deny: the right ones must be said, and none of the others. A number may have
``"not": [...]``, values that contradict it ("4 out of 5" states no 5).

A text that is a name or an address may say what its parts are, so that their order can be judged::

    {"kind": "text", "value": "Müller", "name": {"given": "Jürgen", "family": "Müller"}}
    {"kind": "text", "value": "Hauptstraße", "address": {"street": "Hauptstraße", "number": "5",
     "postal_code": "10115", "city": "Berlin", "region": "...", "country": "DE"}}    # any of them

Formats are CLDR's, through Babel; locales are BCP 47 tags such as fr-FR, zh-CN or ar-EG.
"""

from collections.abc import Iterable
from typing import Any

from rewards.facts.cldr import Cldr, cldr
from rewards.facts.dates import find_date
from rewards.facts.forms import write_date, write_money, write_number, write_quantity, write_time
from rewards.facts.measures import find_money, find_quantity
from rewards.facts.numbers import Found, find_number
from rewards.facts.text import Plain, find_text, plain, verdicts
from rewards.facts.times import find_time

__all__ = ["form", "local", "stated"]

Fact = dict[str, Any]
KINDS = ("number", "money", "date", "time", "quantity", "temperature", "text")


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
    if "verdict" in fact:
        return verdicts(fact["yes"], fact["no"], text) == {"yes" if fact["verdict"] else "no"}
    if fact["kind"] == "text":
        return any(find_text(value, text) for value in (fact["value"], *fact.get("also", ())))
    contradicted = any(stated({"kind": fact["kind"], "value": v}, text, locale) for v in fact.get("not", ()))
    return not contradicted and any(True for _ in _found(fact, plain(text), cldr(locale)))


def local(fact: Fact, text: str, locale: str) -> bool | None:
    """Whether the text states the value as a native of the locale writes it; None for plain text."""
    if fact["kind"] == "text":
        return None
    return any(found.local for found in _found(fact, plain(text), cldr(locale)))


def _found(fact: Fact, text: Plain, locale: Cldr) -> Iterable[Found]:
    match fact["kind"]:
        case "number":
            return find_number(fact["value"], text, locale)
        case "money":
            return find_money(fact, text, locale)
        case "date":
            return find_date(fact["value"], text, locale)
        case "time":
            return find_time(fact["value"], text, locale)
        case "quantity" | "temperature":
            return find_quantity(fact, text, locale)
    raise _unknown(fact)


def _unknown(fact: Fact) -> ValueError:
    return ValueError(f"unknown kind of fact {fact['kind']!r}: use one of {', '.join(KINDS)}")
