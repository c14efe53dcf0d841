"""RLMR (arXiv 2508.18642): who breaks the constraint is below the group's mean, however good the rest is.

``r_i ← r_i + λ_g · kept_i``, with the least ``λ_g ≥ 0`` of each group that puts every sample that breaks the constraint at
least ``margin`` below the group's mean: ``λ_g = (max_{broken} r − mean r + margin) / share of the group that keeps it``.
A group in which all keep it, or all break it, is left as it is.
"""

from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from rl.advantages.batch import GatheredBatch
from rl.advantages.grouped import grouped
from rl.advantages.groups import dense, joint, means
from rl.advantages.runs import alone
from rl.config.schema import Advantage
from rl.errors import ConfigError, hint


def rlmr(
    batch: GatheredBatch,
    settings: Advantage,
    *,
    constraint: str,
    group: Literal["prompt", "language", "task"] = "prompt",
    least: float = 0.5,
    margin: float = 0.05,
) -> Tensor:
    """``grouped`` advantages of shape [N], their baseline the mean of ``group``, after the constraint's weight was set.

    ``constraint`` names a part of the reward, kept at ``least`` and above; a sample without that part keeps it.
    """
    if constraint not in batch.names:
        raise ConfigError(
            f"advantage.options.constraint={constraint} is no part of the reward{hint(constraint, batch.names)}"
        )
    settings = settings.model_copy(update={"baseline": group, "min_group": 1})
    part = batch.parts[:, batch.names.index(constraint)]
    kept = ~(part < least)
    scored = ~batch.rewards.isnan()
    if not scored.any():
        return grouped(batch, settings)
    key = joint(batch.prompt, dense(batch.language)) if group == "prompt" else batch.groups()[group]
    key = key[scored].unique(return_inverse=True)[1]
    raised = batch.rewards.double().clone()
    raised[scored] += added(raised[scored], kept[scored], key, margin)
    return grouped(replace(batch, rewards=raised), settings).to(batch.rewards)


def added(r: Tensor, kept: Tensor, key: Tensor, margin: float) -> Tensor:
    """``λ_g · kept_i`` of each sample, shape [N]; ``key`` holds dense ids of groups."""
    share = means(alone(kept.double()), key)
    lowest = torch.full_like(share, -torch.inf)
    worst = lowest.scatter_reduce(0, key[~kept], r[~kept], "amax")  # the best of those that break it
    weight = (worst - means(alone(r), key) + margin) / share.clamp(min=1e-12)
    weight = torch.where((share > 0) & (share < 1), weight.clamp(min=0), torch.zeros_like(weight))
    return weight[key] * kept
