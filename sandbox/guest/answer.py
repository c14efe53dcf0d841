"""What a process inside the sandbox does with a request: read it, run the tool, say what it came to."""

import socket
import time
from collections.abc import Callable
from typing import Any

from sandbox.host.framing import (
    HEADER,
    MAX_MESSAGE_BYTES,
    MAX_PARTS,
    MAX_STATE_BYTES,
    decode,
    encode,
    has_many_parts,
    lengths,
)
from sandbox.tools import ToolError, call_tool, one_line

Tools = dict[str, Callable[..., Any]]


def answer(
    tools: Tools, request: dict[str, Any], state: bytes, output_kb: int
) -> tuple[dict[str, Any], bytes]:
    """Run one request; what it came to, and the session's state (empty where the tool left it as it was)."""
    started = time.perf_counter()
    after = b""
    try:
        outcome, after = _outcome(tools, request, state, output_kb)
    except ToolError as error:
        outcome = failure("tool_error", str(error))
    except MemoryError:
        outcome = failure("memory", "the call needed more memory than it may have")
    except Exception as error:  # a tool's fault is an answer like any other
        outcome = failure("tool_error", f"{type(error).__name__}: {error}")
    return {"id": request["id"], **outcome, "seconds": time.perf_counter() - started}, after


def _outcome(
    tools: Tools, request: dict[str, Any], state_text: bytes, output_kb: int
) -> tuple[dict[str, Any], bytes]:
    state = decode(state_text)
    content = call_tool(
        tools[request["tool"]], request["arguments"], state, request["seed"], request["index"]
    )
    after = encode(state)
    too_large = over_limit("the result", encode(content), output_kb) or over_limit(
        "the session's state", after, MAX_STATE_BYTES // 1024
    )
    if too_large:
        return failure("output_limit", too_large), b""
    return {"status": "ok", "content": content}, b"" if after == state_text else after


def over_limit(what: str, text: bytes, kilobytes: int) -> str | None:
    """What to say of JSON text that is longer, or of more parts, than it may be."""
    if len(text) > kilobytes * 1024:
        return f"{what} is over {kilobytes} KB"
    return f"{what} has more than {MAX_PARTS} parts" if has_many_parts(text) else None


def failure(status: str, message: str) -> dict[str, Any]:
    return {"status": status, "content": {"error": one_line(message)}}


def receive(channel: socket.socket, output_kb: int) -> tuple[dict[str, Any], bytes] | None:
    """The next request and the state that came with it, or None once the host has hung up."""
    header = _exactly(channel, HEADER.size)
    if not header:
        return None
    message, state = lengths(header, output_kb * 1024 + MAX_MESSAGE_BYTES)  # a nested call's result, at most
    body = _exactly(channel, message + state)
    return (decode(body[:message]), body[message:]) if body else None


def _exactly(channel: socket.socket, count: int) -> bytes | None:
    received = bytearray()
    while len(received) < count:
        part = channel.recv(min(count - len(received), 1 << 16))
        if not part:
            return None
        received += part
    return bytes(received)
