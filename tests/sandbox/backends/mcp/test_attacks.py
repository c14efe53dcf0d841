"""What a hostile MCP server does to who asks it: each attack, and then the next call, which is right."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from sandbox.backends.mcp import http, stdio
from sandbox.backends.mcp.servers import server
from sandbox.backends.rest.credentials import Credentials
from sandbox.guest.mcp_server import THREADS
from sandbox.isolation.bubblewrap import probe
from sandbox.tools import one_line
from tests.sandbox.backends.mcp.test_mcp import (
    HOSTILE,
    KEY,
    full,
    hostile,
    nothing_left_running,
    opened,
    over_http,
    run,
    surroundings,
    told,
    tools,
)

__all__ = ["nothing_left_running", "over_http"]


@full
@pytest.mark.parametrize("name", ["threading", "json", "runpy", "encodings", "ctypes", "typing", "sandbox"])
def test_a_script_that_is_called_like_a_module_is_not_imported_before_it_is_confined(tmp_path, name):
    """Imported, the script would speak as a module of ours, with our rights; it is run, and cannot fork."""
    script = tmp_path / f"{name}.py"
    shutil.copy(HOSTILE, script)
    (tmp_path / "socket.py").write_text("raise SystemExit('imported')")

    async def work() -> None:
        async with tools({"command": ["python", str(script)]}) as found, opened(found) as session:
            assert await told(session, "attack", kind="name") == ("ok", "__main__")
            assert await told(session, "attack", kind="attempt fork") == ("ok", "PermissionError")
            assert await told(session, "attack") == ("ok", "call 3")

    run(work())


@full
def test_a_module_beside_one_that_is_called_like_a_standard_one_gets_the_standard_one(tmp_path, monkeypatch):
    (tmp_path / "my_hostile_mcp_server").mkdir()
    shutil.copy(HOSTILE, tmp_path / "my_hostile_mcp_server" / "__main__.py")
    (tmp_path / "my_hostile_mcp_server" / "threading.py").write_text("raise SystemExit('imported')")
    (tmp_path / "threading.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))

    async def work() -> None:
        command = {"command": ["python", "-m", "my_hostile_mcp_server"]}
        async with tools(command) as found, opened(found) as session:
            assert await told(session, "attack") == ("ok", "call 1")

    run(work())


@full
def test_threads_are_few_and_proc_is_not_there():
    async def work() -> None:
        async with tools(hostile()) as found, opened(found) as session, opened(found) as other:
            assert await told(other, "attack") == ("ok", "call 1")
            status, count = await told(session, "attack", kind="attempt threads")
            assert status == "ok" and 0 < count < THREADS
            assert await told(session, "attack", kind="attempt proc") == ("ok", "FileNotFoundError")
            assert await told(session, "attack") == ("ok", "call 3")
            assert await told(other, "attack") == ("ok", "call 2")

    run(work())


@pytest.mark.skipif(not probe()["unprivileged"], reason="no Landlock or seccomp here")
def test_without_namespaces_a_server_is_held_by_landlock_and_seccomp():
    async def work() -> None:
        async with tools(hostile(), level="unprivileged") as found, opened(found) as session:
            for what in ("fork", "passwd", "write", "connect", "proc"):
                assert await told(session, "attack", kind=f"attempt {what}") == ("ok", "PermissionError")
            assert await told(session, "attack") == ("ok", "call 6")

    run(work())
    with pytest.raises(ValueError, match="needs sandbox"):
        server(hostile(network=True), surroundings(level="unprivileged"), Credentials())


@full
def test_where_packages_came_from_is_not_told(tmp_path, monkeypatch):
    found = [
        file
        for folder in map(Path, __import__("sys").path)
        for file in folder.glob("*.dist-info/direct_url.json")
    ]
    if not found:
        pytest.skip("no package here came from a folder")
    script = tmp_path / "look_mcp_server.py"
    look = "open('/packages/0/{}').read()".format(f"{found[0].parent.name}/{found[0].name}")
    text = Path(HOSTILE).read_text("utf-8")
    script.write_text(
        text.replace(
            '"proc": lambda: Path("/proc/self/mountinfo").read_text()', f'"proc": lambda: {look} and 1/0'
        )
    )

    async def work() -> None:
        async with tools({"command": ["python", str(script)]}) as asked, opened(asked) as session:
            assert await told(session, "attack", kind="attempt proc") in (
                ("ok", "PermissionError"),
                ("ok", "done"),
            )

    run(work())


def test_answers_that_come_early_or_twice_are_nobody_s():
    async def work() -> None:
        async with tools(hostile()) as found, opened(found) as session:
            assert await told(session, "attack", kind="early") == ("ok", "mine")
            assert await told(session, "attack") == ("ok", "call 2")
            assert await told(session, "attack") == ("ok", "call 3")

    run(work())


def test_a_storm_of_answers_that_break_off_is_ended(over_http, monkeypatch):
    monkeypatch.setattr(http, "RESUME_SECONDS", 0.01)

    async def work() -> None:
        async with tools({"url": f"{over_http}/hostile/storm"}) as found, opened(found) as session:
            answer = await session.call("storm", {"kind": "x"})
            assert answer.status == "infra_error" and "broke off its answer" in answer.content["error"]
            assert await told(session, "storm") == ("ok", "calm")

    run(work())
    # The call is asked twice, since it was its session's first.
    assert int(httpx.get(f"{over_http}/resumed").text) <= 2 * http.MOST_RESUMED


def test_nine_hundred_tools_are_taken_and_refused_where_they_weigh_too_much():
    async def crowd() -> None:
        async with tools(hostile("crowd")) as found, opened(found) as session:
            assert len(found.specs) > 900
            assert await told(session, "tool_899") == ("ok", "call 1")

    async def heavy() -> None:
        async with tools(hostile("heavy crowd")):
            pass

    run(crowd())
    with pytest.raises(ValueError, match=r"4 MB|2 MB"):
        run(heavy())


def test_a_tool_that_is_named_by_a_secret_does_not_tell_it(monkeypatch):
    monkeypatch.setenv("ATLAS", KEY)

    async def work() -> None:
        async with tools(hostile("named by its secret", env={"ATLAS_KEY": "${env:ATLAS}"})) as found:
            assert list(found.specs) == ["ATLAS"]
            async with opened(found) as session:
                assert await told(session, "ATLAS") == ("ok", "call 1")

    run(work())


def test_values_are_counted_before_they_are_read(monkeypatch):
    """A few bytes of JSON are a large value; reading a million of them stopped the host's loop for seconds."""

    def unread(line: bytes) -> None:
        raise AssertionError(f"{len(line)} bytes were read")

    real = stdio.jsonrpc_message_adapter.validate_json
    read = lambda line, **more: unread(line) if len(line) > 2**20 else real(line, **more)  # noqa: E731
    monkeypatch.setattr(stdio, "jsonrpc_message_adapter", SimpleNamespace(validate_json=read))

    async def work() -> None:
        async with tools(hostile()) as found, opened(found) as session:
            for kind in ("lists", "an error of lists"):
                answer = await session.call("attack", {"kind": kind})
                assert answer.status == "output_limit" and "too many values" in answer.content["error"]
                assert await told(session, "attack") == ("ok", "call 1")

    run(work())


def test_what_a_server_says_cannot_paint_on_a_terminal():
    async def work() -> None:
        async with tools(hostile("paints")):
            pass

    with pytest.raises(ValueError, match="owned") as refused:
        run(work())
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c == "\u202e" for c in str(refused.value))
    assert one_line("از\u200cاین \x1b[2J") == "از\u200cاین \ufffd[2J"  # joiners are letters' business
