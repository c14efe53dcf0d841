"""A sandbox that runs elsewhere (``python -m sandbox.serve``), used as one that runs here::

    async with connect("http://tools:8700", token) as sandbox, sandbox.session(state, seed) as session:
        result = await session.call(ToolCall("1", "world_time", {"city": "Tokyo"}))

What sessions ask at about the same time travels as one request, and each is answered once it is done. What is lost on
the way is asked again for a while; calls are numbered, so that none is made twice. Where the server is gone, or the
session there, a call's result is an ``infra_error``, and so is each later one of that session: what became of its state
is unknown. Sessions are leased, and renewed as long as this client lives.
"""

import asyncio
import contextlib
import copy
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

import httpx

from sandbox.arguments import CallCheck, wrong_call
from sandbox.host.framing import MAX_DEPTH, FrameError, decode, encode
from sandbox.tools import one_line
from sandbox.types import ToolCall, ToolResult, ToolSpec

GATHER_SECONDS = 0.002
YOUNG_SECONDS, YOUNG_BATCHES = 0.05, 2
BATCH = 64  # requests; with MOST_BYTES each they stay below the server's limit
MOST_BYTES = 80 * 1024  # of a request in a batch: a call's arguments have at most 64 KB
CONNECTIONS = 16  # with many more httpx spends its time in its pool
CONNECT_SECONDS = 10.0
CONNECT_AGAIN_SECONDS = 0.5
RETRY_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # before what was lost is asked again
LEASE_SECONDS = 120.0
RENEW_SECONDS = 20.0


class RemoteError(Exception):
    """The server cannot be reached, or would not answer: our fault, never the model's.

    ``status`` is that of HTTP, None where no answer came.
    """

    def __init__(self, message: str, status: int | None = None):
        super().__init__(one_line(message))
        self.status = status


def connect(url: str, token: str | None = None, timeout: float = 600.0) -> "RemoteSandbox":
    """The sandbox at ``url``, to be used as ``async with connect(url, token) as sandbox``.

    ``timeout`` is how many seconds an answer may take, with all that waits before its calls in the server.
    """
    return RemoteSandbox(url, token, timeout)


@dataclass(frozen=True)
class _Batch:
    """What is still being gathered, and the answers to come, in their order."""

    requests: list[dict[str, Any]]
    answers: list[asyncio.Future[dict[str, Any]]]


