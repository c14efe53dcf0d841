"""One end of a connection to the inside: whole frames go out, whole frames come in, each waited for with a limit.

What comes in is data: a frame that cannot be read fails the wait with ``FrameError``, an end of the connection
with ``EOFError``, too long a silence with ``TimeoutError``.
"""

import asyncio
import socket
from typing import Any, cast

from sandbox.frames import HEADER, FrameError, body_length, decode, frame

GRACE_SECONDS = 0.2  # an answer that came in while the host's own loop was held up is still read


class Channel(asyncio.Protocol):
    """Used by one caller at a time; ``max_bytes`` bounds a frame that comes in.

    Nothing is read that nobody waits for, so the other end cannot fill our memory.
    """

    def __init__(self, max_bytes: int):
        self._max_bytes = max_bytes
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._frame: bytes | None = None
        self._failure: Exception | None = None
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

    def send(self, message: dict[str, Any]) -> None:
        """Write a message; that the other end is gone shows when its answer is waited for.

        Raises ``FrameError`` where something has come in that nobody asked for.
        """
        assert self._transport is not None
        if self._frame is not None or self._received:
            raise FrameError("a frame came in that nobody asked for")
        self._transport.write(frame(message))

    async def receive(self, seconds: float) -> dict[str, Any]:
        """The next message. Raises what the module says."""
        assert self._transport is not None
        self._take()
        if self._frame is None and self._failure is None:
            self._transport.resume_reading()
            await self._something(seconds)
        if self._frame is not None:
            body, self._frame = self._frame, None
            return decode(body)
        assert self._failure is not None
        raise self._failure

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    async def _something(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        waiting = self._waiting = loop.create_future()
        timer = loop.call_later(seconds, self._late, loop, waiting, GRACE_SECONDS)
        waiting.add_done_callback(lambda _: timer.cancel())
        await waiting

    @classmethod
    def _late(cls, loop: asyncio.AbstractEventLoop, waiting: asyncio.Future[None], grace: float) -> None:
        if waiting.done():
            return
        if grace:
            loop.call_later(grace, cls._late, loop, waiting, 0.0)
        else:
            waiting.set_exception(TimeoutError())

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's, in a Ray actor, is one by its methods only.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._take()
        if self._frame is not None or self._failure is not None:
            assert self._transport is not None
            self._transport.pause_reading()
            self._wake()

    def _take(self) -> None:
        """Take the next whole frame out of what was received, if none is waiting to be read."""
        if self._frame is not None or self._failure is not None or len(self._received) < HEADER.size:
            return
        try:
            end = HEADER.size + body_length(bytes(self._received[: HEADER.size]), self._max_bytes)
        except FrameError as error:
            self._failure = error
            return
        if len(self._received) >= end:
            self._frame = bytes(self._received[HEADER.size : end])
            del self._received[:end]

    def connection_lost(self, error: Exception | None) -> None:
        self._failure = self._failure or EOFError("the other end hung up")
        self._wake()
