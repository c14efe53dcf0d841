"""TRL's trainer with our advantages: equal to TRL's own where it should be, and on every rank."""

import asyncio
import inspect
import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
import torch
import trl
from transformers import PreTrainedTokenizerFast, TrainerCallback
from trl import GRPOTrainer

from rewards.scoring.plan import Plan
from rewards.types import Score, Task, Trajectory
from rl.advantages import GatheredBatch
from rl.config.rewards import reward_settings
from rl.errors import UserError
from rl.training.checkpoints import saving
from rl.training.trainer import PolyglotTrainer
from tests.rl.parts import Lots, composed


def test_trl_is_the_pinned_version_with_the_methods_that_are_overridden() -> None:
    """What we override is private to TRL; a new version must be read before it is pinned."""
    assert trl.__version__ == "1.16.0"
    expected = {
        "_get_train_sampler": ["self", "dataset"],
        "_calculate_rewards": ["self", "inputs", "prompts", "completions", "completion_ids_list"],
        "_generate_and_score_completions": ["self", "inputs"],
        "_save_checkpoint": ["self", "model", "trial"],
        "_load_from_checkpoint": ["self", "resume_from_checkpoint", "model"],
        "_load_optimizer_and_scheduler": ["self", "checkpoint"],
        "_get_per_token_logps_and_entropies": [
            "self",
            "model",
            "input_ids",
            "attention_mask",
            "logits_to_keep",
        ],
        "compute_loss": ["self", "model", "inputs", "return_outputs", "num_items_in_batch"],
        "train": ["self", "resume_from_checkpoint", "trial", "ignore_keys_for_eval"],
    }
    for name, parameters in expected.items():
        theirs = list(inspect.signature(getattr(GRPOTrainer, name)).parameters)
        assert theirs[: len(parameters)] == parameters
    ours = {name for name, value in vars(PolyglotTrainer).items() if callable(value)} - {"__init__"}
    assert {name for name in ours if hasattr(GRPOTrainer, name)} == set(expected)


def batch(trainer: PolyglotTrainer) -> list[dict[str, Any]]:
    trainer.model.train()
    sampler = iter(trainer._get_train_sampler())
    size = trainer.args.per_device_train_batch_size * trainer.args.steps_per_generation
    return [dict(trainer.train_dataset[next(sampler)]) for _ in range(size)]


@pytest.mark.parametrize("masked_every", [0, 2])
def test_preset_grpo_equals_stock_trl(make: Any, masked_every: int) -> None:
    """With every second lot masked, some groups keep one sample or none."""
    trainer, _ = make("advantage=grpo", scorer=Lots(masked_every))
    inputs = batch(trainer)
    stock = GRPOTrainer._generate_and_score_completions
    ours = trainer._generate_and_score_completions([dict(i) for i in inputs])
    theirs = stock(trainer, [dict(i) for i in inputs])
    assert torch.equal(ours["completion_ids"], theirs["completion_ids"])
    assert ours["advantages"].abs().max() > 0.5
    torch.testing.assert_close(ours["advantages"], theirs["advantages"], atol=1e-6, rtol=0)


@pytest.mark.parametrize("judge", [[], ["judge=openai", "judge.model=m"]])
def test_gdpo_equals_trls_normalize_then_sum(
    make: Any, monkeypatch: pytest.MonkeyPatch, judge: list[str]
) -> None:
    """Stock TRL is given each part as a reward function of its own, as the reward service weighs it: a judge's, too."""
    settings = reward_settings(composed("reward=gdpo", *judge))
    scored = Plan.from_config(settings).weights("en", 0)
    names, weights = list(scored), list(scored.values())
    assert ("culture_judged" in names) == bool(judge)
    trainer, _ = make("reward=gdpo", "advantage=grpo", *judge, scorer=Lots(parts=names))
    inputs = batch(trainer)
    ours = trainer._generate_and_score_completions([dict(i) for i in inputs])["advantages"]
    scores = [sampled.score for sampled in trainer.sampled]
    assert any(score.reward is None for score in scores) and any(None in s.parts.values() for s in scores)

    def part(name: str) -> Any:
        return lambda **_: [None if s.reward is None else s.parts[name] for s in scores]

    monkeypatch.setattr(trainer, "reward_funcs", [part(name) for name in names])
    monkeypatch.setattr(trainer, "reward_func_names", names)
    monkeypatch.setattr(trainer, "reward_processing_classes", [None] * len(names))
    monkeypatch.setattr(trainer, "reward_weights", torch.tensor(weights))
    monkeypatch.setattr(trainer, "multi_objective_aggregation", "normalize_then_sum")
    theirs = GRPOTrainer._generate_and_score_completions(trainer, [dict(i) for i in inputs])["advantages"]
    assert ours.abs().max() > 0.5
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)


