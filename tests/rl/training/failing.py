"""Run by torchrun: something fails at the second step, on the main rank alone; each rank writes how it ended.

failing.py POLICY FOLDER SHARDING WHAT
"""

import os
import sys
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from rl.data.catalog import tasks as catalog
from rl.errors import UserError
from rl.evaluation.during import DuringTraining
from rl.pipeline.collector import Collector
from rl.report.run_folder import RunFolder
from rl.training.checkpoints import saving
from rl.training.trainer import PolyglotTrainer
from tests.rl.parts import Lots, Rollouts, composed


class Failing:
    """Fails when it is called for the second time, with words that name it."""

    def __init__(self, what: str, chosen: str) -> None:
        self.what, self.left = what, 2 if what == chosen else 1000

    def __call__(self, *_: Any) -> None:
        self.left -= 1
        if not self.left:
            raise UserError(f"{self.what} failed")


def main(policy: str, folder: str, sharding: str, what: str) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    os.cpu_count = lambda: 4  # two ranks may share a core here
    rank, tokenizer = int(os.environ["RANK"]), AutoTokenizer.from_pretrained(policy)
    tasks = catalog.load("train", ["en", "fr", "zh"], ["world_time", "set_alarm"], per_tool=4)
    config = composed(
        "rollout=hf", "rollout.dtype=float32", "trainer.generations=4", "trainer.prompts_per_language=2", "trainer.steps=3",
        f"output_dir={folder}", f"run={sharding}-{what}", "cluster=ray", "cluster.processes=2",
        f"trainer.sharding={sharding}", "evaluate.during.every=1",
    )  # fmt: skip
    loading, keeping, judging, reporting = (
        Failing(name, what) for name in ("loading", "keeping", "judging", "reporting")
    )

    class Engines(Rollouts):
        def keep(self, part: Any) -> Any:
            keeping()
            return super().keep(part)

        async def load_weights(self, parts: Any) -> None:
            loading()
            await super().load_weights(parts)

    class Watch(DuringTraining):
        def _judge(self, *_: Any) -> list[bool]:
            judging()
            return [False, False]

    def gone(*_: Any, **__: Any) -> None:
        if rank == 1:
            os._exit(0)
        raise UserError("gone failed")

    collect = Collector(Engines(Path(policy), tokenizer), Lots())
    watch = Watch(config, tasks, [], {}, collect if rank == 0 else None, RunFolder(config.folder), 0)
    trainer = PolyglotTrainer(
        model=AutoModelForCausalLM.from_pretrained(policy), tokenizer=tokenizer, tasks=tasks, config=config,
        collect=collect, on_step=reporting, callbacks=[watch], world_size=2,
    )  # fmt: skip
    watch.trainer = trainer
    if what == "gone":  # rank 1, without a word
        watch.__dict__["on_step_end"] = gone
    try:
        with saving(trainer, config):
            trainer.train()
    except UserError as error:
        Path(folder, f"{sharding}-{what}-{rank}.txt").write_text(str(error))
    os._exit(0)  # no meeting at the end: one may be missing


if __name__ == "__main__":
    main(*sys.argv[1:])
