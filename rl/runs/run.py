"""One run on one rank: data, policy, evaluation, GRPO, evaluation, summary."""

import os
import shutil
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from transformers.utils.logging import disable_progress_bar

from rl.cluster import place_of_rank, rank
from rl.config.schema import Config
from rl.errors import UserError
from rl.evaluation.during import DuringTraining
from rl.evaluation.held_out import evaluate
from rl.evaluation.results import Results
from rl.evaluation.results import results as all_figures
from rl.evaluation.retained import gold_of
from rl.evaluation.slices import compared
from rl.evaluation.written import write
from rl.hardware.devices import hide_other_gpus
from rl.hardware.memory import PeakMemory, keep_freed_memory, old_objects_left_alone
from rl.pipeline.collector import Collector
from rl.pipeline.ranks import Ranks, of_all_ranks
from rl.report.live import TrainingView, console, progress, say, summary_table
from rl.report.page import looked_at
from rl.report.run_folder import RunFolder, read_summary
from rl.report.samples import GenerationBatch
from rl.report.summary import Summary, new_summary
from rl.report.trackers import keep_in_folder, track, track_evaluation
from rl.rollout.chat import chat_of
from rl.rollout.endpoint import EndpointRollouts
from rl.runs.model import load_policy
from rl.runs.plan import told
from rl.runs.prepare import Prepared, prepared, with_model
from rl.runs.resume import check_steps, is_finished, still_true
from rl.runs.services import open_collector
from rl.training.checkpoints import (
    StopOnInterrupt,
    check_alike,
    check_whole,
    last_checkpoint,
    resume_command,
    saving,
    steps_of,
)
from rl.weights.export import Given
from rl.weights.way import served_rank

__all__ = ["StopOnInterrupt", "evaluate_into", "evaluate_shown", "last_checkpoint", "rank", "train"]

NOT_EVALUATED = (
    "Not evaluated, as evaluate.before and evaluate.after say; python -m rl.evaluate model=... does it."
)
disable_progress_bar()  # of loading and saving weights; the run shows its own


def train(config: Config) -> Summary:
    """Train the policy of ``config``; the summary is also written to ``outputs/<run>/summary.json``.

    Raises UserError for what the user can mend; a checkpoint of what was trained is written first.
    """
    if config.cluster.kind == "local":
        hide_other_gpus()
    if not torch.cuda.is_available():
        keep_freed_memory()
    last = _goes_on_from(config)
    done = steps_of(last) if last else 0
    before = read_summary(config.folder) if config.resume else None
    check_steps(config, done, before is not None and is_finished(config, before, done))
    summary = still_true(before) if before else new_summary(config.seed)
    evaluates = config.evaluate.before or config.evaluate.after
    run = prepared(config, test_split=config.data.test_split if evaluates else None, training=True)
    folder = RunFolder(config.folder, run.tokenizer.decode, config.report.tokens)
    keep_in_folder(config)
    if rank() == 0:
        folder.config(config, done)
        if run.memory:
            console.print(told(run.memory), style="dim", highlight=False)
        if run.new_tokens:
            budgets = " ".join(f"{tag} {tokens}" for tag, tokens in sorted(run.new_tokens.items()))
            console.print(f"Tokens a turn by language: {budgets}", style="dim", highlight=False)
    ranks = Ranks(rank(), int(os.environ.get("WORLD_SIZE", "1")))
    with PeakMemory() as memory:
        run = with_model(run)
        summary["seconds"].setdefault("warm_start", run.warm_start_seconds)
        with _opened(run) as collect:
            if config.evaluate.before and not summary["languages"]:
                # The other ranks wait here, as long as it takes: what they meet at next has a limit of half an hour.
                ranks.from_main(lambda: _evaluated_before(run, collect, summary, folder))
            stopped = _grpo(run, collect, folder, summary, last, ranks.world)
            if collect and not stopped and config.evaluate.after:
                evaluate_into(run, collect, "after", summary, folder)
        summary["peak_memory_gb"] = round(max(memory.gb, summary["peak_memory_gb"]), 2)
    if rank() == 0:
        path = folder.summary(summary)
        track(config, summary["steps"], {f"seconds/run/{k}": v for k, v in summary["seconds"].items()})
    if stopped:
        raise UserError(
            f"Stopped after step {summary['steps']} of {config.trainer.steps}, checkpoint written; go on with: "
            f"{resume_command(config.folder)}"
        )
    if rank() == 0:
        if summary["languages"]:
            console.print(summary_table(summary))
        else:
            say(NOT_EVALUATED)
        say(f"Written to {path}", looked_at(config.folder))
    return summary


def _goes_on_from(config: Config) -> Path | None:
    """The checkpoint that all ranks go on from, None for a run that begins."""
    if not config.resume:
        return None
    last = last_checkpoint(config.folder)
    check_alike(last)
    if last:
        check_whole(last)
    return last


def _opened(run: Prepared) -> AbstractContextManager[Collector | None]:
    """What samples and scores: the first rank has it, for all."""
    shares = run.config.cluster.placement == "colocated" and run.config.cluster.kind == "ray"
    places = of_all_ranks(place_of_rank()) if shares else None
    return (
        open_collector(
            run.config, run.model_path, run.rewards, run.new_tokens, places, served_rank(run.config)
        )
        if rank() == 0
        else nullcontext()
    )


