"""All sessions together have no more memory than there is."""

import asyncio

import pytest

from sandbox import ToolCall, open_sandbox
from sandbox.host import budget
from sandbox.host.budget import memory_here_mb, programs_at_once
from sandbox.isolation.bubblewrap import probe


@pytest.mark.parametrize(
    ("wanted", "each", "memory", "fit"),
    [(128, 288, 24_000, 62), (8, 288, 24_000, 8), (128, 288, 200, 1), (128, 100, 10**6, 128)],
)
def test_as_many_may_hold_a_program_as_fit(wanted, each, memory, fit):
    assert programs_at_once(wanted, each, memory) == fit


def test_the_machine_s_memory_is_found():
    assert 256 < memory_here_mb() < 10**8


@pytest.mark.skipif(bool(probe()["missing"]), reason="not isolated here")
def test_where_memory_is_short_sessions_wait_for_one_another(monkeypatch):
    monkeypatch.setattr(budget, "memory_here_mb", lambda: 400)
    held, most = 0, 0

    async def one(sandbox, i):
        nonlocal held, most
        async with sandbox.session() as session:
            result = await session.call(ToolCall("1", "python", {"code": f"result = {i}"}))
            held += 1
            most = max(most, held)
            await asyncio.sleep(0)
            held -= 1
            return result.content["result"]

    async def go():
        async with open_sandbox(workers=1) as sandbox:
            assert await asyncio.gather(*(one(sandbox, i) for i in range(6))) == list(range(6))

    asyncio.run(go())
    assert most == 1
