"""Gold rows are the tokens of a right rollout; mixtures give what they say; the loss weighs what it should."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from rewards.types import Expected, Task
from rl.advantages.batch import CALL, NOT_OURS, REPLY
from rl.config.schema import Sft, TokenWeights
from rl.errors import ConfigError, UserError
from rl.rollout.agent import Bounds, rollout
from rl.rollout.chat import Chat
from rl.rollout.engines.base import Completion, Sampling
from rl.rollout.script import _Catalog
from rl.training.sft.mixture import mixed, shares
from rl.training.sft.rows import IGNORED, GoldRow, gold_rows, gold_turns
from rl.training.sft.trainer import GoldTrainer, weighted_loss
from rl.training.spans import TokenKinds
from tests.rl.parts import composed, save_policy

ALIKE = TokenWeights()


@dataclass(frozen=True)
class Says:
    """An engine that samples the turns it is given."""

    turns: list[list[int]]

    async def generate(self, prompt_ids: list[int], sampling: Sampling, seed: int) -> Completion:
        return Completion(self.turns[seed], [0.0] * len(self.turns[seed]), True)


def test_a_gold_row_is_a_right_rollout_token_by_token(
    some_tasks: list[Task], tiny_tokenizer: PreTrainedTokenizerFast
) -> None:
    chat = Chat(tiny_tokenizer)
    for task in some_tasks[::5]:
        (row,) = gold_rows([task], chat, ALIKE, 10_000)
        said = [chat.turn_ids(turn.message) for turn in gold_turns(task)]
        bounds = Bounds(len(said), 10**6, 10**6)
        engine: Any = Says(said)
        got = asyncio.run(rollout(task, engine, _Catalog(), chat, bounds, Sampling(10**6), 0))
        assert row.ids == got.prompt_ids + got.token_ids and got.stop in ("end", "turns")
        learned = [label != IGNORED for label in row.labels]
        assert learned == [False] * len(got.prompt_ids) + got.sampled
        assert [i for i, y in zip(row.ids, row.labels, strict=True) if y != IGNORED] == [
            i for turn in said for i in turn
        ]


def test_weights_part_calls_from_replies(
    some_tasks: list[Task], tiny_tokenizer: PreTrainedTokenizerFast
) -> None:
    chat = Chat(tiny_tokenizer)
    weights = TokenWeights(call=2.0, reply=0.5)
    row = gold_rows([t for t in some_tasks if t.expected.calls][:1], chat, weights, 10_000)[0]
    kinds = TokenKinds(chat).of(row.ids, [y != IGNORED for y in row.labels])
    want = {CALL: 2.0, REPLY: 0.5, NOT_OURS: 0.0}
    assert row.weights == [want[kind] for kind in kinds] and {2.0, 0.5} < set(row.weights)


def test_sources_without_gold_end_in_one_sentence(
    tiny_tokenizer: PreTrainedTokenizerFast, some_tasks: list[Task]
) -> None:
    chat = Chat(tiny_tokenizer)
    bare = [replace(task, expected=Expected()) for task in some_tasks[:3]]
    calls = [t for t in some_tasks if t.expected.calls]
    silent = [replace(task, expected=replace(task.expected, reply=None)) for task in calls[:3]]
    for tasks, said in ((bare, "neither gold calls nor gold replies"), (silent, "set sft.weights.reply=0")):
        with pytest.raises(UserError, match=said) as refused:
            gold_rows(tasks, chat, ALIKE, 10_000, "mine")
        assert "\n" not in str(refused.value)
    assert gold_rows(silent, chat, TokenWeights(reply=0.0), 10_000)
    with pytest.raises(UserError, match=r"fits rollout\.max_model_len=8"):
        gold_rows(some_tasks[:3], chat, ALIKE, 8)


def test_calls_on_paper_are_learned_without_results(
    some_tasks: list[Task], tiny_tokenizer: PreTrainedTokenizerFast
) -> None:
    """As of sources whose tools are known on paper only: a rollout ends with its first turn."""
    task = next(t for t in some_tasks if t.expected.calls and not t.expected.ordered)
    paper = replace(task, run_calls=False, expected=replace(task.expected, reply=None))
    assert len(list(gold_turns(paper))) == 1 and not next(gold_turns(paper)).results
    assert (
        gold_rows([paper], Chat(tiny_tokenizer), ALIKE, 10_000)[0].labels[-1] == tiny_tokenizer.eos_token_id
    )


COUNTS = {"en": 90, "fr": 9, "sw": 1}
ROWS = [GoldRow(name, [i], [i], [1.0]) for name, count in COUNTS.items() for i in range(count)]


@pytest.mark.parametrize(
    ("settings", "want"),
    [
        ({}, {"en": 1 / 3, "fr": 1 / 3, "sw": 1 / 3}),
        ({"mixture": ["en", "sw"]}, {"en": 0.5, "sw": 0.5}),
        ({"mixture": {"en": 0.7, "sw": 0.3, "fr": 0.0}}, {"en": 0.7, "sw": 0.3}),
        ({"temperature": 1.0}, {"en": 0.9, "fr": 0.09, "sw": 0.01}),
        ({"temperature": 2.0, "mixture": ["fr", "sw"]}, {"fr": 0.75, "sw": 0.25}),
    ],
)
def test_a_mixture_gives_each_language_its_share(settings: dict[str, Any], want: dict[str, float]) -> None:
    sft = Sft(steps=50, rows=20, **settings)
    assert shares(sft, COUNTS) == pytest.approx(want)
    rows = mixed(ROWS, sft, seed=0)
    assert len(rows) == 1000
    found = Counter(row.language for row in rows)
    assert all(abs(found[name] - 1000 * share) <= 1 for name, share in want.items())
    if "fr" in found:
        times = Counter(row.ids[0] for row in rows if row.language == "fr")
        assert max(times.values()) - min(times.values()) <= 1  # all are used before one comes again


@pytest.mark.parametrize(
    ("settings", "rows", "times"),
    [({"mixture": ["en"]}, 180, 2), ({"mixture": ["en", "fr"]}, 200, 12), ({"mixture": ["sw"]}, 20, 20)],
)
def test_epochs_make_the_steps(settings: dict[str, Any], rows: int, times: int) -> None:
    """By the trajectories of the mixture alone, one update at least; as often as a trajectory comes at most."""
    found = mixed(ROWS, Sft(rows=20, epochs=2, steps=7, **settings), seed=0)
    assert len(found) == rows
    assert max(Counter((row.language, row.ids[0]) for row in found).values()) == times


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sft.mixture=[en,frr]"], "'frr', which data.languages has not"),
        (["sft.mixture={en: 0.6, fr: 0.3}"], "sums to 0.9"),
        (["sft.mixture={en: 0.6, frr: 0.4}"], "'frr'"),
        (["sft.mixture={en: 0.6, fr: 0.4}", "sft.temperature=2"], "makes shares of its own"),
        (["sft.mixture=[]"], "is empty"),
        (["sft.rows=10", "sft.accumulation=3"], "must be a multiple"),
        (["sft.weights={thought: 0, call: 0, reply: 0}"], "are all 0"),
    ],
)
def test_bad_settings_end_in_one_sentence(words: list[str], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        composed("data.languages=[en,fr]", *words)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_a_language_without_gold_is_refused() -> None:
    with pytest.raises(UserError, match="'zh', of which there are no gold trajectories"):
        shares(Sft(mixture=["zh"]), COUNTS)


def test_weighted_loss_of_ones_is_the_sum_of_cross_entropies() -> None:
    logits, labels = torch.randn(2, 5, 7), torch.randint(7, (2, 5))
    labels[:, :2] = IGNORED
    want = functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum")
    torch.testing.assert_close(weighted_loss(logits, labels, torch.ones(2, 5)), want)


@pytest.mark.parametrize(
    "words", [[], ["sft.weights.call=2"], ["trainer.peft={r: 4, target_modules: all-linear}"]]
)
def test_a_few_steps_lower_the_loss(
    words: list[str], some_tasks: list[Task], tiny_tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    config = composed(
        "sft.steps=8", "sft.rows=8", "sft.accumulation=2", "sft.learning_rate=1e-2", f"output_dir={tmp_path}",
        *words,
    )  # fmt: skip
    rows = gold_rows(some_tasks, Chat(tiny_tokenizer), config.sft.weights, 512)
    model = AutoModelForCausalLM.from_pretrained(save_policy(tmp_path / "policy", tiny_tokenizer))
    trainer = GoldTrainer(
        model=model, tokenizer=tiny_tokenizer, rows=mixed(rows, config.sft, 0), config=config
    )
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert len(losses) == 8 and losses[-1] < losses[0]
