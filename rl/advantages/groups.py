"""Samples in groups of equal id, wherever they stand, and statistics of the groups.

Shape legend: N samples of the gathered batch, G groups. Ids are integers of shape [N].
"""

from collections.abc import Callable

import torch
from torch import Tensor

SPREAD = 64  # times as many numbers as samples between the ids: a table of which are there is too large
PARENT = {"prompt": "language", "language": "batch", "task": "batch"}
Statistic = Callable[[Tensor, Tensor, Tensor], Tensor]  # rewards [N], dense ids [N] and group sizes [G] → [G]


def statistic(r: Tensor, keys: dict[str, Tensor], group: str, min_group: int, of: Statistic) -> Tensor:
    """The group's statistic for each sample, or the parent's where the group is too small."""
    key = keys[group]
    size = sizes(r, key)
    value = each(of(r, key, size), key)
    if group in PARENT:
        small = size < min_group
        if small.any():
            small = each(small, key)
            value = torch.where(small, statistic(r, keys, PARENT[group], min_group, of), value)
    return value


def sums(values: Tensor, key: Tensor) -> Tensor:
    """Sums by group of values [N] → [G]."""
    size = int(key.max()) + 1
    return torch.zeros(size, dtype=values.dtype, device=values.device).scatter_add_(0, key, values)


def sizes(values: Tensor, key: Tensor) -> Tensor:
    """Numbers of samples by group, [G], as values [N] are."""
    return sums(torch.ones_like(values), key)


def each(values: Tensor, key: Tensor) -> Tensor:
    """Values of groups [G] for each sample [N]."""
    return values.index_select(0, key)  # several times as fast as ``values[key]`` on the CPU


def means(r: Tensor, key: Tensor, size: Tensor) -> Tensor:
    """Means by group of rewards [N] → [G]."""
    return sums(r, key) / size


def deviations(r: Tensor, key: Tensor, size: Tensor) -> Tensor:
    """Unbiased standard deviations; 0 for a group of one."""
    squares = sums((r - each(means(r, key, size), key)) ** 2, key)
    return (squares / (size - 1).clamp(min=1)).sqrt()


def joint(a: Tensor, b: Tensor) -> Tensor:
    """Dense ids [N] of the pairs of an id and a dense one."""
    return dense(_small(a) * (int(b.max()) + 1) + b)


def dense(ids: Tensor) -> Tensor:
    """The ids counted from 0, in their order."""
    # A prompt's samples stand side by side as a rule: a run of equal ids is looked up once.
    runs, run = ids.unique_consecutive(return_inverse=True)
    places = _small(runs)
    there = torch.zeros(int(places.max()) + 1, dtype=torch.long, device=ids.device).index_fill_(0, places, 1)
    return each(each(there.cumsum(0) - 1, places), run)


def _small(ids: Tensor) -> Tensor:
    """The ids in their order from 0 on, with gaps that a table of them may have."""
    low, high = (int(end) for end in ids.aminmax())
    if high - low <= SPREAD * len(ids):
        return ids - low
    found: Tensor = torch.unique(ids, return_inverse=True)[1]  # which sorts them
    return found