@pytest.mark.parametrize("preset", ["language", "language_pooled", "crosslingual", "batch", "dr_grpo"])
def test_other_presets_differ_from_stock_trl(make: Any, preset: str) -> None:
    grpo, _ = make("advantage=grpo")
    other, _ = make(f"advantage={preset}")
    ours, theirs = (t._generate_and_score_completions(batch(t))["advantages"] for t in (other, grpo))
    assert not torch.allclose(ours, theirs, atol=1e-3)


def test_masked_samples_get_no_advantage(make: Any) -> None:
    trainer, steps = make(scorer=Lots(masked_every=4))
    trainer._generate_and_score_completions(batch(trainer))
    trainer.finish_step()
    masked = [row for row in steps[0].rows if row.reward is None]
    assert masked and all(row.advantage == 0 for row in masked)
    assert any(row.advantage != 0 for row in steps[0].rows)


def test_a_run_stops_when_too_many_scores_are_masked(make: Any) -> None:
    trainer, _ = make("reward.max_masked_share=0.01", scorer=Lots(masked_every=2))
    with pytest.raises(UserError, match="lot: failed: drawn"):
        trainer._generate_and_score_completions(batch(trainer))


def as_under_a_grammar(trainer: PolyglotTrainer, begun: int) -> None:
    """Every second sample becomes a call, with the log-probabilities that little choice leaves."""
    rollouts: Any = trainer.collect.rollouts if trainer.collect else None
    sample = rollouts.rollout

    async def rollout(task: Task, seed: int, temperature: float) -> tuple[Trajectory, dict[str, float]]:
        found, seconds = await sample(task, seed, temperature)
        if seed // 16 % 2:
            ids = [begun, *found.token_ids[1:]]
            found = replace(found, token_ids=ids, logprobs=[-0.1 * (i % 2) for i in range(len(ids))])
        return found, seconds

    rollouts.rollout = rollout


def test_what_a_grammar_took_is_not_taken_for_another_model_and_its_only_choices_teach_nothing(
    make: Any, tiny_tokenizer: PreTrainedTokenizerFast
) -> None:
    begun = tiny_tokenizer.convert_tokens_to_ids('<tool_call>{"name": "')
    trainer, _ = make("rollout.engine=vllm", "rollout.transfer=objects", "rollout.grammar=calls")
    as_under_a_grammar(trainer, begun)
    output = trainer._generate_and_score_completions(batch(trainer))
    calls = output["completion_ids"][:, 0] == begun
    assert 0 < calls.sum() < len(calls)
    assert not output["tool_mask"][calls][:, ::2].any() and output["tool_mask"][~calls][:, 0].all()
    trainer.train()
    trainer, _ = make()
    as_under_a_grammar(trainer, begun)
    with pytest.raises(UserError, match="another model"):
        trainer.train()


