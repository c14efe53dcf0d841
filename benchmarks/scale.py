"""``make bench``: what the pipeline hides, what a transfer takes, what advantages cost. Each row is a ratio of two
measures of one run, so that it means the same on a busy machine.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import ray
import torch
from rich.console import Console
from rich.table import Table
from transformers import AutoModelForCausalLM, AutoTokenizer

from benchmarks.bench import composed
from rewards.types import Score, Task, Trajectory
from rl.advantages import advantages
from rl.cluster import start_ray
from rl.config.load import Config, Tiny
from rl.data.catalog import tasks as catalog
from rl.pipeline.collector import Collector
from rl.report.samples import GenerationBatch
from rl.rollout.chat import Chat
from rl.rollout.engines.base import Sampling
from rl.rollout.engines.transformers import HfEngine
from rl.rollout.gate import GatedEngine
from rl.rollout.pool import RolloutPool
from rl.rollout.worker import WorkerConfig
from rl.tiny import model as tiny
from rl.training.trainer import PolyglotTrainer
from rl.weights.base import Weights, in_parts
from rl.weights.export import exported

TOOL, JUDGE, STEPS = 0.2, 0.5, 8  # seconds, seconds, steps


class Waits:
    """Rollouts of one turn, a tool that takes its time and another turn; scores by a judge that takes its own."""

    def __init__(self, policy: Path, tokenizer: Any) -> None:
        self.chat = Chat(tokenizer)
        ends = self.chat.end_ids
        self.engine = GatedEngine(HfEngine(str(policy), dtype="float32", concurrency=64, end_ids=ends))

    async def rollout(self, task: Task, seed: int, temperature: float) -> tuple[Trajectory, dict[str, float]]:
        prompt, sampling = self.chat.prompt_ids(task.messages, task.tools), Sampling(24, temperature)
        first = await self.engine.generate(prompt, sampling, seed)
        await asyncio.sleep(TOOL)
        second = await self.engine.generate(prompt + first.token_ids, sampling, seed + 1)
        ids = first.token_ids + second.token_ids
        made = Trajectory(
            task.id, prompt, ids, [True] * len(ids), first.logprobs + second.logprobs, [], [], [], "end",
            second.version, None, first.version,
        )  # fmt: skip
        return made, {"rollout": 1.0, "tools": 0.0}

    def keep(self, part: Weights) -> Weights:
        return Weights({name: tensor.clone() for name, tensor in part.tensors.items()}, part.version)

    async def load_weights(self, parts: Sequence[Weights]) -> None:
        await self.engine.load_weights(parts)

    async def score(self, task: Task, trajectory: Trajectory, step: int | None = None) -> Score:
        await asyncio.sleep(JUDGE)
        return Score((sum(trajectory.token_ids) % 97) / 97, {"drawn": 0.0})

    def metrics(self) -> dict[str, float]:
        return {}


def steps(policy: Path, folder: Path, ahead: int) -> tuple[float, float, float]:
    """Median seconds of a step, of what it took to have a batch's samples and scores, and of the update."""
    tokenizer = AutoTokenizer.from_pretrained(policy)
    tasks = catalog.load("train", ["en", "fr", "zh", "ar"], ["world_time", "set_alarm"], per_tool=4)
    config = composed(
        [
            "rollout=hf", f"rollout.ahead={ahead}", "trainer.generations=4", "trainer.prompts_per_language=2",
            f"trainer.steps={STEPS}", "trainer.save_every=1000", f"run=ahead{ahead}", f"output_dir={folder}",
        ]
    )  # fmt: skip
    waits, batches = Waits(policy, tokenizer), list[GenerationBatch]()
    collector = Collector(waits, waits)
    PolyglotTrainer(
        model=AutoModelForCausalLM.from_pretrained(policy),
        tokenizer=tokenizer,
        tasks=tasks,
        config=config,
        collect=collector,
        on_step=batches.append,
    ).train()
    collector.runner.close()
    late = batches[2:]
    sampled = median(batch.seconds["sampling"] + batch.seconds["scoring"] for batch in late)
    return median(b.figures["time/step"] for b in late), sampled, median(b.seconds["update"] for b in late)


