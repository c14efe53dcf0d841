"""Scores for another trainer: in its process with TRL's signature, or over HTTP."""

from dataclasses import asdict
from typing import Any

import httpx

from rewards import Rewards, Task
from rewards.serving.presets import configuration
from rl import replay

REWARDS = Rewards.from_config(configuration("call_only"))


def reward(
    prompts: list[Any], completions: list[Any], task: list[Task], **columns: Any
) -> list[float | None]:
    """A ``reward_func`` for ``trl.GRPOTrainer``; the data set's column ``task`` holds the tasks.

    None is a failure of ours, which TRL leaves out.
    """
    turns = [completion[-1]["content"] for completion in completions]
    return [REWARDS.score(one, replay(one, [turn])).reward for one, turn in zip(task, turns, strict=True)]


def request(samples: list[tuple[Task, str]]) -> dict[str, Any]:
    """What ``POST /v1/score`` of ``polyglot-grpo serve-rewards`` takes, here for one turn a task."""
    return {
        "items": [{"task": asdict(task), "trajectory": _trajectory(task, turn)} for task, turn in samples]
    }


async def scores_of(client: httpx.AsyncClient, body: dict[str, Any]) -> list[float | None]:
    """The rewards that the server at the client's address gives; None is a failure of ours, to be masked."""
    answer = await client.post("/v1/score", json=body)
    answer.raise_for_status()
    return [score["reward"] for score in answer.json()["scores"]]


def _trajectory(task: Task, turn: str) -> dict[str, Any]:
    """What was said, called and given back. A trainer with tools of its own fills in what it saw."""
    done = replay(task, [turn])
    return {
        "messages": done.messages,
        "calls": [asdict(call) for call in done.calls],
        "results": [asdict(result) for result in done.results],
        "stop": done.stop,
        "state": done.state,
    }
