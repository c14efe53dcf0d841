"""Connections of HTTP/1.1 that are limited: how many there are, and how long a client may take over its part.

A connection waits for its client while a head or a body is still to come, and between two requests. Each wait has a
limit; where there are too many connections, the one that has waited longest makes room for a new one.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0  # from a connection's or a head's first byte to the head's last
BODY_SECONDS = 60.0  # for a body
READ_SECONDS = 60.0  # that a client may leave an answer unread
MOST_OF_A_PEER = 256  # connections of one address
MOST_CHUNKS = 1024  # of a body in one read of some 256 KB: each costs as much, however short it is


class Connection(H11Protocol):
    """uvicorn's connection with limits. ``most`` is how many there may be in all: ``limited`` sets it."""

    most = 1024
    _since = 0.0
    _wait = ""  # what the client still has to send: "head", "body", or nothing
    _limit: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._waits_for("head", HEAD_SECONDS)
        here = [other for other in self.connections if isinstance(other, Connection) and other.is_open]
        self._make_room([other for other in here if other.peer == self.peer], MOST_OF_A_PEER)
        self._make_room([other for other in here if other.is_open], self.most)

    def data_received(self, data: bytes) -> None:
        if data.count(b"\r\n") > 2 * MOST_CHUNKS and self._is_chunked(data):
            self.transport.abort()
            return
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait = ""
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._limit, self._unread):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()

    @property
    def peer(self) -> str | None:
        """The address at the other end."""
        return self.client[0] if self.client else None

    @property
    def is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    @property
    def waits(self) -> bool:
        """Whether it is the client's turn."""
        return bool(self._wait) or self.cycle is None or self.cycle.response_complete

    def _is_chunked(self, data: bytes) -> bool:
        """Whether a body comes in chunks, by the head that was read or the one that comes now."""
        named = [name for name, _ in self.headers or ()]
        return b"transfer-encoding" in named or b"transfer-encoding" in data.lower()

    def _make_room(self, here: Iterable["Connection"], most: int) -> None:
        rest = [other for other in here if other is not self]
        if len(rest) >= most:
            waiting = [other for other in rest if other.waits]
            min(waiting, key=lambda other: other._since, default=self).transport.abort()

    def _look(self) -> None:
        """What the client still has to send of the request that has begun."""
        if self.conn.their_state is h11.SEND_BODY:
            self._waits_for("body", BODY_SECONDS)
        elif self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._waits_for("head", HEAD_SECONDS)
        else:
            self._waits_for("", None)

    def _waits_for(self, part: str, seconds: float | None) -> None:
        if part == self._wait and self._limit is not None:
            return
        self._wait, self._since = part, self.loop.time()
        if self._limit is not None:
            self._limit.cancel()
        self._limit = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)


def limited(most: int) -> type[Connection]:
    """The protocol for a server that has room for ``most`` connections."""
    return type("Connection", (Connection,), {"most": most})
