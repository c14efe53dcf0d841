"""Reward for the reader's own customs, decided by rules: CLDR's data through Babel, and ``rules/``.

Each rule looks at one custom and abstains where nothing in the reply concerns it.
"""

from rewards.culture.calendars import calendar
from rewards.culture.formats import dates, digits, money, numbers, times
from rewards.culture.order import ordered
from rewards.culture.register import register
from rewards.culture.reply_view import Finding, Rule, Said, said
from rewards.culture.units import units
from rewards.effects.effect import effect
from rewards.effects.gold import only_asks
from rewards.facts import local, stated
from rewards.language.prose import seen
from rewards.outcome import is_admission, no_reply_possible
from rewards.reply import final_reply, owed, stated_facts
from rewards.types import Fact, Score, Task, Trajectory

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


def culture(task: Task, trajectory: Trajectory) -> Score:
    """The share of the concerned rules that hold, in 0..1, with each rule's reason in the notes.

    Each fact that the reply states is a rule of its own: that it has the locale's form (CLDR). Where a fact is
    stated, what else the reply says can only cost: padding it with right dates gains nothing. Where a fact is
    all that was asked for, a reply without it breaks its rule: it does not escape by saying nothing. 1.0 where
    nothing concerns a rule, 0.0 for no reply. Which language it is in is asked elsewhere (``language_match``, by which
    the presets scale this part). None (abstains) by the task alone: where its calls do not run, no reply is due.

    Raises ValueError for a locale that CLDR does not know.
    """
    if no_reply_possible(task):
        return Score(None, {}, {})
    reply = seen(trajectory)
    read = said(reply, task, trajectory)
    if not final_reply(task, trajectory):
        return Score(0.0, {}, {"reply": "there is none"})
    due = {name: v for fact in task.expected.facts for name, v in _fact(fact, reply, read).items()}
    due |= _withheld(task, trajectory)
    other = {name: v for name, rule in RULES.items() if (v := rule(read)) is not None}
    counted = [*due.values(), *(v for v in other.values() if not (due and v.held))]
    notes = {name: f"{'holds' if v.held else 'broken'}: {v.reason}" for name, v in {**other, **due}.items()}
    return Score(sum(v.held for v in counted) / len(counted) if counted else 1.0, {}, notes)


def _withheld(task: Task, trajectory: Trajectory) -> dict[str, Finding]:
    """The owed facts that the reply does not tell, where to be told them is the purpose of the task. After a failure
    there are none to tell."""
    if not any(owed(task)) or not only_asks(task):
        return {}
    came, reply = effect(task, trajectory), final_reply(task, trajectory)
    if came is not None and not came.done and is_admission(task, trajectory, reply):
        return {}
    states = stated_facts(task, trajectory, reply)
    return {
        f"{fact['kind']} {fact['value']}": Finding(False, "is not told")
        for fact, due, told in zip(task.expected.facts, owed(task), states, strict=True)
        if due and not told
    }


def _fact(fact: Fact, reply: str, read: Said) -> dict[str, Finding]:
    name = f"{fact['kind']} {fact['value']}"
    if fact["kind"] == "text":
        verdict = ordered(fact, read)
        return {name: verdict} if verdict else {}
    if local(fact, reply, read.task.locale):
        return {name: Finding(True, "as the locale has it")}
    if stated(fact, reply, read.task.locale):
        return {name: Finding(False, f"not in the form of {read.task.locale}")}
    return {}
