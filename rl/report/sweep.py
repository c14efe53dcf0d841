"""What the jobs of a sweep came to, in one table."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rl.errors import UserError
from rl.evaluation.compare import FIRST, cells, compare
from rl.evaluation.stored import Stored, stored
from rl.report.live import console
from rl.report.run_folder import read_summary
from rl.report.summary import Result

Languages = Mapping[str, Mapping[str, Result]]  # language → {"before", "after": result}


def print_sweep(jobs: Mapping[Path, Mapping[str, str]]) -> None:
    """Show the tables over a sweep's run folders, each with the settings that were swept over."""
    console.print(sweep_table(jobs), paired_table(list(jobs)), sep="\n", crop=False)


def paired_table(folders: Sequence[Path]) -> RenderableType:
    """The jobs held against the first, paired by task, or by seed where there are several; empty for fewer than two."""
    found: list[Stored] = []
    problems: list[str] = []
    for folder in folders:
        try:
            found.append(stored(folder))
        except UserError as error:
            problems.append(f"Left out: {error}")
    if len(found) < 2:
        return Group(*map(_line, problems))
    try:
        return Group(*map(_line, problems), _compared(compare(found)))
    except UserError as error:
        return Group(*map(_line, [*problems, str(error)]))


def _line(text: str) -> Text:
    """One that stays whole, so that a path or a command in it can be copied."""
    return Text(text, no_wrap=True, overflow="ignore")


def _compared(comparison: Mapping[str, Any]) -> RenderableType:
    first, *others = [preset["name"] for preset in comparison["presets"]]
    table = Table(title=f"Held against {first}")
    for column in ("against", "part", "language", "difference (95%)", "p (Holm)", "needed for 0.02"):
        table.add_column(column, justify="right" if column in ("difference (95%)", "p (Holm)") else "left")
    for name in others:
        for row in comparison["table"]:
            if row["figure"] in FIRST:
                table.add_row(name, row["figure"], row["language"], *cells(row["against"][name]))
    notes = [Text(note) for note in comparison["notes"]]
    return Group(table if others else Text(f"All jobs are seeds of one preset: {first}."), *notes)


def sweep_table(jobs: Mapping[Path, Mapping[str, str]]) -> RenderableType:
    """A row a job: the mean over languages before and after, and the language that ends lowest."""
    settings = list(dict.fromkeys(name for swept in jobs.values() for name in swept))
    table = Table(title=f"Held-out reward (0 to 1) of {len(jobs)} jobs, mean over languages")
    for column in [*settings, "before", "after", "lowest language"]:
        table.add_column(column, justify="left" if column in settings else "right")
    for folder, swept in jobs.items():
        languages = _languages(folder)
        means = [_mean(languages, when) for when in ("before", "after")]
        table.add_row(*(swept.get(name, "") for name in settings), *means, _lowest(languages))
    return Group(table, *(_line(f"{number}. {folder}") for number, folder in enumerate(jobs, 1)))


def _languages(folder: Path) -> Languages:
    """Of a training run, or of an evaluation, which has no before."""
    evaluation = folder / "evaluation.json"
    if evaluation.is_file():
        results = json.loads(evaluation.read_text(encoding="utf-8"))
        return {language: {"after": result} for language, result in results["languages"].items()}
    summary = read_summary(folder)
    return summary["languages"] if summary else {}


def _rewards(languages: Languages, when: str) -> dict[str, float]:
    found = {name: results[when]["reward"] for name, results in languages.items() if results.get(when)}
    return {name: reward for name, reward in found.items() if reward is not None}


def _mean(languages: Languages, when: str) -> str:
    rewards = _rewards(languages, when)
    return f"{fmean(rewards.values()):.3f}" if rewards else "-"


def _lowest(languages: Languages) -> str:
    rewards = _rewards(languages, "after") or _rewards(languages, "before")
    name = min(rewards, key=lambda language: rewards[language], default=None)
    return "-" if name is None else f"{name} {rewards[name]:.3f}"
