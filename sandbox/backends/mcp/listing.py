"""A server's own list of tools becomes specs. It is data like all that a server says: bounded, made plain, checked."""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from mcp.client.session import ClientSession
from mcp_types import PaginatedRequestParams, Tool

from sandbox.backends.code.server import PYTHON
from sandbox.backends.mcp.content import told
from sandbox.backends.rest.document import DESCRIPTION_LENGTH, NAME_LENGTH
from sandbox.json_schema import Schemas
from sandbox.tools import in_a_line, one_line
from sandbox.types import ToolSpec

MOST_TOOLS = 1000
MOST_PAGES = 100
MAX_NAME = 1000  # characters
MAX_SCHEMA_BYTES = 64 * 1024
MAX_LIST_BYTES = 2 * 1024 * 1024  # of all schemas together


async def listed(
    session: ClientSession, label: str, redact: Callable[[Any], Any]
) -> list[tuple[str, ToolSpec]]:
    """The name that the server has for each tool, and what the model is shown. Raises ``ValueError``."""
    listed: list[tuple[str, ToolSpec]] = []
    cursor: str | None = None
    size = 0
    for _ in range(MOST_PAGES):
        page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor) if cursor else None)
        cursor = page.next_cursor
        size += sum(len(json.dumps(tool.input_schema)) for tool in page.tools)
        if size > MAX_LIST_BYTES:
            raise ValueError(
                f"mcp: {label}: its tools' schemas are over {MAX_LIST_BYTES // 2**20} MB; make them smaller"
            )
        for tool in page.tools[: MOST_TOOLS + 1 - len(listed)]:  # and nothing else of the page is kept
            listed.append((tool.name, _Tool(label, tool, redact).spec()))
            await asyncio.sleep(0)  # who waits for the list may lose patience between two tools
        if len(listed) > MOST_TOOLS or cursor is None:
            break
    if len(listed) > MOST_TOOLS or cursor is not None:
        raise ValueError(
            f"mcp: {label}: lists more than {MOST_TOOLS} tools or {MOST_PAGES} pages; serve fewer"
        )
    return listed


class _Tool:
    def __init__(self, label: str, tool: Tool, redact: Callable[[Any], Any]):
        self._label, self._tool, self._redact = label, tool, redact
        self._name = redact(told(tool.name))

    def spec(self) -> ToolSpec:
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", self._name).strip("_")[:NAME_LENGTH]
        if not name or name == PYTHON.name or len(self._tool.name) > MAX_NAME:
            self._wrong("", f"the name {self._name!r} cannot be a tool's here; give it another")
        said = self._tool.description or self._tool.title or name
        description = in_a_line(self._redact(told(said)))[:DESCRIPTION_LENGTH]
        return ToolSpec(name, description, self._parameters())

    def _parameters(self) -> dict[str, Any]:
        schema = self._redact(self._tool.input_schema)
        if len(json.dumps(schema)) > MAX_SCHEMA_BYTES:
            self._wrong("", f"its schema is over {MAX_SCHEMA_BYTES // 1024} KB; make it smaller")
        try:
            schemas = Schemas(schema, self._wrong)
            parameters = {"type": "object", "properties": {}} | schemas.read(schema, "inputSchema")
            parameters = schemas.whole(parameters)
            if "properties" in schema:  # undeclared arguments are wrong, unless the server says otherwise
                parameters.setdefault("additionalProperties", False)
            Draft202012Validator.check_schema(parameters)
        except RecursionError:
            self._wrong("inputSchema", "is nested too deeply; make it flatter")
        except SchemaError as error:
            self._wrong("inputSchema", f"{error.json_path} is not JSON Schema: {error.message}; correct it")
        if parameters["type"] != "object":
            self._wrong("inputSchema", "is not of type object; make it so")
        return parameters

    def _wrong(self, where: str, what: str) -> NoReturn:
        place = ": ".join(part for part in (f"tool {self._name!r}", where, what) if part)
        raise ValueError(f"mcp: {self._label}: {one_line(place)}")
