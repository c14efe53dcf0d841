"""A sandbox over HTTP: an ASGI application over one that is open. ``sandbox.client`` is its other end.

===========================  =====================================  ==========================================
``GET /v1/tools``                                                   ``{"tools": [spec, ...]}``
``POST /v1/sessions``        ``{"state", "seed", "tools",           ``{"session"}`` with the session's snapshot
                             "index"}``, each may lack
``POST /v1/call``            ``{"session", "call"}``                ``{"result", "index"}``, and ``"state"`` where
                                                                    it is not as the last answer left it
``POST /v1/batch``           ``{"requests": [...]}``, each one of   a line of JSON for each, as it is done: its
                             ``{"open": {...}}``, ``{"close": ID}`` ``position`` in the list, and what it gives by
                             and ``{"session", "call"}``            itself or ``{"error", "status"}``
``GET /v1/sessions/ID/state``                                       ``{"state"}``
``DELETE /v1/sessions/ID``   after the calls in flight              nothing
``GET /health``              needs no token                         ``{"sessions"}``: how many are open
``GET /metrics``                                                    Prometheus text
===========================  =====================================  ==========================================

A call is ``{"id", "name", "arguments", "error"}`` as ``ToolCall`` has them, a result what ``ToolResult`` has.
The calls of one session run in order, sessions side by side. What is refused is answered with a 4xx and
``{"error": "one line"}``. Everything in a request is data to be distrusted.
"""

import asyncio
import contextlib
import hmac
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.frames import MAX_DEPTH, FrameError, decode, encode
from sandbox.pool import Sandbox
from sandbox.session import Session
from sandbox.tools import one_line
from sandbox.types import STATUSES, ToolCall

MAX_BODY_BYTES = 8 * 1024 * 1024  # a state has 4 MB at most, the client's batches of calls, too
MAX_BATCH = 1024  # calls
SECONDS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


def application(sandbox: Sandbox, token: str | None, max_sessions: int, idle_seconds: float) -> Starlette:
    """The application. Only for None as ``token`` does it serve whoever asks.

    A session that nobody used for ``idle_seconds`` is closed; at most ``max_sessions`` are open at once.
    """
    service = _Service(sandbox, max_sessions, idle_seconds)
    return Starlette(
        routes=[
            Route("/v1/tools", service.tools),
            Route("/v1/sessions", service.open, methods=["POST"]),
            Route("/v1/sessions/{id}", service.close, methods=["DELETE"]),
            Route("/v1/sessions/{id}/state", service.state),
            Route("/v1/call", service.call, methods=["POST"]),
            Route("/v1/batch", service.batch, methods=["POST"]),
            Route("/health", service.health),
            Route("/metrics", service.metrics),
        ],
        middleware=[Middleware(_Guard, token=token)],
        exception_handlers={HTTPException: _refusal, ClientDisconnect: _refusal, Exception: _failure},
        lifespan=service.lifespan,
    )


