import asyncio
import time

import pytest

from rewards.scoring.fair_timeout import patience


def test_it_ends_what_waits_too_long():
    async def go() -> None:
        async with patience(0.05):
            await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        asyncio.run(go())


def test_a_loop_that_is_held_up_takes_nobodys_time():
    """Held up for twice the limit by a neighbour, an answer that came meanwhile is still in time."""

    async def go() -> str:
        asyncio.get_running_loop().call_later(0.01, time.sleep, 0.4)
        async with patience(0.2):
            await asyncio.sleep(0.1)
            return "in time"

    assert asyncio.run(go()) == "in time"


def test_what_ends_in_time_is_left_alone():
    async def go() -> str:
        async with patience(0.05):
            pass
        await asyncio.sleep(0.1)
        return "alive"

    assert asyncio.run(go()) == "alive"
