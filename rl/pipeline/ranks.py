"""Objects between the main rank, which samples for all, and the others."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import torch.distributed as dist

from rl.errors import UserError

T = TypeVar("T")
PATIENCE = timedelta(days=1)  # sampling takes what it takes; a rank that dies ends the others anyway


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

        What the main rank raises there is raised on all, so that all can save what was trained.
        """
        if self.world == 1:
            return list(make())
        shares: list[Any] | None = None
        failed: BaseException | None = None
        if self.is_main:
            try:
                whole = list(make())
                size = len(whole) // self.world
                shares = [whole[r * size : (r + 1) * size] for r in range(self.world)]
            except Exception as error:
                failed, shares = error, [str(error)] * self.world
        share: list[Any] = [None]
        dist.scatter_object_list(share, shares, src=0, group=self.group)
        if failed is not None:
            raise failed
        if isinstance(share[0], str):
            raise UserError(share[0])
        return list(share[0])
