"""Objects between the main rank, which samples for all, and the others."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import torch.distributed as dist

from rl.errors import UserError, WeightsWanted

T = TypeVar("T")
PATIENCE = timedelta(days=1)  # sampling takes what it takes; a rank that dies ends the others anyway


def of_all_ranks(own: T) -> list[T]:
    """Each rank's, in their order."""
    world = dist.get_world_size() if dist.is_initialized() else 1
    found: list[Any] = [own] * world
    if world > 1:
        dist.all_gather_object(found, own, group=dist.new_group(backend="gloo"))
    return found


class Ranks:
    """The training ranks. Their objects travel over gloo, whatever their tensors travel over."""

    def __init__(self, rank: int = 0, world: int = 1) -> None:
        self.rank, self.world = rank, world
        self.group: Any = dist.new_group(backend="gloo", timeout=PATIENCE) if world > 1 else None

    @property
    def is_main(self) -> bool:
        return self.rank == 0

    def shared_out(self, make: Callable[[], Sequence[T]]) -> list[T]:
        """This rank's share of what ``make`` gives on the main rank: as many for each, in their order.

        What the main rank raises there is raised on all, so that all can save what was trained, or send weights again.
        """
        if self.world == 1:
            return list(make())
        shares: list[Any] | None = None
        failed: Exception | None = None
        if self.is_main:
            try:
                whole = list(make())
                size = len(whole) // self.world
                shares = [whole[r * size : (r + 1) * size] for r in range(self.world)]
            except Exception as error:
                told = WeightsWanted() if isinstance(error, WeightsWanted) else UserError(str(error))
                failed, shares = error, [told] * self.world
        share: list[Any] = [None]
        dist.scatter_object_list(share, shares, src=0, group=self.group)
        if failed is not None:
            raise failed
        if isinstance(share[0], Exception):
            raise share[0]
        return list(share[0])
