"""MCP servers: real ones, as processes and over streamable HTTP, that do well and that do what they should not."""

import asyncio
import contextlib
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import ToolCall, open_sandbox
from sandbox.backends.base import Answer, Limits
from sandbox.backends.mcp import connection, servers
from sandbox.backends.mcp.servers import Surroundings
from sandbox.backends.mcp.tools import McpSession, McpTools
from sandbox.client import connect
from sandbox.isolation.bubblewrap import probe

HERE = Path(__file__).resolve().parents[2]
ROOT = HERE.parent.parent
CALM, HOSTILE = str(HERE / "calm_mcp_server.py"), str(HERE / "hostile_mcp_server.py")
KEY = "s3cret-atlas-key"
CONFINED = not probe()["missing"]
full = pytest.mark.skipif(not CONFINED, reason=f"not isolated here: {probe()['how_to_get']}")


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


LEVEL = "full" if CONFINED else "process"


def surroundings(wall: float = 20.0, level: str = LEVEL) -> Surroundings:
    limits = Limits(
        wall, cpu_seconds=2, memory_mb=1024, program_mb=256, disk_mb=16, output_kb=256, recycle_calls=1000
    )
    return Surroundings(limits, level, [])


@contextlib.asynccontextmanager
async def tools(
    *servers: dict[str, Any], wall: float = 20.0, most: int = 8, **options: Any
) -> AsyncIterator[McpTools]:
    found = McpTools(servers, surroundings(wall, **options), most)
    await found.start()
    try:
        yield found
    finally:
        await found.close()


@contextlib.asynccontextmanager
async def opened(found: McpTools) -> AsyncIterator[McpSession]:
    session = found.session()
    try:
        yield session
    finally:
        await session.close()


def hostile(*arguments: str, **options: Any) -> dict[str, Any]:
    return {"command": ["python", HOSTILE, *arguments], **options}


