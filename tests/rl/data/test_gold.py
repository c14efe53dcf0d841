"""Gold of the sources that ``test_sources.py`` and ``test_catalog_scores.py`` leave out earns 1.0 under its preset."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from rl.data import SOURCES, from_config
from rl.data.catalog import make
from rl.rollout import replay
from rl.rollout.script import gold_turn
from rl.runs.preflight import check_rewards
from rl.runs.services import configured_rewards
from tests.rl.data.test_sources import SOURCES as OF_OTHERS
from tests.rl.data.test_xsid_jsonl import ENGLISH
from tests.rl.parts import composed

# Source, preset, and what its assistant says after the calls.
CHOSEN = {
    "xsid": (
        "multilingual_tool_use",
        {"en": "Done, that is set for you."},
    ),
    "sealtools": ("call_only", {}),
    "jsonl": ("multilingual_tool_use", {}),
}
ASKED_ONLY = {"mgsm", "confusion"}  # no calls are due there, and benchmarks of their own score them
TOOL = {
    "api_name": "getPollution", "api_description": "Retrieve pollution.", "field": "Environment/Air",
    "parameters": {"city": {"type": "str", "description": "The city."}, "days": {"type": "int", "description": "Days."}},
    "required": ["city"], "responses": {"level": {"type": "str", "description": "The level."}},
}  # fmt: skip
ASKED = {
    "id": "train_1", "query": "How is the air in Oslo for 3 days?",
    "calling": [{"api": "getPollution", "parameters": {"city": "Oslo", "days": "3"}, "responses": ["API_call_0"]}],
}  # fmt: skip


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, Path]:
    files = {
        "xsid/en.train.conll": ENGLISH,
        "sealtools/tool.jsonl": json.dumps(TOOL),
        "sealtools/train.jsonl": json.dumps(ASKED),
        "jsonl/tasks.jsonl": "\n".join(json.dumps(asdict(make("set_alarm", code))) for code in ("fr", "ar")),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return {source: tmp_path / source for source in CHOSEN} | {"jsonl": tmp_path / "jsonl/tasks.jsonl"}


def test_every_source_is_tried() -> None:
    assert {"catalog", *OF_OTHERS, *CHOSEN, *ASKED_ONLY} == set(SOURCES)


@pytest.mark.parametrize("source", CHOSEN)
def test_gold_earns_all_under_the_chosen_preset(source: str, paths: dict[str, Path]) -> None:
    preset, replies = CHOSEN[source]
    config = composed(f"data={source}", f"data.path={paths[source]}", f"reward={preset}")
    rewards = configured_rewards(config)
    tasks = from_config(config.data, config.data.split, config.sandbox)
    check_rewards(rewards, tasks)
    for task in tasks:
        reply = task.expected.reply or replies.get(task.language)
        turns = [gold_turn(task), *([reply] if reply and task.run_calls else [])]
        score = rewards.score(task, replay(task, turns))
        assert score.reward == pytest.approx(1.0), (task.id, score)
