"""Which languages the supervised rows are of: a list, shares, or shares by temperature."""

from collections import Counter
from collections.abc import Sequence
from random import Random

from rl.config.schema import Sft
from rl.errors import UserError, hint
from rl.training.sft.rows import GoldRow


def shares(settings: Sft, counts: dict[str, int]) -> dict[str, float]:
    """Each language's share of the rows, summing to 1. ``counts`` are the gold trajectories of each.

    Raises UserError for a language that has none.
    """
    wanted = list(counts) if settings.mixture is None else list(settings.mixture)
    for language in wanted:
        if language not in counts:
            raise UserError(
                f"sft.mixture has {language!r}, of which there are no gold trajectories"
                f"{hint(language, counts)}; there are {', '.join(counts)}"
            )
    if isinstance(settings.mixture, dict):
        return {language: share for language, share in settings.mixture.items() if share}
    power = 0.0 if settings.temperature is None else 1 / settings.temperature
    total = sum(counts[language] ** power for language in wanted)
    return {language: counts[language] ** power / total for language in wanted}


def mixed(rows: Sequence[GoldRow], settings: Sft, seed: int) -> list[GoldRow]:
    """The rows of a run in order, ``rows`` for each update. A language's rows are used up before one comes again."""
    by_language = {language: [r for r in rows if r.language == language] for language in _languages(rows)}
    due = shares(settings, {language: len(own) for language, own in by_language.items()})
    rng, taken = Random(seed), dict.fromkeys(due, 0)
    for language in due:
        rng.shuffle(by_language[language])
    found = []
    for place in range(settings.rows * _steps(settings, sum(len(by_language[language]) for language in due))):
        language = max(due, key=lambda name: due[name] * (place + 1) - taken[name])
        own = by_language[language]
        found.append(own[taken[language] % len(own)])
        taken[language] += 1
    return found


def _steps(settings: Sft, trajectories: int) -> int:
    if settings.epochs is None:
        return settings.steps
    return max(1, round(settings.epochs * trajectories / settings.rows))


def _languages(rows: Sequence[GoldRow]) -> list[str]:
    return sorted(Counter(row.language for row in rows))