class RemoteSandbox:
    """What ``sandbox.Sandbox`` is, over HTTP."""

    def __init__(self, url: str, token: str | None, timeout: float):
        self.specs: dict[str, ToolSpec] = {}
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={b"Authorization": f"Bearer {token}".encode()} if token else {},
            timeout=httpx.Timeout(timeout, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=CONNECTIONS),
        )
        self._connections = asyncio.Semaphore(CONNECTIONS)
        self._young = asyncio.Semaphore(YOUNG_BATCHES)
        self._batch: _Batch | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self.names: set[str] = set()  # of the sessions that are open
        self._checks: dict[str, CallCheck] = {}
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Learn the tools. Raises ``RemoteError`` if nothing answers there, or it wants another token."""
        try:
            told = await self.request("GET", "/v1/tools")
        except RemoteError:
            await self._http.aclose()
            raise
        specs = [ToolSpec(**tool | {"examples": tuple(tool["examples"])}) for tool in told["tools"]]
        self.specs = {spec.name: spec for spec in specs}
        self._renewing = asyncio.create_task(self._renew())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
        await self._http.aclose()

    def session(
        self,
        state: dict[str, Any] | None = None,
        seed: int = 0,
        tools: Iterable[str] | None = None,
        index: int = 0,
        locale: str | None = None,
    ) -> "RemoteSession":
        """A session as ``Sandbox.session`` gives it; what is wrong is raised on entering it.

        That is a ``ValueError``, or a ``RemoteError`` where the server is lost or has no room.
        """
        names = None if tools is None else list(tools)
        snapshot = {"state": state, "seed": seed, "tools": names, "index": index}
        return RemoteSession(self, snapshot | ({"locale": locale} if locale else {}))

    def check(self, name: str) -> CallCheck:
        """What is held against a call here; what a country's tool takes is known there."""
        if name not in self._checks:
            spec = self.specs[name]
            plain = spec if spec.locale is None else replace(spec, parameters={"type": "object"})
            self._checks[name] = CallCheck(plain)
        return self._checks[name]

    async def request(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the server answers. Raises ``RemoteError``."""
        async with self._answer(method, path, body) as response:
            return _message(await response.aread() or b"{}", response)

    async def open(self, snapshot: dict[str, Any]) -> dict[str, Any]:
        """A session's name and the snapshot that it starts with. Raises ``RemoteError``."""
        wanted = snapshot | {"lease": LEASE_SECONDS}
        if len(encode(wanted, MAX_DEPTH)) > MOST_BYTES:
            opened = await _persistently(lambda: self.request("POST", "/v1/sessions", wanted))
        else:
            opened = await self.ask({"open": wanted})
        self.names.add(opened["session"])
        return opened

    async def close(self, name: str) -> None:
        """Close a session. Raises ``RemoteError``; the session then ends with its lease."""
        await self._asked({"close": name})

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to one request, sent with others of this moment; sent again where it was lost.

        Raises ``RemoteError``.
        """
        return await _persistently(lambda: self._asked(request))

    async def _renew(self) -> None:
        """Tell the server now and then that the sessions are wanted."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            if self.names:
                with contextlib.suppress(RemoteError):  # a call will tell
                    await self.request("POST", "/v1/renew", {"sessions": list(self.names)})

    async def _asked(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._batch is None or len(self._batch.requests) == BATCH:
            self._batch = _Batch([], [])
            sending = asyncio.create_task(self._send_batch(self._batch))
            self._sending.add(sending)
            sending.add_done_callback(self._sending.discard)
        coming: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._batch.requests.append(request)
        self._batch.answers.append(coming)
        answer = await coming
        if "error" in answer:
            raise RemoteError(answer["error"], answer.get("status"))
        return answer

    async def _send_batch(self, batch: _Batch) -> None:
        """Gather for a moment, and on while enough batches are young: an old one waits for slow calls only."""
        await asyncio.sleep(GATHER_SECONDS)
        async with self._young:
            if self._batch is batch:
                self._batch = None
            exchange = asyncio.create_task(self._exchange(batch))
            await asyncio.wait({exchange}, timeout=YOUNG_SECONDS)
        await exchange

    async def _exchange(self, batch: _Batch) -> None:
        """Give each request its answer as it comes, or the reason why none will."""
        reason = RemoteError("the sandbox hung up before it had answered")
        try:
            async with self._answer("POST", "/v1/batch", {"requests": batch.requests}) as response:
                async for line in _lines(response):
                    answer = _message(line, response)
                    if answer.get("position") not in range(len(batch.answers)):
                        raise RemoteError(
                            "what came back is no sandbox's: it answers a call that was not made",
                            response.status_code,
                        )
                    coming = batch.answers[answer["position"]]
                    if not coming.done():  # else nobody waits for it any more
                        coming.set_result(answer)
        except RemoteError as error:
            reason = error
        for coming in batch.answers:
            if not coming.done():
                coming.set_exception(reason)

    @contextlib.asynccontextmanager
    async def _answer(
        self, method: str, path: str, body: dict[str, Any] | None
    ) -> AsyncIterator[httpx.Response]:
        """A response of success, its body still to be read. Raises ``RemoteError``."""
        content = None if body is None else encode(body, MAX_DEPTH)
        async with self._connections:
            try:
                request = self._http.build_request(method, path, content=content)
                response = await self._send(request)
                try:
                    if not response.is_success:
                        said = _message(await response.aread() or b"{}", response)
                        raise RemoteError(
                            str(said.get("error", response.reason_phrase)), response.status_code
                        )
                    yield response
                finally:
                    await response.aclose()
            except httpx.HTTPError as error:
                lost = f"the sandbox at {self._http.base_url} is lost: {type(error).__name__} {error}"
                raise RemoteError(lost) from error

    async def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._http.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):  # nothing was sent
            await asyncio.sleep(CONNECT_AGAIN_SECONDS)
            return await self._http.send(request, stream=True)


async def _persistently(ask: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """What is asked for, asked again where it was lost on the way or the server has no room at the moment."""
    for seconds in RETRY_SECONDS:
        try:
            return await ask()
        except RemoteError as error:
            if error.status not in (None, 503):
                raise
            await asyncio.sleep(seconds * random.uniform(0.5, 1.0))
    return await ask()


def _message(body: bytes, response: httpx.Response) -> dict[str, Any]:
    try:
        return decode(body)
    except FrameError as error:
        raise RemoteError(f"what came back is no sandbox's: {error}", response.status_code) from error


async def _lines(response: httpx.Response) -> AsyncIterator[bytes]:
    """The lines of the body as they come; httpx's own would also end one at U+2028, which JSON may hold."""
    rest = b""
    async for part in response.aiter_bytes():
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            yield line


class RemoteSession:
    """What ``sandbox.Session`` is, over HTTP: its state here is as the server last told it."""

    def __init__(self, sandbox: RemoteSandbox, snapshot: dict[str, Any]):
        self._sandbox = sandbox
        self._snapshot = snapshot
        self._name = ""
        self._calls = 0
        self._turn = asyncio.Lock()
        self._lost: str | None = None  # why no call can be answered any more

    async def __aenter__(self) -> Self:
        try:
            opened = await self._sandbox.open(self._snapshot)
        except RemoteError as error:
            if error.status in (400, 413):
                raise ValueError(str(error)) from error
            raise
        self._name = opened["session"]
        self._snapshot = {key: opened[key] for key in self._snapshot}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        name, self._name = self._name, ""
        self._sandbox.names.discard(name)
        with contextlib.suppress(RemoteError):  # it is gone already, or will be once it was idle for long
            await self._sandbox.close(name)

    async def call(self, call: ToolCall) -> ToolResult:
        """Have a call checked and run. Whatever the model wrote, a result comes back, never an exception."""
        if not self._name:
            raise RuntimeError("the session is not open: use it inside `async with sandbox.session()`")
        async with self._turn:
            if self._lost is None:
                self._lost = "the answer to an earlier call was not waited for"
                try:
                    return await self._answered(call)
                except RemoteError as error:
                    self._lost = str(error)
            return ToolResult(call.id, "infra_error", {"error": self._lost})

    def state(self) -> dict[str, Any]:
        """A copy of the state as it is now."""
        return copy.deepcopy(self._snapshot["state"])

    def snapshot(self) -> dict[str, Any]:
        """JSON from which ``sandbox.session(**snapshot)`` goes on, here or there, where this session is now."""
        return copy.deepcopy(self._snapshot)

    async def _answered(self, call: ToolCall) -> ToolResult:
        self._calls += 1
        asked = {"session": self._name, "call": self._written(call), "number": self._calls}
        answer = await self._sandbox.ask(asked)
        self._lost = None
        self._snapshot |= {key: answer[key] for key in ("index", "state") if key in answer}
        result = answer["result"]
        return ToolResult(call.id, result["status"], result["content"], result["seconds"])

    def _written(self, call: ToolCall) -> dict[str, Any]:
        """The call as the server takes it: a wrong one is told by what is wrong, whatever a model wrote."""
        wrong = wrong_call(call, self._snapshot["tools"], self._sandbox.check)
        return {"name": None, "error": wrong} if wrong else {"name": call.name, "arguments": call.arguments}
