"""What the configuration says of a server, made ready to be connected to.

``{"command": [...], "env": {...}, "isolated": true, "network": false}`` is a process, ``{"url", "headers"}`` is
reached by streamable HTTP. What is wrong with either is a ``ValueError`` that names it and what to do.
"""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import httpx2

from sandbox.backends.base import Limits
from sandbox.backends.mcp.http import over_http
from sandbox.backends.mcp.stdio import Launch, over_stdio
from sandbox.backends.mcp.wire import Streams, Wire
from sandbox.backends.rest.credentials import Credentials
from sandbox.guest.mcp_server import BOOT
from sandbox.isolation import seccomp
from sandbox.isolation.bubblewrap import (
    HIDDEN,
    NOT_STOPPED,
    environment,
    home,
    installed,
    launcher,
    python,
    readable,
    source,
)
from sandbox.isolation.places import MODULES

KEYS = {"command": ("env", "isolated", "network"), "url": ("headers",)}
CONNECT_SECONDS = 10.0
PATIENCE_SECONDS = 2.0  # for a server that has the machine, to leave it tidy
CPU_SECONDS_TO_START = 20


class Server(Protocol):
    """``label`` is what messages call it, ``locale`` (BCP 47) whose tools it has, None for everybody's."""

    @property
    def label(self) -> str: ...

    @property
    def locale(self) -> str | None: ...

    def connect(self, wire: Wire) -> AbstractAsyncContextManager[Streams]:
        """A connection of its own; leaving it ends what it started."""


@dataclass(frozen=True, eq=False)
class StdioServer:
    """A process for each connection."""

    label: str
    launch: Launch
    locale: str | None = None

    def connect(self, wire: Wire) -> AbstractAsyncContextManager[Streams]:
        return over_stdio(self.launch, wire)


@dataclass(frozen=True, eq=False)
class HttpServer:
    """One server for all connections; ``label`` is its URL without secrets."""

    label: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    locale: str | None = None

    def connect(self, wire: Wire) -> AbstractAsyncContextManager[Streams]:
        return over_http(self.url, self.headers, CONNECT_SECONDS, wire)


@dataclass(frozen=True)
class Surroundings:
    """What servers are started in: the limits, the level of isolation, what of ``full`` the machine lacks."""

    limits: Limits
    level: str
    missing: list[str]


def server(config: Mapping[str, Any], surroundings: Surroundings, credentials: Credentials) -> Server:
    """The server that the configuration describes."""
    if not isinstance(config, Mapping):
        raise ValueError(
            f"mcp: a server must be an object with a command or a url, not {config!r}; write it so"
        )
    given = {key: value for key, value in config.items() if value is not None}
    kinds = [kind for kind in KEYS if kind in given]
    if len(kinds) != 1:
        raise ValueError(
            f"mcp: a server has a command or a url, {sorted(given)} has {len(kinds)} of them; write one"
        )
    known = (kinds[0], *KEYS[kinds[0]], "locale")
    if unknown := set(given) - set(known):
        raise ValueError(
            f"mcp: a server with a {kinds[0]} has no {min(unknown)!r}; it has {', '.join(known)}"
        )
    if not isinstance(given.get("locale"), str | None):
        raise ValueError(f"mcp: {given[kinds[0]]}: locale must be a tag such as de-DE; write it so")
    made = _http(given, credentials) if kinds == ["url"] else _stdio(given, surroundings, credentials)
    return replace(made, locale=given.get("locale"))


def _http(given: dict[str, Any], credentials: Credentials) -> HttpServer:
    label = str(given["url"])
    headers = _filled(given, "headers", label, credentials)
    url = credentials.fill(label, label, in_url=True)
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise ValueError(f"mcp: {label}: is not a URL ({error}); write https://host/mcp") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError(f"mcp: {label}: is not an absolute http or https URL; write https://host/mcp")
    return HttpServer(label, url, headers)


def _stdio(given: dict[str, Any], surroundings: Surroundings, credentials: Credentials) -> StdioServer:
    command = given["command"]
    if not isinstance(command, list | tuple) or not command or not all(isinstance(c, str) for c in command):
        raise ValueError(f"mcp: command {command!r} must be a list of texts; write [python, -m, my_server]")
    label = " ".join(command)
    named = _filled(given, "env", label, credentials)
    if given.get("isolated", True):
        return StdioServer(
            label, _isolated(label, list(command), named, bool(given.get("network")), surroundings)
        )
    if given.get("network") is not None and not given["network"]:
        raise ValueError(f"mcp: {label}: isolated: false gives it the network, too; leave network out")
    return StdioServer(label, _bare(label, list(command), named))


