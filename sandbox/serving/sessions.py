"""The sessions that clients have opened, by names that cannot be guessed; and how they end.

A session that a client *leases* ends when it was neither used nor renewed for so long, whatever its calls wait for;
any other one when it was not used for ``idle_seconds``. The calls of a session are numbered by its client, if it likes:
then one that is sent again, because its answer was lost on the way, is answered and not made again.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.exceptions import HTTPException

from sandbox.host.framing import decode
from sandbox.pool import Sandbox
from sandbox.serving.metrics import Metrics
from sandbox.session import Session
from sandbox.types import ToolCall

LONGEST_LEASE = 3600.0  # seconds
LARGE, MOST_STATES = 64 * 1024, 1024 * 1024 * 1024  # bytes, of one state and of all together


@dataclass(frozen=True)
class _Answer:
    """What a call came to: its result, the calls made so far, whether the client has to be told the state."""

    result: dict[str, Any]
    index: int
    changed: bool


@dataclass
class Opened:
    """A session, and what its client knows of it: the state as JSON, the last numbered call and its answer."""

    session: Session
    known: bytes
    used: float
    lease: float | None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    number: int = 0
    last: asyncio.Task[_Answer] | None = None

    def is_abandoned(self, now: float, idle_seconds: float) -> bool:
        if self.lease is None:
            return now - self.used > idle_seconds and not self.turn.locked()
        return now - self.used > self.lease


class Sessions:
    """At most ``most`` at once."""

    def __init__(self, sandbox: Sandbox, most: int, idle_seconds: float, metrics: Metrics):
        self._sandbox, self._most, self._idle_seconds = sandbox, most, idle_seconds
        self._opened: dict[str, Opened] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._metrics = metrics

    def __len__(self) -> int:
        return len(self._opened)

    @property
    def have_room(self) -> bool:
        return len(self._opened) < self._most

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Close abandoned sessions meanwhile, and all others at the end."""
        sweeper = asyncio.create_task(self._close_abandoned())
        try:
            yield
        finally:
            for waiting in (sweeper, *self._closing):  # what was under way has had its time
                waiting.cancel()
            for opened in self._opened.values():
                await opened.session.__aexit__(None, None, None)

    async def open(self, wanted: dict[str, Any], lease: float | None) -> dict[str, Any]:
        """A session's name, and its snapshot."""
        if not self.have_room:
            raise HTTPException(429, f"{self._most} sessions are open, as many as this server has room for")
        try:
            session = self._sandbox.session(**wanted)
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        self._check_room(len(session.state_json()))
        name = secrets.token_urlsafe(16)
        if lease is not None and lease >= self._idle_seconds:
            lease = None
        self._opened[name] = Opened(await session.__aenter__(), session.state_json(), _now(), lease)
        self._metrics.sessions.inc()
        return {"session": name} | session.snapshot()

    def _check_room(self, size: int) -> None:
        """Raises ``HTTPException`` where one more state of that size is too much, if it is a large one."""
        if size > LARGE and size + sum(len(opened.known) for opened in self._opened.values()) > MOST_STATES:
            raise HTTPException(503, f"the states of all sessions come to {MOST_STATES // 2**20} MB already")

    async def call(self, name: Any, call: ToolCall, number: int | None) -> dict[str, Any]:
        """The call's result, and the state where it is not as the last answer left it.

        ``number`` is one more than that of the call before, or the same for the same call sent again.
        """
        opened = self.find(name)
        if number is None:
            return _told(opened, await self._called(opened, call))
        if number == opened.number + 1:
            opened.number, opened.last = number, asyncio.create_task(self._called(opened, call))
        if number != opened.number or opened.last is None:
            raise HTTPException(409, f"the session's next call is number {opened.number + 1}, not {number}")
        try:
            return _told(opened, await asyncio.shield(opened.last))
        except asyncio.CancelledError:
            if opened.last.cancelled():
                raise HTTPException(404, "the session was closed during the call") from None
            raise

    def renew(self, names: list[Any]) -> list[Any]:
        """Which of the sessions are gone; the others were used now."""
        gone = []
        for name in names:
            try:
                self.find(name)
            except HTTPException:
                gone.append(name)
        return gone

    def find(self, name: Any) -> Opened:
        if not isinstance(name, str) or name not in self._opened:
            raise HTTPException(404, "there is no such session: it was closed, or idle for too long")
        opened = self._opened[name]
        opened.used = _now()
        return opened

    async def close(self, name: Any) -> None:
        """Close the session after the calls that it has taken on; it takes no more."""
        opened = self.find(name)
        del self._opened[name]
        self._metrics.sessions.dec()
        async with opened.turn:
            await opened.session.__aexit__(None, None, None)

    async def _called(self, opened: Opened, call: ToolCall) -> _Answer:
        async with opened.turn:
            with self._metrics.running.track_inprogress():
                result = dict(vars(await opened.session.call(call)))
            state, index = opened.session.state_json(), opened.session.index
        self._metrics.calls.labels(result["status"]).inc()
        self._metrics.seconds.observe(result["seconds"])
        opened.used = _now()
        changed, opened.known = state != opened.known, state
        return _Answer(result, index, changed)

    async def _close_abandoned(self) -> None:
        while True:
            await asyncio.sleep(min(self._idle_seconds / 4, 5.0))
            for name, opened in list(self._opened.items()):
                if opened.is_abandoned(_now(), self._idle_seconds):
                    if opened.last is not None:
                        opened.last.cancel()  # it may wait for what others have
                    closing = asyncio.create_task(self.close(name))
                    self._closing.add(closing)
                    closing.add_done_callback(self._closing.discard)


def _told(opened: Opened, answer: _Answer) -> dict[str, Any]:
    changed = {"state": decode(opened.known)} if answer.changed else {}
    return {"result": answer.result, "index": answer.index} | changed


def _now() -> float:
    return asyncio.get_running_loop().time()