def _evaluated_before(run: Prepared, collect: Collector | None, summary: Summary, folder: RunFolder) -> None:
    assert collect is not None, "the main rank samples"
    evaluate_into(run, collect, "before", summary, folder)
    folder.summary(summary)


def evaluate_into(run: Prepared, collect: Collector, when: str, summary: Summary, folder: RunFolder) -> None:
    """Evaluate behind a progress bar; the languages' results and the seconds go into the summary."""
    begin = time.perf_counter()
    results = evaluate_shown(run, collect, f"evaluation-{when}", folder)
    for language, result in results["languages"].items():
        summary["languages"].setdefault(language, {})[when] = result
    spent = summary["seconds"].get("evaluate", 0.0) + time.perf_counter() - begin
    summary["seconds"]["evaluate"] = round(spent, 1)


def evaluate_shown(run: Prepared, collect: Collector, name: str, folder: RunFolder) -> Results:
    """Evaluate behind a progress bar; the figures are kept as ``<name>.json``, ``.csv`` and ``.md``, the samples as
    ``rollouts/<name>.parquet``."""
    settings, model = run.config.evaluate, run.config.model
    tasks = [*run.tests, *(task for of in run.slices.values() for task in of)]
    jobs = len(tasks) * settings.samples
    with old_objects_left_alone(), progress(name, jobs) as advance:
        done = iter(range(1, jobs + 1))
        samples, rows = evaluate(
            collect,
            tasks,
            temperature=settings.temperature,
            samples=settings.samples,
            on_done=lambda: advance(next(done)),
        )
    folder.rollouts(name, rows)
    if masked := sum(row.reward is None for row in rows):
        console.print(
            f"{masked} of {len(rows)} samples are masked (we failed, not the model) and count nowhere; the notes in "
            f"rollouts/{name}.parquet say why."
        )
    chat = run.tokenizer and chat_of(run.tokenizer, model)
    names = {task.id: name for name, of in run.slices.items() for task in of}
    plain = [sample for sample in samples if sample.task.id not in names]
    trained = run.config.data.languages if settings.languages else None
    found = all_figures(plain, settings.samples, settings.temperature, chat, trained)
    if run.slices:
        changed = {name: [s for s in samples if names.get(s.task.id) == name] for name in run.slices}
        found["slices"] = compared(plain, changed)
    if isinstance(collect.rollouts, EndpointRollouts):
        found["spend"] = collect.rollouts.spend
    write(folder.path, name, found)
    track_evaluation(run.config, folder.path, name)
    return found


def _grpo(
    run: Prepared,
    collect: Collector | None,
    folder: RunFolder,
    summary: Summary,
    last: Path | None,
    world: int,
) -> bool:
    """Train, one of ``world`` ranks; True if the user stopped the run before its end."""
    from rl.training.trainer import PolyglotTrainer  # TRL takes seconds to import

    config = run.config
    done = steps_of(last) if last else 0
    if rank() == 0:
        folder.cut(done)
        folder.summary(summary)
    if collect is not None and config.cluster.placement == "colocated":
        collect.sleep()
    stop, watch = StopOnInterrupt(), None
    if config.evaluate.during.every:
        gold = gold_of(run.retained, chat_of(run.tokenizer, config.model), config.rollout.max_model_len)
        watch = DuringTraining(config, run.watched, run.retained, gold, collect, folder, done)
    begin = time.perf_counter()
    with TrainingView(config.trainer.steps, done) as view:

        def on_step(step: GenerationBatch) -> None:
            folder.step(step)
            view.step(step)
            if watch:
                watch.saw(step)

        trainer = PolyglotTrainer(
            model=load_policy(config, run.model_path),
            tokenizer=run.tokenizer,
            tasks=run.tasks,
            config=config,
            collect=collect,
            on_step=on_step,
            callbacks=[stop, watch] if watch else [stop],
            world_size=world,
        )
        if watch:
            watch.trainer = trainer
        with old_objects_left_alone(), stop.listening(), saving(trainer, config):
            trainer.train(resume_from_checkpoint=str(last) if last else None)
        trainer.send_weights()
    spent = summary["seconds"].get("train", 0.0) + time.perf_counter() - begin
    summary["seconds"]["train"] = round(spent, 1)
    summary["steps"] = trainer.state.global_step
    if watch:
        summary["alarms"] = watch.alarms
    if not stop.asked or summary["steps"] == config.trainer.steps:
        _keep_policy(trainer, watch, collect, summary)
    return stop.asked


def _keep_policy(
    trainer: Any, watch: DuringTraining | None, collect: Collector | None, summary: Summary
) -> None:
    """The last policy as ``model/``, or the best, which then is the one that is evaluated after."""
    model, best = trainer.config.folder / "model", watch.best_folder() if watch else None
    if best is None or watch is None:
        trainer.save_policy(model)
        return
    file = best / "model.safetensors"
    trainer.sender.send(Given(lambda: load_file(file)), watch.kept or 0)
    if collect is not None:
        shutil.copytree(best, model, dirs_exist_ok=True)
        summary["chosen"] = {"step": watch.kept, "by": trainer.config.evaluate.during.choose}
