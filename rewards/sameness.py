"""When two values of a task mean the same: ids, the order of rows and the spelling of an argument do not matter."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from rewards.facts import stated
from rewards.text.normalize import ascii_digits, fold
from rewards.types import Task
from sandbox.catalog import city_key
from sandbox.catalog.clock import as_time, minute_of_day

CODE = 6  # digits that make a text a code, in which marks and spaces mean nothing


@dataclass(frozen=True)
class Sameness:
    """``spellings``: each accepted spelling and the first of its kind; ``times``: what is a time in the wanted
    state, by field, since a tool may take it in the user's words."""

    locale: str
    spellings: dict[str, str]
    times: dict[str, frozenset[str]]

    @classmethod
    def of(cls, task: Task, wanted: Any) -> "Sameness":
        spellings: dict[str, str] = {}
        for call in task.expected.calls:
            for values in call["arguments"].values():
                texts = [_folded(value) for value in values if isinstance(value, str) and value]
                spellings |= {text: texts[0] for text in texts if text not in spellings}
        times: dict[str, set[str]] = {}
        _collect_times(wanted, "", times)
        return cls(task.locale, spellings, {key: frozenset(some) for key, some in times.items()})

    def equal(self, a: Any, b: Any) -> bool:
        return bool(self.value(a) == self.value(b))

    def value(self, value: Any, key: str = "") -> Any:
        """The value in the one form of all that mean the same; rows come sorted, without their ids."""
        if isinstance(value, dict):
            kept = ((name, item) for name, item in value.items() if name != "id")
            return {self.text(name, ""): self.value(item, name) for name, item in kept}
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
        folded = _folded(value)
        folded = self.spellings.get(folded, folded)
        return self._spoken_time(value, key) or folded

    def _spoken_time(self, value: str, key: str) -> str | None:
        """The time that the words say, where a time is wanted in this field."""
        said = (time for time in self.times.get(key, ()) if value.strip())
        return next((t for t in said if stated({"kind": "time", "value": t}, value, self.locale)), None)


def contains(found: Any, wanted: Any, before: Any) -> bool:
    """Whether all that leads from ``before`` to ``wanted`` has happened in ``found``, whatever else did."""
    if wanted == before:
        return True
    if before is None and isinstance(wanted, dict | list):
        before = type(wanted)()
    if all(isinstance(value, dict) for value in (found, wanted, before)):
        return all(contains(found.get(k), wanted.get(k), before.get(k)) for k in wanted | before)
    if all(isinstance(value, list) for value in (found, wanted, before)):
        had, want, old = (Counter(map(_sortable, value)) for value in (found, wanted, before))
        came = all(had[row] >= want[row] for row in want - old)
        return came and all(had[row] <= want[row] for row in old - want)
    return bool(found == wanted)


def _sortable(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _folded(text: str) -> str:
    """Without case, width, spaces and the script of digits; a code without its marks, too."""
    folded = "".join(ascii_digits(fold(text)).split())
    if sum(c.isdigit() for c in folded) >= CODE:
        return "".join(c for c in folded if c.isalnum())
    return folded


def _collect_times(value: Any, key: str, found: dict[str, set[str]]) -> None:
    if isinstance(value, dict):
        for name, item in value.items():
            _collect_times(item, name, found)
    elif isinstance(value, list):
        for item in value:
            _collect_times(item, key, found)
    elif isinstance(value, str) and minute_of_day(value) is not None:
        found.setdefault(key, set()).add(as_time(minute_of_day(value) or 0))
