"""N samples as R runs of neighbours that share their ids.

The samples of a prompt stand side by side as a rule, so what is looked up or summed by group is looked up once a run. In
what order samples stand changes nothing but the time.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Summary:
    """All that the mean and the deviation of a group need of its runs (Chan, Golub and LeVeque 1983), each of shape [R]:
    the number of samples, their mean, and the sum of their squared deviations from it."""

    size: Tensor
    mean: Tensor
    squares: Tensor


class Runs:
    """Where the runs begin and end in samples with these ids, integers of shape [N] each, N > 0."""

    def __init__(self, *ids: Tensor) -> None:
        first, *others = (each[1:] != each[:-1] for each in ids)
        for other in others:
            first |= other
        self.first = torch.nn.functional.pad(first.nonzero().squeeze(1) + 1, (1, 0))
        end = self.first.new_tensor([len(ids[0])])
        self.length = torch.diff(self.first, append=end)
        longest, shortest = int(self.length.max()), int(self.length.min())
        self.repeats: Tensor | int = longest if longest == shortest else self.length

    def of(self, values: Tensor) -> Tensor:
        """What all samples of a run have in common, [N] → [R]."""
        return values.index_select(0, self.first)

    def spread(self, values: Tensor) -> Tensor:
        """Values of runs for each sample, [R] → [N]."""
        return values.repeat_interleave(self.repeats)

    def total(self, values: Tensor) -> Tensor:
        """Sums of samples' values by run, [N] → [R]."""
        if isinstance(self.repeats, int):
            return values.view(-1, self.repeats).sum(1)
        return torch.segment_reduce(values, "sum", lengths=self.length)

    def summary(self, r: Tensor) -> Summary:
        """Of rewards of shape [N]."""
        size = self.length.to(r)
        mean = self.total(r) / size
        return Summary(size, mean, self.total((r - self.spread(mean)).square_()))


def alone(r: Tensor) -> Summary:
    """Each sample as a run of its own."""
    return Summary(torch.ones_like(r), r, torch.zeros_like(r))
