"""A real sandbox that is open for all tests of a file, and looked at after each program."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

from sandbox import Sandbox, Session, ToolCall, ToolResult, open_sandbox

AFTER = "import json, os; result = [json.loads('[1]'), len('ab'), sorted([2, 1]), os.getcwd()]"


class Opened:
    """The sandbox and the loop that it lives on."""

    def __init__(self, sandbox: Sandbox, runner: asyncio.Runner):
        self.sandbox, self.runner = sandbox, runner

    def results(self, *codes: str, **session: Any) -> list[ToolResult]:
        """The programs run in one session; afterwards another session must work as ever."""

        async def go() -> list[ToolResult]:
            async with self.sandbox.session(**session) as opened:
                found = [await ask(opened, code) for code in codes]
            async with self.sandbox.session() as fresh:
                after = await ask(fresh, AFTER)
                assert (after.status, after.content["result"]) == ("ok", [[1], 2, [1, 2], "/"])
                clock = await fresh.call(ToolCall("1", "world_time", {"city": "Tokyo"}))
                assert clock.content["time"] == "17:00"
            return found

        return self.runner.run(go())

    def result(self, code: str) -> ToolResult:
        return self.results(code)[0]


async def ask(session: Session, code: str) -> ToolResult:
    return await session.call(ToolCall("1", "python", {"code": code}))


@contextlib.contextmanager
def serving(**options: Any) -> Iterator[Opened]:
    with asyncio.Runner() as runner:
        sandbox = runner.run(open_sandbox(**options).__aenter__())
        yield Opened(sandbox, runner)
        runner.run(sandbox.__aexit__(None, None, None))
