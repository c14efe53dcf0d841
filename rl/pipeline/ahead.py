"""Generation batches that are begun before they are needed: sampling runs on while the policy is updated."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from rl.errors import WeightsWanted
from rl.pipeline.collector import Collected, Collector, Job, Refill


class Ahead:
    """The run's generation batches in their order, each of which feeds ``updates`` updates; the last is ``end`` - 1.

    A batch is begun when the policy is ``ahead`` updates or fewer before the first that it feeds, so that no sample
    is staler than that. With ``ahead`` 0 it is begun when it is asked for.
    """

    def __init__(
        self,
        collect: Collector,
        jobs: Callable[[int], list[Job]],
        temperature: float,
        *,
        updates: int,
        ahead: int,
        end: int,
        refill: Refill | None = None,
        tries: int = 0,
    ) -> None:
        self.collect, self.jobs, self.temperature = collect, jobs, temperature
        self.updates, self.ahead, self.end = updates, ahead, end
        self.refill, self.tries = refill, tries
        self.begun: dict[int, Future[Collected]] = {}

    def take(self, number: int, version: int) -> Collected:
        """Batch ``number``, waited for, while those after it go on; the engines have the policy of ``version``
        updates. Raises WeightsWanted where an engine needs them sent again first; then it may be called again."""
        if number not in self.begun:
            self.begun[number] = self._begin(number)
        self.begin_after(number, version)
        either: list[Future[Any]] = [self.begun[number], self.collect.wanted]
        wait(either, return_when=FIRST_COMPLETED)
        if not self.begun[number].done():
            raise WeightsWanted
        return self.begun.pop(number).result()

    def begin_after(self, number: int, version: int) -> None:
        """Begin those after batch ``number`` that may be sampled by the policy of ``version`` updates."""
        for later in range(number + 1, min((version + self.ahead) // self.updates, self.end - 1) + 1):
            if later not in self.begun:
                self.begun[later] = self._begin(later)

    def _begin(self, number: int) -> Future[Collected]:
        return self.collect.begin(self.jobs(number), self.temperature, self.refill, self.tries)
