"""What a session of untrusted code runs: programs of the model, and tools that users wrote.

It lives in a child of the fork server. Whatever happens here, to builtins, modules or the frames it sends, ends
with the child; the host takes what it says as data.
"""

import _thread
import contextlib
import io
import os
import random
import socket
import sys
import time
import traceback
import uuid
from typing import Any

from sandbox.frames import encode, frame
from sandbox.inside import Tools, answer, failure, receive
from sandbox.tools import ToolError, one_line

FILENAME = "<program>"
KEPT_OUT = (
    "pytest",
    "dateutil",
)  # time_machine takes them where they are, and every fork would pay for their size


class TooMuchOutput(BaseException):
    """Printed more than the limit; not an ``Exception``, so that a program's own handlers let it pass."""


def make_reproducible(now: str) -> None:
    """Freeze the clock at ``now`` (ISO 8601) and have all random bytes come from ``random``'s seed."""
    for name in KEPT_OUT:
        sys.modules[name] = None  # type: ignore[assignment]
    import time_machine

    for name in KEPT_OUT:
        del sys.modules[name]
    time_machine.travel(now, tick=False).start()
    os.urandom = random.randbytes
    os.getrandom = lambda size, flags=0: random.randbytes(size)
    random._urandom = random.randbytes  # type: ignore[attr-defined]
    seed = random.Random.seed

    def seed_at_all(self: random.Random, a: Any = None, version: int = 2) -> None:
        seed(self, random.randbytes(16) if a is None else a, version)

    random.Random.seed = seed_at_all  # type: ignore[method-assign]
    random.seed = random._inst.seed
    uuid.getnode = lambda: 0x0242AC110002
    uuid._generate_time_safe = None  # type: ignore[attr-defined]


def serve(channel: socket.socket, tools: Tools, output_kb: int) -> None:
    """Answer requests until the host hangs up: ``{code}`` runs a program, ``{tool}`` one of the user's."""
    session: dict[str, Any] | None = None
    while (asked := receive(channel)) is not None:
        request, state = asked
        if session is None:
            random.seed(request["seed"])
            session = {"__name__": "__main__", "call_tool": _ToolCaller(channel)}
        if "code" in request:
            channel.sendall(frame(run_program(request, session, output_kb)))
        else:
            channel.sendall(frame(*answer(tools, request, state, output_kb)))


class _ToolCaller:
    """``call_tool(name, **arguments)``: the host runs the call as if the model had made it directly."""

    def __init__(self, channel: socket.socket):
        self._channel = channel
        self._turn = _thread.allocate_lock()

    def __call__(self, name: str, /, **arguments: Any) -> Any:
        with self._turn:
            self._channel.sendall(frame({"call": {"name": name, "arguments": arguments}}))
            told, _ = receive(self._channel) or ({}, b"")
        if told.get("status") != "ok":
            raise ToolError(str(told.get("content", {}).get("error")))
        return told["content"]


def run_program(request: dict[str, Any], session: dict[str, Any], output_kb: int) -> dict[str, Any]:
    """Run ``code`` in the session's names; ``result`` and what was printed come back."""
    started = time.perf_counter()
    printed = _Printed(output_kb * 1024)
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
    if "result" not in session:
        return failure("no_result", "the program assigned nothing to `result`")
    content = {"result": session["result"], "stdout": printed.getvalue()}
    if len(encode(content)) > output_kb * 1024:
        return failure("output_limit", f"the result is over {output_kb} KB")
    return {"status": "ok", "content": content}


def _told(error: BaseException) -> str:
    """The error in one line, with the program's line; a program may have made its ``__str__`` fail, too."""
    said = traceback.format_exception_only(type(error), error)[-1].strip()
    own = [line.lineno for line in traceback.extract_tb(error.__traceback__) if line.filename == FILENAME]
    return one_line(said + (f" (line {own[-1]})" if own else ""))


class _Printed(io.StringIO):
    def __init__(self, limit: int):
        super().__init__()
        self._room = limit

    def write(self, text: str) -> int:
        self._room -= len(text)
        self.check()
        return super().write(text)

    def check(self) -> None:
        if self._room < 0:
            raise TooMuchOutput
