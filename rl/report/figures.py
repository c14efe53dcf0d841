"""The figures of one run as its charts show them: over steps by language with intervals, before and after, the funnel.

Steps are pooled into at most ``POINTS`` points, so that an interval has requests to be drawn from and a long run
stays readable.
"""

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import Any

from rl.evaluation.intervals import difference_interval, mean_interval
from rl.evaluation.languages import ENGLISH, english_first
from rl.report.reading import RunData, Sample

POINTS = 60
REQUESTS = 8  # of a language, that a point has at least, where there are so many
ALL = "all"
PLAIN = ("advantage_mean", "advantage_std", "zero_advantage", "masked", "length", "gradient_share")
SECONDS = ("sampling", "tools", "scoring", "update", "transfer")
Point = list[float | int | None]  # mean, low, high, requests
Curves = dict[str, list[Point | None]]  # by language


def figures(run: RunData) -> dict[str, Any]:
    """``{"languages", "points": [[first, last step]], "curves": {figure: {language: [[mean, low, high, n]]}}, "gaps",
    "plain": {figure: {language: [value]}}, "during": {"points", "success"}, "seconds", "evaluations", "total_seconds"}``, JSON-safe.

    ``all`` is the mean over languages, each request being one case. ``gaps`` are English less the language, over the
    requests that both have where there are some.
    """
    trained = [sample for sample in run.samples if sample["set"] == "training"]
    points = _points(run, trained)
    pools = [[s for s in trained if first <= s["step"] <= last] for first, last in points]
    names = list(dict.fromkeys(name for sample in trained for name in sample["parts"]))
    values = {"reward": _reward} | {f"part/{name}": _part(name) for name in sorted(names)}
    languages = _languages(run)
    return {
        "languages": languages,
        "points": points,
        "curves": {name: _curves(pools, languages, value) for name, value in values.items()}
        if trained
        else _from_metrics(run, points, languages),
        "gaps": {name: _gaps(pools, languages, value) for name, value in values.items()},
        "plain": _plain(run, points, languages),
        "during": _during(run),
        "seconds": _seconds(run, points),
        "total_seconds": run.summary.get("seconds", {}),
        "evaluations": {name: _evaluation(found) for name, found in run.evaluations.items()}
        or _from_summary(run),
    }


def _languages(run: RunData) -> list[str]:
    found = {sample["language"] for sample in run.samples} | run.summary.get("languages", {}).keys()
    found |= {name.split("/")[1] for line in run.metrics for name in line if name.startswith("language/")}
    return english_first(found)


