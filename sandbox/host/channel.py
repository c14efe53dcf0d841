"""One end of a connection to the inside: whole frames go out, whole frames come in, each waited for with a limit.

What comes in is data: a frame that cannot be read fails the wait with ``FrameError``, an end of the connection
with ``EOFError``, too long a silence with ``TimeoutError``.
"""

import asyncio
import socket
from typing import Any, NamedTuple, cast

from sandbox.host.framing import (
    HEADER,
    MAX_VALUE_DEPTH,
    FrameError,
    decode,
    frame,
    lengths,
)

LARGE = 16 * 1024  # bytes that take a millisecond to read at most
GRACE_SECONDS = 0.2  # an answer that came in while the host's own loop was held up is still read


class Message(NamedTuple):
    """What came in: an object, the state with it (empty where none came), and how many bytes the object had."""

    content: dict[str, Any]
    state: bytes
    size: int


class Channel(asyncio.Protocol):
    """Used by one caller at a time; ``max_bytes`` bounds a message that comes in, a state has a bound of its own.

    Reading stops at the first that comes when nobody waits, so the other end cannot fill our memory.
    """

    def __init__(self, max_bytes: int):
        self._max_bytes = max_bytes
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._received = bytearray()
        self._failure: EOFError | None = None
        self._waiting: asyncio.Future[None] | None = None

    @classmethod
    async def open(cls, connected: socket.socket, max_bytes: int) -> "Channel":
        """A channel over the socket, which it owns from now on."""
        try:
            loop = asyncio.get_running_loop()
            _, channel = await loop.create_unix_connection(lambda: cls(max_bytes), sock=connected)
        except BaseException:
            connected.close()
            raise
        return channel

    def send(self, message: dict[str, Any], state: bytes = b"") -> None:
        """Write a message; that the other end is gone shows when its answer is waited for.

        Raises ``FrameError`` where something has come in that nobody asked for.
        """
        assert self._transport is not None
        if self._received:
            raise FrameError("a frame came in that nobody asked for")
        if not self._transport.is_closing():  # uvloop raises where asyncio drops what is written
            self._transport.write(frame(message, state))

    async def receive(self, seconds: float) -> Message:
        """The next message. Raises what the module says."""
        if not self._is_whole() and self._failure is None:
            await self._something(seconds)
        if not self._is_whole():
            raise self._failure or EOFError("the other end hung up")
        body, state = self._taken()
        if len(body) + len(state) <= LARGE:
            return _read(body, state)
        return await asyncio.to_thread(_read, body, state)  # the loop has others to serve

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def _end(self) -> tuple[int, int]:
        """Where the message and the state of the first frame end. Raises ``FrameError`` for one too long."""
        message, state = lengths(bytes(self._received[: HEADER.size]), self._max_bytes)
        return HEADER.size + message, HEADER.size + message + state

    def _is_whole(self) -> bool:
        """Whether the first frame is all there, or will never be one."""
        if len(self._received) < HEADER.size:
            return False
        try:
            return len(self._received) >= self._end()[1]
        except FrameError:
            return True

    def _taken(self) -> tuple[bytes, bytes]:
        middle, end = self._end()
        body, state = bytes(self._received[HEADER.size : middle]), bytes(self._received[middle:end])
        del self._received[:end]
        return body, state

    async def _something(self, seconds: float) -> None:
        """Wait until a frame is all there, or the other end has hung up."""
        assert self._transport is not None
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        loop = asyncio.get_running_loop()
        waiting = self._waiting = loop.create_future()
        timer = loop.call_later(seconds, self._late, loop, waiting, GRACE_SECONDS)
        try:
            await waiting
        finally:
            timer.cancel()

    @classmethod
    def _late(cls, loop: asyncio.AbstractEventLoop, waiting: asyncio.Future[None], grace: float) -> None:
        if waiting.done():
            return
        if grace:
            loop.call_later(grace, cls._late, loop, waiting, 0.0)
        else:
            waiting.set_exception(TimeoutError())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's, in a Ray actor, is one by its methods only.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._waiting is None or self._waiting.done():
            assert self._transport is not None
            self._paused = True
            self._transport.pause_reading()
        elif self._is_whole():
            self._waiting.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        self._failure = EOFError("the other end hung up")
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


def _read(body: bytes, state: bytes) -> Message:
    content = decode(body, MAX_VALUE_DEPTH + 1)  # a value, and the message around it
    if state:
        decode(state, MAX_VALUE_DEPTH)  # certain to be one that can be sent on
    return Message(content, state, len(body))
