"""A Python server's way into isolation: ``BOOT``, run by ``python -c`` with the settings as its argument.

It gives up what is not needed, then becomes the server's module or script: nothing is executed anew, so no process or
program has to be allowed. Until it has, only the standard library and ``sandbox`` can be imported: a file that is called
like one of their modules and lies beside the server is not found. Afterwards the standard library still comes first.
"""

import ctypes
import json
import os
import resource
import runpy
import sys
import threading
from pathlib import Path
from typing import Any

from sandbox.guest.lockdown import renounce
from sandbox.isolation import landlock, seccomp
from sandbox.isolation.identity import die_with_parent, drop_capabilities

# {} is the folder that `sandbox` lies in.
BOOT = (
    "import sys; sys.path.append({!r}); import sandbox; sys.path.pop(); "
    "from sandbox.guest.mcp_server import main; main(sys.argv[1])"
)
THREADS = 64
OPEN_FILES = 256
STACK_BYTES = 2**20  # of a thread, so that some of them fit into the address space
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
READ_ONLY = 1 | 2 | 4 | 8  # MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC
PR_SET_DUMPABLE = 4


def main(settings_json: str) -> None:
    """Settings: ``module`` or ``script``, ``arguments``, ``path`` (where modules are looked for besides),
    ``memory_mb``, ``disk_mb``, ``cpu_seconds``; ``level``, ``filter``, ``readable`` and ``hidden`` as
    ``sandbox.backends.mcp.servers`` makes them.
    """
    settings = json.loads(settings_json)
    _confine(settings)
    sys.path += settings["path"]
    name = settings["module"] or settings["script"]
    sys.argv = [name, *settings["arguments"]]
    if settings["module"]:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(name, run_name="__main__")


def _confine(settings: dict[str, Any]) -> None:
    threading.stack_size(STACK_BYTES)
    rules = None
    if settings["level"] == "unprivileged":
        rules = landlock.Ruleset(settings["readable"], settings["hidden"])
    renounce(settings)
    if settings["level"] == "full":
        _own_namespace()
    die_with_parent()
    mb, seconds = 1024 * 1024, settings["cpu_seconds"]
    limits = {
        resource.RLIMIT_AS: (settings["memory_mb"] * mb,) * 2,
        resource.RLIMIT_FSIZE: (settings["disk_mb"] * mb,) * 2,
        resource.RLIMIT_CPU: (seconds, seconds + 1),  # told before it is killed
        resource.RLIMIT_NOFILE: (OPEN_FILES,) * 2,
        resource.RLIMIT_CORE: (0, 0),
    }
    if settings["level"] == "full":  # elsewhere it would count the user's other threads, too
        limits[resource.RLIMIT_NPROC] = (THREADS,) * 2
    for limit, values in limits.items():
        resource.setrlimit(limit, values)
    if rules is not None:
        rules.restrict()
    if settings["filter"] is not None:
        seccomp.install(bytes.fromhex(settings["filter"]))


def _own_namespace() -> None:
    """A user namespace, in which threads are counted by themselves, and mounts that hide /proc, which tells paths of
    the machine, and the sandbox's own code. Raises ``OSError``."""
    libc, uid = ctypes.CDLL(None, use_errno=True), os.getuid()
    libc.prctl(PR_SET_DUMPABLE, 1)  # else /proc/self is root's, and its uid_map with it
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "no namespace of its own")
    for name, text in {"setgroups": "deny", "uid_map": f"{uid} {uid} 1", "gid_map": f"{uid} {uid} 1"}.items():
        Path("/proc/self", name).write_text(text)
    for folder in filter(os.path.isdir, ("/app/sandbox", "/dev/pts", "/proc")):
        if libc.mount(b"tmpfs", folder.encode(), b"tmpfs", READ_ONLY, b"size=4k"):
            raise OSError(ctypes.get_errno(), f"{folder} could not be hidden")
    libc.prctl(PR_SET_DUMPABLE, 0)
    drop_capabilities()
