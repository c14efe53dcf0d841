"""Samples as a page carries them: columns to filter by, tasks said once, and compressed blocks of what was written.

A block is gzip in base64: nothing in it can end the element that holds it, whatever a model wrote.
"""

import base64
import gzip
import json
from collections.abc import Iterator, Sequence
from typing import Any

from rl.report.reading import RunData, Sample

BLOCK = 400  # samples
TEXT = 20_000  # letters of one text that are shown
DETAILS = ("seed", "policy_version", "lowest_version", "statuses")
Group = list[tuple[int, Sample]]  # (number of the run, sample): of one task and step, as they were drawn


def block(value: Any) -> str:
    """A JSON value as gzip in base64; infinities and NaN are null."""
    text = json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    packed = gzip.compress(text.encode("utf-8", "replace"), compresslevel=6, mtime=0)
    return base64.b64encode(packed).decode("ascii")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def packed(runs: Sequence[RunData], limit: int, budget: int) -> tuple[dict[str, Any], list[str]]:
    """``(index, blocks)`` of at most ``limit`` samples in at most ``budget`` characters.

    Where there are more, whole groups are left out evenly, those of evaluations last; ``index["of"]`` is how many there
    were.
    """
    groups = _groups(runs)
    every = sum(map(len, groups))
    kept = _thinned(groups, limit / every if every else 1.0)
    while True:
        index, blocks = _pack(runs, [member for group in kept for member in group])
        size = sum(map(len, blocks))
        if size <= budget or len(kept) < 2:
            return index | {"of": every}, blocks
        kept = _thinned(kept, 0.95 * budget / size)


def _groups(runs: Sequence[RunData]) -> list[Group]:
    found: dict[Any, Group] = {}
    for number, run in enumerate(runs):
        for sample in run.samples:
            key = (number, sample["set"], sample["step"], sample["task_id"])
            found.setdefault(key, []).append((number, sample))
    return list(found.values())


def _thinned(groups: list[Group], share: float) -> list[Group]:
    """About that share of the samples: evaluations in full where they fit in half of it, the rest evenly."""
    if share >= 1:
        return groups
    wanted = share * sum(map(len, groups))
    asked = sum(len(group) for group in groups if _evaluation(group))
    of_asked = min(1.0, wanted / 2 / asked) if asked else 1.0
    trained = sum(map(len, groups)) - asked
    of_trained = (wanted - of_asked * asked) / trained if trained else 1.0
    return [
        group for number, group in enumerate(groups)
        if _chosen(number, of_asked if _evaluation(group) else of_trained)
    ]  # fmt: skip


def _chosen(number: int, share: float) -> bool:
    return int((number + 1) * share) > int(number * share)


def _evaluation(group: Group) -> bool:
    return bool(group[0][1]["set"] != "training")


def _pack(runs: Sequence[RunData], members: Group) -> tuple[dict[str, Any], list[str]]:
    tasks: dict[str, int] = {}
    groups: dict[Any, int] = {}
    parts = sorted({name for _, sample in members for name in sample["parts"]})
    columns: dict[str, list[Any]] = {
        name: [] for name in ("run", "set", "step", "task", "group", "reward", "advantage", "length", "stop")
    }
    values: list[list[float | None]] = []
    sets, stops = _names(members, "set"), _names(members, "stop")
    for number, sample in members:
        columns["run"].append(number)
        columns["set"].append(sets[sample["set"]])
        columns["stop"].append(stops[_cut(sample["stop"])])
        columns["step"].append(sample["step"])
        columns["task"].append(tasks.setdefault(_task(sample), len(tasks)))
        key = (number, sample["set"], sample["step"], sample["task_id"])
        columns["group"].append(groups.setdefault(key, len(groups)))
        columns["reward"].append(_short(sample["reward"]))
        columns["advantage"].append(_short(sample.get("advantage")))
        columns["length"].append(sample["length"])
        values.append([_short(sample["parts"].get(name)) for name in parts])
    index = {
        "columns": columns,
        "parts": {name: [row[i] for row in values] for i, name in enumerate(parts)},
        "tasks": [json.loads(task) for task in tasks],
        "sets": list(sets),
        "stops": list(stops),
        "block": BLOCK,
    }
    return index, list(_blocks([sample for _, sample in members]))


def _names(members: Group, column: str) -> dict[str, int]:
    found = dict.fromkeys(_cut(sample[column]) for _, sample in members)
    return {name: number for number, name in enumerate(found)}


def _task(sample: Sample) -> str:
    named = ("task_id", "language", "locale", "kind", "request", "tools", "expected_calls", "facts")
    return json.dumps(_clipped({name: sample.get(name) for name in named}), ensure_ascii=False)


def _blocks(samples: list[Sample]) -> Iterator[str]:
    for begin in range(0, len(samples), BLOCK):
        yield block([_details(sample) for sample in samples[begin : begin + BLOCK]])


def _details(sample: Sample) -> dict[str, Any]:
    kept = {name: sample.get(name) for name in DETAILS}
    told: dict[str, Any] = _clipped(
        {name: sample[name] for name in ("messages", "notes", "steps") if sample.get(name)}
    )
    # Messages are the turns as they were read; the turns as they were written tell more only where they differ.
    turns = _clipped(sample.get("turns") or [])
    return {
        name: value for name, value in (kept | told | {"turns": turns}).items() if value not in (None, [])
    }


def _clipped(value: Any) -> Any:
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, dict):
        return {_cut(key): _clipped(item) for key, item in value.items()}
    return [_clipped(item) for item in value] if isinstance(value, list | tuple) else value


def _cut(text: str) -> str:
    left = len(text) - TEXT
    return text if left <= 0 else f"{text[:TEXT]} … ({left} letters more are in the Parquet file)"


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
