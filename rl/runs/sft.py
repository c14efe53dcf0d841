"""One supervised run: gold rows, evaluation, SFT, evaluation, the model that GRPO starts from."""

import shlex
import time
from typing import Any

from transformers import TrainerCallback

from rl.config.schema import Config
from rl.data import from_config
from rl.errors import ConfigError
from rl.hardware.devices import hide_other_gpus
from rl.hardware.memory import PeakMemory
from rl.pipeline.collector import Collector
from rl.report.live import console, progress, say, summary_table
from rl.report.run_folder import RunFolder
from rl.report.summary import Summary, new_summary
from rl.rollout.chat import chat_of
from rl.runs.model import check_adapter, described_model, load_policy
from rl.runs.preflight import check_one_device
from rl.runs.prepare import Prepared, prepared, with_model
from rl.runs.run import NOT_EVALUATED, evaluate_into
from rl.runs.services import open_collector
from rl.training.policy import save_policy
from rl.training.sft.mixture import mixed
from rl.training.sft.rows import GoldRow, described, gold_rows
from rl.weights.export import Given, exported
from rl.weights.sender import opened
from rl.weights.way import way


def sft(config: Config) -> Summary:
    """Train on gold trajectories; the model lies in ``outputs/<run>/model``, the summary beside it.

    Raises UserError for what the user can mend, before any model is loaded.
    """
    if config.cluster.kind != "local":
        raise ConfigError("python -m rl.sft runs on one process; leave out cluster")
    check_one_device(config)
    hide_other_gpus()
    evaluates = config.evaluate.before or config.evaluate.after
    run = prepared(config, test_split=config.data.test_split if evaluates else None, training=False)
    config = run.config
    check_adapter(config, described_model(config, len(run.tokenizer)))
    rows = _rows(run)
    folder = RunFolder(config.folder, run.tokenizer.decode, config.report.tokens)
    folder.config(config)
    run = with_model(run)
    summary = new_summary(config.seed)
    summary["seconds"]["warm_start"] = run.warm_start_seconds
    summary["steps"] = len(rows) // config.sft.rows
    with PeakMemory() as memory:
        if evaluates:
            with open_collector(config, run.model_path, run.rewards, run.new_tokens) as collect:
                _evaluated(run, collect, rows, folder, summary)
        else:
            _trained(run, rows, summary)
    summary["peak_memory_gb"] = round(memory.gb, 2)
    path = folder.summary(summary)
    if summary["languages"]:
        console.print(summary_table(summary))
    else:
        say(NOT_EVALUATED)
    start = shlex.quote(f"model={config.folder}/model")
    say(f"Written to {path}", f"GRPO starts from it with: python -m rl.train {start}")
    return summary


def _rows(run: Prepared) -> list[GoldRow]:
    """The run's rows in order, made before anything is started."""
    config = run.config
    tasks = run.tasks or from_config(config.data, config.data.split, config.sandbox)
    chat = chat_of(run.tokenizer, config.model)
    source = str(getattr(config.data, "source", ""))
    rows = gold_rows(tasks, chat, config.sft.weights, config.rollout.max_model_len, source)
    chosen = mixed(rows, config.sft, config.seed)
    console.print(
        f"{len(rows)} gold trajectories of {len(tasks)} tasks; rows by language: {described(chosen)}"
    )
    return chosen


def _evaluated(
    run: Prepared, collect: Collector, rows: list[GoldRow], folder: RunFolder, summary: Summary
) -> None:
    if run.config.evaluate.before:
        evaluate_into(run, collect, "before", summary, folder)
    weights = _trained(run, rows, summary)
    if run.config.evaluate.after:
        sender = opened(way(run.config.rollout, run.config.cluster), collect)
        sender.send(Given(lambda: weights), summary["steps"])
        evaluate_into(run, collect, "after", summary, folder)


def _trained(run: Prepared, rows: list[GoldRow], summary: Summary) -> dict[str, Any]:
    """Train and save the policy; its weights as they are sent to rollout workers."""
    from safetensors.torch import save

    from rl.training.sft.trainer import GoldTrainer  # TRL takes seconds to import

    config, begin = run.config, time.perf_counter()
    model = load_policy(config, run.model_path)
    with progress("SFT", summary["steps"]) as advance:
        trainer = GoldTrainer(
            model=model, tokenizer=run.tokenizer, rows=rows, config=config, callbacks=[_Shown(advance)]
        )
        trainer.train()
    policy = trainer.accelerator.unwrap_model(trainer.model)
    weights = exported(policy)
    save_policy(policy, run.tokenizer, save(weights), config.folder / "model")
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    summary["loss"] = {"first": round(losses[0], 4), "last": round(losses[-1], 4)}
    summary["seconds"]["train"] = round(time.perf_counter() - begin, 1)
    return weights


class _Shown(TrainerCallback):
    """Each step's loss behind the progress bar."""

    def __init__(self, advance: Any) -> None:
        self.advance = advance

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any
    ) -> None:
        if logs and "loss" in logs:
            self.advance(state.global_step, f"loss {logs['loss']:.3f}")
