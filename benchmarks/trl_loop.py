"""``make bench``: a training step with tools of 50 ms beside TRL's own trainer with its own tool loop, on the demo's
tasks, policy and batch, in one run. TRL samples with transformers' ``generate``: its vLLM modes take no weights on a CPU.
"""

import inspect
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from random import Random
from statistics import median
from typing import Any

import ray
from datasets import Dataset
from rich.console import Console
from rich.table import Table
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

from benchmarks.bench import composed
from benchmarks.slow_catalog import SECONDS, TOOLS, initial_state
from rewards.service import RewardService
from rewards.types import Task
from rl.cluster import start_ray
from rl.config.rewards import reward_settings
from rl.config.schema import Config
from rl.config.trl import trl_settings
from rl.hardware.memory import old_objects_left_alone
from rl.pipeline.collector import Collector
from rl.report.samples import GenerationBatch
from rl.rollout.pool import MAX_CALLS, RolloutPool
from rl.rollout.worker import RolloutWorker, WorkerConfig
from rl.runs.prepare import prepared, with_model
from rl.training.trainer import PolyglotTrainer
from rl.weights.way import way
from sandbox import open_sandbox
from sandbox.tools import call_tool
from sandbox.types import ToolSpec

STEPS = 6  # the first of which warms up
WORKERS = 16  # of the sandbox, which has a call at a time in each
RESPONSES = {  # how TRL reads the built-in policy's turns
    "defaults": {"role": "assistant"},
    "start_anchor": "<|assistant|>",
    "fields": {
        "tool_calls": {
            "open": "<tool_call>", "close_pattern": r"</tool_call>\s*", "repeats": True, "content": "json",
            "transform": {"type": "function", "function": "{content}"},
        },
        "content": {"close_pattern": r"<\|end\|>\s*", "content": "text"},
    },
}  # fmt: skip


class SlowWorker(RolloutWorker):
    """A rollout worker whose sandbox has the slow tools."""

    def tools(self) -> Any:
        return open_sandbox(catalog="benchmarks.slow_catalog", workers=WORKERS)


class SlowPool(RolloutPool):
    def _spawn(self, number: int) -> Any:
        return ray.remote(num_cpus=0, max_concurrency=MAX_CALLS)(SlowWorker).remote(self.config)


def ours(config: Config, policy: str, tasks: list[Task]) -> float:
    """Median seconds of a step, engine, sandbox and scoring in it."""
    start_ray(None)
    worker = WorkerConfig(
        policy,
        config.model,
        config.rollout,
        config.sandbox,
        config.seed,
        way=way(config.rollout, config.cluster),
    )
    pool = SlowPool(worker)
    service = RewardService(reward_settings(config), config.reward.actors)
    collector, batches = Collector(pool, service), list[GenerationBatch]()
    collector.run(pool.start())
    PolyglotTrainer(
        model=AutoModelForCausalLM.from_pretrained(
            policy, attn_implementation=config.model.attn_implementation
        ),
        tokenizer=AutoTokenizer.from_pretrained(policy),
        tasks=tasks,
        config=config,
        collect=collector,
        on_step=batches.append,
    ).train()
    collector.run(pool.close())
    service.close()
    ray.shutdown()
    rows = [row for batch in batches for row in batch.rows]
    calls = sum(len(message.get("tool_calls") or []) for row in rows for message in row.messages)
    print(f"Our tool calls a completion: {calls / len(rows):.2f}")
    return median(batch.figures["time/step"] for batch in batches[1:])


def theirs(config: Config, policy: str, tasks: Sequence[Task]) -> float:
    """Median seconds of a step of ``GRPOTrainer``, whose reward costs nothing."""
    tokenizer = AutoTokenizer.from_pretrained(policy)
    # The tools stand in the system prompt, word for word where ours has them, since TRL shows all to all.
    tokenizer.chat_template = tokenizer.chat_template.replace("tools or messages", "messages").replace(
        "for tool in tools or []", "for tool in []"
    )
    tokenizer.response_template = RESPONSES
    completions = len({task.language for task in tasks}) * config.trainer.prompts_per_language
    completions *= config.trainer.generations
    clock = Clock()
    settings = trl_settings(config, completions)
    trainer = GRPOTrainer(
        model=AutoModelForCausalLM.from_pretrained(
            policy, attn_implementation=config.model.attn_implementation
        ),
        args=GRPOConfig(
            **settings | {"max_completion_length": 3 * config.rollout.max_new_tokens, "save_strategy": "no"},
            max_tool_calling_iterations=config.rollout.max_turns - 1,
        ),
        processing_class=tokenizer,
        train_dataset=Dataset.from_list([{"prompt": with_tools(task)} for task in tasks]),
        tools=[as_python(tool) for tool in {tool.name: tool for t in tasks for tool in t.tools}.values()],
        reward_funcs=[length],
        callbacks=[clock],
    )
    trainer.train()
    called = [
        line["tools/call_frequency"] for line in trainer.state.log_history if "tools/call_frequency" in line
    ]
    print(f"TRL's tool calls a completion: {called}")
    return median(b - a for a, b in pairwise(clock.ends))


class Clock(TrainerCallback):
    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.ends.append(time.perf_counter())


def length(completions: list[Any], **_: Any) -> list[float]:
    return [float(len(str(completion)) % 7) for completion in completions]


def with_tools(task: Task) -> list[dict[str, Any]]:
    shown = "".join(f"\n{tool.name}({', '.join(tool.parameters['properties'])})" for tool in task.tools)
    said = [message for message in task.messages if message["role"] != "system"]
    system = [message["content"] for message in task.messages if message["role"] == "system"]
    return [{"role": "system", "content": "".join(system) + shown}, *said]


def as_python(spec: ToolSpec) -> Callable[..., str]:
    """The slow tool as TRL takes it: a typed, documented function."""

    def call(**arguments: Any) -> str:
        return json.dumps(call_tool(TOOLS[spec.name], arguments, initial_state(), 0, 0), ensure_ascii=False)

    called: Any = call
    names = list(spec.parameters["properties"])
    parameters = [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, annotation=str) for n in names]
    called.__name__ = spec.name
    called.__signature__ = inspect.Signature(parameters, return_annotation=str)
    called.__annotations__ = dict.fromkeys([*names, "return"], str)
    called.__doc__ = f"{spec.description}\n\nArgs:\n" + "".join(f"    {n}: {n}\n" for n in names)
    return call


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        words = [
            "experiment=demo", f"output_dir={folder}", f"trainer.steps={STEPS}", "trainer.save_every=1000", *sys.argv[1:],
        ]  # fmt: skip
        config = composed([*words, "run=ours"])
        run = with_model(prepared(config, test_split=None, training=True))
        tasks = Random(0).sample(run.tasks, 512)
        with old_objects_left_alone():  # as a run does
            own = ours(config, run.model_path, tasks)
        other = theirs(composed([*words, "run=trl"]), run.model_path, tasks)
    table = Table(title=f"A training step of the demo, tools of {1e3 * SECONDS:g} ms")
    for column in ("ours", "TRL's trainer and tool loop", "ratio"):
        table.add_column(column, justify="right")
    table.add_row(f"{own:.2f} s", f"{other:.2f} s", f"{other / own:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
