"""The mixture study (arXiv 2604.13286): its mixtures, and what its tables are made with.

``python -m rl.sft -m sft.mixture=...`` runs over mixtures; ``sweep_word`` writes that word for all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rl.evaluation.intervals import Interval, wilson

CORE = ("en", "es", "ja", "bn", "sw")
HELPERS = ("fr", "th", "de", "ru", "zh")  # trained on, never evaluated
FEATURES = ("log10 size", "family", "math", "pretrained only", "language in training", "sqrt(L/Lmax)")
Tag = Literal["direct", "transfer", "base"]
Floats = NDArray[np.float64]


def mixtures(core: Sequence[str] = CORE, helpers: Sequence[str] = HELPERS) -> list[tuple[str, ...]]:
    """English; English and one other core language; the core less one; the core; the core less one with two helpers,
    then with all of them; everything. Of five and five: 22."""
    first, *others = core
    less_one = list(combinations(core, len(core) - 1))
    found = [(first,), *((first, other) for other in others), *less_one, tuple(core)]
    if helpers:
        found += [(*some, *helpers[:2]) for some in less_one]
        found += [(*some, *helpers) for some in less_one]
        found.append((*core, *helpers))
    return list(dict.fromkeys(found))


def sweep_word(found: Sequence[Sequence[str]]) -> str:
    """``sft.mixture=[en],[en,es],...`` for Hydra's multirun."""
    return "sft.mixture=" + ",".join(f"[{','.join(mixture)}]" for mixture in found)


def tag(language: str, mixture: Sequence[str]) -> Tag:
    """How a language got where it is: trained on, by transfer from others, or not at all."""
    return "base" if not mixture else "direct" if language in mixture else "transfer"


@dataclass(frozen=True)
class Wins:
    """How often one training beats another: strictly higher accuracy. ``median`` is that of all differences."""

    wins: int
    cases: int
    rate: float
    interval: Interval | None
    median: float


def wins(pairs: Sequence[tuple[float, float]]) -> Wins:
    """Of pairs (accuracy, that of what it is compared with). Raises ValueError for none."""
    if not pairs:
        raise ValueError("there is nothing to compare")
    won = sum(ours > theirs for ours, theirs in pairs)
    rate = won / len(pairs)
    middle = median(ours - theirs for ours, theirs in pairs)
    return Wins(won, len(pairs), rate, wilson(rate, len(pairs)), middle)


def compared(accuracies: Mapping[tuple[str, ...], Mapping[str, float]], base: str = "en") -> dict[str, Wins]:
    """Bilingual mixtures against ``base`` alone: for the base itself, others in training, others not in training.

    ``accuracies``: mixture → language → accuracy, of one model on one task.
    """
    pairs: dict[str, list[tuple[float, float]]] = {base: [], "direct": [], "transfer": []}
    alone = accuracies[(base,)]
    for mixture, found in accuracies.items():
        if len(mixture) == 2 and base in mixture:
            for language, accuracy in found.items():
                pairs[base if language == base else tag(language, mixture)].append(
                    (accuracy, alone[language])
                )
    return {name: wins(own) for name, own in pairs.items() if own}


@dataclass(frozen=True)
class Regression:
    """Ordinary least squares: coefficients with 95% intervals of a bootstrap over rows, and R² on rows held out."""

    intercept: float
    coefficients: dict[str, float]
    intervals: dict[str, Interval]
    r2: float


def regression(
    features: Floats, accuracy: Floats, names: Sequence[str] = FEATURES, draws: int = 1000, seed: int = 0
) -> Regression:
    """Accuracy [M] on ``features`` [M, F], fitted on a random 70% of the rows, R² on the other 30%."""
    draw = np.random.default_rng(seed)
    order = draw.permutation(len(accuracy))
    fitted, held = order[: round(0.7 * len(order))], order[round(0.7 * len(order)) :]
    full = np.column_stack([np.ones(len(accuracy)), features])
    found = _least_squares(full[fitted], accuracy[fitted])
    again = [draw.choice(fitted, len(fitted)) for _ in range(draws)]
    drawn = np.array([_least_squares(full[rows], accuracy[rows]) for rows in again])
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    rest = accuracy[held] - full[held] @ found
    r2 = 1 - float((rest**2).sum() / ((accuracy[held] - accuracy[held].mean()) ** 2).sum())
    return Regression(
        float(found[0]),
        dict(zip(names, found[1:].tolist(), strict=True)),
        {name: [float(low[i]), float(high[i])] for i, name in enumerate(names, 1)},
        r2,
    )


def _least_squares(features: Floats, accuracy: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(features, accuracy, rcond=None)[0], dtype=np.float64)
