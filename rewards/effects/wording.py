"""An argument in the one wording of all that mean the same, by ``wording.yaml``: "once" as nothing, "5 stars" as 5."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from rewards.facts.cldr import cldr
from rewards.facts.numerals import in_digits
from rewards.facts.words import any_of
from rewards.text.normalize import fold, plain
from sandbox.catalog.local import phone_number
from sandbox.catalog.text import bare

Row = dict[str, Any]
NUMBER = r"\d+(?:[.,]\d+)?"
LONGEST = 60  # characters of a number with the words beside it


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    path = Path(__file__).with_name("wording.yaml")
    found: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return found


def plain_row(row: Row, locale: str) -> Row:
    """A row of a state or a result with its numbers alone, and without what says no more than leaving it out."""
    row = {key: value for key, value in row.items() if key != "id" and not _is_unsaid(key, value)}
    row |= {key: _counted(key, row[key], locale) for key in _data()["counted"] if key in row}
    if "party_description" in row and row["party_description"] == row.get("party_size"):
        del row["party_description"]
    if "rating" in row:
        row = _on_its_scale(row, locale)
    if {"kind", "to"} <= row.keys():
        row["to"] = phone_number(str(row["kind"]), str(row["to"])) or row["to"]
    return row


def without_articles(text: str, locale: str) -> str:
    """The folded words less the articles of the language, unless it has no others."""
    articles = _data()["articles"].get(cldr(locale).language, ())
    words = fold(text).replace("'", "' ").split()
    return " ".join(word for word in words if word not in articles) or text


def playlists() -> list[str]:
    """Patterns of what a playlist is called right beside its name."""
    return list(_data()["playlists"])


def _is_unsaid(key: str, value: Any) -> bool:
    return value == "" or (isinstance(value, str) and fold(bare(value)) in _unsaid().get(key, ()))


@lru_cache(maxsize=1)
def _unsaid() -> dict[str, frozenset[str]]:
    nothing = _data()["nothing"]
    return {key: frozenset(map(fold, [*nothing, *values])) for key, values in _data()["unsaid"].items()}


def _counted(key: str, value: Any, locale: str) -> Any:
    """The number, if all else are words for what it counts."""
    left = _without(_data()["counted"][key], value, locale)
    return _number(left) if re.fullmatch(NUMBER, left) else value


def _on_its_scale(row: Row, locale: str) -> Row:
    """``rating`` alone, with the best rating in it where that is not the usual one."""
    given, best = _rating(row["rating"], locale), _rating(row.get("best_rating", ""), locale)
    if given is None or (best is None and "best_rating" in row):
        return row
    tops = {top for top in (given[1], best and best[0]) if top}
    usual = str(_data()["best"])
    if len(tops) > 1 or (best and best[1]):
        return row
    top = next(iter(tops), usual)
    rest = {key: value for key, value in row.items() if key != "best_rating"}
    return rest | {"rating": given[0] if top == usual else f"{given[0]}/{top}"}


def _rating(value: Any, locale: str) -> tuple[str, str | None] | None:
    """The rating and, if it is said, the best there is."""
    texts = (
        _spaced(plain(bare(str(value))).digits),
        _in_digits(value, locale),
    )  # 만 is no number in 5점 만점에 4점
    found = next(filter(None, (scale.fullmatch(text) for scale in _scales() for text in texts)), None)
    if found:
        return _number(found["rating"]), _number(found["best"])
    left = _without(_data()["unsaid"]["rating_unit"], value, locale)
    return (_number(left), None) if re.fullmatch(NUMBER, left) else None


@lru_cache(maxsize=1)
def _scales() -> tuple[re.Pattern[str], ...]:
    units = any_of(_data()["unsaid"]["rating_unit"])
    number = {name: rf"(?P<{name}>{NUMBER}) ?(?:{units})?" for name in ("rating", "best")}
    return tuple(re.compile(fold(one).format(**number)) for one in _data()["scales"])


def _without(words: list[str], value: Any, locale: str) -> str:
    """The folded text in digits, less the words."""
    return _spaced(re.sub(any_of(words), " ", _in_digits(value, locale)))


def _in_digits(value: Any, locale: str) -> str:
    """The folded text in digits; of a long one nothing."""
    text = str(value)
    return "" if len(text) > LONGEST else _spaced(in_digits(plain(bare(text)), cldr(locale)).digits)


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _number(text: str) -> str:
    return f"{float(text.replace(',', '.')):g}"
