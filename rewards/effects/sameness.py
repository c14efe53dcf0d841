"""When two values of a task mean the same: ids, the order of rows and the spelling of an argument do not matter."""

import json
from dataclasses import dataclass
from typing import Any

from rewards.effects.spoken_time import says_only
from rewards.effects.wording import plain_row, without_articles
from rewards.reply import requests
from rewards.text.normalize import ascii_digits, fold
from rewards.types import Task
from sandbox.catalog import city_key
from sandbox.catalog.clock import as_time, minute_of_day
from sandbox.catalog.text import bare

CODE = 6  # digits that make a text a code, in which marks and spaces mean nothing
ASKS = "?؟？ "


@dataclass(frozen=True)
class Sameness:
    """``spellings``: each accepted spelling and the first of its kind; ``times``: the minutes after midnight that are
    wanted in the state, by field, since a tool may take a time in the user's words; ``request``: these."""

    locale: str
    spellings: dict[str, str]
    times: dict[str, tuple[int, ...]]
    request: str

    @classmethod
    def of(cls, task: Task, wanted: Any) -> "Sameness":
        spellings: dict[str, str] = {}
        for call in task.expected.calls:
            for name, values in call["arguments"].items():
                given = [value for value in values if isinstance(value, str) and value]
                texts = [_folded(value, name, task.locale) for value in given]
                texts += [_folded(value.rstrip(ASKS), name, task.locale) for value in given]
                spellings |= {text: texts[0] for text in texts if text not in spellings}
        times: dict[str, set[int]] = {}
        _collect_times(wanted, "", times)
        ordered = {key: tuple(sorted(some)) for key, some in times.items()}
        return cls(task.locale, spellings, ordered, "\n".join(requests(task)))

    def equal(self, a: Any, b: Any, key: str = "") -> bool:
        return bool(self.value(a, key) == self.value(b, key))

    def value(self, value: Any, key: str = "") -> Any:
        """The value in the one form of all that mean the same; rows come sorted, without their ids."""
        if isinstance(value, dict):
            kept = plain_row(value, self.locale)
            return {self.text(name, ""): self.value(item, name) for name, item in kept.items()}
        if isinstance(value, list):
            return sorted((self.value(item, key) for item in value), key=_sortable)
        if isinstance(value, str):
            return self.text(value, key)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value

    def text(self, value: str, key: str) -> str:
        minute = minute_of_day(ascii_digits(value))
        if minute is not None:
            return as_time(minute)
        if city := city_key(value):
            return city
        folded = _folded(value, key, self.locale)
        folded = self.spellings.get(folded, folded)
        return self._spoken_time(value, key) or folded

    def _spoken_time(self, value: str, key: str) -> str | None:
        """The time that the words say, where a time is wanted in this field."""
        said = (
            minute
            for minute in self.times.get(key, ())
            if says_only(minute, value, self.locale, self.request)
        )
        return next(map(as_time, said), None)


def contains(found: Any, wanted: Any, before: Any) -> bool:
    """Whether all that leads from ``before`` to ``wanted`` has happened in ``found``, whatever else did."""
    if wanted == before:
        return True
    if before is None and isinstance(wanted, dict | list):
        before = type(wanted)()
    if all(isinstance(value, dict) for value in (found, wanted, before)):
        return all(contains(found.get(k), wanted.get(k), before.get(k)) for k in wanted | before)
    if all(isinstance(value, list) for value in (found, wanted, before)):
        came, gone = (
            [row for row in a if a.count(row) > b.count(row)] for a, b in ((wanted, before), (before, wanted))
        )
        return all(_like(row, found) >= _like(row, wanted) for row in came) and all(
            _like(row, found) <= _like(row, wanted) for row in gone
        )
    return bool(found == wanted)


def _like(row: Any, rows: list[Any]) -> int:
    """How many of the rows are the row, or say more than it."""
    if not isinstance(row, dict):
        return rows.count(row)
    return sum(isinstance(one, dict) and row.items() <= one.items() for one in rows)


def _sortable(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _folded(text: str, key: str, locale: str) -> str:
    """Without case, width, spaces, the script of digits, quotation marks around it and the mark that ends it; a code
    without its marks, and what is to be done without articles, too."""
    text = bare(text)
    words = without_articles(text, locale) if key == "todo" else text
    folded = "".join(ascii_digits(fold(words)).replace("؟", "?").split())
    if sum(c.isdigit() for c in folded) >= CODE:
        return "".join(c for c in folded if c.isalnum())
    return folded


def _collect_times(value: Any, key: str, found: dict[str, set[int]]) -> None:
    if isinstance(value, dict):
        for name, item in value.items():
            _collect_times(item, name, found)
    elif isinstance(value, list):
        for item in value:
            _collect_times(item, key, found)
    elif isinstance(value, str) and (minute := minute_of_day(value)) is not None:
        found.setdefault(key, set()).add(minute)
