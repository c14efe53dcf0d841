"""Held-out tasks, and the samples that an evaluation takes of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from statistics import fmean

from rewards.types import Task
from rl.errors import UserError
from rl.evaluation.funnel import Judged, judged, rate
from rl.evaluation.intervals import mean_interval
from rl.evaluation.metrics import mean
from rl.evaluation.passes import mean_over_tasks, sizes
from rl.pipeline.collector import Collector, Job
from rl.report.samples import Row, as_row
from rl.report.summary import Result


def held_out(tasks: Sequence[Task], per_language: int, seed: int = 0) -> list[Task]:
    """``per_language`` tasks of each language, parallel ones alike, drawn by ``seed``.

    Raises UserError where there are no tasks.
    """
    chosen = []
    for language in sorted({task.language for task in tasks}):
        own = [task for task in tasks if task.language == language]
        rank = {task.id: Random(f"{seed}/{task.parallel_id}").random() for task in own}
        chosen += sorted(own, key=lambda task: rank[task.id])[:per_language]
    if not chosen:
        raise UserError("There is nothing to evaluate; check data.test_split and data.languages.")
    return chosen


def evaluate(
    collect: Collector,
    tasks: Sequence[Task],
    *,
    temperature: float,
    samples: int = 1,
    seed: int = 0,
    on_done: Callable[[], None] | None = None,
) -> tuple[list[Judged], list[Row]]:
    """``samples`` of each task, at ``temperature`` (0: greedy), each with a seed of its own."""
    jobs = [Job(task, (seed * 1_000_003 + i) * 16 + 8) for i, task in enumerate([*tasks] * samples)]
    taken = collect(jobs, temperature, on_done)
    found = [judged(job.task, s.trajectory, s.score) for job, s in zip(jobs, taken, strict=True)]
    rows = [
        replace(as_row(job, sample, 0.0), steps=dict(one.steps))
        for job, sample, one in zip(jobs, taken, found, strict=True)
    ]
    return found, rows


def by_language(samples: Sequence[Judged], k: int = 1) -> dict[str, Result]:
    """Of each language: ``reward`` and ``parts`` (means over scored samples), ``ci95`` of the reward (bootstrap over
    requests), ``worst`` and ``best`` (means over tasks of the worst and the best of their ``k`` samples; ``best`` is best-of-n by
    verified score), ``success`` (share done and told,
    with Wilson's interval), ``pass_at`` and ``pass_hat`` by number of tries; ``n`` samples scored of ``tasks``,
    ``masked`` ones apart, which count nowhere.
    """
    languages = sorted({sample.task.language for sample in samples})
    return {
        language: _result([s for s in samples if s.task.language == language], k) for language in languages
    }


def _result(own: Sequence[Judged], k: int) -> Result:
    scored = [sample for sample in own if sample.score.reward is not None]
    rewards = by_task(scored, lambda sample: sample.score.reward or 0.0)
    right = by_task(scored, lambda sample: float(sample.success))
    counts = [(len(values), int(sum(values))) for values in right.values()]
    requests = by_request(scored, lambda sample: sample.score.reward or 0.0)
    names = sorted({name for sample in own for name in sample.score.parts})
    return {
        "reward": mean(sample.score.reward for sample in scored),
        "ci95": mean_interval(list(requests.values())),
        "best": mean(max(values) for values in rewards.values() if len(values) == k),
        "worst": mean(min(values) for values in rewards.values() if len(values) == k),
        "parts": {name: mean(sample.score.parts.get(name) for sample in own) for name in names},
        "success": rate((sample, sample.success) for sample in scored),
        "pass_at": {str(n): mean_over_tasks(counts, n, all_of_them=False) for n in sizes(k)},
        "pass_hat": {str(n): mean_over_tasks(counts, n, all_of_them=True) for n in sizes(k)},
        "n": len(scored),
        "tasks": len({sample.task.id for sample in own}),
        "masked": len(own) - len(scored),
    }


def by_task(samples: Sequence[Judged], value: Callable[[Judged], float]) -> dict[str, list[float]]:
    """The values of each task's samples; a language may have several tasks of one parallel request."""
    return _by(lambda sample: sample.task.id, samples, value)


def by_request(samples: Sequence[Judged], value: Callable[[Judged], float]) -> dict[str, list[float]]:
    """The values of each parallel request's samples."""
    return _by(lambda sample: sample.task.parallel_id, samples, value)


def _by(
    key: Callable[[Judged], str], samples: Sequence[Judged], value: Callable[[Judged], float]
) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for sample in samples:
        found.setdefault(key(sample), []).append(value(sample))
    return found


def request_means(samples: Sequence[Judged], value: Callable[[Judged], float]) -> dict[str, dict[str, float]]:
    """By language and request, the mean over the scored samples: what ``rl.evaluation.languages`` compares."""
    scored = [sample for sample in samples if sample.score.reward is not None]
    return {
        language: {
            request: fmean(values)
            for request, values in by_request(
                [s for s in scored if s.task.language == language], value
            ).items()
        }
        for language in sorted({sample.task.language for sample in samples})
    }
