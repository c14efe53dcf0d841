"""Does the judge grade as people do? Its agreement with human labels, language by language.

A row of the labels (JSON lines) is::

    {"language": "fr", "request": "...", "reply": "...", "human": 0.75}

``human`` is a grade in 0..1, or a list of several people's; ``locale``, ``results`` (a list of what tools
returned) and ``tools`` (the names of the tools called, which choose the rubric) may be given, and so may
``judge``, a grade in 0..1 that is then compared instead of asking.
"""

import asyncio
import json
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from statistics import fmean
from typing import Any

from rewards.judge import Judge, JudgeError
from rewards.judge.agreement import Correlation, Interval, alpha, bootstrap, kappa, wilson
from rewards.types import Expected, Task, Trajectory
from sandbox.lines import numbered_lines
from sandbox.types import ToolCall, ToolResult

ALL = "all"


@dataclass(frozen=True)
class Label:
    """One graded reply: ``human`` grades in 0..1, and the judge's where it is known."""

    task: Task
    trajectory: Trajectory
    human: tuple[float, ...]
    judge: float | None = None

    @property
    def mean(self) -> float:
        return fmean(self.human)


@dataclass(frozen=True)
class Agreement:
    """Of one language. ``accuracy`` and ``kappa`` are on good or bad (at least the threshold), ``alpha`` on
    the grades; ``human_alpha`` is what people reach among themselves. ``bias`` is the judge's mean grade
    less people's, ``length`` the correlation of that difference with the log of the reply's length."""

    n: int
    failed: int
    accuracy: float | None = None
    accuracy_interval: Interval | None = None
    kappa: float | None = None
    kappa_interval: Interval | None = None
    alpha: float | None = None
    alpha_interval: Interval | None = None
    human_alpha: float | None = None
    bias: float | None = None
    length: float | None = None


def read(path: Path) -> list[Label]:
    """The labels of a file. Raises ValueError with one sentence that names file and line."""
    try:
        rows = list(numbered_lines(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read ({error}); give a file of JSON lines in UTF-8.") from None
    if not rows:
        raise ValueError(
            f"{path} holds no labels; each line is a JSON object with language, request, reply, human."
        )
    return [_label(f"{path}:{i}", line) for i, line in rows]


def _label(where: str, line: str) -> Label:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where} is no JSON ({error}).") from None
    if not isinstance(row, dict):
        raise ValueError(f"{where} must be an object with language, request, reply and human.")
    for name in ("language", "request", "reply"):
        if not isinstance(row.get(name), str) or not row[name]:
            raise ValueError(f"{where} needs {name}: a text.")
    human = row.get("human")
    grades = human if isinstance(human, list) else [human]
    if not grades or not all(map(_is_grade, grades)):
        raise ValueError(
            f"{where} needs human: a number in 0..1, or a list of them; it is {json.dumps(human)}."
        )
    if "judge" in row and not _is_grade(row["judge"]):
        raise ValueError(
            f"{where} has judge {json.dumps(row['judge'])}; give a number in 0..1, or leave it out."
        )
    return Label(*_sample(where, row), tuple(map(float, grades)), row.get("judge"))


def _is_grade(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _sample(where: str, row: dict[str, Any]) -> tuple[Task, Trajectory]:
    results, tools = row.get("results", []), row.get("tools", [])
    if not isinstance(results, list) or not isinstance(tools, list):
        raise ValueError(f"{where} needs results and tools, where it has them, to be lists.")
    names = [str(name) for name in tools]
    calls = [ToolCall(str(i), name, {}) for i, name in enumerate(names)]
    returned = [ToolResult(str(i), "ok", result) for i, result in enumerate(results or [None] * len(tools))]
    expected = Expected(calls=[{"name": name, "arguments": {}} for name in names])
    asked = [{"role": "user", "content": row["request"]}]
    task = Task(where, where, row["language"], row.get("locale") or row["language"], asked, [], expected)
    said = [{"role": "assistant", "content": row["reply"]}]
    return task, Trajectory(where, [], [], [], [], said, calls, returned, "end")


async def graded(labels: list[Label], judge: Judge) -> tuple[list[float | None], str | None]:
    """The judge's grade of each (None where it failed, or its budget was spent), and why one of them failed."""
    whys: list[str] = []
    grades = await asyncio.gather(*(_grade(label, judge, whys) for label in labels))
    return list(grades), whys[0] if whys else None


async def _grade(label: Label, judge: Judge, whys: list[str]) -> float | None:
    if label.judge is not None:
        return label.judge
    try:
        return (await judge(label.task, label.trajectory)).reward
    except JudgeError as error:
        whys.append(str(error))
        return None


def agreement(labels: list[Label], grades: list[float | None], threshold: float) -> dict[str, Agreement]:
    """By language, and over ``all``."""
    by_language: dict[str, list[tuple[Label, float | None]]] = defaultdict(list)
    for label, grade in zip(labels, grades, strict=True):
        by_language[label.task.language].append((label, grade))
    found = {language: _compared(by_language[language], threshold) for language in sorted(by_language)}
    return {**found, ALL: _compared(chain.from_iterable(by_language.values()), threshold)}


def _compared(rows: Iterable[tuple[Label, float | None]], threshold: float) -> Agreement:
    every = list(rows)
    known = [(label, grade) for label, grade in every if grade is not None]
    if not known:
        return Agreement(len(every), len(every))
    sides = [(label.mean >= threshold, grade >= threshold) for label, grade in known]
    units = [(label.mean, grade) for label, grade in known]
    right = sum(a == b for a, b in sides)
    lengths = Correlation()
    for label, grade in known:
        lengths.add(math.log(len(label.trajectory.messages[-1]["content"])), grade - label.mean)
    return Agreement(
        n=len(every),
        failed=len(every) - len(known),
        accuracy=right / len(known),
        accuracy_interval=wilson(right / len(known), len(known)),
        kappa=kappa(sides),
        kappa_interval=bootstrap(sides, kappa),
        alpha=alpha(units),
        alpha_interval=bootstrap(units, alpha),
        human_alpha=alpha([label.human for label, _ in known]),
        bias=fmean(grade - label.mean for label, grade in known),
        length=lengths.value,
    )


def table(found: dict[str, Agreement]) -> str:
    """Rows of a terminal, one language each, with 95% intervals."""
    head = (
        "language",
        "n",
        "failed",
        "accuracy",
        "Cohen's kappa",
        "Krippendorff's alpha",
        "people's",
        "bias",
        "length",
    )
    rows = [head, *(_row(language, row) for language, row in found.items())]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _row(language: str, row: Agreement) -> tuple[str, ...]:
    return (
        language,
        str(row.n),
        str(row.failed),
        _number(row.accuracy, row.accuracy_interval),
        _number(row.kappa, row.kappa_interval),
        _number(row.alpha, row.alpha_interval),
        _number(row.human_alpha),
        _number(row.bias),
        _number(row.length),
    )


def _number(value: float | None, interval: Interval | None = None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" + (f" [{interval[0]:.2f}, {interval[1]:.2f}]" if interval else "")


def as_json(found: dict[str, Agreement], stats: dict[str, Any] | None) -> str:
    return json.dumps(
        {"languages": {k: asdict(v) for k, v in found.items()}, "judge": stats}, ensure_ascii=False
    )
