"""Scores over HTTP: an ASGI application over an open ``RewardService``.

====================  ==============================================  ========================================
``POST /v1/score``    ``{"items": [{"task", "trajectory"}]}``, their  ``{"scores": [{"reward", "parts",
                      fields as in ``rewards/types.py``               "notes"}]}`` in the order asked
``POST /openrlhf``    ``{"query", "prompts", "labels"}``: OpenRLHF's  ``{"rewards", "scores", "extra_logs"}``
                      remote reward, see ``rewards/openrlhf.py``
``GET /health``       needs no token                                  ``{"in_flight"}``: rows being scored
``GET /metrics``                                                      Prometheus text
====================  ==============================================  ========================================

A reward is null where we failed: mask that sample. The token comes as ``Authorization: Bearer TOKEN``, or as the
password of a URL's ``user:TOKEN@host``. What is refused is answered with a 4xx and ``{"error": "one line"}``.
"""

import asyncio
import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Any, Protocol

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from rewards.openrlhf import answer, rows_of
from rewards.types import Score, Task, Trajectory
from rewards.wire import read_row
from sandbox.frames import FrameError, decode, encode
from sandbox.tools import one_line

MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_ITEMS = 1024


class Service(Protocol):
    async def score(self, task: Task, trajectory: Trajectory) -> Score: ...

    def stats(self) -> dict[str, Any]: ...


def application(service: Service, token: str | None) -> Starlette:
    """The application. Only for None as ``token`` does it serve whoever asks."""
    endpoints = _Endpoints(service)
    return Starlette(
        routes=[
            Route("/v1/score", endpoints.score, methods=["POST"]),
            Route("/openrlhf", endpoints.openrlhf, methods=["POST"]),
            Route("/health", endpoints.health),
            Route("/metrics", endpoints.metrics),
        ],
        middleware=[Middleware(_Guard, token=token)],
        exception_handlers={HTTPException: _refusal, ClientDisconnect: _refusal, Exception: _failure},
    )


class _Endpoints:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.in_flight = 0
        self.registry = CollectorRegistry()
        self.registry.register(self)

    async def score(self, request: Request) -> Response:
        items = (await _body(request)).get("items")
        if not isinstance(items, list) or len(items) > MAX_ITEMS:
            raise HTTPException(400, f"'items' must be a list of at most {MAX_ITEMS}")
        scores = await self._scores(
            [_checked(read_row, item, f"items[{i}]: ") for i, item in enumerate(items)]
        )
        return _json({"scores": [vars(score) for score in scores]})

    async def openrlhf(self, request: Request) -> Response:
        rows = _checked(rows_of, await _body(request), "")
        if len(rows) > MAX_ITEMS:
            raise HTTPException(400, f"'query' may hold {MAX_ITEMS}")
        return _json(answer(await self._scores(rows)))

    async def _scores(self, rows: Sequence[tuple[Task, Trajectory]]) -> list[Score]:
        self.in_flight += len(rows)
        try:
            return await asyncio.gather(*(self.service.score(*row) for row in rows))
        finally:
            self.in_flight -= len(rows)

    async def health(self, _: Request) -> Response:
        return _json({"in_flight": self.in_flight})

    async def metrics(self, _: Request) -> Response:
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

    def collect(self) -> list[GaugeMetricFamily | CounterMetricFamily]:
        """What ``/metrics`` tells. Labels are the configuration's part names, never a word of a request."""
        stats = self.service.stats()
        seconds = CounterMetricFamily("rewards_part_seconds", "Seconds spent in a part.", labels=["part"])
        runs = CounterMetricFamily("rewards_part_runs", "Rows that a part was run on.", labels=["part"])
        failures = CounterMetricFamily(
            "rewards_part_failures", "Rows that a part failed on.", labels=["part"]
        )
        for name, part in stats["parts"].items():
            seconds.add_metric([name], part["seconds"] * part["runs"])
            runs.add_metric([name], part["runs"])
            failures.add_metric([name], part["failures"])
        return [
            CounterMetricFamily("rewards_scores", "Rows scored or masked.", stats["scores"]),
            CounterMetricFamily("rewards_masked", "Rows masked by our failure.", stats["masked"]),
            CounterMetricFamily("rewards_actor_restarts", "Actors replaced.", stats["restarts"]),
            GaugeMetricFamily("rewards_in_flight", "Rows being scored now.", self.in_flight),
            seconds, runs, failures,
        ]  # fmt: skip


class _Guard:
    """Asks every request but ``/health`` for the token, before any of its body is read."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app, self.token = app, None if token is None else token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        free = scope["type"] != "http" or scope["path"] == "/health" or self.token is None
        if free or hmac.compare_digest(_token(dict(scope["headers"])), self.token or b""):
            await self.app(scope, receive, send)
        else:
            refusal = _json({"error": "this server asks for its token"}, 401, {"WWW-Authenticate": "Bearer"})
            await refusal(scope, receive, send)


def _token(headers: dict[bytes, bytes]) -> bytes:
    """The token that a request carries: as a bearer's, or as a password, which is all that a URL can hold."""
    kind, _, value = headers.get(b"authorization", b"").partition(b" ")
    if kind.lower() != b"basic":
        return value
    try:
        return base64.b64decode(value, validate=True).partition(b":")[2]
    except binascii.Error:
        return b""


def _checked(read: Any, value: Any, where: str) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise HTTPException(400, f"{where}{error}") from error


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


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(encode(value), status, headers, media_type="application/json")


async def _refusal(_: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return _json({"error": one_line(error.detail)}, error.status_code, dict(error.headers or {}))
    return _json({"error": "the request broke off"}, 400)


async def _failure(_: Request, error: Exception) -> Response:
    return _json({"error": "the server failed; its log says how"}, 500)
