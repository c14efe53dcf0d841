"""Calls that are asked for at once: those that share no state meet, all others keep their order, and what they come to
is what they come to one after the other."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sandbox import Session, ToolCall, ToolResult, open_sandbox
from sandbox.catalog import SPECS

PROGRAM = "result = [call_tool('dice'), call_tool('add', amount=10)]"
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("dice", {}),
    ("slow_add", {"amount": 1}),
    ("dice", {}),
    ("add", {"amount": "much"}),
    ("add", {"amount": 2}),
    ("python", {"code": PROGRAM}),
    ("dice", {}),
    ("slow_add", {"amount": 3}),
    ("add", {"amount": 4}),
]


@pytest.fixture(autouse=True)
def tools_of_this_folder(monkeypatch):
    """Workers import what their host can import; some machines' pytest does not put this folder there."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


def test_what_calls_come_to_does_not_hang_on_whether_they_are_asked_for_at_once() -> None:
    calls = [ToolCall(str(i), name, arguments) for i, (name, arguments) in enumerate(CALLS)]

    async def played(at_once: bool) -> tuple[list[tuple[str, str, Any]], dict[str, Any], int]:
        async with (
            open_sandbox(catalog="hostile_tools", workers=2, spares=1) as sandbox,
            sandbox.session(seed=5) as session,
        ):
            results = await _all(session, calls) if at_once else [await session.call(call) for call in calls]
            told = [(one.call_id, one.status, one.content) for one in results]
            return told, session.state(), session.index

    one_by_one, at_once = asyncio.run(played(False)), asyncio.run(played(True))
    assert at_once == one_by_one
    assert at_once[1]["sum"] == 20 and at_once[2] == 10


async def _all(session: Session, calls: list[ToolCall]) -> list[ToolResult]:
    return await asyncio.gather(*(session.call(call) for call in calls))


def test_a_tool_is_stateful_unless_its_function_takes_no_state() -> None:
    assert not SPECS["world_time"].stateful
    assert SPECS["set_alarm"].stateful and SPECS["snooze_alarm"].stateful
