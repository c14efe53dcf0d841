"""What keeps a tool away from the machine: bubblewrap, an own uid, no capabilities, seccomp.

Three levels. ``full``: a process runs in its own namespaces (mounts, processes, network, IPC, host name), sees
a read-only Python and the modules it was given, an empty /tmp, /dev/shm and environment, and makes only the
system calls that ``sandbox.isolation.seccomp`` lists. ``unprivileged``, for where there are no user namespaces: the
same system calls, and by Landlock the same files to read, and a folder of a session's own to write in. ``process``: a process of its own with
bounds on time, memory, files and output, and nothing more; ``NOT_STOPPED`` says what that leaves open.
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

from sandbox.isolation import landlock
from sandbox.isolation.identity import UID, can_leave_root
from sandbox.isolation.places import MODULES, PACKAGES

LEVELS = ("full", "unprivileged", "process")
NOT_STOPPED = (
    "a tool can read every file that this user can read, use the network, signal this user's other processes "
    "and, as root, start processes of its own"
)
CLONE_NEWUSER = 0x10000000
LESS_STOPPED = (
    "a tool can see that a file is there, its size, and which processes there are, and is held by fewer locks"
)
RESOLVING = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl")  # of use with a network only
HIDDEN = ("rl", "rewards", "benchmarks")  # ours, and none of a tool's business
UNPRIVILEGED = (
    "unprivileged: use a kernel with Landlock (6.2 or later, named in /sys/kernel/security/lsm) and seccomp filters, "
    "in a container whose seccomp profile permits both"
)
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

    ``level`` is the strongest level that is used without being asked for. ``user_namespaces``, ``bubblewrap``,
    ``seccomp`` and ``landlock`` are booleans, and so is ``unprivileged``: whether that level works. ``missing`` names
    what level ``full`` lacks and ``how_to_get`` says, line by line, how to get it.
    """
    found: dict[str, Any] = {
        "user_namespaces": _user_namespaces(),
        "bubblewrap": shutil.which("bwrap") is not None and _runs([*launcher([]), *python("-c", "pass")]),
        "seccomp": _runs(
            [
                sys.executable,
                "-c",
                "from sandbox.isolation.seccomp import install, program; install(program())",
            ]
        ),
    }
    found["landlock"] = landlock.version() >= landlock.LEAST_VERSION
    found["unprivileged"] = found["landlock"] and found["seccomp"]
    missing = [name for name in HOW_TO_GET if not found[name]]
    found["level"] = "process" if missing else "full"
    return found | {"missing": missing, "how_to_get": [f"{name}: {HOW_TO_GET[name]}" for name in missing]}


def launcher(
    modules: Iterable[str],
    *,
    tools: Iterable[str] = (),
    script: Path | None = None,
    network: bool = False,
    disk_mb: int | None = None,
) -> list[str]:
    """The command before ``python(...)`` that runs it isolated, able to import ``modules`` and what is installed.

    Of ``tools``, modules too, the files alone lie under ``MODULES``, and their packages whole under ``PACKAGES``. A
    ``script`` lies under ``MODULES``, ``network`` is this machine's, ``disk_mb`` may be written to
    /tmp and to /dev/shm (None: nothing, but by root).

    As root the process still has to leave root by ``identity.leave_root``: bubblewrap then makes no user namespace,
    so that files under a private home can be shown to it read-only. Where root cannot be left, being root of a
    user namespace already, it makes one as for any other user.
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
    command += ["--cap-drop", "ALL", *_own_user()]
    command += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"]
    room = ["--perms", "1777", "--size", str(disk_mb * 2**20)] if disk_mb else []
    command += [*room, "--tmpfs", "/dev/shm", *room, "--tmpfs", "/tmp", "--tmpfs", "/dev/pts"]
    command += _what_is_installed()
    for name in dict.fromkeys(["sandbox", *(module.partition(".")[0] for module in modules)]):
        command += _module(name)
    for name in tools:
        command += _tools(name)
    if script is not None:
        command += _bound(script, f"{MODULES}/{script.name}")
    for file in filter(os.path.exists, RESOLVING if network else ()):
        command += _bound(Path(file), file)
    for name, value in environment(inside=True).items():
        command += ["--setenv", name, value]
    read_only = [word for folder in ("/dev/pts", "/dev", "/") for word in ("--remount-ro", folder)]
    return [*command, *read_only, "--chdir", "/", "--"]


def _own_user() -> list[str]:
    """Capabilities to leave root with, or a user namespace."""
    if os.geteuid() == 0 and can_leave_root():
        return ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return ["--unshare-user", "--uid", str(UID), "--gid", str(UID)]


def _what_is_installed() -> list[str]:
    """Python, the system's libraries and the packages, without what would tell of this machine."""
    command = []
    for path in _readable():
        command += ["--symlink", os.readlink(path), str(path)] if _moved(path) else _bound(path, str(path))
    for folder, inside in _installed().items():
        command += _bound(folder, inside)
        for name in HIDDEN:
            command += ["--tmpfs", f"{inside}/{name}"] if (folder / name).is_dir() else []
        for told in folder.glob("*.dist-info/direct_url.json"):  # where on this machine a package came from
            command += ["--ro-bind", os.devnull, f"{inside}/{told.relative_to(folder)}"]
    return command


