"""Where a request is lost: from the decision to call down to the customs of the reply, each step given those before."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from rewards.match import match_calls
from rewards.outcome import outcome, told
from rewards.types import Score, Task, Trajectory
from rl.evaluation.intervals import share_interval
from rl.report.summary import Rate

STEPS = ("decision", "tool", "arguments", "outcome", "told", "language", "culture")
HALF = 0.5  # of the parts language_match and culture, from which on they count as right


@dataclass(frozen=True)
class Judged:
    """One sample of an evaluation. ``steps`` holds True, False, or None where a step has no meaning for the task or
    was not reached; it is empty where the sample is masked."""

    task: Task
    trajectory: Trajectory
    score: Score
    steps: Mapping[str, bool | None]

    @property
    def success(self) -> bool:
        """Whether what was asked for is done, and the user told of it."""
        return passed(self.steps, "told")


def judged(task: Task, trajectory: Trajectory, score: Score) -> Judged:
    """The sample with its steps. What is masked is not looked at: it may be why it is masked."""
    return Judged(task, trajectory, score, {} if score.reward is None else steps(task, trajectory, score))


def steps(task: Task, trajectory: Trajectory, score: Score) -> dict[str, bool | None]:
    """Of each step of ``STEPS``, whether it was taken rightly; the same for every reward preset.

    A right outcome shows that the calls served, however they were spelled. Language and culture are the score's
    parts ``language_match`` and ``culture``, read where the task is done and told; None without such a part.
    """
    came = outcome(task, trajectory).reward
    done = came is not None and came > 0
    said = told(task, trajectory) if done else None
    found: dict[str, bool | None] = {
        "decision": bool(trajectory.calls) == call_due(task) or done,
        "tool": _tools_named(task, trajectory) or done if task.expected.calls else None,
        "arguments": _calls_made(task, trajectory) or done if task.expected.calls else None,
        "outcome": None if came is None else done,
        "told": None if said is None else said >= 1.0,
    }
    style = passed(found, "told")
    for step, part in (("language", "language_match"), ("culture", "culture")):
        value = score.parts.get(part) if style else None
        found[step] = None if value is None else value >= HALF
    return found


def call_due(task: Task) -> bool:
    """Whether the task wants a call; BFCL's relevance rows want any, and name none."""
    return bool(task.expected.calls) or (task.expected.rules == "bfcl" and not task.expected.no_call)


def _tools_named(task: Task, trajectory: Trajectory) -> bool:
    wanted = Counter(call["name"] for call in task.expected.calls)
    return wanted <= Counter(call.name for call in trajectory.calls if call.error is None)


def _calls_made(task: Task, trajectory: Trajectory) -> bool:
    """Whether the expected calls are among those that parsed, by the task's rules."""
    rules = "subset" if task.expected.rules == "exact" else task.expected.rules
    lenient = replace(task, expected=replace(task.expected, rules=rules))
    return match_calls(lenient, [call for call in trajectory.calls if call.error is None]).ok


def passed(found: Mapping[str, bool | None], last: str) -> bool:
    """Whether no step up to ``last`` went wrong; False where none was judged."""
    upto = STEPS[: STEPS.index(last) + 1]
    known = [found.get(step) for step in upto]
    return False not in known and True in known


def funnel(samples: Sequence[Judged]) -> dict[str, Any]:
    """``{"steps": {step: rate}, "joint": rate, "product": p, "deviation": joint - p}``, a rate being
    ``{"rate", "n", "ci95"}`` and a step's rate that among samples in which no step before went wrong.

    ``joint`` is the share in which none went wrong. It is the product of the rates where every step is judged in
    every sample that reaches it; ``deviation`` is what tasks that skip steps (those without a call) leave of that.
    """
    known = [sample for sample in samples if sample.steps]
    rates = {}
    for number, step in enumerate(STEPS):
        before = STEPS[:number]
        reached = [s for s in known if s.steps[step] is not None and not _wrong(s, before)]
        rates[step] = rate((s, bool(s.steps[step])) for s in reached)
    joint = rate((s, not _wrong(s, STEPS)) for s in known)
    given = [found["rate"] for found in rates.values() if found["rate"] is not None]
    product = prod(given) if given else None
    deviation = None if product is None or joint["rate"] is None else joint["rate"] - product
    return {"steps": rates, "joint": joint, "product": product, "deviation": deviation}


def _wrong(sample: Judged, upto: Iterable[str]) -> bool:
    return any(sample.steps[step] is False for step in upto)


def rate(cases: Iterable[tuple[Judged, bool]]) -> Rate:
    """The share of True, the number of samples, and its interval by requests; shares of nothing are None."""
    clusters: dict[str, list[float]] = {}
    for sample, right in cases:
        clusters.setdefault(sample.task.parallel_id, []).append(float(right))
    values = [value for cluster in clusters.values() for value in cluster]
    return {
        "rate": sum(values) / len(values) if values else None,
        "n": len(values),
        "ci95": share_interval(list(clusters.values())),
    }
