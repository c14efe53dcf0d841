"""pass@k and pass^k against their definition: all ways of drawing k of the samples."""

from itertools import combinations

import pytest

from rl.evaluation.passes import mean_over_tasks, pass_at_k, pass_hat_k, sizes


@pytest.mark.parametrize("n", [1, 4, 7])
def test_they_are_the_shares_of_all_draws(n: int) -> None:
    for right in range(n + 1):
        samples = [True] * right + [False] * (n - right)
        for k in range(1, n + 1):
            draws = list(combinations(samples, k))
            assert pass_at_k(n, right, k) == pytest.approx(sum(map(any, draws)) / len(draws))
            assert pass_hat_k(n, right, k) == pytest.approx(sum(map(all, draws)) / len(draws))


def test_one_try_is_the_mean_and_more_tries_part() -> None:
    assert pass_at_k(8, 3, 1) == pass_hat_k(8, 3, 1) == pytest.approx(3 / 8)
    assert pass_at_k(8, 3, 4) == pytest.approx(1 - 5 / 70) and pass_hat_k(8, 3, 4) == 0.0


def test_a_task_with_too_few_scored_samples_is_left_out() -> None:
    assert pass_at_k(3, 3, 4) is None and pass_hat_k(3, 3, 4) is None
    assert mean_over_tasks([(4, 4), (4, 0), (3, 3)], 4, all_of_them=True) == 0.5
    assert mean_over_tasks([(1, 1)], 2, all_of_them=False) is None


def test_the_sizes_that_are_shown() -> None:
    assert (sizes(1), sizes(4), sizes(6)) == ([1], [1, 2, 4], [1, 2, 4, 6])
