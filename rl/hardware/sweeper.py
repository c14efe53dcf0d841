"""Ends what an engine leaves when the process that started it is killed: its processes and its shared memory.

vLLM's processes do not notice that their parent is gone, and Ray, which kills what its workers started, may be killed
first. They speak through files of 160 MB in /dev/shm, which they remove when they end well; a file that has no name any
more goes however they end. While the engine starts they need the names; so this is a program of its own, which outlives
its parent, and one that needs the standard library only. Semaphores, of a few bytes, keep their names to the end.
"""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import IO

FOLDER, MEMORY = "/dev/shm/", ("psm_",)
SEMAPHORES = ("sem.mp-", "sem.loky-")  # where joblib is installed, processes take its own
EVERY = 0.1  # seconds
GRACE = 5.0  # seconds, in which what was left may end by itself
PROGRAM = "import sys; sys.path.append(sys.argv[1]); import sweeper; sweeper.run(int(sys.argv[2]))"


def sweeper() -> IO[bytes]:
    """Start it for this process and its descendants; close what is returned when all have opened what they need."""
    program = [sys.executable, "-S", "-E", "-c", PROGRAM, os.path.dirname(__file__), str(os.getpid())]
    process = subprocess.Popen(program, stdin=subprocess.PIPE, start_new_session=True)
    process.wait()  # it has gone into the background, so that nobody takes it for a child and kills it, too
    assert process.stdin is not None
    return process.stdin


def run(parent: int) -> None:
    ended = os.pidfd_open(parent)
    if os.fork():
        os._exit(0)
    family: dict[int, str] = {parent: _started(parent)}
    inodes: set[int] = set()
    while not select.select([sys.stdin, ended], [], [], EVERY)[0]:
        _look(family, inodes)
    _look(family, inodes)
    _unlink(inodes, MEMORY)
    select.select([ended], [], [])
    _end(family, inodes)
    _unlink(inodes, (*MEMORY, *SEMAPHORES))


def _end(family: dict[int, str], inodes: set[int]) -> None:
    end = time.monotonic() + GRACE
    while any(_alive(pid, family) for pid in family) and time.monotonic() < end:
        _look(family, inodes)
        time.sleep(EVERY)
    for pid in family:
        with suppress(ProcessLookupError):
            if _alive(pid, family):
                os.kill(pid, signal.SIGKILL)


def _look(family: dict[int, str], inodes: set[int]) -> None:
    """Adds new descendants of the family, and what its members have opened.

    By number: the creator of a semaphore maps it under a passing name, as sem_open(3) makes it.
    """
    for pid in sorted(int(entry) for entry in os.listdir("/proc") if entry.isdecimal()):
        with suppress(OSError, IndexError):
            if pid not in family and int(_stat(pid)[1]) in family:
                family[pid] = _started(pid)
            if pid in family:
                with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as maps:
                    inodes |= {int(line.split()[4]) for line in maps if FOLDER in line}


def _unlink(inodes: set[int], prefixes: tuple[str, ...]) -> None:
    for file in list(os.scandir(FOLDER)):
        if file.name.startswith(prefixes) and file.inode() in inodes:
            with suppress(FileNotFoundError):
                os.unlink(file.path)


def _alive(pid: int, family: dict[int, str]) -> bool:
    return bool(family[pid]) and _started(pid) == family[pid]


def _started(pid: int) -> str:
    """When the process was started, which tells it from a later one of its number; "" where it has ended."""
    try:
        stat = _stat(pid)
    except OSError:
        return ""
    return "" if stat[0] == "Z" else stat[19]


def _stat(pid: int) -> list[str]:
    """The fields of proc(5)'s stat from the third, the state, on."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(")")[2].split()
