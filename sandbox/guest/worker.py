"""The inside of the sandbox, for trusted tools: ``python -m sandbox.guest.worker FD SETTINGS``.

A worker reads requests ``{id, tool, arguments, seed, index}`` and the session's state from a socket and answers
each with ``{id, status, content, seconds, spent}`` and, where the tool changed it, the state. It keeps nothing between
two calls; ``spent`` says that it would nonetheless be replaced, since it has served long or grown large. Wall time is
the host's to limit; the worker limits its own memory, files and processes, and dies with its host.
"""

import importlib
import json
import os
import resource
import socket
import sys
from pathlib import Path
from typing import Any

from sandbox.guest.answer import Tools, answer, receive
from sandbox.guest.lockdown import renounce
from sandbox.host.framing import frame
from sandbox.isolation import landlock, seccomp
from sandbox.isolation.identity import die_with_parent
from sandbox.tools import public_tools

STATM = "/proc/self/statm"
OPEN_FILES = 64
LOOK_AT_MEMORY = 64  # calls
MOST_MEMORY = 0.75  # of the address space that it may have


def main(fd: str, settings_json: str) -> None:
    """Load the tools, give up what is not needed, and serve until the host hangs up.

    Settings: ``catalog`` and ``modules`` (names), ``memory_mb``, ``output_kb``, ``recycle_calls``, and the locks of
    ``sandbox.host.spawn``.
    """
    settings = json.loads(settings_json)
    with socket.socket(fileno=int(fd)) as channel:
        try:
            tools = _load(settings)
            size = _Size(keep_open=settings["level"] == "unprivileged")
            _confine(settings)
        except Exception as error:  # whatever it is, the host has to hear of it
            channel.sendall(frame({"error": f"{type(error).__name__}: {error}"}))
            return
        channel.sendall(frame({"ready": True}))
        served = 0
        while (asked := receive(channel, settings["output_kb"])) is not None:
            message, state = answer(tools, *asked, settings["output_kb"])
            served += 1
            channel.sendall(frame(message | {"spent": _is_spent(served, settings, size)}, state))


def _load(settings: dict[str, Any]) -> Tools:
    catalog = importlib.import_module(settings["catalog"])
    catalog.warm_up()
    tools = dict(catalog.TOOLS)
    for name in settings["modules"]:
        tools |= public_tools(importlib.import_module(name))
    return tools


def _is_spent(served: int, settings: dict[str, Any], size: "_Size") -> bool:
    """Whether it has served as many calls as it should, or (looked at now and then) takes most of its memory."""
    if served >= settings["recycle_calls"]:
        return True
    if served % LOOK_AT_MEMORY:
        return False
    return bool(size() > MOST_MEMORY * settings["memory_mb"] * 1024 * 1024)


class _Size:
    """The address space that this process takes, in bytes. ``keep_open``: /proc will be out of reach."""

    def __init__(self, keep_open: bool):
        self._file = os.open(STATM, os.O_RDONLY | os.O_CLOEXEC) if keep_open else None

    def __call__(self) -> int:
        text = Path(STATM).read_bytes() if self._file is None else os.pread(self._file, 64, 0)
        return int(text.split()[0]) * resource.getpagesize()


def _confine(settings: dict[str, Any]) -> None:
    renounce(settings)
    die_with_parent()
    _limit_resources(settings["memory_mb"])
    if settings["level"] == "unprivileged":
        landlock.Ruleset(settings["readable"], settings["hidden"]).restrict()
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
