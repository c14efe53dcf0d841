"""Each language moves the policy as much as it is due, whatever its rewards' spread and its tokens' number.

``A_i ← A_i · c_l``, ``c_l = min(most, share_l · Σ_j |A_j|·n_j / Σ_{j in l} |A_j|·n_j)``, with ``n_j`` the tokens of sample j:
a token-level loss sums over tokens, so a language whose words take four tokens pulls four times as much. Within a language
all ratios of advantages are kept, signs too. Languages without any advantage leave their share to the others.
"""

import torch
from torch import Tensor

from rl.advantages.batch import GatheredBatch
from rl.advantages.grouped import grouped
from rl.advantages.groups import sums
from rl.config.schema import Advantage
from rl.errors import ConfigError, hint


def shares(
    batch: GatheredBatch, settings: Advantage, *, due: dict[str, float] | None = None, most: float = 4.0
) -> Tensor:
    """``grouped`` advantages of shape [N], the languages' pulls made ``due`` (None: by their scored samples).

    ``most`` is the greatest factor: a language with hardly any advantage left is not blown up. Raises ConfigError
    for a language in ``due`` that the run has not.
    """
    base = grouped(batch, settings)
    wanted = _wanted(batch, due)
    pull = base.double().abs() * batch.turns.ge(0).sum(1)
    own = torch.zeros_like(wanted).scatter_add_(0, batch.language, pull)
    alive = own > 0
    if not alive.any():
        return base
    wanted = torch.where(alive, wanted, torch.zeros_like(wanted))
    factor = wanted / wanted.sum().clamp(min=1e-12) * own.sum() / own.clamp(min=1e-12)
    return base * factor.clamp(max=most)[batch.language].to(base)


def _wanted(batch: GatheredBatch, due: dict[str, float] | None) -> Tensor:
    """What each language is due, shape [languages]."""
    if due is None:
        return sums((~batch.rewards.isnan()).double(), batch.language)
    for name in due:
        if name not in batch.languages:
            raise ConfigError(
                f"advantage.options.due has {name!r}, which is no language of the run{hint(name, batch.languages)}"
            )
    return torch.tensor([due.get(name, 0.0) for name in batch.languages], dtype=torch.float64)
