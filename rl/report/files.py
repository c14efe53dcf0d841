"""What a run leaves behind: ``config.yaml``, ``metrics.jsonl``, ``rollouts/*.parquet``, ``summary.json``."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from rl.config import Config
from rl.errors import UserError
from rl.steps import Row, Step, language_metrics

TEXT = ("task_id", "language", "request", "stop")
ROLLOUTS = pa.schema(
    [
        *((name, pa.string()) for name in TEXT),
        *((name, pa.int64()) for name in ("step", "seed", "length", "policy_version")),
        *((name, pa.float64()) for name in ("reward", "advantage")),
        *((name, pa.string()) for name in ("parts", "notes", "messages")),
    ]
)


class RunFolder:
    """``outputs/<run>/``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            (path / "rollouts").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"The run's folder {path} cannot be made ({error.strerror}); set output_dir."
            ) from error

    def config(self, config: Config) -> None:
        text = yaml.safe_dump(config.model_dump(), allow_unicode=True, sort_keys=False)
        _write(self.path / "config.yaml", text)

    def cut(self, done: int) -> None:
        """Forget the metrics of steps that were taken after the checkpoint that a run goes on from."""
        path = self.path / "metrics.jsonl"
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            whole = [line for line in lines if line.endswith("\n")]
            _write(path, "".join(line for line in whole if json.loads(line)["step"] < done))

    def step(self, step: Step) -> None:
        """One line of metrics and one Parquet file of rollouts."""
        line = {"step": step.step, "seconds": step.seconds, **language_metrics(step.rows)}
        with (self.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self.rollouts(f"step-{step.step:06d}", step.rows)

    def rollouts(self, name: str, rows: Sequence[Row]) -> None:
        """``rollouts/<name>.parquet``: one line a sample, nested values as JSON text."""
        table = pa.Table.from_pylist([_flat(row) for row in rows], schema=ROLLOUTS)
        pq.write_table(table, self.path / "rollouts" / f"{name}.parquet")

    def summary(self, summary: dict[str, Any]) -> Path:
        path = self.path / "summary.json"
        _write(path, json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
        return path


def _flat(row: Row) -> dict[str, Any]:
    """The row with its nested values as JSON text. A lone surrogate, which only a hostile model
    writes, is replaced: Parquet holds UTF-8."""
    flat = asdict(row) | {name: json.dumps(getattr(row, name)) for name in ("parts", "notes", "messages")}
    return flat | {name: flat[name].encode("utf-8", "replace").decode() for name in TEXT}


def read_summary(folder: Path) -> dict[str, Any] | None:
    """The summary that the run in ``folder`` has written so far, None if it has none."""
    path = folder / "summary.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _write(path: Path, text: str) -> None:
    """Whole or not at all, so that a run that is cut off stays readable."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)
