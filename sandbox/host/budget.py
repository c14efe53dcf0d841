"""How much of the machine's memory code that is not trusted may have, all sessions together."""

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)
SHARE = 0.75  # of the memory that is there for us; the rest is the host's own
SERVER_MB, SERVER_PROCESSES = 1024, 64  # of a fork server, with its spare children
CGROUP_LIMITS = ("memory.max", "memory/memory.limit_in_bytes")  # of version 2, of version 1


def whole(programs: int, each_mb: int, threads: int, servers: int, spares: int) -> tuple[int, int]:
    """The memory in MB and the processes (each thread is one) that ``servers`` fork servers may take with so many programs."""
    return programs * each_mb + servers * SERVER_MB, programs * threads + servers * (
        2 * spares + SERVER_PROCESSES
    )


def programs_at_once(wanted: int, each_mb: int, memory_mb: int | None = None) -> int:
    """How many of the ``wanted`` sessions may hold a program at once, at least one; further ones wait.

    Each may have ``each_mb`` of memory, its files included; ``memory_mb`` is the machine's (default: as found).
    """
    have = int(SHARE * (memory_mb or memory_here_mb()))
    fit = max(have // each_mb, 1)
    if fit < wanted:
        log.info(
            "sandbox: %d sessions of %d MB may hold a program at once, not %d: this machine has %d MB for them",
            fit,
            each_mb,
            wanted,
            have,
        )
    return min(fit, wanted)


def memory_here_mb() -> int:
    """This machine's memory, or the control group's where that is less."""
    found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for file in (Path("/sys/fs/cgroup") / name for name in CGROUP_LIMITS):
        if file.is_file() and (text := file.read_text().strip()).isdigit():
            found.append(int(text))
    return min(found) // 2**20
