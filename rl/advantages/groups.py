"""Samples in groups of equal id, wherever they stand, and statistics of the groups.

Shape legend: N samples of the gathered batch, G groups. Ids are integers of shape [N].
"""

from collections.abc import Callable

import torch
from torch import Tensor

SPREAD = 64  # times as many numbers as samples between the ids: a table of which are there is too large
PARENT = {"prompt": "language", "language": "batch", "task": "batch"}
Statistic = Callable[[Tensor, Tensor], Tensor]  # rewards [N] and dense ids [N] → [G]


def statistic(r: Tensor, keys: dict[str, Tensor], group: str, min_group: int, of: Statistic) -> Tensor:
    """The group's statistic for each sample, or the parent's where the group is too small."""
    key = keys[group]
    value = each(of(r, key), key)
    if group in PARENT:
        small = sums(torch.ones_like(r), key) < min_group
        if small.any():
            small = each(small, key)
            value = torch.where(small, statistic(r, keys, PARENT[group], min_group, of), value)
    return value


def sums(values: Tensor, key: Tensor) -> Tensor:
    """Sums by group of values [N] → [G]."""
    size = int(key.max()) + 1
    return torch.zeros(size, dtype=values.dtype, device=values.device).scatter_add_(0, key, values)


def each(values: Tensor, key: Tensor) -> Tensor:
    """Values of groups [G] for each sample [N]."""
    return values.index_select(0, key)  # several times as fast as ``values[key]`` on the CPU


def means(r: Tensor, key: Tensor) -> Tensor:
    """Means by group of rewards [N] → [G]."""
    return sums(r, key) / sums(torch.ones_like(r), key)


def deviations(r: Tensor, key: Tensor) -> Tensor:
    """Unbiased standard deviations; 0 for a group of one."""
    count = sums(torch.ones_like(r), key)
    mean = sums(r, key) / count
    squares = sums((r - each(mean, key)) ** 2, key)
    return (squares / (count - 1).clamp(min=1)).sqrt()


def joint(a: Tensor, b: Tensor) -> Tensor:
    """Dense ids [N] of the pairs of two ids."""
    b = dense(b)
    return dense(dense(a) * (b.max() + 1) + b)


def dense(ids: Tensor) -> Tensor:
    """The ids counted from 0, in their order."""
    low, high = (int(end) for end in ids.aminmax())
    if high - low > SPREAD * len(ids):
        found: Tensor = torch.unique(ids, return_inverse=True)[1]  # which sorts them
        return found
    places = ids - low
    there = torch.zeros(high - low + 1, dtype=torch.long, device=ids.device).index_fill_(0, places, 1)
    return each(there.cumsum(0) - 1, places)
