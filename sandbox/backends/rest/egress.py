"""The way out for REST tools: which addresses may be reached, and how an answer is fetched from one.

The gate resolves a name itself, checks every address that came back and connects to the very address that it
checked, so a name that changes its address between the two gains nothing. Nothing is kept from one exchange
to the next: no cookies, no connections, no proxies or passwords from the environment.
"""

import asyncio
import logging
import socket
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import httpx

from sandbox.backends.rest.addresses import is_public

PORTS = {"http": 80, "https": 443}
MAX_URL = 8192
MOST_REDIRECTS = 3
REDIRECTS = (301, 302, 303, 307, 308)
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

logging.getLogger("httpcore").setLevel(logging.INFO)  # its debug lines hold headers, and so secrets


class Denied(Exception):
    """The gate refuses the request; one line says why, without a word of the API's, which may hold a secret."""


class Outage(Exception):
    """The API or the way to it failed, which is no fault of the one who asked."""


class TooLarge(Exception):
    """The answer is over the limit."""


@dataclass(frozen=True)
class Request:
    """An HTTP request as it is sent; ``body`` is JSON text. It may hold secrets, so it does not print."""

    method: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Reply:
    """What an API answered, unpacked; ``location`` is where a redirect leads."""

    status: int
    content_type: str
    body: bytes
    location: str | None = None


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host as the system knows them. Raises ``OSError`` where there are none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class Gate:
    """Fetches from the listed hosts and from nowhere else.

    ``hosts`` are ``name`` (ports 80 and 443) or ``name:port``. ``private_hosts`` are the ``address:port``
    that may be reached although they are not public. ``max_bytes`` bounds an answer, packed and unpacked.
    """

    def __init__(
        self,
        hosts: Sequence[str],
        private_hosts: Sequence[str] = (),
        *,
        resolve: Resolve = resolve,
        max_bytes: int = 256 * 1024,
    ):
        self._private = {_host_port(host) for host in private_hosts}
        self._hosts = {_host_port(host) for host in hosts} | self._private
        self._resolve, self._max_bytes = resolve, max_bytes
        self._transport = httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=256, max_keepalive_connections=0)
        )

    def check(self, address: str) -> httpx.URL:
        """The URL, if it may be asked for at all. Raises ``Denied``."""
        if len(address) > MAX_URL:
            raise Denied(f"a URL may have {MAX_URL} characters, not {len(address)}")
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise Denied("the URL is not valid") from error
        if url.scheme not in PORTS:
            raise Denied("the scheme is not http or https")
        if url.userinfo:
            raise Denied("a URL may not hold a user name or password")
        host, port = url.raw_host.decode(), _port(url)
        if (host, port) not in self._hosts and not ((host, None) in self._hosts and port in PORTS.values()):
            raise Denied("the host, or its port, is not listed")
        return url

    async def fetch(self, request: Request) -> Reply:
        """The answer, after redirects, each of which is checked anew.

        Raises ``Denied``, ``Outage`` and ``TooLarge``; it has no time limit of its own.
        """
        for _ in range(MOST_REDIRECTS + 1):
            reply = await self._exchange(request)
            if reply.location is None:
                return reply
            request = _redirected(request, reply.status, reply.location)
        raise Denied(f"the API redirects more than {MOST_REDIRECTS} times")

    async def close(self) -> None:
        """End the connections that are open."""
        await self._transport.aclose()

    async def _exchange(self, request: Request) -> Reply:
        url = self.check(request.url)
        addresses = await self._addresses(url)
        try:
            response = await self._send(request, url, addresses)
            try:
                return await self._read(response)
            finally:
                await response.aclose()
        except (httpx.TransportError, OSError) as error:
            raise Outage(f"{url.host} did not answer ({type(error).__name__})") from error

    async def _addresses(self, url: httpx.URL) -> Sequence[str]:
        host, port = url.raw_host.decode(), _port(url)
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Outage(f"the name {host} has no address") from error
        for address in addresses:
            if (address, port) not in self._private and not is_public(address):
                raise Denied(f"{host} leads to {address}, which is not public")
        return addresses

    async def _send(self, request: Request, url: httpx.URL, addresses: Sequence[str]) -> httpx.Response:
        """Send to the first address that takes the connection; Host and TLS keep the name."""
        failure = httpx.ConnectError("no address")
        headers = {"accept": "application/json, */*", "accept-encoding": "gzip", **request.headers}
        for address in addresses:
            sent = httpx.Request(
                request.method,
                url,
                headers=[(name.encode(), value.encode()) for name, value in headers.items()],
                content=request.body,
                extensions={"sni_hostname": url.raw_host.decode()},
            )
            sent.url = url.copy_with(host=address)
            try:
                return await self._transport.handle_async_request(sent)
            except httpx.ConnectError as error:
                failure = error
        raise failure

    async def _read(self, response: httpx.Response) -> Reply:
        location = response.headers.get("location") if response.status_code in REDIRECTS else None
        body = bytearray()
        if location is None:
            async for part in response.aiter_raw():
                body += part
                if len(body) > self._max_bytes:
                    raise self._too_large()
                await asyncio.sleep(0)  # it may come in parts of one byte
        unpacked = self._unpacked(bytes(body), response.headers.get("content-encoding", "identity").lower())
        return Reply(response.status_code, response.headers.get("content-type", ""), unpacked, location)

    def _unpacked(self, body: bytes, encoding: str) -> bytes:
        if encoding == "identity" or not body:
            return body
        if encoding != "gzip":
            raise Outage("the API answered in an encoding that it was not asked for")
        unpacked = bytearray()
        while body:  # a file of gzip may have several members
            member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            try:
                unpacked += member.decompress(body, self._max_bytes + 1 - len(unpacked))
            except zlib.error as error:
                raise Outage("the API's answer is not the gzip that it says") from error
            if len(unpacked) > self._max_bytes:
                raise self._too_large()
            if not member.eof:
                raise Outage("the API's answer breaks off")
            body = member.unused_data.lstrip(b"\0")
        return bytes(unpacked)

    def _too_large(self) -> TooLarge:
        return TooLarge(f"the answer is over {self._max_bytes // 1024} KB; ask for less")


def _host_port(listed: str) -> tuple[str, int | None]:
    try:
        url = httpx.URL(f"//{listed}")
    except httpx.InvalidURL as error:
        raise ValueError(f"the host {listed!r} is not a host; write name or name:port") from error
    if not url.host or set(listed) & set("/?#@"):
        raise ValueError(f"the host {listed!r} is not a host; write name or name:port")
    return url.raw_host.decode(), url.port


def _port(url: httpx.URL) -> int:
    return url.port or PORTS[url.scheme]


def _redirected(request: Request, status: int, location: str) -> Request:
    """The next request, as browsers make it; what was meant for one origin is not told to another."""
    try:
        here, there = httpx.URL(request.url), httpx.URL(request.url).join(location)
    except httpx.InvalidURL as error:
        raise Denied("the API redirects to a URL that is not valid") from error
    becomes_get = status == 303 or (status in (301, 302) and request.method == "POST")
    method, body = ("GET", None) if becomes_get else (request.method, request.body)
    same = (here.scheme, here.host, here.port) == (there.scheme, there.host, there.port)
    if not same and body is not None:
        raise Denied("the API redirects what was sent to it to another origin")
    return Request(method, str(there), request.headers if same else {}, body)
