"""Where: a reply may not tell of one place what was asked of another, nor turn a journey round.

A place is a city or a country that the catalog knows, by all of its names; another one also a big city that it does not.
Where none is asked for, or where the reply names the one that is, nothing is said of it: others may stand beside it, as in
"ten hours ahead of Paris".
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale, UnknownLocaleError

from rewards.facts import LONGEST, stated
from rewards.memo import per_task
from rewards.reply import requests
from rewards.sayings import CLAUSE, DATED_SENTENCE
from rewards.text.mentions import mentions
from rewards.text.normalize import fold
from rewards.text.scripts import base
from rewards.types import Task
from sandbox.catalog.cities import (
    CITIES,
    city_key,
    country_names,
    country_of,
    known_as,
    local_name,
    spellings,
)

ENDS = ("origin", "destination")
ROAD = 40  # characters between the two ends of a journey
ARROW = re.compile(r"\s*(?:→|➔|➡️?|⇒|[-=]>|>|–|—|-)\s*")
KANA = re.compile("[ァ-ヿ]+")


def elsewhere(task: Task, said: str) -> bool:
    """Whether the reply names another place instead of the one that was asked for. One of the session's own may be
    named, but not in one clause with a fact: "the trip of the 5th is cancelled; that to Paris stays"."""
    asked = _asked(task)
    if not asked or all(any(mentions(_known_as(place), fold(said))) for place in asked):
        return False
    others = [name for name in _others(task.language, asked) if _stands(name, said, task)]
    if not others:
        return False
    held = str(task.state)
    return any(name not in held for name in others) or any(
        _stands(name, clause, task) for clause in _telling(task, said) for name in others
    )


def _telling(task: Task, said: str) -> Iterator[str]:
    """The clauses that state a fact."""
    for clause in (part for sentence in DATED_SENTENCE.split(said) for part in CLAUSE.split(sentence)):
        if any(stated(fact, clause, task.locale) for fact in task.expected.facts if "verdict" not in fact):
            yield clause


@per_task
def _asked(task: Task) -> frozenset[str]:
    """The keys of the cities, or else the codes of the countries, that the right calls name; or else the request."""
    given = [
        (name, value)
        for call in task.expected.calls
        for name, values in call["arguments"].items()
        for value in values
        if isinstance(value, str) and value
    ]
    cities = frozenset(key for _, value in given if (key := city_key(value)))
    countries = frozenset(value.upper() for name, value in given if name == "country" and len(value) == 2)
    return cities or countries or frozenset(_in_state(task))


def _in_state(task: Task) -> Iterator[str]:
    """The city of a row of the session that the request names."""
    for row in (row for rows in task.state.values() if isinstance(rows, list) for row in rows):
        key = city_key(str(row.get("city", ""))) if isinstance(row, dict) else None
        if key and any(
            stated({"kind": "text", "value": row["city"]}, r, task.locale) for r in requests(task)
        ):
            yield key


@lru_cache(maxsize=512)
def _known_as(place: str) -> frozenset[str]:
    """How a place is named in any language, folded; a city also as its country."""
    return frozenset(map(fold, known_as(place) if place in CITIES else country_names(place)))


def _stands(name: str, text: str, task: Task) -> bool:
    """Whether a name of another place stands in a text, as a name: リマ is none in リマインダー."""
    if KANA.fullmatch(name) and name not in KANA.findall(text):
        return False
    return name[:3] in text and stated({"kind": "text", "value": name}, text, task.locale)


@lru_cache(maxsize=512)
def _others(language: str, asked: frozenset[str]) -> tuple[str, ...]:
    """What other places of the kind are called in a language, and in English."""
    cities = asked <= CITIES.keys()
    tags = [tag for tag in (language.replace("-", "_"), base(language), "en") if _is_known(tag)]
    if cities:
        found = {local_name(key, tag) for key in CITIES if key not in asked for tag in tags}
        found |= {_city_of(zone, tag) for zone in _data()["zones"]["cities"] for tag in tags}
        found |= {*_own(language).get("cities", ()), *_own("en")["cities"]}
    else:
        codes = {country_of(key) for key in CITIES} - asked
        found = {Locale.parse(tag).territories.get(code, "") for code in codes for tag in tags}
    mine = frozenset().union(*map(_known_as, asked))
    return tuple(sorted(name for name in found if name and fold(name) not in mine))


def _city_of(zone: str, tag: str) -> str:
    return Locale.parse(tag).time_zones.get(zone, {}).get("city") or zone.rpartition("/")[2].replace("_", " ")


def _own(language: str) -> dict[str, Any]:
    return _data().get(language.partition("-")[0], {})


def _is_known(tag: str) -> bool:
    try:
        return bool(Locale.parse(tag))
    except (UnknownLocaleError, ValueError):
        return False


def turns_round(task: Task, said: str) -> bool:
    """Whether a reply has a journey start where it should end: "from London to Vienna", London → Vienna."""
    ends = _journey(task)
    if ends is None:
        return False
    folded = fold(said[:LONGEST])
    start, end = (list(mentions(map(fold, spellings(key)), folded)) for key in ends)
    return any(
        leads(folded, wrong, right, base(task.language))
        for wrong in end
        for right in start
        if wrong[1] <= right[0] <= wrong[1] + ROAD
    )


@per_task
def _journey(task: Task) -> tuple[str, str] | None:
    for call in task.expected.calls:
        values = [call["arguments"].get(name) for name in ENDS]
        keys = [city_key(str(value[0])) if value else None for value in values]
        if keys[0] and keys[1]:
            return keys[0], keys[1]
    return None


def leads(text: str, first: tuple[int, int], second: tuple[int, int], language: str) -> bool:
    """Whether the way goes from the first place to the second, which comes after it."""
    between = text[first[1] : second[0]]
    if ARROW.fullmatch(between):
        return True
    before, after, to = _from(language)
    if to.fullmatch(between):
        return True
    if re.search(r"[.!?;。！？।\n]", between) or before.search(between) or after.match(text, second[1]):
        return False
    return bool(before.search(text[: first[0]][-12:]) or after.match(between))


@lru_cache(maxsize=64)
def _from(language: str) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """What stands right before a place that one comes from, right after it, and between it and the other end."""
    own = _own(language)
    before, after, to = (fold(own.get(key, "(?!)")) for key in ("before", "after", "to"))
    return (
        re.compile(rf"(?<![^\W\d_])(?:{before})\s?$" if own.get("spaced", True) else rf"(?:{before})$"),
        re.compile(rf"[^\W\d_]?[^\w\s]?\s?(?:{after})"),
        re.compile(rf"\s(?:{to})\s" if own.get("spaced", True) else rf"\s?(?:{to})\s?"),
    )


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
    return found
