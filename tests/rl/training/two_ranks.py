"""Run by torchrun: one generation batch on two ranks; rank 0 writes what it found."""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from rl.advantages import advantages
from rl.advantages.grouped import grouping
from rl.data.catalog import tasks as catalog
from rl.pipeline.collector import Collector
from rl.training.trainer import PolyglotTrainer
from tests.rl.parts import Lots, Rollouts, composed


def main(policy: Path, folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(policy)
    tasks = catalog.load("train", ["en", "fr", "zh"], ["world_time", "set_alarm"], per_tool=4)
    # Three languages of one prompt with four samples: a prompt's group lies on both ranks.
    config = composed(
        "rollout=hf", "rollout.dtype=float32", "trainer.generations=4", "trainer.prompts_per_language=1", "trainer.steps=1",
        f"output_dir={folder}",
    )  # fmt: skip
    rollouts = Rollouts(policy, tokenizer)
    steps = []
    trainer = PolyglotTrainer(
        model=AutoModelForCausalLM.from_pretrained(policy),
        tokenizer=tokenizer,
        tasks=tasks,
        config=config,
        collect=Collector(rollouts, Lots()),
        on_step=steps.append,
        world_size=2,
    )
    trainer.train()
    trainer.collect.run(rollouts.close())
    if trainer.accelerator.is_main_process:
        rows = steps[0].rows
        index = {task.id: i for i, task in enumerate(tasks)}
        groups = torch.tensor([trainer.groups.of(index[row.task_id]) for row in rows])
        ids = dict(zip(("prompt", "language", "task"), groups.unbind(1), strict=True))
        expected = advantages(torch.tensor([row.reward for row in rows]), **ids, **grouping(config.advantage))
        found = {
            "ranks": trainer.accelerator.num_processes,
            "advantages": [row.advantage for row in rows],
            "expected": expected.tolist(),
        }
        (folder / "found.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
