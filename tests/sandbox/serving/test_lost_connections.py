"""Connections that break between a client and the server, and clients that never come back."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from starlette.exceptions import HTTPException

from sandbox import ToolCall, client, open_sandbox
from sandbox.client import connect
from sandbox.serving import sessions as sessions_module
from sandbox.serving.metrics import Metrics
from sandbox.serving.sessions import Sessions
from tests.sandbox.serving.test_serve import TOKEN, Served, serving, tools_of_this_folder, wait_for

__all__ = ["tools_of_this_folder"]


@pytest.fixture(scope="module")
def served():
    with serving("--max-sessions", "500") as server:
        yield server


@asynccontextmanager
async def unsteady(served: Served, broken: float) -> AsyncIterator[str]:
    """The URL of a way to the server that breaks off that share of what it carries, before or behind it."""
    chance = random.Random(1)
    port = int(served.url.rsplit(":", 1)[1])

    async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, fails: bool) -> None:
        with suppress(ConnectionError):
            while part := await source.read(65536):
                if fails and chance.random() < broken:
                    break
                target.write(part)
        target.transport.abort()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, there_writer, True), carry(there_reader, writer, True))

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def test_of_64_trajectories_none_is_lost_and_no_call_is_made_twice(served, monkeypatch):
    # A batch's answers come in parts, each of which may be the last: some eight a try of up to 64.
    monkeypatch.setattr(client, "RETRY_SECONDS", (0.01, 0.02, 0.05, *40 * [0.1]))

    async def trajectory(sandbox: client.RemoteSandbox, seed: int) -> list[int]:
        async with sandbox.session(seed=seed) as session:
            sums = []
            for n in range(1, 6):
                result = await session.call(ToolCall(str(n), "add", {"amount": n}))
                assert result.status == "ok", result
                sums.append(result.content["sum"])
            assert session.state() == {"sum": 15}
            return sums

    async def go() -> None:
        async with connect(served.url, TOKEN) as steady:
            specs = steady.specs
        async with unsteady(served, 0.12) as url:
            sandbox = connect(url, TOKEN)
            sandbox.specs = specs
            runs = await asyncio.gather(*(trajectory(sandbox, seed) for seed in range(64)))
            assert runs == [[1, 3, 6, 10, 15]] * 64
            await sandbox.__aexit__(None, None, None)

    asyncio.run(go())


def call(served: Served, session: str, number: int | None, amount: int = 1) -> dict:
    asked = {"session": session, "call": {"name": "add", "arguments": {"amount": amount}}}
    return served.send("POST", "/v1/call", json=asked | ({} if number is None else {"number": number})).json()


def test_a_numbered_call_that_comes_again_is_answered_and_not_made_again(served):
    session = served.opened()
    first = call(served, session, 1)
    assert first["result"]["content"] == first["state"] == {"sum": 1}
    assert call(served, session, 1) == first == call(served, session, 1, amount=9)
    assert call(served, session, 2)["state"] == {"sum": 2}
    for number in (1, 4):
        assert "next call is number 3" in call(served, session, number)["error"]
    assert "'number' must be" in call(served, session, 0)["error"]
    assert call(served, session, None)["state"] == {"sum": 3}
    served.send("DELETE", f"/v1/sessions/{session}")


def sessions(served: Served) -> int:
    return served.send("GET", "/health").json()["sessions"]


def leased(served: Served, seconds: float) -> str:
    return served.send("POST", "/v1/sessions", json={"lease": seconds}).json()["session"]


def test_a_leased_session_ends_unless_it_is_renewed():
    with serving("--idle-seconds", "4") as served:
        kept, left = leased(served, 1.0), leased(served, 1.0)
        busy = {"session": left, "call": {"name": "sleep", "arguments": {"seconds": 3600}}, "number": 1}
        with suppress(Exception):
            served.send("POST", "/v1/call", json=busy, timeout=0.2)  # a client that dies within a call

        def only_one() -> bool:
            assert served.send("POST", "/v1/renew", json={"sessions": [kept]}).json() == {"gone": []}
            return sessions(served) == 1

        wait_for(only_one)
        gone = served.send("POST", "/v1/renew", json={"sessions": [kept, left, 5]}).json()
        assert gone == {"gone": [left, 5]}
        assert call(served, kept, 1)["state"] == {"sum": 1}
        wait_for(lambda: sessions(served) == 0)


def test_what_is_under_way_when_a_server_ends_is_ended():
    """Else a call of minutes would keep it from ending."""

    async def go() -> None:
        async with open_sandbox(workers=1, wall_seconds=1000.0) as sandbox:
            sessions = Sessions(sandbox, 8, 900.0, Metrics())
            async with sessions.kept():
                calls = []
                for number in (1, None):
                    name = (await sessions.open({}, None))["session"]
                    program = ToolCall("1", "python", {"code": "import time; time.sleep(900)"})
                    calls.append(asyncio.create_task(sessions.call(name, program, number)))
                while len(sandbox.code_pids()) == 0:
                    await asyncio.sleep(0.01)
            for call in calls:
                assert (await call)["result"]["status"] == "infra_error"

    asyncio.run(go())


def test_the_states_of_all_sessions_together_have_a_bound(monkeypatch):
    monkeypatch.setattr(sessions_module, "MOST_STATES", 1_000_000)

    async def go() -> None:
        async with open_sandbox(workers=1) as sandbox:
            sessions = Sessions(sandbox, 8, 900.0, Metrics())
            async with sessions.kept():
                large = {"state": {"note": "x" * 600_000}}
                first = await sessions.open(large, None)
                with pytest.raises(HTTPException) as refused:
                    await sessions.open(large, None)
                assert refused.value.status_code == 503
                await sessions.open({}, None)  # one that is small always fits
                await sessions.close(first["session"])
                await sessions.open(large, None)

    asyncio.run(go())


def test_a_client_renews_its_sessions_and_gives_up_on_a_server_that_is_gone(monkeypatch):
    monkeypatch.setattr(client, "LEASE_SECONDS", 1.0)
    monkeypatch.setattr(client, "RENEW_SECONDS", 0.2)
    monkeypatch.setattr(client, "RETRY_SECONDS", (0.01, 0.01))

    async def go() -> None:
        with serving("--idle-seconds", "8") as served:
            async with connect(served.url, TOKEN) as sandbox, sandbox.session() as session:
                await asyncio.sleep(4)  # a model that thinks
                assert (await session.call(ToolCall("1", "add", {"amount": 1}))).status == "ok"
                served.process.kill()
                served.process.wait()
                assert (await session.call(ToolCall("2", "add", {"amount": 1}))).status == "infra_error"

    asyncio.run(go())
