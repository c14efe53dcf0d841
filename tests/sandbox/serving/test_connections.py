"""Clients that are idle, slow or many, and bodies that would grow: the next request is answered as ever."""

import argparse
import asyncio
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.serving import bodies, connections
from sandbox.serving.bodies import Bodies
from sandbox.serving.guard import Guard
from sandbox.serving.replies import failure, refusal, reply
from sandbox.serving.shell import Shell

MB = 1024 * 1024
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def signals_as_they_were():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    resource.setrlimit(resource.RLIMIT_NOFILE, limit)


class Peer:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader, self.writer = reader, writer

    def say(self, text: str | bytes) -> None:
        self.writer.write(text if isinstance(text, bytes) else text.encode())

    async def status(self) -> int:
        line = await self.reader.readline()
        return int(line.split()[1]) if line else 0

    async def hung_up(self) -> bool:
        """Whether the server has hung up, once it does."""
        with suppress(ConnectionError):
            await asyncio.wait_for(self.reader.read(), 20)
        return self.reader.at_eof() or self.reader.exception() is not None


class Served:
    def __init__(self, port: int, held: Bodies):
        self.port, self.bodies = port, held
        self.peers: list[Peer] = []

    async def peer(self, text: str | bytes = "") -> Peer:
        peer = Peer(*await asyncio.open_connection("127.0.0.1", self.port))
        self.peers.append(peer)
        peer.say(text)
        return peer

    async def get(self, path: str = "/", *headers: str) -> int:
        lines = "\r\n".join([f"GET {path} HTTP/1.1", *(headers or ["host: localhost"]), "connection: close"])
        return await (await self.peer(lines + "\r\n\r\n")).status()

    async def post(self, body: bytes) -> int:
        peer = await self.peer(f"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n\r\n")
        peer.say(body)
        return await peer.status()


@asynccontextmanager
async def serving(
    token: str | None = None, most: int = 1024, max_bytes: int = 8 * MB
) -> AsyncIterator[Served]:
    held = Bodies(max_bytes)

    async def echo(request: Request) -> Response:
        if request.method == "GET":
            return reply({"x": "x" * int(request.query_params.get("bytes", 0))})
        return reply({"keys": len(await held.read(request))})

    if token:
        os.environ["TEST_TOKEN"] = token
    app = Starlette(
        routes=[Route("/", echo, methods=["GET", "POST"]), Route("/health", echo)],
        middleware=[Middleware(Guard, token=token)],
        exception_handlers={HTTPException: refusal, ClientDisconnect: refusal, Exception: failure},
    )
    options = argparse.Namespace(host="127.0.0.1", port=0, token_env="TEST_TOKEN", max_connections=most)
    shell = Shell.open("test", options)
    serve = asyncio.create_task(shell.serve(app, "at"))
    served = Served(shell.listener.getsockname()[1], held)
    while not serve.done() and await served.get("/health") != 200:
        await asyncio.sleep(0.01)
    try:
        yield served
    finally:
        for peer in served.peers:
            peer.writer.transport.abort()
        serve.cancel()
        with suppress(asyncio.CancelledError):
            await serve


def with_server(steps: Callable[[Served], Coroutine[Any, Any, None]], **options: Any) -> None:
    async def go() -> None:
        async with serving(**options) as served:
            await steps(served)
            assert await served.get() == (401 if options.get("token") else 200)

    asyncio.run(asyncio.wait_for(go(), 60))


HEAD = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99\r\n"


@pytest.mark.parametrize("text", ["", "POST / HT", HEAD, HEAD + "\r\n", HEAD + "\r\n{"])
def test_a_client_that_stops_in_the_middle_is_hung_up_on(monkeypatch, text):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.2)

    async def steps(served: Served) -> None:
        assert await (await served.peer(text)).hung_up()

    with_server(steps)