def still_running() -> list[str]:
    """The command lines of servers that are left."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = process.joinpath("cmdline").read_bytes().decode("utf-8", "replace")
            if "_mcp_server.py" in line and "pytest" not in line:
                found.append(line)
    return found


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    yield
    deadline = time.monotonic() + 10
    while still_running() and time.monotonic() < deadline:  # the kernel takes a moment to end a namespace
        time.sleep(0.01)
    assert still_running() == []


@pytest.fixture(scope="module")
def over_http() -> Iterator[str]:
    """The URL of the server that all tests of HTTP share."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)])}
    command = [sys.executable, str(HERE / "mcp_over_http.py")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


@pytest.fixture(params=["stdio", "http"])
def calm(request: pytest.FixtureRequest) -> dict[str, Any]:
    if request.param == "stdio":
        return {"command": ["python", CALM]}
    return {"url": f"{request.getfixturevalue('over_http')}/mcp"}


async def told(session: McpSession, name: str, **arguments: Any) -> tuple[str, Any]:
    answer = await session.call(name, arguments)
    return answer.status, answer.content


def is_one_line(answer: Answer) -> bool:
    said = answer.content["error"]
    return set(answer.content) == {"error"} and "\n" not in said and 0 < len(said) <= 300


def test_what_a_calm_server_does(calm):
    """Every way in which a call can go, one after the other in two sessions, each with a state of its own."""

    async def work() -> None:
        async with tools(calm) as found, opened(found) as one, opened(found) as other:
            spec = found.specs["keep_note"]
            assert spec.parameters["required"] == ["text"] and not spec.parameters["additionalProperties"]
            assert spec.description == "Bewaart een notitie en geeft alle notities van deze sessie terug."
            for text in ("لا تنسَ الخبز", "नमस्ते"):
                await asyncio.gather(
                    one.call("keep_note", {"text": text}), other.call("keep_note", {"text": text})
                )
            notes = ["لا تنسَ الخبز", "नमस्ते", "i̇stanbul"]
            assert await told(one, "keep_note", text="i̇stanbul") == ("ok", {"notes": notes})

            assert await told(one, "dessert", language="he") == ("ok", "סוּפְגָּנִיָּה")
            assert await told(one, "as_json", text='{"größe": [1, 2.5, null]}') == (
                "ok",
                {"größe": [1, 2.5, None]},
            )
            for text in ("NaN", "[" * 5000, '{"a": 1', "1e999"):
                assert await told(one, "as_json", text=text) == ("ok", text)
            picture = {"type": "image", "mimeType": "image/png", "bytes": 1_000_000}
            assert await told(one, "parts") == ("ok", ["ສະບາຍດີ", {"n": 1}, picture])

            refused = await one.call("refuse", {"why": "не сегодня\nпопробуйте\u2028завтра " + "!" * 1000})
            assert refused.status == "tool_error" and is_one_line(refused)
            assert "не сегодня попробуйте завтра !" in refused.content["error"]
            for code in (-32602, -32601, 404):
                assert await told(one, "protocol_error", code=code) == (
                    "tool_error",
                    {"error": "no such parcel"},
                )

            for tool, arguments in (("big", {"kilobytes": 257}), ("deep", {"levels": 160})):
                much = await one.call(tool, arguments)
                assert much.status == "output_limit" and is_one_line(much)
            assert (await told(one, "big", kilobytes=200))[0] == "ok"
            assert await told(one, "keep_note", text="") == (
                "ok",
                {"notes": [*notes, ""]},
            )  # through all of it

            assert (await told(one, "big", kilobytes=5000))[0] == "output_limit"  # more than is listened to
            assert await told(one, "keep_note", text="от начала") == ("ok", {"notes": ["от начала"]})
            assert await told(one, "protocol_error", code=-32603) == (
                "infra_error",
                {"error": f"{label(calm)}: no such parcel"},
            )
            assert await told(one, "dessert", language="vi") == ("ok", "Chè ba màu")
            assert await told(other, "keep_note", text="") == ("ok", {"notes": [*notes[:2], ""]})

    run(work())


def label(server: dict[str, Any]) -> str:
    return server.get("url") or " ".join(server["command"])


def test_a_call_that_takes_too_long_ends_its_session_alone(over_http):
    async def work() -> None:
        async with (
            tools({"url": f"{over_http}/mcp"}, wall=1.0) as found,
            opened(found) as slow,
            opened(found) as other,
        ):
            assert (await told(other, "keep_note", text="a"))[0] == "ok"
            assert (await told(slow, "keep_note", text="a"))[0] == "ok"
            late = await slow.call("wait", {"seconds": 3600})
            assert late.status == "wall_timeout" and late.content == {
                "error": "the call took more than 1 seconds"
            }
            assert await told(slow, "keep_note", text="b") == ("ok", {"notes": ["b"]})
            assert await told(other, "keep_note", text="b") == ("ok", {"notes": ["a", "b"]})

    run(work())


HOSTILE_CALLS = {
    "nan": "tool_error",
    "huge number": "tool_error",
    "endless integer": "tool_error",
    "half a surrogate": "infra_error",
    "deep": "output_limit",
    "quite deep": "output_limit",
    "no result": "infra_error",
    "breaks off": "infra_error",
    "one line": "output_limit",
    "many lines": "output_limit",
    "notifications": "output_limit",
    "questions": "output_limit",
    "lists": "output_limit",
    "objects": "output_limit",
    "lists beside": "output_limit",
    "an error of lists": "output_limit",
    "many parts": "output_limit",
    "a long text": "output_limit",
    "a long error": "tool_error",
    "hangs": "wall_timeout",
    "computes": "wall_timeout",
    "dies": "infra_error",
    "closes": "wall_timeout" if CONFINED else "infra_error",  # bubblewrap holds its stdout, too
}


def test_a_hostile_process_harms_its_own_call_alone():
    async def work() -> None:
        async with tools(hostile(), wall=4.0) as found, opened(found) as calm_one:
            assert await told(calm_one, "attack") == ("ok", "call 1")
            for kind, status in HOSTILE_CALLS.items():
                async with opened(found) as session:
                    answer = await session.call("attack", {"kind": kind})
                    assert answer.status == status and is_one_line(answer), (kind, answer)
                    assert (await told(session, "attack"))[0] == "ok", kind
            assert await told(calm_one, "attack") == ("ok", "call 2")

    run(work())


def test_a_process_has_a_bound_on_its_cpu_time(monkeypatch):
    monkeypatch.setattr(servers, "CPU_SECONDS_TO_START", 0)

    async def work() -> None:
        async with tools(hostile(), wall=60.0) as found, opened(found) as session:
            spent = await session.call("attack", {"kind": "computes"})
            assert spent.status == "cpu_timeout" and is_one_line(spent)
            assert await told(session, "attack") == ("ok", "call 1")

    run(work())


def test_what_a_process_says_beside_its_answer_is_passed_over():
    async def work() -> None:
        async with tools(hostile()) as found, opened(found) as session:
            assert await told(session, "attack", kind="prints") == ("ok", "printed")
            assert await told(session, "attack", kind="another's answer") == ("ok", "mine")
            assert await told(session, "attack", kind="asks us") == ("ok", "an error")
            assert await told(session, "attack", kind="stderr") == ("ok", "said it all")
            assert await told(session, "attack", kind="an object") == ("ok", {"a": {}})
            assert await told(session, "attack") == ("ok", "call 6")

    run(work())


def test_a_process_that_is_lost_takes_its_session_with_it_and_is_not_asked_twice():
    async def work() -> None:
        async with tools(hostile()) as found, opened(found) as session:
            quits = await session.call("attack", {"kind": "quits"})
            assert quits.status == "infra_error" and "exit status 7: so long" in quits.content["error"]
            assert await told(session, "attack", kind="dies later") == ("ok", "bye")
            lost = await session.call("attack", {})  # what the first had set up is gone: not a second time
            assert lost.status == "infra_error" and "exit status 3" in lost.content["error"]
            assert await told(session, "attack") == ("ok", "call 1")

    run(work())


@pytest.mark.parametrize("mode", ["exits", "silent", "garbage", "floods", "pages"])
def test_a_server_that_cannot_be_talked_to_is_named_with_the_reason(mode, monkeypatch):
    monkeypatch.setenv("ATLAS", KEY)
    monkeypatch.setattr(connection, "START_SECONDS", 2.0 if mode == "silent" else 60.0)
    reasons = {
        "exits": "ended with exit status 1: is wrong: [ATLAS]",
        "silent": "did not answer within 2 seconds",
        "garbage": "ended with exit status 0",
        "floods": "said more than 4 MB",
        "pages": "lists more than",
    }

    async def work() -> None:
        async with tools(hostile(mode, env={"ATLAS_KEY": "${env:ATLAS}"})):
            pass

    with pytest.raises(ValueError, match="hostile_mcp_server") as refused:
        run(work())
    assert reasons[mode] in str(refused.value) and KEY not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("remote", r"http://127.0.0.1:9/schema.json' is not within this document"),
        ("exponential", "parts; cut the document down"),
        ("chain", "nested too deeply"),
        ("huge", "over 64 KB|too many values"),
        ("no_schema", "is not JSON Schema"),
        ("list", "is not one of the protocol"),
        ("python", "cannot be a tool's here"),
        ("pages of schemas", "schemas are over 2 MB"),
    ],
)
def test_a_list_of_tools_that_lies_is_refused(mode, reason):
    async def work() -> None:
        async with tools(hostile(mode)):
            pass

    with pytest.raises(ValueError, match=reason):
        run(work())


