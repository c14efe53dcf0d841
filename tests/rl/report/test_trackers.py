"""What trackers are given of an evaluation, and that it lies in the run's folder (with those that are installed)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rl.evaluation.funnel import STEPS
from rl.report.reading import read_run, samples_of
from rl.report.trackers import COLUMNS, evaluation_figures, keep_in_folder, table_of
from tests.rl.parts import composed
from tests.rl.report.made import LANGUAGES, run_folder

ROOT = Path(__file__).resolve().parents[3]
LOG = """
import sys
from pathlib import Path
from rl.report.trackers import keep_in_folder, track_evaluation
from tests.rl.parts import composed
config = composed(f"output_dir={sys.argv[1]}", f"trainer.report_to=[{sys.argv[3]}]")
keep_in_folder(config)
track_evaluation(config, Path(sys.argv[2]), "evaluation-after")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_folder(tmp_path_factory.mktemp("runs"))


def logged(tmp_path: Path, folder: Path, tracker: str) -> Path:
    """The folder of a run ``test`` that has logged the evaluation, in a process of its own."""
    pytest.importorskip(tracker)
    env = {**os.environ, "WANDB_MODE": "offline", "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"}
    words = [sys.executable, "-c", LOG, str(tmp_path), str(folder), tracker]
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return tmp_path / "test"


def test_figures_are_those_of_the_evaluation(folder: Path) -> None:
    figures = evaluation_figures(read_run(folder).evaluations["evaluation-after"])
    assert figures["evaluation/ar/reward"] == figures["evaluation/mean/reward"] == 0.75
    assert {name for name in figures if name.startswith("funnel/en/")} <= {
        f"funnel/en/{step}" for step in (*STEPS, "all")
    }
    assert all(isinstance(value, float) for value in figures.values())


def test_the_table_has_the_worst_of_each_language(folder: Path) -> None:
    rows = table_of(samples_of(folder / "rollouts" / "evaluation-before.parquet"))
    assert [row[0] for row in rows] == [tag for tag in sorted(LANGUAGES) for _ in range(4)]
    assert rows[0][2] == 0.0 and all(len(row) == len(COLUMNS) for row in rows)


def test_a_place_that_the_user_named_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", "/mine")
    monkeypatch.delenv("WANDB_DIR", raising=False)
    monkeypatch.setenv("WANDB_PROJECT", "mine")
    keep_in_folder(composed(f"output_dir={tmp_path}", "trainer.report_to=[tensorboard]"))
    assert os.environ["TENSORBOARD_LOGGING_DIR"] == "/mine" and os.environ["WANDB_PROJECT"] == "mine"
    assert "WANDB_DIR" not in os.environ


def test_tensorboard_has_the_figures_and_the_table(tmp_path: Path, folder: Path) -> None:
    run = logged(tmp_path, folder, "tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run / "tensorboard"))
    events.Reload()
    assert events.Scalars("evaluation/ar/reward")[0].value == 0.75
    assert "samples/text_summary" in events.Tags()["tensors"]


def test_wandb_keeps_its_files_in_the_run_s_folder(tmp_path: Path, folder: Path) -> None:
    run = logged(tmp_path, folder, "wandb")
    assert list((run / "wandb").glob("offline-run-*/files/media/table/samples*"))


def test_trackio_keeps_its_files_in_the_run_s_folder(tmp_path: Path, folder: Path) -> None:
    assert list((logged(tmp_path, folder, "trackio") / "trackio").glob("*.db"))