@pytest.mark.parametrize("begin", ["", HEAD + "\r\n{"])
def test_one_byte_now_and_then_does_not_keep_a_connection(monkeypatch, begin):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.3)

    async def drip(peer: Peer) -> None:
        with suppress(ConnectionError):
            for letter in "POST / HTTP/1.1\r\nx: " + "y" * 1000:
                peer.say(letter)
                await asyncio.sleep(0.05)

    async def steps(served: Served) -> None:
        peer = await served.peer(begin)
        dripping = asyncio.create_task(drip(peer))
        assert await peer.hung_up()
        dripping.cancel()

    with_server(steps)


def test_the_limit_on_a_head_counts_for_the_second_request_too(monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)

    async def steps(served: Served) -> None:
        peer = await served.peer("GET / HTTP/1.1\r\nhost: localhost\r\n\r\nGET / HT")
        assert await peer.status() == 200
        assert await peer.hung_up()

    with_server(steps)


def test_an_answer_that_nobody_reads_is_given_up(monkeypatch):
    monkeypatch.setattr(connections, "READ_SECONDS", 0.2)

    async def steps(served: Served) -> None:
        peer = await served.peer("GET /?bytes=16000000 HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert await peer.status() == 200
        await asyncio.sleep(1.0)
        assert await peer.hung_up()

    with_server(steps)


@pytest.mark.parametrize("text", ["", "GET / HT", HEAD + "\r\n"])
def test_many_that_wait_make_room_for_one_that_asks(monkeypatch, text):
    monkeypatch.setattr(connections, "MOST_OF_A_PEER", 20)

    async def steps(served: Served) -> None:
        peers = [await served.peer(text) for _ in range(60)]
        assert [await served.get() for _ in range(5)] == [200] * 5
        assert await peers[0].hung_up()

    with_server(steps)


def test_there_are_no_more_connections_in_all_than_there_is_room_for():
    async def steps(served: Served) -> None:
        for _ in range(30):
            await served.peer("GET / HT")
        assert await served.get() == 200
        here = [peer for peer in served.peers if not peer.reader.at_eof() and not peer.reader.exception()]
        assert len(here) <= 12

    with_server(steps, most=10)


def test_the_body_of_a_stranger_is_not_waited_for():
    async def steps(served: Served) -> None:
        peer = await served.peer(HEAD.replace("99", str(8 * MB)) + "\r\n{")
        assert await peer.status() == 401
        assert await peer.hung_up()

    with_server(steps, token="a token")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (["host: localhost:8700"], 200),
        (["host: 127.0.0.1"], 200),
        (["host: [::1]:8700"], 200),
        (["host: localhost", "origin: http://localhost:3000"], 200),
        (["host: evil.example"], 403),
        (["host: localhost.evil.example"], 403),
        (["host: 127.0.0.1@evil.example"], 403),
        (["host: localhost", "origin: https://evil.example"], 403),
        (["host: localhost", "origin: null"], 403),
        (["host: localhost", "origin: http://["], 403),
    ],
)
def test_without_a_token_a_web_page_is_not_served(headers, status):
    async def steps(served: Served) -> None:
        assert await served.get("/", *headers) == status

    with_server(steps)


