"""A real HTTP server in the judge's place, which answers well, or fails in every way."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CRITERIA = ("faithful", "natural", "manner", "amounts")


class Server(ThreadingHTTPServer):
    """Gives the queued answers, then ``otherwise``; keeps what it was asked, and when.

    An answer is ``(status, body)``, ``(status, body, headers)``, or a function of the handler.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Any] = []
        self.otherwise: Callable[[dict[str, Any]], str] | None = None
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[float] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def next_answer(self, request: dict[str, Any]) -> Any:
        with self.lock:
            if self.answers:
                return self.answers.pop(0)
        assert self.otherwise, "no answer is left"
        return 200, self.otherwise(request)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.times.append(time.monotonic())
        self.server.headers.append(dict(self.headers))
        self.server.requests.append(request)
        answer = self.server.next_answer(request)
        if callable(answer):
            answer(self)
        else:
            self.give(*answer)

    def give(self, status: int, body: str, headers: dict[str, str] | None = None, cut: int = 0) -> None:
        data = body.encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data) + cut))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        pass


def half_a_body(handler: Handler) -> None:
    handler.give(200, GOOD, cut=len(GOOD))


def hangs_up(handler: Handler) -> None:
    handler.connection.close()


def never_answers(handler: Handler) -> None:
    time.sleep(3)


def drips(handler: Handler) -> None:
    _stream(handler, b" ", pause=0.05, times=100)


def never_ends(handler: Handler) -> None:
    _stream(handler, b"[" * 65536, pause=0.0, times=10_000)


def _stream(handler: Handler, chunk: bytes, pause: float, times: int) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(times):
            handler.wfile.write(chunk)
            time.sleep(pause)
    except OSError:  # the client has had enough
        pass


def completion(content: str, usage: dict[str, int] | None = None) -> str:
    return json.dumps({"choices": [{"message": {"content": content}}], "usage": usage})


def grades(score: float | dict[str, float] = 0.75, reason: str = "clear", **usage: int) -> str:
    """A well-formed answer: the same score for each criterion, or one each."""
    scores = score if isinstance(score, dict) else dict.fromkeys(CRITERIA, score)
    answer = {name: {"reason": reason, "score": value} for name, value in scores.items()}
    return completion(json.dumps(answer), usage or None)


GOOD = grades()


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()
