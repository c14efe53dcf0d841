"""The mixture study's own numbers come out of its own rules."""

from collections import Counter

import numpy as np
import pytest

from rl.config.cli import parsed
from rl.training.sft.study import CORE, HELPERS, compared, mixtures, regression, sweep_word, tag, wins

PUBLISHED = {  # coefficient and 95% interval (arXiv 2604.13286)
    "log10 size": (0.302, 0.285, 0.319),
    "family": (0.265, 0.248, 0.281),
    "math": (-0.207, -0.221, -0.193),
    "pretrained only": (-0.110, -0.167, -0.047),
    "language in training": (0.089, 0.074, 0.104),
    "sqrt(L/Lmax)": (0.053, 0.018, 0.089),
}
EVALUATED = ("en", "es", "ja", "bn", "sw", "te")
MODELS = ((0.6, 1), (1.7, 1), (8.0, 1), (1.0, 0), (4.0, 0))  # billions of parameters; of Qwen's family?


def test_there_are_22_mixtures_of_the_published_sizes() -> None:
    found = mixtures()
    assert Counter(map(len, found)) == {1: 1, 2: 4, 4: 5, 5: 1, 6: 5, 9: 5, 10: 1}
    assert len(set(found)) == 22 and set(found[-1]) == {*CORE, *HELPERS}
    assert all(set(m) & set(CORE) for m in found)


def test_they_are_a_word_that_hydra_sweeps_over() -> None:
    word = sweep_word(mixtures(["en", "fr", "ar"], []))
    assert word == "sft.mixture=[en],[en,fr],[en,ar],[fr,ar],[en,fr,ar]"
    assert "sft.mixture" in parsed(["sft.mixture=[en,no]"])


@pytest.mark.parametrize(
    ("won", "cases", "rate", "low", "high"),
    [(30, 40, 75.0, 59.8, 85.8), (35, 40, 87.5, 73.9, 94.5), (119, 160, 74.4, 67.1, 80.5)],
)
def test_published_win_rates_and_intervals_come_out(
    won: int, cases: int, rate: float, low: float, high: float
) -> None:
    found = wins([(0.5 + 0.1 * (i < won), 0.5) for i in range(cases)])
    assert found.interval is not None and found.wins == won
    assert [round(100 * x, 1) for x in (found.rate, *found.interval)] == [rate, low, high]


def test_a_draw_is_no_win_and_medians_are_of_all_differences() -> None:
    found = wins([(0.5, 0.5), (0.6, 0.5), (0.4, 0.5), (0.9, 0.5)])
    assert (found.wins, found.cases) == (2, 4) and found.median == pytest.approx(0.05)


def test_bilingual_runs_are_compared_by_how_a_language_got_there() -> None:
    accuracies = {
        ("en",): {"en": 0.5, "es": 0.2, "te": 0.1},
        ("en", "es"): {"en": 0.6, "es": 0.4, "te": 0.1},
        ("en", "ja"): {"en": 0.5, "es": 0.3, "te": 0.0},
    }
    found = compared(accuracies)
    assert (found["en"].wins, found["en"].cases) == (1, 2)
    assert (found["direct"].wins, found["direct"].cases) == (1, 1)
    assert (found["transfer"].wins, found["transfer"].cases) == (1, 3)
    assert [tag("es", m) for m in ((), ("en",), ("es",))] == ["base", "transfer", "direct"]


def test_the_regression_finds_the_published_coefficients_in_what_is_made_with_them() -> None:
    """All 220 runs and the ten base models in six languages, with noise that gives the published R² of about 0.8."""
    rows = [
        (np.log10(size), family, math, float(not mixture), float(language in mixture), np.sqrt(len(mixture) / 10))
        for size, family in MODELS
        for math in (0, 1)
        for mixture in [(), *mixtures()]
        for language in EVALUATED
    ]  # fmt: skip
    features = np.array(rows)
    assert len(features) == 1380
    noise = np.random.default_rng(1).normal(0, 0.09, len(features))
    accuracy = 0.2 + features @ np.array([value for value, *_ in PUBLISHED.values()]) + noise
    found = regression(features, accuracy, draws=300)
    for name, (value, low, high) in PUBLISHED.items():
        ours = found.intervals[name]
        assert ours[0] <= value <= ours[1]
        assert ours[1] - ours[0] < 3 * (high - low)
        assert low - 0.02 <= found.coefficients[name] <= high + 0.02
    assert 0.7 < found.r2 < 0.9
