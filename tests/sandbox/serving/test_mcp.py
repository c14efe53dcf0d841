"""The sandbox as an MCP server, asked by the SDK's own client."""

import asyncio

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.sandbox.serving.test_serve import TOKEN, serving, tools_of_this_folder

__all__ = ["tools_of_this_folder"]


@pytest.fixture(scope="module")
def served():
    with serving("--mcp") as server:
        yield server


def client(url: str) -> Client:
    http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}".encode()}, timeout=60)
    return Client(streamable_http_client(f"{url}/mcp", http_client=http))


def test_any_client_lists_and_calls_the_tools_each_session_with_its_own_state(served):
    async def go() -> None:
        async with client(served.url) as one, client(served.url) as other:
            tools = {tool.name: tool for tool in (await one.list_tools()).tools}
            assert {"add", "python"} <= set(tools) and tools["add"].input_schema["required"] == ["amount"]
            for n, total in ((2, 2), (3, 5)):
                added = await one.call_tool("add", {"amount": n})
                assert added.structured_content == {"sum": total} and not added.is_error
            assert (await other.call_tool("add", {"amount": 7})).structured_content == {"sum": 7}
            wrong = await one.call_tool("add", {"amount": "much"})
            assert wrong.is_error and wrong.content[0].text.startswith("invalid_call: ")
            unknown = await one.call_tool("rm", {})
            assert unknown.is_error
            program = await one.call_tool("python", {"code": "result = call_tool('add', amount=1)"})
            assert program.structured_content["result"] == {"sum": 6}

    asyncio.run(go())


def test_it_is_served_beside_the_http_protocol_and_to_who_has_the_token(served):
    assert httpx.post(f"{served.url}/mcp", json={}).status_code == 401
    assert served.send("GET", "/mcp").status_code == 405
    assert served.send("GET", "/v1/tools").status_code == 200
    assert served.send("GET", "/ready", None).json() == {"ready": True}
    big = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"x": "x" * 300_000}}
    assert served.send("POST", "/mcp", json=big).status_code == 413
