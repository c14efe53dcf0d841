"""Estimators by name: what one of your own may give, and what is refused in one sentence."""

from typing import Any

import pytest
import torch

from rl.advantages import GatheredBatch, estimate, estimator
from rl.config.schema import Advantage
from rl.errors import ConfigError

SAMPLES, TOKENS = 4, 3


def batch(rewards: list[float]) -> GatheredBatch:
    ids, parts = torch.arange(len(rewards)) // 2, torch.tensor(rewards)[:, None]
    turns = torch.tensor([[0, -1, 1]] * len(rewards))
    return GatheredBatch(parts[:, 0], parts, torch.ones_like(parts), ids, ids, ids, turns, ("a",))


def given(
    batch: GatheredBatch, settings: Advantage, shape: Any = (SAMPLES,), value: float = 1.0
) -> torch.Tensor:
    return torch.full(tuple(shape), value)


def nothing(batch: GatheredBatch, settings: Advantage) -> None:
    return None


def centered(batch: GatheredBatch, settings: Advantage) -> torch.Tensor:
    return batch.rewards - batch.rewards.nanmean()


def settings(name: str, **options: Any) -> Advantage:
    return Advantage(estimator=f"{__name__}.{name}", options=options)


@pytest.mark.parametrize("shape", [[SAMPLES], [SAMPLES, TOKENS]])
def test_one_figure_a_sample_or_a_token_is_taken(shape: list[int]) -> None:
    assert list(estimate(batch([0.0, 1.0, 0.5, 0.5]), settings("given", shape=shape)).shape) == shape


@pytest.mark.parametrize("shape", [[], [1], [TOKENS], [SAMPLES, 1], [1, SAMPLES], [SAMPLES, TOKENS, 1]])
def test_another_shape_is_refused_in_one_sentence(shape: list[int]) -> None:
    with pytest.raises(ConfigError, match=r"gave advantages of shape .*; it must be \[4\]") as refused:
        estimate(batch([0.0, 1.0, 0.5, 0.5]), settings("given", shape=shape))
    assert "\n" not in str(refused.value)


def test_what_is_no_tensor_or_not_finite_is_refused() -> None:
    with pytest.raises(ConfigError, match="gave a NoneType; it must give a tensor"):
        estimate(batch([0.0, 1.0]), settings("nothing"))
    with pytest.raises(ConfigError, match="a masked sample, whose reward is NaN, must get 0"):
        estimate(batch([0.0, float("nan")]), settings("centered"))


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("gdpoo", {}, "is no estimator; did you mean gdpo?"),
        ("no_such_module.mine", {}, "cannot be imported"),
        (f"{__name__}.SAMPLES", {}, "is no estimator"),
        (f"{__name__}.given", {"shap": [4]}, "cannot be called with advantage.options"),
        ("grouped", {"first": 2.0}, "cannot be called with advantage.options"),
    ],
)
def test_what_cannot_be_called_is_refused(name: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        estimator(name, options)
    assert said in str(refused.value) and "\n" not in str(refused.value)
