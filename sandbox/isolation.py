"""What keeps a tool away from the machine, and what this machine could offer beyond it.

The one level so far is ``process``: tools run in processes of their own, with bounds on time, memory, open
files and output, no inherited environment, no writable files, and no life beyond their host. It is for
tools that you trust and arguments that you do not. It does not stop code that means harm: a hostile tool
could read every file that the user running the sandbox can read, use the network, signal that user's other
processes, and as root start processes of its own. Never serve tools that a model wrote at this level.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

LEVELS = ("process",)
CLONE_NEWUSER = 0x10000000
LANDLOCK_CREATE_RULESET = 444  # the system call's number on every architecture
LANDLOCK_VERSION = 1
HOW_TO_GET = {
    "user_namespaces": "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1 (Debian) or "
    "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu); in a container, ask for a seccomp profile "
    "that permits unshare",
    "bubblewrap": "install bubblewrap: apt-get install bubblewrap; if it is there and does not run, allow "
    "user namespaces first",
    "seccomp": "use a kernel built with CONFIG_SECCOMP_FILTER",
    "landlock": "use Linux 5.13 or later with landlock in the kernel's lsm= list",
}


def require(level: str) -> None:
    """Raises ``ValueError`` if the level of isolation is not one that there is."""
    if level not in LEVELS:
        raise ValueError(f"sandbox: isolation {level!r} is not available, set it to {' or '.join(LEVELS)!r}")


def probe() -> dict[str, Any]:
    """What this machine has for isolation, found by trying it.

    ``level`` is the level in force. ``user_namespaces``, ``bubblewrap`` and ``seccomp`` are booleans,
    ``bubblewrap_path`` the binary or None, ``landlock`` the ABI version (0: none), ``root`` whether we
    run as root. ``missing`` names what is not there and ``how_to_get`` says, line by line, how to get it.
    """
    path = shutil.which("bwrap")
    found: dict[str, Any] = {
        "level": LEVELS[0],
        "root": os.geteuid() == 0,
        "user_namespaces": _user_namespaces(),
        "bubblewrap": path is not None and _runs([path, "--ro-bind", "/", "/", "--unshare-all", "true"]),
        "bubblewrap_path": path,
        "seccomp": Path("/proc/sys/kernel/seccomp/actions_avail").exists(),
        "landlock": _landlock(),
    }
    missing = [name for name in HOW_TO_GET if not found[name]]
    return found | {"missing": missing, "how_to_get": [f"{name}: {HOW_TO_GET[name]}" for name in missing]}


def _runs(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _user_namespaces() -> bool:
    """Tried in a child, since a process cannot leave a namespace that it made."""
    attempt = f"import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare({CLONE_NEWUSER}) != 0)"
    return _runs([sys.executable, "-I", "-c", attempt])


def _landlock() -> int:
    version = ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), LANDLOCK_VERSION)
    return max(0, int(version))
