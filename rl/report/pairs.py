"""Preference pairs from the samples that a run took, as TRL's DPO takes them (a conversational data set).

``{"prompt": [...], "chosen": [...], "rejected": [...]}`` beside ``language``, ``task_id`` and the two rewards. The prompt is
the request; tools are named in ``tools``, to be described as the run described them.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from rl.errors import UserError

Record = dict[str, Any]
COLUMNS = ["step", "task_id", "language", "request", "tools", "reward", "messages"]


def pairs(run: Path, margin: float, per_prompt: int = 1) -> list[Record]:
    """At most ``per_prompt`` pairs of each prompt and step, those with the widest difference first.

    Masked samples are in none. Raises UserError where the run has no samples, or none that differ by ``margin``.
    """
    files = sorted((run / "rollouts").glob("step-*.parquet"))
    if not files:
        raise UserError(
            f"{run} has no samples of training (rollouts/step-*.parquet); name the folder of a run."
        )
    found = [pair for file in files for pair in _of_step(file, margin, per_prompt)]
    if not found:
        raise UserError(f"No two samples of one prompt in {run} are apart by {margin}; lower --margin.")
    return found


def _of_step(file: Path, margin: float, per_prompt: int) -> Iterator[Record]:
    groups: dict[str, list[Record]] = {}
    for row in pq.read_table(file, columns=COLUMNS).to_pylist():
        if row["reward"] is not None:
            groups.setdefault(row["task_id"], []).append(row)
    for rows in groups.values():
        wide = [
            sorted(pair, key=lambda row: -float(row["reward"]))
            for pair in combinations(rows, 2)
            if abs(pair[0]["reward"] - pair[1]["reward"]) >= margin
        ]
        wide.sort(key=lambda pair: pair[1]["reward"] - pair[0]["reward"])
        yield from (_pair(better, worse) for better, worse in wide[:per_prompt])


def _pair(better: Record, worse: Record) -> Record:
    return {
        "prompt": [{"role": "user", "content": better["request"]}],
        "chosen": _messages(better["messages"]),
        "rejected": _messages(worse["messages"]),
        "tools": better["tools"],
        "language": better["language"],
        "task_id": better["task_id"],
        "rewards": [better["reward"], worse["reward"]],
    }


def _messages(kept: Sequence[Record]) -> list[Record]:
    """Messages as chat templates take them, arguments as objects."""
    found = []
    for message in kept:
        made = {name: message[name] for name in ("role", "name", "content") if message[name] is not None}
        calls = [
            {"type": "function", "function": {"name": c["name"], "arguments": json.loads(c["arguments"])}}
            for c in message["tool_calls"] or []
        ]
        found.append(made | ({"tool_calls": calls} if calls else {}))
    return found


def write(found: Sequence[Record], file: Path) -> None:
    """One JSON object a line."""
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in found)
    file.write_text("".join(lines), encoding="utf-8")
