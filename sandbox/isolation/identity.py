"""Who a process of the sandbox is: an own uid, or a user of a namespace of its own; never root, with no capability."""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator

UID = 65533  # inside; next to nobody's, and nobody else's
PR_SET_PDEATHSIG, PR_CAPBSET_DROP = 1, 24
ADDR_NO_RANDOMIZE = 0x0040000
CAPABILITY_VERSION_3 = 0x20080522


def can_leave_root(maps: str = "/proc/self") -> bool:
    """Whether root may become ``UID``: not where it is root of a user namespace that has no such user, as
    ``unshare -Ur``, enroot and Apptainer make them."""
    if _text(f"{maps}/setgroups").strip() != "allow":
        return False
    return all(_has(UID, _text(f"{maps}/{name}")) for name in ("uid_map", "gid_map"))


def _text(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read()


def _has(number: int, mapping: str) -> bool:
    ranges = [[int(word) for word in line.split()] for line in mapping.splitlines()]
    return any(first <= number < first + count for first, _, count in ranges)


def others_may_read(paths: list[str]) -> bool:
    """Whether a user who is nobody in particular reaches all of these that there are."""
    entered = {folder for path in paths if os.path.exists(path) for folder in _above(os.path.realpath(path))}
    return all(os.stat(folder).st_mode & 0o001 for folder in entered)


def _above(path: str) -> Iterator[str]:
    while path != "/":
        path = os.path.dirname(path)
        yield path


def leave_root() -> None:
    """Become ``UID`` for good, which also gives up every capability; nothing to do unless we are root."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(UID, UID, UID)
        os.setresuid(UID, UID, UID)


def drop_capabilities() -> None:
    """Have no capability any more, and get none back by executing a program. Raises ``OSError``."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
            break  # not ours to drop, or no such capability any more
    header, none = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    if libc.capset(header, none):
        raise OSError(ctypes.get_errno(), "the capabilities could not be dropped")


def die_with_parent() -> None:
    """Be killed by the kernel when the process that started this one ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start_anew(module: str, *arguments: str) -> None:
    """Execute this Python again, with the same memory layout each time, unless that has been done.

    What was root's until now, its memory and its /proc, is then the user's that it has become.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.personality(0xFFFFFFFF) & ADDR_NO_RANDOMIZE:
        return
    if libc.personality(ADDR_NO_RANDOMIZE) >= 0:
        os.execv(sys.executable, [sys.executable, "-P", "-s", "-S", "-B", "-m", module, *arguments])
