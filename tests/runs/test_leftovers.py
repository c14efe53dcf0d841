"""A run that is killed leaves no process behind and nothing in shared memory."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.runs.test_run import start

SHARED = Path("/dev/shm")


def opened(family: list[psutil.Process]) -> set[int]:
    """The files in shared memory that these processes have open, by number: a semaphore is mapped under a passing
    name, and other runs on this machine have files of their own there."""
    found = set()
    for process in family:
        with suppress(OSError):
            lines = Path(f"/proc/{process.pid}/maps").read_text(errors="replace").splitlines()
            found |= {int(line.split()[4]) for line in lines if f"{SHARED}/" in line}
    return found


def left(inodes: set[int]) -> set[str]:
    return {file.name for file in os.scandir(SHARED) if file.inode() in inodes}


pytestmark = pytest.mark.timeout(900)  # whole runs start, on cores that others may use, too


KILLS = [(signal.SIGKILL, "training"), (signal.SIGTERM, "training"), (signal.SIGKILL, "starting")]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[list[psutil.Process], set[int]]]:
    """Of each run, its processes at its death and what they had in shared memory. Ray's agents look for their
    parent now and then only, so all runs are killed before the first is looked at."""
    return [_killed(tmp_path_factory.mktemp(when), how, when) for how, when in KILLS]


def _killed(folder: Path, how: signal.Signals, when: str) -> tuple[list[psutil.Process], set[int]]:
    process = start("rl.train", folder, "run=killed", "trainer.steps=500", "evaluate.before=false")
    metrics = folder / "killed" / "metrics.jsonl"

    def is_time() -> bool:
        if when == "starting":
            return any(map(_is_of_the_engine, psutil.Process(process.pid).children(recursive=True)))
        return metrics.is_file() and bool(metrics.read_text())

    try:
        while process.poll() is None and not is_time():
            time.sleep(0.05)
        family = psutil.Process(process.pid).children(recursive=True)
        assert any(map(_is_of_the_engine, family))
        inodes = opened(family)
        assert inodes or when == "starting"
        os.kill(process.pid, how)
        process.communicate(timeout=60)
    finally:
        process.kill()
    return family, inodes


@pytest.mark.parametrize("number", range(len(KILLS)), ids=[f"{how.name}-{when}" for how, when in KILLS])
def test_nothing_is_left_of_a_run_that_is_killed(
    killed: list[tuple[list[psutil.Process], set[int]]], number: int
) -> None:
    family, inodes = killed[number]
    gone, alive = psutil.wait_procs(family, timeout=120)
    assert gone and [one for one in alive if not _is_dead(one)] == []
    end = time.monotonic() + 20
    while time.monotonic() < end and left(inodes):
        time.sleep(0.5)
    assert left(inodes) == set()


def _is_of_the_engine(process: psutil.Process) -> bool:
    try:
        return "vllm" in process.name().lower()
    except psutil.NoSuchProcess:
        return False


def _is_dead(process: psutil.Process) -> bool:
    """Ended, though its parent has not asked how: it holds nothing any more."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
