"""Held-out rewards per language and part, with 95% intervals."""

import math
from collections.abc import Callable, Sequence
from random import Random
from statistics import fmean, stdev
from typing import Any

from rewards.types import Task
from rl.errors import UserError
from rl.rollout.collect import Collector
from rl.steps import Row, as_row, mean

Result = dict[str, Any]  # {"reward", "parts", "n", "masked", "ci95"}


def held_out(tasks: Sequence[Task], per_language: int, seed: int = 0) -> list[Task]:
    """``per_language`` tasks of each language, parallel ones alike, drawn by ``seed``.

    Raises UserError if a language has none.
    """
    chosen = []
    for language in sorted({task.language for task in tasks}):
        own = [task for task in tasks if task.language == language]
        rank = {task.id: Random(f"{seed}/{task.parallel_id}").random() for task in own}
        chosen += sorted(own, key=lambda task: rank[task.id])[:per_language]
    if not chosen:
        raise UserError("There is nothing to evaluate; check data.test_split and data.languages.")
    return chosen


def evaluate(
    collect: Collector,
    tasks: Sequence[Task],
    *,
    temperature: float,
    seed: int = 0,
    on_done: Callable[[], None] | None = None,
) -> tuple[dict[str, Result], list[Row]]:
    """One sample of each task, at ``temperature`` (0: greedy) → ``{language: result}`` and the samples."""
    jobs = [(task, (seed * 1_000_003 + i) * 16 + 8) for i, task in enumerate(tasks)]
    sampled = collect(jobs, temperature, on_done)
    rows = [
        as_row(0, task, seed, one.trajectory, one.score, 0.0)
        for (task, seed), one in zip(jobs, sampled, strict=True)
    ]
    return by_language(rows), rows


def by_language(rows: Sequence[Row]) -> dict[str, Result]:
    """Means over each language's samples; masked ones are counted and left out."""
    results = {}
    for language in sorted({row.language for row in rows}):
        own = [row for row in rows if row.language == language]
        rewards = [row.reward for row in own if row.reward is not None]
        names = sorted({name for row in own for name in row.parts})
        results[language] = {
            "reward": mean(rewards),
            "parts": {name: mean(row.parts.get(name) for row in own) for name in names},
            "n": len(rewards),
            "masked": len(own) - len(rewards),
            "ci95": interval(rewards),
        }
    return results


def interval(values: Sequence[float]) -> list[float] | None:
    """The normal 95% interval of the mean, within 0..1; None below two values."""
    if len(values) < 2:
        return None
    half = 1.96 * stdev(values) / math.sqrt(len(values))
    return [max(0.0, fmean(values) - half), min(1.0, fmean(values) + half)]
