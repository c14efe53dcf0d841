"""Macro actions (MA-RLHF, arXiv 2410.02743): credit by what was done, not by how many tokens it took.

``A_{i,t} = A_i · discount^(M_i − 1 − m) · n_i / (M_i · |m|)``, ``m`` the macro action of token t, of M_i in the sample's n_i
tokens. MA-RLHF estimates values at the borders of macro actions; without a critic there are none, and two things of it
remain: discounting runs over actions, and each action counts once, so that a reply in a script of many tokens does not
drown the call before it.
"""

from typing import Literal

import torch
from torch import Tensor

from rl.advantages.batch import CALL, GatheredBatch, given
from rl.advantages.grouped import grouped
from rl.config.schema import Advantage
from rl.errors import ConfigError

Unit = Literal["kind", "turn", "chain", "ngram"]
UNITS = ("kind", "turn", "chain", "ngram")


def macro(
    batch: GatheredBatch,
    settings: Advantage,
    *,
    unit: Unit = "kind",
    n: int = 5,
    discount: float = 1.0,
) -> Tensor:
    """Advantages of the tokens, shape [N, T].

    ``unit``: a thought, a call or a reply (``kind``); a ``turn``; a turn with a call, the reply belonging to the last
    (``chain``: translate, call, translate back); ``n`` tokens of a turn (``ngram``).
    """
    action = actions(batch, unit, n)
    counts = torch.zeros(len(action), int(action.max()) + 2, dtype=torch.float64)
    counts.scatter_add_(1, action + 1, torch.ones_like(action, dtype=torch.float64))
    size = counts.gather(1, action + 1)
    total, tokens = action.max(1).values + 1, action.ge(0).sum(1)
    even = (tokens / total.clamp(min=1))[:, None] / size.clamp(min=1)
    behind = discount ** (total[:, None] - 1 - action).clamp(min=0)
    sample = batch.spread(grouped(batch, settings))
    return sample * (even * behind).to(sample)


def actions(batch: GatheredBatch, unit: Unit, n: int = 5) -> Tensor:
    """The macro action of each token, counted from 0, shape [N, T]; -1 where the policy chose none."""
    if unit not in UNITS:
        raise ConfigError(f"advantage.options.unit={unit!r} is wrong: it is one of {', '.join(UNITS)}")
    chosen = batch.turns.ge(0)
    if unit == "chain":
        return batch.turns.minimum(_last_call(batch)[:, None]).masked_fill(~chosen, -1)
    label = batch.turns * 4
    if unit == "kind":
        label = label + given(batch.kinds, "macro", "the kinds of tokens")
    place = (chosen.cumsum(1) - 1).clamp(min=0)
    before = _previous(label, chosen)
    begins = chosen & (before != label)
    if unit == "ngram":
        first = torch.where(begins, place, torch.zeros_like(place)).cummax(1).values
        begins = chosen & ((place - first) % n == 0)
    return (begins.cumsum(1) - 1).masked_fill(~chosen, -1)


def _last_call(batch: GatheredBatch) -> Tensor:
    """The last turn of each sample that makes a call; 0 where none does."""
    kinds = given(batch.kinds, "macro", "the kinds of tokens")
    calling = torch.where(kinds == CALL, batch.turns, torch.zeros_like(batch.turns))
    return calling.max(1).values


def _previous(label: Tensor, chosen: Tensor) -> Tensor:
    """The label of the token chosen before; -1 for the first."""
    where = torch.arange(label.shape[1]).expand_as(label)
    last = torch.where(chosen, where, torch.full_like(where, -1)).cummax(1).values
    last = torch.nn.functional.pad(last[:, :-1], (1, 0), value=-1)
    return label.gather(1, last.clamp(min=0)).masked_fill(last < 0, -1)