@dataclass
class _Opened:
    """A session, and what its client knows of it: the state as JSON, and when it last asked."""

    session: Session
    known: bytes
    used: float
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class _Service:
    """The open sessions by their names, which cannot be guessed."""

    def __init__(self, sandbox: Sandbox, max_sessions: int, idle_seconds: float):
        self._sandbox = sandbox
        self._max_sessions = max_sessions
        self._idle_seconds = idle_seconds
        self._sessions: dict[str, _Opened] = {}
        self._metrics = _Metrics()

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Close idle sessions meanwhile, and all others at the end."""
        sweeper = asyncio.create_task(self._close_idle())
        yield
        sweeper.cancel()
        for name in list(self._sessions):
            await self._close(name)

    async def tools(self, _: Request) -> Response:
        return _json({"tools": [vars(spec) for spec in self._sandbox.specs.values()]})

    async def open(self, request: Request) -> Response:
        return _json(await self._open(_checked_session(await _body(request))))

    async def close(self, request: Request) -> Response:
        await self._close(request.path_params["id"])
        return Response(status_code=204)

    async def state(self, request: Request) -> Response:
        return _json({"state": self._find(request.path_params["id"]).session.state()})

    async def call(self, request: Request) -> Response:
        return _json(await self._answer(*_checked_call(await _body(request))))

    async def batch(self, request: Request) -> Response:
        asked = (await _body(request)).get("requests")
        if not isinstance(asked, list) or len(asked) > MAX_BATCH:
            raise HTTPException(400, f"'requests' must be a list of at most {MAX_BATCH}")
        tasks = [asyncio.create_task(self._line(i, one)) for i, one in enumerate(asked)]
        return StreamingResponse(_as_done(tasks), media_type="application/x-ndjson")

    async def health(self, _: Request) -> Response:
        return _json({"sessions": len(self._sessions)})

    async def metrics(self, _: Request) -> Response:
        return Response(generate_latest(self._metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def _line(self, position: int, asked: Any) -> bytes:
        """The answer to one request of a batch; what is wrong with it is no concern of the rest."""
        try:
            answer = await self._one(asked)
        except HTTPException as error:
            answer = {"error": one_line(error.detail), "status": error.status_code}
        return encode({"position": position} | answer, MAX_DEPTH) + b"\n"

    async def _one(self, asked: Any) -> dict[str, Any]:
        if isinstance(asked, dict) and "open" in asked:
            _known(asked, {"open"})
            return await self._open(_checked_session(asked["open"]))
        if isinstance(asked, dict) and "close" in asked:
            _known(asked, {"close"})
            await self._close(asked["close"])
            return {}
        return await self._answer(*_checked_call(asked))

    async def _open(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if len(self._sessions) >= self._max_sessions:
            raise HTTPException(
                429, f"{self._max_sessions} sessions are open, as many as this server has room for"
            )
        try:
            session = self._sandbox.session(**wanted)
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        name = secrets.token_urlsafe(16)
        self._sessions[name] = _Opened(await session.__aenter__(), session.state_json(), _now())
        self._metrics.sessions.inc()
        return {"session": name} | session.snapshot()

    async def _answer(self, name: str, call: ToolCall) -> dict[str, Any]:
        opened = self._find(name)
        async with opened.turn:
            with self._metrics.running.track_inprogress():
                result = dict(vars(await opened.session.call(call)))
            state, index = opened.session.state_json(), opened.session.index
        self._metrics.calls.labels(result["status"]).inc()
        self._metrics.seconds.observe(result["seconds"])
        opened.used = _now()
        changed = {"state": decode(state)} if state != opened.known else {}
        opened.known = state
        return {"result": result, "index": index} | changed

    def _find(self, name: Any) -> _Opened:
        if not isinstance(name, str) or name not in self._sessions:
            raise HTTPException(404, "there is no such session: it was closed, or idle for too long")
        opened = self._sessions[name]
        opened.used = _now()
        return opened

    async def _close(self, name: Any) -> None:
        """Close the session after the calls that it has taken on; it takes no more."""
        opened = self._find(name)
        del self._sessions[name]
        self._metrics.sessions.dec()
        async with opened.turn:
            await opened.session.__aexit__(None, None, None)

    async def _close_idle(self) -> None:
        while True:
            await asyncio.sleep(min(self._idle_seconds / 4, 10.0))
            latest = _now() - self._idle_seconds
            for name, opened in list(self._sessions.items()):
                if opened.used < latest and not opened.turn.locked():
                    await self._close(name)


class _Metrics:
    """What ``/metrics`` tells. No label holds a word that a request or a model chose."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.calls = Counter("sandbox_calls", "Calls by how they ended.", ["status"], registry=self.registry)
        self.running = Gauge("sandbox_calls_running", "Calls that run or wait now.", registry=self.registry)
        self.sessions = Gauge("sandbox_sessions", "Sessions that are open now.", registry=self.registry)
        self.seconds = Histogram(
            "sandbox_call_seconds", "Wall time of a call.", buckets=SECONDS, registry=self.registry
        )
        for status in STATUSES:
            self.calls.labels(status)  # a status that never came up is 0, not absent


