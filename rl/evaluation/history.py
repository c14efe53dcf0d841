"""The evaluations of a run while it trains: which policy was best, whether to go on, and what gives alarm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import hypot
from statistics import fmean
from typing import Literal

from rl.evaluation.intervals import difference_interval

Choose = Literal["last", "mean", "worst"]
Z95 = 1.96  # standard errors
Values = Mapping[str, float]  # request → the share of its samples


@dataclass(frozen=True)
class Look:
    """One evaluation, after ``step`` updates.

    ``success`` is by language and request; ``retained`` by request of another data set, {} without one;
    ``retained_loss`` by its task, the nats a token of the gold trajectory.
    ``replies`` and ``thoughts`` are, by task, how surely what was said and thought is in the user's language.
    ``trained`` is the training reward since the look before, its mean and standard error, None before the first step.
    """

    step: int
    success: Mapping[str, Values]
    retained: Values = field(default_factory=dict)
    replies: Values = field(default_factory=dict)
    thoughts: Values = field(default_factory=dict)
    trained: list[float] | None = None
    retained_loss: Values = field(default_factory=dict)

    def score(self, choose: Choose) -> float:
        """Success over the languages: their mean, or that of the worst; a language without scored samples has 0."""
        means = [fmean(of.values()) if of else 0.0 for of in self.success.values()]
        return min(means) if choose == "worst" else fmean(means)


def best(looks: Sequence[Look], choose: Choose) -> Look:
    """The newest of those with the highest score."""
    return max(looks, key=lambda look: (look.score(choose), look.step))


def is_over(looks: Sequence[Look], choose: Choose, patience: int) -> bool:
    """Whether the last ``patience`` looks brought nothing above what was there before (0: never)."""
    if not patience or len(looks) <= patience:
        return False
    before, since = looks[:-patience], looks[-patience:]
    return max(look.score(choose) for look in since) <= max(look.score(choose) for look in before)


def alarms(looks: Sequence[Look], least: float) -> list[str]:
    """A sentence for each thing that went wrong by the newest look, a fall being one of at least ``least`` against the
    best look before, over the same requests, whose 95% interval leaves out 0."""
    *before, now = looks
    if not before:
        return []
    english = _fallen("English success", [look.success.get("en", {}) for look in looks], looks, least)
    retained = _fallen("success on the retained set", [look.retained for look in looks], looks, least)
    replies = _fallen("the share of replies in the user's language", [k.replies for k in looks], looks, least)
    thoughts = _fallen(
        "the share of thoughts in the user's language", [k.thoughts for k in looks], looks, least
    )
    loss = _fallen(
        "nats a token on the retained set", [k.retained_loss for k in looks], looks, least, rise=True
    )
    hacked = _hacked(before, now, least)
    return [text for text in (english, retained, loss, replies, thoughts, hacked) if text]


def _fallen(
    what: str, values: Sequence[Values], looks: Sequence[Look], least: float, rise: bool = False
) -> str | None:
    """What is told of values that fell, or of such that must not ``rise`` and did."""
    *before, now = values
    known = [i for i, of in enumerate(before) if of and now]
    if not known:
        return None
    top = (min if rise else max)(known, key=lambda i: fmean(before[i].values()))
    worse = [
        now[name] - before[top][name] if rise else before[top][name] - now[name]
        for name in sorted(before[top].keys() & now.keys())
    ]
    interval = difference_interval(worse)
    if not worse or interval is None or fmean(worse) < least or interval[0] <= 0:
        return None
    return (
        f"{what} {'rose' if rise else 'fell'} by {fmean(worse):.2f} ({interval[0]:.2f} to {interval[1]:.2f}) since "
        f"step {looks[top].step}, to {fmean(now.values()):.2f}"
    )


def _hacked(before: Sequence[Look], now: Look, least: float) -> str | None:
    """Whether training reward rose since the best look, and held-out success did not: what is rewarded is then not
    what is wanted."""
    top = best([look for look in before if look.trained is not None] or [now], "mean")
    if top is now or top.trained is None or now.trained is None:
        return None
    rise, gain = now.trained[0] - top.trained[0], now.score("mean") - top.score("mean")
    if rise < max(least, Z95 * hypot(now.trained[1], top.trained[1])) or gain > 0:
        return None
    return (
        f"training reward rose by {rise:.2f} since step {top.step} and held-out success did not "
        f"({gain:+.2f}): look for what is rewarded without being right"
    )
