"""One run on one rank: data, policy, evaluation, GRPO, evaluation, summary."""

import errno
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from transformers.utils.logging import disable_progress_bar

from rewards.types import Task
from rl.chat import Chat
from rl.checks import check_disk, check_prompts, check_sandbox
from rl.config import Config
from rl.data import from_config
from rl.errors import UserError
from rl.evaluation import Result, evaluate, held_out
from rl.memory import PeakMemory, keep_freed_memory
from rl.report.files import RunFolder, read_summary
from rl.report.live import TrainingView, console, progress, summary_table
from rl.rollout.collect import Collector
from rl.services import check_parts, configured_rewards, open_collector
from rl.warm_start import warm_started

Summary = dict[str, Any]
disable_progress_bar()  # of loading and saving weights; the run shows its own


def train(config: Config) -> Summary:
    """Train the policy of ``config``; the summary is also written to ``outputs/<run>/summary.json``.

    Raises UserError for what the user can mend; a checkpoint of what was trained is written first.
    """
    if config.cluster.kind == "local" and torch.cuda.device_count() > 1:
        os.environ["CUDA_VISIBLE_DEVICES"] = "0"  # one process trains on one GPU; cluster=ray takes more
    if not torch.cuda.is_available():
        keep_freed_memory()
    folder = RunFolder(config.folder)
    if rank() == 0:
        folder.config(config)
    summary = read_summary(config.folder) if config.resume else None
    summary = summary or {"seed": config.seed, "languages": {}, "seconds": {}, "peak_memory_gb": 0.0}
    with PeakMemory() as memory:
        check_parts(config)
        rewards = configured_rewards(config)
        tasks = from_config(config.data, config.data.split, config.sandbox)
        held = from_config(config.data, config.data.test_split, config.sandbox)
        tests = held_out(held, config.evaluate.tasks_per_language)
        check_sandbox(config, [*tasks, *tests])
        model_path, seconds = policy_path(config, tasks)
        summary["seconds"].setdefault("warm_start", seconds)
        tokenizer = load_tokenizer(config, model_path)
        check_prompts(
            config,
            Chat(tokenizer, config.model.call_format, **config.model.chat_template_kwargs),
            [*tasks, *tests],
        )
        check_disk(config, Path(model_path))
        with open_collector(config, model_path, rewards) as collect:
            if rank() == 0 and config.evaluate.before and not summary["languages"]:
                _evaluate(config, collect, tests, "before", summary, folder)
                folder.summary(summary)
            stopped = _grpo(config, collect, tokenizer, model_path, tasks, folder, summary)
            if rank() == 0 and not stopped and config.evaluate.after:
                _evaluate(config, collect, tests, "after", summary, folder)
        summary["peak_memory_gb"] = round(max(memory.gb, summary["peak_memory_gb"]), 2)
    if rank() == 0:
        path = folder.summary(summary)
    if stopped:
        raise UserError(
            f"Stopped after step {summary['steps']} of {config.trainer.steps}, checkpoint written; go on with: "
            f"python -m rl.train resume={config.folder}"
        )
    if rank() == 0:
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


def load_tokenizer(config: Config, model_path: str) -> Any:
    """The model's tokenizer. Raises UserError where there is no such model."""
    try:
        return AutoTokenizer.from_pretrained(model_path, trust_remote_code=config.model.trust_remote_code)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(
            f"The model {model_path} cannot be loaded ({reason}); give a folder or a hub id that can be reached."
        ) from error


def _evaluate(
    config: Config, collect: Collector, tests: list[Task], when: str, summary: Summary, folder: RunFolder
) -> None:
    begin = time.perf_counter()
    results = evaluate_shown(config, collect, tests, f"evaluation-{when}", folder)
    for language, result in results.items():
        summary["languages"].setdefault(language, {})[when] = result
    spent = summary["seconds"].get("evaluate", 0.0) + time.perf_counter() - begin
    summary["seconds"]["evaluate"] = round(spent, 1)


def evaluate_shown(
    config: Config, collect: Collector, tests: list[Task], name: str, folder: RunFolder
) -> dict[str, Result]:
    """Evaluate behind a progress bar; the samples are kept as ``rollouts/<name>.parquet``."""
    with progress(name, len(tests)) as advance:
        done = iter(range(1, len(tests) + 1))
        results, rows = evaluate(
            collect,
            tests,
            temperature=config.evaluate.temperature,
            on_done=lambda: advance(next(done)),
        )
    folder.rollouts(name, rows)
    return results


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

    last = last_checkpoint(config.folder) if config.resume else None
    done = int(last.name.rsplit("-", 1)[1]) if last else 0
    if rank() == 0:
        folder.cut(done)
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
            trainer.train(resume_from_checkpoint=str(last) if last else None)
        trainer.send_weights()
    spent = summary["seconds"].get("train", 0.0) + time.perf_counter() - begin
    summary["seconds"]["train"] = round(spent, 1)
    summary["steps"] = trainer.state.global_step
    if not stop.asked and rank() == 0:
        trainer.save_policy(config.folder / "model")
    return stop.asked


def rank() -> int:
    """This process's rank; 0 where there is one process."""
    return int(os.environ.get("RANK", "0"))


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end: ``trainer_state.json`` comes last."""
    whole = [file.parent for file in folder.glob("checkpoints/checkpoint-*/trainer_state.json")]
    return max(whole, key=lambda path: int(path.name.rsplit("-", 1)[1]), default=None)


class StopOnInterrupt(TrainerCallback):
    """The first Ctrl-C ends the run after the step in progress, with a checkpoint; the second at once."""

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield  # under Ray Train, where the driver gets the signal
            return
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
    except (Exception, KeyboardInterrupt) as error:
        step, folder = trainer.state.global_step, config.folder
        if _disk_is_full(error, folder):
            raise UserError(
                f"The disk of {config.output_dir} is full; free some space, then go on from the last whole "
                f"checkpoint with: python -m rl.train resume={folder}"
            ) from error
        if step:
            trainer._save_checkpoint(trainer.model, trial=None)
            console.print(
                f"Checkpoint of step {step} written; go on with: python -m rl.train resume={folder}"
            )
        raise


def _disk_is_full(error: BaseException, folder: Path) -> bool:
    """Each library has its own error for a full disk, so the disk itself is asked, too."""
    written_out = isinstance(error, OSError) and error.errno == errno.ENOSPC
    return written_out or "No space left" in str(error) or shutil.disk_usage(folder).free < 2**20
