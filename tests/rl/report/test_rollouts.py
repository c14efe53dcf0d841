"""Rollouts in Parquet, as they are read again."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from rewards.types import Score, Trajectory
from rl.data.catalog import make
from rl.pipeline.collector import Job, Sample
from rl.report.rollouts import COLUMNS, TOKENS
from rl.report.run_folder import RunFolder
from rl.report.samples import Row, as_row
from rl.rollout import replay
from rl.rollout.script import gold_turn

TASK = make("set_alarm", "ar")
WORDS = {1: "<think>", 2: "أفكّر", 3: "</think>", 4: "تم", 5: "<|im_end|>", 6: "نتيجة"}


def decode(ids: list[int]) -> str:
    return " ".join(WORDS.get(i, chr(i)) for i in ids)


def sample(trajectory: Trajectory, reward: float | None = 0.5) -> Row:
    parts = {"outcome": reward, "culture": None}
    return as_row(Job(TASK, 7, 3), Sample(trajectory, Score(reward, parts, {"culture": "امتنع"})), 0.25)


def written(folder: Path, row: Row, tokens: bool = False, name: str = "step-000003") -> dict[str, object]:
    RunFolder(folder, decode, tokens).rollouts(name, [row])
    (read,) = pq.read_table(folder / "rollouts" / f"{name}.parquet").to_pylist()
    return read


@pytest.fixture
def two_turns() -> Trajectory:
    done = replay(TASK, [gold_turn(TASK), "تم ضبط المنبّه."])
    return replace(
        done,
        token_ids=[1, 2, 3, 5, 6, 6, 4, 5],
        sampled=[True] * 4 + [False] * 2 + [True] * 2,
        logprobs=[-0.5] * 4 + [0.0] * 2 + [-0.25] * 2,
    )


def test_a_row_has_its_groups_what_was_expected_and_what_was_written(
    tmp_path: Path, two_turns: Trajectory
) -> None:
    row = written(tmp_path, sample(two_turns))
    groups = (row["task_id"], row["language"], row["parallel_id"])
    assert groups == (TASK.id, "ar", TASK.parallel_id) and row["locale"] == TASK.locale
    assert row["tools"] == [tool.name for tool in TASK.tools]
    (expected,) = row["expected_calls"]
    assert expected["name"] == "set_alarm"
    assert json.loads(expected["arguments"]) == TASK.expected.calls[0]["arguments"]
    assert [json.loads(fact) for fact in row["facts"]] == TASK.expected.facts
    assert row["parts"] == {"outcome": 0.5, "culture": None} and row["notes"] == [("culture", "امتنع")]
    assert row["turns"] == ["<think> أفكّر </think> <|im_end|>", "تم <|im_end|>"]
    assert row["statuses"] == ["ok"]


def test_text_is_text_and_messages_are_lists_of_structs(tmp_path: Path, two_turns: Trajectory) -> None:
    row = written(tmp_path, sample(two_turns))
    assert [message["role"] for message in row["messages"]] == ["assistant", "tool", "assistant"]
    call = row["messages"][0]["tool_calls"][0]
    assert call["name"] == "set_alarm" and isinstance(json.loads(call["arguments"]), dict)
    assert row["messages"][2]["content"] == "تم ضبط المنبّه."
    assert "\\u" not in f"{row['expected_calls']}{row['facts']}{row['messages']}{row['request']}"


def test_tokens_are_kept_where_asked_for(tmp_path: Path, two_turns: Trajectory) -> None:
    assert not set(TOKENS) & set(written(tmp_path, sample(two_turns)))
    row = written(tmp_path, sample(two_turns), tokens=True)
    assert row.keys() == COLUMNS.keys()
    assert row["token_ids"] == two_turns.token_ids and row["sampled"] == two_turns.sampled
    assert row["logprobs"] == two_turns.logprobs


@pytest.mark.parametrize("hostile", ["\ud800", "a\x00b", '{"\ud83d": 1}', "</s>" * 3])
def test_whatever_a_model_writes_is_kept(tmp_path: Path, hostile: str) -> None:
    trajectory = replay(TASK, [hostile])
    odd = [
        {
            "role": "assistant",
            "content": hostile,
            "tool_calls": [{"name": hostile, "arguments": {hostile: 1}}],
        }
    ]
    row = written(tmp_path, sample(replace(trajectory, messages=odd, stop=hostile), None))
    kept = hostile.encode("utf-8", "replace").decode()
    assert row["reward"] is None and row["messages"][0]["content"] == row["stop"] == kept


def test_messages_of_other_forms_are_kept(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "ça"}]
    messages = [{"role": "user", "content": parts}, {"role": "assistant", "content": None}]
    row = written(tmp_path, sample(replace(replay(TASK, ["x"]), messages=messages)))
    assert json.loads(row["messages"][0]["content"]) == parts and row["messages"][1]["content"] is None
