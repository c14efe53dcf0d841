"""Figures of samples by language."""

from collections.abc import Iterable, Sequence
from statistics import fmean, pstdev

from rl.report.samples import Row


def language_metrics(rows: Sequence[Row]) -> dict[str, float]:
    """Flat metrics ``language/<tag>/<name>`` of a step.

    ``gradient_share`` is the language's share of the summed absolute advantage times length, which
    is what it contributes to a token-level loss. A mean of nothing is left out.
    """
    metrics: dict[str, float] = {}
    total = sum(abs(row.advantage) * row.length for row in rows)
    for language in sorted({row.language for row in rows}):
        own = [row for row in rows if row.language == language]
        pull = sum(abs(row.advantage) * row.length for row in own)
        values = {
            "reward": mean(row.reward for row in own),
            "advantage_mean": fmean(row.advantage for row in own),
            "advantage_std": pstdev(row.advantage for row in own),
            "zero_advantage": fmean(abs(row.advantage) < 1e-9 for row in own),
            "length": fmean(row.length for row in own),
            "masked": fmean(row.reward is None for row in own),
            "gradient_share": pull / total if total else 0.0,
        } | {f"part/{name}": mean(row.parts.get(name) for row in own) for name in own[0].parts}
        metrics |= {f"language/{language}/{name}": v for name, v in values.items() if v is not None}
    return metrics


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of those that are not None; None if all are."""
    known = [v for v in values if v is not None]
    return fmean(known) if known else None
