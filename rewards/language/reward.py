"""The reward for replies in the user's language."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from rewards.execution import api_success
from rewards.language.prose import own_prose
from rewards.language.thoughts import thoughts
from rewards.language.verifier import LanguageVerifier
from rewards.reply import final_reply, reply_due, told
from rewards.types import Score, Task, Trajectory

Rule = Literal["any", "user", "english"]


def language_match(
    task: Task,
    trajectory: Trajectory,
    languages: Sequence[str] | None = None,
    reply: Rule = "user",
    thought: Rule = "any",
    only_answered: bool = True,
    model: str | None = None,
) -> float | None:
    """1.0 for a reply in the task's language; 0.0 for another, or too little prose, or no answer; None
    (abstains) where no reply is due or the reply could be in several languages.

    Only the model's own prose counts: the values of facts and arguments are what they are in every
    language, and what is copied from the conversation or a tool's result is nobody's reply. ``reply`` and
    ``thought`` are the rules for what is said and for what is thought before it; both must hold.
    ``only_answered``: nothing is earned in any language after calls that failed, nor by a reply that states
    none of the facts it owes. ``languages`` are the run's (BCP 47 tags), ``model`` the path of another
    fastText file.
    """
    return language_score(task, trajectory, languages, reply, thought, only_answered, model).reward


def language_score(
    task: Task,
    trajectory: Trajectory,
    languages: Sequence[str] | None = None,
    reply: Rule = "user",
    thought: Rule = "any",
    only_answered: bool = True,
    model: str | None = None,
) -> Score:
    """``language_match`` with its reason in the notes."""
    for name, rule in (("reply", reply), ("thought", thought)):
        if rule not in ("any", "user", "english"):
            raise ValueError(f"language_match: {name} must be any, user or english, not {rule!r}.")
    verifier = _verifier(None if languages is None else tuple(languages), model)
    parts = [
        _reply(task, trajectory, verifier, reply, only_answered),
        _thought(task, trajectory, verifier, thought),
    ]
    values = [value for value, _ in parts if value is not None]
    notes = {name: note for name, (_, note) in zip(("reply", "thought"), parts, strict=True) if note}
    return Score(min(values, default=None), {}, notes)


@lru_cache(maxsize=16)
def _verifier(languages: tuple[str, ...] | None, model: str | None) -> LanguageVerifier:
    return LanguageVerifier(languages, model)


def _reply(
    task: Task, trajectory: Trajectory, verifier: LanguageVerifier, rule: Rule, only_answered: bool
) -> tuple[float | None, str]:
    if rule == "any":
        return None, ""
    said = final_reply(task, trajectory)
    due = reply_due(task, trajectory) or bool(task.expected.calls)
    if not said:
        return (0.0, "there is no reply") if due else (None, "no reply is due")
    if only_answered and not (answered := _answered(task, trajectory, said)):
        return (0.0, "the task is not answered") if answered is False else (None, "the outcome is not known")
    prose = own_prose(said, task, trajectory)
    if not verifier.has_words(prose):
        return (0.0, "too little prose of its own") if due else (None, "too little prose")
    return _judged(prose, _expected(rule, task), verifier)


def _answered(task: Task, trajectory: Trajectory, said: str) -> bool | None:
    """Whether the reply states a fact that it owes; without facts, whether the calls succeeded."""
    if task.expected.facts:
        return any(told(task, trajectory, said))
    success = api_success(task, trajectory)
    return None if success is None else success > 0


def _thought(
    task: Task, trajectory: Trajectory, verifier: LanguageVerifier, rule: Rule
) -> tuple[float | None, str]:
    if rule == "any":
        return None, ""
    text = thoughts(trajectory)
    if not verifier.has_words(text):
        return None, ""
    return _judged(text, _expected(rule, task), verifier)


def _expected(rule: Rule, task: Task) -> str:
    return "en" if rule == "english" else task.language


def _judged(text: str, expected: str, verifier: LanguageVerifier) -> tuple[float | None, str]:
    verdict = verifier.verify(text, expected)
    if verdict.match is None:
        return None, f"could be {expected} or another language"
    return float(
        verdict.match
    ), f"{'is' if verdict.match else 'should be ' + expected + ', is'} {verdict.detected}"
