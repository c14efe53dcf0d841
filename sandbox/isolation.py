"""What keeps a tool away from the machine: bubblewrap, an own uid, no capabilities, seccomp.

Two levels. ``full``: a process runs in its own namespaces (mounts, processes, network, IPC, host name), sees
a read-only Python and the modules it was given, an empty /tmp, /dev/shm and environment, and makes only the
system calls that ``sandbox.seccomp`` lists. ``process``: a process of its own with bounds on time, memory,
files and output, and nothing more; ``NOT_STOPPED`` says what that leaves open.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.inside import UID

LEVELS = ("full", "process")
NOT_STOPPED = (
    "a tool can read every file that this user can read, use the network, signal this user's other processes "
    "and, as root, start processes of its own"
)
CLONE_NEWUSER = 0x10000000
MODULES = "/app"  # where the modules that were asked for lie inside
RESOLVING = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl")  # of use with a network only
HIDDEN = ("rl", "rewards", "benchmarks")  # ours, and none of a tool's business
HOW_TO_GET = {
    "user_namespaces": "allow user namespaces: sysctl kernel.unprivileged_userns_clone=1 (Debian) or "
    "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu); in a container, ask for a seccomp profile "
    "that permits unshare",
    "bubblewrap": "install bubblewrap: apt-get install bubblewrap; if it is there and does not run, allow "
    "user namespaces first",
    "seccomp": "install libseccomp: apt-get install libseccomp2; if it is there, use a kernel built with "
    "CONFIG_SECCOMP_FILTER",
}


@cache
def probe() -> dict[str, Any]:
    """What this machine has for isolation, found by trying it once.

    ``level`` is the strongest level that works. ``user_namespaces``, ``bubblewrap`` and ``seccomp`` are
    booleans; ``missing`` names what level ``full`` lacks and ``how_to_get`` says, line by line, how to get it.
    """
    found: dict[str, Any] = {
        "user_namespaces": _user_namespaces(),
        "bubblewrap": shutil.which("bwrap") is not None and _runs([*launcher([]), *python("-c", "pass")]),
        "seccomp": _runs(
            [sys.executable, "-c", "from sandbox.seccomp import install, program; install(program())"]
        ),
    }
    missing = [name for name in HOW_TO_GET if not found[name]]
    found["level"] = LEVELS[bool(missing)]
    return found | {"missing": missing, "how_to_get": [f"{name}: {HOW_TO_GET[name]}" for name in missing]}


def launcher(
    modules: Iterable[str], *, script: Path | None = None, network: bool = False, disk_mb: int | None = None
) -> list[str]:
    """The command before ``python(...)`` that runs it isolated, able to import ``modules`` and what is installed.

    A ``script`` lies under ``MODULES``, ``network`` is this machine's, ``disk_mb`` may be written to
    /tmp and to /dev/shm (None: nothing, but by root).

    As root the process still has to leave root by ``inside.leave_root``: bubblewrap then makes no user namespace,
    so that files under a private home can be shown to it read-only.
    """
    command = [
        shutil.which("bwrap") or "bwrap",
        "--die-with-parent",
        "--new-session",
        "--hostname",
        "sandbox",
    ]
    command += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    command += [] if network else ["--unshare-net"]
    command += ["--cap-drop", "ALL"]
    if os.geteuid() == 0:
        command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--uid", str(UID), "--gid", str(UID)]
    command += ["--proc", "/proc", "--dev", "/dev"]
    room = ["--perms", "1777", "--size", str(disk_mb * 2**20)] if disk_mb else []
    command += [*room, "--tmpfs", "/dev/shm", *room, "--tmpfs", "/tmp"]
    for path in _readable():
        command += ["--symlink", os.readlink(path), str(path)] if _moved(path) else _bound(path, str(path))
    for folder, inside in _installed().items():
        command += _bound(folder, inside)
        command += [
            part for name in HIDDEN if (folder / name).is_dir() for part in ("--tmpfs", f"{inside}/{name}")
        ]
    for name in dict.fromkeys(["sandbox", *(module.partition(".")[0] for module in modules)]):
        command += _module(name)
    if script is not None:
        command += _bound(script, f"{MODULES}/{script.name}")
    for file in filter(os.path.exists, RESOLVING if network else ()):
        command += _bound(Path(file), file)
    for name, value in environment(inside=True).items():
        command += ["--setenv", name, value]
    return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--"]


def python(*arguments: str) -> list[str]:
    """This Python with nothing of the user's in its way, and no code of `.pth` files."""
    return [os.path.realpath(sys.executable), "-P", "-s", "-S", "-B", *arguments]


def environment(inside: bool) -> dict[str, str]:
    """All that a process of the sandbox is told: where modules are, and settings that fix what it does."""
    path = [MODULES, *_installed().values()] if inside else [os.path.abspath(entry) for entry in sys.path]
    fixed = {"PYTHONPATH": os.pathsep.join(path), "PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "TZ": "UTC"}
    linked = os.environ.get("LD_LIBRARY_PATH")  # some builds of Python do not start without it
    return fixed | ({"LD_LIBRARY_PATH": linked} if linked else {})


def _readable() -> list[Path]:
    """The dynamic linker and its libraries, the interpreter, and the time zones."""
    system = ["/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/share/zoneinfo"]
    own = [f"{sys.base_prefix}/lib", f"{sys.base_prefix}/lib64", os.path.realpath(sys.executable)]
    return [Path(p) for p in [*system, "/etc/ld.so.cache", *own] if os.path.lexists(p)]


def _installed() -> dict[Path, str]:
    """Where installed packages lie, here and inside (a virtual environment may be in /tmp, say)."""
    folders = [Path(p) for p in sys.path if Path(p).name in ("site-packages", "dist-packages")]
    return {folder: f"/packages/{i}" for i, folder in enumerate(f for f in folders if f.is_dir())}


def _moved(path: Path) -> bool:
    """Such as /lib, which is /usr/lib where the two are merged."""
    return path.is_symlink() and path.parent == Path("/")


def _bound(path: Path, inside: str) -> list[str]:
    """Read-only, under folders that every uid may enter (those bubblewrap makes by itself are root's alone)."""
    parents = [part for parent in reversed(Path(inside).parents[:-1]) for part in ("--dir", str(parent))]
    return [*parents, "--ro-bind", str(path), inside]


def source(name: str) -> Path:
    """The file or the folder of a top-level module. Raises ``ValueError`` where there is none."""
    spec = importlib.util.find_spec(name)
    if spec is None or not (spec.submodule_search_locations or spec.origin):
        raise ValueError(
            f"sandbox: there is no module {name!r}; run where it lies, or put its folder on PYTHONPATH"
        )
    return Path(next(iter(spec.submodule_search_locations or [str(spec.origin)]))).resolve()


def _module(name: str) -> list[str]:
    """The top-level module under MODULES, unless it is installed."""
    file = source(name)
    if any(file.is_relative_to(folder) for folder in _installed()):
        return []
    return _bound(file, f"{MODULES}/{name}" + ("" if file.is_dir() else file.suffix))


def _runs(command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command,
            env=environment(inside=False),  # a child has to find the modules that we have found
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _user_namespaces() -> bool:
    """Tried in a child, as the user that sessions run as; a process cannot leave a namespace that it made."""
    attempt = f"""
import ctypes, sys
from sandbox.inside import leave_root
leave_root()
sys.exit(ctypes.CDLL(None).unshare({CLONE_NEWUSER}) != 0)"""
    return _runs([sys.executable, "-c", attempt])
