"""What every kind of tools is to the rest of the sandbox: a ``Backend``.

A backend knows its tools once it was started, and gives each trajectory a hold on them that is nobody else's, its
``Calls``. A new kind is a folder beside this file and one line in ``sandbox.pool``::

    await backend.start()
    calls = backend.open(seed)
    answer = await calls.call(Request("forecast", {"city": "Łódź"}))
    await calls.close()
    await backend.close()
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.tools import one_line
from sandbox.types import Status, ToolSpec

CallTool = Callable[[Any, float], Awaitable["Answer"]]
"""A call that a program makes, as it sent it, and the seconds that are left to it. Raises ``Lost``."""


@dataclass(frozen=True)
class Limits:
    """What a call may take: wall time in seconds, a worker's address space in MB, JSON text of a result in KB.

    A worker is replaced after ``recycle_calls``.
    Code that is not trusted has resident memory and files in MB and CPU time in seconds, a session each.
    """

    wall_seconds: float
    cpu_seconds: int
    memory_mb: int
    program_mb: int
    disk_mb: int
    output_kb: int
    recycle_calls: int


@dataclass(frozen=True)
class Answer:
    """What a call came to; ``state`` is the session's as JSON, empty where it is as it was.

    The content of every answer but an ``ok`` one is ``{"error": "one line"}``, beside it what a program printed
    (``stdout``).
    """

    status: Status
    content: Any
    seconds: float = 0.0
    state: bytes = b""


def failed(status: Status, message: str) -> Answer:
    """An answer that is not ``ok``."""
    return Answer(status, {"error": one_line(message)})


def taken(home: str, tool: str) -> str:
    """What is said of a tool's name that another has."""
    return f"sandbox: {home} has a tool {tool!r}, a name that is taken; rename it"


class Lost(Exception):
    """A call was lost by our doing, not the call's. ``fresh``: with nothing that earlier calls had set up, so that it
    may be made once more."""

    def __init__(self, reason: str, fresh: bool = True):
        super().__init__(reason)
        self.fresh = fresh


@dataclass(frozen=True)
class Request:
    """A call that fits its tool's spec, the ``index``-th of its trajectory.

    ``state`` is the session's, as JSON. ``seconds`` bound the tool's own time where they are fewer than its kind's
    limit. ``call_tool`` is for what may call tools itself.
    """

    tool: str
    arguments: dict[str, Any]
    seed: int = 0
    index: int = 0
    state: bytes = b"{}"
    seconds: float | None = None
    call_tool: CallTool | None = field(default=None, repr=False)


class Calls(Protocol):
    """What one trajectory has of a backend. Calls of stateful tools come one after the other."""

    async def call(self, request: Request) -> Answer:
        """Run it. Whatever the tool does, an answer comes back. Raises ``Lost`` where we failed."""

    async def close(self) -> None:
        """End what was started for the trajectory."""


class Backend(Protocol):
    """A kind of tools. ``specs`` are its tools by name, known once it was started."""

    @property
    def specs(self) -> Mapping[str, ToolSpec]: ...

    def home(self, tool: str) -> str:
        """Where the tool comes from, for messages: a module, a document, a server."""

    async def start(self) -> None:
        """Make ready. Raises ``ValueError`` for tools that cannot be served, ``Lost`` for a broken installation."""

    def open(self, seed: int) -> Calls:
        """A trajectory's hold on the tools; ``close`` it. Nothing is started before its first call."""

    async def close(self) -> None:
        """End all that was started."""


class Stateless:
    """The ``Calls`` of a kind that keeps nothing for a trajectory: each is run by ``run``."""

    def __init__(self, run: Callable[[Request], Awaitable[Answer]]):
        self._run = run

    async def call(self, request: Request) -> Answer:
        """As ``run`` has it."""
        return await self._run(request)

    async def close(self) -> None:
        """Nothing was started."""


async def in_time(request: Request, answering: Awaitable[Answer]) -> Answer:
    """The answer; ``wall_timeout`` where it does not come in the seconds that are left to a program's own call."""
    try:
        async with asyncio.timeout(request.seconds):
            return await answering
    except TimeoutError:
        seconds = request.seconds or 0.0
        return Answer("wall_timeout", {"error": f"the call took more than {seconds:.2g} seconds"}, seconds)