def _bare(label: str, command: list[str], named: dict[str, str]) -> Launch:
    """On this machine as we are; but for Python's own settings, its environment is what is named."""
    if command[0] in ("python", "python3"):
        return Launch(python(*command[1:]), environment(inside=False) | named, None, PATIENCE_SECONDS)
    program = shutil.which(command[0])
    if program is None:
        raise ValueError(f"mcp: {label}: there is no program {command[0]!r}; install it, or write its path")
    return Launch([program, *command[1:]], named, None, PATIENCE_SECONDS)


def _isolated(
    label: str, command: list[str], named: dict[str, str], network: bool, surroundings: Surroundings
) -> Launch:
    if surroundings.missing:
        raise ValueError(
            f"mcp: {label}: cannot run isolated on this machine; {'; '.join(surroundings.missing)}. To run it with "
            f"less, set isolated: false for this server, or sandbox.isolation=process for all: then {NOT_STOPPED}"
        )
    module, script, arguments = _python_server(label, command)
    limits, inside = surroundings.limits, surroundings.level == "full"
    settings = {
        "module": module,
        "script": f"{MODULES}/{script.name}" if script and inside else str(script),
        "arguments": arguments,
        "path": environment(inside)["PYTHONPATH"].split(os.pathsep),
        "memory_mb": limits.memory_mb,
        "disk_mb": limits.disk_mb,
        "cpu_seconds": limits.cpu_seconds + CPU_SECONDS_TO_START,
    }
    if network and surroundings.level == "unprivileged":
        raise ValueError(f"mcp: {label}: network: true needs sandbox.isolation=full; leave network out")
    settings |= _locks(surroundings.level, network, module, script)
    folder = home("sandbox") if inside else str(source("sandbox").parent)
    inner = python("-c", BOOT.format(folder), json.dumps(settings))
    if not inside:
        return Launch(inner, environment(inside=False) | {"PYTHONPATH": ""} | named, "/", 0.0)
    outer = launcher([module] if module else [], script=script, network=network, disk_mb=limits.disk_mb)
    return Launch([*outer[:-1], "--unsetenv", "PYTHONPATH", "--", *inner], named, "/", 0.0)


def _locks(level: str, network: bool, module: str | None, script: Path | None) -> dict[str, Any]:
    """The level; the seccomp filter in hexadecimal digits, or None; for Landlock, what may be read, without what is
    hidden."""
    locks: dict[str, Any] = {"level": level, "filter": None, "readable": [], "hidden": HIDDEN}
    if level != "process":
        locks["filter"] = seccomp.program(network).hex()
    if level == "unprivileged":
        locks["readable"] = [
            *installed(),
            *readable([], [module] if module else []),
            *([str(script)] * bool(script)),
        ]
    return locks


def _python_server(label: str, command: list[str]) -> tuple[str | None, Path | None, list[str]]:
    """The module or else the script that the command starts, and its arguments."""
    if command[0] in ("python", "python3") and command[1:2] == ["-m"] and len(command) > 2:
        return command[2], None, command[3:]
    if command[0] in ("python", "python3") and len(command) > 1 and not command[1].startswith("-"):
        script = Path(command[1]).resolve()
        if not script.is_file():
            raise ValueError(f"mcp: {label}: there is no file {command[1]}; correct the path")
        return None, script, command[2:]
    raise ValueError(
        f"mcp: {label}: cannot be isolated; write [python, -m, module] or [python, path], or set isolated: false "
        "to run it on this machine as you"
    )


def _filled(given: dict[str, Any], key: str, label: str, credentials: Credentials) -> dict[str, str]:
    texts = given.get(key) or {}
    if not isinstance(texts, Mapping) or not all(isinstance(value, str) for value in texts.values()):
        raise ValueError(f"mcp: {label}: {key} must be an object of texts; write it so")
    return {name: credentials.fill(text, f"mcp: {label}: {key} {name}") for name, text in texts.items()}
