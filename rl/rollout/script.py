"""Turns that are given instead of sampled: what a policy that said this would have done and seen."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from rewards.effects.gold import right_arguments
from rewards.types import ExpectedCall, Task, Trajectory
from rl.data.sources import bfcl
from rl.rollout.agent import Bounds, rollout
from rl.rollout.chat import assistant_message, tool_message
from rl.rollout.engines.base import Completion, Sampling
from sandbox import catalog
from sandbox.arguments import CallCheck, wrong_call
from sandbox.tools import ToolError
from sandbox.types import ToolCall, ToolResult, ToolSpec

FORMAT = "hermes"
NO_LIMIT = 10**9  # tokens


def replay(task: Task, turns: Sequence[str], *, ended: bool = True) -> Trajectory:
    """The trajectory of assistant ``turns``, read and run as the agent loop does it.

    Calls are written as ``<tool_call>{"name": ..., "arguments": {...}}</tool_call>`` and run on the catalog's
    tools, in this process. ``ended`` False: the last turn was cut off. Token ids are the texts' UTF-8 bytes,
    their log-probabilities 0. Turns after one without a call are not read. Raises ValueError for a call of a
    tool that is not the catalog's.
    """
    bounds = Bounds(len(turns), NO_LIMIT, NO_LIMIT)
    script = _Script(turns, ended)
    return asyncio.run(rollout(task, script, _Catalog(), _Bytes(), bounds, Sampling(NO_LIMIT), 0))


def gold_turn(task: Task) -> str:
    """The turn that makes a task's expected calls, as ``replay`` takes it."""
    calls = [{"name": call["name"], "arguments": gold_arguments(task, call)} for call in task.expected.calls]
    return "\n".join(f"<tool_call>{json.dumps(call, ensure_ascii=False)}</tool_call>" for call in calls)


def gold_arguments(task: Task, call: ExpectedCall) -> dict[str, Any]:
    """The arguments of an expected call as a policy would write them."""
    if task.expected.rules == "bfcl":  # objects hold acceptable values themselves
        demanded = [tool.parameters.get("required", ()) for tool in task.tools if tool.name == call["name"]]
        return bfcl.gold(call["arguments"], *demanded[:1])
    return right_arguments(call)


@dataclass(frozen=True)
class _Script:
    """An engine that says the turns one after another."""

    turns: Sequence[str]
    ended: bool

    async def generate(self, prompt_ids: list[int], sampling: Sampling, seed: int) -> Completion:
        ids = _encoded(self.turns[seed])  # the agent loop counts turns on from its seed, which is 0 here
        whole = self.ended or seed < len(self.turns) - 1
        return Completion(ids, [0.0] * len(ids), whole)


class _Bytes:
    """A chat without a tokenizer: tokens are bytes of UTF-8."""

    def prompt_ids(self, messages: list[dict[str, Any]], tools: list[ToolSpec]) -> list[int]:
        return _encoded("\n".join(str(message.get("content", "")) for message in messages))

    def read(self, token_ids: list[int], tools: Sequence[ToolSpec]) -> tuple[dict[str, Any], list[ToolCall]]:
        return assistant_message(bytes(token_ids).decode("utf-8", "surrogatepass"), FORMAT, tools)

    def result_ids(self, calls: list[ToolCall], results: list[ToolResult]) -> list[int]:
        told = (tool_message(call, result)["content"] for call, result in zip(calls, results, strict=True))
        return _encoded("\n".join(told))


class _Catalog:
    """The catalog's tools in this process, as a sandbox. For texts that one trusts, or wrote."""

    @asynccontextmanager
    async def session(
        self, state: dict[str, Any], seed: int, tools: Sequence[str], *, locale: str | None = None
    ) -> AsyncIterator["_Session"]:
        yield _Session(catalog.initial_state() | state, seed, tools)


@dataclass
class _Session:
    current: dict[str, Any]
    seed: int
    tools: Sequence[str]
    index: int = field(default=0)

    def state(self) -> dict[str, Any]:
        return self.current

    async def call(self, call: ToolCall) -> ToolResult:
        index, self.index = self.index, self.index + 1
        if wrong := wrong_call(call, self.tools, _check):
            return ToolResult(call.id, "invalid_call", {"error": wrong})
        try:
            content, self.current = catalog.run(
                str(call.name), call.arguments or {}, self.current, self.seed, index
            )
        except ToolError as error:
            return ToolResult(call.id, "tool_error", {"error": str(error)})
        except Exception as error:  # as a session has it: what a tool raises is the call's doing
            return ToolResult(call.id, "tool_error", {"error": f"{type(error).__name__}: {error}"})
        return ToolResult(call.id, "ok", content)


def _check(name: str) -> CallCheck:
    if name not in catalog.SPECS:
        raise ValueError(
            f"replay runs the catalog's tools, and {name!r} is none; use sandbox.open_sandbox for it"
        )
    return CallCheck(catalog.SPECS[name])


def _encoded(text: str) -> list[int]:
    return list(text.encode("utf-8", "surrogatepass"))
