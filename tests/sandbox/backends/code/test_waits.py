"""No wait is without a limit: a request's wall time with all that it asks for, room that nobody gives back."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sandbox import Session, ToolCall, ToolResult, open_sandbox
from sandbox.backends.code import tools as code_tools
from sandbox.isolation.bubblewrap import probe

pytestmark = pytest.mark.skipif(bool(probe()["missing"]), reason="not isolated here")
FOLDER = str(Path(__file__).parents[2])
FLOOD = """
import os, struct
body = b'{"call": {"name": "add", "arguments": {"amount": [' + b'[],' * %d + b'0]}}}'
for _ in range(200):
    os.write(3, struct.pack('>II', len(body), 0) + body)
    head = b''
    while len(head) < 8: head += os.read(3, 8 - len(head))
    left = sum(struct.unpack('>II', head))
    while left: left -= len(os.read(3, left))
result = 1
"""


async def run(session: Session, code: str) -> ToolResult:
    return await session.call(ToolCall("1", "python", {"code": code}))


@pytest.fixture(autouse=True)
def hostile_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(FOLDER)


def results(*codes: str, **options: Any) -> list[ToolResult]:
    async def go() -> list[ToolResult]:
        limits = {"workers": 1, "spares": 2, "catalog": "hostile_tools"}
        async with open_sandbox(**limits | options) as sandbox:
            async with sandbox.session() as session:
                found = [await run(session, code) for code in codes]
            async with sandbox.session() as session:
                assert (await run(session, "result = call_tool('add', amount=2)")).content["result"] == {
                    "sum": 2
                }
            return found

    return asyncio.run(go())


@pytest.mark.parametrize(
    "code",
    [
        "for _ in range(30): call_tool('sleep', seconds=1.5)",
        "call_tool('sleep', seconds=1.5); import time; time.sleep(30)",
        "for _ in range(30):\n  try: call_tool('sleep', seconds=1.5)\n  except Exception: pass",
    ],
)
def test_the_wall_time_of_a_program_holds_for_the_tools_that_it_calls(code):
    """Its end, which is most of a minute away, it never sees."""
    (result,) = results(f"print('begun', flush=True)\n{code}\nprint('ended', flush=True)", wall_seconds=2.0)
    assert (result.status, result.content["stdout"]) == ("wall_timeout", "begun\n"), result


@pytest.mark.parametrize("parts", [1_400_000, 100_000])
def test_a_flood_of_parts_in_a_call_ends_the_program(parts):
    (result,) = results(FLOOD % parts, wall_seconds=20.0, cpu_seconds=20)
    assert result.status in ("output_limit", "protocol_error"), result


def test_a_call_that_is_too_long_is_told_so_and_no_more():
    (result,) = results("call_tool('add', amount='x' * 200_000)", wall_seconds=20.0)
    assert result.status == "tool_error" and "64 KB" in result.content["error"]


def test_a_call_that_waits_while_its_session_is_closed_starts_nothing():
    """Else it would hold a child that nobody ends, and the room for it."""

    async def go() -> None:
        limits: dict[str, Any] = {"workers": 1, "programs": 1, "catalog": "hostile_tools"}
        async with open_sandbox(**limits) as sandbox:
            async with sandbox.session() as session:
                slow = asyncio.create_task(session.call(ToolCall("1", "sleep", {"seconds": 0.5})))
                waits = asyncio.create_task(run(session, "result = 1"))
                await asyncio.sleep(0.1)
            assert {(await slow).status, (await waits).status} <= {"ok", "infra_error"}
            async with sandbox.session() as after:
                assert (await run(after, "result = 2")).content["result"] == 2

    asyncio.run(go())


def test_a_session_that_forgot_its_program_does_not_hold_up_others_for_ever(monkeypatch):
    monkeypatch.setattr(code_tools, "START_SECONDS", 0.2)

    async def go() -> None:
        async with open_sandbox(workers=1, programs=1) as sandbox:
            async with sandbox.session() as forgotten:
                assert (await run(forgotten, "result = 1")).status == "ok"
                async with sandbox.session() as waiting:
                    told = await run(waiting, "result = 2")
                    assert told.status == "infra_error" and "sandbox.programs" in told.content["error"]
            async with sandbox.session() as after:
                assert (await run(after, "result = 3")).content["result"] == 3

    asyncio.run(go())
