"""Preference pairs: of one prompt, apart by the margin, in messages that a chat template takes."""

import json
from pathlib import Path

import pytest

from rewards.types import Score
from rl.data.catalog import make
from rl.errors import UserError
from rl.pipeline.collector import Job, Sample
from rl.report.pairs import pairs, write
from rl.report.run_folder import RunFolder
from rl.report.samples import as_row
from rl.rollout import replay
from rl.rollout.script import gold_turn

ALARM, TALK = make("set_alarm", "fr"), make("small_talk", "fr")


def run(folder: Path, rewards: list[float | None]) -> Path:
    """A run of one step: samples of one prompt with those rewards, and a lone one of another prompt."""
    samples = [replay(ALARM, [gold_turn(ALARM), f"C'est fait, numéro {i}."]) for i in range(len(rewards))]
    rows = [
        as_row(Job(ALARM, i, 0), Sample(s, Score(r, {"outcome": r})), 0.0)
        for i, (s, r) in enumerate(zip(samples, rewards, strict=True))
    ]
    rows.append(as_row(Job(TALK, 9, 0), Sample(replay(TALK, ["Salut !"]), Score(0.0, {"outcome": 0.0})), 0.0))
    RunFolder(folder).rollouts("step-000000", rows)
    return folder


def test_the_widest_pair_of_a_prompt_comes_first_and_masked_samples_in_none(tmp_path: Path) -> None:
    found = pairs(run(tmp_path, [0.2, 1.0, None, 0.6]), margin=0.3, per_prompt=2)
    assert found[0]["rewards"] == [1.0, 0.2] and len(found) == 2
    assert all(better - worse >= 0.3 for better, worse in (pair["rewards"] for pair in found))
    assert found[0]["prompt"] == [{"role": "user", "content": ALARM.messages[-1]["content"]}]
    assert found[0]["chosen"][-1]["content"] == "C'est fait, numéro 1."
    call = found[0]["chosen"][0]["tool_calls"][0]["function"]
    assert call["name"] == "set_alarm" and isinstance(call["arguments"], dict)
    write(found, tmp_path / "pairs.jsonl")
    lines = (tmp_path / "pairs.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == found


def test_nothing_to_prefer_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no samples of training"):
        pairs(tmp_path, 0.3)
    with pytest.raises(UserError, match=r"apart by 0\.9; lower --margin"):
        pairs(run(tmp_path, [0.5, 0.6]), 0.9)
