"""Turns run side by side; new weights go in between them, and no request is lost."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from rl.pipeline.clock import Busy
from rl.rollout.engines.base import Completion, Engine, Sampling
from rl.weights.base import Weights


class Gate:
    """``turn()`` is entered by many at once; ``between_turns()`` waits until none is in it and holds up the next."""

    def __init__(self) -> None:
        self.open, self.idle, self.alone = asyncio.Event(), asyncio.Event(), asyncio.Lock()
        self.open.set()
        self.idle.set()
        self.running = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        while not self.open.is_set():  # it may have been shut again before this one woke
            await self.open.wait()
        self.running += 1
        self.idle.clear()
        try:
            yield
        finally:
            self.running -= 1
            if not self.running:
                self.idle.set()

    @asynccontextmanager
    async def between_turns(self) -> AsyncIterator[None]:
        async with self.alone:
            self.open.clear()
            try:
                await self.idle.wait()
                yield
            finally:
                self.open.set()


class GatedEngine:
    """An engine whose weights may be replaced at any time: each turn is sampled from one version, and says which."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.gate, self.version = engine, Gate(), 0
        self.held, self.is_held = AsyncExitStack(), False
        self.busy = Busy()  # while a turn is sampled

    async def generate(self, prompt_ids: list[int], sampling: Sampling, seed: int) -> Completion:
        async with self.gate.turn():
            with self.busy.span():
                return replace(await self.engine.generate(prompt_ids, sampling, seed), version=self.version)

    async def load_weights(self, parts: Sequence[Weights]) -> None:
        await self.hold()
        try:
            await self.engine.load_weights(parts)
            self.version = parts[0].version
        finally:
            await self.release()

    async def hold(self) -> None:
        """Wait until no turn runs; none begins until ``release``. Nothing, where it is held already."""
        if not self.is_held:
            self.is_held = True
            await self.held.enter_async_context(self.gate.between_turns())

    async def release(self) -> None:
        await self.held.aclose()
        self.is_held = False

    def close(self) -> None:
        self.engine.close()
