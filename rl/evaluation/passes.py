"""What k tries are worth: at least one right (pass@k), all of them right (pass^k)."""

from collections.abc import Sequence
from math import comb


def pass_at_k(n: int, right: int, k: int) -> float | None:
    """The chance that one of ``k`` tries is right, unbiased from ``n`` tries of which ``right`` are:
    1 - C(n - right, k) / C(n, k) (Chen et al. 2021, arXiv 2107.03374). None where ``k`` > ``n``."""
    return None if k > n else 1 - comb(n - right, k) / comb(n, k)


def pass_hat_k(n: int, right: int, k: int) -> float | None:
    """The chance that all of ``k`` tries are right, unbiased from ``n`` tries of which ``right`` are:
    C(right, k) / C(n, k) (Yao et al. 2024, tau-bench, arXiv 2406.12045). None where ``k`` > ``n``."""
    return None if k > n else comb(right, k) / comb(n, k)


def sizes(samples: int) -> list[int]:
    """The k that are shown of so many samples: 1, 2, 4, ... and all of them."""
    return sorted({*(2**i for i in range(samples.bit_length()) if 2**i <= samples), samples})


def mean_over_tasks(counts: Sequence[tuple[int, int]], k: int, all_of_them: bool) -> float | None:
    """pass^k (``all_of_them``) or pass@k, the mean over tasks of (scored samples, right ones); tasks with fewer
    than ``k`` scored samples are left out."""
    estimate = pass_hat_k if all_of_them else pass_at_k
    values = [value for n, right in counts if (value := estimate(n, right, k)) is not None]
    return sum(values) / len(values) if values else None
