"""What lies in a run's folder, as plain data: whatever is whole is read, and of the rest it is said why it is missing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from rl.errors import UserError
from rl.report.rollouts import COLUMNS, TOKENS
from sandbox.lines import numbered_lines

Sample = dict[
    str, Any
]  # a row of rollouts/*.parquet, with ``set``, and lists, dicts and JSON values unpacked
STEPPED = ("training", "during")  # the sets whose samples have a step
MOST = 100_000  # samples that are read of one run
FINISHED, OPEN, EVALUATION = "finished", "goes on, or was cut off", "an evaluation"


@dataclass
class RunData:
    """One run, or one evaluation. ``samples`` are those of ``rollouts/``, ``metrics`` the lines of ``metrics.jsonl``,
    ``evaluations`` the figures by name (``evaluation-before``), ``looks`` the lines of ``evaluations.jsonl``, ``notes`` sentences on what is missing."""

    name: str
    path: Path
    state: str
    config: dict[str, Any]
    summary: dict[str, Any]
    metrics: list[dict[str, Any]]
    samples: list[Sample]
    evaluations: dict[str, dict[str, Any]]
    looks: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check_run(folder: Path) -> None:
    """Raises UserError where the folder is no run's."""
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}; name a run's, such as outputs/demo-seed0.")
    if not (folder / "config.yaml").is_file():
        inside = sorted(path.parent.name for path in folder.glob("*/config.yaml"))
        meant = f"; name a run in it, such as {folder / inside[0]}" if inside else ""
        raise UserError(f"{folder} is not the folder of a run (it has no config.yaml){meant}.")


def read_run(folder: Path) -> RunData:
    """All of a run's folder that is whole. Raises UserError where it is no run's."""
    check_run(folder)
    notes: list[str] = []
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    files = _files(folder / "rollouts", notes)
    samples = [sample for file in files for sample in _whole(samples_of, file, notes, [])]
    evaluations = {
        file.stem: _whole(_json, file, notes, {}) for file in sorted(folder.glob("evaluation*.json"))
    }
    summary = folder / "summary.json"
    run = RunData(
        name=folder.resolve().name,
        path=folder,
        state=_state(folder, config),
        config=config,
        summary=_whole(_json, summary, notes, {}) if summary.is_file() else {},
        metrics=_lines(folder / "metrics.jsonl", notes),
        looks=_lines(folder / "evaluations.jsonl", notes),
        samples=samples,
        evaluations={name: found for name, found in evaluations.items() if found},
        notes=notes,
    )
    if not run.samples and not run.metrics and not run.summary:
        notes.append("The folder has no samples and no metrics yet.")
    return run


def _files(folder: Path, notes: list[str]) -> list[Path]:
    """The Parquet files; of a run with more samples than fit into memory with ease, of every few steps only."""
    files = sorted(folder.glob("*.parquet"))
    rows = sum(_whole(lambda path: pq.read_metadata(path).num_rows, file, [], 0) for file in files)
    every = -(-rows // MOST)
    if every < 2:
        return files
    steps = [file for file in files if file.stem.startswith("step-")]
    notes.append(f"There are {rows} samples, so those of every {every}th step are shown.")
    kept = set(steps[::every]) | {steps[-1]} if steps else set()
    return [file for file in files if file in kept or file not in steps]


def _state(folder: Path, config: Mapping[str, Any]) -> str:
    if (folder / "evaluation.json").is_file():
        return EVALUATION
    trained = (folder / "model" / "config.json").is_file()
    evaluated = (folder / "rollouts" / "evaluation-after.parquet").is_file()
    wanted = config.get("evaluate", {}).get("after", True)
    return FINISHED if evaluated or (trained and not wanted) else OPEN


def _whole(read: Callable[[Path], Any], path: Path, notes: list[str], otherwise: Any) -> Any:
    try:
        return read(path)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        notes.append(f"{path.name} cannot be read and is left out: {reason}.")
        return otherwise


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _lines(path: Path, notes: list[str]) -> list[dict[str, Any]]:
    """The lines; a last one that a run was cut off in is left out."""
    lines = []
    for _, text in numbered_lines(path) if path.is_file() else ():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            notes.append(f"A line of {path.name} was cut off and is left out.")
    return lines


def samples_of(path: Path) -> list[Sample]:
    """The samples of one Parquet file, of this version or an older one. Read again where the file has changed."""
    found = path.stat()
    return _samples(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=10_000)  # a page that follows a run reads each file once
def _samples(path: Path, changed: int, size: int) -> list[Sample]:
    file = pq.ParquetFile(path)
    columns = [name for name in file.schema_arrow.names if name in COLUMNS and name not in TOKENS]
    kind, _, number = path.stem.partition("-")
    kind = {"step": "training", "during": "during"}.get(kind, path.stem)
    step = {"step": int(number)} if kind == "during" else {}  # that of the policy; its rows have none
    return [_sample(row, kind) | step for row in file.read(columns=columns).to_pylist()]


def _sample(row: dict[str, Any], kind: str) -> Sample:
    """With defaults for columns that older versions have not, and their JSON texts read."""
    calls = [_call(call) for call in _listed(row.get("expected_calls"))]
    return row | {
        "set": kind,
        "kind": _kind(row["task_id"], calls),
        "parallel_id": row.get("parallel_id") or row["task_id"],
        "parts": named(row.get("parts")),
        "notes": named(row.get("notes")),
        "steps": named(row.get("steps")),
        "expected_calls": calls,
        "facts": [_value(fact) for fact in _listed(row.get("facts"))],
        "messages": [_message(message) for message in _listed(row.get("messages"))],
    }


def _kind(task: str, calls: list[dict[str, Any]]) -> str:
    """A catalog task's own kind, or else the tools that are due."""
    parts = task.split("/")
    if parts[0] == "catalog" and len(parts) > 2:
        return parts[2]
    return " + ".join(str(call["name"]) for call in calls) or "no call"


def named(value: Any) -> dict[str, Any]:
    """A struct, a map as pairs, or JSON text."""
    return dict(json.loads(value) if isinstance(value, str) else value or ())


def _listed(value: Any) -> list[Any]:
    return list(json.loads(value) if isinstance(value, str) else value or ())


def _value(text: Any) -> Any:
    """JSON text read; any other text stays."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except json.JSONDecodeError:
        return text


def _message(message: dict[str, Any]) -> dict[str, Any]:
    calls = [_call(call.get("function", call)) for call in message.get("tool_calls") or ()]
    kept = {"role": message["role"], "content": message.get("content")}
    named = {"name": message["name"]} if message.get("name") else {}
    return kept | named | ({"calls": calls} if calls else {})


def _call(call: dict[str, Any]) -> dict[str, Any]:
    return {"name": call.get("name"), "arguments": _value(call.get("arguments"))}