def transfer(config: Config, policy: Path) -> tuple[float, float]:
    """Bytes a second of weights to one engine through the pool, and of copying them in memory."""
    tensors = exported(AutoModelForCausalLM.from_pretrained(policy, dtype=torch.float32))
    size = sum(tensor.nbytes for tensor in tensors.values())
    worker = WorkerConfig(str(policy), config.model, config.rollout, config.sandbox, 0)

    async def send(pool: RolloutPool) -> float:
        await pool.start()
        best = min([await _sent(pool, tensors) for _ in range(5)])
        await pool.close()
        return best

    start_ray(None)
    seconds = asyncio.run(send(RolloutPool(worker)))
    ray.shutdown()
    copied = fastest(lambda: [tensor.clone() for tensor in tensors.values()])
    return size / seconds, size / copied


async def _sent(pool: RolloutPool, tensors: dict[str, torch.Tensor]) -> float:
    begin = time.perf_counter()
    await pool.load_weights([pool.keep(part) for part in in_parts(tensors.items(), 1)])
    return time.perf_counter() - begin


def million() -> tuple[float, float]:
    """Seconds of the default advantages of a million samples, and of one scatter-add of as many."""
    n, torch_seed = 1_000_000, torch.Generator().manual_seed(0)
    rewards = torch.rand(n, generator=torch_seed)
    prompt = torch.arange(n) // 8
    language, task = prompt % 15, prompt // 15

    def ours_once() -> torch.Tensor:
        return advantages(
            rewards, prompt=prompt, language=language, task=task, baseline="shrunk", scale="language"
        )

    ours = fastest(ours_once)
    return ours, fastest(lambda: torch.zeros(n).scatter_add_(0, prompt, rewards))


def fastest(call: Callable[[], object], times: int = 5) -> float:
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        found.append(time.perf_counter() - begin)
    return min(found)


def main() -> None:
    table = Table(title="The pipeline, in ratios")
    for column in ("measure", "value", "beside", "ratio"):
        table.add_column(column, justify="left" if column == "measure" else "right")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tasks = catalog.load("train", ["en", "fr", "zh", "ar"], ["world_time", "set_alarm"], per_tool=4)
        tokenizer = tiny.train_tokenizer(tasks, 2048, 512)
        tiny.new_model(Tiny(hidden_size=256, layers=6), tokenizer, 512, seed=0).save_pretrained(
            folder / "policy"
        )
        tokenizer.save_pretrained(folder / "policy")
        for ahead in (0, 1):
            step, sampled, update = steps(folder / "policy", folder, ahead)
            longer = max(sampled, update)
            table.add_row(
                f"a step at ahead={ahead}, tools of {TOOL} s and a judge of {JUDGE} s, beside the longer of its batch's "
                f"sampling ({sampled:.2f} s) and its update ({update:.2f} s)",
                f"{step:.2f} s", f"{longer:.2f} s", f"{step / longer:.2f}",
            )  # fmt: skip
        config = composed(["rollout=hf", "run=bench", f"output_dir={folder}", "sandbox.workers=1"])
        sent, copied = transfer(config, folder / "policy")
        table.add_row(
            "weights to an engine, beside a copy in memory", f"{sent / 1e6:,.0f} MB/s", f"{copied / 1e6:,.0f} MB/s",
            f"{sent / copied:.2f}",
        )  # fmt: skip
    ours, scatter = million()
    table.add_row(
        "advantages of a million samples, beside one scatter-add",
        f"{1e3 * ours:.0f} ms", f"{1e3 * scatter:.1f} ms", f"{ours / scatter:.1f}",
    )  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    main()