def test_training_moves_the_policy_and_the_workers_follow(make: Any) -> None:
    trainer, steps = make("trainer.learning_rate=1e-2")
    before = [p.detach().clone() for p in trainer.model.parameters()]
    trainer.train()
    assert any((a != b).any() for a, b in zip(before, trainer.model.parameters(), strict=True))
    assert [step.step for step in steps] == [0, 1]
    assert {row.policy_version for row in steps[1].rows} == {1}
    worker = trainer.collect.rollouts.engine.engine.model
    trainer.send_weights()
    for ours, theirs in zip(trainer.model.parameters(), worker.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_weights_are_sent_again_to_an_engine_that_was_started_anew(make: Any) -> None:
    """One that cannot read them anywhere: its samples wait for the trainer, which waits for its samples."""
    trainer, steps = make("trainer.steps=1")
    rollouts, sends, again = trainer.collect.rollouts, [], asyncio.Event()
    sample, load, rollouts.wanted = rollouts.rollout, rollouts.load_weights, Future()

    async def rollout(*job: Any) -> Any:
        if not again.is_set() and not rollouts.wanted.done():
            rollouts.wanted.set_result(None)
        await again.wait()
        return await sample(*job)

    async def load_weights(parts: Any) -> None:
        sends.append(parts[0].version)
        await load(parts)
        if len(sends) == 2:
            rollouts.wanted = Future()
            again.set()

    rollouts.rollout, rollouts.load_weights = rollout, load_weights
    trainer.train()
    assert sends == [0, 0] and [step.step for step in steps] == [0]


def test_trackers_are_told_where_each_step_s_seconds_went(make: Any) -> None:
    trainer, steps = make("trainer.steps=2")
    trainer.train()
    logged = [line for line in trainer.state.log_history if "seconds/update" in line]
    assert [line["seconds/update"] for line in logged] == [step.seconds["update"] for step in steps]
    assert {"seconds/sampling", "seconds/scoring"} <= logged[0].keys()


def test_each_language_has_the_same_number_of_prompts_and_every_sample_its_own_seed(make: Any) -> None:
    trainer, steps = make()
    trainer._generate_and_score_completions(batch(trainer))
    trainer.finish_step()
    rows = steps[0].rows
    assert {sum(r.language == language for r in rows) for language in ("en", "fr", "zh", "ar")} == {8}
    assert len({r.seed for r in rows}) == len(rows)


def test_lora_policy_reaches_the_workers_merged(make: Any) -> None:
    trainer, _ = make("trainer.peft={r: 2, target_modules: [q_proj], init_lora_weights: false}")
    trainer.send_weights()
    worker = trainer.collect.rollouts.engine.engine.model
    ids = torch.tensor([[5, 6, 7, 8]])
    trainer.model.eval()
    with torch.no_grad():
        torch.testing.assert_close(trainer.model(ids).logits, worker(ids).logits, atol=1e-5, rtol=1e-4)


def test_groups_span_ranks(policy: Path, tmp_path: Path) -> None:
    """Two gloo ranks form the groups that one process would form of the same rewards."""
    script = Path(__file__).with_name("two_ranks.py")
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc_per_node=2",
        str(script),
    ]
    root = str(Path(__file__).resolve().parents[3])
    subprocess.run(
        [*command, str(policy), str(tmp_path)],
        check=True,
        env={**__import__("os").environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"},
    )
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["ranks"] == 2
    torch.testing.assert_close(
        torch.tensor(found["advantages"]), torch.tensor(found["expected"]), atol=1e-6, rtol=0
    )


def test_a_checkpoint_within_a_batch_is_gone_on_from_in_phase(make: Any, tmp_path: Path) -> None:
    """A batch feeds two updates; the run is cut off after the first and must learn what the whole one does."""
    options = (
        "trainer.minibatches=2",
        "trainer.steps=4",
        "trainer.save_every=2",
        "trainer.learning_rate=1e-3",
    )
    whole, all_steps = make(*options, "run=whole")
    whole.train()
    first, steps = make(*options, "run=cut")
    first.add_callback(_Stop(at=1))
    first.train()
    assert first.state.global_step == 1
    rest, more = make(*options, "run=cut")
    rest.train(resume_from_checkpoint=str(tmp_path / "cut" / "checkpoints" / "checkpoint-1"))
    seen = [
        [(b.step, [(r.task_id, r.seed, r.length) for r in b.rows]) for b in run]
        for run in (steps + more, all_steps)
    ]
    assert seen[0] == seen[1]
    for ours, theirs in zip(rest.model.parameters(), whole.model.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-5)


def test_a_resumed_run_shares_prompts_out_as_the_whole_one_does(make: Any, tmp_path: Path) -> None:
    """A curriculum goes by rewards, which have changed since the first steps."""
    options = (
        "trainer.curriculum.kind=gap",
        "trainer.curriculum.temperature=0.05",
        "trainer.steps=6",
        "trainer.save_every=1",
    )
    whole, all_steps = make(*options, "run=whole")
    whole.train()
    first, steps = make(*options, "run=cut")
    first.add_callback(_Stop(at=4))
    first.train()
    rest, more = make(*options, "run=cut")
    rest.train(resume_from_checkpoint=str(tmp_path / "cut" / "checkpoints" / "checkpoint-4"))
    tasks = [[[row.task_id for row in batch.rows] for batch in run] for run in (steps + more, all_steps)]
    assert tasks[0] == tasks[1]
    assert len({tuple(sorted(Counter(row.language for row in b.rows).items())) for b in all_steps}) > 1


def test_a_batch_that_a_run_ends_in_counts_once(make: Any, tmp_path: Path) -> None:
    """It is sampled again when the run goes on, and taken into the languages' means then."""

    class Ending(Lots):
        async def score(self, task: Task, trajectory: Any, step: int | None = None) -> Score:
            found = await super().score(task, trajectory, step)
            return Score(None, {"lot": None}) if step == 2 and task.language != "en" else found

    trainer, steps = make("trainer.steps=4", "advantage.smoothing=0.5", scorer=Ending())
    with pytest.raises(UserError, match="scores are masked"), saving(trainer, trainer.config):
        trainer.train()
    kept = json.loads((tmp_path / "test" / "checkpoints" / "checkpoint-2" / "progress.json").read_text())
    first, second, ended = (fmean(row.reward for row in b.rows if row.language == "en") for b in steps)
    assert kept["en"] == pytest.approx((first + second) / 2, abs=1e-6)
    assert ended != pytest.approx(kept["en"])


def test_a_run_that_failed_within_an_update_is_gone_on_from_as_if_it_had_not(
    make: Any, tmp_path: Path
) -> None:
    """The batch was sampled and parted at random into two updates, and is so again."""
    options = (
        "trainer.minibatches=2",
        "trainer.steps=4",
        "trainer.save_every=4",
        "trainer.learning_rate=1e-3",
    )
    whole, _ = make(*options, "run=whole")
    whole.train()
    first, _ = make(*options, "run=cut")
    first.add_callback(_Fail(at=2))
    with pytest.raises(RuntimeError, match="out of memory"), saving(first, first.config):
        first.train()
    rest, _ = make(*options, "run=cut")
    rest.train(resume_from_checkpoint=str(tmp_path / "cut" / "checkpoints" / "checkpoint-2"))
    for ours, theirs in zip(rest.model.parameters(), whole.model.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-5)


class _Fail(TrainerCallback):
    def __init__(self, at: int) -> None:
        self.at = at

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == self.at:
            raise RuntimeError("out of memory")


class _Stop(TrainerCallback):
    def __init__(self, at: int) -> None:
        self.at = at

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == self.at:
            control.should_save = control.should_training_stop = True


def by_turn(batch: GatheredBatch, settings: Any, first: float = 1.0) -> torch.Tensor:
    """An estimator for each token: the first turn's tokens get ``first``, the others nothing."""
    return first * (batch.turns == 0).double()


def test_an_estimator_of_ones_own_may_give_advantages_for_each_token(make: Any) -> None:
    trainer, steps = make(f"advantage.estimator={__name__}.by_turn", "+advantage.options.first=2.0")
    output = trainer._generate_and_score_completions(batch(trainer))
    assert output["advantages"].shape == output["completion_ids"].shape
    for sample, row in zip(trainer.sampled, output["advantages"], strict=True):
        sampled = sample.trajectory.sampled
        turn = sampled.index(False) if False in sampled else len(sampled)
        assert row[:turn].eq(2).all() and row[turn:].eq(0).all()
    trainer.train()
    assert all(row.advantage > 0 for row in steps[-1].rows)


@pytest.mark.parametrize(
    "words",
    [
        ["advantage=turns"],
        ["advantage=macro", "advantage.weights=worst_first", "advantage.smoothing=0.5"],
        ["advantage.estimator=kl", "++advantage.options.more={en: 0.1}", "trainer.beta=0.01"],
    ],
)
def test_estimators_of_tokens_train_and_progress_is_kept(make: Any, words: list[str], tmp_path: Path) -> None:
    trainer, steps = make("trainer.steps=1", "trainer.save_every=1", *words)
    trainer.train()
    assert len(steps) == 1 and any(row.advantage for row in steps[0].rows)
    (kept,) = tmp_path.glob("**/progress.json")
    assert set(json.loads(kept.read_text())) == {"en", "fr", "zh", "ar"}
    if "trainer.beta=0.01" in words:
        assert "language/en/kl" in trainer._metrics["train"] or any(
            "language/en/kl" in entry for entry in trainer.state.log_history
        )
