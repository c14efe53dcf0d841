"""How much each language counts."""

from typing import Literal

import torch
from torch import Tensor

from rl.advantages.groups import sums

Weights = Literal["uniform", "inverse_frequency", "worst_first"]


def language_weights(r: Tensor, language: Tensor, weights: Weights, level: Tensor | None = None) -> Tensor:
    """Each sample's weight, shape [N], averaging to 1: alike, by 1/frequency, or by how far its
    language's mean reward is from 1 (lagging languages count more).

    ``level`` is that mean, of shape [N], where it is smoothed over steps (``Progress``): a batch's own mean
    jumps with the prompts that it happens to hold.
    """
    if weights == "uniform":
        return torch.ones_like(r)
    count = sums(torch.ones_like(r), language)
    if weights == "inverse_frequency":
        chosen = (1 / count)[language]
    else:
        mean = (sums(r, language) / count)[language] if level is None else level.to(r)
        chosen = (1 - mean).clamp(min=0) + 0.1  # a language without a lag still counts
    return chosen / chosen.mean()
