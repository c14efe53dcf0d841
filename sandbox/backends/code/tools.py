"""Code that is not trusted as tools: programs that the model writes (``python``), and the user's own modules.

A trajectory has a child for its programs and another for the user's tools, so that neither can speak for the other;
both end with it.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sandbox.backends.base import Answer, Lost, Request, taken
from sandbox.backends.code.child import Child
from sandbox.backends.code.server import PYTHON, CodeServer, Kind
from sandbox.host.spawn import Spawner
from sandbox.host.worker import START_SECONDS, WorkerDied
from sandbox.tools import in_a_line
from sandbox.types import ToolSpec

MAX_DESCRIPTION = 16 * 1024
MOST_TOOLS = 1000


class CodeTools:
    """``python`` and the tools of ``modules``, on so many fork servers, for at most ``most`` trajectories at once.

    ``now`` is where the clock stands (ISO 8601); ``spares`` children stand ready a server.
    """

    def __init__(
        self, modules: Sequence[str], spawner: Spawner, servers: int, spares: int, now: str, most: int
    ):
        self._specs: dict[str, ToolSpec] = {}
        self._modules = list(modules)
        self._servers = [CodeServer(modules, spawner, spares, now) for _ in range(servers)]
        self._next = 0
        self.limits, self._group = spawner.limits, spawner.group
        self.room = asyncio.Semaphore(most)
        self._open = False

    @property
    def specs(self) -> Mapping[str, ToolSpec]:
        return self._specs

    def home(self, tool: str) -> str:
        """Whose the tool is."""
        return "sandbox" if tool == PYTHON.name else ", ".join(self._modules)

    async def start(self) -> None:
        """Ask for the modules' tools, if there are modules. Raises ``WorkerDied`` and ``ValueError``."""
        self._open = True
        if self._group is not None:
            self._group.open()
        self._specs[PYTHON.name] = PYTHON
        if self._modules:
            for told in (await self._servers[0].specs())[:MOST_TOOLS]:
                spec = _spec(told, self.home(""))
                if spec.name in self._specs:
                    raise ValueError(taken(self.home(""), spec.name))
                self._specs[spec.name] = spec

    def open(self, seed: int) -> "CodeCalls":
        """A trajectory's hold: its children come with its first calls."""
        return CodeCalls(self, seed)

    async def close(self) -> None:
        """Kill all servers, and their children with them."""
        self._open = False
        for server in self._servers:
            server.stop()
        if self._group is not None:
            await asyncio.to_thread(self._group.close)

    def pids(self) -> list[int]:
        """The process ids of the servers that run now."""
        return [server.pid for server in self._servers if server.pid is not None]

    async def child(self, kind: Kind) -> Child:
        """A fresh child, of the next server. Raises ``Lost``."""
        if not self._open:
            raise Lost("the sandbox was closed during the call")
        self._next = (self._next + 1) % len(self._servers)
        return await self._servers[self._next].open(kind)


class CodeCalls:
    """One trajectory's children."""

    def __init__(self, tools: CodeTools, seed: int):
        self._tools, self._seed = tools, seed
        self._children: dict[Kind, Child] = {}
        self._has_room = False
        self._closed = False

    async def call(self, request: Request) -> Answer:
        """Run the program or the tool in the trajectory's child for it. Raises ``Lost``."""
        kind: Kind = "programs" if request.tool == PYTHON.name else "tools"
        fresh = kind not in self._children
        child = await self._child(kind)
        wall = self._tools.limits.wall_seconds
        if request.seconds is not None:
            wall = min(wall, request.seconds)
        asked, state = self._asked(request)
        try:
            return await child.call(asked, state, request.call_tool if kind == "programs" else None, wall)
        except Lost as lost:
            raise Lost(str(lost), fresh) from lost  # else what earlier calls had set up is gone with it
        finally:
            if not child.open and self._children.get(kind) is child:
                del self._children[kind]

    async def close(self) -> None:
        """End the children and give their room to others."""
        self._closed = True
        for child in self._children.values():
            child.close()
        self._children.clear()
        if self._has_room:
            self._has_room = False
            self._tools.room.release()

    def _asked(self, request: Request) -> tuple[dict[str, Any], bytes]:
        asked = {"id": secrets.token_hex(8), "seed": self._seed}
        if request.tool == PYTHON.name:
            return asked | {"code": request.arguments["code"]}, b""
        return asked | {
            "tool": request.tool,
            "arguments": request.arguments,
            "index": request.index,
        }, request.state

    async def _child(self, kind: Kind) -> Child:
        if kind not in self._children:
            if not self._has_room:
                await self._take_room()
            child = await self._tools.child(kind)
            if self._closed:
                child.close()
                raise Lost("the session was closed during the call")
            self._children[kind] = child
        return self._children[kind]

    async def _take_room(self) -> None:
        """Wait for room, yet not for ever: who has it may have forgotten it, or wait for something that we have."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._tools.room.acquire()
        except TimeoutError as error:
            raise Lost("too many sessions hold a program already; raise sandbox.programs", False) from error
        if self._closed:
            self._tools.room.release()
            raise Lost("the session was closed during the call")
        self._has_room = True


def _spec(told: Any, modules: str) -> ToolSpec:
    """The spec that a child told, which ran the user's module and may say what it likes. Raises ``WorkerDied``."""
    try:
        spec = replace(ToolSpec(**told), locale=None, examples=(), localized={}, stateful=True)
        known = isinstance(spec.name, str) and spec.name.isidentifier() and isinstance(spec.description, str)
        if known and len(spec.description) <= MAX_DESCRIPTION and spec.parameters["type"] == "object":
            return replace(spec, description=in_a_line(spec.description))
    except (TypeError, KeyError):
        pass
    raise WorkerDied(f"{modules} does not tell what tools it has")
