"""The inside of the sandbox: ``python -m sandbox.worker FD CATALOG MEMORY_MB OUTPUT_KB``.

A worker reads requests ``{id, tool, arguments, state, seed, index}`` from a socket and answers each with
``{id, status, content, seconds}`` and, where the tool changed it, ``state``. It keeps nothing between two
calls. Wall time is the host's to limit; the worker limits its own memory, files and processes, and dies
with its host.
"""

import ctypes
import importlib
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from sandbox.frames import HEADER, MAX_REQUEST_BYTES, MAX_STATE_BYTES, body_length, decode, encode, frame
from sandbox.tools import ToolError, call_tool, one_line

Tools = dict[str, Callable[..., Any]]
PR_SET_PDEATHSIG = 1
OPEN_FILES = 64


def main(fd: str, catalog: str, memory_mb: str, output_kb: str) -> None:
    """Load the catalog, give up what is not needed, and serve until the host hangs up."""
    with socket.socket(fileno=int(fd)) as channel:
        try:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            module = importlib.import_module(catalog)
            module.warm_up()
            _limit_resources(int(memory_mb))
        except Exception as error:  # whatever it is, the host has to hear of it
            channel.sendall(frame({"error": f"{type(error).__name__}: {error}"}))
            return
        channel.sendall(frame({"ready": True}))
        while (request := _receive(channel)) is not None:
            channel.sendall(frame(answer(module.TOOLS, request, int(output_kb))))


def answer(tools: Tools, request: dict[str, Any], output_kb: int) -> dict[str, Any]:
    """Run one request and say what it came to."""
    started = time.perf_counter()
    try:
        outcome = _outcome(tools, request, output_kb)
    except ToolError as error:
        outcome = _failure("tool_error", str(error))
    except MemoryError:
        outcome = _failure("memory", "the call needed more memory than it may have")
    except Exception as error:  # a tool's fault is an answer like any other
        outcome = _failure("tool_error", f"{type(error).__name__}: {error}")
    return {"id": request["id"], **outcome, "seconds": time.perf_counter() - started}


def _outcome(tools: Tools, request: dict[str, Any], output_kb: int) -> dict[str, Any]:
    state = request["state"]
    before = encode(state)
    content = call_tool(
        tools[request["tool"]], request["arguments"], state, request["seed"], request["index"]
    )
    after = encode(state)
    if len(encode(content)) > output_kb * 1024:
        return _failure("output_limit", f"the result is over {output_kb} KB")
    if len(after) > MAX_STATE_BYTES:
        return _failure("output_limit", f"the session's state is over {MAX_STATE_BYTES // 1024} KB")
    return {"status": "ok", "content": content} | ({} if after == before else {"state": state})


def _failure(status: str, message: str) -> dict[str, Any]:
    return {"status": status, "content": {"error": one_line(message)}}


def _limit_resources(memory_mb: int) -> None:
    """Memory as asked; few files, none of them written to; no processes (root is exempt), no core dump."""
    limits = {
        resource.RLIMIT_AS: memory_mb * 1024 * 1024,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def _receive(channel: socket.socket) -> dict[str, Any] | None:
    """The next request, or None once the host has hung up."""
    header = _exactly(channel, HEADER.size)
    body = _exactly(channel, body_length(header, MAX_REQUEST_BYTES)) if header else None
    return decode(body) if body else None


def _exactly(channel: socket.socket, count: int) -> bytes | None:
    received = bytearray()
    while len(received) < count:
        part = channel.recv(min(count - len(received), 1 << 16))
        if not part:
            return None
        received += part
    return bytes(received)


if __name__ == "__main__":
    main(*sys.argv[1:])
