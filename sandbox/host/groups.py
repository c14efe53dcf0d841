"""A bound on what all processes of untrusted code take together, by the kernel's control groups where we may make them.

Of version 1 a group below our own in both hierarchies; of version 2 one below our group or beside it, wherever its memory and its
processes can be bounded. Elsewhere there is the budget of ``sandbox.host.budget`` alone. See cgroups(7).
"""

import contextlib
import os
import secrets
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

BOUNDED = ("memory", "pids")
MB = 1024 * 1024
NAME = "polyglot-sandbox"
ENTER = 'for group in "$1" "$2"; do echo $$ > "$group/cgroup.procs" || exit 1; done; shift 2; exec "$@"'
TRIES, PAUSE_SECONDS = 100, 0.01  # for processes that were killed to be gone


class Group:
    """``open`` makes it; nothing is bounded where that is not to be, and before. ``processes`` counts threads, too."""

    def __init__(self, memory_mb: int, processes: int):
        self._bounds = {"memory": memory_mb * MB, "pids": processes}
        self.folders: tuple[Path, Path] | None = None  # for memory and for processes; one, in version 2

    def open(self) -> None:
        """Make the group, unless this machine does not let us."""
        name = f"{NAME}-{os.getpid()}-{secrets.token_hex(8)}"
        for places in _places():
            _remove_left(places)
            folders = places[0] / name, places[1] / name
            self.folders = folders
            try:
                self._make(folders)
                subprocess.run(self.entering(["true"]), check=True, capture_output=True)
                return
            except (OSError, subprocess.CalledProcessError):
                self.close()

    def entering(self, command: list[str]) -> list[str]:
        """The command, as a process that enters the group before it runs it."""
        if self.folders is None:
            return command
        return ["/bin/sh", "-c", ENTER, "sh", *map(str, self.folders), *command]

    def close(self) -> None:
        """Remove it, once its processes are gone; one that stays for ever keeps it."""
        folders, self.folders = self.folders, None
        for folder in dict.fromkeys(folders or ()):
            for _ in range(TRIES):
                with contextlib.suppress(OSError):
                    if folder.exists():
                        folder.rmdir()
                    break
                time.sleep(PAUSE_SECONDS)

    def _make(self, folders: Sequence[Path]) -> None:
        for bounded, folder in zip(BOUNDED, folders, strict=True):
            folder.mkdir(exist_ok=True)
            old = folder / "memory.limit_in_bytes"
            file = old if bounded == "memory" and old.exists() else folder / f"{bounded}.max"
            file.write_text(str(self._bounds[bounded]))


def _remove_left(places: Sequence[Path]) -> None:
    """Remove the empty groups of hosts that were killed, whose names tell their process."""
    for folder in {found for place in places for found in place.glob(f"{NAME}-*-*")}:
        if not Path("/proc", folder.name.split("-")[2]).exists():
            with contextlib.suppress(OSError):  # something lives in it still
                folder.rmdir()


def _places(proc: Path = Path("/proc/self")) -> Iterator[tuple[Path, Path]]:
    """Where a group for memory and one for processes may be made, the best first."""
    ours = _ours(proc)
    if all(name in ours for name in BOUNDED):
        yield ours["memory"], ours["pids"]
    for place in [ours[""], ours[""].parent] if "" in ours else []:
        with contextlib.suppress(OSError):
            if {*BOUNDED} <= {*(place / "cgroup.subtree_control").read_text().split()}:
                yield place, place


def _ours(proc: Path) -> dict[str, Path]:
    """Our own group's folder, by controller; that of version 2 by the empty name."""
    paths = {
        name: path
        for _, names, path in (line.split(":", 2) for line in (proc / "cgroup").read_text().splitlines())
        for name in names.split(",")
    }
    found = {}
    for line in (proc / "mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        root, point = before.split()[3:5]
        kind, _, options = after.split(" ", 2)
        for name in [""] if kind == "cgroup2" else options.split(",") if kind == "cgroup" else []:
            if name in paths:
                inside = os.path.relpath(paths[name], root)
                folder = Path(point, inside)
                found[name] = Path(point) if inside.startswith("..") or not folder.is_dir() else folder
    return found
