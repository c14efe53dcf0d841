"""Where a step's time goes: what ran while something else did, and who waited."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from statistics import fmean


class Busy:
    """Seconds in which at least one of its spans ran."""

    def __init__(self) -> None:
        self.running, self.since, self.total = 0, 0.0, 0.0

    @contextmanager
    def span(self) -> Iterator[None]:
        if not self.running:
            self.since = time.perf_counter()
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            if not self.running:
                self.total += time.perf_counter() - self.since

    def seconds(self) -> float:
        """So far."""
        return self.total + (time.perf_counter() - self.since if self.running else 0.0)


class StepClock:
    """A step is from the moment that one batch has been learned to the moment that the next has. ``engines`` gives the
    seconds that each has computed so far."""

    def __init__(self, engines: Callable[[], Sequence[float]]) -> None:
        self.engines = engines
        self.began, self.busy = time.perf_counter(), engines()
        self.waited = 0.0
        self.update_began, self.busy_then = self.began, self.busy

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """The trainer has nothing to do until this ends."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.waited += time.perf_counter() - begin

    def update(self) -> None:
        """It has its batch, and begins to learn."""
        self.update_began, self.busy_then = time.perf_counter(), self.engines()

    def figures(self, tokens: int, gpus: int) -> dict[str, float]:
        """Of the step that ends now, in which so many tokens were sampled: ``time/step`` in seconds; of it the shares
        ``time/idle_trainers`` and ``time/idle_engines``; ``time/overlap``, the share of the update in which the engines
        sampled, both means over the engines; ``tokens_per_second``, and for each of so many GPUs. Begins anew."""
        now, busy = time.perf_counter(), self.engines()
        whole, update = max(now - self.began, 1e-9), max(now - self.update_began, 1e-9)
        found = {
            "time/step": whole,
            "time/idle_trainers": min(self.waited / whole, 1.0),
            "time/idle_engines": 1 - _share(self.busy, busy, whole),
            "time/overlap": _share(self.busy_then, busy, update),
            "tokens_per_second": tokens / whole,
        }
        if gpus:
            found["tokens_per_second_per_gpu"] = tokens / whole / gpus
        self.began, self.busy, self.waited = now, busy, 0.0
        return found


def _share(before: Sequence[float], now: Sequence[float], seconds: float) -> float:
    """The mean over engines of what each has computed in the meantime; one that was started anew begins at 0."""
    shares = [min(max(later - first, 0.0) / seconds, 1.0) for first, later in zip(before, now, strict=True)]
    return fmean(shares) if shares else 0.0
