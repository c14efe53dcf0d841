"""Reward for the reader's own customs: numbers, money, dates and times as the locale writes them."""

from rewards.facts import local
from rewards.reply import final_reply
from rewards.types import Task, Trajectory


def culture(task: Task, trajectory: Trajectory) -> float | None:
    """The share of the task's facts that the reply states in the locale's form, in 0..1.

    A fact that is not stated counts 0. None (abstains) where the facts are plain text or missing.
    """
    facts = [fact for fact in task.expected.facts if fact["kind"] != "text"]
    if not facts:
        return None
    reply = final_reply(task, trajectory)
    return sum(bool(local(fact, reply, task.locale)) for fact in facts) / len(facts)
