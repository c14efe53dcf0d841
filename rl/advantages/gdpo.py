"""GDPO (arXiv 2601.05242): each part of the reward has advantages of its own; their weighted sum is normalized.

``A_i = normalize_batch(Σ_k share_k · A_ik)``, where ``A_ik`` are the grouped advantages of part k.
"""

import math
from typing import Any

import torch
from torch import Tensor

from rl.advantages.batch import GatheredBatch
from rl.advantages.grouped import advantages, grouping
from rl.config.schema import Advantage


def gdpo(batch: GatheredBatch, settings: Advantage) -> Tensor:
    """``normalize_then_sum`` of the batch's parts, shape [N]."""
    options: dict[str, Any] = batch.groups() | grouping(settings) | {"level": batch.level}
    return normalize_then_sum(batch.parts, batch.shares, batch.rewards.isnan(), **options)


def normalize_then_sum(parts: Tensor, shares: Tensor, masked: Tensor, **grouping: Any) -> Tensor:
    """Each part's own advantages, their weighted sum normalized over the batch.

    So a part that hardly varies within its group counts as much as one that varies a lot, where a sum of
    rewards would drown it. With ``baseline`` and ``scale`` of "prompt" and a ``min_group`` of 1 this is
    TRL's ``normalize_then_sum``.

    Args:
        parts: values of shape [N, K]; NaN where a part has none: it adds nothing to that sample.
        shares: the weight of each part for each sample, shape [N, K].
        masked: samples that count nowhere, bool of shape [N]; so does one without any part.
        grouping: what ``advantages`` takes besides the rewards.

    Returns advantages of shape [N], normalized over the batch.
    """
    masked = masked | parts.isnan().all(1)
    parts = parts.double().masked_fill(masked[:, None], math.nan)
    columns = [advantages(column, **grouping) for column in parts.unbind(1)]
    total = (torch.stack(columns, 1) * shares).sum(1).masked_fill(masked, math.nan)
    everyone = torch.zeros_like(grouping["prompt"])
    return advantages(
        total, prompt=everyone, language=everyone, task=everyone, baseline="batch", scale="batch"
    )
