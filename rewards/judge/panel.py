"""Who judges: one model, a jury of several, or two that debate. Each ruling says how far they disagreed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import fmean, median

from rewards.judge.client import JudgeError, Messages, Spent
from rewards.judge.prompts import grading, rebuttal, verdict
from rewards.judge.rubric import Grade, Rubric

AGREED = 0.125  # between two grades: half a step of the scale, on the mean of the criteria
Ask = Callable[[str, Messages, Rubric], Awaitable[Grade]]  # of a model


@dataclass(frozen=True)
class Ruling:
    """``disagreement`` is the spread of the judges' first grades, in 0..1; None where one judged alone."""

    grade: Grade
    disagreement: float | None = None


async def alone(ask: Ask, models: list[str], rubric: Rubric, document: str) -> Ruling:
    """The first model's grade."""
    return Ruling(await ask(models[0], grading(rubric, document), rubric))


async def jury(ask: Ask, models: list[str], rubric: Rubric, document: str) -> Ruling:
    """The median, by criterion, of all who answer; raises JudgeError unless more than half do."""
    answers = await asyncio.gather(
        *(ask(model, grading(rubric, document), rubric) for model in models), return_exceptions=True
    )
    grades = [answer for answer in answers if isinstance(answer, Grade)]
    if 2 * len(grades) > len(models):
        return Ruling(_middle(rubric, grades), _spread(grades))
    raise _worst([answer for answer in answers if isinstance(answer, BaseException)])


async def debate(ask: Ask, models: list[str], rubric: Rubric, document: str) -> Ruling:
    """Two grade; where they disagree each answers the other, and where they still do a third model (or, of
    two, the first) gives the verdict: twice, with the opinions in either order, so that none gains by
    coming first. After the multi-agent debate of Ki et al. 2025 (arXiv 2505.24671).
    """
    pair, third = models[:2], models[-1] if len(models) > 2 else models[0]
    first, second = await _both(*(ask(model, grading(rubric, document), rubric) for model in pair))
    spread = _spread([first, second])
    if spread > AGREED:
        first, second = await _both(
            ask(pair[0], rebuttal(rubric, document, first, second), rubric),
            ask(pair[1], rebuttal(rubric, document, second, first), rubric),
        )
    if _spread([first, second]) > AGREED:
        first, second = await _both(
            ask(third, verdict(rubric, document, first, second), rubric),
            ask(third, verdict(rubric, document, second, first), rubric),
        )
    return Ruling(_middle(rubric, [first, second]), spread)


async def _both(one: Awaitable[Grade], other: Awaitable[Grade]) -> tuple[Grade, Grade]:
    answers = await asyncio.gather(one, other, return_exceptions=True)
    failures = [answer for answer in answers if isinstance(answer, BaseException)]
    if failures:
        raise _worst(failures)
    first, second = (answer for answer in answers if isinstance(answer, Grade))
    return first, second


def _worst(failures: list[BaseException]) -> BaseException:
    """What all have failed with: a bug of ours before an outage, an outage before an empty purse."""
    kinds = (JudgeError, Spent)
    return next(
        (f for f in failures if not isinstance(f, kinds)), min(failures, key=lambda f: isinstance(f, Spent))
    )


def _spread(grades: list[Grade]) -> float:
    values = [grade.value for grade in grades]
    return max(values) - min(values)


def _middle(rubric: Rubric, grades: list[Grade]) -> Grade:
    """The median of each criterion (of two the mean), with the reason of who came nearest to it."""
    scores = {c.name: median(grade.scores[c.name] for grade in grades) for c in rubric.criteria}
    reasons = {name: _nearest(name, score, grades).reasons[name] for name, score in scores.items()}
    weights = [criterion.weight for criterion in rubric.criteria]
    value = fmean((scores[c.name] for c in rubric.criteria), weights=weights)
    return Grade(min(1.0, value), scores, reasons)


def _nearest(name: str, score: float, grades: list[Grade]) -> Grade:
    return min(grades, key=lambda grade: abs(grade.scores[name] - score))
