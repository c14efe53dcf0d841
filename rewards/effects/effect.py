"""What came of a task's calls, beside what comes of the right ones: equal outcomes are equal, however spelled.

For the catalog's tools state and results are compared with those of the right calls; for others the calls are
matched, and the state is compared where the task tells it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rewards.effects.gold import Gold, Ran, State, catalog_state, gold, lasting, required, run
from rewards.effects.sameness import contains
from rewards.match import match_calls
from rewards.memo import per_row
from rewards.types import Expected, ExpectedCall, Task, Trajectory
from sandbox.types import ToolCall


@dataclass(frozen=True)
class Effect:
    """``done``: what was asked for is so; ``exact``: and nothing else was changed; ``wasted``: calls that failed,
    or without which all would be as it is; ``why``: what is not right."""

    done: bool
    exact: bool
    wasted: int = 0
    why: str = ""


@per_row
def effect(task: Task, trajectory: Trajectory) -> Effect | None:
    """What the trajectory's calls came to; None where the state matters and is not known."""
    if not task.run_calls or task.expected.no_call:
        match = match_calls(task, trajectory.calls)
        return Effect(match.ok or task.expected.no_call, match.ok, 0, match.reason or "")
    ran = _ran(trajectory)
    failed = sum(result.status not in ("ok", "invalid_call") for result in trajectory.results)
    if _plainly_right(task, ran, trajectory.state):
        return Effect(True, True, failed)
    right = gold(task)
    if right is None:
        return _beside_matching(task, ran, trajectory.state, failed)
    return _beside(right, task, ran, trajectory.state, failed)


def did_a_part(task: Task, trajectory: Trajectory) -> bool:
    """Whether some of the right calls were made and answered, and some were not."""
    ran = _ran(trajectory)
    made = [any(_is_call(want, one, task) for one in ran) for want in task.expected.calls]
    return any(made) and not all(made)


def _ran(trajectory: Trajectory) -> list[Ran]:
    """The calls that their tools answered."""
    answers = {result.call_id: result for result in trajectory.results}
    pairs = ((call, answers.get(call.id)) for call in trajectory.calls)
    return [Ran(call, answer.content) for call, answer in pairs if answer and answer.status == "ok"]


def _calls(ran: Sequence[Ran]) -> list[ToolCall]:
    return [one.call for one in ran]


def _is_call(want: ExpectedCall, one: Ran, task: Task) -> bool:
    """Whether a call has what is wanted of one, to the letter."""
    return match_calls(replace(task, expected=Expected([want])), [one.call]).ok


def _plainly_right(task: Task, ran: list[Ran], state: State | None) -> bool:
    """The right calls and the right state, to the letter: what most right trajectories have."""
    told = task.expected.final_state is not None
    return told and state is not None and match_calls(task, _calls(ran)).ok and _state_holds(task, state)


# Tools that are not the catalog's


def _beside_matching(task: Task, ran: list[Ran], state: State | None, failed: int) -> Effect | None:
    """Where the state shows that nothing else was changed, calls beside the right ones are wasted and no more."""
    knows = task.expected.final_state is not None
    if knows and state is None:
        return None
    if state is not None and knows and not _state_holds(task, state):
        return Effect(False, False, failed, "the state is not as it should be")
    rules = "subset" if knows and task.expected.rules == "exact" else task.expected.rules
    match = match_calls(replace(task, expected=replace(task.expected, rules=rules)), _calls(ran))
    beside = max(0, len(ran) - len(task.expected.calls)) if knows else 0
    return Effect(match.ok, match.ok, failed + beside, match.reason or "")


def _state_holds(task: Task, state: State) -> bool:
    """What is expected holds, and the rest is as it was: the task's own, or the catalog's to begin with."""
    untouched = {key: value for key, value in catalog_state().items() if key in state}
    wanted = untouched | task.state | (task.expected.final_state or {})
    return _equal(_checked(state, task), _checked(wanted, task))


def _checked(state: State, task: Task) -> State:
    return {key: value for key, value in state.items() if key not in task.expected.unchecked}


def _equal(a: Any, b: Any) -> bool:
    """Equality of JSON values: 1 is 1.0, but True is not 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_equal, a, b))
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


# The catalog's tools


def _beside(right: Gold, task: Task, ran: list[Ran], state: State | None, failed: int) -> Effect:
    found = lasting(run(_calls(ran), task.state)[1] if state is None else state)
    if missing := _missing_look(right, task, ran):
        return Effect(False, False, failed, f"{missing} was not asked for as it should be")
    if not _holds(right, found):
        return Effect(False, False, failed, "the state is not as it should be")
    if not _is(right, found):
        return Effect(True, False, failed, "more was changed than was asked for")
    return Effect(True, True, failed + _useless(right, task, ran, found))


def _is(right: Gold, found: State) -> bool:
    """Whether a state is the right one. Only what is not so to the letter is looked at."""
    keys = right.after.keys() | found.keys()
    return all(
        right.same.equal(found.get(key), right.after.get(key))
        for key in keys
        if found.get(key) != right.after.get(key)
    )


def _holds(right: Gold, found: State) -> bool:
    """Whether all that the right calls change is so in a state, whatever else is."""
    value = right.same.value
    return all(
        contains(value(found.get(key)), value(after), value(right.before.get(key)))
        for key, after in right.after.items()
        if after != found.get(key) and after != right.before.get(key)
    )


def _missing_look(right: Gold, task: Task, ran: Sequence[Ran]) -> str | None:
    """The tool of the first look that nothing among the calls gives; each call serves one look."""
    left = list(ran)
    for look in right.looks:
        serves = next((one for one in left if _serves(look, one, right, task)), None)
        if serves is None:
            return look.call.name
        left.remove(serves)
    return None


def _serves(look: Ran, one: Ran, right: Gold, task: Task) -> bool:
    """Whether a call does what the right one does: it has its arguments, or the tool gives the same for others.

    What a tool takes or leaves (an optional argument) must be as asked for all the same.
    """
    if one.call.name != look.call.name:
        return False
    if _is_call(task.expected.calls[int(look.call.id)], one, task):
        return True
    given, needed = one.call.arguments or {}, look.call.arguments or {}
    must = required(look.call.name or "")
    kept = all(
        name in given and (name in must or right.same.equal(given[name], value, name))
        for name, value in needed.items()
        if value != ""
    )
    return kept and right.same.equal(one.result, look.result)


def _useless(right: Gold, task: Task, ran: Sequence[Ran], found: State) -> int:
    """Looks that are none of the right ones, by their tools, and changes: all, where they are more than twice the right
    ones, which no other way takes (cancel and set for a change); else those without which the state would be the same."""
    due = sum(one.changes for one in right.ran)
    more = sum(one.changes for one in ran) - due
    looks = (_looks(ran) - _looks(right.ran)).total()
    return looks + (more if more > due else _undone(right, task, _calls(ran), found, more))


def _looks(ran: Sequence[Ran]) -> Counter[str | None]:
    return Counter(one.call.name for one in ran if not one.changes)


def _undone(right: Gold, task: Task, calls: list[ToolCall], found: State, most: int) -> int:
    """How many of the calls, at most ``most``, can be left out and the state is the same."""
    dropped = 0
    for call in list(calls):
        if dropped < most and Ran(call, None).changes:
            others = [other for other in calls if other is not call]
            after = lasting(run(others, task.state)[1])
            if right.same.equal(after, found):
                calls, dropped = others, dropped + 1
    return dropped
