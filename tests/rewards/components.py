"""Rewards as users write them, good and bad; named by the tests' configurations."""

import asyncio
import os
import time
from typing import Any

from rewards.types import Score

NOT_CALLABLE = 3


def short_reply(task, trajectory, limit=200) -> float:
    return float(len(trajectory.messages[-1]["content"]) < limit)


async def later(task, trajectory) -> bool:
    await asyncio.sleep(0)
    return True


def whole_score(task, trajectory) -> Score:
    return Score(0.5, {}, {"why": "half"})


def abstains(task, trajectory) -> None:
    return None


def trl(prompts, completions, language, completion_ids, **columns) -> list[float]:
    assert columns["task"][0].messages == prompts[0]
    return [0.25 if language == ["fr"] and completion_ids == [[7]] else 0.0 for _ in completions]


def trl_bare(completions) -> list[float]:
    return [1.0] * len(completions)


def trl_too_many(prompts, completions, **columns) -> list[float]:
    return [1.0, 1.0]


class Counting:
    def __init__(self, start: float = 0.0) -> None:
        self.value = start

    def __call__(self, task, trajectory) -> float:
        return self.value


def raises(task, trajectory) -> float:
    raise RuntimeError("out of order")


def times_out_inside(task, trajectory) -> float:
    raise TimeoutError("the database is slow")


def hangs(task, trajectory) -> float:
    time.sleep(60)
    return 1.0


async def hangs_async(task, trajectory) -> float:
    await asyncio.sleep(60)
    return 1.0


def returns(task, trajectory, value: Any = None) -> Any:
    return {"nan": float("nan"), "text": "1.0", "big": 1.5, "list": [1.0], "negative": -0.1}[value]


def dies(task, trajectory) -> float:
    os._exit(1)


def dies_once(task, trajectory, mark: str) -> float:
    if not os.path.exists(mark):
        open(mark, "w").close()
        os._exit(1)
    return 1.0
