"""A server that is reached by streamable HTTP, through a transport that bounds what comes back.

The SDK follows a redirect within the server's own origin and no other.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import cast

import httpx2
from mcp.client.streamable_http import LAST_EVENT_ID, streamable_http_client

from sandbox.backends.mcp.wire import MAX_BYTES, TOO_MUCH, Streams, Wire

MOST_RESUMED = 30  # times that one answer may be broken off and resumed
RESUME_SECONDS = 0.1  # at least between two of these


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
    """At most ``MAX_BYTES`` an answer, and none that would have to be unpacked."""

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
        response.stream = _BoundedStream(cast(httpx2.AsyncByteStream, response.stream), self._wire)
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
    def __init__(self, stream: httpx2.AsyncByteStream, wire: Wire):
        self._stream, self._wire = stream, wire

    async def __aiter__(self) -> AsyncIterator[bytes]:
        room = MAX_BYTES
        async for part in self._stream:
            room -= len(part)
            if room < 0:
                self._wire.broke(TOO_MUCH, "output_limit")
                raise httpx2.StreamError(TOO_MUCH)
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
