"""What a process inside the sandbox does with a request: read it, run the tool, say what it came to."""

import ctypes
import os
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

from sandbox.frames import HEADER, MAX_REQUEST_BYTES, MAX_STATE_BYTES, decode, encode, lengths
from sandbox.tools import ToolError, call_tool, one_line

Tools = dict[str, Callable[..., Any]]
PR_SET_PDEATHSIG = 1
UID = 65533  # inside; next to nobody's, and nobody else's


def leave_root() -> None:
    """Become ``UID`` for good, which also gives up every capability; nothing to do unless we are root."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(UID, UID, UID)
        os.setresuid(UID, UID, UID)


def die_with_parent() -> None:
    """Be killed by the kernel when the process that started this one ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


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
    if len(encode(content)) > output_kb * 1024:
        return failure("output_limit", f"the result is over {output_kb} KB"), b""
    if len(after) > MAX_STATE_BYTES:
        return failure("output_limit", f"the session's state is over {MAX_STATE_BYTES // 1024} KB"), b""
    return {"status": "ok", "content": content}, b"" if after == state_text else after


def failure(status: str, message: str) -> dict[str, Any]:
    return {"status": status, "content": {"error": one_line(message)}}


def receive(channel: socket.socket) -> tuple[dict[str, Any], bytes] | None:
    """The next request and the state that came with it, or None once the host has hung up."""
    header = _exactly(channel, HEADER.size)
    if not header:
        return None
    message, state = lengths(header, MAX_REQUEST_BYTES)
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
