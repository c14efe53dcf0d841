"""``make bench``: how fast the loop is beside the bare engine, and where a step's seconds go.

Everything is measured in one run on one machine; compare the ratios, not the seconds.
"""

import asyncio
import tempfile
import time
from itertools import chain, pairwise
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from omegaconf import OmegaConf
from rich.console import Console
from rich.table import Table

from rewards.types import Task, Trajectory
from rl.config.load import load
from rl.config.schema import Config
from rl.hardware.memory import PeakMemory, old_objects_left_alone
from rl.pipeline.collector import Job
from rl.rollout.chat import Chat
from rl.rollout.engines.base import Sampling
from rl.runs.prepare import prepared, with_model
from rl.runs.run import train
from rl.runs.services import configured_rewards, open_collector

COMPLETIONS = 512
PASSES = 3  # that count, after one that warms up


def bare_engine(config: Config, model_path: str, batches: list[list[list[int]]]) -> list[float]:
    """Sampled tokens a second of vLLM alone, for each batch of prompts ([N] token ids each) that is submitted at once."""
    from transformers import AutoTokenizer

    from rl.rollout.engines.vllm import VllmEngine

    rollout = config.rollout

    async def measure() -> list[float]:
        engine = VllmEngine(
            model_path,
            dtype=rollout.dtype,
            max_model_len=rollout.max_model_len,
            concurrency=rollout.concurrency,
            tensor_parallel=1,
            gpu_memory_utilization=rollout.gpu_memory_utilization,
            kv_cache_gib=rollout.kv_cache_gib,
            end_ids=Chat(AutoTokenizer.from_pretrained(model_path)).end_ids,
            seed=0,
        )
        sampling = Sampling(rollout.max_new_tokens)

        async def rate(prompts: list[list[int]]) -> float:
            begin = time.perf_counter()
            samples = await asyncio.gather(*(engine.generate(p, sampling, i) for i, p in enumerate(prompts)))
            return sum(len(s.token_ids) for s in samples) / (time.perf_counter() - begin)

        passes = [[await rate(prompts) for prompts in batches] for _ in range(1 + PASSES)]
        engine.close()
        return list(map(median, zip(*passes[1:], strict=True)))

    return asyncio.run(measure())


def turns(trajectory: Trajectory) -> list[list[int]]:
    """The prompt of each of its turns."""
    sampled = [False, *trajectory.sampled]
    starts = [i for i, (before, now) in enumerate(pairwise(sampled)) if now and not before]
    return [trajectory.prompt_ids + trajectory.token_ids[:i] for i in starts]


def whole_loop(
    config: Config, model_path: str, tasks: list[Task]
) -> tuple[float, dict[str, float], list[Trajectory]]:
    """Sampled tokens a second of rollouts with tool calls and scoring, seconds of their parts, and the rollouts."""
    with open_collector(config, model_path, configured_rewards(config)) as collect:
        jobs = [Job(task, 16 * i) for i, task in enumerate(tasks)]
        rates = []
        with old_objects_left_alone():  # as a run does
            for _ in range(1 + PASSES):
                begin = time.perf_counter()
                samples = collect(jobs, 1.0)
                seconds = time.perf_counter() - begin
                rates.append(sum(sum(sample.trajectory.sampled) for sample in samples) / seconds)
        return median(rates[1:]), dict(collect.seconds), [sample.trajectory for sample in samples]


def steps(config: Config) -> tuple[dict[str, float], float]:
    """Mean seconds of a training step by part, and the peak memory in GB."""
    import json

    summary = train(config)
    lines = (config.folder / "metrics.jsonl").read_text().splitlines()[1:]
    seconds = [json.loads(line)["seconds"] for line in lines]
    return {name: sum(s[name] for s in seconds) / len(seconds) for name in seconds[0]}, summary[
        "peak_memory_gb"
    ]


def composed(overrides: list[str]) -> Config:
    from hydra import compose, initialize_config_dir

    conf = str(Path(__file__).resolve().parent.parent / "conf")
    with initialize_config_dir(conf, version_base="1.3"):
        return load(OmegaConf.create(OmegaConf.to_container(compose("config", overrides), resolve=True)))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, PeakMemory() as memory:
        config = composed(
            [
                "experiment=demo",
                "run=bench",
                f"output_dir={folder}",
                "trainer.steps=6",
                "trainer.save_every=100",
                "evaluate.before=false",
                "evaluate.after=false",
            ]
        )
        run = with_model(prepared(config, test_split=None, training=True))
        model_path = run.model_path
        batch = Random(0).sample(run.tasks, COMPLETIONS)
        loop, parts, rollouts = whole_loop(config, model_path, batch)
        by_turn = [turns(rollout) for rollout in rollouts]
        firsts, all_turns = [prompts[0] for prompts in by_turn], list(chain.from_iterable(by_turn))
        bare = bare_engine(config, model_path, [firsts, all_turns])
        by_part, peak = steps(config)
        show(bare, loop, parts, by_part, max(peak, memory.gb))


def show(
    bare: list[float], loop: float, parts: dict[str, float], by_part: dict[str, float], peak: float
) -> None:
    table = Table(title=f"{COMPLETIONS} completions of the demo's tasks")
    table.add_column("measure")
    table.add_column("value", justify="right")
    rows: list[tuple[str, Any]] = [
        ("bare engine, first turns alone, sampled tokens a second", f"{bare[0]:,.0f}"),
        ("bare engine, all of the loop's turns at once", f"{bare[1]:,.0f}"),
        ("whole loop (tools and scoring in it), sampled tokens a second", f"{loop:,.0f}"),
        ("loop / bare engine, first turns", f"{loop / bare[0]:.2f}"),
        ("loop / bare engine, the same turns", f"{loop / bare[1]:.2f}"),
        ("scoring, mean ms a trajectory (while others sample)", f"{1e3 * parts['scoring_each']:.1f}"),
        *(
            (f"a training step: {name}, s", f"{by_part[name]:.3f}")
            for name in ("sampling", "tools", "scoring", "update", "transfer")
        ),
        ("peak memory of all processes, GB", f"{peak:.2f}"),
    ]
    for row in rows:
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main()
