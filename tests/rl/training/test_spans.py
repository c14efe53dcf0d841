"""Which tokens are thought, call and reply, and what the turns' calls were worth."""

import json
import math
from dataclasses import replace

from transformers import PreTrainedTokenizerFast

from rewards.types import Task
from rl.advantages.batch import CALL, NOT_OURS, REPLY, THOUGHT
from rl.data.catalog.tasks import make
from rl.rollout.chat import Chat
from rl.rollout.script import gold_turn, replay
from rl.training.spans import TokenKinds, runs, turn_outcomes

CALL_TEXT = '<tool_call>{"name": "set_alarm", "arguments": {"time": "07:30"}}</tool_call>'


def parts(chat: Chat, text: str) -> dict[int, str]:
    ids = [*chat.encode(text), chat.eos_id]
    kinds = TokenKinds(chat).of_turn(ids)
    assert len(kinds) == len(ids) and kinds[-1] == kinds[-2]
    own = {kind: [i for i, k in zip(ids, kinds, strict=True) if k == kind] for kind in set(kinds)}
    return {kind: chat.decode(found) for kind, found in own.items()}


def test_a_turn_is_cut_as_the_parser_reads_it(tiny_tokenizer: PreTrainedTokenizerFast) -> None:
    found = parts(Chat(tiny_tokenizer), f"<think>Она хочет будильник.</think>闹钟 {CALL_TEXT}")
    assert found[THOUGHT].startswith("<think>") and found[THOUGHT].rstrip().endswith("</think>")
    assert "будильник" in found[THOUGHT] and found[CALL].strip() == CALL_TEXT and "闹钟" in found[REPLY]


def test_a_reply_is_a_reply_and_a_call_in_a_thought_is_a_thought(
    tiny_tokenizer: PreTrainedTokenizerFast,
) -> None:
    chat = Chat(tiny_tokenizer)
    assert set(parts(chat, "تم ضبط المنبه على الساعة 7.")) == {REPLY}
    assert set(parts(chat, f"<think>{CALL_TEXT}</think>ok")) == {THOUGHT, REPLY}


def test_what_was_not_sampled_is_nobodys(tiny_tokenizer: PreTrainedTokenizerFast) -> None:
    chat = Chat(tiny_tokenizer)
    call, told, reply = [*chat.encode(CALL_TEXT), chat.eos_id], chat.encode("{}"), chat.encode("Fait.")
    sampled = [True] * len(call) + [False] * len(told) + [True] * len(reply)
    kinds = TokenKinds(chat).of([*call, *told, *reply], sampled)
    assert kinds == [CALL] * len(call) + [NOT_OURS] * len(told) + [REPLY] * len(reply)
    assert runs(sampled) == [(0, len(call)), (len(call) + len(told), len(sampled))] and runs([]) == []


def task() -> Task:
    return make("two_times", "fr")


def test_each_expected_call_is_worth_one_once() -> None:
    asked = task()
    gold = gold_turn(asked).split("\n")
    assert len(gold) == 2
    wrong = json.dumps({"name": "world_time", "arguments": {"city": "Atlantis"}})
    turns = [
        gold[0],
        f"<tool_call>{wrong}</tool_call>",
        gold[0],
        f"{gold[1]}\n<tool_call>{wrong}</tool_call>",
        "Voilà.",
    ]
    got = turn_outcomes(asked, replay(asked, turns))
    assert got[:4] == [1.0, 0.0, 0.0, 0.5] and math.isnan(got[4])


def test_our_failure_is_nobodys_outcome() -> None:
    asked = task()
    trajectory = replay(asked, [gold_turn(asked), "Voilà."])
    failed = [replace(result, status="infra_error") for result in trajectory.results]
    assert all(map(math.isnan, turn_outcomes(asked, replace(trajectory, results=failed))))
