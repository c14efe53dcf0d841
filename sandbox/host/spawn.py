"""How the host starts a process of the sandbox: isolated as the level says, with nothing of ours but one socket."""

import json
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.backends.base import Limits
from sandbox.host.groups import Group
from sandbox.isolation import seccomp
from sandbox.isolation.bubblewrap import HIDDEN, environment, installed, launcher, python, readable


@dataclass(frozen=True)
class Spawner:
    """``level`` is one of ``sandbox.isolation.bubblewrap.LEVELS``; those that run untrusted code are in the ``group``."""

    level: str
    limits: Limits
    group: Group | None = field(default=None, compare=False)

    def spawn(
        self,
        program: str,
        channel: socket.socket,
        settings: dict[str, Any],
        modules: Sequence[str] = (),
        tools: Sequence[str] = (),
    ) -> subprocess.Popen[bytes]:
        """Start ``python -m program FD SETTINGS``, able to import ``modules``, and ``tools`` as ``launcher`` has it.

        It inherits the channel and nothing else: no environment, no standard streams, no terminal. To the settings
        come the ``level``, and with it the seccomp ``filter`` in hexadecimal digits (or None), the two
        that a fork server and its children have in its place, and, for Landlock, what is
        ``readable``, by tools also ``of_tools``, without what is ``hidden``.
        """
        inside = self.level == "full"
        settings = settings | self._locks(modules, tools)
        command = python("-m", program, str(channel.fileno()), json.dumps(settings))
        command = [*launcher(modules, tools=tools), *command] if inside else command
        return subprocess.Popen(
            command if self.group is None else self.group.entering(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[channel.fileno()],
            cwd="/",
            env={} if inside else environment(inside=False),
            start_new_session=True,  # Ctrl-C in the host's terminal is the host's alone
        )

    def _locks(self, modules: Sequence[str], tools: Sequence[str]) -> dict[str, Any]:
        locks: dict[str, Any] = {"level": self.level, "filter": None, "filter_of_child": None}
        if self.level != "process":
            locks["filter"] = seccomp.program().hex()
            locks["filter_of_server"] = seccomp.of_the_server().hex()
            locks["filter_of_child"] = seccomp.of_a_child().hex()
        if self.level == "unprivileged":
            locks["readable"] = installed() + readable(tools, modules)
            locks["of_tools"] = readable((), tools)
            locks["hidden"] = HIDDEN
        return locks
