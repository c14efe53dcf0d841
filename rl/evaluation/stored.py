"""Evaluations that lie in run folders: settings, and of each task what its samples were worth."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from rl.errors import UserError
from rl.evaluation.funnel import passed
from rl.evaluation.settings import run_of
from rl.report.reading import check_run, named

AFTER, BEFORE, ALONE = "evaluation-after", "evaluation-before", "evaluation"
# Settings that do not make another kind of run; ``evaluate`` is told apart from them.
ASIDE = (
    "run", "seed", "output_dir", "resume", "cluster", "evaluate", "report", "model.cache_dir", "trainer.save_every",
    "trainer.keep", "trainer.report_to",
)  # fmt: skip
Key = tuple[str, str]  # language, task


@dataclass(frozen=True)
class Stored:
    """One evaluation. ``values``: figure (``reward``, ``success``, a part) → (language, task) → mean over its scored
    samples. ``requests``: the parallel request of each task. ``settings`` are dotted, without what is aside."""

    name: str
    seed: int
    settings: dict[str, Any]
    evaluate: dict[str, Any]
    values: dict[str, dict[Key, float]]
    requests: dict[Key, str]
    masked: int

    @property
    def tasks(self) -> set[Key]:
        return set(self.values["reward"])


def stored(folder: Path, which: str | None = None) -> Stored:
    """The evaluation in a run's folder: ``which``, or of the last model. Raises UserError where there is none."""
    check_run(folder)
    config = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    path = _rollouts(folder, config, which)
    try:
        rows = pq.read_table(path).to_pylist()
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(f"{path} cannot be read ({str(error).splitlines()[0]}); evaluate again.") from error
    values, requests = _values(rows)
    if not values.get("reward"):
        raise UserError(
            f"{folder} has no scored sample in {path.name}: all of them are masked; its notes say why. Evaluate again."
        )
    settings = {key: v for key, v in _flat(config) if not _aside(key)}
    if run_of(Path(str(settings.get("model.path")))) is not None:
        del settings["model.path"]  # the rest are the settings that made it
    return Stored(
        name=folder.name if which is None else f"{folder.name}, {which.removeprefix('evaluation-')}",
        seed=config["seed"],
        settings=settings,
        evaluate={key: config["evaluate"].get(key, 1) for key in ("samples", "temperature")},
        values=values,
        requests=requests,
        masked=sum(row["reward"] is None for row in rows),
    )


def _rollouts(folder: Path, config: Mapping[str, Any], which: str | None) -> Path:
    names = [which] if which else [ALONE, AFTER]
    for name in names:
        if (folder / "rollouts" / f"{name}.parquet").is_file():
            return folder / "rollouts" / f"{name}.parquet"
    if which == BEFORE:
        raise UserError(
            f"{folder} was not evaluated before its training, so there is nothing to compare with."
        )
    if config["evaluate"]["after"] and not (folder / "model" / "config.json").is_file():
        raise UserError(f"{folder} has no last evaluation: the run goes on, or was cut off.")
    model = shlex.quote(f"model={folder}/model")
    raise UserError(f"{folder} was not evaluated; do it with: python -m rl.evaluate {model}")


def _values(rows: list[dict[str, Any]]) -> tuple[dict[str, dict[Key, float]], dict[Key, str]]:
    """Files of older versions have no ``steps``, from which success is told, no ``parallel_id``, and JSON text for
    nested values."""
    samples: dict[str, dict[Key, list[float]]] = {}
    requests = {}
    for row in rows:
        key = (row["language"], row["task_id"])
        requests[key] = row.get("parallel_id") or row["task_id"]
        if row["reward"] is None:
            continue
        found = {"reward": row["reward"], **named(row["parts"])}
        if steps := named(row.get("steps")):
            found["success"] = float(passed(steps, "told"))
        for figure, value in found.items():
            if value is not None:
                samples.setdefault(figure, {}).setdefault(key, []).append(value)
    means = {
        figure: {key: fmean(values) for key, values in of.items()}
        for figure, of in samples.items()
    }  # fmt: skip
    return means, requests


def _aside(key: str) -> bool:
    return any(key == name or key.startswith(f"{name}.") for name in ASIDE)


def _flat(value: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, inner in value.items():
        nested = isinstance(inner, Mapping) and inner
        found += _flat(inner, f"{prefix}{key}.") if nested else [(f"{prefix}{key}", inner)]
    return found
