"""How far a figure can be trusted: intervals of shares and means, tests of differences, corrections for many.

The unit that is drawn again is the request: its samples, and its versions in other languages, are no independent
evidence.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from statistics import NormalDist, fmean, stdev, variance

import numpy as np
from numpy.typing import NDArray

from rewards.judge import agreement

Interval = list[float]  # [low, high] of 95%
Z = NormalDist().inv_cdf(0.975)
DRAWS = 4000  # resamples of a bootstrap
FLIPS = 9999  # random permutations, where all are too many
EXACT = 2**13  # permutations, up to which all are looked at
# Quantiles 0.975 of Student's t with 1, 2, ... degrees of freedom (NIST/SEMATECH e-Handbook, 1.3.6.7.2).
STUDENT = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


def wilson(share: float, n: float) -> Interval | None:
    """As ``rewards.judge.agreement.wilson``; None for no cases."""
    return list(agreement.wilson(share, n)) if n else None


def share_interval(clusters: Sequence[Sequence[float]]) -> Interval | None:
    """Wilson's interval of a share whose cases come in clusters: the samples of each request, 0 or 1.

    The number of cases is the effective one, at least the clusters and at most the samples (Dean and Pagano
    2015): four equal samples of a request say as much as one.
    """
    cases = [value for cluster in clusters for value in cluster]
    if not cases:
        return None
    share, n = fmean(cases), float(len(clusters))
    if 0 < share < 1 and len(clusters) > 1:
        residuals = [sum(cluster) - share * len(cluster) for cluster in clusters]
        spread = n / (n - 1) * sum(r * r for r in residuals) / len(cases) ** 2
        n = min(max(share * (1 - share) / spread, n), len(cases)) if spread else float(len(cases))
    return wilson(share, n)


def mean_interval(clusters: Sequence[Sequence[float]], seed: int = 0) -> Interval | None:
    """The percentile bootstrap's interval (Efron 1979) of a mean of values in 0..1, drawing clusters again.

    None below two clusters. Where all have the same mean, resampling shows no spread: Wilson's interval is given,
    which holds for any values in 0..1.
    """
    means = [fmean(cluster) for cluster in clusters if cluster]
    if len(means) < 2:
        return None
    if max(means) - min(means) < 1e-12:
        return wilson(min(1.0, max(0.0, fmean(means))), len(means))
    sums = np.array([sum(cluster) for cluster in clusters if cluster])
    sizes = np.array([len(cluster) for cluster in clusters if cluster])
    drawn = _drawn(len(means), seed)
    return _percentiles((drawn @ sums) / (drawn @ sizes))


def difference_interval(differences: Sequence[float], seed: int = 0) -> Interval | None:
    """The percentile bootstrap's interval of the mean of paired differences; None below two, and where all are
    equal, which shows nothing of their spread."""
    if len(differences) < 2 or max(differences) - min(differences) < 1e-12:
        return None
    return _percentiles(_drawn(len(differences), seed) @ np.array(differences) / len(differences))


def student_interval(values: Sequence[float]) -> Interval | None:
    """Student's interval of a mean of few independent values, such as one a seed; None below two."""
    if len(values) < 2:
        return None
    half = _student(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return [fmean(values) - half, fmean(values) + half]


def welch_interval(one: Sequence[float], other: Sequence[float]) -> Interval | None:
    """Welch's interval (1947) of the second mean less the first, degrees of freedom rounded down; None below two
    values in either, and where neither has a spread."""
    if min(len(one), len(other)) < 2:
        return None
    a, b = variance(one) / len(one), variance(other) / len(other)
    if not a + b:
        return None
    degrees = (a + b) ** 2 / (a * a / (len(one) - 1) + b * b / (len(other) - 1))
    half = _student(int(degrees)) * math.sqrt(a + b)
    difference = fmean(other) - fmean(one)
    return [difference - half, difference + half]


def _student(degrees: int) -> float:
    return STUDENT[degrees - 1] if degrees <= len(STUDENT) else Z


@lru_cache(maxsize=4)  # a report asks thousands of times, mostly for as many clusters
def _drawn(n: int, seed: int) -> NDArray[np.float64]:
    """How often each of ``n`` clusters is drawn, in each resample."""
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=DRAWS).astype(np.float64)


def _percentiles(values: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(values, [2.5, 97.5])
    return [float(low), float(high)]


def paired_p(differences: Sequence[float], seed: int = 0) -> float | None:
    """Two-sided p of the mean of paired differences under random signs (Fisher's permutation test).

    All signs where they are few, else ``FLIPS`` random ones, the observed counted among them. None below two
    differences: nothing can be said.
    """
    values = np.array(differences, dtype=np.float64)
    if len(values) < 2:
        return None
    if 2 ** len(values) <= EXACT:
        bits = np.arange(2 ** len(values))[:, None] >> np.arange(len(values)) & 1
        return float(np.mean(_as_extreme((2.0 * bits - 1) @ values, values.sum())))
    signs = np.random.default_rng(seed).integers(0, 2, size=(FLIPS, len(values))) * 2.0 - 1
    return float((np.sum(_as_extreme(signs @ values, values.sum())) + 1) / (FLIPS + 1))


def unpaired_p(one: Sequence[float], other: Sequence[float], seed: int = 0) -> float | None:
    """Two-sided p of the difference of two groups' means under random assignment; None below two in either."""
    values, size = np.array([*one, *other], dtype=np.float64), len(one)
    if min(size, len(other)) < 2:
        return None
    found = fmean(one) - fmean(other)
    if math.comb(len(values), size) <= EXACT:
        chosen = np.array(list(combinations(range(len(values)), size)))
        return float(np.mean(_as_extreme(_apart(values, chosen), found)))
    draw = np.random.default_rng(seed)
    chosen = np.array([draw.permutation(len(values))[:size] for _ in range(FLIPS)])
    return float((np.sum(_as_extreme(_apart(values, chosen), found)) + 1) / (FLIPS + 1))


def _apart(values: NDArray[np.float64], chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """The chosen ones' mean less that of the others, for each row of indices."""
    total, size = values.sum(), chosen.shape[1]
    sums = values[chosen].sum(axis=1)
    return np.asarray(sums / size - (total - sums) / (len(values) - size), dtype=np.float64)


def _as_extreme(values: NDArray[np.float64], found: float) -> NDArray[np.bool_]:
    return np.asarray(np.abs(values) >= abs(found) - 1e-12, dtype=np.bool_)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down adjustment (1979) of the p-values of one family; those that are None stay so."""
    order = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    least = 0.0
    for rank, (p, i) in enumerate(order):
        least = max(least, min(1.0, p * (len(order) - rank)))
        adjusted[i] = least
    return adjusted


def cases_needed(differences: Sequence[float], effect: float = 0.02, power: float = 0.8) -> int | None:
    """How many paired cases as spread as these a two-sided test at 5% needs to see ``effect`` with ``power``:
    ((z(0.975) + z(power)) * s / effect)^2. None where the spread is not known."""
    if len(differences) < 2 or not variance(differences):
        return None
    factor = (Z + NormalDist().inv_cdf(power)) / effect
    return math.ceil(factor * factor * variance(differences))
