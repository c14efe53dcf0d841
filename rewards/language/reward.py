"""The reward for replies in the user's language."""

from collections.abc import Sequence
from typing import Literal

from rewards.claims.echo import answers
from rewards.language.prose import is_varied, own_words, repeats_request, seen, values
from rewards.language.thoughts import thoughts
from rewards.language.verifier import NEUTRAL, LanguageVerifier, verifier_of
from rewards.memo import per_row
from rewards.outcome import no_reply_possible
from rewards.reply import final_reply
from rewards.text.scripts import base
from rewards.types import Score, Task, Trajectory

Demand = Literal["any", "user", "english"]


def language_match(
    task: Task,
    trajectory: Trajectory,
    languages: Sequence[str] | None = None,
    reply: Demand = "user",
    thought: Demand = "any",
    model: str | None = None,
) -> float | None:
    """1.0 for what is said in the task's language, 0.0 for another, for no reply, for letters or words at
    random and for the request again; between them the probability, where a short text leaves it open.

    All that a user sees is judged, in every turn: code, quotations, JSON and comments as well. Only the values
    of the request, the facts and the results are what they are in every language; a reply of nothing else
    earns the prior of the task's language. ``reply`` and ``thought`` are the rules for what is said and for
    what is thought before it; both must hold. None (abstains) by the task alone: where its calls do not run,
    no reply is due. ``languages`` are the run's (BCP 47 tags), ``model`` the path of another fastText file.
    """
    return language_score(task, trajectory, languages, reply, thought, model).reward


def language_score(
    task: Task,
    trajectory: Trajectory,
    languages: Sequence[str] | None = None,
    reply: Demand = "user",
    thought: Demand = "any",
    model: str | None = None,
) -> Score:
    """``language_match`` with its reason in the notes."""
    for name, rule in (("reply", reply), ("thought", thought)):
        if rule not in ("any", "user", "english"):
            raise ValueError(f"language_match: {name} must be any, user or english, not {rule!r}.")
    verifier = verifier_of(languages, model)
    parts = [_reply(task, trajectory, verifier, reply), _thought(task, trajectory, verifier, thought)]
    given = [value for value, _ in parts if value is not None]
    notes = {name: note for name, (_, note) in zip(("reply", "thought"), parts, strict=True) if note}
    return Score(min(given, default=None), {}, notes)


def _reply(
    task: Task, trajectory: Trajectory, verifier: LanguageVerifier, rule: Demand
) -> tuple[float | None, str]:
    if rule == "any":
        return None, ""
    if no_reply_possible(task):
        return None, "no reply is due"
    words, nothing = _said(task, trajectory)
    return (0.0, nothing) if nothing else _judged(words, _expected(rule, task), verifier)


@per_row
def _said(task: Task, trajectory: Trajectory) -> tuple[str, str]:
    """The reply's own words, and why they are worth nothing in any language. Customs ask for them, too."""
    if not final_reply(task, trajectory):
        return "", "there is no reply"
    words = own_words(seen(trajectory), task, trajectory)
    if not is_varied(words):
        return words, "repeats itself"
    echo = repeats_request(words, task, values(task, trajectory)) and not answers(task, trajectory)
    return words, "is the request again" if echo else ""


def _thought(
    task: Task, trajectory: Trajectory, verifier: LanguageVerifier, rule: Demand
) -> tuple[float | None, str]:
    expected = _expected(rule, task)
    text = "" if rule == "any" else thoughts(trajectory)
    if verifier.verify(text, expected) is NEUTRAL:
        return None, ""
    return _judged(text, expected, verifier)


def _expected(rule: Demand, task: Task) -> str:
    """The tag to be met. Where the language does not say how Chinese is written, the locale does."""
    if rule == "english":
        return "en"
    chinese = task.language == "zh" and base(task.locale) == "zh"
    return task.locale if chinese else task.language


def _judged(text: str, expected: str, verifier: LanguageVerifier) -> tuple[float, str]:
    verdict = verifier.verify(text, expected)
    if verdict.match is None:
        return verdict.probability, f"could be {expected} or another language"
    found = verdict.detected or "no language"
    return float(verdict.match), f"is {found}" if verdict.match else f"should be {expected}, is {found}"
