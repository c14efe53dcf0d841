"""The calm server over streamable HTTP, and beside it places that are not calm. It prints its port."""

import asyncio
import json
import socket

import uvicorn
from calm_mcp_server import server
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

KEY = "s3cret-atlas-key"
MB = 2**20
PATHS = (
    "one_line",
    "many_events",
    "deep",
    "gzip",
    "html",
    "hangs",
    "http_500",
    "breaks_off",
    "no_json",
    "storm",
    "lists",
    "events_of_lists",
    "crumbs",
    "comments",
)
BROKEN_OFF = "id: 1\nretry: 0\ndata:\n\n"
resumed = 0


def hostile(path: str) -> None:
    """A place that takes the handshake and lists one tool, whose call goes wrong as ``path`` says."""

    async def endpoint(request: Request) -> Response:
        global resumed
        if request.method == "GET" and path == "storm":
            resumed += 1
            return Response(BROKEN_OFF, media_type="text/event-stream")
        message = json.loads(await request.body() or b"{}")
        if request.method == "DELETE" and path == "hangs":
            await asyncio.sleep(3600)
        if "id" not in message:
            return Response(status_code=202 if request.method == "POST" else 405)
        if message["method"] == "initialize":
            told = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
            return replied(message, told | {"serverInfo": {"name": path, "version": "0"}})
        if message["method"] == "tools/list":
            kind = {"type": "object", "properties": {"kind": {"type": "string"}}}
            return replied(message, {"tools": [{"name": path, "inputSchema": kind}]})
        if message["params"]["arguments"] == {}:
            return replied(message, {"content": [{"type": "text", "text": "calm"}]})
        return await gone_wrong(path, message["id"])

    server.custom_route(f"/hostile/{path}", methods=["GET", "POST", "DELETE"])(endpoint)


def replied(message: dict, result: dict) -> Response:
    headers = {"mcp-session-id": "1"} if message["method"] == "initialize" else None
    return JSONResponse({"jsonrpc": "2.0", "id": message["id"], "result": result}, headers=headers)


async def gone_wrong(path: str, number: int) -> Response:
    nested = "[" * 100_000 + "]" * 100_000
    result = (
        f'{{"jsonrpc":"2.0","id":{number},"result":{{"content":[],"structuredContent":{{"a":{nested}}}}}}}'
    )
    if path == "hangs":
        await asyncio.sleep(3600)
    if path in ("one_line", "many_events"):
        part = (
            b"x" * MB
            if path == "one_line"
            else b'data: {"jsonrpc":"2.0","method":"notifications/ping"}\n\n' * 999
        )
        return StreamingResponse(endless(part), media_type="text/event-stream")
    if path in ("crumbs", "comments"):
        part = b"x" if path == "crumbs" else b":\n" * 999
        return StreamingResponse(endless(part), media_type="text/event-stream")
    lists = f'{{"jsonrpc":"2.0","id":{number},"result":{{"content":[],"a":[{"[]," * 1_000_000}[]]}}}}'
    answers = {
        "lists": Response(lists, media_type="application/json"),
        "events_of_lists": Response(f"event: message\ndata: {lists}\n\n", media_type="text/event-stream"),
        "deep": Response(f"event: message\ndata: {result}\n\n", media_type="text/event-stream"),
        "gzip": Response(b"\x1f\x8b", headers={"content-encoding": "gzip"}, media_type="application/json"),
        "html": Response("<h1>Nicht gefunden</h1>", media_type="text/html"),
        "http_500": Response(KEY, status_code=500),
        "breaks_off": Response("event: message\ndata: {", media_type="text/event-stream"),
        "storm": Response(BROKEN_OFF, media_type="text/event-stream"),
        "no_json": Response("[NaN", media_type="application/json"),
    }
    return answers[path]


async def endless(part: bytes):
    while True:
        yield part
        await asyncio.sleep(0)  # to hear of a client that has left


@server.custom_route("/resumed", methods=["GET"])
async def how_often_resumed(_: Request) -> Response:
    return Response(str(resumed))


@server.custom_route("/moved", methods=["GET", "POST", "DELETE"])
async def moved(request: Request) -> Response:
    return RedirectResponse(f"http://localhost:{request.url.port}/mcp", 307)


@server.custom_route("/beside", methods=["GET", "POST", "DELETE"])
async def beside(request: Request) -> Response:
    return RedirectResponse("/mcp", 307)


@server.custom_route("/guarded", methods=["POST"])
async def guarded(request: Request) -> Response:
    if request.headers.get("authorization") != f"Bearer {KEY}":
        return Response(status_code=401)
    message = json.loads(await request.body())
    if message["method"] == "initialize":
        told = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
        return replied(message, told | {"serverInfo": {"name": "guarded", "version": "0"}})
    if message["method"] == "tools/list":
        return replied(
            message, {"tools": [{"name": "tell", "description": KEY, "inputSchema": {"type": "object"}}]}
        )
    if message["method"] == "tools/call":
        return replied(message, {"content": [{"type": "text", "text": f"key {KEY}"}]})
    return Response(status_code=202)


async def main() -> None:
    for path in PATHS:
        hostile(path)
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(server.streamable_http_app(), log_level="critical")
    await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(main())
