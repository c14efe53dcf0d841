"""A tiny policy, and trainers of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from rewards.types import Task
from rl.pipeline.collector import Collector
from rl.report.samples import GenerationBatch
from tests.rl.parts import Lots, Rollouts, composed, save_policy


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory, tiny_tokenizer: PreTrainedTokenizerFast) -> Path:
    return save_policy(tmp_path_factory.mktemp("policy"), tiny_tokenizer)


@pytest.fixture
def make(
    policy: Path, tiny_tokenizer: PreTrainedTokenizerFast, some_tasks: list[Task], tmp_path: Path
) -> Iterator[Any]:
    """A function that builds a trainer from overrides; it also returns the generation batches that it reports."""
    from rl.training.trainer import PolyglotTrainer

    collectors = []

    def build(*overrides: str, scorer: Lots | None = None) -> tuple[PolyglotTrainer, list[GenerationBatch]]:
        rollouts = Rollouts(policy, tiny_tokenizer)
        collectors.append((Collector(rollouts, scorer or Lots()), rollouts))
        batches: list[GenerationBatch] = []
        config = composed(
            "rollout=hf", "rollout.dtype=float32", "trainer.generations=4", "trainer.prompts_per_language=2", "trainer.steps=2",
            f"output_dir={tmp_path}", *overrides,
        )  # fmt: skip
        trainer = PolyglotTrainer(
            model=AutoModelForCausalLM.from_pretrained(policy),
            tokenizer=tiny_tokenizer,
            tasks=some_tasks,
            config=config,
            collect=collectors[-1][0],
            on_step=batches.append,
        )
        return trainer, batches

    yield build
    for collector, rollouts in collectors:
        collector.run(rollouts.close())
        collector.runner.close()
