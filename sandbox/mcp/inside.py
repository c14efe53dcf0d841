"""A Python server's way into isolation: ``python -m sandbox.mcp.inside SETTINGS``.

It gives up what is not needed, then becomes the server's module or script: nothing is executed anew, so no
process or program has to be allowed.
"""

import json
import resource
import runpy
import sys
import threading
from typing import Any

from sandbox import seccomp
from sandbox.inside import die_with_parent, leave_root

OPEN_FILES = 256
STACK_BYTES = 2**20  # of a thread, so that some of them fit into the address space


def main(settings_json: str) -> None:
    """Settings: ``module`` or ``script``, ``arguments``, ``memory_mb``, ``disk_mb``, ``cpu_seconds``, and
    ``filter``: the seccomp program in hexadecimal digits, or None where this process is not in bubblewrap.
    """
    settings = json.loads(settings_json)
    _confine(settings)
    name = settings["module"] or settings["script"]
    sys.argv = [name, *settings["arguments"]]
    if settings["module"]:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(name, run_name="__main__")


def _confine(settings: dict[str, Any]) -> None:
    threading.stack_size(STACK_BYTES)
    if settings["filter"] is not None:
        leave_root()
    die_with_parent()
    mb, seconds = 1024 * 1024, settings["cpu_seconds"]
    limits = {
        resource.RLIMIT_AS: (settings["memory_mb"] * mb,) * 2,
        resource.RLIMIT_FSIZE: (settings["disk_mb"] * mb,) * 2,
        resource.RLIMIT_CPU: (seconds, seconds + 1),
        resource.RLIMIT_NOFILE: (OPEN_FILES,) * 2,
        resource.RLIMIT_CORE: (0, 0),
    }
    for limit, values in limits.items():
        resource.setrlimit(limit, values)
    if settings["filter"] is not None:
        seccomp.install(bytes.fromhex(settings["filter"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
