"""One API host as its callers see it: how fast it may be asked, and whether it is up at all."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from sandbox.rest.egress import Outage, TooLarge

log = logging.getLogger(__name__)
LONGEST_PAUSE = 600.0  # seconds


class Upstream:
    """At most ``rate`` calls a second; after ``failures`` outages in a row none for ``pause`` seconds.

    Then one call tries again, while the others are still turned away; each try that fails doubles the pause,
    up to ten minutes. A call that would wait for more than ``patience`` seconds is turned away, too.
    """

    def __init__(
        self,
        host: str,
        rate: float,
        failures: int,
        pause: float,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ):
        self._host, self._gap, self._patience = host, 1 / rate, patience
        self._most_failures, self._first_pause = failures, pause
        self._clock, self._sleep = clock, sleep
        self._next = 0.0
        self._failures = 0
        self._pause = pause
        self._out_until: float | None = None

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn; an ``Outage`` that comes out of the block counts against the host.

        Raises ``Outage`` at once while the host is out.
        """
        self._check()
        await self._wait()
        trial = self._let_in()
        try:
            yield
        except Outage as error:
            self._failed(trial, str(error))
            raise
        except TooLarge:
            self._worked()
            raise
        self._worked()

    def _check(self) -> None:
        if self._out_until is not None and self._clock() < self._out_until:
            raise Outage(f"{self._host} is out after {self._failures} failures in a row")

    def _let_in(self) -> bool:
        """Whether this call is the one that tries a host that was out."""
        self._check()
        if self._out_until is None:
            return False
        self._out_until = self._clock() + self._pause
        return True

    async def _wait(self) -> None:
        now = self._clock()
        wait = max(0.0, self._next - now)
        if wait > self._patience:
            raise Outage(f"too many calls to {self._host} wait already")
        self._next = now + wait + self._gap
        if wait > 0:
            await self._sleep(wait)

    def _failed(self, trial: bool, reason: str) -> None:
        if self._out_until is not None and not trial:
            return  # it was under way when the host was taken out
        self._failures += 1
        if trial:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        if self._failures >= self._most_failures:
            self._out_until = self._clock() + self._pause
            log.warning(
                "sandbox: %s is taken out for %g s after %d failures in a row, the last: %s",
                self._host,
                self._pause,
                self._failures,
                reason,
            )

    def _worked(self) -> None:
        if self._out_until is not None:
            log.warning("sandbox: %s is back", self._host)
        self._failures, self._pause, self._out_until = 0, self._first_pause, None
