"""Whether a child is locked: what the kernel says of it, and what it finds when it tries.

The kernel is asked of each child before it gets a line to run; a first child tries, once for a server.
"""

import asyncio
import os

from sandbox.backends.base import Answer
from sandbox.host.worker import WorkerDied
from sandbox.isolation.identity import UID, can_leave_root

CANARY = """
import os, socket
attempts = {
    "/etc/passwd": lambda: open("/etc/passwd"),
    "socket": socket.socket,
    "fork": lambda: os.fork() or os._exit(0),
    "kill": lambda: os.kill(os.getpid(), 0),
}
held = []
for name, attempt in attempts.items():
    try:
        attempt()
    except OSError:
        held.append(name)
result = {"sum": sum(range(10)), "held": held}
"""
SECONDS_TO_LOCK = 20.0  # on a busy machine
LOOK_SECONDS = 0.002
HELD = {"/etc/passwd", "socket", "fork", "kill"}
FILTERS = 2  # the server's, and the child's own
FILTERED = b"2"  # SECCOMP_MODE_FILTER


class Locks:
    """The locks that a level promises; ``process`` has none."""

    def __init__(self, level: str):
        self._level = level
        self._filters = int(_told(_status(os.getpid()), b"Seccomp_filters:") or 0) + FILTERS
        left = level == "full" and os.geteuid() == 0 and can_leave_root()
        self._uids = {UID} if left else {UID, os.geteuid()}

    async def wait(self, pid: int) -> None:
        """Wait for the process to be locked, as the kernel says; the filter is its last lock. Raises ``WorkerDied``."""
        if self._level == "process" or self._hold(_status(pid)):
            return
        try:
            async with asyncio.timeout(SECONDS_TO_LOCK):
                while not self._hold(_status(pid)):
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError as error:
            raise WorkerDied("a session's child is not locked down") from error

    def _hold(self, status: bytes) -> bool:
        return (
            _told(status, b"Seccomp:") == FILTERED
            and int(_told(status, b"Seccomp_filters:") or 0) >= self._filters
            and _told(status, b"NoNewPrivs:") == b"1"
            and int(_told(status, b"CapEff:"), 16) == int(_told(status, b"CapPrm:"), 16) == 0
            and {int(uid) for uid in _told(status, b"Uid:").split()} <= self._uids
        )

    def held(self, answer: Answer) -> bool:
        """Whether the canary's answer is that of a locked child."""
        told = answer.content.get("result") if isinstance(answer.content, dict) else None
        wanted = HELD if self._level != "process" else set()
        return (
            answer.status == "ok"
            and isinstance(told, dict)
            and told.get("sum") == sum(range(10))
            and isinstance(told.get("held"), list)
            and wanted <= set(told["held"])
        )


def _status(pid: int) -> bytes:
    """What /proc says of a process. Raises ``OSError`` where it has ended."""
    with open(f"/proc/{pid}/status", "rb", buffering=0) as file:
        return file.read(8192)


def _told(status: bytes, name: bytes) -> bytes:
    """The line of that name, empty where there is none."""
    return status.partition(b"\n" + name)[2].partition(b"\n")[0].strip()
