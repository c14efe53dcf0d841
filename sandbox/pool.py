"""The outside of the sandbox: sessions over a pool of worker processes.

A session's state lives in the host and travels with each call, so any worker can serve any call and a
dead worker loses nothing. The calls of one session run in order, sessions run side by side::

    async with open_sandbox() as sandbox, sandbox.session() as session:
        result = await session.call(ToolCall("1", "world_time", {"city": "Tokyo"}))
"""

import asyncio
import copy
import difflib
import importlib
import os
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from sandbox.frames import MAX_STATE_BYTES, decode, encode
from sandbox.isolation import require
from sandbox.process import Answer, Limits, WorkerDied, WorkerProcess
from sandbox.tools import one_line, validate
from sandbox.types import ToolCall, ToolResult, ToolSpec


def open_sandbox(
    *,
    workers: int | None = None,
    isolation: str = "process",
    wall_seconds: float = 5.0,
    memory_mb: int = 1024,
    output_kb: int = 256,
    queue: int = 1024,
    catalog: str = "sandbox.catalog",
) -> "Sandbox":
    """A sandbox, to be used as ``async with open_sandbox() as sandbox``.

    ``workers`` processes (default: one for each core that we may use), each call limited to
    ``wall_seconds``, ``memory_mb`` of address space and ``output_kb`` of JSON result. At most ``queue``
    calls are taken on at once; further ones wait. ``catalog`` names a module with ``TOOLS``, ``SPECS``,
    ``initial_state()`` and ``warm_up()``. Raises ``ValueError`` for a setting that makes no sense.
    """
    require(isolation)
    count = len(os.sched_getaffinity(0)) if workers is None else workers
    for name, value, least in (
        ("workers", count, 1),
        ("wall_seconds", wall_seconds, 0.001),
        ("memory_mb", memory_mb, 256),  # the catalog itself needs about half of it
        ("output_kb", output_kb, 1),
        ("queue", queue, 1),
    ):
        if not value >= least:
            raise ValueError(f"sandbox: {name} is {value}, set it to at least {least}")
    return Sandbox(catalog, count, Limits(wall_seconds, memory_mb, output_kb), queue)


class Sandbox:
    """A pool of workers and the catalog that they serve; ``open_sandbox`` makes one."""

    def __init__(self, catalog: str, workers: int, limits: Limits, queue: int):
        module = importlib.import_module(catalog)
        self.specs: dict[str, ToolSpec] = dict(module.SPECS)
        self._initial_state = module.initial_state
        self._room = asyncio.Semaphore(queue)
        self._workers = [WorkerProcess(catalog, limits) for _ in range(workers)]
        self._idle: asyncio.LifoQueue[WorkerProcess] = asyncio.LifoQueue()  # running ones are taken first
        self._open = False

    async def __aenter__(self) -> Self:
        """Start the first worker, so that a broken installation is known at once (``WorkerDied``)."""
        await self._workers[-1].start()
        for worker in self._workers:
            self._idle.put_nowait(worker)
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        for worker in self._workers:
            worker.stop()

    def session(
        self,
        state: dict[str, Any] | None = None,
        seed: int = 0,
        tools: Iterable[str] | None = None,
        index: int = 0,
    ) -> "Session":
        """A session, to be used as ``async with sandbox.session(...) as session``.

        ``state`` starts it (what it lacks comes from the catalog's initial state), ``seed`` seeds its
        randomness, ``tools`` are the names it may call (default: all), ``index`` counts the calls before
        it. Raises ``ValueError`` for a state that is not JSON or over 4 MB, or an unknown tool.
        """
        names = list(self.specs) if tools is None else list(tools)
        unknown = [name for name in names if name not in self.specs]
        if unknown:
            raise ValueError(f"the sandbox has no tool {unknown[0]!r}; it has {', '.join(self.specs)}")
        full = self._initial_state() | _checked(state or {})
        return Session(self, {name: self.specs[name] for name in names}, full, seed, index)

    def pids(self) -> list[int]:
        """The process ids of the workers that run now."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    async def run(self, request: dict[str, Any]) -> Answer:
        """Run a checked request on the next idle worker; on a second one if the first is lost."""
        if not self._open:
            raise RuntimeError("the sandbox is not open: use it inside `async with open_sandbox()`")
        async with self._room:
            worker = await self._idle.get()
            try:
                return await self._run_on(worker, request)
            finally:
                self._idle.put_nowait(worker)

    async def _run_on(self, worker: WorkerProcess, request: dict[str, Any]) -> Answer:
        reason = "the sandbox was closed during the call"
        for _ in range(2):
            if not self._open:
                break
            try:
                return await worker.call(request)
            except WorkerDied as error:
                reason = str(error)
        return Answer("infra_error", {"error": one_line(reason)})


class Session:
    """One trajectory's view of the sandbox: its tools, its state, its calls in order."""

    def __init__(
        self, sandbox: Sandbox, tools: dict[str, ToolSpec], state: dict[str, Any], seed: int, index: int
    ):
        self._sandbox = sandbox
        self._tools = tools
        self._state = state
        self._seed = seed
        self._index = index
        self._turn = asyncio.Lock()
        self._open = False

    async def __aenter__(self) -> Self:
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False

    async def call(self, call: ToolCall) -> ToolResult:
        """Check and run a call. Whatever the model wrote, a result comes back, never an exception.

        The content of every result but an ``ok`` one is ``{"error": one line}``.
        """
        if not self._open:
            raise RuntimeError("the session is not open: use it inside `async with sandbox.session()`")
        wrong = self._wrong(call)
        if wrong is not None:
            return ToolResult(call.id, "invalid_call", {"error": wrong})
        async with self._turn:
            answer = await self._sandbox.run(self._request(call))
            if answer.status == "ok" and answer.state is not None:
                self._state = answer.state
        return ToolResult(call.id, answer.status, answer.content, answer.seconds)

    def state(self) -> dict[str, Any]:
        """A copy of the state as it is now."""
        return copy.deepcopy(self._state)

    def snapshot(self) -> dict[str, Any]:
        """JSON from which ``sandbox.session(**snapshot)`` goes on where this session is now."""
        return {
            "state": self.state(),
            "seed": self._seed,
            "tools": list(self._tools),
            "index": self._index,
        }

    def _request(self, call: ToolCall) -> dict[str, Any]:
        index, self._index = self._index, self._index + 1
        return {
            "id": index,
            "tool": call.name,
            "arguments": call.arguments,
            "state": self._state,
            "seed": self._seed,
            "index": index,
        }

    def _wrong(self, call: ToolCall) -> str | None:
        if call.error is not None:
            return one_line(call.error)
        if not isinstance(call.name, str) or not call.name:
            return "the call names no tool"
        if call.name in self._tools:
            return validate(self._tools[call.name], call)
        nearest = difflib.get_close_matches(call.name[:100], self._tools, n=1, cutoff=0.0)
        hint = f"; the nearest is {nearest[0]!r}" if nearest else ""
        return one_line(f"there is no tool {call.name[:60]!r}{hint}")


def _checked(state: dict[str, Any]) -> dict[str, Any]:
    """A copy of the state, certainly JSON."""
    try:
        text = encode(state)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the state of a session must be JSON: {error}") from error
    if len(text) > MAX_STATE_BYTES:
        raise ValueError(
            f"the state of a session may have {MAX_STATE_BYTES // 1024} KB, not {len(text) // 1024}"
        )
    return decode(text)
