"""What was said to a server that listens on this machine and asks for no token, to get round it or to bring it down: each is refused
or answered, nothing is a failure of the server's, and the next session is right."""

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.sandbox.serving.test_serve import command, environment

REFUSED = {400, 403, 404, 405, 408, 411, 413, 414, 431, 501}
ANSWERED = {200, 204}


@dataclass
class Server:
    port: int
    http: httpx.Client

    def said(self, asked: bytes, end: bool = True) -> list[int]:
        """The statuses of all answers to these bytes, which are all (``end``) or ask the server to hang up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as peer:
            heard = b""
            try:
                peer.sendall(asked)
                if end:
                    peer.shutdown(socket.SHUT_WR)
                while heard_now := peer.recv(65536):
                    heard += heard_now
            except OSError:  # it has hung up meanwhile
                pass
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", heard)]

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.http.post(path, json=body)

    def opened(self, **wanted: Any) -> str:
        return str(self.post("/v1/sessions", **wanted).json()["session"])

    def added(self, session: str, amount: int, **more: Any) -> Any:
        asked = self.post(
            "/v1/call", session=session, call={"name": "add", "arguments": {"amount": amount}}, **more
        )
        return asked.json()["result"]["content"] if asked.status_code == 200 else asked.status_code

    def is_right(self) -> bool:
        """Whether a session of its own gives what it should."""
        session = self.opened()
        found = [self.added(session, 2), self.added(session, 3)]
        return found == [{"sum": 2}, {"sum": 5}] and self.http.get("/health").status_code == 200


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    process = subprocess.Popen(
        command("--max-sessions", "1000"), env=environment(""), stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        with httpx.Client(base_url=url, timeout=60) as http:
            yield Server(int(url.rpartition(":")[2]), http)
        process.kill()


def ask(
    *headers: str, line: str = "POST /v1/sessions HTTP/1.1", body: bytes = b"", host: str = "localhost"
) -> bytes:
    hosts = [f"Host: {host}"] if host else []
    return "\r\n".join([line, *hosts, *headers, "", ""]).encode("latin-1") + body


def get(path: str, *headers: str, host: str = "localhost") -> bytes:
    return ask(*headers, line=f"GET {path} HTTP/1.1", host=host)


OPEN = b'{"seed": 1}'
LONG = f"Content-Length: {len(OPEN)}"
SIZED = [LONG, "Content-Type: application/json"]
CHUNKED = "Transfer-Encoding: chunked"
SAID: dict[str, bytes] = {
    "a chunk of less than nothing": ask(CHUNKED, body=b"-1\r\nx\r\n0\r\n\r\n"),
    "a chunk larger than memory": ask(CHUNKED, body=b"FFFFFFFFFFFFFFFFFFFF\r\nx\r\n"),
    "a chunk of an odd size": ask(CHUNKED, body=b"0x5\r\n{}   \r\n0\r\n\r\n"),
    "a chunk with a novel behind its size": ask(CHUNKED, body=b"2;" + b"x" * 10**6 + b"\r\n{}\r\n0\r\n\r\n"),
    "chunks that do not end": ask(CHUNKED, body=b"2\r\n{}\r\n"),
    "a trailer without an end": ask(CHUNKED, body=b"2\r\n{}\r\n0\r\n" + b"X: y\r\n" * 50_000),
    "a length and chunks": ask(CHUNKED, "Content-Length: 4", body=b"2\r\n{}\r\n0\r\n\r\n"),
    "chunks twice": ask(f"{CHUNKED}, chunked", body=b"2\r\n{}\r\n0\r\n\r\n"),
    "chunks in gzip": ask("Transfer-Encoding: gzip, chunked", body=b"2\r\n{}\r\n0\r\n\r\n"),
    "chunks by another name": ask("Transfer-Encoding: xchunked", body=b"2\r\n{}\r\n0\r\n\r\n"),
    "a length of less than nothing": ask("Content-Length: -1", body=OPEN),
    "a length with a sign": ask(f"Content-Length: +{len(OPEN)}", body=OPEN),
    "a length in hexadecimal digits": ask("Content-Length: 0xb", body=OPEN),
    "two lengths": ask(LONG, "Content-Length: 2", body=OPEN),
    "a length beyond all": ask(f"Content-Length: {'9' * 40}", body=OPEN),
    "a length of a million digits": ask(f"Content-Length: {'9' * 10**6}", body=OPEN),
    "a null byte in a header": ask(*SIZED, "X: a\0b", body=OPEN),
    "a carriage return in a header": ask(*SIZED, "X: a\rb", body=OPEN),
    "a blank before the colon": ask("Content-Length : 11", body=OPEN),
    "ten thousand headers": ask(*SIZED, *(f"X-{i}: {'y' * 99}" for i in range(10_000)), body=OPEN),
    "a header of a megabyte": ask(*SIZED, f"X: {'y' * 10**6}", body=OPEN),
    "a path of a hundred kilobytes": get("/" + "x" * 10**5),
    "no host": get("/v1/tools", host=""),
    "two hosts": get("/v1/tools", "Host: evil.example"),
    "another host": get("/v1/tools", host="evil.example"),
    "a host that begins like ours": get("/v1/tools", host="localhost.evil.example"),
    "a host that ends like ours": get("/v1/tools", host="evil-localhost"),
    "a host with our address in its name": get("/v1/tools", host="127.0.0.1.nip.io"),
    "a host with a path": get("/v1/tools", host="evil.example/localhost"),
    "a host with a fragment": get("/v1/tools", host="evil.example#localhost"),
    "a host with a backslash": get("/v1/tools", host="evil.example\\@localhost"),
    "a host in brackets that is none": get("/v1/tools", host="[::1]evil.example"),
    "all addresses as a host": get("/v1/tools", host="0.0.0.0"),
    "an origin elsewhere": get("/v1/tools", "Origin: https://evil.example"),
    "an origin that is none": get("/v1/tools", "Origin: null"),
    "an origin that is a file": get("/v1/tools", "Origin: file://"),
    "an origin that begins like ours": get("/v1/tools", "Origin: http://localhost.evil.example"),
    "an origin with a password": get("/v1/tools", "Origin: http://localhost:x@evil.example"),
    "a form of a web page": ask(*SIZED, "Origin: http://evil.example", body=OPEN),
    "a proxy's request": get("http://evil.example/v1/tools", host="evil.example"),
    "a tunnel": ask(line="CONNECT 169.254.169.254:80 HTTP/1.1", host="evil.example"),
    "TRACE": ask(line="TRACE /v1/tools HTTP/1.1"),
    "PUT": ask(*SIZED, line="PUT /v1/sessions HTTP/1.1", body=OPEN),
    "a method of a megabyte": ask(line=f"{'X' * 10**6} / HTTP/1.1"),
    "a method with signs": ask(line="G<>T / HTTP/1.1"),
    "HTTP/0.9": b"GET /v1/tools\r\n\r\n",
    "HTTP/2 by its preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": bytes.fromhex("16030100a5010000a10303") + bytes(160),
    "no letters at all": bytes(range(256)) * 400,
    "a way up": get("/../../etc/passwd"),
    "a way up, escaped": get("/v1/sessions/..%2f..%2fetc%2fpasswd/state"),
    "a null byte in a path": get("/v1/sessions/%00/state"),
    "half a character in a path": get("/v1/sessions/%ff%c3/state"),
    "gzip": ask(LONG, "Content-Encoding: gzip", body=b"\x1f\x8b" + bytes(len(OPEN) - 2)),
    "UTF-16": ask("Content-Length: 24", body='{"seed": 1}'.encode("utf-16")),
    "a mark of the byte order": ask("Content-Length: 14", body=b"\xef\xbb\xbf" + OPEN),
    "half a pair, escaped": ask("Content-Length: 29", body=b'{"state": {"a": "\\ud800x   "}}'[:29]),
    "two values": ask("Content-Length: 4", body=b"{}{}"),
    "a comment": ask("Content-Length: 8", body=b"{}/*  */"),
    "a form": ask("Content-Length: 6", "Content-Type: application/x-www-form-urlencoded", body=b"seed=1"),
}  # fmt: skip


@pytest.mark.parametrize("what", SAID)
def test_what_is_no_request_of_ours_is_refused(server, what):
    statuses = server.said(SAID[what])
    assert set(statuses) <= REFUSED, statuses
    assert server.is_right()


HARMLESS: dict[str, tuple[bytes, int]] = {
    "a line feed alone": (b"POST /v1/sessions HTTP/1.1\nHost: localhost\nContent-Length: 2\n\n{}", 1),
    "a folded header": (ask(*SIZED, "X: a\r\n b", body=OPEN), 1),
    "a thousand headers": (ask(*SIZED, *(f"X-{i}: {i}" for i in range(1000)), body=OPEN), 1),
    "HTTP/3": (get("/v1/tools").replace(b"HTTP/1.1", b"HTTP/3.0"), 1),
    "a thousand requests at once": (get("/v1/tools?x") * 99 + get("/health", "Connection: close"), 100),
    "a request behind a body": (
        ask(*SIZED, body=OPEN) + get("/health", "Connection: close"),
        2,
    ),
    "a wish to become a socket of the web": (
        get("/health", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
        1,
    ),
    "a wish to become HTTP/2": (get("/health", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings"), 1),
    "a proxy's tales": (get("/health", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Host: evil", "Forwarded: for=x"), 1),
    "another method by a header": (get("/health", "X-HTTP-Method-Override: DELETE"), 1),
    "ranges by the thousand": (get("/v1/tools", "Range: bytes=" + ",".join(f"{i}-" for i in range(999))), 1),
}  # fmt: skip


@pytest.mark.parametrize("what", HARMLESS)
def test_what_means_nothing_to_us_changes_nothing(server, what):
    asked, answers = HARMLESS[what]
    asked = asked.replace(b"Host:", b"Connection: close\r\nHost:", 1) if answers == 1 else asked
    statuses = server.said(asked, end=False)
    assert len(statuses) == answers and set(statuses) <= ANSWERED, statuses
    assert server.is_right()


def test_a_request_within_the_body_of_another_is_not_one(server):
    inner = b"DELETE /v1/sessions/x HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert server.said(ask(f"Content-Length: {len(inner)}", body=inner)) == [400]
    assert server.is_right()


def test_a_hundred_that_hang_up_in_the_middle_leave_nothing(server):
    for i in range(100):
        server.said(ask("Content-Length: 1000000", body=b"{" * i))
    assert server.is_right()


NUMBERS = [0, -1, 2, 3, 10**30, 1.0, True, "1", [1], {"a": 1}, 1e300]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_call_by_a_wrong_number_is_not_made(server, number):
    session = server.opened()
    assert server.added(session, 7, number=number) in (400, 409)
    assert server.added(session, 1, number=1) == {"sum": 1}
    assert server.is_right()


def test_a_number_that_comes_again_with_another_call_is_answered_and_not_made(server):
    session = server.opened()
    assert server.added(session, 1, number=1) == {"sum": 1}
    assert server.added(session, 100, number=1) == {"sum": 1}
    assert server.added(session, 100, number=3) == 409
    assert server.added(session, 2, number=2) == {"sum": 3}
    assert server.added(session, 5, number=1) == 409
    assert server.http.get(f"/v1/sessions/{session}/state").json()["state"]["sum"] == 3


WANTED = [
    {"lease": 1e308}, {"lease": 0}, {"lease": -5}, {"lease": True}, {"lease": "9"}, {"lease": [9]},
    {"index": 1.5}, {"index": True}, {"index": None}, {"seed": 1.0}, {"seed": None}, {"seed": []},
    {"locale": 1}, {"locale": ["de"]}, {"tools": [["add"]]}, {"tools": [None]}, {"tools": {"add": 1}},
    {"tools": ["__class__"]}, {"tools": ["../add"]}, {"state": "x"}, {"state": 1}, {"__class__": 1},
    {"catalog": "os"}, {"isolation": "process"},
]  # fmt: skip


@pytest.mark.parametrize("wanted", WANTED, ids=json.dumps)
def test_a_session_that_nobody_may_want_is_not_opened(server, wanted):
    before = server.http.get("/health").json()["sessions"]
    refused = server.post("/v1/sessions", **wanted)
    assert refused.status_code == 400 and list(refused.json()) == ["error"]
    assert server.http.get("/health").json()["sessions"] == before
    assert server.is_right()


ODD = [
    {"seed": 10**4000}, {"seed": -(10**4000)}, {"index": 10**4000}, {"locale": "x" * 10_000}, {"locale": "\0"},
    {"locale": "../../etc"}, {"tools": ["add"] * 10_000}, {"tools": []}, {"state": {"sum": 10**4000}},
    {"state": {"": {"": ""}}}, {"state": {"__class__": {"__init__": 1}}}, {"state": {"sum": "x"}},
]  # fmt: skip


@pytest.mark.parametrize("wanted", ODD, ids=range(len(ODD)))
def test_an_odd_session_harms_itself_alone(server, wanted):
    opened = server.post("/v1/sessions", **wanted)
    assert opened.status_code in (200, 400), opened.text
    if opened.status_code == 200:
        for name in ("add", "dice"):
            arguments = {"amount": 1} if name == "add" else {}
            asked = server.post(
                "/v1/call", session=opened.json()["session"], call={"name": name, "arguments": arguments}
            )
            assert asked.status_code == 200 and asked.json()["result"]["status"] != "infra_error", asked.text
    assert server.is_right()


BATCHES: list[list[Any]] = [
    [None], [1, "x", []], [{}], [{"open": 1}], [{"open": {}, "close": "x"}], [{"close": {"a": 1}}], [{"close": None}],
    [{"open": {"seed": 1}}] * 50 + [{"close": "x"}] * 50, [{"session": "x", "call": {"name": "add"}}] * 1024,
]  # fmt: skip


@pytest.mark.parametrize("requests", BATCHES, ids=range(len(BATCHES)))
def test_each_part_of_an_odd_batch_is_answered(server, requests):
    answered = server.post("/v1/batch", requests=requests)
    lines = [json.loads(line) for line in answered.text.splitlines()]
    assert sorted(line["position"] for line in lines) == list(range(len(requests)))
    assert all(("error" in line and line["status"] < 500) or "session" in line for line in lines)
    assert server.is_right()
