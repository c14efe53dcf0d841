"""An evaluation from a policy's samples to its files: the agent loop, a sandbox, real rewards."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast

from rewards.compose import Rewards
from rewards.types import Score, Task, Trajectory
from rl.data import load
from rl.evaluation.held_out import by_language, evaluate, held_out
from rl.evaluation.results import results
from rl.evaluation.written import write
from rl.pipeline.collector import Collector
from rl.rollout.chat import Chat
from tests.rl.evaluation.made import right, said, task_of
from tests.rl.parts import Rollouts, composed, save_policy

TASKS = load("catalog", split="test", languages=["en", "sw"], tools=["set_alarm", "small_talk"], per_tool=2)


class Scorer:
    """The configured rewards in this process; the first sample is masked."""

    def __init__(self) -> None:
        self.rewards = Rewards.from_config(composed().reward.model_dump())
        self.taken = 0

    async def score(self, task: Task, trajectory: Trajectory, step: int | None = None) -> Score:
        self.taken += 1
        return (
            self.rewards.masked("drawn") if self.taken == 1 else await self.rewards.ascore(task, trajectory)
        )

    def metrics(self) -> dict[str, float]:
        return {}


@pytest.fixture
def collect(tiny_tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> Iterator[Collector]:
    rollouts = Rollouts(save_policy(tmp_path / "policy", tiny_tokenizer), tiny_tokenizer)
    collector = Collector(rollouts, Scorer())
    yield collector
    collector.run(rollouts.close())


def test_several_samples_a_task_each_with_a_seed_of_its_own(
    collect: Collector, tiny_tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    tasks = held_out(TASKS, 2)
    samples, rows = evaluate(collect, tasks, temperature=1.0, samples=3)
    assert len(samples) == len(rows) == len({row.seed for row in rows}) == 12
    assert len({tuple(row.token_ids) for row in rows if row.task_id == tasks[0].id}) > 1
    found = results(samples, 3, 1.0, Chat(tiny_tokenizer))
    counted = [(r["n"], r["masked"], r["tasks"]) for r in found["languages"].values()]
    assert sorted(counted) == [(5, 1, 2), (6, 0, 2)]
    assert sum(row.steps == {} for row in rows) == 1
    for figures in found["effort"].values():
        assert figures["request_tokens"] > 0 and figures["tokens_beyond_gold"] is not None
    assert found["effort"]["sw"]["request_to_english"] > 0.5
    write(tmp_path, "evaluation", found)
    assert json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8")) == found


def test_parallel_requests_are_drawn_alike() -> None:
    chosen = held_out(TASKS, 2)
    by_language = {tag: {t.parallel_id for t in chosen if t.language == tag} for tag in ("en", "sw")}
    assert by_language["en"] == by_language["sw"] and len(by_language["en"]) == 2


def test_the_tokens_of_a_right_trajectory_are_those_of_the_template(
    tiny_tokenizer: PreTrainedTokenizerFast,
) -> None:
    """A task without a call: its right trajectory is the reply and the end of the turn."""
    task = next(task for task in TASKS if task.expected.no_call)
    chat = Chat(tiny_tokenizer)
    found = results([right(task)], 1, 0.0, chat)["effort"][task.language]
    gold = len(right(task).trajectory.token_ids) - found["tokens_beyond_gold"]
    reply = len(chat.encode(task.expected.reply or ""))
    assert reply <= gold <= reply + 3


def test_two_tasks_of_one_request_in_a_language_are_two_tasks() -> None:
    """Of one all samples are right, of the other none."""
    one = task_of("set_alarm", "en")
    other = replace(one, id="a/en/again")
    samples = [right(one), right(one), said(other, "Nope."), said(other, "Nope.")]
    found = by_language(samples, 2)["en"]
    assert (found["best"], found["worst"], found["tasks"]) == (0.5, 0.5, 2)
    assert found["pass_at"] == found["pass_hat"] == {"1": 0.5, "2": 0.5}
