"""REST APIs as tools: described by a document, called through an egress gate, recorded and replayed.

The model's arguments fill the places that the document has for them, and nothing else of the request. What
fails is told apart: the model's doing (``tool_error``, ``policy_denied``, ``output_limit``) or not
(``infra_error``)::

    async with HttpTools(["weather.yaml"], hosts=["api.weather.example"]) as tools:
        answer = await tools.call("forecast", {"city": "München"})
"""

import asyncio
import codecs
import json
import logging
import math
import time
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import httpx

from sandbox.backends.base import Answer, Calls, Stateless, failed, in_time
from sandbox.backends.rest.cassette import Cassette, Recorded
from sandbox.backends.rest.credentials import Credentials
from sandbox.backends.rest.egress import Denied, Gate, Outage, Reply, Request, Resolve, TooLarge, resolve
from sandbox.backends.rest.endpoint import Endpoint
from sandbox.backends.rest.probe import dead
from sandbox.backends.rest.sources import Source, endpoints
from sandbox.backends.rest.upstream import Upstream
from sandbox.host.framing import MAX_VALUE_DEPTH, is_deeper, loads
from sandbox.types import ToolSpec, key_of

Mode = Literal["live", "record", "replay"]
log = logging.getLogger(__name__)
PYTHONS_OWN = {
    "idna",
    "punycode",
    "unicode-escape",
    "raw-unicode-escape",
}  # no texts come so, and some are slow
# Of the 4xx these speak of our key, our pace or the way, not of what the model asked.
NOT_THE_MODELS = frozenset({401, 407, 408, 425, 429})


class HttpTools:
    """The tools of REST APIs, to be used as ``async with HttpTools(...) as tools``.

    ``sources`` are documents (see ``sandbox.backends.rest.sources``), ``hosts`` the ``name`` or ``name:port`` that may
    be reached, ``private_hosts`` the ``address:port`` that may be although they are not public. ``mode`` is
    ``live``, ``record`` or ``replay``, the latter two with the path of a ``cassette``. A call may take ``seconds``
    and answer ``output_kb``. Each host gets at most ``rate`` calls a second; after ``failures`` outages in a
    row it is left alone for ``pause`` seconds, and longer each time. ``drop_dead``: at the start each API is called
    once, and those that are dead are left out.

    Raises ``ValueError`` for a document that is wrong, a host that is not listed and a secret that is not set.
    """

    def __init__(
        self,
        sources: Iterable[Source],
        hosts: Sequence[str] = (),
        *,
        mode: Mode = "live",
        cassette: str | Path | None = None,
        private_hosts: Sequence[str] = (),
        seconds: float = 10.0,
        output_kb: int = 256,
        rate: float = 5.0,
        failures: int = 5,
        pause: float = 30.0,
        drop_dead: bool = False,
        resolve: Resolve = resolve,
    ):
        if mode not in ("live", "record", "replay") or (mode == "live") != (cassette is None):
            raise ValueError(
                f"rest: mode {mode!r} with cassette {cassette}; record and replay need one, live none"
            )
        limits = {
            "seconds": seconds,
            "output_kb": output_kb,
            "rate": rate,
            "failures": failures,
            "pause": pause,
        }
        for name, limit in limits.items():
            if not limit > 0:
                raise ValueError(f"rest: {name} is {limit}, set it to more than 0")
        self._endpoints: dict[str, Endpoint] = {}
        for source in sources:
            for endpoint in endpoints(source):
                if self._endpoints.setdefault(key_of(endpoint.spec), endpoint) is not endpoint:
                    raise ValueError(
                        f"rest: {source} has a tool {endpoint.spec.name!r}, a name that is taken; rename one of the "
                        "two, or give each a locale"
                    )
        if mode == "replay" or all(endpoint.method == "GET" for endpoint in self._endpoints.values()):
            self._endpoints = {
                name: replace(endpoint, spec=replace(endpoint.spec, stateful=False))
                for name, endpoint in self._endpoints.items()
            }  # nothing writes, so that nothing is read that an earlier call wrote
        self._mode, self._seconds, self._drop_dead = mode, seconds, drop_dead and mode != "replay"
        self.specs: dict[str, ToolSpec] = {}  # until the start where some may be dead
        if not self._drop_dead:
            self.specs = {name: found.spec for name, found in self._endpoints.items()}
        self._cassette = None if cassette is None else Cassette(Path(cassette), must_exist=mode == "replay")
        self._gate = Gate(hosts, private_hosts, resolve=resolve, max_bytes=output_kb * 1024)
        self._credentials = Credentials()
        self._filled = {} if mode == "replay" else {name: self._fill(name) for name in self._endpoints}
        asked = {_host(endpoint) for endpoint in self._endpoints.values()}
        self._upstreams = {host: Upstream(host, rate, failures, pause, patience=seconds) for host in asked}
        # A probe asks each API once, however long its host's pace makes that, and however many fail.
        most = len(self._endpoints) + 1
        self._probed = {host: Upstream(host, rate, most, pause, patience=math.inf) for host in asked}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Leave out what is dead, if that is wished."""
        if self._drop_dead:
            found = await self.dead()
            for name, why in found.items():
                log.warning("sandbox: the REST tool %s is left out, its API is dead: %s", name, why)
            self.specs = {name: one.spec for name, one in self._endpoints.items() if name not in found}

    async def dead(self) -> dict[str, str]:
        """Why each tool is dead whose API is; each is called once, with no other calls beside."""
        usual, self._upstreams = self._upstreams, self._probed
        try:
            return await dead(self, {name: endpoint.spec for name, endpoint in self._endpoints.items()})
        finally:
            self._upstreams = usual

    def open(self, seed: int) -> Calls:
        """Nothing is a trajectory's own but how often its calls failed."""
        session = object()
        return Stateless(
            lambda request: in_time(request, self.call(request.tool, request.arguments, session))
        )

    async def close(self) -> None:
        """Close the gate."""
        await self._gate.close()

    def home(self, tool: str) -> str:
        """What has the tool."""
        return "rest"

    async def call(self, name: str, arguments: dict[str, Any], session: Hashable = None) -> Answer:
        """Call a tool of ``specs`` with arguments that fit its spec; whatever happens, an answer comes back.

        Failures count against the ``session`` first, and against the host where many have them. The content of
        every answer but an ``ok`` one is ``{"error": one line}``.
        """
        begin = time.monotonic()
        try:
            answer = _answer(await self._recorded(name, arguments, session))
        except Denied as error:
            answer = failed("policy_denied", str(error))
        except TooLarge as error:
            answer = failed("output_limit", str(error))
        except Outage as error:
            answer = failed("infra_error", str(error))
        return replace(answer, seconds=time.monotonic() - begin)

    def _fill(self, name: str) -> Endpoint:
        """The endpoint with its secrets, certain to be reachable through the gate."""
        endpoint = self._endpoints[name]
        headers = {
            key: self._credentials.fill(value, f"{name}: header {key}")
            for key, value in endpoint.headers.items()
        }
        filled = replace(
            endpoint, url=self._credentials.fill(endpoint.url, f"{name}: url", in_url=True), headers=headers
        )
        try:
            self._gate.check(_plain(endpoint.url))
        except Denied as error:
            where = f"rest: the tool {name!r} cannot call {_host(endpoint)}"
            raise ValueError(f"{where}: {error}; add it to hosts") from error
        return filled

    async def _recorded(self, name: str, arguments: dict[str, Any], session: Hashable) -> Recorded:
        """What the API answers, or once answered."""
        endpoint = self._endpoints[name]
        asked = _shown(endpoint.request(arguments), endpoint)
        if self._mode == "replay":
            assert self._cassette is not None
            found = self._cassette.find(asked)
            if found is None:
                raise Outage(f"the cassette has no answer to this call of {name}; record it")
            return found
        reply = await self._fetched(_host(endpoint), self._filled[name].request(arguments), session)
        content = self._credentials.redact(_content(reply))
        if self._cassette is not None:
            self._cassette.keep(asked, reply.status, content)
        return reply.status, content

    async def _fetched(self, host: str, request: Request, session: Hashable) -> Reply:
        """The reply, within the limits. Raises ``Outage`` for one that speaks of an outage."""
        async with self._upstreams[host].turn(session):
            try:
                async with asyncio.timeout(self._seconds):
                    reply = await self._gate.fetch(request)
            except TimeoutError as error:
                raise Outage(f"{host} took more than {self._seconds:g} seconds") from error
            if not 200 <= reply.status < 500 or 300 <= reply.status < 400 or reply.status in NOT_THE_MODELS:
                raise Outage(f"{host} answered HTTP {reply.status}")
            return reply


