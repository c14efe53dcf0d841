"""A hundred thousand calls of all kinds while workers are killed at random: each is answered, once and rightly."""

import asyncio
import os
import random
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sandbox import Sandbox, ToolCall, catalog, open_sandbox
from sandbox.isolation.bubblewrap import probe
from sandbox.session import Session

SESSIONS, CALLS = 4000, 25
SIDE_BY_SIDE = 64
KILL_EVERY = 3000  # calls


def drawn(rng: random.Random) -> tuple[ToolCall, str]:
    """A call, and the status that it should have. Most are the catalog's, some wrong, some programs."""
    kind = rng.random()
    if kind < 0.02:
        n = rng.randrange(100)
        return ToolCall("", "python", {"code": f"result = {n} * 2"}), "ok"
    if kind < 0.03:
        return ToolCall("", "python", {"code": "call_tool('set_alarm', datetime='05:00')\nresult = 1"}), "ok"
    if kind < 0.05:
        return ToolCall("", rng.choice(["set_alrm", "snooze_alarm"]), {"minutes": "x"}), "invalid_call"
    if kind < 0.07:
        return ToolCall("", "snooze_alarm", {"minutes": 0}), "tool_error"
    if kind < 0.4:
        return ToolCall("", "set_alarm", {"datetime": f"{rng.randrange(24):02}:{rng.randrange(60):02}"}), "ok"
    if kind < 0.7:
        return ToolCall("", "show_alarms", {}), "ok"
    return ToolCall("", "world_time", {"city": rng.choice(["Tokyo", "روما", "Москва", "上海"])}), "ok"


def told(call: ToolCall, state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """What a call that goes well comes to, and the state after it, as this process reckons them."""
    arguments = call.arguments or {}
    if call.name != "python":
        return catalog.run(str(call.name), arguments, state)
    if "set_alarm" in arguments["code"]:
        return {"result": 1, "stdout": ""}, catalog.run("set_alarm", {"datetime": "05:00"}, state)[1]
    return {"result": eval(arguments["code"].partition("=")[2]), "stdout": ""}, state


async def check(
    session: Session, call: ToolCall, status: str, state: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    try:
        expected, after = told(call, state) if status == "ok" else (None, state)
    except catalog.ToolError:
        expected, after, status = None, state, "tool_error"
    result = await session.call(call)
    if result.status == "infra_error":
        return "infra_error", state
    assert result.status == status, (call, result)
    if status == "ok":
        assert result.content == expected
    return status, after


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def children(pid: int) -> list[int]:
    """All processes below this one."""
    below = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            below += [int(child), *children(int(child))] if Path(f"/proc/{child}").exists() else []
    return below


@pytest.mark.skipif(bool(probe()["missing"]), reason="not isolated here")
def test_each_of_a_hundred_thousand_calls_is_answered_once_and_nothing_is_left() -> None:
    counted: Counter[str] = Counter()
    killed = 0

    async def one(sandbox: Sandbox, seed: int) -> None:
        rng = random.Random(seed)
        async with sandbox.session(seed=seed) as session:
            state = session.state()
            for _ in range(CALLS):
                status, state = await check(session, *drawn(rng), state)
                counted[status] += 1
            assert session.state() == state

    async def kill(sandbox: Sandbox) -> None:
        nonlocal killed
        rng = random.Random(0)
        while sum(counted.values()) < SESSIONS * CALLS:
            await asyncio.sleep(0.02)
            if sum(counted.values()) >= (killed + 1) * KILL_EVERY and (
                pids := sandbox.pids() + sandbox.code_pids()
            ):
                os.kill(rng.choice(pids), signal.SIGKILL)
                killed += 1

    async def go() -> None:
        async with open_sandbox(workers=2, wall_seconds=60.0) as sandbox:
            waiting = iter(range(SESSIONS))

            async def worker() -> None:
                for seed in waiting:
                    await one(sandbox, seed)

            await asyncio.gather(*(worker() for _ in range(SIDE_BY_SIDE)), kill(sandbox))
            async with sandbox.session() as session:
                assert (await session.call(ToolCall("", "python", {"code": "result = 1"}))).status == "ok"
            assert len(sandbox.pids()) + len(sandbox.code_pids()) <= 4

    before, files = set(children(os.getpid())), open_files()
    asyncio.run(go())
    assert counted.total() == SESSIONS * CALLS
    assert killed >= 20, killed
    assert counted["infra_error"] <= 0.01 * counted.total(), counted
    assert counted["ok"] > 0.85 * counted.total()
    assert set(children(os.getpid())) <= before
    assert open_files() <= files
