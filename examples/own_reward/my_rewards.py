"""Two rewards: a plain function, and one with TRL's signature."""

from typing import Any

from rewards.types import Task, Trajectory


def short_reply(task: Task, trajectory: Trajectory) -> float:
    """1.0 for a last turn of fewer than 200 characters, else 0.0."""
    return float(len(trajectory.messages[-1]["content"]) < 200)


def no_exclamation(prompts: list[Any], completions: list[Any], **columns: Any) -> list[float]:
    """1.0 where nothing is shouted. TRL's signature, which works unchanged."""
    return [float("!" not in completion[-1]["content"]) for completion in completions]