def test_names_are_made_fit_and_patterns_left_out():
    async def work() -> None:
        with pytest.raises(ValueError, match="'ок' cannot be a tool's here"):
            async with tools(hostile("names")):
                pass
        async with tools(hostile("slow")) as found, opened(found) as session:
            assert found.specs["attack"].parameters["properties"] == {"a": {"type": "string"}}
            assert await told(session, "attack", a="a" * 60 + "b") == ("ok", "call 1")

    run(work())


def test_names_that_come_twice_are_refused():
    async def twice() -> None:
        async with tools(hostile(), hostile("again")):
            pass

    async def as_the_catalog_s() -> None:
        async with open_sandbox(workers=1, isolation="process", mcp=[hostile("taken")]):
            pass

    with pytest.raises(
        ValueError, match=r"a name that is taken by python .*hostile_mcp_server.py; rename it there"
    ):
        run(twice())
    with pytest.raises(
        ValueError, match=r"hostile_mcp_server.py taken has a tool 'world_time', a name that is taken"
    ):
        run(as_the_catalog_s())


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("python -m x", "must be an object with a command or a url"),
        ({}, "has 0 of them; write one"),
        ({"command": ["python", "-m", "x"], "url": "http://127.0.0.1/mcp"}, "has 2 of them; write one"),
        ({"command": "python -m x"}, r"write \[python, -m, my_server\]"),
        ({"command": ["python", CALM], "headers": {}}, "a server with a command has no 'headers'"),
        ({"command": ["python", CALM], "cwd": "/"}, "it has command, env, isolated, network"),
        ({"command": ["npx", "server"]}, "npx server: cannot be isolated"),
        ({"command": ["python", "-c", "0"]}, "cannot be isolated; write"),
        ({"command": ["python", "nowhere.py"]}, "there is no file nowhere.py"),
        ({"command": ["no-such-program"], "isolated": False}, "there is no program 'no-such-program'"),
        (
            {"command": ["python", CALM], "env": {"K": "${env:NOT_SET_ANYWHERE}"}},
            "NOT_SET_ANYWHERE is not set",
        ),
        ({"command": ["python", CALM], "env": {"K": 1}}, "env must be an object of texts"),
        ({"url": "ftp://127.0.0.1"}, "not an absolute http or https URL"),
        (
            {"url": "http://127.0.0.1/", "headers": {"A": "${env:NOT_SET_ANYWHERE}"}},
            "NOT_SET_ANYWHERE is not set",
        ),
    ],
)
def test_a_server_that_is_not_described_well_is_refused(config, reason):
    with pytest.raises(ValueError, match=reason):
        McpTools([config], surroundings(), 1)


