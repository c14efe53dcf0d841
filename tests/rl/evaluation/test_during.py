"""A real trainer that is looked at while it trains."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from rewards.types import Task
from rl.errors import ConfigError, UserError
from rl.evaluation.during import DuringTraining, read_looks, write_looks
from rl.evaluation.history import Look
from rl.evaluation.retained import gold_of, losses
from rl.pipeline.collector import Collector
from rl.report.run_folder import RunFolder
from rl.rollout.chat import chat_of
from rl.runs.prepare import prepared
from rl.training.trainer import PolyglotTrainer
from tests.rl.parts import Lots, Rollouts, composed, save_policy


@pytest.fixture
def trained(tiny_tokenizer: PreTrainedTokenizerFast, some_tasks: list[Task], tmp_path: Path) -> Iterator[Any]:
    """A function that trains with these overrides and returns the trainer and what looked at it."""
    opened = []
    policy = save_policy(tmp_path / "policy", tiny_tokenizer)

    def run(*overrides: str, done: int = 0) -> tuple[PolyglotTrainer, DuringTraining]:
        config = composed(
            "rollout=hf", "rollout.dtype=float32", "trainer.generations=4", "trainer.prompts_per_language=1", "trainer.learning_rate=1e-2",
            f"output_dir={tmp_path}", "evaluate.during.every=1", *overrides,
        )  # fmt: skip
        rollouts = Rollouts(policy, tiny_tokenizer)
        collect = Collector(rollouts, Lots())
        opened.append((collect, rollouts))
        folder = RunFolder(config.folder)
        retained = some_tasks[8:10]
        gold = gold_of(retained, chat_of(tiny_tokenizer, config.model), config.rollout.max_model_len)
        watch = DuringTraining(config, some_tasks[:8], retained, gold, collect, folder, done)

        def on_step(batch: Any) -> None:
            watch.saw(batch)

        trainer = PolyglotTrainer(
            model=AutoModelForCausalLM.from_pretrained(policy),
            tokenizer=tiny_tokenizer,
            tasks=some_tasks,
            config=config,
            collect=collect,
            on_step=on_step,
            callbacks=[watch],
        )
        watch.trainer = trainer
        trainer.train()
        return trainer, watch

    yield run
    for collect, rollouts in opened:
        collect.run(rollouts.close())
        collect.runner.close()


def test_the_best_policy_is_kept_and_training_ends_early(trained: Any, tmp_path: Path) -> None:
    """A policy that learned nothing succeeds nowhere, so no look is better than the first."""
    trainer, watch = trained("trainer.steps=9", "evaluate.during.choose=mean", "evaluate.during.patience=2")
    assert trainer.state.global_step == 2
    folder = tmp_path / "test"
    assert [look.step for look in read_looks(folder)] == [0, 1, 2]
    assert [look.trained is None for look in watch.looks] == [True, False, False]
    assert sorted(path.name for path in folder.glob("best-*")) == ["best-000002"]
    kept, last = load_file(watch.best_folder() / "model.safetensors"), trainer.model.state_dict()
    assert all(kept[name].equal(last[name]) for name in kept)
    assert len(list((folder / "rollouts").glob("during-*.parquet"))) == 3
    line = json.loads((folder / "evaluations.jsonl").read_text().splitlines()[0])
    assert set(line["success"]) == {task.language for task in watch.tasks} and line["mean"] == 0.0
    assert set(line["retained"]) == {task.parallel_id for task in watch.retained}
    assert set(line["retained_loss"]) == {task.id for task in watch.retained}


def test_the_loss_on_the_retained_set_is_transformers_own(
    tiny_tokenizer: PreTrainedTokenizerFast, some_tasks: list[Task], tmp_path: Path
) -> None:
    """And a model that is being trained goes on so."""
    model = AutoModelForCausalLM.from_pretrained(save_policy(tmp_path, tiny_tokenizer)).train()
    rows = gold_of(some_tasks[:3], chat_of(tiny_tokenizer, composed().model), 4096)
    found = losses(model, rows)
    assert model.training and found.keys() == {task.id for task in some_tasks[:3]}
    for task, row in rows.items():
        ids, labels = torch.tensor([row.ids]), torch.tensor([row.labels])
        with torch.no_grad():
            assert found[task] == pytest.approx(
                float(model.eval()(input_ids=ids, labels=labels).loss), rel=1e-5
            )
    assert not gold_of(some_tasks[:3], chat_of(tiny_tokenizer, composed().model), 8), "none is that short"


def test_a_resumed_run_remembers_what_was_looked_at(trained: Any, tmp_path: Path) -> None:
    _, first = trained("trainer.steps=2", "evaluate.during.choose=worst")
    again = DuringTraining(first.config, [], [], {}, None, first.folder, done=1)
    assert [look.step for look in again.looks] == [0, 1] and again.kept is None, (
        "the best was of a later step"
    )
    whole = DuringTraining(first.config, [], [], {}, None, first.folder, done=2)
    assert whole.looks == first.looks and whole.best_folder() == first.best_folder()


def test_a_resumed_run_remembers_its_alarms_and_the_newest_of_two_that_are_best(tmp_path: Path) -> None:
    """A run may be killed between the saving of the new best policy and the removal of the old."""
    config, folder = (
        composed("evaluate.during.every=1", f"output_dir={tmp_path}"),
        RunFolder(tmp_path / "test"),
    )
    fallen = [
        Look(step, {"en": {str(i): value for i in range(40)} | {"x": 0.5}})
        for step, value in enumerate((1.0, 0.0))
    ]
    write_looks(folder.path, fallen)
    for step in (3, 12, 7):
        (folder.path / f"best-{step:06d}").mkdir()
    again = DuringTraining(config, [], [], {}, None, folder, done=7)
    assert [text.partition(" by ")[0] for text in again.alarms] == ["step 1: English success fell"]
    assert again.kept == 7
    assert DuringTraining(config, [], [], {}, None, folder, done=0).alarms == []


def test_it_is_off_unless_asked_for() -> None:
    assert composed().evaluate.during.every == 0
    with pytest.raises(ConfigError, match=r"need evaluate\.during\.every"):
        composed("evaluate.during.patience=3")


SMALL = ["data.languages=[en,fr]", "data.tools=[set_alarm,small_talk]", "data.tools_per_task=2"]


def test_the_tasks_are_none_of_those_that_are_evaluated_after() -> None:
    run = prepared(
        composed(*SMALL, "evaluate.during.every=5", "evaluate.tasks_per_language=3"),
        test_split="test",
        training=True,
    )
    tests, watched = ({task.parallel_id for task in of} for of in (run.tests, run.watched))
    assert tests and watched and not tests & watched
    with pytest.raises(UserError, match=r"No held-out task in en fr is left for evaluate\.during") as error:
        prepared(
            composed(*SMALL, "data.per_tool=4", "evaluate.during.every=5"), test_split="test", training=True
        )
    assert "\n" not in str(error.value)


def test_what_is_looked_at_is_as_much_as_is_asked_for() -> None:
    other = "evaluate.during.retained={source: catalog, languages: [sw], tools: [set_alarm], per_tool: 3}"
    words = ["evaluate.during.every=5", "evaluate.during.tasks_per_language=2", other]
    run = prepared(composed(*SMALL, *words), test_split=None, training=True)
    assert Counter(task.language for task in run.watched) == {"en": 2, "fr": 2}
    assert Counter(task.language for task in run.retained) == {"sw": 2}


@pytest.mark.parametrize(("least", "alarms"), [("0.4", 1), ("0.6", 0)])
def test_only_a_fall_as_large_as_is_asked_for_is_an_alarm(
    trained: Any, monkeypatch: pytest.MonkeyPatch, least: str, alarms: int
) -> None:
    def half_forgotten(step: int, *_: Any) -> Look:
        return Look(step, {"en": {f"r{i}": float(step == 0 or i % 2 == 0) for i in range(20)}})

    monkeypatch.setattr("rl.evaluation.during.look_at", half_forgotten)
    _, watch = trained("trainer.steps=1", f"evaluate.during.alarm={least}")
    assert len(watch.alarms) == alarms
