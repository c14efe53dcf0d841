"""What a killed process has started and named is ended and taken away; what of one that goes on is in use is not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

PROGRAM = """
import multiprocessing, subprocess, sys, time
from multiprocessing import resource_tracker, shared_memory
from rl.hardware.sweeper import sweeper
kept = sweeper()
child = subprocess.Popen(["sleep", "60"], start_new_session=True, stdout=subprocess.DEVNULL)
held = shared_memory.SharedMemory(create=True, size=4096)
lock = multiprocessing.get_context("spawn").Lock()
resource_tracker.unregister(held._name, "shared_memory")  # its tracker would be killed, too
resource_tracker.unregister(lock._semlock.name, "semaphore")
print(child.pid, held.name, "sem." + lock._semlock.name.removeprefix("/"), flush=True)
time.sleep(1)
if sys.argv[1] == "closes":
    kept.close()
time.sleep(60)
"""


def gone(path: Path, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while path.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return not path.exists()


@pytest.mark.parametrize("how", ["waits", "closes"])
def test_nothing_is_left_of_a_process_that_is_killed(how: str) -> None:
    program = [sys.executable, "-c", PROGRAM, how]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        pid, *names = process.stdout.readline().split()
        child = psutil.Process(int(pid))
        memory, semaphore = (Path("/dev/shm") / name for name in names)
        try:
            assert memory.name.startswith("psm_")
            if how == "closes":
                assert gone(memory, 20), "all have opened it"
            else:
                time.sleep(1)
                assert memory.exists(), "the engine's processes still need the name"
            assert semaphore.exists() and child.is_running()
            process.send_signal(signal.SIGKILL)
            assert gone(memory, 20) and gone(semaphore, 20)
            assert psutil.wait_procs([child], timeout=20)[1] == []
        finally:
            process.kill()
            memory.unlink(missing_ok=True)
            semaphore.unlink(missing_ok=True)
