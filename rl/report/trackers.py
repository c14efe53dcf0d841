"""Evaluations, their funnel and a table of samples in the trackers that ``trainer.report_to`` names, beside what TRL logs
there itself: TensorBoard, W&B and trackio. What they write on this machine lies in the run's folder."""

import html
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rl.config.schema import Config
from rl.report.reading import Sample, samples_of

PROJECT = "polyglot-grpo"  # of W&B and trackio; trainer.trl.project names another
COLUMNS = ("language", "kind", "reward", "parts", "request", "calls", "reply", "stop", "notes")
WORST, BEST = 6, 2  # samples of each language in the table
Figures = Mapping[str, float]
Rows = Sequence[Sequence[Any]]


def keep_in_folder(config: Config) -> None:
    """Let the trackers, TRL's calls to them included, write to the run's folder; where the user's environment names
    another place, that is taken. Must come before any of them is imported."""
    places = {
        "TENSORBOARD_LOGGING_DIR": config.folder / "tensorboard",
        "WANDB_DIR": config.folder,
        "TRACKIO_DIR": config.folder / "trackio",
    }
    for name, folder in places.items():
        if name.split("_")[0].lower() in config.trainer.report_to and name not in os.environ:
            folder.mkdir(parents=True, exist_ok=True)
            os.environ[name] = str(folder.resolve())
    os.environ.setdefault("WANDB_PROJECT", _project(config))


def track_evaluation(config: Config, folder: Path, name: str) -> None:
    """Log the evaluation that lies in the folder, at the step of the policy that it is of."""
    if not config.trainer.report_to:
        return
    results = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    samples = samples_of(folder / "rollouts" / f"{name}.parquet")
    step = max((sample["policy_version"] for sample in samples), default=0)
    track(config, step, evaluation_figures(results), table_of(samples))


def track(config: Config, step: int, figures: Figures, rows: Rows = ()) -> None:
    """Log figures, and rows of ``COLUMNS`` as a table, to each tracker that is one of ours."""
    for name in config.trainer.report_to:
        if name in WRITERS:
            WRITERS[name](config, step, figures, rows)


def evaluation_figures(results: Mapping[str, Any]) -> dict[str, float]:
    """``evaluation/<language>/reward``, ``success``, ``part/<name>``; ``evaluation/mean`` and ``worst``; and
    ``funnel/<language>/<step>``."""
    found: dict[str, float | None] = {}
    for language, of in results["languages"].items():
        found[f"evaluation/{language}/reward"] = of["reward"]
        found[f"evaluation/{language}/success"] = of["success"]["rate"]
        found |= {f"evaluation/{language}/part/{name}": value for name, value in of["parts"].items()}
    for language, of in results["funnel"].items():
        found |= {f"funnel/{language}/{step}": rate["rate"] for step, rate in of["steps"].items()}
        found[f"funnel/{language}/all"] = of["joint"]["rate"]
    for kind in ("reward", "success"):
        gaps = results[kind]["gaps"]
        found |= {
            f"evaluation/{figure}/{kind}": gaps[figure] for figure in ("mean", "worst") if figure in gaps
        }
    return {name: value for name, value in found.items() if value is not None}


def table_of(samples: Sequence[Sample]) -> list[list[Any]]:
    """Rows of ``COLUMNS``: the worst of each language, and some of its best."""
    rows = []
    for language in sorted({sample["language"] for sample in samples}):
        own = [s for s in samples if s["language"] == language and s["reward"] is not None]
        own.sort(key=lambda sample: float(sample["reward"]))
        chosen = own if len(own) <= WORST + BEST else own[:WORST] + own[-BEST:]
        rows += [_row(sample) for sample in chosen]
    return rows


def _row(sample: Sample) -> list[Any]:
    said = [message for message in sample["messages"] if message["role"] == "assistant"]
    calls = [call for message in said for call in message.get("calls", ())]
    return [
        sample["language"],
        sample["kind"],
        sample["reward"],
        _text(sample["parts"]),
        str(sample["request"]),
        _text(calls),
        str(said[-1]["content"] or "") if said else "",
        sample["stop"],
        _text(sample["notes"]),
    ]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _project(config: Config) -> str:
    return str(config.trainer.trl.get("project", PROJECT))


def _tensorboard(config: Config, step: int, figures: Figures, rows: Rows) -> None:
    from torch.utils.tensorboard import SummaryWriter

    # A file of its own each time: readers take the files of a folder one after another.
    with SummaryWriter(os.environ["TENSORBOARD_LOGGING_DIR"]) as writer:
        for name, value in figures.items():
            writer.add_scalar(name, value, step)
        if rows:
            writer.add_text("samples", _markdown(rows), step)


def _markdown(rows: Rows) -> str:
    """A table that TensorBoard renders; what models wrote is escaped."""
    lines = [COLUMNS, ["---"] * len(COLUMNS), *([_escaped(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _escaped(cell: Any) -> str:
    text = html.escape(str(cell)).replace("\\", "\\\\").replace("|", "\\|")
    return " ".join("".join(f"\\{letter}" if letter in "`*_[]" else letter for letter in text).split())


def _wandb(config: Config, step: int, figures: Figures, rows: Rows) -> None:
    import wandb

    run = wandb.run or wandb.init(project=_project(config), name=config.run)  # TRL goes on with this one
    table = {"samples": wandb.Table(columns=list(COLUMNS), data=[list(row) for row in rows])} if rows else {}
    run.log({**figures, **table, "train/global_step": step})


def _trackio(config: Config, step: int, figures: Figures, rows: Rows) -> None:
    import pandas as pd
    import trackio

    begun = trackio.context_vars.current_run.get() is not None  # TRL's, while it trains
    if not begun:
        trackio.init(project=_project(config), name=config.run, resume="allow")
    table = {"samples": trackio.Table(dataframe=pd.DataFrame(rows, columns=list(COLUMNS)))} if rows else {}
    trackio.log({**figures, **table}, step=step)
    if not begun:
        trackio.finish()


WRITERS: dict[str, Callable[[Config, int, Figures, Rows], None]] = {
    "tensorboard": _tensorboard,
    "wandb": _wandb,
    "trackio": _trackio,
}
