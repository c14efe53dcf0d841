"""A language's own weight of the KL term: hold what is good already, let laggards move.

``A_{i,t} = A_i − (β_l − β) · (log p_t − log p^ref_t)``, β of ``trainer.beta`` and β_l of sample i's language. TRL's loss adds
``β · KL`` for all tokens; the rest of a language's weight comes in as a reward of each token, whose policy gradient is that
of the KL of the sampled tokens (the k1 estimator; Schulman 2020, http://joschu.net/blog/kl-approx.html).
"""

import torch
from torch import Tensor

from rl.advantages.batch import GatheredBatch
from rl.advantages.grouped import grouped
from rl.config.schema import Advantage
from rl.errors import ConfigError, hint


def kl(batch: GatheredBatch, settings: Advantage, *, more: dict[str, float]) -> Tensor:
    """Advantages of the tokens, shape [N, T]; ``more`` is β_l − β by language, 0 for the others.

    Raises ConfigError without a reference policy, and for a language that the run has not.
    """
    if batch.reference is None or batch.logprobs is None:
        raise ConfigError(
            "advantage.estimator=kl needs a reference policy: set trainer.beta above 0, such as 0.01"
        )
    for name in more:
        if name not in batch.languages:
            raise ConfigError(
                f"advantage.options.more has {name!r}, which is no language of the run{hint(name, batch.languages)}"
            )
    beta = torch.tensor([more.get(name, 0.0) for name in batch.languages], dtype=batch.logprobs.dtype)
    chosen = batch.turns.ge(0) & ~batch.rewards.isnan()[:, None]
    apart = (batch.logprobs - batch.reference).masked_fill(~chosen, 0.0)
    base = batch.spread(grouped(batch, settings))
    return base - (beta[batch.language][:, None] * apart).to(base)


def kl_by_language(batch: GatheredBatch) -> dict[str, float]:
    """``language/<tag>/kl``: the mean over its tokens of the k3 estimator; empty without a reference."""
    if batch.reference is None or batch.logprobs is None:
        return {}
    apart = batch.reference - batch.logprobs
    each = apart.exp() - apart - 1
    found = {}
    for index, name in enumerate(batch.languages):
        chosen = batch.turns.ge(0) & (batch.language == index)[:, None]
        if chosen.any():
            found[f"language/{name}/kl"] = each[chosen].mean().item()
    return found