BOMBS = {
    "brackets": b'{"x":[' + b"[]," * (8 * MB // 3 - 4) + b"[]]}",
    "objects": b'{"x":[' + b"{}," * (8 * MB // 3 - 4) + b"{}]}",
    "open brackets": b"[" * (8 * MB - 10),
    "deep": b'{"x":' + b"[" * (4 * MB - 10) + b"]" * (4 * MB - 10) + b"}",
    "keys": b"{" + b",".join(b'"%x":0' % i for i in range(700_000)) + b"}",
    "numbers": b'{"x":[' + b"1," * (4 * MB - 10) + b"1]}",
    "within a string": b'{"x":"' + b"[]," * (8 * MB // 3 - 4) + b'"}',
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_of_json_is_refused_before_it_is_read(monkeypatch, bomb):
    def never(*_: Any) -> dict[str, Any]:
        raise AssertionError("it was read")

    async def steps(served: Served) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(bodies, "decode", never)
            assert await served.post(BOMBS[bomb]) == 413
        assert await served.post(b'{"x": [1, {"y": 2}]}') == 200

    with_server(steps)


def test_what_may_be_read_takes_no_more_memory_than_is_said(monkeypatch):
    """Measured on the greatest body of each kind that is let through, and with what reading it takes besides."""
    monkeypatch.setattr(bodies, "MAX_COST", 4 * MB)
    made: dict[str, tuple[int, Callable[[int], bytes]]] = {
        "brackets": (104, lambda n: b'{"x":[' + b"[]," * n + b"[]]}"),
        "keys": (160, lambda n: b"{" + b",".join(b'"%x":0' % i for i in range(n)) + b"}"),
        "numbers": (40, lambda n: b'{"x":[' + b"1.5," * n + b"1]}"),
        "texts": (40, lambda n: b'{"x":[' + b'"ab",' * n + b"1]}"),
    }
    for kind, (cost, make) in made.items():
        body = make(bodies.MAX_COST // cost - 10)
        tracemalloc.start()
        bodies._read(body)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 3 * bodies.MAX_COST, kind


def test_bodies_that_come_at_once_share_one_room(monkeypatch):
    async def steps(served: Served) -> None:
        size = served.bodies._max_bytes
        head = f"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: {size}\r\n\r\n"
        answers = []
        for _ in range(bodies.BODIES + 2):
            peer = await served.peer(head)
            answers.append(asyncio.create_task(peer.status()))
            peer.say(b" " * (size - 1))
        done, _ = await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
        assert {answer.result() for answer in done} == {503}
        for peer in served.peers:
            peer.writer.transport.abort()
        while served.bodies._room < bodies.BODIES * size:
            await asyncio.sleep(0.01)
        assert await served.post(b"{}") == 200

    with_server(steps, max_bytes=MB)


CHUNKED = "POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"


def test_a_body_in_crumbs_is_not_read_and_one_in_chunks_is():
    async def steps(served: Served) -> None:
        crumbs = await served.peer(CHUNKED)
        crumbs.say("1\r\n \r\n" * 200_000)
        assert await crumbs.hung_up()
        begun_with_the_head = await served.peer(CHUNKED + "1\r\n \r\n" * 200_000)
        assert await begun_with_the_head.hung_up()
        chunks = await served.peer(CHUNKED)
        chunks.say(("1000\r\n" + " " * 4096 + "\r\n") * 300 + "2\r\n{}\r\n0\r\n\r\n")
        assert await chunks.status() == 200
        assert await served.post(b'{"a":\r\n1' + b"\r\n" * 100_000 + b"}") == 200

    with_server(steps)


def test_a_client_that_leaves_in_the_middle_of_an_answer_is_no_line_in_the_log(caplog):
    async def steps(served: Served) -> None:
        logging.getLogger("asyncio").warning("socket.send() raised exception.")
        logging.getLogger("asyncio").warning("something else")

    with_server(steps)
    assert [record.message for record in caplog.records if record.name == "asyncio"] == ["something else"]


def test_as_many_files_as_may_be_opened_are_and_where_they_are_few_there_are_fewer_connections(tmp_path):
    code = """
import argparse, resource, sys
soft, hard = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
from sandbox.serving.shell import Shell
options = argparse.Namespace(host="127.0.0.1", port=0, token_env="NONE", max_connections=1024)
print(Shell.open("test", options).most, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""

    def limits(soft: int, hard: int) -> list[int]:
        command = [sys.executable, "-c", code, str(soft), str(hard)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return json.loads(f"[{done.stdout.strip().replace(' ', ',')}]")

    assert limits(256, 4096) == [1024, 4096]
    assert limits(256, 256) == [128, 256]


def test_a_want_of_files_is_told_in_one_line(caplog, monkeypatch):
    from sandbox.serving.shell import _Quiet

    loop, quiet = asyncio.new_event_loop(), _Quiet()
    monkeypatch.setattr(loop, "time", lambda: 1.0)
    for _ in range(100):
        context = {
            "message": "socket.accept() out of system resource",
            "exception": OSError(24, "Too many open files"),
        }
        quiet(loop, context)
    loop.close()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "Too many open files" in caplog.text and "Traceback" not in caplog.text
