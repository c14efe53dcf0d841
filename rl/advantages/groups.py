"""Groups of equal id, wherever their samples stand, and statistics of the groups.

Shape legend: R runs of samples (``runs``), or N samples, each a run of its own; G groups. Ids are integers of shape [R].
"""

from collections.abc import Callable

import torch
from torch import Tensor

from rl.advantages.runs import Summary

SPREAD = 64  # times as many numbers as runs between the ids: a table of which are there is too large
PARENT = {"prompt": "language", "language": "batch", "task": "batch"}
Statistic = Callable[[Summary, Tensor], Tensor]  # of R runs and their dense ids → [G]


def statistic(of: Summary, keys: dict[str, Tensor], group: str, min_group: int, what: Statistic) -> Tensor:
    """The group's statistic for each run, [R], or the parent's where the group is too small."""
    key = keys[group]
    value = each(what(of, key), key)
    if group in PARENT:
        small = sums(of.size, key) < min_group
        if small.any():
            value = torch.where(each(small, key), statistic(of, keys, PARENT[group], min_group, what), value)
    return value


def sums(values: Tensor, key: Tensor) -> Tensor:
    """Sums by group of values [R] → [G]."""
    size = int(key.max()) + 1
    return torch.zeros(size, dtype=values.dtype, device=values.device).scatter_add_(0, key, values)


def each(values: Tensor, key: Tensor) -> Tensor:
    """Values of groups [G] for each run [R]."""
    return values.index_select(0, key)  # several times as fast as ``values[key]`` on the CPU


def means(of: Summary, key: Tensor) -> Tensor:
    """Means by group, [G]."""
    return sums(of.mean * of.size, key) / sums(of.size, key)


def squares(of: Summary, key: Tensor) -> Tensor:
    """Squared deviations of samples from their group's mean, summed by group, [G]."""
    return sums(of.squares + of.size * (of.mean - each(means(of, key), key)) ** 2, key)


def deviations(of: Summary, key: Tensor) -> Tensor:
    """Unbiased standard deviations; 0 for a group of one."""
    return (squares(of, key) / (sums(of.size, key) - 1).clamp(min=1)).sqrt()


def joint(a: Tensor, b: Tensor) -> Tensor:
    """Dense ids of the pairs of an id and a dense one."""
    a = dense(a)
    common = torch.zeros(int(a.max()) + 1, dtype=torch.long, device=a.device).scatter_(0, a, b)
    if torch.equal(each(common, a), b):  # each a has one b
        return a
    return dense(a * (int(b.max()) + 1) + b)


def dense(ids: Tensor) -> Tensor:
    """The ids counted from 0, in their order."""
    places = _small(ids)
    there = torch.zeros(int(places.max()) + 1, dtype=torch.long, device=ids.device).index_fill_(0, places, 1)
    return each(there.cumsum(0) - 1, places)


def _small(ids: Tensor) -> Tensor:
    """The ids in their order from 0 on, with gaps that a table of them may have."""
    low, high = (int(end) for end in ids.aminmax())
    if high - low <= SPREAD * len(ids):
        return ids - low
    found: Tensor = torch.unique(ids, return_inverse=True)[1]  # which sorts them
    return found
