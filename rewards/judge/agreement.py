"""How far two raters agree, and how sure that is. Plain Python: a few numbers, no dependency."""

import math
import random
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

RESAMPLES = 1000
CONFIDENCE = 1.959964  # standard deviations: 95%
T = TypeVar("T")
Interval = tuple[float, float]


@dataclass
class Correlation:
    """Pearson's r of pairs as they come, in constant memory; None below three pairs, or without spread."""

    n: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    yy: float = 0.0
    xy: float = 0.0

    def add(self, x: float, y: float) -> None:
        """Welford's update of means and of sums of squared and crossed deviations."""
        self.n += 1
        dx, dy = x - self.x, y - self.y
        self.x += dx / self.n
        self.y += dy / self.n
        self.xx += dx * (x - self.x)
        self.yy += dy * (y - self.y)
        self.xy += dx * (y - self.y)

    @property
    def value(self) -> float | None:
        if self.n < 3 or self.xx < 1e-12 or self.yy < 1e-12:
            return None
        return self.xy / math.sqrt(self.xx * self.yy)


def wilson(share: float, n: float) -> Interval:
    """The 95% score interval (Wilson 1927) of a share of ``n`` independent cases. ``n`` may be an effective number, and
    ``share`` any mean of values in 0..1, for which it is at least as wide as it must be."""
    z = CONFIDENCE
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if share <= 0 else max(0.0, middle - half)
    return low, 1.0 if share >= 1 else min(1.0, middle + half)


def kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa (1960) of two raters' labels; None where both always give the same one label."""
    n = len(pairs)
    seen = sum(a == b for a, b in pairs) / n
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(first[label] * second[label] for label in first) / n**2
    return None if chance > 1 - 1e-12 else (seen - chance) / (1 - chance)


def alpha(units: Sequence[Sequence[float]]) -> float | None:
    """Krippendorff's alpha for interval data (Krippendorff 2011, Computing Krippendorff's
    Alpha-Reliability): ``units`` holds the ratings of each thing rated; fewer than two count for nothing.
    None where nothing varies, or nothing was rated twice.
    """
    rated = [unit for unit in units if len(unit) > 1]
    values = list(chain.from_iterable(rated))
    n = len(values)
    if n < 2:
        return None
    expected = _squares(values) / (n - 1)
    observed = sum(_squares(unit) / (len(unit) - 1) for unit in rated)
    return None if expected < 1e-12 else 1 - observed / expected


def _squares(values: Sequence[float]) -> float:
    """Squared differences over all ordered pairs."""
    total = math.fsum(values)
    return max(0.0, 2 * (len(values) * math.fsum(v * v for v in values) - total * total))


def bootstrap(
    rows: Sequence[T], statistic: Callable[[Sequence[T]], float | None], seed: int = 0
) -> Interval | None:
    """The 95% percentile interval of a statistic over resampled rows (Efron 1979); None where it has none."""
    draw = random.Random(seed)
    drawn = (statistic(draw.choices(rows, k=len(rows))) for _ in range(RESAMPLES))
    found = sorted(value for value in drawn if value is not None)
    if not found:
        return None
    return found[int(0.025 * len(found))], found[min(len(found) - 1, int(0.975 * len(found)))]
