"""A scale of each language that does not blow up a solved one.

``A_i = (r_i − baseline_i) / max(σ_l, share · σ̄)``, where ``σ_l`` is the deviation of sample i's language and ``σ̄`` the
root of the mean of all languages' variances. GRPO's scale is ``share`` = 0 (arXiv 2402.03300), Dr. GRPO's objection to it
is that what is nearly solved is made loud (arXiv 2503.20783): one failure among 64 samples of a language has an advantage
of −8. Here no language is made louder than 1/``share`` times what one common scale would make it.
"""

from typing import Any

import torch
from torch import Tensor

from rl.advantages.batch import GatheredBatch
from rl.advantages.grouped import EPSILON, advantages, grouping
from rl.advantages.groups import deviations
from rl.advantages.runs import alone
from rl.config.schema import Advantage


def floored(batch: GatheredBatch, settings: Advantage, *, share: float = 0.5) -> Tensor:
    """Advantages of shape [N]. ``advantage.baseline`` and ``weights`` are as set, ``scale`` is the language's."""
    options: dict[str, Any] = batch.groups() | grouping(settings) | {"scale": "none", "level": batch.level}
    centered = advantages(batch.rewards, **options)
    scored = ~batch.rewards.isnan()
    if scored.any():
        centered[scored] /= floored_scale(batch.rewards[scored], batch.language[scored], share).to(centered)
    return centered


def floored_scale(rewards: Tensor, language: Tensor, share: float) -> Tensor:
    """The scale of each scored sample, shape [N]."""
    key = language.unique(return_inverse=True)[1]
    deviation = deviations(alone(rewards.double()), key)
    common = deviation.square().mean().sqrt()
    scale: Tensor = torch.maximum(deviation, share * common)[key] + EPSILON
    return scale
