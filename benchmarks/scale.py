"""``make bench``: what the pipeline hides, what a transfer takes, what advantages cost. Each row is a ratio of two
measures of one run, so that it means the same on a busy machine.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from statistics import median
from typing import Any

import ray
import torch
from rich.console import Console
from rich.table import Table
from transformers import AutoModelForCausalLM, AutoTokenizer, Qwen3Config, Qwen3ForCausalLM

from benchmarks.bench import composed
from rewards.types import Score, Task, Trajectory
from rl.advantages import advantages
from rl.cluster import start_ray
from rl.config.schema import Config, Tiny
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
from rl.weights.base import Weights
from rl.weights.export import Policy
from rl.weights.sender import opened

TOOL, JUDGE, STEPS = 0.2, 0.5, 8  # seconds, seconds, steps


class Waits:
    """Rollouts of one turn, a tool that takes its time and another turn; scores by a judge that takes its own."""

    wanted: Future[None] = Future()

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

    async def busy(self) -> list[float]:
        return [self.engine.busy.seconds()]

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


def transfer(config: Config, folder: Path, tokenizer: Any) -> tuple[float, float, float]:
    """Bytes a second of the weights of 25 million parameters: into the memory that engines read, to a vLLM engine that
    then samples with them, and copied in this process."""
    settings = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=512, num_hidden_layers=8, num_attention_heads=8, num_key_value_heads=4,
        head_dim=64, intermediate_size=1536, tie_word_embeddings=True,
    )  # fmt: skip
    model = Qwen3ForCausalLM(settings)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    worker = WorkerConfig(str(folder), config.model, config.rollout, config.sandbox, 0, way="shared")
    start_ray(None)
    pool: Any = RolloutPool(worker)
    collector = Collector(pool, pool)  # nothing is scored
    collector.run(pool.start())
    sender: Any = opened("shared", collector)
    sent = fastest(lambda: sender.send(Policy(model), 1))
    source = sender.engine.source
    written = fastest(lambda: sender.engine.memory.write(source.metadata(), source))
    collector.run(pool.close())
    collector.runner.close()
    ray.shutdown()
    copied = fastest(lambda: [tensor.clone() for _, tensor in Policy(model)])
    size = sum(tensor.nbytes for _, tensor in Policy(model))
    return size / written, size / sent, size / copied


def million() -> tuple[float, float]:
    """Seconds of the default's advantages of a million samples, and of one scatter-add of as many."""
    n, torch_seed = 1_000_000, torch.Generator().manual_seed(0)
    rewards = torch.rand(n, generator=torch_seed)
    prompt = torch.arange(n) // 8
    language, task = prompt % 15, prompt // 15

    def ours_once() -> torch.Tensor:
        return advantages(
            rewards, prompt=prompt, language=language, task=task, baseline="prompt", scale="prompt"
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
        words = ["rollout.dtype=float32", "rollout.kv_cache_gib=0.1", "run=bench", f"output_dir={folder}"]
        written, sent, copied = transfer(
            composed([*words, "sandbox.workers=1"]), folder / "larger", tokenizer
        )
        for what, rate in (("into shared memory", written), ("to a vLLM engine", sent)):
            table.add_row(
                f"weights {what}, beside a copy into new memory", f"{rate / 1e6:,.0f} MB/s", f"{copied / 1e6:,.0f} MB/s",
                f"{rate / copied:.2f}",
            )  # fmt: skip
    ours, scatter = million()
    table.add_row(
        "advantages of a million samples, beside one scatter-add",
        f"{1e3 * ours:.0f} ms", f"{1e3 * scatter:.1f} ms", f"{ours / scatter:.1f}",
    )  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    main()
