"""What the runs of a mixture study came to: accuracies, win rates and a regression (arXiv 2604.13286)."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rich.console import Group
from rich.table import Table

from rl.errors import UserError
from rl.evaluation.languages import english_first
from rl.report.reading import check_run
from rl.report.run_folder import read_summary
from rl.training.sft.study import Wins, compared, regression, tag

Accuracies = dict[
    tuple[str, ...], dict[str, float]
]  # mixture (of the model before: none) → language → share of tasks
BASE: tuple[str, ...] = ()
# What may be counted of held-out tasks. A study of calls alone, as the published one is, counts the first.
FIGURES = {
    "outcome": "Calls that did what was asked",
    "success": "Done and told, in whatever language",
    "joint": "Done and told in the user's language and customs",
}


def accuracies(runs: Sequence[Path], figure: str) -> Accuracies:
    """Of each run's mixture, the smallest first; of the same mixture the last. ``figure`` is one of ``FIGURES``. Raises
    UserError for what is no run of ``rl.sft`` with a mixture by list."""
    found: Accuracies = {}
    for run in runs:
        check_run(run)
        config, summary = yaml.safe_load((run / "config.yaml").read_text(encoding="utf-8")), read_summary(run)
        mixture = config["sft"]["mixture"] or config["data"]["languages"]
        after = _evaluation(run, "after")
        if not summary or "loss" not in summary or not after or not isinstance(mixture, list):
            raise UserError(
                f"{run} is no finished run of python -m rl.sft with sft.mixture=[...] and an evaluation; name the folders "
                "of such runs."
            )
        found[tuple(mixture)] = _shares(after, figure)
        if before := _evaluation(run, "before"):
            found[BASE] = _shares(before, figure)
    return dict(sorted(found.items(), key=lambda item: len(item[0])))


def _evaluation(run: Path, when: str) -> Mapping[str, Any] | None:
    path = run / f"evaluation-{when}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _shares(evaluation: Mapping[str, Any], figure: str) -> dict[str, float]:
    def share(name: str, of: Mapping[str, Any]) -> Any:
        match figure:
            case "outcome":
                return of["parts"]["outcome"]
            case "success":
                return of["success"]["rate"]
        return evaluation["funnel"][name]["joint"]["rate"]

    shares = {name: share(name, of) for name, of in evaluation["languages"].items()}
    return {name: value for name, value in shares.items() if value is not None}


def tables(found: Accuracies, figure: str) -> Group:
    """Accuracy by mixture, bilingual mixtures against English alone, and what the regression says of diversity."""
    return Group(_by_mixture(found, figure), *_wins(found), *_regression(found))


def _by_mixture(found: Accuracies, figure: str) -> Table:
    languages = english_first(next(iter(found.values())))
    table = Table(title=f"{FIGURES[figure]}, % of held-out tasks (* trained on)")
    for column in ["languages", "mixture", *languages, "mean"]:
        table.add_column(column, justify="left" if column == "mixture" else "right")
    for mixture, of in found.items():
        cells = [f"{100 * of[name]:.1f}{'*' if tag(name, mixture) == 'direct' else ''}" for name in languages]
        mean = f"{100 * sum(of.values()) / len(of):.1f}"
        table.add_row(str(len(mixture)), " ".join(mixture) or "(before)", *cells, mean)
    return table


def _wins(found: Accuracies) -> list[Table]:
    if ("en",) not in found or not (wins := compared(found)):
        return []
    table = Table(title="English and another language, against English alone")
    for column in ("language", "wins", "of", "rate, % (95%)", "median, points"):
        table.add_column(column, justify="left" if column == "language" else "right")
    names = {"en": "English", "direct": "others, trained on", "transfer": "others, not trained on"}
    for name, one in wins.items():
        table.add_row(names[name], *_cells(one))
    return [table]


def _cells(wins: Wins) -> list[str]:
    interval = (
        "" if wins.interval is None else " ({:.1f} to {:.1f})".format(*(100 * end for end in wins.interval))
    )
    return [str(wins.wins), str(wins.cases), f"{100 * wins.rate:.1f}{interval}", f"{100 * wins.median:+.2f}"]


def _regression(found: Accuracies) -> list[Table]:
    """Accuracy on what differs between the runs of one model: the language in training, and how many are."""
    most = max(map(len, found))
    rows = [
        (tag(name, mixture) == "direct", math.sqrt(len(mixture) / most), accuracy)
        for mixture, of in found.items()
        for name, accuracy in of.items()
    ]
    if len(found) < 4 or most == 1:
        return []
    values = np.array(rows, dtype=np.float64)
    fitted = regression(values[:, :2], values[:, 2], ("language in training", "sqrt(L/Lmax)"))
    table = Table(title=f"Regression over {len(rows)} accuracies, R² {fitted.r2:.2f} on those held out")
    for column in ("feature", "coefficient", "95%"):
        table.add_column(column, justify="left" if column == "feature" else "right")
    for name, value in fitted.coefficients.items():
        low, high = fitted.intervals[name]
        table.add_row(name, f"{value:+.3f}", f"{low:+.3f} to {high:+.3f}")
    return [table]
