"""A server that is reached by streamable HTTP, through a transport that bounds what comes back.

The SDK follows a redirect within the server's own origin and no other.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import cast

import httpx2
from mcp.client.streamable_http import LAST_EVENT_ID, streamable_http_client

from sandbox.backends.mcp.wire import MAX_BYTES, TOO_MUCH, Room, Streams, Wire

MOST_RESUMED = 30  # times that one answer may be broken off and resumed
RESUME_SECONDS = 0.1  # at least between two of these
LEAST_BYTES = (
    1024  # that a part counts for, and a line of a stream of events: they cost us more than their length
)
EVENTS = "text/event-stream"


@contextlib.asynccontextmanager
async def over_http(url: str, headers: dict[str, str], seconds: float, wire: Wire) -> AsyncIterator[Streams]:
    """Talk to the server at ``url``, which has ``seconds`` to take a connection. Nothing of the environment counts."""
    client = httpx2.AsyncClient(
        transport=_Bounded(wire),
        headers={**headers, "accept-encoding": "identity"},
        timeout=httpx2.Timeout(seconds, read=None),  # a call has its own limit
        trust_env=False,
    )
    async with (
        client,
        streamable_http_client(url, http_client=client, max_sse_event_size=MAX_BYTES) as streams,
    ):
        yield streams


class _Bounded(httpx2.AsyncBaseTransport):
    """No longer an answer than ``wire.Room`` has, and none that would have to be unpacked."""

    def __init__(self, wire: Wire):
        self._wire = wire
        self._resumed = 0  # times that the answer under way was
        self._inner = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET" and LAST_EVENT_ID not in request.headers:
            return httpx2.Response(405, request=request)  # what a server says unasked is not listened to
        await self._paced(request)
        try:
            response = await self._inner.handle_async_request(request)
        except httpx2.TransportError as error:
            self._wire.broke(f"the server did not answer ({type(error).__name__})")
            raise
        if response.headers.get("content-encoding", "identity") != "identity":
            self._wire.broke("the server answered in an encoding that it was not asked for")
            await response.aclose()
            raise httpx2.RemoteProtocolError(self._wire.fault)
        if response.status_code >= 400 and request.method == "POST":
            self._wire.broke(f"the server answered HTTP {response.status_code}")
        in_lines = response.headers.get("content-type", "").lower().startswith(EVENTS)
        stream = cast(httpx2.AsyncByteStream, response.stream)
        response.stream = _BoundedStream(stream, self._wire, in_lines)
        return response

    async def _paced(self, request: httpx2.Request) -> None:
        """A server may break off and be asked for the rest, but not in a storm, whatever it says of ``retry``."""
        if request.method != "GET":
            self._resumed = 0
            return
        self._resumed += 1
        if self._resumed > MOST_RESUMED:
            self._wire.broke(f"the server broke off its answer more than {MOST_RESUMED} times")
            raise httpx2.RemoteProtocolError(self._wire.fault)
        await asyncio.sleep(RESUME_SECONDS)

    async def aclose(self) -> None:
        await self._inner.aclose()


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, wire: Wire, in_lines: bool):
        self._stream, self._wire, self._in_lines = stream, wire, in_lines

    async def __aiter__(self) -> AsyncIterator[bytes]:
        room = Room()
        async for part in self._stream:
            lines = part.count(b"\n") if self._in_lines else 0
            if not room.takes(part, LEAST_BYTES * (1 + lines)):
                self._wire.broke(TOO_MUCH, "output_limit")
                raise httpx2.StreamError(TOO_MUCH)
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
