"""Credit for turns: the verified outcome of a turn's calls is that turn's reward (MT-GRPO, arXiv 2505.11821).

``A_{i,t} = A_i + weight · A^turn_{i,u}``, ``u`` the turn of token t. ``A^turn`` are advantages of the returns
``G_{i,u} = Σ_{v ≥ u} discount^{v−u} · outcome_{i,v}`` among the samples that came to a turn u, formed as
``advantage.baseline`` and ``scale`` say. A turn after the last call has no return, and keeps the sample's advantage.
"""

import math
from typing import Any

import torch
from torch import Tensor

from rl.advantages.batch import GatheredBatch, given
from rl.advantages.grouped import advantages, grouped, grouping
from rl.config.schema import Advantage


def turns(batch: GatheredBatch, settings: Advantage, *, weight: float = 0.5, discount: float = 1.0) -> Tensor:
    """Advantages of the tokens, shape [N, T]."""
    sample = batch.spread(grouped(batch, settings))
    outcomes = given(batch.outcomes, "turns", "the outcomes of turns")
    if not outcomes.shape[1]:
        return sample
    found = returns(outcomes, discount).masked_fill(batch.rewards.isnan()[:, None], math.nan)
    options: dict[str, Any] = batch.groups() | grouping(settings) | {"level": batch.level}
    credit = torch.stack([advantages(column, **options) for column in found.unbind(1)], 1)
    credit = torch.nn.functional.pad(credit, (0, 1))  # turns beyond those with calls have none
    own = credit.gather(1, batch.turns.clamp(min=0, max=credit.shape[1] - 1))
    return sample + weight * own.to(sample) * batch.turns.ge(0)


def returns(outcomes: Tensor, discount: float) -> Tensor:
    """Discounted sums of this turn's outcome and all later ones, shape [N, U]; NaN where none comes any more."""
    found, later = [], torch.full_like(outcomes[:, 0], math.nan)
    for column in outcomes.unbind(1)[::-1]:
        known = ~(column.isnan() & later.isnan())
        later = (column.nan_to_num(0.0) + discount * later.nan_to_num(0.0)).masked_fill(~known, math.nan)
        found.append(later)
    return torch.stack(found[::-1], 1)
