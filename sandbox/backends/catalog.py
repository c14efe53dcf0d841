"""The catalog's tools and those that are trusted: on persistent workers, which keep nothing between two calls."""

import asyncio
import importlib
import logging
import random
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from sandbox.backends.base import Answer, Calls, Lost, Request, Stateless, taken
from sandbox.host.framing import encode
from sandbox.host.spawn import Spawner
from sandbox.host.worker import Canary, WorkerDied, WorkerProcess
from sandbox.tools import call_tool, public_tools, tool_spec
from sandbox.types import ToolSpec

log = logging.getLogger(__name__)


class TrustedTools:
    """The tools of ``catalog`` (a module as ``open_sandbox`` has it) and of ``modules``, on so many workers.

    At most ``queue`` calls are taken on at once; further ones wait. Raises ``ValueError`` for a module that cannot be
    had and for a name that comes twice.
    """

    def __init__(self, catalog: str, modules: Sequence[str], spawner: Spawner, workers: int, queue: int):
        module = importlib.import_module(catalog)
        self._specs: dict[str, ToolSpec] = dict(module.SPECS)
        self._homes = dict.fromkeys(self._specs, catalog)
        for name in modules:
            for tool, function in public_tools(_imported(name)).items():
                if tool in self._specs:
                    raise ValueError(taken(name, tool))
                self._specs[tool], self._homes[tool] = tool_spec(function), name
        canary = _canary(module)
        self._workers = [WorkerProcess(catalog, modules, spawner, canary) for _ in range(workers)]
        self._idle: asyncio.LifoQueue[WorkerProcess] = asyncio.LifoQueue()  # running ones are taken first
        self._room = asyncio.Semaphore(queue)
        self._starting: set[asyncio.Future[None]] = set()
        self._open = False

    @property
    def specs(self) -> Mapping[str, ToolSpec]:
        return self._specs

    def home(self, tool: str) -> str:
        """The module that has the tool."""
        return self._homes[tool]

    async def start(self) -> None:
        """Start the first worker, so that a broken installation is known at once. Raises ``WorkerDied``."""
        await self._workers[-1].start()
        for worker in self._workers:
            self._idle.put_nowait(worker)
        self._open = True

    def open(self, seed: int) -> Calls:
        """Nothing is a trajectory's own: its state comes with each call."""
        return Stateless(self._call)

    async def close(self) -> None:
        """End all workers."""
        self._open = False
        for starting in self._starting:
            starting.cancel()
        for worker in self._workers:
            worker.stop()

    def pids(self) -> list[int]:
        """The process ids of the workers that run now."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    async def _call(self, request: Request) -> Answer:
        """Run it on the next idle worker. Raises ``Lost`` where that is lost."""
        async with self._room:
            worker = await self._idle.get()
            try:
                if not self._open:
                    raise Lost("the sandbox was closed during the call")
                return await worker.call(request)
            finally:
                self._give_back(worker)

    def _give_back(self, worker: WorkerProcess) -> None:
        """Make it idle again; one that was stopped is started before, which no call has to wait for."""
        if worker.pid is not None or not self._open:
            self._idle.put_nowait(worker)
        else:
            starting = asyncio.ensure_future(self._start_again(worker))
            self._starting.add(starting)
            starting.add_done_callback(self._starting.discard)

    async def _start_again(self, worker: WorkerProcess) -> None:
        try:
            await worker.start()
        except WorkerDied as error:  # the next call tries again, and tells
            log.warning("sandbox: %s", error)
        finally:
            self._idle.put_nowait(worker)


def _canary(catalog: Any) -> Canary:
    """The catalog's canary, answered here."""
    (tool, arguments), state = catalog.CANARY, catalog.initial_state()
    before, outside = encode(state), random.getstate()
    content = call_tool(catalog.TOOLS[tool], arguments, state, 0, 0)
    random.setstate(outside)
    after = encode(state)
    return Canary(Request(tool, arguments, state=before), content, b"" if after == before else after)


def _imported(name: str) -> ModuleType:
    """The module of a user's tools. Raises ``ValueError`` where it cannot be had, whatever it raises itself."""
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise ValueError(f"sandbox: {name} cannot be imported: {type(error).__name__}: {error}") from error
