"""What ``summary.json`` holds: the results of a run by language."""

from typing import NotRequired, TypedDict


class Rate(TypedDict):
    """A share of ``n`` samples, with its 95% interval; shares of nothing are None."""

    rate: float | None
    n: int
    ci95: list[float] | None


class Result(TypedDict):
    """One language's evaluation; see ``rl.evaluation.held_out.by_language``."""

    reward: float | None
    ci95: list[float] | None
    best: float | None
    worst: float | None
    parts: dict[str, float | None]
    success: Rate
    pass_at: dict[str, float | None]
    pass_hat: dict[str, float | None]
    n: int
    tasks: int
    masked: int


class Loss(TypedDict):
    """Supervised, in nats a token: of the first steps logged and the last."""

    first: float
    last: float


class Chosen(TypedDict):
    """The policy that was kept as the best: after which update, and by what."""

    step: int | None
    by: str


class Summary(TypedDict):
    """A training run: ``languages`` holds each one's results ``before`` and ``after``, ``seconds`` what went where,
    ``steps`` the updates made; ``loss`` of a supervised run; ``alarms`` and ``chosen`` where it was evaluated on the way."""

    seed: int
    languages: dict[str, dict[str, Result]]
    seconds: dict[str, float]
    peak_memory_gb: float
    loss: NotRequired[Loss]
    steps: NotRequired[int]
    alarms: NotRequired[list[str]]
    chosen: NotRequired[Chosen]


def new_summary(seed: int) -> Summary:
    """Of a run that begins."""
    return {"seed": seed, "languages": {}, "seconds": {}, "peak_memory_gb": 0.0}
