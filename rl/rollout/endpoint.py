"""Trajectories of a model behind an OpenAI-compatible endpoint: the agent loop, with messages in place of tokens.

An endpoint says how many tokens a turn has, not which: their ids are ``UNKNOWN``, their log-probabilities 0. So its
samples can be judged, counted and compared, and not be learned from.
"""

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from rewards.parse import Malformed, strict_json
from rewards.types import Task, Trajectory
from rl.config.schema import Rollout, Sandbox
from rl.errors import UserError
from rl.rollout.agent import Bounds, rollout
from rl.rollout.chat import as_function, assistant_message, tool_message
from rl.rollout.engines.base import Completion, Sampling
from rl.rollout.engines.openai import Client, EndpointError, Turn, connect
from rl.rollout.worker import open_tools
from sandbox.types import ToolCall, ToolResult, ToolSpec

log = logging.getLogger(__name__)
UNKNOWN = -1  # a token's id
FORMAT = "hermes"  # of calls, where tools are in the prompt
CALLS = (
    "You can use these tools, each described by a JSON object:\n<tools>\n{tools}\n</tools>\n"
    'To use one, write a JSON object within tags: <tool_call>{{"name": "...", "arguments": {{...}}}}</tool_call>. '
    "Several calls stand one after another. Their results come back within <tool_response> tags."
)


class EndpointRollouts:
    """What ``Collector`` takes its samples from. ``start`` it on the collector's loop."""

    wanted: Future[None] = Future()

    def __init__(self, model: str, settings: Rollout, sandbox: Sandbox, token: str | None) -> None:
        self.model, self.settings, self.sandbox_settings, self.token = model, settings, sandbox, token
        self.bounds = Bounds(settings.max_turns, settings.max_new_tokens, settings.max_model_len)
        self.opened = AsyncExitStack()
        self.client: Any = None
        self.sandbox: Any = None
        self.slots = asyncio.Semaphore(settings.concurrency)

    @property
    def spend(self) -> dict[str, float]:
        """Requests and tokens so far, and money where a price is set."""
        figures: dict[str, float] = self.client.spend.figures(self.settings.endpoint.price)
        return figures

    async def start(self) -> None:
        connected = connect(self.settings.endpoint, self.model, self.settings.concurrency)
        self.client = await self.opened.enter_async_context(connected)
        self.sandbox = await self.opened.enter_async_context(open_tools(self.sandbox_settings, self.token))

    async def rollout(self, task: Task, seed: int, temperature: float) -> tuple[Trajectory, dict[str, float]]:
        """A trajectory of ``task`` and the seconds it spent; where the endpoint failed, one that is masked."""
        begin = time.perf_counter()
        said = Conversation(self.client, self.settings.endpoint.tools == "field")
        sampling = Sampling(self.bounds.max_new_tokens, temperature, self.settings.top_p)
        try:
            async with self.slots:
                found = await rollout(task, said, self.sandbox, said, self.bounds, sampling, seed)
            found = replace(found, prompt_ids=[UNKNOWN] * said.first_prompt)
        except EndpointError as error:
            log.warning("no answer for task %s: %s", task.id, error)
            found = Trajectory(task.id, [], [], [], [], said.messages, [], [], stop="infra")
        tools = sum(result.seconds for result in found.results)
        return found, {"rollout": time.perf_counter() - begin, "tools": tools}

    def keep(self, part: Any) -> Any:
        raise UserError("An endpoint takes no weights; train with rollout=vllm or rollout=hf.")

    async def load_weights(self, parts: Any) -> None:
        raise UserError("An endpoint takes no weights; train with rollout=vllm or rollout=hf.")

    async def busy(self) -> list[float]:
        return []

    async def close(self) -> None:
        await self.opened.aclose()


