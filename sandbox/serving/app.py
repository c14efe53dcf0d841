"""A sandbox over HTTP: an ASGI application over one that is open. ``sandbox.client`` is its other end.

===========================  =====================================  ==========================================
``GET /v1/tools``                                                   ``{"tools": [spec, ...]}``
``POST /v1/sessions``        ``{"state", "seed", "tools",           ``{"session"}`` with the session's snapshot
                             "index", "lease", "locale"}``, each
                             may lack
``POST /v1/call``            ``{"session", "call", "number"}``,     ``{"result", "index"}``, and ``"state"`` where
                             the last may lack                      it is not as the last answer left it
``POST /v1/batch``           ``{"requests": [...]}``, each one of   a line of JSON for each, as it is done: its
                             ``{"open": {...}}``, ``{"close": ID}`` ``position`` in the list, and what it gives by
                             and what ``/v1/call`` takes            itself or ``{"error", "status"}``
``POST /v1/renew``           ``{"sessions": [ID, ...]}``            ``{"gone": [ID, ...]}``: which are not there
``GET /v1/sessions/ID/state``                                       ``{"state"}``
``DELETE /v1/sessions/ID``   after the calls in flight              nothing
``GET /health``              needs no token                         ``{"sessions"}``: how many are open
``GET /ready``               needs no token                         ``{"ready"}``; 503 where it could take none
``GET /metrics``                                                    Prometheus text
===========================  =====================================  ==========================================

A call is ``{"id", "name", "arguments", "error"}`` as ``ToolCall`` has them, a result what ``ToolResult`` has. The calls
of one session run in order, sessions side by side. ``sandbox/serving/sessions.py`` says what ``lease`` (seconds) and
``number`` are. What is refused is answered with a 4xx and ``{"error": "one line"}``; a 503 may be tried again.
Everything in a request is data to be distrusted.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from sandbox.host.framing import MAX_DEPTH, encode
from sandbox.pool import Sandbox
from sandbox.serving.bodies import Bodies
from sandbox.serving.guard import Guard
from sandbox.serving.metrics import Metrics
from sandbox.serving.replies import failure, refusal, reply
from sandbox.serving.requests import checked_call, checked_session, known
from sandbox.serving.sessions import Sessions
from sandbox.tools import one_line

MAX_BODY_BYTES = 8 * 1024 * 1024  # a state has 4 MB at most, the client's batches of calls, too
MAX_BATCH = 1024  # calls
MAX_RENEWED = 65_536  # sessions
Life = contextlib.AbstractAsyncContextManager[None]
More = tuple[Sequence[BaseRoute], Life]
NOTHING_MORE: More = ((), contextlib.nullcontext())


def application(
    sandbox: Sandbox,
    token: str | None,
    max_sessions: int,
    idle_seconds: float,
    more: More = NOTHING_MORE,
) -> Starlette:
    """The application. Only for None as ``token`` does it serve whoever asks on this machine.

    A session that nobody used for ``idle_seconds`` is closed; at most ``max_sessions`` are open at once. ``more`` are
    routes to be served beside its own, and what has to be entered meanwhile.
    """
    routes, life = more
    service = _Service(sandbox, max_sessions, idle_seconds, life)
    return Starlette(
        routes=[
            Route("/v1/tools", service.tools),
            Route("/v1/sessions", service.open, methods=["POST"]),
            Route("/v1/sessions/{id}", service.close, methods=["DELETE"]),
            Route("/v1/sessions/{id}/state", service.state),
            Route("/v1/call", service.call, methods=["POST"]),
            Route("/v1/batch", service.batch, methods=["POST"]),
            Route("/v1/renew", service.renew, methods=["POST"]),
            Route("/health", service.health),
            Route("/ready", service.ready),
            Route("/metrics", service.metrics),
            *routes,
        ],
        middleware=[Middleware(Guard, token=token)],
        exception_handlers={HTTPException: refusal, ClientDisconnect: refusal, Exception: failure},
        lifespan=service.lifespan,
    )


class _Service:
    """The endpoints."""

    def __init__(self, sandbox: Sandbox, max_sessions: int, idle_seconds: float, life: Life):
        self._sandbox, self._life = sandbox, life
        self._metrics = Metrics()
        self._sessions = Sessions(sandbox, max_sessions, idle_seconds, self._metrics)
        self._bodies = Bodies(MAX_BODY_BYTES)

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with self._life, self._sessions.kept():
            yield

    async def tools(self, _: Request) -> Response:
        return reply({"tools": [vars(spec) for spec in self._sandbox.specs.values()]})

    async def open(self, request: Request) -> Response:
        return reply(await self._sessions.open(*checked_session(await self._bodies.read(request))))

    async def close(self, request: Request) -> Response:
        await self._sessions.close(request.path_params["id"])
        return Response(status_code=204)

    async def state(self, request: Request) -> Response:
        return reply({"state": self._sessions.find(request.path_params["id"]).session.state()})

    async def call(self, request: Request) -> Response:
        return reply(await self._sessions.call(*checked_call(await self._bodies.read(request))))

    async def batch(self, request: Request) -> Response:
        asked = _listed(await self._bodies.read(request), "requests", MAX_BATCH)
        tasks = [asyncio.create_task(self._line(i, one)) for i, one in enumerate(asked)]
        return StreamingResponse(_as_done(tasks), media_type="application/x-ndjson")

    async def renew(self, request: Request) -> Response:
        names = _listed(await self._bodies.read(request), "sessions", MAX_RENEWED)
        return reply({"gone": self._sessions.renew(names)})

    async def health(self, _: Request) -> Response:
        return reply({"sessions": len(self._sessions)})

    async def ready(self, _: Request) -> Response:
        ready = self._sessions.have_room and bool(self._sandbox.pids())
        return reply({"ready": ready}, 200 if ready else 503)

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
            known(asked, {"open"})
            return await self._sessions.open(*checked_session(asked["open"]))
        if isinstance(asked, dict) and "close" in asked:
            known(asked, {"close"})
            await self._sessions.close(asked["close"])
            return {}
        return await self._sessions.call(*checked_call(asked))


def _listed(body: dict[str, Any], key: str, most: int) -> list[Any]:
    asked = body.get(key)
    if not isinstance(asked, list) or len(asked) > most:
        raise HTTPException(400, f"{key!r} must be a list of at most {most}")
    return asked


async def _as_done(tasks: list[asyncio.Task[bytes]]) -> AsyncIterator[bytes]:
    """What the tasks give, in the order in which they end. They run to their end whoever listens."""
    for done in asyncio.as_completed(tasks):
        yield await done