def _points(run: RunData, trained: Sequence[Sample]) -> list[list[int]]:
    """First and last step of each point."""
    steps = sorted({line["step"] for line in run.metrics} | {sample["step"] for sample in trained})
    if not steps:
        return []
    requests = len({(s["step"], s["task_id"]) for s in trained})
    each = requests / len(steps) / max(1, len({s["language"] for s in trained}))
    pooled = max(-(-len(steps) // POINTS), round(REQUESTS / each) if each else 1, 1)
    pooled = min(pooled, max(1, len(steps) // 8))  # a short run shows its course all the same
    groups = [steps[i : i + pooled] for i in range(0, len(steps), pooled)]
    return [[group[0], group[-1]] for group in groups]


def _reward(sample: Sample) -> float | None:
    reward: float | None = sample["reward"]
    return reward


def _part(name: str) -> Callable[[Sample], float | None]:
    return lambda sample: None if sample["reward"] is None else sample["parts"].get(name)


def _clusters(samples: Iterable[Sample], value: Callable[[Sample], float | None]) -> dict[Any, list[float]]:
    """Known values by request: a step's request in all languages is one."""
    found: dict[Any, list[float]] = {}
    for sample in samples:
        number = value(sample)
        if number is not None:
            found.setdefault((sample["step"], sample["parallel_id"]), []).append(number)
    return found


def _curves(
    pools: Sequence[Sequence[Sample]], languages: Sequence[str], value: Callable[[Sample], float | None]
) -> Curves:
    own = {
        language: [_clusters((s for s in pool if s["language"] == language), value) for pool in pools]
        for language in languages
    }
    curves: Curves = {
        language: [_point(list(of.values())) for of in found] for language, found in own.items()
    }
    curves[ALL] = [_point(list(_clusters(pool, value).values())) for pool in pools]
    return curves


def _point(clusters: list[list[float]]) -> Point | None:
    if not clusters:
        return None
    low, high = mean_interval(clusters) or (None, None)
    return [fmean(v for cluster in clusters for v in cluster), low, high, len(clusters)]


def _gaps(
    pools: Sequence[Sequence[Sample]], languages: Sequence[str], value: Callable[[Sample], float | None]
) -> Curves:
    if ENGLISH not in languages:
        return {}
    gaps: Curves = {language: [] for language in languages if language != ENGLISH}
    for pool in pools:
        english = _clusters((s for s in pool if s["language"] == ENGLISH), value)
        for language, points in gaps.items():
            points.append(_gap(english, _clusters((s for s in pool if s["language"] == language), value)))
    return gaps


def _gap(english: dict[Any, list[float]], other: dict[Any, list[float]]) -> Point | None:
    if shared := sorted(english.keys() & other.keys()):
        differences = [fmean(english[key]) - fmean(other[key]) for key in shared]
        low, high = difference_interval(differences) or (None, None)
        return [fmean(differences), low, high, len(shared)]
    if not english or not other:
        return None
    means = [fmean(v for values in of.values() for v in values) for of in (english, other)]
    return [means[0] - means[1], None, None, 0]


def _during(run: RunData) -> dict[str, Any]:
    """Success on held-out tasks while the run trained."""
    success: Curves = {}
    for look in run.looks:
        requests: dict[str, list[float]] = {}
        for language, of in look["success"].items():
            success.setdefault(language, []).append(_point([[value] for value in of.values()]))
            for request, value in of.items():
                requests.setdefault(request, []).append(value)
        success.setdefault(ALL, []).append(_point(list(requests.values())))
    return {"points": [[look["step"], look["step"]] for look in run.looks], "success": success}


def _within(run: RunData, point: list[int], name: str) -> float | None:
    first, last = point
    found = [line[name] for line in run.metrics if first <= line["step"] <= last and name in line]
    return fmean(found) if found else None


def _from_metrics(run: RunData, points: list[list[int]], languages: Sequence[str]) -> dict[str, Curves]:
    """Curves without intervals, of a run whose samples are not there."""
    names = {n.split("/", 2)[2] for line in run.metrics for n in line if n.startswith("language/")}
    shown = sorted(name for name in names if name == "reward" or name.startswith("part/"))
    curves: dict[str, Curves] = {}
    for name in shown:
        values = {
            tag: [_within(run, point, f"language/{tag}/{name}") for point in points] for tag in languages
        }
        curves[name] = {
            tag: [None if v is None else [v, None, None, 0] for v in of] for tag, of in values.items()
        }
    return curves


def _plain(run: RunData, points: list[list[int]], languages: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            language: [_within(run, point, f"language/{language}/{name}") for point in points]
            for language in languages
        }
        for name in PLAIN
    }


def _seconds(run: RunData, points: list[list[int]]) -> dict[str, list[float]]:
    """Mean seconds of a generation batch, by what they went to; those that other stations name come after ours."""
    named = list(dict.fromkeys(name for line in run.metrics for name in line.get("seconds", {})))
    shown = [*SECONDS, *(name for name in named if name not in SECONDS and not name.endswith("_each"))]
    table: dict[str, list[float]] = {}
    for name in shown:
        spent = [
            [line["seconds"][name] for line in run.metrics
             if first <= line["step"] <= last and name in line.get("seconds", {})]
            for first, last in points
        ]  # fmt: skip
        if any(spent):
            table[name] = [fmean(values) if values else 0.0 for values in spent]
    return table


def _evaluation(found: dict[str, Any]) -> dict[str, Any]:
    """What the charts show of an evaluation's figures."""
    return {
        "languages": {
            language: {
                "reward": _bar(of.get("reward"), of.get("ci95"), of.get("n")),
                "success": _rate(of.get("success")),
                "parts": of.get("parts", {}),
                "masked": of.get("masked", 0),
            }
            for language, of in found.get("languages", {}).items()
        },
        "funnel": {
            language: {step: _rate(rate) for step, rate in of["steps"].items()}
            | {"joint": _rate(of["joint"])}
            for language, of in found.get("funnel", {}).items()
        },
        "gaps": {name: found.get(name, {}).get("gaps", {}) for name in ("reward", "success")},
    }


def _from_summary(run: RunData) -> dict[str, Any]:
    """Of a run of a version that wrote no evaluation of its own."""
    languages = run.summary.get("languages", {})
    return {
        f"evaluation-{when}": _evaluation(
            {"languages": {t: of[when] for t, of in languages.items() if when in of}}
        )
        for when in ("before", "after")
        if any(when in of for of in languages.values())
    }


def _rate(found: Any) -> Point | None:
    return _bar(found["rate"], found["ci95"], found["n"]) if isinstance(found, dict) else None


def _bar(mean: float | None, interval: Sequence[float] | None, n: int | None) -> Point | None:
    low, high = interval or (None, None)
    return None if mean is None else [mean, low, high, n]
