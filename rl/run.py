"""One run on one rank: data, policy, evaluation, GRPO, evaluation, summary."""

import errno
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from transformers.trainer_utils import get_last_checkpoint
from transformers.utils.logging import disable_progress_bar

from rewards.types import Task
from rl.chat import Chat
from rl.config import Config
from rl.data import from_config
from rl.errors import UserError
from rl.evaluation import evaluate, held_out
from rl.launch import open_collector
from rl.memory import PeakMemory
from rl.report.files import RunFolder, read_summary
from rl.report.live import TrainingView, console, progress, summary_table
from rl.rollout.collect import Collector
from rl.warm_start import warm_started

Summary = dict[str, Any]
disable_progress_bar()  # of loading and saving weights; the run shows its own


def train(config: Config) -> Summary:
    """Train the policy of ``config``; the summary is also written to ``outputs/<run>/summary.json``.

    Raises UserError for what the user can mend; a checkpoint of what was trained is written first.
    """
    rank = int(os.environ.get("RANK", "0"))
    folder = RunFolder(config.folder)
    if rank == 0:
        folder.config(config)
    summary = read_summary(config.folder) if config.resume else None
    summary = summary or {"seed": config.seed, "languages": {}, "seconds": {}, "peak_memory_gb": 0.0}
    with PeakMemory() as memory:
        tasks = from_config(config.data, config.data.split)
        tests = held_out(from_config(config.data, config.data.test_split), config.evaluate.tasks_per_language)
        model_path, seconds = policy_path(config, tasks)
        summary["seconds"].setdefault("warm_start", seconds)
        tokenizer = AutoTokenizer.from_pretrained(
            model_path, trust_remote_code=config.model.trust_remote_code
        )
        Chat(tokenizer)  # a template that cannot show tools is refused before anything starts
        check_disk(config, Path(model_path))
        with open_collector(config, model_path) as collect:
            if rank == 0 and config.evaluate.before and not summary["languages"]:
                _evaluate(config, collect, tests, "before", summary, folder)
                folder.summary(summary)
            stopped = _grpo(config, collect, tokenizer, model_path, tasks, folder, summary)
            if rank == 0 and not stopped and config.evaluate.after:
                _evaluate(config, collect, tests, "after", summary, folder)
        summary["peak_memory_gb"] = round(max(memory.gb, summary["peak_memory_gb"]), 2)
    if rank == 0:
        path = folder.summary(summary)
    if stopped:
        raise UserError(
            f"Stopped after step {summary['steps']} of {config.trainer.steps}, checkpoint written; go on with: "
            f"python -m rl.train resume={config.folder}"
        )
    if rank == 0:
        console.print(summary_table(summary), f"Written to {path}")
    return summary


def policy_path(config: Config, tasks: list[Task]) -> tuple[str, float]:
    """Where the starting model lies, and the seconds that making it took (0: it was there)."""
    if config.model.path != "tiny":
        return config.model.path, 0.0
    begin = time.perf_counter()
    with progress("Warm start", 1.0) as advance:
        folder = warm_started(config, tasks, advance)
        advance(1.0, str(folder))
    return str(folder), round(time.perf_counter() - begin, 1)


def check_disk(config: Config, model: Path) -> None:
    """Refuse to start where the checkpoints cannot fit (weights and two optimizer states each)."""
    size = sum(file.stat().st_size for file in model.glob("*.safetensors")) if model.is_dir() else 0
    needed = 4 * size * (config.trainer.keep + 1) + 50 * 2**20
    free = shutil.disk_usage(config.folder).free
    if free < needed:
        raise UserError(
            f"{config.output_dir} has {free / 1e9:.1f} GB free and this run's checkpoints may need "
            f"{needed / 1e9:.1f} GB; free some space, lower trainer.keep, or set output_dir to another disk."
        )


def _evaluate(
    config: Config, collect: Collector, tests: list[Task], when: str, summary: Summary, folder: RunFolder
) -> None:
    begin = time.perf_counter()
    with progress(f"Held-out tasks, {when}", len(tests)) as advance:
        done = iter(range(1, len(tests) + 1))
        results, rows = evaluate(
            collect,
            tests,
            temperature=config.evaluate.temperature,
            on_done=lambda: advance(next(done)),
        )
    folder.rollouts(f"evaluation-{when}", rows)
    for language, result in results.items():
        summary["languages"].setdefault(language, {})[when] = result
    spent = summary["seconds"].get("evaluate", 0.0) + time.perf_counter() - begin
    summary["seconds"]["evaluate"] = round(spent, 1)


def _grpo(
    config: Config,
    collect: Collector,
    tokenizer: Any,
    model_path: str,
    tasks: list[Task],
    folder: RunFolder,
    summary: Summary,
) -> bool:
    """Train; True if the user stopped the run before its end."""
    from rl.trainer import PolyglotTrainer  # TRL takes seconds to import: only once data and model are right

    checkpoints = config.folder / "checkpoints"
    last = get_last_checkpoint(str(checkpoints)) if config.resume and checkpoints.is_dir() else None
    done = int(last.rsplit("-", 1)[1]) if last else 0
    model = AutoModelForCausalLM.from_pretrained(
        model_path,
        dtype=getattr(torch, config.model.dtype),
        trust_remote_code=config.model.trust_remote_code,
        attn_implementation=config.model.attn_implementation,
    )
    stop = StopOnInterrupt()
    begin = time.perf_counter()
    with TrainingView(config.trainer.steps, done) as view:

        def on_step(step: Any) -> None:
            folder.step(step)
            view.step(step)

        trainer = PolyglotTrainer(
            model=model,
            tokenizer=tokenizer,
            tasks=tasks,
            config=config,
            collect=collect,
            on_step=on_step,
            callbacks=[stop],
            world_size=int(os.environ.get("WORLD_SIZE", "1")),
        )
        with stop.listening(), _saving(trainer, config):
            trainer.train(resume_from_checkpoint=last)
        trainer.send_weights()
    spent = summary["seconds"].get("train", 0.0) + time.perf_counter() - begin
    summary["seconds"]["train"] = round(spent, 1)
    summary["steps"] = trainer.state.global_step
    if not stop.asked:
        trainer.save_model(str(config.folder / "model"))
    return stop.asked


class StopOnInterrupt(TrainerCallback):
    """The first Ctrl-C ends the run after the step in progress, with a checkpoint; the second at once."""

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        before = signal.signal(signal.SIGINT, self._on_signal)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _on_signal(self, *_: Any) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        console.print("Finishing this step, then writing a checkpoint; Ctrl-C again stops at once.")

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self.asked:
            control.should_save = control.should_training_stop = True


@contextmanager
def _saving(trainer: Any, config: Config) -> Iterator[None]:
    """On any failure write a checkpoint of the steps that were done, then say how to go on."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise UserError(
            f"The disk of {config.output_dir} is full; free some space, then go on with "
            f"resume={config.folder} (the last whole checkpoint is kept)."
        ) from error
    except UserError as error:
        if trainer.state.global_step:
            trainer._save_checkpoint(trainer.model, trial=None)
        raise UserError(
            f"{error} (Go on from step {trainer.state.global_step} with resume={config.folder}.)"
        ) from error
