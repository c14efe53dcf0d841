"""Samples in groups of equal id, wherever they stand, and statistics of the groups.

Shape legend: N samples of the gathered batch, G groups. Ids are integers of shape [N].
"""

from collections.abc import Callable

import torch
from torch import Tensor

PARENT = {"prompt": "language", "language": "batch", "task": "batch"}
Statistic = Callable[[Tensor, Tensor], Tensor]  # rewards [N] and dense ids [N] → [G]


def statistic(r: Tensor, keys: dict[str, Tensor], group: str, min_group: int, of: Statistic) -> Tensor:
    """The group's statistic for each sample, or the parent's where the group is too small."""
    key = keys[group]
    value = of(r, key)[key]
    if group in PARENT:
        small = sums(torch.ones_like(r), key)[key] < min_group
        if small.any():
            value = torch.where(small, statistic(r, keys, PARENT[group], min_group, of), value)
    return value


def sums(values: Tensor, key: Tensor) -> Tensor:
    """Sums by group of values [N] → [G]."""
    size = int(key.max()) + 1
    return torch.zeros(size, dtype=values.dtype, device=values.device).scatter_add_(0, key, values)


def means(r: Tensor, key: Tensor) -> Tensor:
    """Means by group of rewards [N] → [G]."""
    return sums(r, key) / sums(torch.ones_like(r), key)


def deviations(r: Tensor, key: Tensor) -> Tensor:
    """Unbiased standard deviations; 0 for a group of one."""
    count = sums(torch.ones_like(r), key)
    squares = sums((r - means(r, key)[key]) ** 2, key)
    return (squares / (count - 1).clamp(min=1)).sqrt()


def joint(a: Tensor, b: Tensor) -> Tensor:
    """Dense ids [N] of the pairs of two ids."""
    return dense(torch.stack([a, b], 1), dim=0)


def dense(ids: Tensor, dim: int | None = None) -> Tensor:
    """The ids, or rows of ids, counted from 0."""
    found: Tensor = torch.unique(ids, dim=dim, return_inverse=True)[1]
    return found
