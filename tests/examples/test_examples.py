"""Every example does what its page says; one of them is trained in ``tests/runs``."""

import asyncio
import re
import shlex
import sys
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser

from rewards import Rewards, Score, Task, Trajectory
from rewards.serving.app import application
from rewards.serving.presets import configuration
from rl.__main__ import COMMANDS
from rl.config.cli import CONF, rewritten
from rl.config.load import load
from rl.config.schema import Config, WarmStart
from rl.data import from_config
from rl.data.catalog import make
from rl.rollout import replay
from rl.rollout.chat import Chat
from rl.rollout.script import gold_turn
from rl.runs.prepare import prepared
from rl.runs.services import configured_rewards
from rl.tiny.warm_start import row_sampler
from sandbox import open_sandbox
from sandbox.types import ToolCall

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PAGE = re.split(r"^## (\w+)\n", (EXAMPLES / "README.md").read_text("utf-8"), flags=re.M)[1:]
LINES = [
    (folder, shlex.split(line))
    for folder, text in zip(PAGE[::2], PAGE[1::2], strict=True)
    for block in re.findall(r"```\n(.*?)```", text, re.S)
    for line in block.splitlines()
]
MODULES = ("my_rewards", "my_tools", "my_tasks", "italian", "score")


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Go into an example's folder, as its page asks."""

    def go(folder: str) -> None:
        there = EXAMPLES / folder
        monkeypatch.chdir(there if there.is_dir() else EXAMPLES)
        monkeypatch.syspath_prepend(str(there))

    yield go
    for name in MODULES:
        sys.modules.pop(name, None)


def composed(words: list[str]) -> Config:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return load(compose("config", ["run=test", *rewritten(words)]))


def jobs(words: list[str]) -> list[list[str]]:
    """The overrides of each job of a sweep."""
    whole: list[list[str]] = [[]]
    for word, read in zip(words, OverridesParser.create().parse_overrides(words), strict=True):
        values = read.sweep_string_iterator() if read.is_sweep_override() else None
        choices = [f"{read.key_or_group}={value}" for value in values] if values else [word]
        whole = [[*job, choice] for job in whole for choice in choices]
    return whole


def test_the_page_names_every_example() -> None:
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders | {"ablation"} == set(PAGE[::2])
    assert all(line[0] == "polyglot-grpo" and line[1] in COMMANDS for _, line in LINES)


@pytest.mark.parametrize(
    ("folder", "words"), [(folder, line[2:]) for folder, line in LINES if line[1] == "train"], ids=str
)
def test_what_is_trained_composes_and_has_its_data_and_rewards(
    folder: str, words: list[str], inside: Any, tmp_path: Path
) -> None:
    inside(folder)
    for job in jobs([word for word in words if word != "-m"]):
        config = composed([*job, f"output_dir={tmp_path}", f"model.cache_dir={tmp_path}"])
        assert configured_rewards(config).parts
        if config.data.source != "catalog":
            run = prepared(config, test_split="test", training=True)
            draw = row_sampler(run.tasks, Chat(run.tokenizer), WarmStart(), Random(0))
            assert run.tasks and run.tests and all(draw()[0] for _ in range(5))


@pytest.mark.parametrize("data", ["data._target_=my_tasks.load", "data=jsonl data.path=tasks.jsonl"])
def test_right_answers_of_own_tasks_earn_all(data: str, inside: Any) -> None:
    inside("own_data")
    rewards = Rewards.from_config(configuration("call_only"))
    for task in from_config(composed(data.split()).data, "train"):
        assert rewards.score(task, replay(task, [gold_turn(task)])).reward == 1.0
        assert rewards.score(task, replay(task, ["-"])).reward < 0.5


def test_own_rewards_are_parts_of_the_score(inside: Any) -> None:
    inside("own_reward")
    task = make("small_talk", "en")
    components = {
        "short": {"_target_": "my_rewards.short_reply", "weight": 1},
        "calm": {"_target_": "my_rewards.no_exclamation", "weight": 1},
    }
    rewards = Rewards.from_config({"components": components})
    assert rewards.score(task, replay(task, ["Hello."])).parts == {"short": 1.0, "calm": 1.0}
    assert rewards.score(task, replay(task, ["Oh! " * 99])).parts == {"short": 0.0, "calm": 0.0}


def test_an_own_tool_runs_in_the_sandbox(inside: Any) -> None:
    inside("own_tool")
    config = composed(["data=jsonl", "data.path=tasks.jsonl", "sandbox.trusted_tools=[my_tools]"])
    tasks = from_config(config.data, "train", config.sandbox)

    async def called() -> Any:
        async with (
            open_sandbox(workers=1, trusted_tools=["my_tools"]) as sandbox,
            sandbox.session(tasks[0].state, 0, ["exchange_rate"]) as session,
        ):
            return await session.call(ToolCall("0", "exchange_rate", {"currency": "USD"}))

    result = asyncio.run(called())
    assert (result.status, result.content) == ("ok", 1.17)


def test_italian_earns_in_italian_and_not_in_english(inside: Any) -> None:
    inside("own_language")
    tasks = [
        t for t in from_config(composed(["data._target_=italian.load"]).data, "train") if t.language == "it"
    ]
    rewards = Rewards.from_config(configuration("multilingual_tool_use") | {"languages": ["it", "en"]})
    assert len(tasks) == 2
    for task in tasks:
        clock = task.messages[-1]["content"].split()[-1].rstrip(".") if "7:30" in task.id else "6:45"
        good = rewards.score(
            task, replay(task, [gold_turn(task), f"Ho impostato la sveglia per le {clock}."])
        )
        english = rewards.score(
            task, replay(task, [gold_turn(task), f"Your alarm is set for {clock} tomorrow."])
        )
        assert good.parts["language_match"] > 0.8 > 0.3 > english.parts["language_match"]
        assert good.reward > 0.9 > english.reward


class InProcess:
    """The served rewards without Ray."""

    def __init__(self) -> None:
        self.rewards = Rewards.from_config(configuration("call_only"))

    async def score(self, task: Task, trajectory: Trajectory) -> Score:
        return await self.rewards.ascore(task, trajectory)

    def stats(self) -> dict[str, Any]:
        return {}


def test_another_trainer_gets_the_same_scores_in_process_and_over_http(inside: Any) -> None:
    inside("other_trainer")
    score = import_module("score")
    task = make("set_alarm", "fr")
    turns = [gold_turn(task), "Je ne peux pas."]
    completions = [[{"role": "assistant", "content": turn}] for turn in turns]
    here = score.reward([task.messages] * 2, completions, task=[task] * 2)

    body = score.request([(task, turn) for turn in turns])

    async def asked() -> list[float | None]:
        transport = httpx.ASGITransport(application(InProcess(), None))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            found: list[float | None] = await score.scores_of(client, body)
            return found

    assert here == asyncio.run(asked())
    assert here[0] == 1.0 and here[1] is not None and here[1] < 0.5
