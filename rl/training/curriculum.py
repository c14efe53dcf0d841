"""How many prompts of each language a step has: the same number of each, or a curriculum of languages.

``temperature``: ``p_l ∝ n_l^(1/τ)``, n_l the language's tasks (Devlin 2018's smoothing; arXiv 1907.05019): τ = 1 by their
numbers, larger ones nearer to uniform. ``gap``: ``p_l ∝ (1 − m_l)^(1/τ)``, m_l the language's mean reward, smoothed over steps
(``advantage.smoothing``). ``schedule``: from the shares ``start`` to ``end``, linearly over the run (PolyLM's 30% to 60%
outside English, arXiv 2307.06018). A tenth is always shared evenly, so that no language is lost from sight.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from rl.config.schema import Curriculum

Shares = dict[str, float]
EVEN = 0.1


def shares(
    settings: Curriculum,
    tasks: Mapping[str, int],
    level: Callable[[], Mapping[str, float | None]],
    done: float,
) -> Shares:
    """Each language's share of a step's prompts, which sum to 1.

    Args:
        tasks: how many each language has.
        level: gives the languages' mean rewards as they are now; None where one was not seen yet.
        done: the share of the run's steps that lie behind, in 0..1.
    """
    if settings.kind == "uniform":
        return dict.fromkeys(tasks, 1 / len(tasks))
    if settings.kind == "schedule":
        start, end = _normal(settings.start, tasks), _normal(settings.end, tasks)
        found = {name: start[name] + done * (end[name] - start[name]) for name in tasks}
    elif settings.kind == "temperature":
        found = {name: count ** (1 / settings.temperature) for name, count in tasks.items()}
    else:
        means = {name: level().get(name) for name in tasks}
        lag = {name: max(0.0, 1 - (mean or 0.0)) for name, mean in means.items()}
        found = {name: value ** (1 / settings.temperature) for name, value in lag.items()}
    found = _normal(found, tasks)
    return {name: (1 - EVEN) * share + EVEN / len(tasks) for name, share in found.items()}


def _normal(weights: Mapping[str, float], languages: Mapping[str, int]) -> Shares:
    total = sum(weights.get(name, 0.0) for name in languages)
    return {name: weights.get(name, 0.0) / total if total else 1 / len(languages) for name in languages}


def drawn(shares: Shares, prompts: int, rng: Random) -> dict[str, int]:
    """That many prompts by language: each gets its expected number rounded up or down, right on average."""
    offset, behind, counts = rng.random(), 0.0, {}
    for name, share in shares.items():
        ahead = behind + share * prompts
        counts[name] = _whole(ahead, offset) - _whole(behind, offset)
        behind = ahead
    last = next(reversed(counts))
    counts[last] += prompts - sum(counts.values())  # what rounding of floats left
    return counts


def _whole(place: float, offset: float) -> int:
    """The points offset, offset + 1, ... that lie before ``place``."""
    return max(0, int(place - offset + 1 - 1e-9))


def same_number(languages: Sequence[str], prompts: int) -> dict[str, int]:
    """So many prompts of each."""
    return dict.fromkeys(languages, prompts)
