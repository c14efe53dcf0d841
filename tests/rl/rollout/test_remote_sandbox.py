"""Rollouts whose tools run in a sandbox that is served elsewhere: a real server, a scripted engine."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from rewards.execution import failed_by_us
from rewards.types import Task, Trajectory
from rl.config.schema import Sandbox
from rl.data.catalog.tasks import gold_messages
from rl.errors import UserError
from rl.rollout.agent import Bounds, rollout
from rl.rollout.chat import Chat
from rl.rollout.engines.base import Sampling
from rl.rollout.worker import open_tools
from rl.runs.preflight import check_sandbox
from tests.rl.parts import composed
from tests.rl.rollout.test_chat import Scripted, as_written

ROOT = Path(__file__).resolve().parents[3]
ROOMY = Bounds(max_turns=6, max_new_tokens=200, max_model_len=4000)
TOKEN = "a token of ours"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.serve", "--port", "0", "--workers", "1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "POLYGLOT_SANDBOX_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        yield process, process.stdout.readline().split()[-1]
        process.kill()


@pytest.fixture(scope="module")
def chat(tiny_tokenizer: PreTrainedTokenizerFast) -> Chat:
    return Chat(tiny_tokenizer)


async def played(tasks: list[Task], chat: Chat, settings: Sandbox) -> list[Trajectory]:
    """The gold trajectory of each task, all at once."""

    async def one(task: Task, sandbox: Any) -> Trajectory:
        turns = [as_written(message) for message in gold_messages(task) if message["role"] == "assistant"]
        return await rollout(task, Scripted(chat, *turns), sandbox, chat, ROOMY, Sampling(200), 1)

    async with open_tools(settings, TOKEN) as sandbox:
        return await asyncio.gather(*(one(task, sandbox) for task in tasks))


def without_seconds(trajectory: Trajectory) -> dict[str, Any]:
    plain = asdict(trajectory)
    return plain | {"results": [result | {"seconds": 0} for result in plain["results"]]}


def test_a_trajectory_is_the_same_wherever_its_tools_run(served, chat, some_tasks) -> None:
    here = asyncio.run(played(some_tasks, chat, Sandbox(workers=1)))
    there = asyncio.run(played(some_tasks, chat, Sandbox(url=served[1])))
    assert any(trajectory.results for trajectory in here)
    assert [without_seconds(one) for one in there] == [without_seconds(one) for one in here]


def test_the_token_is_in_the_variable_that_is_named(
    served: tuple[subprocess.Popen[str], str], some_tasks: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POLYGLOT_SANDBOX_TOKEN", raising=False)
    monkeypatch.setenv("MINE", TOKEN)
    given = ("sandbox=remote", f"sandbox.url={served[1]}")
    check_sandbox(composed(*given, "sandbox.token_env=MINE"), some_tasks)
    with pytest.raises(UserError, match="environment variable POLYGLOT_SANDBOX_TOKEN"):
        check_sandbox(composed(*given), some_tasks)


@pytest.mark.parametrize(
    ("overrides", "token", "said"),
    [
        (["sandbox.url=http://127.0.0.1:1"], TOKEN, "start it with `python -m sandbox.serve`"),
        (["sandbox.url=ftp://127.0.0.1"], TOKEN, "correct the address"),
        ([], "another", "environment variable POLYGLOT_SANDBOX_TOKEN"),
    ],
)
def test_what_cannot_be_used_is_refused_before_the_run(
    served, some_tasks, monkeypatch, overrides, token, said
) -> None:
    monkeypatch.setenv("POLYGLOT_SANDBOX_TOKEN", token)
    config = composed("sandbox=remote", *(overrides or [f"sandbox.url={served[1]}"]))
    with pytest.raises(UserError, match=r"sandbox\.url=") as caught:
        check_sandbox(config, some_tasks)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_tool_that_is_not_served_is_refused_before_the_run(served, some_tasks, monkeypatch) -> None:
    monkeypatch.setenv("POLYGLOT_SANDBOX_TOKEN", TOKEN)
    config = composed("sandbox=remote", f"sandbox.url={served[1]}")
    check_sandbox(config, some_tasks)
    (tool, *_), task = some_tasks[0].tools, some_tasks[0]
    foreign = Task(**{**vars(task), "tools": [type(tool)(**{**vars(tool), "name": "my_tool"})]})
    with pytest.raises(UserError, match="no tool 'my_tool'"):
        check_sandbox(config, [foreign])


def test_a_server_that_is_lost_masks_and_does_not_punish(served, chat, some_tasks) -> None:
    process, url = served

    async def go() -> list[Trajectory]:
        async with open_tools(Sandbox(url=url), TOKEN) as sandbox:
            process.kill()
            process.wait()
            task = some_tasks[0]
            return [await rollout(task, Scripted(chat, "-"), sandbox, chat, ROOMY, Sampling(200), 1)]

    (trajectory,) = asyncio.run(go())
    assert trajectory.stop == "infra" and failed_by_us(trajectory)
