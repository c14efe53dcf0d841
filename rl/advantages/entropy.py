"""Exploration in thoughts (EGPO, arXiv 2508.05118): an uncertain thought is a little more worth, never of another sign.

``A'_{i,t} = A_i + λ · clip(H_i, −|A_i|/α, |A_i|/α)`` on the tokens of sample i's thoughts, ``A_i`` on all others. ``H_i`` is the
mean of −log p over the thought's tokens, which is the entropy's estimate from the tokens that were sampled: the whole
distribution stays in the engine. λ ≤ α keeps every sign; λ = 0.4 and α = 2 are the paper's as reported by others.
"""

import torch
from torch import Tensor

from rl.advantages.batch import THOUGHT, GatheredBatch, given
from rl.advantages.grouped import grouped
from rl.config.schema import Advantage
from rl.errors import ConfigError


def entropy(batch: GatheredBatch, settings: Advantage, *, weight: float = 0.4, alpha: float = 2.0) -> Tensor:
    """Advantages of the tokens, shape [N, T]. Raises ConfigError where signs could flip."""
    if not 0 <= weight <= alpha:
        raise ConfigError(
            f"advantage.options.weight={weight} above alpha={alpha} would turn signs around; lower it"
        )
    base = grouped(batch, settings)
    thought = given(batch.kinds, "entropy", "the kinds of tokens") == THOUGHT
    logprobs = given(batch.logprobs, "entropy", "log-probabilities")
    surprise = (-logprobs * thought).sum(1) / thought.sum(1).clamp(min=1)
    bound = base.abs() / alpha
    bonus = weight * torch.maximum(torch.minimum(surprise.to(base), bound), -bound)
    return batch.spread(base) + bonus[:, None] * thought
