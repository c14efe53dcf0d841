"""The inside of the sandbox, for trusted tools: ``python -m sandbox.worker FD SETTINGS``.

A worker reads requests ``{id, tool, arguments, seed, index}`` and the session's state from a socket and answers
each with ``{id, status, content, seconds}`` and, where the tool changed it, the state. It keeps nothing between two
calls. Wall time is the host's to limit; the worker limits its own memory, files and processes, and dies
with its host.
"""

import importlib
import json
import resource
import socket
import sys
from typing import Any

from sandbox import seccomp
from sandbox.frames import frame
from sandbox.inside import Tools, answer, die_with_parent, leave_root, receive
from sandbox.tools import public_tools

OPEN_FILES = 64


def main(fd: str, settings_json: str) -> None:
    """Load the tools, give up what is not needed, and serve until the host hangs up.

    Settings: ``catalog`` and ``modules`` (names), ``memory_mb``, ``output_kb``, and ``filter``: the seccomp
    program in hexadecimal digits, or None where this process is not in bubblewrap.
    """
    settings = json.loads(settings_json)
    with socket.socket(fileno=int(fd)) as channel:
        try:
            tools = _load(settings)
            _confine(settings)
        except Exception as error:  # whatever it is, the host has to hear of it
            channel.sendall(frame({"error": f"{type(error).__name__}: {error}"}))
            return
        channel.sendall(frame({"ready": True}))
        while (asked := receive(channel)) is not None:
            channel.sendall(frame(*answer(tools, *asked, settings["output_kb"])))


def _load(settings: dict[str, Any]) -> Tools:
    catalog = importlib.import_module(settings["catalog"])
    catalog.warm_up()
    tools = dict(catalog.TOOLS)
    for name in settings["modules"]:
        tools |= public_tools(importlib.import_module(name))
    return tools


def _confine(settings: dict[str, Any]) -> None:
    if settings["filter"] is not None:
        leave_root()
    die_with_parent()
    _limit_resources(settings["memory_mb"])
    if settings["filter"] is not None:
        seccomp.install(bytes.fromhex(settings["filter"]))


def _limit_resources(memory_mb: int) -> None:
    """Memory as asked; few files, none of them written to; no processes (root is exempt), no core dump."""
    limits = {
        resource.RLIMIT_AS: memory_mb * 1024 * 1024,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    main(*sys.argv[1:])
