"""A time limit that is fair on an event loop which others hold up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SLICES = 8


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[asyncio.Timeout]:
    """``asyncio.timeout``, but while the loop itself was held up, at most an eighth of the time passes.

    So a neighbour that blocks the loop for long takes nobody's time but its own.
    """
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle | None = None
    async with asyncio.timeout(None) as clock:

        def tick(left: int) -> None:
            nonlocal timer
            if left:
                timer = loop.call_later(seconds / SLICES, tick, left - 1)
            else:
                clock.reschedule(loop.time())

        tick(SLICES)
        try:
            yield clock
        finally:
            if timer:
                timer.cancel()
