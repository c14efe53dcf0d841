"""One MCP session with one server, from its handshake to its end.

It lives in a task of its own, since the SDK's contexts have to be left by the task that entered them, while the
calls of a session may come from any.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from mcp.client.session import ClientSession
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    Implementation,
)
from pydantic import ValidationError

from sandbox.backends.base import Answer, Limits, failed
from sandbox.backends.mcp.content import answer_of, told
from sandbox.backends.mcp.listing import listed
from sandbox.backends.mcp.servers import Server
from sandbox.backends.mcp.wire import ServerLost, Wire, unreadable
from sandbox.backends.rest.credentials import Credentials
from sandbox.host.worker import START_SECONDS
from sandbox.types import ToolSpec

CLOSE_SECONDS = 5.0  # to take leave of a server; afterwards we go without
RESERVED = range(-32768, -31999)  # codes of JSON-RPC itself; all others are a tool's own
CLIENT = Implementation(name="polyglot-grpo", version="1")


class Connection:
    """``to`` makes one, ``end`` lets it go. It ends by itself where what comes next could not be trusted."""

    def __init__(self, server: Server, limits: Limits, credentials: Credentials):
        self._server, self._limits, self._redact = server, limits, credentials.redact
        self._wire = Wire()
        self._session: asyncio.Future[ClientSession] = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live())
        self.open = True

    @classmethod
    async def to(cls, server: Server, limits: Limits, credentials: Credentials) -> "Connection":
        """A connection after its handshake. Raises ``ServerLost``."""
        connection = cls(server, limits, credentials)
        try:
            async with _in_time():
                await asyncio.shield(connection._session)
        except BaseException:
            connection.end()
            await connection.ended()
            raise
        return connection

    async def tools(self) -> list[tuple[str, ToolSpec]]:
        """As ``listing.listed``. Raises ``ServerLost``, too."""
        try:
            async with _in_time():
                return await listed(self._session.result(), self._server.label, self._redact)
        except MCPError as error:
            raise self._lost(told(error.message)) from error
        except ValidationError as error:
            raise ServerLost("the server's list of tools is not one of the protocol") from error

    async def call(self, tool: str, arguments: dict[str, Any]) -> Answer:
        """Call the server's tool. Raises ``ServerLost``; the connection has then ended."""
        wall, in_step = self._limits.wall_seconds, False
        asked = CallToolRequest(params=CallToolRequestParams(name=tool, arguments=arguments))
        try:
            async with asyncio.timeout(wall):
                result = await self._session.result().send_request(asked, CallToolResult)
            in_step = True
            return answer_of(result, self._limits.output_kb, self._redact)
        except TimeoutError:
            return self._broken() or failed("wall_timeout", f"the call took more than {wall:g} seconds")
        except MCPError as error:
            if error.code in (INVALID_PARAMS, METHOD_NOT_FOUND) or error.code not in RESERVED:
                in_step = True
                return failed("tool_error", self._redact(told(error.message)))
            lost = self._lost(told(error.message))
            if answer := self._broken():
                return answer
            raise lost from error
        except ValidationError as error:
            raise ServerLost("the server's answer is not one of the protocol") from error
        finally:
            if not in_step:
                self.end()

    def end(self) -> None:
        """Take leave of the server, and end what was started for it; ``ended`` waits for that."""
        if self.open:
            self.open = False
            self._life.cancel()

    async def ended(self) -> None:
        """Wait for the end, for as long as a server may take over it."""
        _, pending = await asyncio.wait({self._life}, timeout=CLOSE_SECONDS)
        for life in pending:
            life.cancel()
        await asyncio.wait({self._life})

    async def _live(self) -> None:
        try:
            streams = self._server.connect(self._wire)
            async with streams as (read, write), ClientSession(read, write, client_info=CLIENT) as session:
                await session.initialize()
                self._session.set_result(session)
                await asyncio.Future()
        except Exception as error:  # whatever it is, it ends this connection alone
            self._wire.broke(_told(error))
        finally:
            self.open = False
            if not self._session.done():
                self._session.set_exception(ServerLost(self._redact(self._wire.fault)))
                self._session.exception()  # seen, whether or not somebody waits

    def _lost(self, said: str) -> ServerLost:
        """The connection is lost, for the reason that its carrier saw, else for what the SDK said."""
        self._wire.broke(*unreadable(said))
        return ServerLost(self._redact(self._wire.fault))

    def _broken(self) -> Answer | None:
        """What the call comes to by what its carrier saw, if that was the call's doing."""
        return failed(self._wire.status, self._wire.fault) if self._wire.status != "infra_error" else None


@contextlib.asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(START_SECONDS):
            yield
    except TimeoutError as error:
        raise ServerLost(f"the server did not answer within {START_SECONDS:g} seconds") from error


def _told(error: BaseException) -> str:
    """The first error of those that came together, by its name if it says nothing."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
