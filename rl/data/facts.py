"""Facts of other people's rows, checked before a run meets them."""

import re
from datetime import date
from typing import Any

from rewards.facts import KINDS
from rewards.facts.measures import UNITS
from rewards.types import Fact
from rl.errors import hint

CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
CURRENCY = re.compile(r"[A-Z]{3}")


def check_fact(fact: Fact, where: str) -> None:
    """Raises ValueError for what is no fact as ``rewards.facts`` describes them."""
    kind, value = fact.get("kind"), fact.get("value")
    if kind not in KINDS:
        raise ValueError(
            f"{where}.kind is {kind!r}{hint(str(kind), KINDS)}; it must be one of {', '.join(KINDS)}"
        )
    if wrong := _wrong_value(str(kind), value, fact):
        raise ValueError(f"{where}.value {wrong}, not {value!r:.80}")
    if kind == "money" and not CURRENCY.fullmatch(str(fact.get("currency"))):
        raise ValueError(f"{where}.currency must be a code such as EUR, not {fact.get('currency')!r}")
    if kind == "quantity" and fact.get("unit") not in UNITS:
        raise ValueError(
            f"{where}.unit {fact.get('unit')!r} is not known{hint(str(fact.get('unit')), UNITS)}"
        )


def _wrong_value(kind: str, value: Any, fact: Fact) -> str | None:
    if kind == "text":
        return None if isinstance(value, str) and (value or "verdict" in fact) else "must be a text"
    if kind == "time":
        good = isinstance(value, str) and CLOCK.fullmatch(value)
        return None if good else "must be a time such as '19:30'"
    if kind == "date":
        return None if _is_date(value) else "must be a date such as '2026-03-14'"
    return None if type(value) in (int, float) else "must be a number"


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
