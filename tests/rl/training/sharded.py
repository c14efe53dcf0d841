"""Run by torchrun: a few steps with the policy parted over the ranks, or whole; rank 0 writes what it found.

sharded.py POLICY FOLDER RUN STEPS SHARDING [RESUME] [setting=value ...]
"""

import json
import os
import sys
from pathlib import Path

import torch
from torch.distributed.tensor import DTensor
from transformers import AutoModelForCausalLM, AutoTokenizer

from rl.data.catalog import tasks as catalog
from rl.pipeline.collector import Collector
from rl.report.samples import GenerationBatch
from rl.training.checkpoints import last_checkpoint
from rl.training.trainer import PolyglotTrainer
from tests.rl.parts import Lots, Rollouts, composed


def main(policy: str, folder: str, run: str, steps: str, sharding: str, *more: str) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    ranks, resume = int(os.environ.get("WORLD_SIZE", "1")), "resume" in more
    tokenizer = AutoTokenizer.from_pretrained(policy)
    os.cpu_count = lambda: max(ranks, 2)  # they may share a core here
    tasks = catalog.load("train", ["en", "fr", "zh"], ["world_time", "set_alarm"], per_tool=4)
    config = composed(
        "rollout=hf", "rollout.dtype=float32", "trainer.generations=4", "trainer.prompts_per_language=2", f"trainer.steps={steps}",
        "trainer.save_every=2", "trainer.learning_rate=1e-3", f"output_dir={folder}", f"run={run}", "cluster=ray",
        f"cluster.processes={ranks}", f"trainer.sharding={sharding}", *(word for word in more if word != "resume"),
    )  # fmt: skip
    rollouts, batches = Rollouts(Path(policy), tokenizer), list[GenerationBatch]()
    trainer = PolyglotTrainer(
        model=AutoModelForCausalLM.from_pretrained(policy), tokenizer=tokenizer, tasks=tasks, config=config,
        collect=Collector(rollouts, Lots()), on_step=batches.append, world_size=ranks,
    )  # fmt: skip
    trainer.train(resume_from_checkpoint=str(last_checkpoint(config.folder)) if resume else None)
    trainer.save_policy(config.folder / "model")
    trainer.collect.run(rollouts.close())
    if trainer.accelerator.is_main_process:
        held = [p.to_local() if isinstance(p, DTensor) else p for p in trainer.model.parameters()]
        found = {
            "losses": [line["loss"] for line in trainer.state.log_history if "loss" in line],
            "norms": [line["grad_norm"] for line in trainer.state.log_history if "grad_norm" in line],
            "steps": [batch.step for batch in batches],
            "versions": [sorted({row.policy_version for row in batch.rows}) for batch in batches],
            "mismatch": [batch.figures.get("language/en/mismatch_kl", 0.0) for batch in batches],
            "held": sum(value.numel() for value in held),
            "whole": sum(p.numel() for p in trainer.model.parameters()),
        }
        (Path(folder) / f"{run}-{steps}-{ranks}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