def test_where_isolation_is_missing_only_servers_that_ask_for_none_are_taken():
    lacking = Surroundings(surroundings().limits, "process", ["bubblewrap: install it"])
    with pytest.raises(ValueError, match="cannot run isolated on this machine; bubblewrap: install it"):
        McpTools([{"command": ["python", CALM]}], lacking, 1)
    McpTools(
        [{"command": ["python", CALM], "isolated": False}, {"url": "http://127.0.0.1:9/mcp"}], lacking, 1
    )


async def attempts(session: McpSession) -> dict[str, Any]:
    """What becomes of what an isolated server cannot do."""
    found = {}
    for what in ("connect", "fork", "passwd", "write"):
        found[what] = (await session.call("attack", {"kind": f"attempt {what}"})).content
    return found


@full
def test_an_isolated_server_has_nothing_but_what_it_was_given(monkeypatch):
    monkeypatch.setenv("ATLAS", KEY)
    monkeypatch.setenv("NOT_NAMED", "not to be seen")
    monkeypatch.syspath_prepend(str(HERE))
    named = {"ATLAS_KEY": "${env:ATLAS}", "CITY": "القاهرة"}
    fixed = {"PYTHONPATH", "PYTHONHASHSEED", "PYTHONUTF8", "TZ", "PWD", "LC_CTYPE", "LD_LIBRARY_PATH"}
    away = {
        "connect": "PermissionError",
        "fork": "PermissionError",
        "passwd": "FileNotFoundError",
        "write": "OSError",
    }

    async def work() -> None:
        server = {"command": ["python", "-m", "hostile_mcp_server"], "env": named}
        async with tools(server) as found, opened(found) as session:
            status, environment = await told(session, "attack", kind="environment")
            assert status == "ok" and set(environment) - fixed == set(named)
            assert environment["CITY"] == "القاهرة" and environment["ATLAS_KEY"] == "[ATLAS]"
            assert await attempts(session) == away
            assert await told(session, "attack") == ("ok", "call 6")
        async with tools({**server, "network": True}) as found, opened(found) as session:
            assert await attempts(session) == away | {"connect": "ConnectionRefusedError"}

    run(work())


