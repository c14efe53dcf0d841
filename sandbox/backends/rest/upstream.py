"""One API host as its callers see it: how fast it may be asked, and whether it is up at all.

What fails may be the doing of one session, whose arguments a server does not bear: so it is the session first that is
turned away, and the host for all only where many sessions fail in a row.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass

from sandbox.backends.rest.egress import Outage, TooLarge

log = logging.getLogger(__name__)
LONGEST_PAUSE = 600.0  # seconds
MOST_SESSIONS = 10_000  # whose failures are remembered


@dataclass
class _Breaker:
    """Who is out until when. The call that tries again afterwards is the trial; the others still wait."""

    pause: float
    failures: int = 0
    out_until: float | None = None

    def is_out(self, now: float) -> bool:
        return self.out_until is not None and now < self.out_until

    def let_in(self, now: float) -> bool:
        """Whether this call is the trial."""
        if self.out_until is None:
            return False
        self.out_until = now + self.pause
        return True

    def failed(self, trial: bool, most: int, now: float) -> bool:
        """Whether that takes it out."""
        if self.out_until is not None and not trial:
            return False  # it was under way before
        self.failures += 1
        if trial:
            self.pause = min(2 * self.pause, LONGEST_PAUSE)
        if self.failures < most:
            return False
        self.out_until = now + self.pause
        return True


class Upstream:
    """At most ``rate`` calls a second; after ``failures`` outages in a row none for ``pause`` seconds.

    A session that had so many is out by itself; the host is where so many sessions had one, with none that worked
    between. Then one call tries again, while the others are still turned away; each try that fails doubles the pause,
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
        self._whole = _Breaker(pause)
        self._sessions: dict[Hashable, _Breaker] = {}  # of those whose last call failed

    @contextlib.asynccontextmanager
    async def turn(self, session: Hashable = None) -> AsyncIterator[None]:
        """Wait for a turn; an ``Outage`` that comes out of the block counts against the session and the host.

        Raises ``Outage`` at once while either is out. None as ``session`` is a new one each time.
        """
        self._check(session)
        await self._wait()
        self._check(session)
        now = self._clock()
        own = self._sessions.get(session, _Breaker(self._first_pause))
        trials = self._whole.let_in(now), own.let_in(now)
        try:
            yield
        except Outage as error:
            self._failed(session, own, trials, str(error))
            raise
        except TooLarge:
            self._worked(session)
            raise
        self._worked(session)

    def _check(self, session: Hashable) -> None:
        now, own = self._clock(), self._sessions.get(session)
        if self._whole.is_out(now):
            raise Outage(f"{self._host} is out after {self._most_failures} failures in a row")
        if own is not None and own.is_out(now):
            raise Outage(f"{self._host} failed {self._most_failures} calls of this session in a row")

    async def _wait(self) -> None:
        now = self._clock()
        wait = max(0.0, self._next - now)
        if wait > self._patience:
            raise Outage(f"too many calls to {self._host} wait already")
        self._next = now + wait + self._gap
        if wait > 0:
            await self._sleep(wait)

    def _failed(self, session: Hashable, own: _Breaker, trials: tuple[bool, bool], reason: str) -> None:
        now, most = self._clock(), self._most_failures
        first = session is None or session not in self._sessions
        if session is not None:
            self._sessions[session] = own
            own.failed(trials[1], most, now)
            if len(self._sessions) > MOST_SESSIONS:
                del self._sessions[next(iter(self._sessions))]
        if (first or trials[0]) and self._whole.failed(trials[0], most, now):
            log.warning(
                "sandbox: %s is taken out for %g s after %d failures in a row, the last: %s",
                self._host,
                self._whole.pause,
                self._whole.failures,
                reason,
            )

    def _worked(self, session: Hashable) -> None:
        if self._whole.out_until is not None:
            log.warning("sandbox: %s is back", self._host)
        self._whole = _Breaker(self._first_pause)
        self._sessions.pop(session, None)
