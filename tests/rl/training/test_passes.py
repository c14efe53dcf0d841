"""What is left out, trimmed and cut changes neither the loss nor its gradient."""

from typing import Any
from zlib import crc32

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.types import Score, Task, Trajectory
from rl.training.passes import cut, to_count
from rl.training.trainer import PolyglotTrainer
from tests.rl.parts import Lots

quick = settings(max_examples=60, deadline=None)
LOSSES = ("grpo", "dr_grpo", "dapo", "bnpo", "cispo", "luspo", "sapo", "vespo")


@quick
@given(lengths=st.lists(st.integers(1, 50), min_size=1, max_size=30), budget=st.integers(1, 200))
def test_every_row_is_in_one_pass_which_holds_the_budget_or_one_row(lengths: list[int], budget: int) -> None:
    passes = cut(torch.tensor(lengths), budget)
    assert sorted(place for own in passes for place in own) == list(range(len(lengths)))
    assert all(len(own) == 1 or len(own) * max(lengths[p] for p in own) <= budget for own in passes)


@quick
@given(rows=st.integers(1, 20), budget=st.integers(1, 100), more=st.integers(0, 30))
def test_all_ranks_have_as_many_passes(rows: int, budget: int, more: int) -> None:
    passes = cut(torch.full((rows,), 7), budget)
    longer = to_count(passes, len(passes) + more)
    assert len(longer) == len(passes) + more
    assert sorted(place for own in longer for place in own) == list(range(rows))


class Some(Lots):
    """Half of the tasks: their samples all earn the same."""

    async def score(self, task: Task, trajectory: Trajectory, step: int | None = None) -> Score:
        flat = crc32(task.id.encode()) % 2 == 0
        return Score(0.5, {"lot": 0.5}) if flat else await super().score(task, trajectory, step)


class Alike(Lots):
    """All samples of all tasks earn the same."""

    async def score(self, task: Task, trajectory: Trajectory, step: int | None = None) -> Score:
        return Score(0.5, {"lot": 0.5})


def generated(trainer: PolyglotTrainer) -> dict[str, Any]:
    trainer.current_gradient_accumulation_steps = 1
    size = trainer.args.per_device_train_batch_size * trainer.args.steps_per_generation
    sampler = iter(trainer._get_train_sampler())
    return trainer._generate_and_score_completions(
        [dict(trainer.train_dataset[next(sampler)]) for _ in range(size)]
    )


def gradient(trainer: PolyglotTrainer, loss: torch.Tensor) -> list[torch.Tensor]:
    loss.backward()
    found = [p.grad.clone() for p in trainer.model.parameters() if p.grad is not None]
    trainer.model.zero_grad()
    return found


@pytest.mark.parametrize("loss_type", LOSSES)
def test_loss_and_gradient_are_those_of_the_whole(make: Any, loss_type: str) -> None:
    """Left out alone, and left out, sorted, cut and trimmed, beside TRL's own loss of all rows."""
    trainer, _ = make(
        "advantage=grpo", f"trainer.loss_type={loss_type}", "trainer.ratio=sampling", scorer=Some()
    )
    inputs = generated(trainer)
    zero = inputs["advantages"] == 0
    assert 0 < zero.sum() < len(zero)
    inputs["old_per_token_logps"] = inputs["old_per_token_logps"] + 0.1  # a ratio that is not 1
    whole = trainer._compute_loss(trainer.model, inputs)
    expected = gradient(trainer, whole)
    assert max(float(g.abs().max()) for g in expected) > 1e-4
    for budget in (None, 700, 1):
        trainer.config = trainer.config.model_copy(
            update={"trainer": trainer.config.trainer.model_copy(update={"tokens_per_pass": budget})}
        )
        passes = trainer._passes(inputs)
        assert sum(len(one.inputs["advantages"]) for one in passes) == len(zero) - zero.sum()
        ours = trainer.compute_loss(trainer.model, inputs)
        torch.testing.assert_close(ours.detach(), whole.detach(), atol=1e-6, rtol=1e-6)
        for mine, theirs in zip(gradient(trainer, ours), expected, strict=True):
            torch.testing.assert_close(mine, theirs, atol=1e-6, rtol=1e-4)
    assert len(passes) == int((~zero).sum()), "a pass holds one row at least"


def test_where_another_term_teaches_every_row_is_computed(make: Any) -> None:
    trainer, _ = make("advantage=grpo", "trainer.beta=0.1", scorer=Some())
    inputs = generated(trainer)
    assert (inputs["advantages"] == 0).any()
    (one,) = trainer._passes(inputs)
    assert one.inputs is inputs and one.weight == 1


def test_a_batch_that_teaches_nothing_moves_nothing(make: Any) -> None:
    trainer, batches = make("advantage=grpo", scorer=Alike())
    before = [p.detach().clone() for p in trainer.model.parameters()]
    trainer.train()
    assert all(torch.equal(a, b) for a, b in zip(before, trainer.model.parameters(), strict=True))
    assert all(batches[0].figures[f"language/{tag}/zero_variance"] == 1 for tag in ("en", "fr", "zh", "ar"))


def test_prompts_that_teach_nothing_are_refilled_in_their_language(make: Any) -> None:
    trainer, batches = make(
        "advantage=grpo", "trainer.refill=6", "trainer.steps=1", "run=refilled", scorer=Some()
    )
    trainer.train()
    rows = batches[0].rows
    assert {sum(row.language == tag for row in rows) for tag in ("en", "fr", "zh", "ar")} == {8}, "balanced"
    assert len({row.seed for row in rows}) == len(rows)
    kept, again = (
        make("advantage=grpo", *words, "trainer.steps=1", scorer=Some())
        for words in (["run=kept"], ["trainer.refill=6", "run=again"])
    )
    for trainer, _ in (kept, again):
        trainer.train()
    flat = [sum(row.reward == 0.5 for row in batch[0].rows) for _, batch in (kept, again)]
    assert flat[1] < flat[0]
    assert [(r.task_id, r.seed, r.reward) for r in again[1][0].rows] == [
        (r.task_id, r.seed, r.reward) for r in rows
    ], "two runs refill alike"
