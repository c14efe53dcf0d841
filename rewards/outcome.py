"""What the calls came to and what was told of it: the parts of a reward that need no language model.

``outcome`` asks whether what the user asked for is done, and nothing else; ``told`` whether the reply says what
the user does not know yet; ``style_counts`` how far it matters at all how the reply reads.
"""

from rewards.claims.addresses import names_another_address
from rewards.claims.admission import admits, admits_a_part, denies, evades
from rewards.claims.echo import is_echo
from rewards.claims.kin import names_another_of_kin
from rewards.claims.moved import keeps_old
from rewards.claims.origin import misplaces
from rewards.claims.places import elsewhere, turns_round
from rewards.claims.playlist import swaps_song_and_list
from rewards.effects.effect import Effect, did_a_part, effect
from rewards.match import graded_match, match_calls
from rewards.reply import (
    final_reply,
    finished,
    is_template,
    owed,
    says_something,
    stated_facts,
    without_code,
    without_json,
)
from rewards.types import Score, Task, Trajectory
from rewards.validity import well_formed

__all__ = ["api_success", "call_match", "failed_by_us", "json_valid", "outcome", "style_counts", "told"]

BAD_CALL = 0.25  # of ``json_valid``, for each call that does not parse or does not fit
WASTED_CALL = 0.2  # of ``outcome``, for each call that failed or was of no use
UNASKED = 0.5  # how far style counts where more was changed than was asked for
ADMITTED = 0.3  # how far style counts in a reply that says truthfully that it did not work


def json_valid(task: Task, trajectory: Trajectory) -> float:
    """Whether the calls parse, name a tool of the task and fit its schema, in 0..1.

    Each that does not costs a quarter, however many others do; 0.0 where none does, or where a call was made and
    none is due. Without a call: 1.0 where none is expected, else 0.0.
    """
    calls, due = trajectory.calls, bool(task.expected.calls)
    if not calls or task.expected.no_call:
        return float(not calls and not due)
    fit = well_formed(task, calls)
    return max(0.0, 1.0 - BAD_CALL * fit.count(False)) if any(fit) else 0.0


def call_match(task: Task, trajectory: Trajectory, graded: bool = False) -> float:
    """1.0 for the expected calls, by the task's rules; else 0.0, or with ``graded`` how near they come.

    Judges what was asked for, not what came of it: for data whose tools cannot be run.
    """
    if graded:
        return graded_match(task, trajectory.calls)
    return float(match_calls(task, trajectory.calls).ok)


def outcome(task: Task, trajectory: Trajectory) -> Score:
    """1.0 where state and results are as the right calls leave them, less a fifth for each call that failed or
    served for nothing; 0.0 where something is not as it should be, or more was changed than was asked for. Where no
    call is due: 1.0 for a reply without any.

    Abstains where the state matters and is not known, or the sandbox failed.
    """
    came = _came_to(task, trajectory)
    if came is None:
        return Score(None, {}, {"state": "not known"})
    answered = not task.expected.no_call or _replies(task, trajectory)
    value = max(0.0, 1.0 - WASTED_CALL * came.wasted) if came.exact and answered else 0.0
    return Score(value, {"wasted": float(came.wasted)}, {"why": came.why} if came.why else {})


def told(task: Task, trajectory: Trajectory) -> float | None:
    """The share of the owed facts that the reply states, once the task is done; 0.0 before, and for a reply that
    denies what was done, whatever else it says. Where nothing is owed, what the user knows must not be stated
    wrongly. Code and JSON tell nothing.

    Abstains where no reply can be had: the tools are on paper only.
    """
    if no_reply_possible(task):
        return None
    came = _came_to(task, trajectory)
    if came is None:
        return None
    return _told(task, trajectory, _said(task, trajectory)) if came.done else 0.0


def style_counts(task: Task, trajectory: Trajectory) -> float | None:
    """How far language and customs of the reply count, in 0..1: 1.0 where the task is done, 0.5 where more was
    changed than was asked for, 0.3 where it is not done and the reply says so; 0.0 for a claim of what is not
    so or a denial of what is, for no reply or one of JSON alone, for the request again and for a reply that was cut
    off. What a code block says is read.

    Abstains where no reply can be had.
    """
    if no_reply_possible(task):
        return None
    came = _came_to(task, trajectory)
    if came is None:
        return None
    said = without_json(final_reply(task, trajectory))
    if trajectory.stop == "length" or not says_something(task, said) or is_echo(said, task):
        return 0.0
    if is_template(task, trajectory, said):
        return 0.0
    if not came.done:
        return ADMITTED if is_admission(task, trajectory, said) else 0.0
    if task.expected.calls and denies(task, said):
        return 0.0
    return 1.0 if came.exact else UNASKED


def is_admission(task: Task, trajectory: Trajectory, said: str) -> bool:
    """Whether what is said of a task that is not done admits it: of all, or of a part where another part is done."""
    return admits(task, said) or (admits_a_part(task, said) and did_a_part(task, trajectory))


def api_success(task: Task, trajectory: Trajectory) -> float | None:
    """Half ``outcome``, half ``told``, nothing without the outcome: the second part of the published formula."""
    came, said = outcome(task, trajectory).reward, told(task, trajectory)
    if not came or said is None:
        return came
    return 0.5 * came + 0.5 * said


def failed_by_us(trajectory: Trajectory) -> bool:
    """Whether the sandbox or the rollout failed: nothing can be said of the model then."""
    return trajectory.stop == "infra" or any(r.status == "infra_error" for r in trajectory.results)


def no_reply_possible(task: Task) -> bool:
    """A rollout of tools on paper ends with its calls."""
    return not task.run_calls and bool(task.expected.calls)


def _came_to(task: Task, trajectory: Trajectory) -> Effect | None:
    return None if failed_by_us(trajectory) else effect(task, trajectory)


def _said(task: Task, trajectory: Trajectory) -> str:
    said = final_reply(task, trajectory)
    return finished(said) if trajectory.stop == "length" else said


def _replies(task: Task, trajectory: Trajectory) -> bool:
    said = _said(task, trajectory)
    return bool(said) and not is_echo(said, task)


def _told(task: Task, trajectory: Trajectory, said: str) -> float:
    something = task.expected.facts or task.expected.reply is not None or task.expected.no_call
    words = without_code(said)
    if not says_something(task, words) or is_echo(words, task):
        return float(not something)
    if is_template(task, trajectory, said):
        return 0.0
    seen = without_json(said)
    if task.expected.calls and (denies(task, seen) or evades(task, seen) or _is_about_another(task, seen)):
        return 0.0
    states = list(zip(stated_facts(task, trajectory, said), owed(task), strict=True))
    known = [holds for holds, due in states if not due]
    asked = [holds for holds, due in states if due]
    return (sum(asked) / len(asked) if asked else 1.0) * float(all(known))


def _is_about_another(task: Task, said: str) -> bool:
    """Whether what is said belongs to another place or time, or has two ends the wrong way round."""
    places = (misplaces, elsewhere, turns_round, keeps_old, swaps_song_and_list)
    people = (names_another_address, names_another_of_kin)
    return any(wrong(task, said) for wrong in (*places, *people))
