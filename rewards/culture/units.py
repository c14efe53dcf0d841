"""Kilometres or miles, °C or °F: the system of measurement that the reader lives with."""

import re
from collections.abc import Iterable
from functools import lru_cache

from rewards.culture.reply_view import Finding, Said
from rewards.facts.cldr import Cldr
from rewards.facts.measures import CURRENCIES, currency_words, unit_terms
from rewards.facts.numbers import MOMENT
from rewards.facts.terms import Terms
from rewards.reply import accepted
from rewards.text.normalize import spaced

SYSTEMS = {
    "kilometer": "metric", "meter": "metric", "kilogram": "metric", "liter": "metric", "mile": "US",
    "foot": "US", "pound": "US", "gallon": "US", "celsius": "celsius", "fahrenheit": "fahrenheit",
}  # fmt: skip
NONE: frozenset[str] = frozenset()
MONEY = {"hu": frozenset({"ft"})}  # terms that are money in a language
OPPOSITE = {"metric": "US", "US": "metric", "celsius": "fahrenheit", "fahrenheit": "celsius"}


def units(said: Said) -> Finding | None:
    """Measures are in the locale's system, or beside one that is. What the task itself measures in, be it
    its facts, its calls or the user's words, is free: a conversion to miles is in miles."""
    due: set[str] = {said.customs.temperature}
    if said.customs.measurement != "UK":  # miles and litres both are usual
        due.add(said.customs.measurement)
    used = _systems(said.plain.digits, said.locale, _money(said))
    asked = _asked_systems(said)
    judged = {x for x in used if (x in due or OPPOSITE[x] in due) and not {x, OPPOSITE[x]} & asked}
    wrong = [x for x in judged if x not in due and OPPOSITE[x] not in used]
    if not judged:
        return None
    if wrong:
        return Finding(False, f"{' and '.join(sorted(wrong))} units in {said.task.locale}")
    return Finding(True, "in the locale's units")


def _money(said: Said) -> frozenset[str]:
    """What the currencies of the task are called: libras are money where it is about GBP."""
    codes = {fact["currency"] for fact in said.task.expected.facts if "currency" in fact}
    codes.update(value for value in accepted(said.task) if value in CURRENCIES)
    return currency_words(codes, said.locale)


def _asked_systems(said: Said) -> set[str]:
    measured = (f for f in said.task.expected.facts if f["kind"] in ("quantity", "temperature"))
    named = {str(fact.get("unit", "celsius")) for fact in measured}
    named.update(value for value in accepted(said.task) if isinstance(value, str))
    return {SYSTEMS[unit] for unit in named if unit in SYSTEMS} | _systems(said.asked.casefold(), said.locale)


def _systems(text: str, locale: Cldr, money: frozenset[str] = NONE) -> set[str]:
    """The systems whose units stand beside a number; the names of the user's language and English ones.
    What is called like ``money`` is no measure, nor what begins so."""
    terms = unit_terms(locale)
    money |= MONEY.get(locale.language, NONE)
    found: set[str] = set()
    text = MOMENT.sub("-", text)
    for match in _pattern(locale).finditer(text):
        if match["after"] and any(text.startswith(word, match.start("after")) for word in money):
            continue
        side = terms.after if match["after"] else terms.before
        meant = {SYSTEMS[unit] for unit in side[match["after"] or match["before"]]}
        found |= meant if len(meant) == 1 else set()
    return found


@lru_cache(maxsize=256)
def _pattern(locale: Cldr) -> re.Pattern[str]:
    terms: Terms = unit_terms(locale)
    after, before = (_terms(side) for side in (terms.after, terms.before))
    return re.compile(
        rf"\d\s?(?P<after>{after})"
        + (rf"|(?<![^\W\d_])(?P<before>{before})\s?\d" if before else r"|(?P<before>(?!))")
    )


def _terms(side: Iterable[str]) -> str:
    """Terms as a pattern, the longest first; one of a script that puts spaces between words ends there."""
    ordered = sorted(side, key=len, reverse=True)
    return "|".join(re.escape(term) + (r"(?![^\W\d_])" if spaced(term[-1]) else "") for term in ordered)