def test_a_server_that_is_not_isolated_has_the_machine_and_an_environment_of_what_is_named(monkeypatch):
    monkeypatch.setenv("NOT_NAMED", "not to be seen")

    async def work() -> None:
        for command in (["python", HOSTILE], [sys.executable, HOSTILE]):
            server = {"command": command, "isolated": False, "env": {"CITY": "Αθήνα"}}
            async with tools(server) as found, opened(found) as session:
                status, environment = await told(session, "attack", kind="environment")
                assert status == "ok" and environment["CITY"] == "Αθήνα" and "NOT_NAMED" not in environment
                assert (await attempts(session))["passwd"] == "done"

    run(work())


@pytest.mark.parametrize(
    ("path", "status"),
    {
        "one_line": "output_limit",
        "many_events": "output_limit wall_timeout",  # whichever comes first
        "lists": "output_limit",
        "events_of_lists": "output_limit",
        "crumbs": "output_limit wall_timeout",
        "comments": "output_limit wall_timeout",
        "deep": "output_limit",
        "gzip": "infra_error",
        "html": "infra_error",
        "hangs": "wall_timeout",
        "http_500": "infra_error",
        "breaks_off": "infra_error",
        "no_json": "infra_error",
    }.items(),
)
def test_a_hostile_answer_over_http_harms_its_own_call_alone(over_http, path, status, monkeypatch):
    monkeypatch.setattr(connection, "CLOSE_SECONDS", 0.5)  # one of them does not let us go either

    async def work() -> None:
        async with tools({"url": f"{over_http}/hostile/{path}"}, wall=3.0) as found, opened(found) as session:
            answer = await session.call(path, {"kind": "attack"})
            assert answer.status in status.split() and is_one_line(answer)
            assert await told(session, path) == ("ok", "calm")

    run(work())


def test_redirects_stay_with_the_server(over_http):
    async def work() -> None:
        async with tools({"url": f"{over_http}/beside"}) as found, opened(found) as session:
            assert await told(session, "dessert", language="fr") == ("ok", "crème brûlée")
        async with tools({"url": f"{over_http}/moved"}):
            pass

    with pytest.raises(ValueError, match="not followed"):
        run(work())


def test_a_secret_goes_to_its_server_and_nowhere_else(over_http, monkeypatch, caplog):
    monkeypatch.setenv("ATLAS", KEY)
    server = {"url": f"{over_http}/guarded", "headers": {"Authorization": "Bearer ${env:ATLAS}"}}

    async def work() -> None:
        async with tools(server) as found, opened(found) as session:
            assert found.specs["tell"].description == "[ATLAS]"
            assert await told(session, "tell") == ("ok", "key [ATLAS]")
        async with tools({"url": f"{over_http}/guarded?key=${{env:ATLAS}}"}):
            pass

    with caplog.at_level(logging.DEBUG), pytest.raises(ValueError, match="HTTP 401") as refused:
        run(work())
    assert KEY not in caplog.text and KEY not in str(refused.value) and "${env:ATLAS}" in str(refused.value)


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(
        ValueError, match=r"mcp: http://127.0.0.1:9/mcp: the server did not answer \(ConnectError\)"
    ):
        run(tools({"url": "http://127.0.0.1:9/mcp"}).__aenter__())


def test_no_more_sessions_hold_servers_than_may(monkeypatch):
    async def work() -> None:
        async with tools(hostile(), most=1) as found, opened(found) as waits:
            async with opened(found) as holds:
                assert (await told(holds, "attack"))[0] == "ok"
                waiting = asyncio.create_task(waits.call("attack", {}))
                assert not (await asyncio.wait({waiting}, timeout=0.5))[0]
            assert (await waiting).status == "ok"
            monkeypatch.setattr("sandbox.backends.mcp.tools.START_SECONDS", 0.1)
            async with opened(found) as late:
                assert await told(late, "attack") == (
                    "infra_error",
                    {
                        "error": f"{label(hostile())}: too many sessions hold a server already; raise sandbox.programs"
                    },
                )

    run(work())


