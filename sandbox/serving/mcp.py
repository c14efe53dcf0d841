"""The sandbox's tools for any client of the Model Context Protocol, by streamable HTTP at ``/mcp``.

An MCP session is a session of the sandbox: it has a state of its own, which ends with it. So versions of the protocol
without sessions are refused, which tells a client to take an older one.
"""

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import (
    UNSUPPORTED_PROTOCOL_VERSION,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox.pool import Sandbox
from sandbox.serving.app import More
from sandbox.serving.replies import refused, reply
from sandbox.session import Session
from sandbox.types import ToolCall, ToolResult

PATH = "/mcp"
MAX_BODY_BYTES = 256 * 1024  # arguments have at most 64 KB
Asked = ServerRequestContext[Any, Any]


def served(sandbox: Sandbox, max_sessions: int, idle_seconds: float) -> More:
    """Routes for ``sandbox.serving.app.application``, and what has to run beside them."""
    tools = _Tools(sandbox)
    server = Server("polyglot-grpo", on_list_tools=tools.listed, on_call_tool=tools.called)
    manager = StreamableHTTPSessionManager(
        server,
        json_response=True,
        session_idle_timeout=idle_seconds,
        max_request_body_size=MAX_BODY_BYTES,
        max_sessions=max_sessions,
    )
    return [Route(PATH, _Endpoint(manager))], _running(manager)


@contextlib.asynccontextmanager
async def _running(manager: StreamableHTTPSessionManager) -> AsyncIterator[None]:
    async with manager.run():
        yield


class _Endpoint:
    """The SDK's, for requests of versions that have sessions, and without streams that nothing would be said on."""

    def __init__(self, manager: StreamableHTTPSessionManager):
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        version = dict(scope["headers"]).get(b"mcp-protocol-version", b"").decode("latin-1")
        if scope["method"] not in ("POST", "DELETE"):
            await refused(405, "Method Not Allowed", {"Allow": "POST, DELETE"})(scope, receive, send)
        elif version and version not in HANDSHAKE_PROTOCOL_VERSIONS:
            told = {"supported": list(HANDSHAKE_PROTOCOL_VERSIONS), "requested": version[:40]}
            error = {"code": UNSUPPORTED_PROTOCOL_VERSION, "message": "Unsupported version", "data": told}
            await reply({"jsonrpc": "2.0", "id": None, "error": error}, 400)(scope, receive, send)
        else:
            await self._manager.handle_request(scope, receive, send)


class _Tools:
    """What the server answers with."""

    def __init__(self, sandbox: Sandbox):
        self._sandbox = sandbox
        self._sessions: dict[int, Session] = {}  # of each connection

    async def listed(self, _: Asked, params: PaginatedRequestParams | None) -> ListToolsResult:
        specs = self._sandbox.specs.values()
        return ListToolsResult(
            tools=[Tool(name=s.name, description=s.description, input_schema=s.parameters) for s in specs]
        )

    async def called(self, asked: Asked, params: CallToolRequestParams) -> CallToolResult:
        session = await self._session(asked)
        call = ToolCall(str(asked.request_id), params.name, dict(params.arguments or {}))
        return _told(await session.call(call))

    async def _session(self, asked: Asked) -> Session:
        """The connection's; it ends with the connection, which alone has an exit stack."""
        connection = asked.session._connection
        if id(connection) not in self._sessions:
            session = self._sandbox.session()
            self._sessions[id(connection)] = session
            connection.exit_stack.callback(self._sessions.pop, id(connection))
            await connection.exit_stack.enter_async_context(session)
        return self._sessions[id(connection)]


def _told(result: ToolResult) -> CallToolResult:
    """The result as text, as an object where it is one, and its status beside it."""
    ok = result.status == "ok"
    text = json.dumps(result.content, ensure_ascii=False) if ok else f"{result.status}: {_why(result)}"
    content = result.content if ok and isinstance(result.content, dict) else None
    return CallToolResult(
        content=[TextContent(text=text)],
        structured_content=content,
        is_error=not ok,
        _meta={"status": result.status},
    )


def _why(result: ToolResult) -> str:
    return str(result.content.get("error")) if isinstance(result.content, dict) else str(result.content)
