"""Training on samples of an older policy, and how far that was from the one that learned."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch

from rewards.types import Task, Trajectory
from rl.errors import UserError
from rl.pipeline.staleness import figures
from rl.report.samples import GenerationBatch
from rl.training.mismatch import Mismatch
from rl.training.trainer import PolyglotTrainer
from rl.weights.export import Given


@pytest.fixture
def trained(make: Any) -> Any:
    """A function that trains to the end: the trainer and its batches."""

    def train(*overrides: str) -> tuple[PolyglotTrainer, list[GenerationBatch]]:
        small = ["trainer.generations=2", "trainer.prompts_per_language=1", "trainer.steps=4"]
        trainer, batches = make(*small, "trainer.learning_rate=1e-3", *overrides)
        trainer.train()
        return trainer, batches

    return train


def test_sampling_runs_ahead_and_no_sample_is_staler_than_it_may_be(trained: Any) -> None:
    _, batches = trained("rollout.ahead=1")
    assert [batch.step for batch in batches] == [0, 1, 2, 3]
    for batch in batches:
        assert len(batch.rows) == 8
        for row in batch.rows:
            assert max(batch.step - 1, 0) <= row.lowest_version <= row.policy_version <= batch.step
        assert all(batch.figures[f"language/{tag}/stale_dropped"] == 0 for tag in ("en", "fr", "zh", "ar"))
    older = [row for batch in batches[1:] for row in batch.rows if row.lowest_version < batch.step]
    assert older, "nothing was sampled ahead"
    assert len({row.seed for batch in batches for row in batch.rows}) == 32
    last = batches[-1].figures
    assert (
        last["language/en/ratio_max"] >= 1 >= last["language/en/ratio_min"]
        and last["language/en/mismatch_kl"] > 0
    )


def test_on_policy_the_engine_and_the_trainer_agree_and_two_runs_are_equal(trained: Any) -> None:
    trainer, batches = trained("rollout.ahead=0")
    again, others = trained("rollout.ahead=0")
    for batch, other in zip(batches, others, strict=True):
        assert batch.rows == other.rows, "to the digit"
        figures = [{k: v for k, v in b.figures.items() if k.startswith("language/")} for b in (batch, other)]
        assert figures[0] == figures[1]
        assert all(batch.figures[f"language/{tag}/staleness"] == 0 for tag in ("en", "fr", "zh", "ar"))
        assert all(batch.figures[f"language/{tag}/mismatch_kl"] < 1e-9 for tag in ("en", "fr", "zh", "ar"))
    for ours, theirs in zip(trainer.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize(("each_step", "looks"), [(False, 1), (True, 4)])
def test_engine_and_trainer_may_be_compared_in_each_step(
    trained: Any, monkeypatch: pytest.MonkeyPatch, each_step: bool, looks: int
) -> None:
    seen: list[int] = []
    monkeypatch.setattr("rl.training.trainer.check_agreement", lambda *_: seen.append(1))
    trained(f"rollout.check_each_step={each_step}")
    assert len(seen) == looks


def test_the_ratio_is_to_the_policy_that_sampled(trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one batch with log-probabilities that the engine is wrong about by a known factor."""
    seen = []
    compute = PolyglotTrainer._compute_loss

    def spy(self: PolyglotTrainer, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        if "old_per_token_logps" in inputs:
            seen.append(torch.equal(inputs["old_per_token_logps"], inputs["sampling_per_token_logps"]))
        return compute(self, model, inputs)

    monkeypatch.setattr(PolyglotTrainer, "_compute_loss", spy)
    trained("trainer.steps=1")
    assert seen == []
    trained("trainer.steps=1", "trainer.ratio=sampling", "run=corrected")
    trained("trainer.steps=1", "rollout.dtype=bfloat16", "run=rounded")
    trained("trainer.steps=1", "rollout.dtype=bfloat16", "trainer.bf16=true", "run=alike")
    assert seen == [True, True]


def test_mismatch_is_the_formula_by_language() -> None:
    class One:
        device = torch.device("cpu")

        @staticmethod
        def gather(values: torch.Tensor) -> torch.Tensor:
            return values

    now, sampled = torch.tensor([[-1.0, -2.0, -9.0], [-0.5, -1.0, -1.0]]), torch.full((2, 3), -1.0)
    mask = torch.tensor([[1, 1, 0], [1, 1, 1]])
    mismatch = Mismatch(["ar", "en", "zh"])
    mismatch.add(now, sampled, mask, torch.tensor([1, 2]))
    found = mismatch.figures(One())
    assert math.isclose(found["language/en/mismatch_kl"], (math.exp(-1) - 1 + 1) / 2)
    assert math.isclose(found["language/zh/mismatch_kl"], (math.exp(0.5) - 1 - 0.5) / 3)
    assert math.isclose(found["language/en/ratio_min"], math.exp(-1)) and found["language/en/ratio_max"] == 1
    assert found["language/zh/ratio_min"] == 1 and math.isclose(found["language/zh/ratio_max"], math.exp(0.5))
    mismatch.add(now, sampled, torch.tensor([[0, 1, 0], [1, 0, 0]]), torch.tensor([1, 2]))
    alone = mismatch.figures(One())
    assert alone["language/en/ratio_max"] == alone["language/en/ratio_min"] == pytest.approx(math.exp(-1))
    assert alone["language/zh/ratio_max"] == alone["language/zh/ratio_min"] == pytest.approx(math.exp(0.5))
    assert not any("/ar/" in name for name in found), "nothing is known of a language without tokens"
    assert mismatch.figures(One()) == {}


def test_stale_samples_are_counted_by_language_with_their_length() -> None:
    found = figures([("en", 0, 10), ("en", 3, 90), ("fr", 1, 20)], ahead=2)
    assert found == {
        "language/en/staleness": 1.5, "language/en/stale_dropped": 1.0, "language/en/stale_length": 90.0,
        "language/fr/staleness": 1.0, "language/fr/stale_dropped": 0.0,
    }  # fmt: skip


def test_samples_that_are_too_stale_teach_nothing(trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as those of an engine that was cut off from new weights; half of them here."""
    ages = iter([2, 0] * 100)
    monkeypatch.setattr("rl.training.trainer.staleness", lambda sample, version: next(ages))
    _, batches = trained("rollout.ahead=1", "trainer.steps=1", "trainer.generations=4")
    advantages = [row.advantage for row in batches[0].rows]
    assert all(value == 0 for value in advantages[::2]) and any(advantages)


def test_samples_that_are_too_stale_are_not_compared(make: Any) -> None:
    """Half of them are, and another policy's; the KL term has them computed all the same."""
    trainer, batches = make("trainer.steps=1", "trainer.beta=0.1")
    sample = trainer.collect.rollouts.rollout

    async def rollout(task: Task, seed: int, temperature: float) -> tuple[Trajectory, dict[str, float]]:
        found, seconds = await sample(task, seed, temperature)
        if seed // 16 % 2:
            found = replace(found, lowest_version=-1, logprobs=[value - 9 for value in found.logprobs])
        return found, seconds

    trainer.collect.rollouts.rollout = rollout
    trainer.train()
    found = batches[0].figures
    assert found["language/en/stale_dropped"] == 4 and found["language/en/mismatch_kl"] < 1e-6


def test_utilization_is_of_the_tokens_that_the_first_update_computes(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prompts too; of two minibatches the first, and of its rows those that teach."""
    monkeypatch.setattr("rl.training.trainer.flops.here", lambda: 1e12)
    trainer, batches = make("trainer.steps=2", "trainer.minibatches=2", "trainer.save_every=2")
    compute, computed = trainer._compute_loss, []

    def spy(model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        computed.append(int(inputs["prompt_mask"].sum() + inputs["completion_mask"].sum()))
        return compute(model, inputs)

    monkeypatch.setattr(trainer, "_compute_loss", spy)
    trainer.train()
    assert len(computed) == 2 and len(batches) == 1
    operations = batches[0].figures["mfu"] * batches[0].seconds["update"] * 1e12
    assert operations == pytest.approx(6 * trainer.model.num_parameters() * computed[0])


def test_an_engine_with_other_weights_is_noticed_before_anything_is_learned(
    trained: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights that never arrive: the engine goes on with a policy of its own."""
    policy = "rl.training.trainer.Policy"
    monkeypatch.setattr(
        policy, lambda model: Given(lambda: {n: 3 * t for n, t in model.state_dict().items()})
    )
    with pytest.raises(UserError, match="they serve another model or other weights"):
        trained("trainer.steps=1")
