"""Reward for the reader's own customs, decided by rules: CLDR's data through Babel, and ``rules/``.

Each rule looks at one custom and abstains where nothing in the reply concerns it.
"""

from collections.abc import Sequence
from typing import Any

from rewards.culture.calendars import calendar
from rewards.culture.formats import dates, digits, money, numbers, times
from rewards.culture.manners import register
from rewards.culture.order import ordered
from rewards.culture.said import Rule, Said, Verdict, said
from rewards.culture.units import units
from rewards.facts import local, stated
from rewards.language import language_match
from rewards.reply import content, final_reply, reply_due, told
from rewards.types import Score, Task, Trajectory

__all__ = ["culture"]

RULES: dict[str, Rule] = {
    "dates": dates,
    "times": times,
    "numbers": numbers,
    "digits": digits,
    "money": money,
    "units": units,
    "calendar": calendar,
    "register": register,
}


def culture(task: Task, trajectory: Trajectory, languages: Sequence[str] | None = None) -> Score:
    """The share of the concerned rules that hold, in 0..1, with each rule's reason in the notes.

    Each of the task's facts is a rule of its own: the reply states it, and in the locale's form (CLDR).
    Where a task has facts, what else the reply says can only cost: padding it with right dates gains
    nothing. None (abstains) where nothing in the reply concerns a rule; 0.0 for no reply where one is due,
    for one that states none of its facts, and for one in another language.

    Raises ValueError for a locale that CLDR does not know.
    """
    reply = final_reply(task, trajectory)
    read = said(reply, _asked(task), task)
    if empty := _says_nothing(reply, task, trajectory, languages):
        return Score(0.0, {}, {"reply": empty})
    due = {name: v for fact in task.expected.facts for name, v in _fact(fact, reply, read).items()}
    other = {name: v for name, rule in RULES.items() if (v := rule(read)) is not None}
    counted = [*due.values(), *(v for v in other.values() if not (due and v.held))]
    notes = {name: f"{'holds' if v.held else 'broken'}: {v.reason}" for name, v in {**other, **due}.items()}
    return Score(sum(v.held for v in counted) / len(counted) if counted else None, {}, notes)


def _says_nothing(
    reply: str, task: Task, trajectory: Trajectory, languages: Sequence[str] | None
) -> str | None:
    """Why the reply is worth nothing to anyone, whatever its customs."""
    if not reply:
        return "there is none" if task.expected.calls or reply_due(task, trajectory) else None
    if task.expected.facts and not any(told(task, trajectory, reply)):
        return "states none of the facts that it owes"
    if language_match(task, trajectory, languages) == 0.0:
        return f"is not in {task.language}"
    return None


def _asked(task: Task) -> str:
    return "\n".join(content(message) for message in task.messages if message.get("role") == "user")


def _fact(fact: dict[str, Any], reply: str, read: Said) -> dict[str, Verdict]:
    name = f"{fact['kind']} {fact['value']}"
    if fact["kind"] == "text":
        verdict = ordered(fact, read)
        return {name: verdict} if verdict else {}
    if local(fact, reply, read.task.locale):
        return {name: Verdict(True, "as the locale has it")}
    if stated(fact, reply, read.task.locale):
        return {name: Verdict(False, f"not in the form of {read.task.locale}")}
    return {name: Verdict(False, "not stated")}
