"""Evaluation while a run trains: on held-out tasks of its own, every few steps, between two updates."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from transformers import TrainerCallback

from rewards.language.reward import language_match
from rewards.types import Task
from rl.config.schema import Config
from rl.evaluation.funnel import Judged
from rl.evaluation.held_out import by_request, evaluate, request_means
from rl.evaluation.history import Look, alarms, best, is_over
from rl.evaluation.retained import losses
from rl.pipeline.collector import Collector
from rl.report.live import console
from rl.report.run_folder import RunFolder
from rl.report.samples import GenerationBatch
from rl.report.trackers import track
from rl.training.sft.rows import GoldRow
from sandbox.lines import numbered_lines

FILE = "evaluations.jsonl"


class DuringTraining(TrainerCallback):
    """Looks at the policy before the first step and every ``evaluate.during.every`` steps.

    A line a look goes to ``evaluations.jsonl``, its samples to ``rollouts/during-<step>.parquet``; the best policy so
    far is kept in ``best-<step>/``. ``gold`` are gold trajectories of ``retained``, whose loss is watched. ``collect``
    is None on the ranks that do not sample.
    """

    def __init__(
        self,
        config: Config,
        tasks: Sequence[Task],
        retained: Sequence[Task],
        gold: Mapping[str, GoldRow],
        collect: Collector | None,
        folder: RunFolder,
        done: int,
    ) -> None:
        self.config, self.settings = config, config.evaluate.during
        self.tasks, self.retained, self.gold = tasks, retained, gold
        self.collect, self.folder = collect, folder
        self.looks = [look for look in read_looks(folder.path) if look.step <= done]
        self.rewards: list[float] = []
        self.kept = max((step for step in _kept(folder.path) if step <= done), default=None)
        self.alarms = [text for number in range(len(self.looks)) for text in self._alarms(number)]
        self.trainer: Any = None  # set once it is made

    def saw(self, batch: GenerationBatch) -> None:
        """Takes note of a generation batch's rewards."""
        self.rewards += [row.reward for row in batch.rows if row.reward is not None]

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if not self.looks:
            self._look(state.global_step)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step % self.settings.every == 0 and self._look(state.global_step):
            control.should_training_stop = True

    def best_folder(self) -> Path | None:
        """Where the best policy is, None where the last one is wanted."""
        return self.folder.path / f"best-{self.kept:06d}" if self.kept is not None else None

    def _look(self, step: int) -> bool:
        """Evaluate; True if training is over. All ranks come here, and the main one decides for them."""
        kept = losses(self.trainer.model, self.gold)
        self.trainer.send_weights()
        decided: list[bool] = self.trainer.ranks.from_main(lambda: self._judge(step, kept))
        self.trainer.put_to_sleep()
        is_best, over = decided
        if is_best:
            self._keep(step)
        return over

    def _judge(self, step: int, kept: dict[str, float]) -> list[bool]:
        assert self.collect is not None, "the main rank samples"
        samples, rows = evaluate(
            self.collect, [*self.tasks, *self.retained], temperature=self.config.evaluate.temperature
        )
        look = look_at(step, samples, {task.id for task in self.retained}, self._trained(), kept)
        self.looks.append(look)
        self.folder.rollouts(f"during-{step:06d}", rows)
        found = self._alarms(len(self.looks) - 1)
        write_looks(self.folder.path, self.looks)
        track(self.config, step, _figures(look))
        self.alarms += found
        console.print(_line(look), *(f"ALARM at {text}." for text in found), sep="\n")
        choose, patience = self.settings.choose, self.settings.patience
        top = best([one for one in self.looks if one.step in (self.kept, step)], choose)
        over = is_over(self.looks, choose, patience)
        if over:
            console.print(f"Training ends: {patience} evaluations without a better one.")
        return [choose != "last" and top is look, over]

    def _alarms(self, number: int) -> list[str]:
        """What gave alarm at a look, beside those before it."""
        step = self.looks[number].step
        return [f"step {step}: {text}" for text in alarms(self.looks[: number + 1], self.settings.alarm)]

    def _trained(self) -> list[float] | None:
        rewards, self.rewards = self.rewards, []
        return [fmean(rewards), stdev(rewards) / sqrt(len(rewards))] if len(rewards) > 1 else None

    def _keep(self, step: int) -> None:
        """The policy of ``step`` in the place of the one that was best before."""
        old, self.kept = self.best_folder(), step
        folder = self.best_folder()
        assert folder is not None
        self.trainer.save_policy(folder)
        if old is not None and old != folder and self.trainer.accelerator.is_main_process:
            shutil.rmtree(old, ignore_errors=True)


def look_at(
    step: int,
    samples: Sequence[Judged],
    retained: set[str],
    trained: list[float] | None,
    retained_loss: dict[str, float],
) -> Look:
    """What an evaluation found. Masked samples count nowhere."""
    own = [sample for sample in samples if sample.task.id not in retained]
    kept = [sample for sample in samples if sample.task.id in retained and sample.score.reward is not None]
    scored = [sample for sample in own if sample.score.reward is not None]
    languages = sorted({sample.task.language for sample in own})
    return Look(
        step,
        request_means(own, lambda sample: float(sample.success)),
        {name: fmean(of) for name, of in by_request(kept, lambda sample: float(sample.success)).items()},
        _in_language(scored, languages, reply="user", thought="any"),
        _in_language(scored, languages, reply="any", thought="user"),
        trained,
        retained_loss,
    )


def _in_language(samples: Sequence[Judged], languages: list[str], **rules: Any) -> dict[str, float]:
    found = {s.task.id: language_match(s.task, s.trajectory, languages, **rules) for s in samples}
    return {task: value for task, value in found.items() if value is not None}


def read_looks(folder: Path) -> list[Look]:
    """The looks that a run has written, [] where there are none."""
    path = folder / FILE
    lines = numbered_lines(path) if path.is_file() else ()
    return [
        Look(**{k: v for k, v in json.loads(line).items() if k not in ("mean", "worst")}) for _, line in lines
    ]


def write_looks(folder: Path, looks: Sequence[Look]) -> None:
    """A line each, with the mean over languages and the worst beside what ``Look`` has."""
    rows = [asdict(look) | {"mean": look.score("mean"), "worst": look.score("worst")} for look in looks]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / FILE).write_text(text, encoding="utf-8")


def _kept(folder: Path) -> list[int]:
    return [int(path.name.split("-")[1]) for path in folder.glob("best-*")]


def _figures(look: Look) -> dict[str, float]:
    of = {f"{tag}/success": values for tag, values in look.success.items()}
    of |= {"retained/success": look.retained, "retained/loss": look.retained_loss}
    return {f"during/{name}": fmean(values.values()) for name, values in of.items() if values}


def _line(look: Look) -> str:
    means = {language: fmean(of.values()) for language, of in look.success.items() if of}
    text = " ".join(f"{language} {value:.2f}" for language, value in means.items())
    retained = f", retained set {fmean(look.retained.values()):.2f}" if look.retained else ""
    if look.retained_loss:
        retained += f" at {fmean(look.retained_loss.values()):.3f} nats a token"
    return f"held out, step {look.step}: {text}{retained}"
