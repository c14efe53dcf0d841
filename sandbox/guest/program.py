"""What a session of untrusted code runs: programs of the model, and tools that users wrote.

It lives in a child of the fork server. Whatever happens here, to builtins, modules or the frames it sends, ends
with the child; the host takes what it says as data.
"""

import _thread
import contextlib
import io
import mmap
import random
import socket
import time
import traceback
from dataclasses import asdict
from typing import Any

from sandbox.guest.answer import Tools, answer, failure, over_limit, receive
from sandbox.host.framing import encode, frame
from sandbox.host.printed import Notes
from sandbox.tools import ToolError, one_line, tool_spec

FILENAME = "<program>"


class TooMuchOutput(BaseException):
    """Printed more than the limit; not an ``Exception``, so that a program's own handlers let it pass."""


def serve(channel: socket.socket, tools: Tools, output_kb: int, printed: mmap.mmap) -> None:
    """Answer requests until the host hangs up: ``{code}`` runs a program, ``{tool}`` one of the user's,
    ``{specs}`` tells of these. What programs print is kept in ``printed``, too."""
    session: dict[str, Any] | None = None
    while (asked := receive(channel, output_kb)) is not None:
        request, state = asked
        if session is None:
            random.seed(request["seed"])
            session = {"__name__": "__main__", "call_tool": _ToolCaller(channel, output_kb)}
        if "specs" in request:
            channel.sendall(frame(_specs(request, tools)))
        elif "code" in request:
            channel.sendall(frame(run_program(request, session, output_kb, Notes(printed))))
        else:
            channel.sendall(frame(*answer(tools, request, state, output_kb)))


def _specs(request: dict[str, Any], tools: Tools) -> dict[str, Any]:
    try:
        return {"id": request["id"], "specs": [asdict(tool_spec(tool)) for tool in tools.values()]}
    except ValueError as error:
        return {"id": request["id"], "error": one_line(str(error))}


class _ToolCaller:
    """``call_tool(name, **arguments)``: the host runs the call as if the model had made it directly."""

    def __init__(self, channel: socket.socket, output_kb: int):
        self._channel, self._output_kb = channel, output_kb
        self._turn = _thread.allocate_lock()

    def __call__(self, name: str, /, **arguments: Any) -> Any:
        with self._turn:
            self._channel.sendall(frame({"call": {"name": name, "arguments": arguments}}))
            told, _ = receive(self._channel, self._output_kb) or ({}, b"")
        if told.get("status") != "ok":
            raise ToolError(str(told.get("content", {}).get("error")))
        return told["content"]


def run_program(
    request: dict[str, Any], session: dict[str, Any], output_kb: int, notes: Notes
) -> dict[str, Any]:
    """Run ``code`` in the session's names; ``result`` and what was printed come back, where it fails without what was printed."""
    started = time.perf_counter()
    printed = _Printed(output_kb * 1024, notes)
    session.pop("result", None)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            exec(compile(request["code"], FILENAME, "exec"), session)
            printed.check()
            outcome = _outcome(session, printed, output_kb)
    except TooMuchOutput:
        outcome = failure("output_limit", f"the program printed more than {output_kb} KB")
    except MemoryError:
        outcome = failure("memory", "the program needed more memory than it may have")
    except SystemExit:
        outcome = failure("no_result", "the program exited before its end")
    except BaseException as error:  # it is the program's, whatever it is
        outcome = failure("tool_error", _told(error))
    return {"id": request["id"], **outcome, "seconds": time.perf_counter() - started}


def _outcome(session: dict[str, Any], printed: "_Printed", output_kb: int) -> dict[str, Any]:
    if "result" not in session and not printed.getvalue():
        return failure("no_result", "the program assigned nothing to `result`")
    content = {"result": session.get("result"), "stdout": printed.getvalue()}
    too_large = over_limit("the result", encode(content), output_kb)
    return failure("output_limit", too_large) if too_large else {"status": "ok", "content": content}


def _told(error: BaseException) -> str:
    """The error in one line, with the program's line; a program may have made its ``__str__`` fail, too."""
    said = traceback.format_exception_only(type(error), error)[-1].strip()
    own = [line.lineno for line in traceback.extract_tb(error.__traceback__) if line.filename == FILENAME]
    return one_line(said + (f" (line {own[-1]})" if own else ""))


class _Printed(io.StringIO):
    def __init__(self, limit: int, notes: Notes):
        super().__init__()
        self._room, self._notes = limit, notes

    def write(self, text: str) -> int:
        self._room -= len(text)
        self._notes.add(text)
        self.check()
        return super().write(text)

    def check(self) -> None:
        if self._room < 0:
            raise TooMuchOutput
