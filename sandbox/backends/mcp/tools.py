"""Servers of the Model Context Protocol as tools: what they list is called in sessions of their own.

A session of the sandbox that calls a server's tool gets an MCP session that is nobody else's: a process for a
server on stdio, a session by its header for one on streamable HTTP. It is opened by the first call and ends with
the sandbox's session, so nothing goes from one trajectory to the next::

    tools = McpTools([{"command": ["python", "-m", "my_server"]}], surroundings, most=128)
    await tools.start()
    answer = await tools.session().call("forecast", {"city": "Łódź"})
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.backends.base import Answer, Calls, Request, failed, in_time
from sandbox.backends.mcp.connection import Connection
from sandbox.backends.mcp.servers import Server, Surroundings, server
from sandbox.backends.mcp.wire import ServerLost
from sandbox.backends.rest.credentials import Credentials
from sandbox.host.worker import START_SECONDS
from sandbox.tools import one_line
from sandbox.types import ToolSpec, key_of


class McpTools:
    """The tools of ``servers`` (see ``sandbox.backends.mcp.servers``), for at most ``most`` sessions at once.

    Raises ``ValueError`` for a server that is not described well, or cannot be isolated here.
    """

    def __init__(self, servers: Iterable[Mapping[str, Any]], surroundings: Surroundings, most: int):
        self._credentials = Credentials()
        self._servers = [server(config, surroundings, self._credentials) for config in servers]
        self._limits = surroundings.limits
        self.room = asyncio.Semaphore(most)
        self.specs: dict[str, ToolSpec] = {}
        self.homes: dict[str, tuple[Server, str]] = {}  # of each tool, with its name there
        self.sessions: set[McpSession] = set()

    async def start(self) -> None:
        """Ask each server for its tools. Raises ``ValueError`` where one does not answer, or a name comes twice."""
        for home in self._servers:
            for name, listed in await self._listed(home):
                spec = replace(listed, locale=home.locale)
                key = key_of(spec)
                if key in self.homes:
                    raise ValueError(
                        f"mcp: {home.label}: has a tool {spec.name!r}, a name that is taken by "
                        f"{self.homes[key][0].label}; rename it there, or leave one of the servers out"
                    )
                self.homes[key], self.specs[key] = (home, name), spec

    def home(self, tool: str) -> str:
        """The server that has the tool."""
        return self.homes[tool][0].label

    def open(self, seed: int) -> Calls:
        """As ``session``, to be called with requests."""
        return _Calls(self.session())

    def session(self) -> "McpSession":
        """Connections that are nobody else's; ``close`` them."""
        return McpSession(self)

    async def close(self) -> None:
        """End all sessions."""
        await asyncio.gather(*(session.close() for session in list(self.sessions)))

    async def connect(self, home: Server) -> Connection:
        """A new connection. Raises ``ServerLost``."""
        return await Connection.to(home, self._limits, self._credentials)

    async def _listed(self, home: Server) -> list[tuple[str, ToolSpec]]:
        try:
            connection = await self.connect(home)
            try:
                return await connection.tools()
            finally:
                connection.end()
                await connection.ended()
        except ServerLost as error:
            raise ValueError(f"mcp: {one_line(f'{home.label}: {error}')}; does it run by itself?") from error


@dataclass(frozen=True)
class _Calls:
    session: "McpSession"

    async def call(self, request: Request) -> Answer:
        return await in_time(request, self.session.call(request.tool, request.arguments))

    async def close(self) -> None:
        await self.session.close()


class McpSession:
    """One trajectory's connections, one for each server that it calls. The calls come one after the other."""

    def __init__(self, tools: McpTools):
        self._tools = tools
        self._connections: dict[Server, Connection] = {}
        self._ending: list[Connection] = []
        self._has_room = False
        self._closed = False

    async def call(self, name: str, arguments: dict[str, Any]) -> Answer:
        """Call a tool of ``McpTools.specs`` with arguments that fit its spec; whatever happens, an answer comes back.

        The content of every answer but an ``ok`` one is ``{"error": one line}``.
        """
        begin = time.monotonic()
        home, tool = self._tools.homes[name]
        answer = await self._answered(home, tool, arguments)
        return replace(answer, seconds=time.monotonic() - begin)

    async def close(self) -> None:
        """End the connections and what was started for them."""
        self._closed = True
        for home in list(self._connections):
            self._drop(home)
        await asyncio.gather(*(connection.ended() for connection in self._ending))
        self._tools.sessions.discard(self)
        if self._has_room:
            self._has_room = False
            self._tools.room.release()

    async def _answered(self, home: Server, tool: str, arguments: dict[str, Any]) -> Answer:
        """Call the tool; once more, if the server was lost before it had done anything for this session."""
        reason = ""
        for _ in range(2):
            fresh = home not in self._connections
            try:
                connection = await self._connection(home)
                return await connection.call(tool, arguments)
            except ServerLost as error:
                reason = str(error)
                if not fresh:
                    break  # what earlier calls had set up is gone
            finally:
                if home in self._connections and not self._connections[home].open:
                    self._drop(home)
        return failed("infra_error", f"{home.label}: {reason}")

    async def _connection(self, home: Server) -> Connection:
        if home in self._connections:
            return self._connections[home]
        if self._closed:
            raise ServerLost("the session was closed during the call")
        if not self._has_room:
            await self._take_room()
        connection = await self._tools.connect(home)
        self._connections[home] = connection
        if self._closed:
            self._drop(home)
            raise ServerLost("the session was closed during the call")
        return connection

    async def _take_room(self) -> None:
        """Wait for room, yet not for ever: who has it may wait for something that we have."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._tools.room.acquire()
        except TimeoutError as error:
            raise ServerLost("too many sessions hold a server already; raise sandbox.programs") from error
        if self._closed:
            self._tools.room.release()
            raise ServerLost("the session was closed during the call")
        self._has_room = True
        self._tools.sessions.add(self)

    def _drop(self, home: Server) -> None:
        connection = self._connections.pop(home)
        connection.end()
        self._ending.append(connection)
