"""Rewards as users write them, good and bad; named by the tests' configurations."""

import asyncio
import os
import re
import threading
import time
from typing import Any

from rewards.types import Score

NOT_CALLABLE = 3
TWO = threading.Barrier(2)


def short_reply(task, trajectory, limit=200) -> float:
    return float(len(trajectory.messages[-1]["content"]) < limit)


async def later(task, trajectory) -> bool:
    await asyncio.sleep(0)
    return True


def whole_score(task, trajectory) -> Score:
    return Score(0.5, {}, {"why": "half"})


def graded(task, trajectory) -> Score:
    """What is said, and a figure of its own."""
    said = float(trajectory.messages[-1]["content"])
    return Score(said, {"warmth": said, "unknown": None}, {})


def abstains(task, trajectory) -> None:
    return None


def trl(prompts, completions, language, completion_ids, **columns) -> list[float]:
    assert columns["task"][0].messages == prompts[0]
    return [0.25 if language == ["fr"] and completion_ids == [[7]] else 0.0 for _ in completions]


def trl_bare(completions) -> list[float]:
    return [1.0] * len(completions)


def trl_too_many(prompts, completions, **columns) -> list[float]:
    return [1.0] * (len(prompts) + 1)


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


def meets(task, trajectory) -> float:
    """Returns once two threads are here."""
    TWO.wait(60)
    return 1.0


def said(trajectory) -> str:
    return trajectory.messages[-1]["content"]


def follows(task, trajectory) -> float | None:
    """Does what the reply says."""
    match said(trajectory).split():
        case ["raise", *_]:
            raise RuntimeError("as it was told")
        case ["abstain", *_]:
            return None
        case ["spin", *_]:  # in C, with the interpreter's lock held, where no signal is heard
            re.match(r"(a|a)+$", "a" * 60 + "b")
        case ["die", *_]:
            os._exit(1)
        case ["exit", *_]:
            raise SystemExit(3)
        case ["sleep", seconds]:
            time.sleep(float(seconds))
        case ["print", *_]:
            print("{" * 100, flush=True)
        case ["value", value]:
            return float(value)
    return 1.0


async def follows_later(task, trajectory) -> float | None:
    """Waits, fails as a judge does, or blocks the loop that it runs on."""
    match said(trajectory).split():
        case ["judge", *_]:
            raise ConnectionError("the judge does not answer")
        case ["block", *_]:
            time.sleep(60)
        case ["cancel", *_]:
            raise asyncio.CancelledError
        case ["wait", seconds]:
            await asyncio.sleep(float(seconds))
    await asyncio.sleep(0)
    return 1.0


class Narrow:
    """Takes two rows at once, and fails where it is given more."""

    at_once = 2

    def __init__(self) -> None:
        self.here = 0

    async def __call__(self, task, trajectory) -> float:
        self.here += 1
        await asyncio.sleep(0.001)
        most, self.here = self.here, self.here - 1
        return float(most <= self.at_once)


def trl_batch(prompts, completions, **columns) -> list[float]:
    """How many rows came together, in hundredths."""
    return [len(completions) / 100] * len(completions)


def trl_step(completions, trainer_state, **columns) -> list[float]:
    """The training step in hundredths."""
    return [trainer_state.global_step / 100] * len(completions)


def trl_follows(completions, **columns) -> list[float | None]:
    return [follows(None, trajectory) for trajectory in columns["trajectory"]]


async def trl_later(completions, trainer_state, log_metric, **columns) -> list[float]:
    await asyncio.sleep(0)
    log_metric("steps", trainer_state.global_step)
    return [0.5 for _ in completions]


def trl_solution(completions, solution) -> list[float]:
    return [1.0 for _ in completions]


def takes_text(text) -> float:
    return 1.0


def numpy_like(task, trajectory):
    import numpy

    return numpy.float32(0.5)


def nested(task, trajectory) -> Score:
    return Score(None, {}, {"judge": "failed: no answer"})


class Refuses:
    def __init__(self, path: str) -> None:
        if os.getpid() != int(path):  # in the test's own process it can be made
            raise ValueError("no model at the path")

    def __call__(self, task, trajectory) -> float:
        return 1.0


def meets_in_files(task, trajectory, folder: str) -> float:
    """Returns once the row's other reply is here, too."""
    mine = said(trajectory)
    os.open(os.path.join(folder, mine), os.O_CREAT)
    while not os.path.exists(os.path.join(folder, {"x": "y", "y": "x"}[mine])):
        time.sleep(0.01)
    return 1.0


def trl_without_repetitions(prompts, completions, **columns) -> list[float]:
    """Right for one row; of rows that are alike it answers one."""
    return [1.0 for _ in {str(completion) for completion in completions}]
