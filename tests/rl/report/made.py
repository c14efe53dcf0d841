"""A small run's folder, written as a run writes it: real tasks, replayed trajectories, advantages of the real estimator."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
import yaml

from rewards.types import Score, Task
from rl.advantages import advantages
from rl.data.catalog import make
from rl.evaluation.funnel import judged
from rl.evaluation.results import results
from rl.evaluation.written import write
from rl.pipeline.collector import Job, Sample
from rl.report.run_folder import RunFolder
from rl.report.samples import GenerationBatch, Row, as_row
from rl.rollout import replay
from rl.rollout.script import gold_turn
from tests.rl.parts import composed

LANGUAGES = ("en", "fr", "ar")
PARTS = {
    name: {"_target_": f"rewards.{module}", "weight": 0.5}
    for name, module in (("outcome", "outcome.outcome"), ("culture", "culture.culture"))
}
CONFIG = composed("evaluate.temperature=0").model_dump() | {"reward": {"components": PARTS}}
HEBREW = ("תעיר אותי מחר ב-7:30, בבקשה.", "קבעתי לך שעון מעורר ל-7:30.")
WORDS = {1: "<think>", 2: "?", 3: "</think>"}


def task_of(kind: str, language: str, request: str) -> Task:
    made = make(kind, language)
    return replace(made, id=f"catalog/train/{kind}/{request}/{language}", parallel_id=f"{kind}/{request}")


def sampled(task: Task, step: int, number: int, right: bool, said: str = "") -> tuple[Job, Sample]:
    """One sample: a right one makes the call and answers, a wrong one only talks."""
    turns = [gold_turn(task), task.expected.reply or ""] if right else [said or "Nope."]
    reward = 1.0 if right else 0.0
    notes = {} if right else {"outcome.why": said or "nothing was done"}
    score = Score(reward, {"outcome": reward, "culture": None}, notes)
    return Job(task, number, step), Sample(replay(task, turns), score)


def batch(step: int, pairs: Sequence[tuple[Job, Sample]]) -> list[Row]:
    ids = {name: i for i, name in enumerate(sorted({job.task.id for job, _ in pairs}))}
    prompt = torch.tensor([ids[job.task.id] for job, _ in pairs])
    rewards = torch.tensor([sample.score.reward for _, sample in pairs])
    own = advantages(
        rewards, prompt=prompt, language=prompt, task=prompt, baseline="prompt", scale="prompt", min_group=1
    )
    return [as_row(job, sample, float(a)) for (job, sample), a in zip(pairs, own, strict=True)]


def step_rows(step: int, hostile: str = "") -> list[Row]:
    """Two requests in each language, four samples each; later steps do better. Of the first step's, one is hostile."""
    pairs = []
    for language in LANGUAGES:
        for kind in ("set_alarm", "world_time"):
            task = task_of(kind, language, str(step))
            for number in range(4):
                said = hostile if (step, number, language) == (0, 0, "en") else ""
                pairs.append(sampled(task, step, number, right=number > 3 - step and not said, said=said))
    return batch(step, pairs)


def hebrew(step: int) -> list[Row]:
    """A request in a language that the catalog has not."""
    task = task_of("set_alarm", "ar", "he")
    asked = replace(
        task, id="own/1/he", language="he", locale="he-IL", messages=[{"role": "user", "content": HEBREW[0]}]
    )
    pair = (
        Job(asked, 0, step),
        Sample(replay(asked, [HEBREW[1]]), Score(0.5, {"outcome": 0.5, "culture": None})),
    )
    return batch(step, [pair])


def run_folder(
    root: Path, name: str = "run", *, steps: int = 4, ended: bool = True, hostile: str = ""
) -> Path:
    """A run of that many steps. One that has not ended has no last evaluation."""
    folder = RunFolder(root / name)
    (folder.path / "config.yaml").write_text(yaml.safe_dump(CONFIG), encoding="utf-8")
    seconds = {
        "sampling": 2.0,
        "tools": 0.5,
        "scoring": 0.25,
        "update": 1.0,
        "transfer": 0.1,
        "scoring_each": 0.01,
    }
    for step in range(steps):
        rows = step_rows(step, hostile) + (hebrew(step) if step == 1 else [])
        folder.step(GenerationBatch(step, rows, seconds))
    evaluated(folder, "evaluation-before", right=1)
    looks = [
        {"step": step, "success": {tag: {str(n): float(n < step) for n in range(4)} for tag in LANGUAGES}}
        for step in (0, 2)
    ]
    text = "".join(json.dumps(look) + "\n" for look in looks)
    (folder.path / "evaluations.jsonl").write_text(text, encoding="utf-8")
    if ended:
        evaluated(folder, "evaluation-after", right=3)
        languages = {
            name: json.loads((folder.path / f"{name}.json").read_text())["languages"]
            for name in ("evaluation-before", "evaluation-after")
        }
        both = {
            tag: {"before": languages["evaluation-before"][tag], "after": languages["evaluation-after"][tag]}
            for tag in LANGUAGES
        }
        folder.summary(
            {"seed": 0, "languages": both, "seconds": {"train": 30.0, "evaluate": 4.0}, "peak_memory_gb": 1.0}
        )
    return folder.path


def evaluated(folder: RunFolder, name: str, right: int) -> None:
    """Four requests a language, ``right`` of them right."""
    pairs = [
        sampled(task_of("set_alarm", language, f"test-{number}"), 0, number, right=number < right)
        for language in LANGUAGES
        for number in range(4)
    ]
    found = [judged(job.task, sample.trajectory, sample.score) for job, sample in pairs]
    rows = [
        replace(as_row(job, sample, 0.0), steps=dict(one.steps))
        for (job, sample), one in zip(pairs, found, strict=True)
    ]
    folder.rollouts(name, rows)
    write(folder.path, name, results(found, 1, 0.0))
