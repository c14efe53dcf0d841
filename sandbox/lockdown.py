"""What a session's child gives up before it runs a line that is not ours.

All of it is prepared before the fork: a child copies every page that it touches, so it should touch few.
"""

import ctypes
import os
import resource
import signal
from typing import Any

from sandbox import seccomp
from sandbox.inside import PR_SET_PDEATHSIG

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_NOSUID, MS_NODEV, MS_RDONLY = 2, 4, 1
PR_SET_DUMPABLE = 4
CAPABILITY_VERSION_3 = 0x20080522
MB = 1024 * 1024
THREADS = 64
OPEN_FILES = 64
INODES = 1024


class Lockdown:
    """To be made in the fork server and called in each child.

    ``settings`` has ``memory_mb``, ``disk_mb``, ``cpu_seconds``; ``filter_program`` is what ``seccomp.program``
    gives, or empty where the server is not in bubblewrap and only the limits can be set.
    """

    def __init__(self, settings: dict[str, Any], filter_program: bytes):
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._prctl = self._libc.prctl
        self._filter = seccomp.Prepared(filter_program) if filter_program else None
        uid = f"{os.getuid()} {os.getuid()} 1".encode()
        self._files = {
            "setgroups": b"deny",
            "uid_map": uid,
            "gid_map": uid,
            "oom_score_adj": b"1000",  # the first to go where the machine runs out of memory
        }
        room = f"size={settings['disk_mb']}m,nr_inodes={INODES},mode=1777".encode()
        # The sandbox's own code, and /proc, which shows how we were started and the other sessions' processes.
        hidden = (b"/app/sandbox", b"/dev/pts", b"/proc")
        self._mounts = [(folder, MS_NOSUID | MS_NODEV, room) for folder in (b"/tmp", b"/dev/shm")]
        self._mounts += [(folder, MS_NOSUID | MS_NODEV | MS_RDONLY, b"size=4k") for folder in hidden]
        self._no_capabilities = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
        limits = {
            resource.RLIMIT_CPU: settings["cpu_seconds"],
            resource.RLIMIT_AS: settings["memory_mb"] * MB,
            resource.RLIMIT_FSIZE: settings["disk_mb"] * MB,
            resource.RLIMIT_NOFILE: OPEN_FILES,
            resource.RLIMIT_NPROC: THREADS,
            resource.RLIMIT_CORE: 0,
        }
        self._limits = [(limit, (value, value)) for limit, value in limits.items()]

    def __call__(self) -> None:
        """Lock the door. Raises ``OSError`` where a lock does not close: then nothing may run."""
        if self._filter is not None:
            self._prctl(PR_SET_DUMPABLE, 1)  # else /proc/self is root's, and its uid_map with it
            self._private_files()
        self._prctl(PR_SET_DUMPABLE, 0)  # nobody looks into /proc/<pid>, the session itself included
        self._prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        for limit, both in self._limits:
            resource.setrlimit(limit, both)
        if self._filter is not None:
            self._filter.install()

    def _private_files(self) -> None:
        """A /tmp and /dev/shm of the session's own, bounded, and what is none of its business out of sight."""
        self._check(self._libc.unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare")
        for name, text in self._files.items():
            file = os.open(f"/proc/self/{name}", os.O_WRONLY)
            os.write(file, text)
            os.close(file)
        for folder, flags, options in self._mounts:
            self._check(self._libc.mount(b"tmpfs", folder, b"tmpfs", flags, options), "mount")
        self._check(self._libc.capset(*self._no_capabilities), "capset")

    @staticmethod
    def _check(failed: int, what: str) -> None:
        if failed:
            number = ctypes.get_errno()
            raise OSError(number, f"{what}: {os.strerror(number)}")