def _plain(url: str) -> str:
    """The URL with something harmless in place of its variables."""
    return url.replace("$", "x").replace("{", "x").replace("}", "x")


def _host(endpoint: Endpoint) -> str:
    return httpx.URL(_plain(endpoint.url)).netloc.decode()


def _shown(request: Request, endpoint: Endpoint) -> dict[str, Any]:
    """The request as the cassette knows it: as the model made it, before secrets are filled in."""
    headers = {name: value for name, value in request.headers.items() if name not in endpoint.headers}
    return {"method": request.method, "url": request.url, "headers": headers, "body": request.body}


def _content(reply: Reply) -> Any:
    """The reply's JSON, or its text where that is none or nested too deeply. Raises ``Outage`` for other bytes."""
    charset = "utf-8"
    for part in reply.content_type.split(";")[1:]:
        key, _, value = part.partition("=")
        if key.strip().lower() == "charset":
            charset = value.strip(" \"'").lower()
    try:
        if codecs.lookup(charset).name.replace("_", "-") in PYTHONS_OWN:
            raise LookupError(charset)
        text = reply.body.decode(charset)
    except (UnicodeError, LookupError) as error:
        raise Outage("the API's answer is not text") from error
    try:
        content = loads(text)
    except (ValueError, RecursionError):
        return text
    return text if is_deeper(content, MAX_VALUE_DEPTH) else content


def _answer(recorded: Recorded) -> Answer:
    status, content = recorded
    if status < 400:
        return Answer("ok", content)
    said = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return failed("tool_error", f"HTTP {status}: {said}" if said else f"HTTP {status}")
