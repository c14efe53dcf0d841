"""What a session's child gives up before it runs a line that is not ours.

All of it is prepared before the fork: a child copies every page that it touches, so it should touch few.
"""

import ctypes
import os
import resource
import signal
import sys
from typing import Any

from sandbox.isolation import landlock, seccomp
from sandbox.isolation.identity import (
    CAPABILITY_VERSION_3,
    PR_SET_PDEATHSIG,
    can_leave_root,
    drop_capabilities,
    leave_root,
    others_may_read,
)
from sandbox.isolation.places import MODULES, PACKAGES

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x10000000, 0x20000000
OWN_NAMESPACES = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
PR_SET_DUMPABLE = 4
MB = 1024 * 1024
THREADS = 64
OPEN_FILES = 64
INODES = 1024
RESERVED_MB = 1024  # of address space that may be set aside beyond memory, for libraries and stacks
SECONDS_TO_LOAD = 20  # of CPU time, for the modules of tools
TO_THE_DEATH = (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF)
CHANNEL = 3
FIRST_TO_GO = b"1000"  # where the machine runs out of memory


def renounce(settings: dict[str, Any]) -> None:
    """Stop being root, as far as the level and this machine allow it, and have no capability left."""
    if settings["level"] == "full":
        leave_root()
    elif settings["level"] == "unprivileged":
        if (
            os.geteuid() == 0
            and can_leave_root()
            and others_may_read([*filter(None, sys.path), sys.executable])
        ):
            leave_root()
        drop_capabilities()


class Lockdown:
    """To be made in the fork server and called in each child.

    ``settings`` has ``memory_mb``, ``disk_mb``, ``cpu_seconds`` and the locks of ``sandbox.host.spawn``. A child is for
    programs or, ``with_tools``, for the user's, and sees of the modules their files alone or all.
    """

    def __init__(self, settings: dict[str, Any]):
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._prctl = self._libc.prctl
        self._full = settings["level"] == "full"
        filter_program = bytes.fromhex(settings["filter_of_child"] or "")
        self._filter = seccomp.Prepared(filter_program) if filter_program else None
        self._rules: dict[bool, landlock.Ruleset] = {}
        if settings["level"] == "unprivileged":
            for with_tools in (False, True):
                paths = settings["readable"] + settings["of_tools"] * with_tools
                self._rules[with_tools] = landlock.Ruleset(paths, settings["hidden"])
        uid = f"{os.getuid()} {os.getuid()} 1".encode()
        self._files = {
            "setgroups": b"deny",
            "uid_map": uid,
            "gid_map": uid,
            "oom_score_adj": FIRST_TO_GO,
        }
        room = f"size={settings['disk_mb']}m,nr_inodes={INODES},mode=1777".encode()
        # The sandbox's own code, and /proc, which shows how we were started and the other sessions' processes.
        hidden = (f"{MODULES}/sandbox".encode(), b"/proc")
        flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
        self._mounts = [(folder, flags, room) for folder in (b"/tmp", b"/dev/shm")]
        self._mounts += [(folder, flags | MS_RDONLY, b"size=4k") for folder in hidden]
        self._has_packages = os.path.isdir(PACKAGES)
        self._packages = PACKAGES.encode(), flags | MS_RDONLY, b"size=4k"
        self._no_capabilities = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
        self._cpu_seconds = settings["cpu_seconds"]
        limits = {
            resource.RLIMIT_AS: (settings["memory_mb"] + RESERVED_MB) * MB,
            resource.RLIMIT_DATA: 2 * settings["memory_mb"] * MB,  # what is resident the server looks after
            resource.RLIMIT_FSIZE: settings["disk_mb"] * MB,
            resource.RLIMIT_NOFILE: OPEN_FILES,
            resource.RLIMIT_NPROC: THREADS,
            resource.RLIMIT_CORE: 0,
        }
        self._limits = [(limit, (value, value)) for limit, value in limits.items()]

    @property
    def namespaces(self) -> int:
        """The flags of the namespaces that a child is to be forked into."""
        return OWN_NAMESPACES if self._full else 0

    def __call__(self, channel: int, with_tools: bool, folder: str | None) -> None:
        """Lock the door, the channel being all that stays open; without mounts, files can be kept in the ``folder``
        alone. Raises ``OSError`` where a lock does not close: then nothing may run."""
        if with_tools in self._rules:
            _write("oom_score_adj", FIRST_TO_GO)
            self._rules[with_tools].restrict(folder)
        self._fresh_descriptors(channel)
        if self._full:
            self._prctl(PR_SET_DUMPABLE, 1)  # else /proc/self is root's, and its uid_map with it
            self._private_files(with_tools)
        self._prctl(PR_SET_DUMPABLE, 0)  # nobody looks into /proc/<pid>, the session itself included
        self._prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        for limit, both in self._limits:
            resource.setrlimit(limit, both)
        seconds = (
            self._cpu_seconds + SECONDS_TO_LOAD * with_tools
        )  # which the server lowers, once they are loaded
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        if self._filter is not None:
            self._filter.install()

    def _fresh_descriptors(self, channel: int) -> None:
        """None that another session has, too: by its flags one could signal to the other."""
        os.dup2(channel, CHANNEL)
        self._check(self._libc.close_range(0, CHANNEL - 1, 0), "close_range")
        for duplicated in range(os.open("/dev/null", os.O_RDWR), CHANNEL - 1):
            os.dup(duplicated)  # the lowest that is free
        self._check(self._libc.close_range(CHANNEL + 1, 0xFFFFFFFF, 0), "close_range")

    def _private_files(self, with_tools: bool) -> None:
        """A /tmp and /dev/shm of the session's own, bounded, and what is none of its business out of sight."""
        for name, text in self._files.items():
            _write(name, text)
        for folder, flags, options in self._mounts:
            self._check(self._libc.mount(b"tmpfs", folder, b"tmpfs", flags, options), "mount")
        if not with_tools and self._has_packages:
            folder, flags, options = self._packages
            self._check(self._libc.mount(b"tmpfs", folder, b"tmpfs", flags, options), "mount")
        self._check(self._libc.capset(*self._no_capabilities), "capset")

    @staticmethod
    def _check(failed: int, what: str) -> None:
        if failed:
            number = ctypes.get_errno()
            raise OSError(number, f"{what}: {os.strerror(number)}")


def _write(name: str, text: bytes) -> None:
    file = os.open(f"/proc/self/{name}", os.O_WRONLY)
    os.write(file, text)
    os.close(file)
