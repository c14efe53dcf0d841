"""All figures of one evaluation as one JSON value."""

from collections.abc import Callable, Sequence
from typing import Any

from rewards.types import Task
from rl.data.catalog.gold import gold_messages
from rl.evaluation.arguments import argument_accuracy
from rl.evaluation.benchmarks import benchmarks
from rl.evaluation.calls import against_english, call_errors, effort
from rl.evaluation.funnel import Judged, funnel
from rl.evaluation.held_out import by_language, request_means
from rl.evaluation.languages import consistency, gaps, groups
from rl.rollout.chat import Chat

Results = dict[str, Any]  # see results


def results(
    samples: Sequence[Judged],
    k: int,
    temperature: float,
    chat: Chat | None = None,
    trained: Sequence[str] | None = None,
) -> Results:
    """``{"samples", "temperature", "languages", "funnel", "errors", "arguments", "effort", "reward", "success",
    "benchmarks"}``: ``k`` samples a task; the next five by language; ``reward`` and ``success`` compare languages, each with ``gaps``,
    ``consistency`` (of success only) and ``groups``; ``benchmarks`` by source and language. Tokens beyond a right trajectory, and of the request alone, are
    counted with ``chat``. With the languages that were ``trained`` the groups tell ``direct`` from ``transfer``. JSON-safe.
    """
    languages = sorted({sample.task.language for sample in samples})
    of = {language: [s for s in samples if s.task.language == language] for language in languages}
    gold, request = _counters(chat)
    rewards = request_means(samples, lambda sample: sample.score.reward or 0.0)
    success = request_means(samples, lambda sample: float(sample.success))
    spent = {language: effort(own, gold, request) for language, own in of.items()}
    _against_english(spent, samples, request)
    return {
        "samples": k,
        "temperature": temperature,
        "languages": by_language(samples, k),
        "funnel": {language: funnel(own) for language, own in of.items()},
        "errors": {language: call_errors(own) for language, own in of.items()},
        "arguments": {language: argument_accuracy(own) for language, own in of.items()},
        "effort": spent,
        "reward": {"gaps": gaps(rewards), "groups": groups(rewards, trained)},
        "success": {
            "gaps": gaps(success),
            "consistency": consistency(success),
            "groups": groups(success, trained),
        },
        "benchmarks": benchmarks(samples),
    }


def _against_english(
    spent: dict[str, dict[str, float | None]],
    samples: Sequence[Judged],
    request: Callable[[Judged], int | None],
) -> None:
    """Adds ``request_to_english`` and ``prompt_to_english`` to each language's figures."""
    known = [sample for sample in samples if sample.steps]
    for name, tokens in (("request", request), ("prompt", _prompt_tokens)):
        ratios = against_english(known, tokens)
        for language, figures in spent.items():
            figures[f"{name}_to_english"] = ratios.get(language)


def _prompt_tokens(sample: Judged) -> int | None:
    return len(sample.trajectory.prompt_ids)


def _counters(
    chat: Chat | None,
) -> tuple[Callable[[Judged], int | None], Callable[[Judged], int | None]]:
    """Count the tokens of a task's right trajectory, and of its request; each task's once."""
    if chat is None:
        return (lambda _: None), (lambda _: None)
    golds: dict[str, int | None] = {}

    def gold(sample: Judged) -> int | None:
        task = sample.task
        if task.id not in golds:
            golds[task.id] = _gold_tokens(chat, task)
        return golds[task.id]

    def request(sample: Judged) -> int | None:
        said = sample.task.messages[-1]["content"]
        return len(chat.encode(said)) if isinstance(said, str) else None

    return gold, request


def _gold_tokens(chat: Chat, task: Task) -> int | None:
    """Tokens after the prompt; None where the right results or the reply are not known."""
    if task.source != "catalog" or task.expected.reply is None:
        return None
    whole = chat.token_ids([*task.messages, *gold_messages(task)], task.tools, answer=False)
    return len(whole) - len(chat.prompt_ids(task.messages, task.tools))
