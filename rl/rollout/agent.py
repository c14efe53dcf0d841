"""The agent loop: one sample from its prompt to its end, on its own.

Sample a turn, parse its calls, run them in the sandbox, append the tokens of their results, go on.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from rewards.types import Task, Trajectory
from rl.rollout.chat import tool_message
from rl.rollout.engines.base import Generator, Sampling
from sandbox.client import RemoteError
from sandbox.types import ToolCall, ToolResult, ToolSpec

log = logging.getLogger(__name__)


class Reader(Protocol):
    """Messages to tokens and back: ``rl.rollout.chat.Chat``."""

    def prompt_ids(self, messages: list[dict[str, Any]], tools: list[ToolSpec]) -> list[int]: ...

    def read(
        self, token_ids: list[int], tools: Sequence[ToolSpec]
    ) -> tuple[dict[str, Any], list[ToolCall]]: ...

    def result_ids(self, calls: list[ToolCall], results: list[ToolResult]) -> list[int]: ...


class World(Protocol):
    """A session of a sandbox."""

    async def call(self, call: ToolCall) -> ToolResult: ...

    def state(self) -> dict[str, Any] | None: ...


class Worlds(Protocol):
    """What opens sessions: a sandbox, here or served."""

    def session(
        self, state: dict[str, Any], seed: int, tools: Sequence[str], *, locale: str | None
    ) -> AbstractAsyncContextManager[Any]: ...


@dataclass(frozen=True)
class Bounds:
    """``max_turns`` assistant turns of ``max_new_tokens`` each, in a context of ``max_model_len``."""

    max_turns: int
    max_new_tokens: int
    max_model_len: int


@dataclass(frozen=True)
class _Sampler:
    """What turns are sampled and read with."""

    engine: Generator
    chat: Reader
    bounds: Bounds
    sampling: Sampling


@dataclass
class _Episode:
    """A trajectory while it grows."""

    prompt_ids: list[int]
    policy_version: int = 0
    lowest_version: int | None = None
    token_ids: list[int] = field(default_factory=list)
    sampled: list[bool] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    results: list[ToolResult] = field(default_factory=list)

    def sampled_by(self, version: int) -> None:
        self.policy_version = version  # which never shrinks
        self.lowest_version = version if self.lowest_version is None else min(version, self.lowest_version)

    def append(self, token_ids: list[int], logprobs: list[float] | None) -> None:
        self.token_ids += token_ids
        self.sampled += [logprobs is not None] * len(token_ids)
        self.logprobs += logprobs if logprobs is not None else [0.0] * len(token_ids)


async def rollout(
    task: Task,
    engine: Generator,
    sandbox: Worlds,
    chat: Reader,
    bounds: Bounds,
    sampling: Sampling,
    seed: int,
) -> Trajectory:
    """One trajectory of ``task``. The session's own randomness is the task's, not the sample's, so
    that all samples of a task meet the same world; calls that cannot be run end it. The engine's weights may
    change between two turns.
    """
    episode = _Episode(chat.prompt_ids(task.messages, task.tools))
    sampler = _Sampler(engine, chat, bounds, sampling)
    names = [tool.name for tool in task.tools]
    stop, state = "turns", None
    world = sandbox.session(task.state, 0, names, locale=task.locale) if task.run_calls else nullcontext()
    try:
        async with world as session:
            for turn in range(bounds.max_turns):
                stop = await _turn(episode, task.tools, session, sampler, seed + turn)
                if stop != "call":
                    break
            else:
                stop = "turns"
            state = None if session is None else session.state()
    except RemoteError as error:  # a served sandbox that is lost or full gives no session
        log.warning("no session for task %s: %s", task.id, error)
        stop = "infra"
    return Trajectory(
        task_id=task.id,
        **vars(episode),
        stop=stop,
        state=state,
    )


async def _turn(
    episode: _Episode,
    tools: list[ToolSpec],
    session: World | None,
    sampler: _Sampler,
    seed: int,
) -> str:
    """Sample one turn and run its calls; ``"call"`` if the model goes on, else why it stopped."""
    context = episode.prompt_ids + episode.token_ids
    room = min(sampler.sampling.max_tokens, sampler.bounds.max_model_len - len(context))
    if room < 1:
        return "length"
    completion = await sampler.engine.generate(context, replace(sampler.sampling, max_tokens=room), seed)
    episode.append(completion.token_ids, completion.logprobs)
    episode.sampled_by(completion.version)
    message, calls = sampler.chat.read(completion.token_ids, tools)
    episode.messages.append(message)
    if not completion.ended:
        return "length"
    if not calls:
        return "end"
    calls = [_numbered(call, len(episode.calls) + i) for i, call in enumerate(calls)]
    episode.calls += calls
    if session is None:
        return "end"
    results = await asyncio.gather(*(session.call(call) for call in calls))
    episode.results += results
    if any(result.status == "infra_error" for result in results):
        return "infra"
    episode.messages += [tool_message(c, r) for c, r in zip(calls, results, strict=True)]
    told = sampler.chat.result_ids(calls, results)
    if len(episode.prompt_ids + episode.token_ids + told) >= sampler.bounds.max_model_len:
        return "length"  # a result may be as long as the sandbox allows; a sequence may not
    episode.append(told, None)
    return "call"


def _numbered(call: ToolCall, index: int) -> ToolCall:
    return ToolCall(id=str(index), name=call.name, arguments=call.arguments, raw=call.raw, error=call.error)