class Conversation:
    """One episode: the agent loop's engine and its chat in one. ``native``: tools go through the API's own field."""

    def __init__(self, client: Client, native: bool) -> None:
        self.client, self.native = client, native
        self.sent: list[dict[str, Any]] = []  # as the API has messages
        self.messages: list[dict[str, Any]] = []  # as trajectories have them
        self.tools: list[dict[str, Any]] = []
        self.first_prompt = 0  # tokens
        self.turn = Turn("")

    def prompt_ids(self, messages: list[dict[str, Any]], tools: list[ToolSpec]) -> list[int]:
        """Begins the conversation; how many tokens it has is known after the first turn."""
        if self.native:
            self.sent, self.tools = as_api(messages), [as_function(tool) for tool in tools]
        else:
            self.sent = in_prompt(messages, tools)
        return []

    async def generate(self, prompt_ids: list[int], sampling: Sampling, seed: int) -> Completion:
        self.turn = await self.client.turn(self.sent, self.tools, sampling, seed)
        self.first_prompt = self.first_prompt or self.turn.prompt_tokens
        count = self.turn.completion_tokens
        return Completion([UNKNOWN] * count, [0.0] * count, ended=self.turn.finish != "length")

    def read(self, token_ids: list[int], tools: Sequence[ToolSpec]) -> tuple[dict[str, Any], list[ToolCall]]:
        """The newest turn as a message, and the calls in it."""
        text = (f"<think>{self.turn.thoughts}</think>" if self.turn.thoughts else "") + self.turn.text
        if self.native:
            calls = [_call(*one) for one in self.turn.calls]
            message: dict[str, Any] = {"role": "assistant", "content": text}
            if calls:
                message["tool_calls"] = [_function(call, call.arguments or {}) for call in calls]
            self.sent.append(_sent_back(self.turn, calls))
        else:
            message, calls = assistant_message(text, FORMAT, tools)
            self.sent.append({"role": "assistant", "content": self.turn.text})
        self.messages.append(message)
        return message, calls

    def result_ids(self, calls: list[ToolCall], results: list[ToolResult]) -> list[int]:
        """Sends the results with the next turn; their tokens are the endpoint's to count."""
        told = [tool_message(call, result) for call, result in zip(calls, results, strict=True)]
        self.messages += told
        if self.native:
            ids = [call_id for call_id, _, _ in self.turn.calls]
            self.sent += [one | {"tool_call_id": own} for one, own in zip(told, ids, strict=True)]
        else:
            self.sent.append(_response([one["content"] for one in told]))
        return []


def as_api(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A task's messages as the API has them: calls with ids and their arguments as text, results with the ids of
    the calls that they answer, in order."""
    found, waiting = [], list[str]()
    for number, message in enumerate(messages):
        if calls := message.get("tool_calls"):
            waiting = [str(call.get("id") or f"call_{number}_{i}") for i, call in enumerate(calls)]
            written = [_as_text(call, own) for call, own in zip(calls, waiting, strict=True)]
            message = message | {"tool_calls": written}
        elif message.get("role") == "tool" and "tool_call_id" not in message and waiting:
            message = message | {"tool_call_id": waiting.pop(0)}
        found.append(message)
    return found


def in_prompt(messages: list[dict[str, Any]], tools: list[ToolSpec]) -> list[dict[str, Any]]:
    """A task's messages with its tools in the system prompt, and calls and results as the text that it asks for."""
    found = [_written(message) for message in messages]
    if not tools:
        return found
    described = "\n".join(json.dumps(as_function(tool), ensure_ascii=False) for tool in tools)
    told = CALLS.format(tools=described)
    if found[0]["role"] == "system":
        return [{"role": "system", "content": f"{found[0]['content']}\n\n{told}"}, *found[1:]]
    return [{"role": "system", "content": told}, *found]


def _written(message: dict[str, Any]) -> dict[str, Any]:
    if message["role"] == "tool":
        return _response([message["content"]])
    calls = [call.get("function", call) for call in message.get("tool_calls") or ()]
    written = [
        json.dumps({"name": c["name"], "arguments": c["arguments"]}, ensure_ascii=False) for c in calls
    ]
    parts = [message.get("content") or "", *(f"<tool_call>{one}</tool_call>" for one in written)]
    return {"role": message["role"], "content": "\n".join(filter(None, parts))}


def _response(contents: Sequence[str]) -> dict[str, Any]:
    told = "\n".join(f"<tool_response>{content}</tool_response>" for content in contents)
    return {"role": "user", "content": told}


def _as_text(call: dict[str, Any], own_id: str) -> dict[str, Any]:
    function = call.get("function", call)
    arguments = function.get("arguments")
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {}, ensure_ascii=False)
    return {"id": own_id, "type": "function", "function": {"name": function["name"], "arguments": text}}


def _call(own_id: str, name: str, arguments: str) -> ToolCall:
    """A call of the API's form, as strict as one that is read from text."""
    raw = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    try:
        value = strict_json(arguments or "{}")
    except Malformed as error:
        return ToolCall(own_id, name, None, raw, str(error))
    wrong = None if isinstance(value, dict) else "the arguments are no object"
    return ToolCall(own_id, name, None if wrong else value, raw, wrong)


def _sent_back(turn: Turn, calls: Sequence[ToolCall]) -> dict[str, Any]:
    """The turn as the next request has it. Arguments that are no JSON, which servers refuse, are left out: what
    was wrong with them stands in the result."""
    message: dict[str, Any] = {"role": "assistant", "content": turn.text}
    if calls:
        message["tool_calls"] = [
            _function(call, json.dumps(call.arguments or {}, ensure_ascii=False)) | {"id": call.id}
            for call in calls
        ]
    return message


def _function(call: ToolCall, arguments: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": call.name or "unknown", "arguments": arguments}}
