"""How the trainer's ranks give the policy to the engines: each way has ``send``, which all ranks call alike."""

from collections import deque
from typing import Any, Protocol

import torch

from rl.pipeline.collector import Collector
from rl.weights.base import in_parts
from rl.weights.export import Policy, adapter_of
from rl.weights.way import Way


class Sender(Protocol):
    def send(self, policy: Policy, version: int) -> None:
        """Raises UserError for an engine that does not take it."""


class ByObjects:
    """In parts through Ray's object store. ``collect`` is the main rank's, None on the others. ``alone``: the adapter
    without the base, which the engines have."""

    def __init__(self, collect: Collector | None, alone: bool = False) -> None:
        self.collect, self.alone = collect, alone

    def send(self, policy: Policy, version: int) -> None:
        if self.collect is not None and self.alone:
            adapted: Any = policy.model
            self.collect.load_weights([adapter_of(adapted, version)])
        elif self.collect is not None:
            self.collect.load_weights(in_parts(policy, version))
        elif policy.is_sharded:
            deque(policy, maxlen=0)


def opened(
    way: Way,
    collect: Collector | None,
    rank: int = 0,
    *,
    alone: bool = False,
    dtype: torch.dtype | None = None,
) -> Sender:
    """``dtype`` is the engines'."""
    if way == "objects" or alone:
        return ByObjects(collect, alone)
    from rl.weights.transfer import ByTransfer  # imports vLLM

    return ByTransfer(way, collect, rank, dtype)
