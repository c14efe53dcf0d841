"""One trajectory's view of the sandbox: its tools, its state, its calls in order."""

import asyncio
import secrets
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sandbox.arguments import wrong_call
from sandbox.code import PYTHON
from sandbox.code_session import CodeSession
from sandbox.frames import decode
from sandbox.latin import transliterated
from sandbox.process import Answer, WorkerDied
from sandbox.tools import one_line
from sandbox.types import ToolCall, ToolResult, ToolSpec

if TYPE_CHECKING:
    from sandbox.pool import Sandbox


class Session:
    """One trajectory's view of the sandbox: its tools, its state, its calls in order."""

    def __init__(self, sandbox: "Sandbox", tools: dict[str, ToolSpec], state: bytes, seed: int, index: int):
        self._sandbox = sandbox
        self._tools = tools
        self._state = state
        self._seed = seed
        self.index = index
        self._turn = asyncio.Lock()
        self._program: CodeSession | None = None
        self._mcp = sandbox.mcp.session() if sandbox.mcp else None
        self._open = False

    async def __aenter__(self) -> Self:
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        self._end_program()
        if self._mcp is not None:
            await self._mcp.close()

    async def call(self, call: ToolCall) -> ToolResult:
        """Check and run a call. Whatever the model wrote, a result comes back, never an exception.

        The content of every result but an ``ok`` one is ``{"error": one line}``.
        """
        if not self._open:
            raise RuntimeError("the session is not open: use it inside `async with sandbox.session()`")
        wrong = self._wrong(call)
        if wrong is not None:
            return ToolResult(call.id, "invalid_call", {"error": wrong})
        async with self._turn:
            if call.name in self._sandbox.untrusted:
                answer = self._taken(await self._run_program(call))
            else:
                answer = self._taken(await self._run(call))
        content = answer.content
        if answer.status == "ok" and self._sandbox.latin_kb is not None:
            content = transliterated(content, self._sandbox.latin_kb)
        return ToolResult(call.id, answer.status, content, answer.seconds)

    def state(self) -> dict[str, Any]:
        """A copy of the state as it is now."""
        return decode(self._state)

    def state_json(self) -> bytes:
        """The state as it is now, as JSON in UTF-8."""
        return self._state

    def snapshot(self) -> dict[str, Any]:
        """JSON from which ``sandbox.session(**snapshot)`` goes on where this session is now."""
        return {
            "state": self.state(),
            "seed": self._seed,
            "tools": list(self._tools),
            "index": self.index,
        }

    def _request(self, call: ToolCall) -> dict[str, Any]:
        index, self.index = self.index, self.index + 1
        return {
            "id": index,
            "tool": call.name,
            "arguments": call.arguments,
            "seed": self._seed,
            "index": index,
        }

    async def _run(self, call: ToolCall) -> Answer:
        """Run a checked call: an MCP server's tool in this session's own connection to it, all others in the pool."""
        request = self._request(call)
        if self._mcp is not None and self._sandbox.mcp is not None and call.name in self._sandbox.mcp.specs:
            return await self._mcp.call(request["tool"], request["arguments"])
        return await self._sandbox.run(request, self._state)

    async def _run_program(self, call: ToolCall) -> Answer:
        """Run code in the session's child; once more, from the same state, if we lost it with nothing in it."""
        before = self._state, self.index + 1
        request, state = self._request(call) | {"id": secrets.token_hex(8)}, self._state
        if call.name == PYTHON.name:
            request, state = {"id": request["id"], "code": (call.arguments or {})["code"]}, b""
        reason = ""
        for _ in range(2):
            fresh = self._program is None
            try:
                if self._program is None:
                    self._program = await self._sandbox.open_program(self._seed)
                    if not self._open:
                        self._end_program()
                        raise RuntimeError("the session was closed during the call")
                return await self._program.call(request, state, self._nested)
            except WorkerDied as error:
                reason = str(error)
                self._state, self.index = before
                if not fresh:
                    break  # what earlier programs had set up is gone
            finally:
                if self._program is not None and not self._program.open:
                    self._end_program()
        return Answer("infra_error", {"error": one_line(reason)})

    async def _nested(self, asked: Any) -> dict[str, Any]:
        """A tool call that a program makes: checked and run as the model's own, but for other programs.

        Raises ``WorkerDied`` where we failed, since what the program then made of it would not be its doing.
        """
        call = ToolCall("", asked.get("name"), asked.get("arguments")) if isinstance(asked, dict) else None
        wrong = "a call is an object with name and arguments" if call is None else self._wrong(call)
        if wrong is None and call is not None and call.name in self._sandbox.untrusted:
            wrong = f"a program cannot call {call.name!r}"
        if wrong is not None or call is None:
            return {"status": "invalid_call", "content": {"error": wrong}}
        answer = self._taken(await self._run(call))
        if answer.status == "infra_error":
            raise WorkerDied(str(answer.content["error"]))
        return {"status": answer.status, "content": answer.content}

    def _taken(self, answer: Answer) -> Answer:
        """The answer, its state now the session's."""
        if answer.status == "ok" and answer.state:
            self._state = answer.state
        return answer

    def _end_program(self) -> None:
        program, self._program = self._program, None
        if program is not None:
            self._sandbox.close_program(program)

    def _wrong(self, call: ToolCall) -> str | None:
        return wrong_call(call, self._tools, self._sandbox.check)
