"""Scores over HTTP: an ASGI application over an open ``RewardService``.

====================  ==============================================  ========================================
``POST /v1/score``    ``{"items": [{"task", "trajectory"}]}``, their  ``{"scores": [{"reward", "parts",
                      fields as in ``rewards/types.py``               "notes"}]}`` in the order asked
``POST /openrlhf``    ``{"query", "prompts", "labels"}``: OpenRLHF's  ``{"rewards", "scores", "extra_logs"}``
                      remote reward, see ``rewards/serving/openrlhf.py``
``GET /health``       needs no token                                  ``{"in_flight"}``: rows being scored
``GET /ready``        needs no token                                  ``{"ready"}``; 503 where rows would wait
``GET /metrics``                                                      Prometheus text
====================  ==============================================  ========================================

A reward is null where we failed: mask that sample. The token comes as ``Authorization: Bearer TOKEN``, or as the
password of a URL's ``user:TOKEN@host``. What is refused is answered with a 4xx and ``{"error": "one line"}``.
"""

import asyncio
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

from rewards.schema import read_row
from rewards.serving.openrlhf import answer, row_of, texts_of
from rewards.types import Score, Task, Trajectory
from sandbox.serving.bodies import Bodies
from sandbox.serving.guard import Guard
from sandbox.serving.replies import failure, refusal, reply

MAX_BODY_BYTES = 32 * 1024 * 1024
MAX_ITEMS = 1024


class Service(Protocol):
    in_flight: int  # rows that are scored at once

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
            Route("/ready", endpoints.ready),
            Route("/metrics", endpoints.metrics),
        ],
        middleware=[Middleware(Guard, token=token)],
        exception_handlers={HTTPException: refusal, ClientDisconnect: refusal, Exception: failure},
    )


class _Endpoints:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.in_flight = 0
        self.bodies = Bodies(MAX_BODY_BYTES)
        self.registry = CollectorRegistry()
        self.registry.register(self)

    async def score(self, request: Request) -> Response:
        items = (await self.bodies.read(request)).get("items")
        if not isinstance(items, list) or len(items) > MAX_ITEMS:
            raise HTTPException(400, f"'items' must be a list of at most {MAX_ITEMS}")
        rows = []
        for i, item in enumerate(items):
            rows.append(_checked(read_row, item, f"items[{i}]: "))
            await asyncio.sleep(0)  # others have their turn between two of many
        scores = await self._scores(rows)
        return reply({"scores": [vars(score) for score in scores]})

    async def openrlhf(self, request: Request) -> Response:
        body = await self.bodies.read(request)
        rows = []
        for i, texts in enumerate(_checked(lambda asked: texts_of(asked, MAX_ITEMS), body, "")):
            rows.append(_checked(lambda row: row_of(*row), (i, *texts), ""))
            await asyncio.sleep(0)
        return reply(answer(await self._scores(rows)))

    async def _scores(self, rows: Sequence[tuple[Task, Trajectory]]) -> list[Score]:
        self.in_flight += len(rows)
        try:
            return await asyncio.gather(*(self.service.score(*row) for row in rows))
        finally:
            self.in_flight -= len(rows)

    async def health(self, _: Request) -> Response:
        return reply({"in_flight": self.in_flight})

    async def ready(self, _: Request) -> Response:
        ready = self.in_flight < self.service.in_flight
        return reply({"ready": ready}, 200 if ready else 503)

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


def _checked(read: Any, value: Any, where: str) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise HTTPException(400, f"{where}{error}") from error
