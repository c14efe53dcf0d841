"""Samples made by hand: real tasks of the catalog, and trajectories of turns that a policy might have said."""

from dataclasses import replace

from rewards.types import Score, Task
from rl.data import catalog
from rl.evaluation.funnel import Judged, judged
from rl.rollout import replay
from rl.rollout.script import gold_turn

PARTS = {"language_match": 1.0, "culture": 1.0}


def task_of(kind: str, language: str, request: str = "a") -> Task:
    """A task of one parallel request."""
    made = catalog.make(kind, language, split="test")
    return replace(made, id=f"{request}/{language}", parallel_id=request)


def right(task: Task, reward: float | None = 1.0, **parts: float | None) -> Judged:
    turns = [gold_turn(task)] if task.expected.calls else []
    return said(task, *turns, task.expected.reply or "", reward=reward, **parts)


def said(task: Task, *turns: str, reward: float | None = 0.0, **parts: float | None) -> Judged:
    return judged(task, replay(task, list(turns)), Score(reward, {**PARTS, **parts}))


def call(name: str, arguments: str) -> str:
    return f'<tool_call>{{"name": "{name}", "arguments": {arguments}}}</tool_call>'
