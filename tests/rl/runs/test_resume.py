"""Going on with a run: each setting is applied or refused, and what is written down is true."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hydra.core.hydra_config import HydraConfig

from rl import train
from rl.config import cli
from rl.config.schema import Config
from rl.errors import UserError
from rl.report.run_folder import RunFolder
from rl.report.samples import GenerationBatch
from rl.report.summary import Result, new_summary
from rl.runs.resume import check_steps, is_finished, resumed, still_true
from tests.rl.parts import composed
from tests.rl.report.made import step_rows


def run_in(root: Path, name: str = "x", *overrides: str) -> Config:
    config = composed(*overrides).model_copy(update={"output_dir": str(root), "run": name})
    RunFolder(config.folder).config(config)
    return config


def resume(config: Config, **changes: Any) -> Config:
    words = {name.replace("__", "."): value for name, value in changes.items()}
    return resumed(composed().model_copy(update={"resume": str(config.folder)}), words)


def from_command_line(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str) -> Config:
    got: list[Config] = []
    monkeypatch.setattr(sys, "argv", ["train.py", f"resume={folder}", *words])
    cli.run(lambda c: got.append(train.resumed(c, list(HydraConfig.get().overrides.task))))
    return got[0]


@pytest.mark.parametrize(
    "name",
    [
        "x-0-seed=0,advantage=grpo",
        "läufe",
        "a#b",
        "a (1)",
        "it's",
        "50%",
        "a&b;c",
        "{x}",
        "naïve [2]",
        "日本",
    ],
)
def test_a_run_in_any_folder_is_found(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = run_in(tmp_path / name, name)
    found = from_command_line(monkeypatch, config.folder)
    assert (found.folder, found.run) == (config.folder, name)


def test_norwegian_stays_norwegian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["data=xsid", f"data.path={tmp_path}", "data.languages=[nb,no]", "model=tiny"]
    (tmp_path / "no.train.conll").write_text("")
    (tmp_path / "nb.train.conll").write_text("")
    config = run_in(tmp_path, "x", *words)
    assert config.data.languages == ["nb", "no"]
    found = from_command_line(monkeypatch, config.folder, "data.languages=[nb,no]")
    assert found.data.languages == ["nb", "no"]


def test_what_is_applied_is_applied(tmp_path: Path) -> None:
    found = resume(run_in(tmp_path), trainer__steps=200, rollout__concurrency=8, evaluate__after=False)
    assert (found.trainer.steps, found.rollout.concurrency, found.evaluate.after) == (200, 8, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("trainer__learning_rate", 1e-3),
        ("trainer__lr_scheduler", "cosine"),
        ("trainer__generations", 4),
        ("trainer__minibatches", 2),
        ("trainer__peft", {"r": 8}),
        ("trainer__trl", {"epsilon": 0.1}),
        ("data__per_tool", 7),
        ("data__languages", ["en"]),
        ("model__dtype", "bfloat16"),
    ],
)
def test_what_the_checkpoint_hangs_on_is_refused_in_one_sentence(
    name: str, value: Any, tmp_path: Path
) -> None:
    config = run_in(tmp_path, "x", "model=hub", "model.path=a/b", "trainer.peft={r: 4}")
    before = (config.folder / "config.yaml").read_bytes()
    with pytest.raises(UserError, match=name.replace("__", ".")) as refused:
        resume(config, **{name: value})
    assert "\n" not in str(refused.value)
    assert (config.folder / "config.yaml").read_bytes() == before


def test_what_a_run_has_already_may_be_said_again(tmp_path: Path) -> None:
    config = run_in(tmp_path, "x", "trainer.learning_rate=1e-4")
    assert resume(config, trainer__learning_rate=1e-4).trainer.learning_rate == 1e-4


def test_more_steps_do_not_stretch_a_schedule(tmp_path: Path) -> None:
    config = run_in(tmp_path, "x", "trainer.lr_scheduler=linear")
    with pytest.raises(UserError, match="would bend the linear schedule"):
        resume(config, trainer__steps=200)


def test_a_finished_run_is_not_gone_on_with(tmp_path: Path) -> None:
    config = run_in(tmp_path, "x", "trainer.steps=50")
    check_steps(config, 50, finished=False)  # its last evaluation is missing
    with pytest.raises(UserError, match="has done its 50 steps"):
        check_steps(config, 50, finished=True)
    with pytest.raises(UserError, match="cannot undo them"):
        check_steps(config, 60, finished=False)


def test_settings_of_the_steps_before_are_kept(tmp_path: Path) -> None:
    config = run_in(tmp_path)
    changed = resume(config, rollout__temperature=0.5)
    RunFolder(config.folder).config(changed, done=40)
    now, then = (
        yaml.safe_load((config.folder / name).read_text()) for name in ("config.yaml", "config-until-40.yaml")
    )
    assert (now["rollout"]["temperature"], then["rollout"]["temperature"]) == (0.5, 1.0)


def test_what_came_after_the_checkpoint_is_forgotten(tmp_path: Path) -> None:
    """Of a run that was cut off at step 5 and goes on from step 3, perhaps to no more than 4."""
    folder = RunFolder(tmp_path)
    for step in range(5):
        folder.step(GenerationBatch(step, step_rows(step)))
    for name in ("during-000000", "during-000003", "during-000004", "evaluation-before", "evaluation-after"):
        folder.rollouts(name, step_rows(0))
    for name in ("before", "after"):
        (tmp_path / f"evaluation-{name}.json").write_text("{}")
    folder.cut(3)
    assert sorted(path.stem for path in (tmp_path / "rollouts").iterdir()) == [
        "during-000000", "during-000003", "evaluation-before", "step-000000", "step-000001", "step-000002",
    ]  # fmt: skip
    assert [path.name for path in tmp_path.glob("evaluation-*")] == ["evaluation-before.json"]
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [0, 1, 2]


def test_a_run_that_went_on_beyond_its_end_is_not_finished_by_what_was_there_before(tmp_path: Path) -> None:
    """It had ended at 10 steps, with a model and an evaluation, went on to 20 and was killed after its last checkpoint."""
    config = run_in(tmp_path)
    (config.folder / "model").mkdir()
    (config.folder / "model" / "config.json").write_text("{}")
    result: Any = {"reward": 0.5}
    languages: dict[str, dict[str, Result]] = {"en": {"before": result, "after": result}}
    ended = new_summary(0) | {"languages": languages, "steps": 10}
    assert is_finished(config, ended, 10) and not is_finished(config, ended, 20)
    going_on = still_true(ended)
    assert going_on["languages"] == {"en": {"before": result}}
    assert not is_finished(config, going_on, 20)
