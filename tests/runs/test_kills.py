"""A run whose processes are killed, one after the other and in the end itself, leaves what an undisturbed run leaves.

``benchmarks/faults.py`` is the long form: more kinds of process, each at random moments of runs of its own.
"""

import random
import signal
import time
from pathlib import Path

import psutil
import pytest

from benchmarks.faults import KINDS, differences, of_kind, steps_done
from rewards.types import Task, Trajectory
from tests.runs.test_run import call, start

pytestmark = pytest.mark.timeout(900)  # whole runs start, on cores that others may use, too

SETTINGS = [
    "rollout=hf", "rollout.dtype=float32", "trainer.steps=8", "trainer.save_every=2", "evaluate.before=false",
    "evaluate.after=false", "+reward.components.drawn={_target_: tests.runs.test_kills.drawn, weight: 1.0}",
]  # fmt: skip
KILLED = ["engine actor", "reward actor", "reward child", "sandbox worker", "run"]


def drawn(task: Task, trajectory: Trajectory) -> float:
    """A lot that hangs on the sample alone, so that each step teaches something."""
    return random.Random(repr(trajectory.token_ids)).random()


def test_a_run_whose_processes_are_killed_leaves_what_an_undisturbed_one_does(tmp_path: Path) -> None:
    code, output = call("rl.train", tmp_path, "run=whole", *SETTINGS)
    assert code == 0, output
    kinds = {kind.name: kind for kind in KINDS}
    process = start("rl.train", tmp_path, "run=killed", *SETTINGS)
    for done, name in enumerate(KILLED, 1):
        while process.poll() is None and steps_done(tmp_path / "killed" / "metrics.jsonl") < done:
            time.sleep(0.02)
        family = psutil.Process(process.pid).children(recursive=True)
        of_kind(process.pid, kinds[name])[0].send_signal(signal.SIGKILL)
    process.communicate()
    code, output = call(
        "rl.train", tmp_path, f"resume={tmp_path}/killed", "trainer.steps=8", "trainer.save_every=2"
    )
    assert code == 0, output
    assert list(differences(tmp_path / "killed", tmp_path / "whole", kinds["run"])) == []
    _, alive = psutil.wait_procs(family, timeout=120)
    assert [one for one in alive if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []
