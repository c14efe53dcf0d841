"""TRL's trainer with our advantages: equal to TRL's own where it should be, and on every rank."""

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import trl
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast
from trl import GRPOTrainer

from rewards.types import Task
from rl.errors import UserError
from rl.rollout.collect import Collector
from rl.steps import Step
from rl.trainer import PolyglotTrainer
from tests.rl.parts import Lots, Rollouts, composed, save_policy


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory, tiny_tokenizer: PreTrainedTokenizerFast) -> Path:
    return save_policy(tmp_path_factory.mktemp("policy"), tiny_tokenizer)


@pytest.fixture
def make(
    policy: Path, tiny_tokenizer: PreTrainedTokenizerFast, some_tasks: list[Task], tmp_path: Path
) -> Iterator[Any]:
    """A function that builds a trainer from overrides; it also returns the steps that it reports."""
    collectors = []

    def build(*overrides: str, scorer: Lots | None = None) -> tuple[PolyglotTrainer, list[Step]]:
        rollouts = Rollouts(policy, tiny_tokenizer)
        collectors.append((Collector(rollouts, scorer or Lots()), rollouts))
        steps: list[Step] = []
        config = composed(
            "rollout=hf", "trainer.generations=4", "trainer.prompts_per_language=2", "trainer.steps=2",
            f"output_dir={tmp_path}", *overrides,
        )  # fmt: skip
        trainer = PolyglotTrainer(
            model=AutoModelForCausalLM.from_pretrained(policy),
            tokenizer=tiny_tokenizer,
            tasks=some_tasks,
            config=config,
            collect=collectors[-1][0],
            on_step=steps.append,
        )
        return trainer, steps

    yield build
    for collector, rollouts in collectors:
        collector.run(rollouts.close())
        collector.runner.close()


def test_trl_is_the_pinned_version_with_the_methods_that_are_overridden() -> None:
    """What we override is private to TRL; a new version must be read before it is pinned."""
    assert trl.__version__ == "1.16.0"
    expected = {
        "_get_train_sampler": ["self", "dataset"],
        "_calculate_rewards": ["self", "inputs", "prompts", "completions", "completion_ids_list"],
        "_generate_and_score_completions": ["self", "inputs"],
        "_save_checkpoint": ["self", "model", "trial"],
    }
    for name, parameters in expected.items():
        assert list(inspect.signature(getattr(GRPOTrainer, name)).parameters) == parameters


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
    trainer.jobs = [(trainer.tasks[i["index"]], trainer._seed(k)) for k, i in enumerate(inputs)]
    theirs = stock(trainer, [dict(i) for i in inputs])
    assert torch.equal(ours["completion_ids"], theirs["completion_ids"])
    assert ours["advantages"].abs().max() > 0.5
    torch.testing.assert_close(ours["advantages"], theirs["advantages"], atol=1e-6, rtol=0)


NAMES = ("json_valid", "api_success", "language_match", "culture")
WEIGHTS = [0.3, 0.3, 0.2, 0.2]


def test_gdpo_equals_trls_normalize_then_sum(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stock TRL is given each part as a reward function of its own."""
    trainer, _ = make("reward=gdpo", "advantage=grpo", scorer=Lots(parts=NAMES))
    inputs = batch(trainer)
    ours = trainer._generate_and_score_completions([dict(i) for i in inputs])["advantages"]
    scores = [sampled.score for sampled in trainer.sampled]
    assert any(score.reward is None for score in scores) and any(None in s.parts.values() for s in scores)

    def part(name: str) -> Any:
        return lambda **_: [None if s.reward is None else s.parts[name] for s in scores]

    monkeypatch.setattr(trainer, "reward_funcs", [part(name) for name in NAMES])
    monkeypatch.setattr(trainer, "reward_func_names", list(NAMES))
    monkeypatch.setattr(trainer, "reward_processing_classes", [None] * len(NAMES))
    monkeypatch.setattr(trainer, "reward_weights", torch.tensor(WEIGHTS))
    monkeypatch.setattr(trainer, "multi_objective_aggregation", "normalize_then_sum")
    trainer.jobs = [(trainer.tasks[i["index"]], trainer._seed(k)) for k, i in enumerate(inputs)]
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


def test_training_moves_the_policy_and_the_workers_follow(make: Any) -> None:
    trainer, steps = make("trainer.learning_rate=1e-2")
    before = [p.detach().clone() for p in trainer.model.parameters()]
    trainer.train()
    assert any((a != b).any() for a, b in zip(before, trainer.model.parameters(), strict=True))
    assert [step.step for step in steps] == [0, 1]
    assert {row.policy_version for row in steps[1].rows} == {1}
    worker = trainer.collect.rollouts.engine.model
    trainer.send_weights()
    for ours, theirs in zip(trainer.model.parameters(), worker.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


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
    worker = trainer.collect.rollouts.engine.model
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
    root = str(Path(__file__).resolve().parents[2])
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
