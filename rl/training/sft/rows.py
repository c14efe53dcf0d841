"""Gold trajectories as token rows: the same tokens in the same order as a rollout that did everything right."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from rewards.types import Task
from rl.advantages.batch import CALL, REPLY, THOUGHT
from rl.config.schema import TokenWeights
from rl.errors import UserError
from rl.rollout.chat import Chat
from rl.rollout.script import gold_arguments
from rl.training.spans import TokenKinds
from sandbox import catalog
from sandbox.tools import ToolError
from sandbox.types import ToolCall, ToolResult

IGNORED = -100


class GoldRow(NamedTuple):
    """``labels`` are the ids that are learned, ``IGNORED`` elsewhere; ``weights`` are those of the loss, 0 there."""

    language: str
    ids: list[int]
    labels: list[int]
    weights: list[float]


class _Turn(NamedTuple):
    message: dict[str, Any]
    calls: list[ToolCall]
    results: list[ToolResult]


def gold_rows(
    tasks: Sequence[Task], chat: Chat, weights: TokenWeights, longest: int, source: str = ""
) -> list[GoldRow]:
    """A row for each task that has a gold trajectory of at most ``longest`` tokens.

    Raises UserError where the source has none, none with replies though replies have a weight, or none that fits.
    """
    turns = [(task, found) for task in tasks if (found := list(gold_turns(task)))]
    if not turns:
        raise UserError(
            f"data={source} has neither gold calls nor gold replies, so there is nothing to learn from; use another "
            "source for python -m rl.sft, and this one for python -m rl.train."
        )
    lacking = all(task.expected.reply is None and task.run_calls for task in tasks)
    if lacking and weights.reply:
        raise UserError(
            f"data={source} has no gold replies, so a policy would learn to end after its calls; set "
            "sft.weights.reply=0 to learn the calls alone, or use another source."
        )
    kinds = TokenKinds(chat)
    rows = [gold_row(task, found, chat, kinds, weights) for task, found in turns]
    fitting = [row for row in rows if len(row.ids) <= longest and any(row.weights)]
    if not fitting:
        shortest = min(len(row.ids) for row in rows)
        raise UserError(
            f"None of the {len(rows)} gold trajectories of data={source} fits rollout.max_model_len={longest} (the "
            f"shortest has {shortest} tokens); raise it."
        )
    return fitting


def gold_turns(task: Task) -> Iterator[_Turn]:
    """The assistant's right turns: calls (one a turn where their order counts) and the reference reply.

    Results are the catalog's own; a call that its tools do not know ends the trajectory there.
    """
    state, index = catalog.initial_state() | task.state, 0
    expected = task.expected.calls
    for group in [[call] for call in expected] if task.expected.ordered else [expected] * bool(expected):
        made: list[dict[str, Any]] = [
            {"name": call["name"], "arguments": gold_arguments(task, call)} for call in group
        ]
        calls = [ToolCall(str(i), call["name"], call["arguments"]) for i, call in enumerate(made)]
        results: list[ToolResult] = []
        if task.run_calls:
            if not all(call.name in catalog.SPECS for call in calls):
                yield _Turn(_calling(made), calls, [])
                return
            for call in calls:
                result, state = _run(call, state, index)
                results.append(result)
                index += 1
        yield _Turn(_calling(made), calls, results)
    if task.expected.reply is not None and (task.run_calls or not expected):
        yield _Turn({"role": "assistant", "content": task.expected.reply}, [], [])


def _run(call: ToolCall, state: dict[str, Any], index: int) -> tuple[ToolResult, dict[str, Any]]:
    try:
        content, state = catalog.run(str(call.name), call.arguments or {}, state, index=index)
    except ToolError as error:
        return ToolResult(call.id, "tool_error", {"error": str(error)}), state
    return ToolResult(call.id, "ok", content), state


def _calling(calls: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"type": "function", "function": call} for call in calls],
    }


def gold_row(
    task: Task, turns: Sequence[_Turn], chat: Chat, kinds: TokenKinds, weights: TokenWeights
) -> GoldRow:
    of_kind = {THOUGHT: weights.thought, CALL: weights.call, REPLY: weights.reply}
    ids = chat.prompt_ids(task.messages, task.tools)
    labels, own = [IGNORED] * len(ids), [0.0] * len(ids)
    for turn in turns:
        said = chat.turn_ids(turn.message)
        told = chat.result_ids(turn.calls, turn.results) if turn.results else []
        ids = ids + said + told
        labels += said + [IGNORED] * len(told)
        own += [of_kind[kind] for kind in kinds.of_turn(said)] + [0.0] * len(told)
    return GoldRow(task.language, ids, labels, own)


def described(rows: Sequence[GoldRow]) -> str:
    """How many rows there are of each language, for the screen."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.language] = counts.get(row.language, 0) + 1
    return json.dumps(counts, ensure_ascii=False).strip("{}").replace('"', "")
