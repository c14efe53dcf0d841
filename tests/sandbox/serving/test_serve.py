"""A real server in a process of its own, and a real client: what it answers, refuses and survives."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from sandbox import ToolCall, ToolResult, open_sandbox
from sandbox.client import RemoteError, RemoteSandbox, RemoteSession, connect
from sandbox.host.framing import encode
from sandbox.serving.app import MAX_BATCH, MAX_BODY_BYTES
from sandbox.types import STATUSES
from tests.sandbox.serving.refusals import assert_one_line

HERE = Path(__file__).resolve().parent.parent
TOKEN = "one tökén"
SESSIONS = 40


@dataclass
class Served:
    process: subprocess.Popen[str]
    url: str
    http: httpx.Client

    def send(self, method: str, path: str, token: str | None = TOKEN, **options: Any) -> httpx.Response:
        headers = {} if token is None else {b"Authorization": f"Bearer {token}".encode()}
        return self.http.request(method, self.url + path, headers=headers, **options)

    def metric(self, name: str) -> dict[str, float]:
        """A metric's values, by the values of its labels."""
        families = text_string_to_metric_families(self.send("GET", "/metrics").text)
        samples = [sample for family in families for sample in family.samples if sample.name == name]
        return {",".join(sample.labels.values()): sample.value for sample in samples}

    def opened(self) -> str:
        return self.send("POST", "/v1/sessions", json={}).json()["session"]


def command(*options: str) -> list[str]:
    level = ["--isolation", "process", "--catalog", "hostile_tools", "--workers", "1"]
    return [sys.executable, "-m", "sandbox.serve", "--port", "0", *level, *options]


def environment(token: str) -> dict[str, str]:
    path = os.pathsep.join([str(HERE.parent.parent), str(HERE)])
    return {**os.environ, "PYTHONPATH": path, "POLYGLOT_SANDBOX_TOKEN": token}


@contextlib.contextmanager
def serving(*options: str) -> Iterator[Served]:
    process = subprocess.Popen(
        command(*options),
        env=environment(TOKEN),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("The sandbox is at http://127.0.0.1:")
        with httpx.Client(timeout=60) as http:
            yield Served(process, line.split()[-1], http)
        process.kill()


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("--max-sessions", str(SESSIONS)) as server:
        yield server


@pytest.fixture(autouse=True)
def tools_of_this_folder(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))


def in_client(served: Served, steps: Callable[[RemoteSandbox], Coroutine[Any, Any, None]]) -> None:
    async def go() -> None:
        async with connect(served.url, TOKEN) as sandbox:
            await steps(sandbox)

    asyncio.run(go())


async def ask(session: RemoteSession, name: str, **arguments: Any) -> ToolResult:
    return await session.call(ToolCall("1", name, arguments))


