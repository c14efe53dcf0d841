"""Which generation batch is begun when, and that none is begun twice or forgotten."""

from concurrent.futures import Future
from typing import Any

import pytest

from rl.pipeline.ahead import Ahead
from rl.pipeline.collector import Collected


class Begun:
    """A collector that notes what was begun."""

    wanted: "Future[None]" = Future()

    def __init__(self) -> None:
        self.order: list[int] = []

    def begin(self, jobs: Any, temperature: float, *_: Any) -> "Future[Collected]":
        self.order.append(jobs[0])
        future: Future[Collected] = Future()
        future.set_result(Collected([], [], {"number": jobs[0]}, {}))
        return future


@pytest.mark.parametrize("updates", [1, 2, 3])
@pytest.mark.parametrize("ahead", [0, 1, 2, 5])
@pytest.mark.parametrize("first", [0, 2])
def test_a_batch_is_begun_no_more_than_ahead_updates_before_it_is_learned(
    updates: int, ahead: int, first: int
) -> None:
    """The trainer's own order of calls: take a batch, then ``begin_after`` each update. ``first``: a run resumed."""
    collect, end = Begun(), 6
    pipeline = Ahead(collect, lambda number: [number], 1.0, updates=updates, ahead=ahead, end=end)  # type: ignore[arg-type]
    begun_at: dict[int, int] = {}
    for version in range(first * updates, end * updates):
        number = version // updates
        if version % updates == 0:
            assert pipeline.take(number, version).seconds["number"] == number
        for one in collect.order:
            begun_at.setdefault(one, version)
        if ahead:
            pipeline.begin_after(number, version + 1)
            for one in collect.order:
                begun_at.setdefault(one, version + 1)
    assert collect.order == list(range(first, end)) and pipeline.begun == {}
    for number, version in begun_at.items():
        assert 0 <= number * updates - version <= ahead
        assert version == max(number * updates - ahead, first * updates), "as early as it may be"