class _Guard:
    """Asks every request but ``/health`` for the token, before any of its body is read."""

    def __init__(self, app: ASGIApp, token: str | None):
        self._app = app
        self._wanted = None if token is None else f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["path"] != "/health"
            and not self._lets_in(dict(scope["headers"]))
        ):
            refusal = _json({"error": "this server asks for its token"}, 401, {"WWW-Authenticate": "Bearer"})
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _lets_in(self, headers: dict[bytes, bytes]) -> bool:
        given = headers.get(b"authorization", b"")
        return self._wanted is None or hmac.compare_digest(given, self._wanted)


async def _as_done(tasks: list[asyncio.Task[bytes]]) -> AsyncIterator[bytes]:
    """What the tasks give, in the order in which they end. They run to their end whoever listens."""
    for done in asyncio.as_completed(tasks):
        yield await done


def _now() -> float:
    return asyncio.get_running_loop().time()


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(encode(value, MAX_DEPTH), status, headers, media_type="application/json")


async def _refusal(_: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return _json({"error": one_line(error.detail)}, error.status_code, dict(error.headers or {}))
    return _json({"error": "the request broke off"}, 400)


async def _failure(_: Request, error: Exception) -> Response:
    return _json({"error": "the server failed; its log says how"}, 500)


async def _body(request: Request) -> dict[str, Any]:
    """The request's JSON object; refused (413) as soon as it is too long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413, f"the body is over the limit of {MAX_BODY_BYTES // 1024**2} MB")
    try:
        return decode(bytes(body))
    except FrameError as error:
        raise HTTPException(400, str(error).replace("a frame", "the body", 1)) from error


def _checked_session(body: Any) -> dict[str, Any]:
    """The arguments of ``Sandbox.session``."""
    if not isinstance(body, dict):
        raise HTTPException(400, "what a session starts with must be an object")
    _known(body, {"state", "seed", "tools", "index"})
    state, tools, seed, index = (
        body.get("state"),
        body.get("tools"),
        body.get("seed", 0),
        body.get("index", 0),
    )
    if not isinstance(state, dict | None):
        raise HTTPException(400, "'state' must be an object or null")
    if type(seed) is not int or type(index) is not int or index < 0:
        raise HTTPException(400, "'seed' must be an integer, 'index' one that is not negative")
    if tools is not None and not (isinstance(tools, list) and all(isinstance(tool, str) for tool in tools)):
        raise HTTPException(400, "'tools' must be a list of names or null")
    return {"state": state, "seed": seed, "tools": tools, "index": index}


def _checked_call(asked: Any) -> tuple[str, ToolCall]:
    """The session's name and the call; its ``name`` and ``arguments`` are for the session to check."""
    call = asked.get("call") if isinstance(asked, dict) else None
    if not isinstance(call, dict) or not isinstance(asked.get("session"), str):
        raise HTTPException(400, "a call needs 'session', a name, and 'call', an object")
    _known(asked, {"session", "call"})
    _known(call, {"id", "name", "arguments", "error"})
    call_id, error = call.get("id", ""), call.get("error")
    if not isinstance(call_id, str) or not isinstance(error, str | None):
        raise HTTPException(400, "'id' and 'error' of a call must be strings")
    return asked["session"], ToolCall(call_id, call.get("name"), call.get("arguments"), error=error)


def _known(body: dict[str, Any], keys: set[str]) -> None:
    if unknown := sorted(set(body) - keys):
        raise HTTPException(400, f"{unknown[0]!r} is unknown here; known are {', '.join(sorted(keys))}")
