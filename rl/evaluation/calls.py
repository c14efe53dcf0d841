"""What is wrong with the calls, and what they cost beside the right ones."""

from collections.abc import Callable, Sequence
from statistics import fmean, median
from typing import Any

from rewards.match import same_value
from rewards.metrics import tool_metrics
from rewards.types import ExpectedCall
from rl.evaluation.funnel import Judged, call_due, rate
from sandbox.types import ToolCall

Tokens = Callable[[Judged], int | None]


def call_errors(samples: Sequence[Judged]) -> dict[str, Any]:
    """``over_calling`` and ``under_calling`` (shares with intervals), and the metrics and error taxonomy of
    ``rewards.metrics.tool_metrics`` (arXiv 2603.05515): what is hallucinated, missing or extra, each as a share of
    its kind's errors.

    A call made again after a failure is an extra one. Tasks that name no calls and want some are left out of the
    taxonomy.
    """
    known = [sample for sample in samples if sample.steps]
    named = [s for s in known if s.task.expected.calls or not call_due(s.task)]
    shown = [[tool.name for tool in s.task.tools] for s in named]
    return {
        "over_calling": rate((s, bool(s.trajectory.calls)) for s in known if not call_due(s.task)),
        "under_calling": rate((s, not s.trajectory.calls) for s in known if call_due(s.task)),
        **tool_metrics([paired(s) for s in named], tools=shown),
    }


def paired(sample: Judged) -> tuple[list[ToolCall], list[ToolCall]]:
    """(calls made, calls expected): the best of a name first, and of the acceptable values the one that was given."""
    matched = matched_calls(sample)
    made = [call for _, call in matched if call is not None]
    wanted = [
        ToolCall(str(number), want["name"], _as_given(want["arguments"], call))
        for number, (want, call) in enumerate(matched)
    ]
    return made + [call for call in sample.trajectory.calls if not any(call is one for one in made)], wanted


def matched_calls(sample: Judged) -> list[tuple[ExpectedCall, ToolCall | None]]:
    """Each expected call with the best call of its name that is left; None where none is."""
    left, found = list(sample.trajectory.calls), list[tuple[ExpectedCall, ToolCall | None]]()
    for want in sample.task.expected.calls:
        same = [call for call in left if call.name == want["name"]]
        best = max(same, key=lambda call: _right(want["arguments"], call), default=None)
        if best is not None:
            left.remove(best)
        found.append((want, best))
    return found


def _right(acceptable: dict[str, list[Any]], call: ToolCall) -> int:
    given = call.arguments or {}
    return sum(is_accepted(acceptable.get(name, []), value) for name, value in given.items())


def is_accepted(acceptable: Sequence[Any], value: Any) -> bool:
    """Whether the value is one of the acceptable ones."""
    return any(same_value(value, other, {}) for other in acceptable)


def _as_given(acceptable: dict[str, list[Any]], call: ToolCall | None) -> dict[str, Any]:
    given = (call.arguments if call else None) or {}
    expected = {}
    for name, values in acceptable.items():
        if name in given:
            expected[name] = given[name] if is_accepted(values, given[name]) else next(iter(values), None)
        elif "" not in values:
            expected[name] = next(iter(values), None)
    return expected


def effort(samples: Sequence[Judged], gold_tokens: Tokens, request_tokens: Tokens) -> dict[str, float | None]:
    """Means over the scored samples: calls, assistant turns and tokens (calls, results and replies) beyond those of a
    right trajectory, tokens of the request, the prompt and what was sampled. None where none is known.

    ``gold_tokens`` and ``request_tokens`` count a right trajectory's and the request's (None: not known).
    """
    known = [sample for sample in samples if sample.steps]
    beyond = [(len(s.trajectory.token_ids), gold_tokens(s)) for s in known]
    return {
        "calls_beyond_gold": _mean([len(s.trajectory.calls) - len(s.task.expected.calls) for s in known]),
        "turns_beyond_gold": _mean([_turns(s) - gold_turns(s) for s in known]),
        "tokens_beyond_gold": _mean([made - gold for made, gold in beyond if gold is not None]),
        "request_tokens": _mean([n for s in known if (n := request_tokens(s)) is not None]),
        "prompt_tokens": _mean([n for s in known if (n := len(s.trajectory.prompt_ids))]),
        "sampled_tokens": _mean([sum(s.trajectory.sampled) for s in known]),
    }


def _turns(sample: Judged) -> int:
    return sum(message.get("role") == "assistant" for message in sample.trajectory.messages)


def gold_turns(sample: Judged) -> int:
    """Calls that need each other's results take a turn each, others one; then the reply, where one can be had."""
    task = sample.task
    calling = len(task.expected.calls) if task.expected.ordered else int(call_due(task))
    return calling + int(task.run_calls or not calling)


def against_english(samples: Sequence[Judged], tokens: Tokens) -> dict[str, float]:
    """By language, the median over parallel requests of its tokens over English's for the same request."""
    counts: dict[str, dict[str, int]] = {}
    for sample in samples:
        number = tokens(sample)
        if number:
            counts.setdefault(sample.task.parallel_id, {})[sample.task.language] = number
    ratios: dict[str, list[float]] = {}
    for request in counts.values():
        for language in request.keys() - {"en"} if "en" in request else ():
            ratios.setdefault(language, []).append(request[language] / request["en"])
    return {language: median(found) for language, found in sorted(ratios.items())}


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None
