"""What a scenario is, and the facts that it gives back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rewards.types import Fact
from rl.data.catalog.slots import Slots

Facts = dict[str, Fact]
Run = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class Scenario:
    """``slots`` maps each slot to its kind; ``given`` is the state that the session starts with; ``ordered``
    where a call needs what the one before it gave."""

    slots: dict[str, str]
    play: Callable[[Slots, Run], Facts]
    given: Callable[[Slots], dict[str, Any]] = lambda slots: {}
    ordered: bool = False


def time(value: str) -> Fact:
    return {"kind": "time", "value": value}


def date(value: str) -> Fact:
    return {"kind": "date", "value": value}


def text(value: str) -> Fact:
    return {"kind": "text", "value": value}


def verdict(value: bool) -> Fact:
    """Whether something is so; the language's words for yes and no are put in later."""
    return {"kind": "text", "value": "", "verdict": value}


def number(value: float) -> Fact:
    return {"kind": "number", "value": value}


def money(result: dict[str, Any]) -> Fact:
    return {"kind": "money", "value": result["amount"], "currency": result["currency"]}
