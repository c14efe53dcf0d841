"""Intervals and tests against published numbers and those of kept libraries (SciPy 1.17.1, statsmodels 0.15.0)."""

from random import Random

import pytest

from rl.evaluation.intervals import (
    cases_needed,
    difference_interval,
    holm,
    mean_interval,
    paired_p,
    share_interval,
    student_interval,
    unpaired_p,
    wilson,
)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        (30, 40, 59.8, 85.8),  # arXiv 2604.13286: win rates of bilingual over English-only training
        (35, 40, 73.9, 94.5),
        (119, 160, 67.1, 80.5),
    ],
)
def test_wilson_gives_the_published_intervals(right: int, n: int, low: float, high: float) -> None:
    assert wilson(right / n, n) == pytest.approx([low / 100, high / 100], abs=5e-4)


@pytest.mark.parametrize(
    ("right", "n", "interval"),
    [(6, 6, [0.6096657120978346, 1.0]), (0, 8, [0.0, 0.32440756488358])],
)
def test_wilson_at_the_ends_is_that_of_statsmodels(right: int, n: int, interval: list[float]) -> None:
    assert wilson(right / n, n) == pytest.approx(interval)


def test_six_of_six_is_no_certainty() -> None:
    for found in (share_interval([[1.0]] * 6), mean_interval([[1.0]] * 6)):
        assert found is not None and found[0] < 0.62 and found[1] == 1.0


def test_equal_samples_of_a_request_say_as_much_as_one() -> None:
    once = [[float(i < 12)] for i in range(20)]
    assert share_interval([cluster * 8 for cluster in once]) == pytest.approx(share_interval(once))


def test_independent_samples_narrow_the_interval() -> None:
    draw = Random(3)
    many = [[float(draw.random() < 0.5) for _ in range(8)] for _ in range(50)]
    few = [cluster[:1] for cluster in many]
    (low, high), (least, most) = share_interval(many) or (), share_interval(few) or ()
    assert high - low < 0.5 * (most - least)


def test_the_bootstrap_is_that_of_scipy() -> None:
    values = [0.2, 0.9, 0.4, 0.7, 0.65, 0.3, 1.0, 0.8, 0.55, 0.1, 0.95, 0.6]
    assert mean_interval([[v] for v in values]) == pytest.approx([0.4333, 0.7542], abs=0.015)


def test_the_bootstrap_covers_as_often_as_it_says() -> None:
    draw, hits = Random(1), 0
    for trial in range(100):
        low, high = mean_interval([[draw.random()] for _ in range(40)], trial) or (1.0, 0.0)
        hits += low <= 0.5 <= high
    assert 88 <= hits <= 99


def test_nothing_is_said_of_one_request() -> None:
    assert mean_interval([[0.3, 0.4]]) is None and student_interval([0.3]) is None
    assert share_interval([]) is None and wilson(0.0, 0) is None
    assert difference_interval([0.1]) is None and paired_p([0.1]) is None and cases_needed([0.1]) is None


DIFFERENCES = [0.1, 0.3, -0.05, 0.2, 0.4, 0.15, -0.1, 0.25]


def test_paired_tests_are_those_of_scipy() -> None:
    assert paired_p(DIFFERENCES) == pytest.approx(0.0546875)
    assert student_interval(DIFFERENCES) == pytest.approx([0.0141660, 0.2983340], abs=1e-4)
    assert unpaired_p([0.5, 0.6, 0.55], [0.62, 0.7, 0.66]) == pytest.approx(0.1)


def test_random_signs_come_near_to_all_signs() -> None:
    many = [*DIFFERENCES, 0.02, -0.2, 0.1, -0.15, 0.05, -0.3]  # more than are tried one by one
    assert paired_p(many) == pytest.approx(0.3324, abs=0.015)


def test_a_permutation_test_keeps_its_level() -> None:
    draw = Random(0)
    found = [paired_p([draw.gauss(0, 1) for _ in range(10)]) for _ in range(300)]
    assert sum(p is not None and p <= 0.05 for p in found) <= 27


def test_holm_is_that_of_statsmodels() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005, 0.5, 0.02]) == pytest.approx([0.05, 0.09, 0.09, 0.03, 0.5, 0.08])
    assert holm([None, 0.02, None, 0.01]) == [None, pytest.approx(0.02), None, pytest.approx(0.02)]


def test_the_cases_that_are_needed_are_those_of_statsmodels() -> None:
    spread = 0.35
    pair = [-spread * 0.5**0.5, spread * 0.5**0.5]  # sample standard deviation 0.35
    assert cases_needed(pair) == pytest.approx(2404, abs=1)
