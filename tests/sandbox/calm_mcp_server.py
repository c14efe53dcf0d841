"""A well-behaved server, written with the official SDK. It runs on stdio; ``mcp_over_http`` serves it, too."""

import asyncio
import json
from typing import Any, Literal

from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPError

server = MCPServer("calm", log_level="CRITICAL")
notes: dict[str, list[str]] = {}
DESSERTS = {"fr": "crème brûlée", "ar": "كُنافة", "hi": "गुलाब जामुन", "he": "סוּפְגָּנִיָּה", "vi": "Chè ba màu"}


@server.tool()
def keep_note(text: str, context: Context[Any, Any]) -> dict[str, list[str]]:
    """Bewaart een notitie en geeft alle notities van deze sessie terug."""
    request = context.request_context.request
    session = request.headers["mcp-session-id"] if request else ""
    kept = notes.setdefault(session, [])
    kept.append(text)
    return {"notes": kept}


@server.tool(structured_output=False)
def dessert(language: Literal["fr", "ar", "hi", "he", "vi"]) -> str:
    """Un dessert dont le nom n'est pas traduit."""
    return DESSERTS[language]


@server.tool(structured_output=False)
def as_json(text: str) -> str:
    """The text itself, which may be JSON."""
    return text


@server.tool(structured_output=False)
def parts() -> list[Any]:
    """A text, a value and a picture."""
    return ["ສະບາຍດີ", json.dumps({"n": 1}), Image(data=b"\x89PNG" * 250_000, format="png")]


@server.tool()
def refuse(why: str) -> str:
    """Refuses."""
    raise ToolError(why)


@server.tool()
def protocol_error(code: int) -> str:
    """Answers with an error of the protocol."""
    raise MCPError(code=code, message="no such parcel")


@server.tool()
def big(kilobytes: int) -> str:
    """So many kilobytes."""
    return "x" * 1024 * kilobytes


@server.tool()
def deep(levels: int) -> dict[str, Any]:
    """An object in an object in an object."""
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"in": found}
    return found


@server.tool()
async def wait(seconds: float) -> str:
    """Takes its time."""
    await asyncio.sleep(seconds)
    return "done"


if __name__ == "__main__":
    server.run()
