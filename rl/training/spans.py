"""What each token of a trajectory belongs to, and what its turns' calls were worth."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rewards.match import match_calls
from rewards.parse import spans
from rewards.types import ExpectedCall, Task, Trajectory
from rl.advantages.batch import CALL, NOT_OURS, REPLY, THOUGHT
from rl.rollout.chat import Chat
from sandbox.types import ToolCall

KINDS = {"thought": THOUGHT, "call": CALL}


class TokenKinds:
    """The kind of each token that the policy wrote, read from its text as the parser reads it.

    Each token is decoded alone: marks of thoughts and calls are plain letters, which no token breaks, and where
    others are broken only their number of characters matters.
    """

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self._texts: dict[int, str] = {}

    def of(self, token_ids: Sequence[int], sampled: Sequence[bool]) -> list[int]:
        """``THOUGHT``, ``CALL`` or ``REPLY`` for each token, ``NOT_OURS`` where it was not sampled."""
        kinds: list[int] = []
        for start, end in runs(sampled):
            kinds += [NOT_OURS] * (start - len(kinds)) + self.of_turn(token_ids[start:end])
        return kinds + [NOT_OURS] * (len(token_ids) - len(kinds))

    def of_turn(self, token_ids: Sequence[int]) -> list[int]:
        """The same of one turn. Its end belongs to what it ends."""
        texts = [self._text(token) for token in token_ids]
        ended = len(texts) - bool(texts and token_ids[-1] in self.chat.end_ids)
        kinds, place = [], len(self.chat.opened)
        found = spans(self.chat.opened + "".join(texts[:ended]), self.chat.call_format)
        for text in texts[:ended]:
            middle = place + len(text) / 2
            kinds.append(next((KINDS.get(kind, REPLY) for kind, _, end in found if middle <= end), REPLY))
            place += len(text)
        return kinds + [kinds[-1] if kinds else REPLY] * (len(texts) - ended)

    def _text(self, token: int) -> str:
        if token not in self._texts:
            self._texts[token] = str(self.chat.tokenizer.decode([token]))
        return self._texts[token]


def chosen(trajectory: Trajectory, by_grammar: bool) -> list[int]:
    """1 for each token that the policy chose, else 0: of a result, or the only one that a grammar allowed, whose
    log-probability is 0 whatever the policy is."""
    tokens = zip(trajectory.sampled, trajectory.logprobs, strict=True)
    return [int(sampled and not (by_grammar and logprob == 0)) for sampled, logprob in tokens]


def runs(chosen: Sequence[bool]) -> list[tuple[int, int]]:
    """Where each run of True begins and ends."""
    edges = [i for i in range(len(chosen) + 1) if _at(chosen, i) != _at(chosen, i - 1)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _at(chosen: Sequence[bool], i: int) -> bool:
    return 0 <= i < len(chosen) and bool(chosen[i])


def turn_outcomes(task: Task, trajectory: Trajectory) -> list[float]:
    """The share of each turn's calls that ran and were among the expected ones, each of those once; NaN for a turn
    that made none, or whose calls failed by our fault. A turn that was cut off makes calls that nobody runs."""
    statuses = {result.call_id: result.status for result in trajectory.results}
    calls, open_gold = iter(trajectory.calls), list(task.expected.calls)
    found = []
    for message in trajectory.messages:
        if message["role"] == "assistant":
            own = [next(calls, None) for _ in message.get("tool_calls", [])]
            values = [_outcome(task, call, statuses, open_gold) for call in own]
            known = [value for value in values if not math.isnan(value)]
            found.append(sum(known) / len(known) if known else math.nan)
    return found


def _outcome(
    task: Task, call: ToolCall | None, statuses: Mapping[str, str], open_gold: list[ExpectedCall]
) -> float:
    status = statuses.get(call.id, "ok") if call else "never run"
    if status == "infra_error":
        return math.nan
    if call and call.error is None and status == "ok":
        for gold in open_gold:
            if match_calls(replace(task, expected=replace(task.expected, calls=[gold])), [call]).ok:
                open_gold.remove(gold)
                return 1.0
    return 0.0
