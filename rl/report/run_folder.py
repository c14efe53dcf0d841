"""What a run leaves behind: ``config.yaml``, ``metrics.jsonl``, ``rollouts/*.parquet``, ``summary.json``."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import yaml

from rl.config.schema import Config
from rl.errors import UserError
from rl.evaluation.metrics import language_metrics
from rl.report.rollouts import Decode, as_table
from rl.report.samples import GenerationBatch, Row
from rl.report.summary import Summary


class RunFolder:
    """``outputs/<run>/``. ``decode`` turns tokens into the text of turns; ``tokens``: they are kept, too."""

    def __init__(self, path: Path, decode: Decode | None = None, tokens: bool = False) -> None:
        self.path, self.decode, self.tokens = path, decode, tokens
        try:
            (path / "rollouts").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"The run's folder {path} cannot be made ({error.strerror}); set output_dir."
            ) from error

    def config(self, config: Config, done: int = 0) -> None:
        """The settings. Where a resumed run has others, those of its first ``done`` steps are kept beside them."""
        path = self.path / "config.yaml"
        settings = config.model_dump()
        if path.is_file():
            before = yaml.safe_load(path.read_text(encoding="utf-8"))
            if done and {**before, "resume": None} != {**settings, "resume": None}:
                os.replace(path, self.path / f"config-until-{done}.yaml")
        _write(path, yaml.safe_dump(settings, allow_unicode=True, sort_keys=False))

    def cut(self, done: int) -> None:
        """Forget what came after the checkpoint that a run goes on from, of ``done`` updates: metrics and samples of later
        steps, and the evaluation of the policy that the run had ended with."""
        for kind, kept in (("step", done - 1), ("during", done)):
            for file in (self.path / "rollouts").glob(f"{kind}-*.parquet"):
                if int(file.stem.rpartition("-")[2]) > kept:
                    file.unlink()
        for file in [*self.path.glob("evaluation-after.*"), *self.path.glob("rollouts/evaluation-after.*")]:
            file.unlink()
        path = self.path / "metrics.jsonl"
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            whole = [line for line in lines if line.endswith("\n")]
            _write(path, "".join(line for line in whole if json.loads(line)["step"] < done))

    def step(self, step: GenerationBatch) -> None:
        """One line of metrics and one Parquet file of rollouts."""
        line = {"step": step.step, "seconds": step.seconds, **language_metrics(step.rows), **step.figures}
        with (self.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self.rollouts(f"step-{step.step:06d}", step.rows)

    def rollouts(self, name: str, rows: Sequence[Row]) -> None:
        """``rollouts/<name>.parquet``: one row a sample, as ``rl.report.rollouts`` has it."""
        table = as_table(rows, self.decode, self.tokens)
        pq.write_table(table, self.path / "rollouts" / f"{name}.parquet")

    def summary(self, summary: Summary) -> Path:
        path = self.path / "summary.json"
        _write(path, json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
        return path


def read_summary(folder: Path) -> Summary | None:
    """The summary that the run in ``folder`` has written so far, None if it has none."""
    path = folder / "summary.json"
    if not path.is_file():
        return None
    found: Summary = json.loads(path.read_text(encoding="utf-8"))
    return found


def _write(path: Path, text: str) -> None:
    """Whole or not at all, so that a run that is cut off stays readable."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)