def wait_for(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


PROGRAM = (
    "for n in (1, 2): got = call_tool('add', amount=n)\nprint('مرحبا')\nresult = [got, 0.1, {'é': None}]"
)
CALLS = [
    ToolCall("call-1", "add", {"amount": 5}),
    ToolCall("", "dice", {}),
    ToolCall("é", "write", {"count": 7}),
    ToolCall("1", "write", {"count": 300_000}),
    ToolCall("1", "spoil_and_fail", {}),
    ToolCall("1", "leave", {}),
    ToolCall("1", "python", {"code": PROGRAM}),
    ToolCall("1", "python", {"code": "got['sum'] += 1\nresult = got"}),
    ToolCall("1", "python", {"code": "1 / 0"}),
    ToolCall("1", "dice", {}),
    ToolCall("1", "hoard", {"count": 10}),
    ToolCall("1", "ad", {"amount": 5}),
    ToolCall("1", "x" * 10**7, {"x": "x" * 10**7}),
    ToolCall("1", "", {}),
    ToolCall("1", None, {}),
    ToolCall("1", ["add"], {}),  # type: ignore[arg-type]
    ToolCall("1", "add", None),
    ToolCall("1", "add", [5]),  # type: ignore[arg-type]
    ToolCall("1", "add", {"amount": "5"}),
    ToolCall("1", "add", {"amount": 5.0}),
    ToolCall("1", "add", {"amount": float("nan")}),
    ToolCall("1", "add", {"amount": 10**5000}),
    ToolCall("1", "add", {"amount": {1}}),
    ToolCall("1", "add", {1: 1}),  # type: ignore[dict-item]
    ToolCall("1", "add", {"amount": "\ud800"}),
    ToolCall("1", "\ud800", {}),
    ToolCall("1", "add", {"amount": 5, "note": "x" * 10**7}),
    ToolCall("1", "add", None, error="no closing\nbrace"),
    ToolCall("1", "add", {"amount": -5}),
]


def test_a_session_over_http_gives_what_a_local_one_gives(served):
    async def go() -> None:
        local = open_sandbox(workers=1, isolation="process", catalog="hostile_tools")
        names = ["add", "dice", "write", "spoil_and_fail", "leave", "python", "hoard"]
        given: dict[str, Any] = {"state": {"sum": 3, "名": [0.1, 1e300, None]}, "seed": 2**70, "tools": names}
        async with (
            local,
            connect(served.url, TOKEN) as remote,
            local.session(**given) as here,
            remote.session(**given) as there,
        ):
            assert remote.specs == local.specs
            for call in CALLS:
                one, other = await here.call(call), await there.call(call)
                assert encode([other.call_id, other.status, other.content]) == encode(
                    [one.call_id, one.status, one.content]
                )
                assert encode(there.state()) == encode(here.state())
                assert encode(there.snapshot()) == encode(here.snapshot())
            async with local.session(**there.snapshot()) as here, remote.session(**there.snapshot()) as there:
                one, other = [await s.call(ToolCall("1", "dice", {})) for s in (here, there)]
                assert one.status == other.status == "ok" and one.content == other.content

    asyncio.run(go())


def test_a_copy_of_the_state_is_the_caller_s(served):
    async def steps(sandbox: RemoteSandbox) -> None:
        async with sandbox.session() as session:
            await ask(session, "add", amount=2)
            session.state()["sum"] = session.snapshot()["state"]["sum"] = 9
            assert session.state() == {"sum": 2}

    in_client(served, steps)


def test_calls_of_a_session_run_in_order_and_sessions_side_by_side(served):
    async def one(sandbox: RemoteSandbox, start: int) -> None:
        async with sandbox.session({"sum": start}) as session:
            results = await asyncio.gather(*(ask(session, "add", amount=n) for n in range(5)))
            sums = [result.content["sum"] - start for result in results]
            assert sums == [0, 1, 3, 6, 10] and session.state() == {"sum": start + 10}

    async def steps(sandbox: RemoteSandbox) -> None:
        await asyncio.gather(*(one(sandbox, 100 * n) for n in range(30)))

    in_client(served, steps)


def test_a_batch_runs_each_session_in_order_and_answers_every_call_by_its_position(served):
    first, second = served.opened(), served.opened()
    asked = [(first, 1), (second, 10), (first, 2), ("gone", 0), (second, 20), (first, 3)]
    calls = [
        {"session": name, "call": {"id": str(n), "name": "slow_add", "arguments": {"amount": n}}}
        for name, n in asked
    ]
    body = served.send("POST", "/v1/batch", json={"requests": calls}).content
    lines = [json.loads(line) for line in body.split(b"\n")[:-1]]
    assert sorted(line["position"] for line in lines) == list(range(len(calls)))
    answers = sorted(lines, key=lambda line: line.pop("position"))
    gone = answers.pop(3)
    assert set(gone) == {"error", "status"} and "no such session" in gone["error"]
    assert [answer["result"]["call_id"] for answer in answers] == ["1", "10", "2", "20", "3"]
    assert [answer["state"]["sum"] for answer in answers] == [1, 10, 3, 30, 6]
    for name in (first, second):
        assert served.send("DELETE", f"/v1/sessions/{name}").status_code == 204


def test_what_is_wrong_in_a_batch_is_told_in_its_line_and_the_rest_runs(served):
    wrong = [
        1,
        {},
        {"open": 1},
        {"open": {"seed": "x"}},
        {"open": {}, "close": "x"},
        {"close": 5},
        {"close": "gone"},
    ]
    wrong += [{"session": "gone", "call": {}}, {"open": {"tools": ["nothing"]}}]
    body = served.send("POST", "/v1/batch", json={"requests": [*wrong, {"open": {"seed": 3}}]}).content
    lines = sorted(map(json.loads, body.splitlines()), key=lambda line: line["position"])
    assert [line.get("status") for line in lines] == [400] * 5 + [404] * 3 + [400, None]
    assert all(set(line) == {"position", "error", "status"} for line in lines[:-1])
    assert lines[-1]["seed"] == 3
    body = served.send("POST", "/v1/batch", json={"requests": [{"close": lines[-1]["session"]}]}).content
    assert json.loads(body) == {"position": 0}


def test_a_slow_call_holds_up_no_other_of_its_batch(served):
    async def steps(sandbox: RemoteSandbox) -> None:
        async with sandbox.session() as one, sandbox.session() as other:
            slow = asyncio.create_task(ask(one, "python", code="import time; time.sleep(2); result = 1"))
            quick = asyncio.create_task(ask(other, "add", amount=1))
            assert (await quick).content == {"sum": 1} and not slow.done()
            assert (await slow).content["result"] == 1

    in_client(served, steps)


@pytest.mark.parametrize(
    "body", [b"", b'{"position": 1}\n', b'{"position": "0"}\n', b"{}\n", b"no JSON\n", b'{"position": 0}']
)
def test_an_answer_that_is_none_is_our_failure(body):
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n"

    async def go() -> None:
        impostor = Impostor(head % len(body) + body)
        client = RemoteSandbox(f"http://127.0.0.1:{impostor.port}", None, 10.0)
        async with await impostor.start():
            with pytest.raises(RemoteError):
                await client.ask({"session": "x", "call": {}})
        await client.__aexit__(None, None, None)

    asyncio.run(go())


def test_the_state_comes_only_where_it_changed_and_whenever_asked_for(served):
    name = served.opened()
    answers = [
        served.send(
            "POST", "/v1/call", json={"session": name, "call": {"name": tool, "arguments": arguments}}
        )
        for tool, arguments in (("add", {"amount": 1}), ("dice", {}), ("add", {"amount": 0}))
    ]
    assert ["state" in answer.json() for answer in answers] == [True, False, False]
    assert served.send("GET", f"/v1/sessions/{name}/state").json() == {"state": {"sum": 1}}
    served.send("DELETE", f"/v1/sessions/{name}")


def test_a_result_that_others_could_not_read_spoils_no_other_call(served):
    async def steps(sandbox: RemoteSandbox) -> None:
        async with sandbox.session() as one, sandbox.session() as other:
            code = "result = 1\nfor _ in range(900): result = [result]"
            deep, sound = await asyncio.gather(ask(one, "python", code=code), ask(other, "add", amount=1))
            assert deep.status == "tool_error" and sound.content == {"sum": 1}

    in_client(served, steps)


@pytest.mark.parametrize("token", [None, "wrong", TOKEN + "x", TOKEN[:-1]])
def test_without_the_token_nothing_is_served(served, token):
    for method, path in (
        ("GET", "/v1/tools"),
        ("POST", "/v1/sessions"),
        ("GET", "/metrics"),
        ("GET", "/none"),
    ):
        refused = served.send(method, path, token)
        assert (refused.status_code, refused.json()) == (401, {"error": "this server asks for its token"})
    assert served.send("POST", "/v1/call", token, content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 401
    assert served.send("GET", "/health", token).status_code == 200


def test_a_client_with_a_wrong_token_is_told_at_once(served):
    async def go() -> None:
        async with connect(served.url, "wrong"):
            pass

    with pytest.raises(RemoteError, match="this server asks for its token") as refused:
        asyncio.run(go())
    assert refused.value.status == 401


def deep(levels: int) -> bytes:
    return b'{"state":' + b'{"x":' * levels + b"1" + b"}" * levels + b"}"


CALL = b'{"session": "gone", "call": {"name": "add", "arguments": {"amount": 1}}}'
REFUSED = [
    ("/v1/sessions", b"", 400, "the body is not JSON"),
    ("/v1/sessions", b"{", 400, "the body is not JSON"),
    ("/v1/sessions", b"[]", 400, "the body is not a JSON object"),
    ("/v1/sessions", b"\xff\xfe", 400, "the body is not JSON"),
    ("/v1/sessions", b'{"seed": NaN}', 400, "NaN is not JSON"),
    ("/v1/sessions", b'{"seed": 1e999}', 400, "1e999 is out of range"),
    ("/v1/sessions", b'{"seed": ' + b"9" * 5000 + b"}", 400, "the body is not JSON"),
    ("/v1/sessions", b'{"seed": true}', 400, "'seed' must be an integer"),
    ("/v1/sessions", b'{"seed": "1"}', 400, "'seed' must be an integer"),
    ("/v1/sessions", b'{"index": -1}', 400, "'index' one that is not negative"),
    ("/v1/sessions", b'{"state": []}', 400, "'state' must be an object"),
    ("/v1/sessions", b'{"tools": "add"}', 400, "'tools' must be a list of names"),
    ("/v1/sessions", b'{"tools": [1]}', 400, "'tools' must be a list of names"),
    ("/v1/sessions", b'{"tools": ["rm"]}', 400, "the sandbox has no tool 'rm'"),
    ("/v1/sessions", b'{"sede": 1}', 400, "'sede' is unknown here"),
    ("/v1/sessions", deep(500), 400, "nested deeper than 200 levels"),
    ("/v1/sessions", deep(10**5), 400, "the body is not JSON"),
    ("/v1/sessions", b'{"state": {"x": "' + b"x" * 5_000_000 + b'"}}', 400, "may have 4096 KB"),
    ("/v1/sessions", b" " * (MAX_BODY_BYTES + 1), 413, "over the limit of 8 MB"),
    ("/v1/call", CALL, 404, "no such session"),
    ("/v1/call", b"{}", 400, "a call needs 'session'"),
    ("/v1/call", b'{"session": ["gone"], "call": {}}', 400, "a call needs 'session'"),
    ("/v1/call", b'{"session": "gone", "call": []}', 400, "a call needs 'session'"),
    (
        "/v1/call",
        b'{"session": "gone", "call": {"id": 1}}',
        400,
        "'id' and 'error' of a call must be strings",
    ),
    ("/v1/call", b'{"session": "gone", "call": {"nmae": 1}}', 400, "'nmae' is unknown here"),
    ("/v1/batch", b"{}", 400, "'requests' must be a list"),
    ("/v1/batch", b'{"requests": {}}', 400, "'requests' must be a list"),
    (
        "/v1/batch",
        b'{"requests": [' + b"1," * MAX_BATCH + b"1]}",
        400,
        "'requests' must be a list of at most",
    ),
    ("/v1/nothing", b"{}", 404, "Not Found"),
    ("/health", b"{}", 405, "Method Not Allowed"),
]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"), REFUSED, ids=[str(i) for i in range(len(REFUSED))]
)
def test_a_wrong_request_is_answered_with_one_line(served, path, body, status, said):
    assert_one_line(served.send("POST", path, content=body), status, said)


def test_a_body_in_parts_is_bounded_too(served):
    parts = (b" " * 2**20 for _ in range(MAX_BODY_BYTES // 2**20 + 1))
    assert served.send("POST", "/v1/sessions", content=parts).status_code == 413


def test_a_session_that_is_closed_or_was_never_opened_is_not_found(served):
    closed = served.opened()
    assert served.send("DELETE", f"/v1/sessions/{closed}").status_code == 204
    for name in (closed, "never", "%00", "../v1"):
        assert served.send("GET", f"/v1/sessions/{name}/state").status_code == 404
        assert served.send("DELETE", f"/v1/sessions/{name}").status_code == 404


def test_sessions_have_names_that_cannot_be_guessed(served):
    names = [served.opened() for _ in range(5)]
    assert len(set(names)) == 5 and min(map(len, names)) >= 22
    for name in names:
        served.send("DELETE", f"/v1/sessions/{name}")


def test_there_is_room_for_so_many_sessions_and_again_once_one_is_closed(served):
    async def steps(sandbox: RemoteSandbox) -> None:
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(SESSIONS):
                await stack.enter_async_context(sandbox.session())
            with pytest.raises(RemoteError, match=f"{SESSIONS} sessions are open") as full:
                await sandbox.session().__aenter__()
            assert full.value.status == 429
        async with sandbox.session() as session:
            assert (await ask(session, "add", amount=1)).status == "ok"

    in_client(served, steps)
    assert served.send("GET", "/health").json() == {"sessions": 0}


def test_a_session_that_cannot_be_is_refused_as_a_local_one_is(served):
    async def steps(sandbox: RemoteSandbox) -> None:
        cases: list[tuple[dict[str, Any], str]] = [
            ({"tools": ["rm"]}, "no tool 'rm'"),
            ({"state": {"x": "x" * 5_000_000}}, "4096 KB"),
        ]
        for wrong, said in cases:
            with pytest.raises(ValueError, match=said):
                await sandbox.session(**wrong).__aenter__()

    in_client(served, steps)


def test_metrics_count_calls_by_status_and_name_nothing_that_a_model_wrote(served):
    before = served.metric("sandbox_calls_total")

    async def steps(sandbox: RemoteSandbox) -> None:
        async with sandbox.session() as session:
            for name in ("add", "add", "a name that a model made up"):
                await ask(session, name, amount=1)
            assert (served.metric("sandbox_sessions"), served.metric("sandbox_calls_running")) == (
                {"": 1},
                {"": 0},
            )

    in_client(served, steps)
    after = served.metric("sandbox_calls_total")
    assert set(after) == set(STATUSES)
    assert {status: after[status] - before[status] for status in after if after[status] > before[status]} == {
        "ok": 2,
        "invalid_call": 1,
    }
    assert served.metric("sandbox_call_seconds_count")[""] == sum(after.values())
    assert "made up" not in served.send("GET", "/metrics").text


def test_a_call_that_nobody_waits_for_leaves_the_others_alone_and_its_session_behind(served):
    async def steps(sandbox: RemoteSandbox) -> None:
        async with sandbox.session() as one, sandbox.session() as other:
            left = asyncio.create_task(ask(one, "sleep", seconds=0.2))
            stays = asyncio.create_task(ask(other, "add", amount=1))
            await asyncio.sleep(0.05)
            left.cancel()
            assert (await stays).content == {"sum": 1}
            assert (await ask(one, "add", amount=1)).status == "infra_error"

    in_client(served, steps)


def test_a_session_is_closed_after_its_call_in_flight(served):
    async def steps(sandbox: RemoteSandbox) -> None:
        async with sandbox.session() as session:
            await ask(session, "python", code="result = 0")
            code = "import time; time.sleep(0.3); result = 1"
            call = asyncio.create_task(ask(session, "python", code=code))
            await asyncio.to_thread(wait_for, lambda: served.metric("sandbox_calls_running") == {"": 1})
        assert (await call).content["result"] == 1

    in_client(served, steps)


def test_an_idle_session_is_closed():
    with serving("--idle-seconds", "0.2") as served:

        async def steps(sandbox: RemoteSandbox) -> None:
            async with sandbox.session() as session:
                assert (await ask(session, "sleep", seconds=0.5)).status == "ok"  # a call is not idleness
                wait_for(lambda: served.send("GET", "/health").json() == {"sessions": 0})
                lost = await ask(session, "add", amount=1)
                assert lost.status == "infra_error" and "idle for too long" in lost.content["error"]

        in_client(served, steps)


def during_a_call(served: Served, number: int) -> list[ToolResult]:
    """The results of a call during which the server gets a signal, and of one afterwards."""
    results: list[ToolResult] = []

    async def steps(sandbox: RemoteSandbox) -> None:
        async with sandbox.session() as session:
            call = asyncio.create_task(ask(session, "sleep", seconds=0.5))
            await asyncio.to_thread(wait_for, lambda: served.metric("sandbox_calls_running") == {"": 1})
            served.process.send_signal(number)
            results.append(await call)
            await asyncio.to_thread(served.process.wait, 60)
            results.append(await ask(session, "add", amount=1))

    in_client(served, steps)
    return results


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_calls_in_flight_finish(number):
    with serving() as served:
        finished, after = during_a_call(served, number)
        assert (finished.status, finished.content) == ("ok", 0.5)
        assert after.status == "infra_error"
        assert served.process.returncode == 0


def test_a_killed_server_is_our_failure_not_the_model_s():
    with serving() as served:
        for result in during_a_call(served, signal.SIGKILL):
            assert result.status == "infra_error" and "is lost" in result.content["error"]


def test_a_client_of_nothing_says_so():
    async def go() -> None:
        async with connect("http://127.0.0.1:1"):
            pass

    with pytest.raises(RemoteError, match=r"the sandbox at http://127\.0\.0\.1:1 is lost"):
        asyncio.run(go())


class Impostor:
    """A server that gives each request the same bytes and hangs up."""

    def __init__(self, answer: bytes):
        self.answer, self.asked = answer, 0
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]

    async def start(self) -> asyncio.Server:
        return await asyncio.start_server(self.hear, "127.0.0.1", self.port)

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        writer.write(self.answer)
        writer.close()


def test_a_request_that_was_not_sent_is_sent_again():
    async def go() -> None:
        impostor = Impostor(b'HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{"tools": []}')
        client = connect(f"http://127.0.0.1:{impostor.port}")
        entering = asyncio.create_task(client.__aenter__())
        await asyncio.sleep(0.1)
        async with await impostor.start():
            await entering
        assert impostor.asked == 1 and client.specs == {}
        await client.__aexit__(None, None, None)

    asyncio.run(go())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "is lost: RemoteProtocolError"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", "is lost: RemoteProtocolError"),
        (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 6\r\n\r\n<html>", "no sandbox's"),
        (b'HTTP/1.1 503 Busy\r\ncontent-length: 17\r\n\r\n{"error": "busy"}', "^busy$"),
    ],
)
def test_a_request_that_was_sent_is_not_sent_again(answer, said):
    async def go() -> None:
        impostor = Impostor(answer)
        async with await impostor.start():
            with pytest.raises(RemoteError, match=said):
                await connect(f"http://127.0.0.1:{impostor.port}").__aenter__()
        assert impostor.asked == 1

    asyncio.run(go())


def test_a_peer_that_hangs_up_in_the_middle_of_a_request_is_no_news(served):
    for text in (b"POST /v1/call HTTP/1.1\r\nhost: x\r\n", b"nonsense\r\n\r\n", b"x" * 100_000):
        with socket.create_connection(("127.0.0.1", int(served.url.rsplit(":", 1)[1]))) as peer:
            peer.sendall(text)
    head = (
        f"POST /v1/call HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\nauthorization: Bearer {TOKEN}\r\n\r\n{{"
    )
    with socket.create_connection(("127.0.0.1", int(served.url.rsplit(":", 1)[1]))) as peer:
        peer.sendall(head.encode())
    assert served.send("GET", "/health").status_code == 200


def failing(*options: str, token: str = TOKEN) -> str:
    """What a server says that cannot start: one line, and the exit code is 1."""
    done = subprocess.run(
        command(*options), env=environment(token), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_what_keeps_a_server_from_starting_is_one_sentence(served):
    port = served.url.rsplit(":", 1)[1]
    assert f"cannot listen on 127.0.0.1 port {port}" in failing("--port", port)
    assert "set a token in POLYGLOT_SANDBOX_TOKEN" in failing("--host", "0.0.0.0", token="")
    assert "set it to at least 256" in failing("--memory-mb", "1")
