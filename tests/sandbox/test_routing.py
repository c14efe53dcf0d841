"""Tools of several countries under one name, chosen by the session's locale: of REST APIs, of MCP servers, served."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sandbox import ToolCall, open_sandbox
from sandbox.catalog.routing import nearest

HERE = Path(__file__).resolve().parent
LOCALES = ["de-DE", "fr-FR", "hi-IN", "te-IN"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("de-DE", "de-DE"),
        ("de", "de-DE"),
        ("tr-DE", "de-DE"),
        ("te-IN", "te-IN"),
        ("te", "te-IN"),
        ("bn-IN", "hi-IN"),
        ("HI-in", "hi-IN"),
        ("fr-CA", None),
        ("de-AT", None),
        ("sw", None),
    ],
)
def test_the_nearest_locale_is_that_very_one_or_one_of_its_region(wanted, found):
    assert nearest(LOCALES, wanted) == found


class Weather(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"asked": self.path}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def rest() -> Iterator[dict[str, Any]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Weather)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"

    def record(locale: str | None, argument: str) -> dict[str, Any]:
        one = {
            "name": "weather",
            "endpoint": f"http://{host}/{locale}",
            "method": "GET",
            "description": "Wetter",
        }
        parameters = {argument: {"type": "string", "required": True}}
        return one | {"parameters": parameters} | ({"locale": locale} if locale else {})

    yield {"sources": [record("de-DE", "ort"), record("fr-FR", "ville")], "private_hosts": [host]}
    server.shutdown()
    server.server_close()


LOCAL: dict[str, Any] = {"workers": 1, "isolation": "process"}


def test_a_session_gets_the_rest_tool_of_its_country(rest):
    async def go() -> None:
        async with open_sandbox(rest=rest, **LOCAL) as sandbox:
            assert "weather" in sandbox.specs
            for locale, argument, city in (("de-DE", "ort", "Köln"), ("fr", "ville", "Nîmes")):
                async with sandbox.session(tools=["weather"], locale=locale) as session:
                    done = await session.call(ToolCall("1", "weather", {argument: city}))
                    assert done.status == "ok" and done.content["asked"].startswith(f"/{locale[:2]}-")
                    wrong = await session.call(ToolCall("2", "weather", {"city": city}))
                    assert wrong.status == "invalid_call"
                    assert session.snapshot()["locale"] == locale
                    async with sandbox.session(**session.snapshot()) as again:
                        assert (await again.call(ToolCall("3", "weather", {argument: city}))).status == "ok"
            with pytest.raises(
                ValueError, match="'weather' is there for de-DE, fr-FR, not for the locale ja-JP"
            ):
                sandbox.session(tools=["weather"], locale="ja-JP")
            async with sandbox.session(locale="ja-JP") as session:  # all that there is for it
                assert (await session.call(ToolCall("4", "weather", {"ort": "x"}))).status == "invalid_call"
                assert (await session.call(ToolCall("5", "world_time", {"city": "Tokyo"}))).status == "ok"

    asyncio.run(go())


def test_a_name_twice_in_one_country_or_of_two_kinds_is_refused(rest):
    twice = rest | {"sources": rest["sources"] + rest["sources"][:1]}
    with pytest.raises(ValueError, match="a name that is taken"):
        open_sandbox(rest=twice, **LOCAL)
    taken = rest | {"sources": [rest["sources"][0] | {"name": "world_time"}]}
    with pytest.raises(ValueError, match="'world_time', a name that is taken"):
        open_sandbox(rest=taken, **LOCAL)


def test_a_session_gets_the_mcp_server_of_its_country():
    calm = ["python", str(HERE / "hostile_mcp_server.py")]
    servers = [{"command": calm, "locale": "de-DE"}, {"command": [*calm, "again"], "locale": "pt-BR"}]

    async def go() -> None:
        async with open_sandbox(mcp=servers, **LOCAL) as sandbox:
            async with sandbox.session(tools=["attack"], locale="pt-BR") as session:
                assert (await session.call(ToolCall("1", "attack", {}))).content == "call 1"
            with pytest.raises(ValueError, match="not for the locale None"):
                sandbox.session(tools=["attack"])

    asyncio.run(go())
