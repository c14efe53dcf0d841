"""So many at once, and the others in order."""

import asyncio
from types import TracebackType

NO_LIMIT = 1 << 30


class Room:
    """``async with`` it, at most ``size`` at once; on one event loop after another."""

    def __init__(self, size: int) -> None:
        self.size, self.here = size, 0

    def __reduce__(self) -> tuple[type["Room"], tuple[int]]:
        return Room, (self.size,)  # whoever is in it stays here

    async def __aenter__(self) -> None:
        if not self.here:
            self.places = asyncio.Semaphore(self.size)
        self.here += 1
        try:
            await self.places.acquire()
        except BaseException:
            self.here -= 1
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.here -= 1
        self.places.release()
