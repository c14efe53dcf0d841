"""Objects between the main rank, which samples for all, and the others."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import torch.distributed as dist

from rl.errors import UserError, WeightsWanted

T = TypeVar("T")
PATIENCE = timedelta(days=1)  # sampling takes what it takes; a rank that dies ends the others anyway
MEETING = timedelta(minutes=1)  # in which ranks that all end come to the end


def of_all_ranks(own: T) -> list[T]:
    """Each rank's, in their order, before there are ``Ranks``."""
    world = dist.get_world_size() if dist.is_initialized() else 1
    return _gathered(own, dist.new_group(backend="gloo") if world > 1 else None, world)


def _gathered(own: T, group: Any, world: int) -> list[T]:
    found: list[Any] = [own] * world
    if world > 1:
        dist.all_gather_object(found, own, group=group)
    return found


class Ranks:
    """The training ranks. Their objects travel over gloo, whatever their tensors travel over."""

    def __init__(self, rank: int = 0, world: int = 1) -> None:
        self.rank, self.world = rank, world
        self.group: Any = dist.new_group(backend="gloo", timeout=PATIENCE) if world > 1 else None
        # For the last meeting alone: on the other group a rank may still wait for the main one.
        self.last: Any = dist.new_group(backend="gloo", timeout=MEETING) if world > 1 else None

    @property
    def is_main(self) -> bool:
        return self.rank == 0

    def shared_out(self, make: Callable[[], Sequence[T]]) -> list[T]:
        """This rank's share of what ``make`` gives on the main rank: as many for each, in their order.

        What the main rank raises there is raised on all, so that all can save what was trained, or send weights again.
        """

        def shares() -> list[list[T]]:
            whole = list(make())
            size = len(whole) // self.world
            return [whole[r * size : (r + 1) * size] for r in range(self.world)]

        return self._scattered(shares)

    def from_main(self, make: Callable[[], T]) -> T:
        """What ``make`` gives on the main rank, or raises there, on all."""
        return self._scattered(lambda: [make()] * self.world)

    def agree(self, failed: Exception | None) -> None:
        """Raise on all ranks what any of them ``failed`` with."""
        found = self.gathered(failed and _told(failed))
        if error := failed or next(filter(None, found), None):
            raise error

    def gathered(self, own: T) -> list[T]:
        """Each rank's, in their order."""
        return _gathered(own, self.group, self.world)

    def all_end(self) -> bool:
        """Whether all ranks have come here, as after an error that all have: then they can still do things together."""
        if self.world == 1:
            return True
        try:
            dist.monitored_barrier(self.last, MEETING)
        except RuntimeError:  # a rank is gone, or works on and waits for this one
            return False
        return True

    def _scattered(self, make: Callable[[], list[T]]) -> T:
        """This rank's of what ``make`` gives on the main rank, one for each."""
        if self.world == 1:
            return make()[0]
        every: list[Any] | None = None
        failed: Exception | None = None
        if self.is_main:
            try:
                every = make()
            except Exception as error:
                failed, every = error, [_told(error)] * self.world
        own: list[Any] = [None]
        dist.scatter_object_list(own, every, src=0, group=self.group)
        if failed is not None:
            raise failed
        if isinstance(own[0], Exception):
            raise own[0]
        found: T = own[0]
        return found


def _told(error: Exception) -> Exception:
    """An error as the other ranks raise it: not all can travel."""
    return WeightsWanted() if isinstance(error, WeightsWanted) else UserError(str(error))