def _tools(name: str) -> list[str]:
    """A module of tools: its files alone, and its package whole."""
    command = _module(name.partition(".")[0], PACKAGES)
    for file, inside in module_files(name).items():
        command += [] if _is_installed(file) else _bound(file, f"{MODULES}/{inside}")
    return command


def python(*arguments: str) -> list[str]:
    """This Python with nothing of the user's in its way, and no code of `.pth` files."""
    return [os.path.realpath(sys.executable), "-P", "-s", "-S", "-B", *arguments]


def environment(inside: bool) -> dict[str, str]:
    """All that a process of the sandbox is told: where modules are, and settings that fix what it does."""
    path = [MODULES, *_installed().values()]
    if not inside:  # we may have been found by an import hook, as editable installs have one
        path = [os.path.abspath(entry) for entry in [*sys.path, str(source("sandbox").parent)]]
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


def home(name: str) -> str:
    """The folder that a top-level module lies in, inside."""
    return next(
        (there for folder, there in _installed().items() if source(name).is_relative_to(folder)), MODULES
    )


def module_files(name: str) -> dict[Path, str]:
    """The files that make the module, without the rest of its packages: here, and relative to where they lie.

    Raises ``ValueError`` where there is no such module.
    """
    file = source(name.partition(".")[0])
    if file.is_file():
        return {file: file.name}
    found: dict[Path, str] = {}
    for depth, part in enumerate(parts := name.split(".")):
        folder = file.joinpath(*parts[1 : depth + 1])
        wanted = folder / "__init__.py" if folder.is_dir() else folder.with_name(part + ".py")
        if wanted.is_file():
            found[wanted] = str(Path(parts[0]) / wanted.relative_to(file))
        elif depth == len(parts) - 1 or not folder.is_dir():
            raise ValueError(f"sandbox: there is no module {name!r}; correct its name")
    return found


def readable(modules: Iterable[str], packages: Iterable[str]) -> list[str]:
    """What has to be read, besides what is ``installed``, to import ``modules``, their files alone, and ``packages``,
    whole; for where there are no mounts to hide the rest."""
    paths = [str(path) for path in _readable()]
    paths += [str(file) for name in modules for file in module_files(name)]
    return paths + [str(source(name.partition(".")[0])) for name in packages]


def installed() -> list[str]:
    """The folders of installed packages."""
    return [str(folder) for folder in _installed()]


def _module(name: str, where: str = MODULES) -> list[str]:
    """The top-level module there, unless it is installed."""
    file = source(name)
    if _is_installed(file):
        return []
    return _bound(file, f"{where}/{name}" + ("" if file.is_dir() else file.suffix))


def _is_installed(file: Path) -> bool:
    return any(file.is_relative_to(folder) for folder in _installed())


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
import ctypes, os, sys
from sandbox.isolation.identity import can_leave_root, leave_root
if os.geteuid() == 0 and can_leave_root():
    leave_root()
sys.exit(ctypes.CDLL(None).unshare({CLONE_NEWUSER}) != 0)"""
    return _runs([sys.executable, "-c", attempt])