def test_a_session_that_is_closed_while_it_waits_takes_no_room():
    async def work() -> None:
        async with tools(hostile(), most=1) as found:
            async with opened(found) as holds:
                assert (await told(holds, "attack"))[0] == "ok"
                waits = found.session()
                waiting = asyncio.create_task(waits.call("attack", {}))
                assert not (await asyncio.wait({waiting}, timeout=0.5))[0]
                await waits.close()
            assert (await waiting).status == "infra_error"
            async with opened(found) as next_one:
                assert (await told(next_one, "attack"))[0] == "ok"

    run(work())


def test_a_session_that_is_closed_during_a_call_leaves_nothing():
    async def work() -> None:
        async with tools(hostile()) as found:
            session = found.session()
            call = asyncio.create_task(session.call("attack", {"kind": "hangs"}))
            while not still_running():
                await asyncio.sleep(0.01)
            await session.close()
            assert (await call).status == "infra_error"
            cancelled = found.session()
            call = asyncio.create_task(cancelled.call("attack", {"kind": "hangs"}))
            await asyncio.sleep(0.5)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert await told(cancelled, "attack") == ("ok", "call 1")
            await cancelled.close()

    run(work())


def test_in_the_sandbox_its_tools_are_tools_like_any_other(over_http):
    both = [{"url": f"{over_http}/mcp"}, hostile()]
    level = "full" if CONFINED else "process"
    program = "result = [call_tool('dessert', language='ar'), call_tool('keep_note', text='из программы')]"

    async def work() -> None:
        opening = open_sandbox(workers=1, spares=0, isolation=level, mcp=both)
        async with (
            opening as sandbox,
            sandbox.session() as session,
            sandbox.session(tools=["attack"]) as other,
        ):
            note = await session.call(ToolCall("1", "keep_note", {"text": "eins"}))
            assert note.content == {"notes": ["eins"]} and note.seconds > 0
            wrong = await session.call(ToolCall("2", "dessert", {"language": "xx"}))
            assert wrong.status == "invalid_call" and "one of: fr, ar, hi" in wrong.content["error"]
            wrong = await session.call(ToolCall("3", "dessert", {"language": "fr", "sugar": 1}))
            assert "unknown argument 'sugar'" in wrong.content["error"]
            written = await session.call(ToolCall("4", "python", {"code": program}))
            assert written.content["result"] == ["كُنافة", {"notes": ["eins", "из программы"]}]
            assert (await other.call(ToolCall("5", "dessert", {"language": "fr"}))).status == "invalid_call"
            assert (await other.call(ToolCall("6", "attack", {}))).content == "call 1"
            assert (await session.call(ToolCall("7", "world_time", {"city": "Tokyo"}))).status == "ok"
            assert session.snapshot()["index"] == 5

    run(work())


def test_it_is_served_too(tmp_path):
    file = tmp_path / "servers.yaml"
    level = ["--isolation", "full" if CONFINED else "process"]
    command = [
        sys.executable,
        "-m",
        "sandbox.serve",
        "--port",
        "0",
        "--workers",
        "1",
        "--mcp",
        str(file),
        *level,
    ]

    async def work(url: str) -> None:
        async with connect(url) as sandbox, sandbox.session(tools=["attack"]) as session:
            results = [await session.call(ToolCall(str(i), "attack", {})) for i in range(2)]
            assert [result.content for result in results] == ["call 1", "call 2"]

    file.write_text("servers: []")
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"sandbox: {file}: must be a list of servers")
    file.write_text(json.dumps([hostile()]))
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            run(work(process.stdout.readline().split()[-1]))
        finally:
            process.terminate()
        assert process.wait(timeout=60) == 0
