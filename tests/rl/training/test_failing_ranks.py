"""What fails on the main rank alone ends all ranks, in the same sentence, and what was trained is saved."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rl.training.checkpoints import last_checkpoint, steps_of

ROOT = Path(__file__).resolve().parents[3]


def ended(policy: Path, folder: Path, sharding: str, what: str) -> list[str]:
    """What each rank ended with."""
    script, torchrun = Path(__file__).with_name("failing.py"), "torch.distributed.run"
    done = subprocess.run(
        [sys.executable, "-m", torchrun, "--standalone", "--nproc_per_node=2", str(script), str(policy), str(folder),
         sharding, what],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )  # fmt: skip
    files = sorted(folder.glob(f"{sharding}-{what}-*.txt"))
    assert files, done.stdout[-2000:] + done.stderr[-4000:]
    return [file.read_text() for file in files]


@pytest.mark.parametrize(
    ("sharding", "what"),
    [("fsdp2", "loading"), ("fsdp2", "keeping"), ("none", "judging"), ("none", "reporting")],
)
def test_all_ranks_end_and_what_was_trained_is_saved(
    policy: Path, tmp_path: Path, sharding: str, what: str
) -> None:
    assert ended(policy, tmp_path, sharding, what) == [f"{what} failed"] * 2
    kept = last_checkpoint(tmp_path / f"{sharding}-{what}")
    assert kept is not None and steps_of(kept) == (2 if what == "reporting" else 1)


def test_where_a_rank_is_gone_nothing_is_written_in_halves(policy: Path, tmp_path: Path) -> None:
    assert ended(policy, tmp_path, "fsdp2", "gone") == ["gone failed"]
    assert last_checkpoint(tmp_path / "fsdp2-gone") is None
