"""The inside of the sandbox, for code that is not trusted: ``python -m sandbox.fork_server FD SETTINGS``.

One process loads what programs may want and never runs a line of theirs: it forks a child for each session,
locked down further, whose exit is the reset. Its control socket carries one JSON message a packet: ``{open}`` is
answered with the pid and, beside it, the child's end of a new connection; ``{kill}`` ends a child; ``{gone}``
tells that one ended, how, and after how much CPU time.
"""

import _thread  # `threading` would have much to do after each fork
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from collections import deque
from dataclasses import asdict
from typing import Any

from sandbox import program
from sandbox.frames import frame
from sandbox.inside import Tools, die_with_parent, leave_root
from sandbox.lockdown import OPEN_FILES, Lockdown
from sandbox.tools import public_tools, tool_spec

PRELOADED = (
    "array base64 bisect calendar collections copy csv dataclasses datetime decimal difflib enum fractions functools "
    "hashlib heapq io itertools json locale math numbers operator random re secrets statistics string struct "
    "textwrap time traceback types typing unicodedata urllib.parse uuid zoneinfo"
).split()
MESSAGE_BYTES = 4096
M_ARENA_MAX = -8
REHEARSALS = 30


def main(fd: str, settings_json: str) -> None:
    """Load, give up what is not needed, and fork children until the host hangs up.

    Settings: ``modules`` (names of tool modules), ``memory_mb``, ``output_kb``, ``disk_mb``, ``cpu_seconds``,
    ``spares``, ``now`` (ISO 8601, the frozen time), and ``filter`` as a worker has it.
    """
    settings = json.loads(settings_json)
    control = socket.socket(fileno=int(fd))
    try:
        server = _Server(control, settings)
    except Exception as error:  # whatever it is, the host has to hear of it
        control.send(json.dumps({"error": f"{type(error).__name__}: {error}"}).encode()[:MESSAGE_BYTES])
        return
    server.serve()


class _Server:
    def __init__(self, control: socket.socket, settings: dict[str, Any]):
        self.control, self.settings = control, settings
        for name in PRELOADED:
            importlib.import_module(name)
        self.tools: Tools = {}
        for name in settings["modules"]:
            self.tools |= public_tools(importlib.import_module(name))
        specs = [asdict(tool_spec(tool)) for tool in self.tools.values()]
        if settings["filter"]:
            leave_root()
        die_with_parent()
        self.lock_down = Lockdown(settings, bytes.fromhex(settings["filter"] or ""))
        program.make_reproducible(settings["now"])
        _thread.stack_size(2**20)  # so that threads and their arenas fit into a session's address space
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
        os.environ.clear()
        _rehearse(settings["output_kb"])
        gc.collect()
        gc.freeze()  # children then share these pages, which makes forking cheap
        self.spares: deque[tuple[int, socket.socket]] = deque()
        self.selector = selectors.DefaultSelector()
        self.selector.register(control, selectors.EVENT_READ)
        self._top_up()
        self.control.send(json.dumps({"ready": True, "specs": len(specs)}).encode())
        for spec in specs:
            self.control.send(json.dumps(spec).encode())

    def serve(self) -> None:
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is not self.control:
                    self._bury(key.data, key.fd)
                    continue
                message = self.control.recv(MESSAGE_BYTES)
                if not message:
                    return
                self._obey(json.loads(message))
            self._top_up()

    def _obey(self, message: dict[str, Any]) -> None:
        if "open" in message:
            if not self.spares:
                self._fork()
            pid, theirs = self.spares.popleft()
            with theirs:
                answer = json.dumps({"open": message["open"], "pid": pid}).encode()
                socket.send_fds(self.control, [answer], [theirs.fileno()])
        elif message["kill"] in self.children:
            os.kill(message["kill"], signal.SIGKILL)

    @property
    def children(self) -> set[int]:
        return {key.data for key in self.selector.get_map().values() if key.data is not None}

    def _top_up(self) -> None:
        """Fork several at a time: after each fork this process, too, copies the pages that it touches next."""
        spares = self.settings["spares"]
        if len(self.spares) <= spares // 2:
            for _ in range(spares - len(self.spares)):
                self._fork()

    def _fork(self) -> None:
        theirs, ours = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            self._become_session(ours)
        ours.close()
        self.spares.append((pid, theirs))
        self.selector.register(os.pidfd_open(pid), selectors.EVENT_READ, pid)

    def _bury(self, pid: int, pidfd: int) -> None:
        self.selector.unregister(pidfd)
        os.close(pidfd)
        _, status, usage = os.wait4(pid, 0)
        gone = {
            "gone": pid,
            "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
            "cpu": usage.ru_utime + usage.ru_stime,
        }
        if pid in (spare for spare, _ in self.spares):
            sys.exit("a session's child could not be locked down")  # and none after it would be
        self.control.send(json.dumps(gone).encode())

    def _become_session(self, channel: socket.socket) -> None:
        """In the child: lock the door, then serve programs, and never come back."""
        code = 1
        try:
            os.dup2(channel.fileno(), 3)
            os.closerange(4, OPEN_FILES * 16)
            self.lock_down()
            program.serve(socket.socket(fileno=3), self.tools, self.settings["output_kb"])
            code = 0
        finally:
            os._exit(code)


def _rehearse(output_kb: int) -> None:
    """Run what a session runs: code that Python has adapted already a child need not write to, and so not copy."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for i in range(REHEARSALS):
            ours.sendall(frame({"id": str(i), "code": "print(1)\nresult = sum(range(9))", "seed": 0}))
        ours.shutdown(socket.SHUT_WR)
        program.serve(theirs, {}, output_kb)


if __name__ == "__main__":
    main(*sys.argv[1:])
