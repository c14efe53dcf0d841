"""One trajectory's view of the sandbox: its tools, its state, its calls in order."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Protocol, Self

from sandbox.arguments import CallCheck, wrong_call
from sandbox.backends.base import Answer, Backend, Calls, Lost, Request
from sandbox.backends.code.server import PYTHON
from sandbox.host.framing import decode
from sandbox.latin import transliterated
from sandbox.tools import one_line
from sandbox.types import ToolCall, ToolResult


class Pool(Protocol):
    """What a session needs of the sandbox that it belongs to: each tool's backend and check, whether it is ``open``;
    ``latin_kb`` is None without transliteration."""

    @property
    def backends(self) -> Mapping[str, Backend]: ...

    @property
    def latin_kb(self) -> int | None: ...

    @property
    def open(self) -> bool: ...

    def check(self, key: str) -> CallCheck:
        """What a call of the tool with this key must fit."""

    def stateful(self, key: str) -> bool:
        """Whether the tool with this key reads or writes what other calls leave behind."""


class Session:
    """One trajectory's view of the sandbox: its tools, its state, its calls in order."""

    def __init__(
        self,
        pool: Pool,
        tools: Mapping[str, str | None],
        state: bytes,
        seed: int,
        index: int,
        locale: str | None = None,
    ):
        """``tools`` has the key of each tool by the name that the model has for it."""
        self._pool = pool
        self._tools = tools
        self._locale = locale
        self._state = state
        self._seed = seed
        self.index = index
        self._places, self._turn = asyncio.Lock(), asyncio.Lock()  # both are taken in the order of the calls
        self._calls: dict[Backend, Calls] = {}
        self._closing = AsyncExitStack()  # of these, one after the other
        self._open = False

    async def __aenter__(self) -> Self:
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        await self._closing.aclose()

    async def call(self, call: ToolCall) -> ToolResult:
        """Check and run a call. Whatever the model wrote, a result comes back, never an exception. Several may be asked
        for at once: they come to what they would one after the other.

        The content of every result but an ``ok`` one is ``{"error": one line}``; a program's has ``stdout`` beside
        it where it had printed something.
        """
        if not self._open:
            raise RuntimeError("the session is not open: use it inside `async with sandbox.session()`")
        wrong = self._wrong(call)
        if wrong is not None:
            return ToolResult(call.id, "invalid_call", {"error": wrong})
        answer = await self._in_turn(call)
        content = answer.content
        if answer.status == "ok" and self._pool.latin_kb is not None:
            content = transliterated(content, self._pool.latin_kb)
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
        } | ({"locale": self._locale} if self._locale else {})

    async def _in_turn(self, call: ToolCall) -> Answer:
        """Run a checked call: beside others where its tool is not stateful, else after those before it. Its index is
        its place among all; a program's own calls have places, too, so those behind it wait for its end.
        """
        key = str(self._tools[str(call.name)])
        async with self._places:
            if key == PYTHON.name:
                async with self._turn:
                    return await self._answered(call, key, self._place())
            index = self._place()
        if not self._pool.stateful(key):
            return await self._answered(call, key, index)
        async with self._turn:
            return await self._answered(call, key, index)

    def _place(self) -> int:
        index, self.index = self.index, self.index + 1
        return index

    async def _answered(self, call: ToolCall, key: str, index: int) -> Answer:
        """Run a checked call; once more, from the same state, if we lost it with nothing in it."""
        state, after = self._state, self.index
        reason = ""
        for _ in range(2):
            try:
                return await self._run(call, key, index)
            except Lost as lost:
                reason = str(lost)
                if self._pool.stateful(key):
                    self._state = state
                if key == PYTHON.name:
                    self.index = after
                if not lost.fresh or not self._open:
                    break
        return Answer("infra_error", {"error": one_line(reason)})

    async def _run(self, call: ToolCall, key: str, index: int, seconds: float | None = None) -> Answer:
        """Run a checked call; the state after is then the session's. Raises ``Lost``."""
        if not self._pool.open:
            raise RuntimeError("the sandbox is not open: use it inside `async with open_sandbox()`")
        if not self._open:  # what it would start now nobody would end
            raise Lost("the session was closed during the call", fresh=False)
        backend = self._pool.backends[key]
        if backend not in self._calls:
            self._calls[backend] = backend.open(self._seed)
            self._closing.push_async_callback(self._calls[backend].close)
        nested = None if seconds is not None else self._nested
        request = Request(
            key, call.arguments or {}, self._seed, index, self._state, seconds, call_tool=nested
        )
        answer = await self._calls[backend].call(request)
        if answer.status == "ok" and answer.state:
            self._state = answer.state
        return answer

    async def _nested(self, asked: Any, seconds: float) -> Answer:
        """A tool call that a program makes: checked and run as the model's own, but for other programs.

        Raises ``Lost`` where we failed, since what the program then made of it would not be its doing.
        """
        if not isinstance(asked, dict):
            return Answer("invalid_call", {"error": "a call is an object with name and arguments"})
        call = ToolCall("", asked.get("name"), asked.get("arguments"))
        wrong = self._wrong(call)
        if wrong is None and call.name == PYTHON.name:
            wrong = f"a program cannot call {call.name!r}"
        if wrong is not None:
            return Answer("invalid_call", {"error": wrong})
        answer = await self._run(call, str(self._tools[str(call.name)]), self._place(), seconds)
        if answer.status == "infra_error":
            raise Lost(str(answer.content["error"]))
        return answer

    def _wrong(self, call: ToolCall) -> str | None:
        return wrong_call(call, self._tools, lambda name: self._pool.check(str(self._tools[name])))
