"""Runs beside each other: by language and part, paired by task, or by seed where there are several.

Runs of the same settings but the seed are one *preset*. Each preset is held against the first.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from rl.errors import UserError
from rl.evaluation.intervals import (
    cases_needed,
    difference_interval,
    holm,
    paired_p,
    student_interval,
    unpaired_p,
    welch_interval,
)
from rl.evaluation.languages import english_first
from rl.evaluation.stored import Key, Stored

ALL = "all"  # languages
FIRST = ("reward", "success")  # figures that stand before the parts
Cells = dict[str, Any]


@dataclass(frozen=True)
class Preset:
    """Runs that differ in nothing but their seeds."""

    name: str
    runs: list[Stored]


def presets(runs: Sequence[Stored]) -> list[Preset]:
    """The runs by their settings, in the order given; a seed that comes twice is no repetition of a preset. Of runs with
    one name the second is told apart by a number."""
    kinds: dict[str, list[Stored]] = {}
    for run in (runs := _told_apart(runs)):
        kinds.setdefault(json.dumps(run.settings, sort_keys=True, default=str), []).append(run)
    found = []
    for members in kinds.values():
        if len({run.seed for run in members}) < len(members):
            found += [Preset(run.name, [run]) for run in members]
        else:
            found.append(Preset(_name(members), members))
    return sorted(found, key=lambda preset: runs.index(preset.runs[0]))


def _told_apart(runs: Sequence[Stored]) -> list[Stored]:
    names = [run.name for run in runs]
    again = [names[:i].count(name) for i, name in enumerate(names)]
    return [
        replace(run, name=f"{run.name} ({n + 1})") if n else run for run, n in zip(runs, again, strict=True)
    ]


def _name(members: Sequence[Stored]) -> str:
    seeds = ", ".join(str(run.seed) for run in members)
    return members[0].name + (f" (seeds {seeds})" if len(members) > 1 else "")


def compare(runs: Sequence[Stored]) -> dict[str, Any]:
    """``{"presets", "notes", "table"}``. ``table`` has a row for each figure and language (``all``: each request's mean
    over its languages): ``means`` by preset, and ``against``, by preset but the first, ``difference`` from the first,
    ``ci95``, ``p`` and ``holm`` (adjusted over the languages), ``unit`` (task or seed), ``n`` units, and ``needed``:
    how many of them would show a difference of 0.02. Raises UserError where the runs share no task.
    """
    of = presets(runs)
    shared = set.intersection(*(run.tasks for run in runs))
    if not shared:
        raise UserError(
            f"{' and '.join(run.name for run in runs)} share no task; evaluate them on the same data."
        )
    figures = [name for name in _figures(runs) if all(name in run.values for run in runs)]
    table = [row for figure in figures for row in _rows(figure, of, shared)]
    return {
        "presets": [_described(p, of) for p in of],
        "notes": _notes(runs, shared, figures),
        "table": table,
    }


def _figures(runs: Sequence[Stored]) -> list[str]:
    parts = {name for run in runs for name in run.values} - set(FIRST)
    return [*FIRST, *sorted(parts)]


def _rows(figure: str, of: Sequence[Preset], shared: set[Key]) -> list[Cells]:
    keys = [key for key in shared if all(key in run.values[figure] for p in of for run in p.runs)]
    languages = english_first({language for language, _ in keys})
    units = {language: sorted(key for key in keys if key[0] == language) for language in languages}
    rows = [_row(figure, language, of, [[key] for key in units[language]]) for language in languages]
    for preset in of[1:]:
        adjusted = holm([row["against"][preset.name]["p"] for row in rows])
        for row, p in zip(rows, adjusted, strict=True):
            row["against"][preset.name]["holm"] = p
    if len(languages) > 1:
        requests: dict[str, list[Key]] = {}
        for key in sorted(keys):
            requests.setdefault(of[0].runs[0].requests[key], []).append(key)
        rows.append(_row(figure, ALL, of, list(requests.values())))
    return rows


def _row(figure: str, language: str, of: Sequence[Preset], units: Sequence[Sequence[Key]]) -> Cells:
    """``units``: the keys of each task, or of each request in all its languages."""
    values = {p.name: [_by_unit(run.values[figure], units) for run in p.runs] for p in of}
    first, *others = of
    return {
        "figure": figure,
        "language": language,
        "tasks": len(units),
        "means": {name: fmean(map(fmean, runs)) for name, runs in values.items()},
        "against": {p.name: _against(first, p, values[first.name], values[p.name]) for p in others},
    }


def _by_unit(of: Mapping[Key, float], units: Sequence[Sequence[Key]]) -> list[float]:
    return [fmean(of[key] for key in unit) for unit in units]


def _against(one: Preset, other: Preset, a: list[list[float]], b: list[list[float]]) -> Cells:
    """Of values by run and unit. Seeds are the units where both presets have several: tasks of one seed are no
    evidence about another."""
    if min(len(a), len(b)) > 1:
        mine, theirs = list(map(fmean, a)), list(map(fmean, b))
        seeds = [run.seed for run in one.runs], [run.seed for run in other.runs]
        if set(seeds[0]) == set(seeds[1]):
            by_seed = dict(zip(seeds[0], mine, strict=True))
            changes = [value - by_seed[seed] for seed, value in zip(seeds[1], theirs, strict=True)]
            return _tested(changes, "seed", student_interval(changes), paired_p(changes))
        apart = _tested([fmean(theirs) - fmean(mine)], "seed", welch_interval(mine, theirs), None)
        return apart | {"p": unpaired_p(theirs, mine), "n": min(len(mine), len(theirs))}
    before, after = _unit_means(a), _unit_means(b)
    changes = [y - x for x, y in zip(before, after, strict=True)]
    return _tested(changes, "task", difference_interval(changes), paired_p(changes))


def _unit_means(runs: list[list[float]]) -> list[float]:
    return list(map(fmean, zip(*runs, strict=True)))


def _tested(changes: list[float], unit: str, interval: list[float] | None, p: float | None) -> Cells:
    needed = cases_needed(changes)
    found = {"difference": fmean(changes), "ci95": interval, "p": p, "holm": None}
    return found | {"unit": unit, "n": len(changes), "needed": needed}


def _described(preset: Preset, of: Sequence[Preset]) -> Cells:
    """The preset with those of its settings in which the presets differ."""
    settings = [other.runs[0].settings for other in of]
    names = sorted({name for other in settings for name in other})
    differ = [name for name in names if len({repr(other.get(name)) for other in settings}) > 1]
    runs = [{"name": run.name, "seed": run.seed, "masked": run.masked} for run in preset.runs]
    own = preset.runs[0].settings
    return {"name": preset.name, "runs": runs, "settings": {name: own.get(name) for name in differ}}


def _notes(runs: Sequence[Stored], shared: set[Key], figures: Sequence[str]) -> list[str]:
    notes = []
    most = max(len(run.tasks) for run in runs)
    if len(shared) < most:
        notes.append(f"Only the {len(shared)} tasks that all runs have are compared (of up to {most}).")
    if left := [name for name in _figures(runs) if name not in figures]:
        notes.append(f"Not in every run, so left out: {', '.join(left)}.")
    rewards = {json.dumps(_section(run.settings, "reward."), sort_keys=True, default=str) for run in runs}
    if len(rewards) > 1:
        notes.append("The runs have different rewards: compare success, not reward.")
    for name in ("samples", "temperature"):
        if len(given := {run.evaluate[name] for run in runs}) > 1:
            notes.append(f"The runs have different evaluate.{name}: {', '.join(map(str, sorted(given)))}.")
    if 1 < (fewest := min(len(p.runs) for p in presets(runs))) < 6:
        notes.append(f"{fewest} seeds cannot give a p below {2 / 2**fewest:.3g} in the paired test by signs.")
    return notes


def _section(settings: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name.startswith(prefix)}


def as_markdown(comparison: Mapping[str, Any]) -> str:
    """The comparison as one table, with what stands above and below it."""
    names = [preset["name"] for preset in comparison["presets"]]
    head = ["part", "language", "tasks", names[0]]
    for name in names[1:]:
        head += [name, "difference (95%)", "p (Holm)", "needed for 0.02"]
    lines = [head, ["---"] * len(head)]
    lines += [_line(row, names) for row in comparison["table"]]
    table = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
    differ = [
        f"- {preset['name']}: "
        + (", ".join(f"{k}={v}" for k, v in preset["settings"].items()) or "as the others")
        for preset in comparison["presets"]
    ]
    notes = [f"- {note}" for note in comparison["notes"]]
    return "\n".join([*differ, *notes, "", table])


def _line(row: Cells, names: Sequence[str]) -> list[str]:
    line = [row["figure"], row["language"], str(row["tasks"]), f"{row['means'][names[0]]:.3f}"]
    for name in names[1:]:
        line += [f"{row['means'][name]:.3f}", *cells(row["against"][name])]
    return line


def cells(found: Cells) -> list[str]:
    """A comparison's difference with its interval, p, and what would be needed, as text."""
    low_high = found["ci95"]
    interval = f" ({low_high[0]:+.3f} to {low_high[1]:+.3f})" if low_high else ""
    p = found["holm"] if found["holm"] is not None else found["p"]
    needed = f"{found['needed']} {found['unit']}s" if found["needed"] else "-"
    return [f"{found['difference']:+.3f}{interval}", "-" if p is None else f"{p:.3f}", needed]
