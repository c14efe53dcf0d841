"""Benchmarks whose figure is the share of samples whose calls match."""

from collections.abc import Iterable, Sequence
from typing import Any

from rewards.match import match_calls
from rl.evaluation.funnel import Judged, rate


def matches(samples: Iterable[Judged]) -> list[tuple[Judged, bool]]:
    """Each sample, and whether its calls match by its task's own rules."""
    return [(sample, match_calls(sample.task, sample.trajectory.calls).ok) for sample in samples]


def ast_accuracy(samples: Sequence[Judged]) -> dict[str, Any]:
    """MASSIVE-Agents (Kulkarni et al., Findings of EMNLP 2025): the Berkeley leaderboard's AST match."""
    return {"ast_accuracy": rate(matches(samples))}


def exact(samples: Sequence[Judged]) -> dict[str, Any]:
    """mAPICall-Bank (arXiv 2604.13286): API name, all argument names and all values equal; and the name alone."""
    named = [
        (
            s,
            sorted(str(c.name) for c in s.trajectory.calls)
            == sorted(c["name"] for c in s.task.expected.calls),
        )
        for s in samples
    ]
    return {"exact": rate(matches(samples)), "api_name": rate(named)}
