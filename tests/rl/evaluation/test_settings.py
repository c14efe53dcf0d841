"""A run's model is evaluated as the run was, and no evaluation writes over another."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rl.config.schema import Config
from rl.errors import UserError
from rl.evaluation.settings import claimed, free, of_the_run
from rl.report.run_folder import RunFolder
from tests.rl.parts import composed


def run_in(root: Path, *overrides: str) -> Path:
    config = composed(*overrides).model_copy(update={"output_dir": str(root), "run": "x"})
    RunFolder(config.folder).config(config)
    for name in ("model", "checkpoints/checkpoint-20"):
        (config.folder / name).mkdir(parents=True)
        (config.folder / name / "config.json").write_text("{}")
    return config.folder


def asked(model: Path, *overrides: str) -> Config:
    return composed("model=hub", f"model.path={model}", *overrides)


@pytest.mark.parametrize("name", ["", "model", "checkpoints/checkpoint-20"])
def test_a_run_s_model_brings_the_run_s_settings(name: str, tmp_path: Path) -> None:
    run = run_in(tmp_path, "data.languages=[en,sw]", "reward=rlvr", "rollout.max_new_tokens=33")
    found = of_the_run(asked(run / name), {"model": "hub", "model.path": str(run / name)})
    assert found.data.languages == ["en", "sw"] and found.rollout.max_new_tokens == 33
    assert set(found.reward.components) >= {"api_success"}
    assert Path(found.model.path) == run / (name or "model")
    assert found.folder == tmp_path / "x"


def test_the_command_line_comes_on_top(tmp_path: Path) -> None:
    run = run_in(tmp_path, "data.languages=[en,sw]", "evaluate.temperature=0.5")
    config = asked(run, "reward=rlvr", "evaluate.samples=4", "data.languages=[ja]").model_copy(
        update={"output_dir": "elsewhere", "run": "mine"}
    )
    words = {
        "reward": "rlvr",
        "evaluate.samples": 4,
        "data.languages": ["ja"],
        "run": "mine",
        "output_dir": "elsewhere",
    }
    found = of_the_run(config, words)
    assert (found.evaluate.samples, found.evaluate.temperature) == (4, 0.5)
    assert found.data.languages == ["ja"] and "api_success" in found.reward.components
    assert found.folder == Path("elsewhere/mine")


def test_any_other_model_is_evaluated_as_the_command_line_says(tmp_path: Path) -> None:
    config = asked(tmp_path)
    assert of_the_run(config, {}) is config


def test_an_experiment_is_taken_as_it_is(tmp_path: Path) -> None:
    run = run_in(tmp_path, "data.languages=[en,sw]")
    found = of_the_run(asked(run, "data.languages=[ja]"), {"experiment": "demo"})
    assert found.data.languages == ["ja"] and found.model.path == str(run / "model")


def test_a_checkpoint_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    (run / "checkpoints" / "checkpoint-2").mkdir(parents=True, exist_ok=True)
    with pytest.raises(
        UserError, match=r"There is no .*checkpoint-99; the checkpoints of .* are .*checkpoint-2"
    ):
        of_the_run(asked(run / "checkpoints" / "checkpoint-99"), {})


def test_a_run_without_a_model_is_told_of(tmp_path: Path) -> None:
    run = run_in(tmp_path)
    (run / "model" / "config.json").unlink()
    with pytest.raises(UserError, match="has no model yet"):
        of_the_run(asked(run), {})


def test_names_never_collide(tmp_path: Path) -> None:
    config = composed().model_copy(update={"output_dir": str(tmp_path), "run": "x"})
    names = []
    for _ in range(3):
        taken = free(config)
        taken.folder.mkdir()
        names.append(taken.run)
    assert names == ["evaluation-x", "evaluation-x-2", "evaluation-x-3"]


def test_evaluations_that_start_together_take_names_apart(tmp_path: Path) -> None:
    config = composed().model_copy(update={"output_dir": str(tmp_path), "run": "x"})
    with ThreadPoolExecutor(8) as threads:
        names = list(threads.map(lambda _: claimed(config).run, range(16)))
    assert len(set(names)) == 16 and all((tmp_path / name).is_dir() for name in names)


def test_the_same_sample_is_not_taken_twice() -> None:
    with pytest.raises(UserError, match="same sample again and again"):
        composed("evaluate.samples=4", "evaluate.temperature=0")
