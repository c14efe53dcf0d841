"""The agent loop: one sample from its prompt to its end, on its own.

Sample a turn, parse its calls, run them in the sandbox, append the tokens of their results, go on.
"""

import logging
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from rewards.types import Task, Trajectory
from rl.chat import Chat, tool_message
from rl.rollout.engine import Engine, Sampling
from sandbox.client import RemoteError, RemoteSandbox, RemoteSession
from sandbox.pool import Sandbox
from sandbox.session import Session
from sandbox.types import ToolCall, ToolResult, ToolSpec

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """``max_turns`` assistant turns of ``max_new_tokens`` each, in a context of ``max_model_len``."""

    max_turns: int
    max_new_tokens: int
    max_model_len: int


@dataclass
class _Episode:
    """A trajectory while it grows."""

    prompt_ids: list[int]
    token_ids: list[int] = field(default_factory=list)
    sampled: list[bool] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    results: list[ToolResult] = field(default_factory=list)

    def append(self, token_ids: list[int], logprobs: list[float] | None) -> None:
        self.token_ids += token_ids
        self.sampled += [logprobs is not None] * len(token_ids)
        self.logprobs += logprobs if logprobs is not None else [0.0] * len(token_ids)


async def rollout(
    task: Task,
    engine: Engine,
    sandbox: Sandbox | RemoteSandbox,
    chat: Chat,
    limits: Limits,
    sampling: Sampling,
    seed: int,
    policy_version: int = 0,
) -> Trajectory:
    """One trajectory of ``task``. The session's own randomness is the task's, not the sample's, so
    that all samples of a task meet the same world; calls that cannot be run end it."""
    episode = _Episode(chat.prompt_ids(task.messages, task.tools))
    names = [tool.name for tool in task.tools]
    stop, state = "turns", None
    world = sandbox.session(task.state, 0, tools=names) if task.run_calls else nullcontext()
    try:
        async with world as session:
            for turn in range(limits.max_turns):
                stop = await _turn(episode, task.tools, session, engine, chat, limits, sampling, seed + turn)
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
        policy_version=policy_version,
        state=state,
    )


async def _turn(
    episode: _Episode,
    tools: list[ToolSpec],
    session: Session | RemoteSession | None,
    engine: Engine,
    chat: Chat,
    limits: Limits,
    sampling: Sampling,
    seed: int,
) -> str:
    """Sample one turn and run its calls; ``"call"`` if the model goes on, else why it stopped."""
    context = episode.prompt_ids + episode.token_ids
    room = min(sampling.max_tokens, limits.max_model_len - len(context))
    if room < 1:
        return "length"
    sample = await engine.generate(context, Sampling(room, sampling.temperature, sampling.top_p), seed)
    episode.append(sample.token_ids, sample.logprobs)
    message, calls = chat.read(sample.token_ids, tools)
    episode.messages.append(message)
    if not sample.ended:
        return "length"
    if not calls:
        return "end"
    calls = [_numbered(call, len(episode.calls) + i) for i, call in enumerate(calls)]
    episode.calls += calls
    if session is None:
        return "end"
    results = [await session.call(call) for call in calls]
    episode.results += results
    if any(result.status == "infra_error" for result in results):
        return "infra"
    episode.messages += [tool_message(c, r) for c, r in zip(calls, results, strict=True)]
    told = chat.result_ids(calls, results)
    if len(episode.prompt_ids + episode.token_ids + told) >= limits.max_model_len:
        return "length"  # a result may be as long as the sandbox allows; a sequence may not
    episode.append(told, None)
    return "call"


def _numbered(call: ToolCall, index: int) -> ToolCall:
    return ToolCall(id=str(index), name=call.name, arguments=call.arguments, raw=call.raw, error=call.error)
