"""The inside of the sandbox, for code that is not trusted: ``python -m sandbox.fork_server FD SETTINGS``.

One process loads what programs may want and never runs a line of theirs: it forks a child for each session,
locked down further, whose exit is the reset. Its control socket carries one JSON message a packet: ``{open}`` is
answered with the pid and, beside it, the child's end of a new connection; ``{kill}`` ends a child; ``{gone}``
tells that one ended, how, and after how much CPU time.
"""

import ctypes
import gc
import importlib
import json
import os
import resource
import selectors
import signal
import socket
import sys
import threading
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sandbox import program, seccomp
from sandbox.inside import Tools, die_with_parent, leave_root
from sandbox.tools import public_tools, tool_spec

PRELOADED = (
    "array base64 bisect calendar collections copy csv dataclasses datetime decimal difflib enum fractions functools "
    "hashlib heapq html io itertools json locale math numbers operator random re secrets statistics string struct "
    "textwrap time traceback types typing unicodedata urllib.parse uuid zoneinfo"
).split()
MESSAGE_BYTES = 4096
PR_SET_DUMPABLE = 4
M_ARENA_MAX = -8
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_NOSUID, MS_NODEV, MS_RDONLY = 2, 4, 1
CAPABILITY_VERSION_3 = 0x20080522
THREADS = 64
OPEN_FILES = 64
INODES = 1024


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
        self.filter = bytes.fromhex(settings["filter"] or "")
        if self.filter:
            leave_root()
        die_with_parent()
        program.make_reproducible(settings["now"])
        threading.stack_size(2**20)  # so that threads and their arenas fit into a session's address space
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
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
        while len(self.spares) < self.settings["spares"]:
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
            self._lock_down()
            program.serve(socket.socket(fileno=3), self.tools, self.settings["output_kb"])
            code = 0
        finally:
            os._exit(code)

    def _lock_down(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if self.filter:
            libc.prctl(PR_SET_DUMPABLE, 1)  # else /proc/self is root's, and its uid_map with it
            _private_files(libc, self.settings["disk_mb"])
        libc.prctl(PR_SET_DUMPABLE, 0)  # nobody looks into /proc/<pid>, the session itself included
        die_with_parent()
        os.environ.clear()
        mb = 1024 * 1024
        limits = {
            resource.RLIMIT_CPU: self.settings["cpu_seconds"],
            resource.RLIMIT_AS: self.settings["memory_mb"] * mb,
            resource.RLIMIT_FSIZE: self.settings["disk_mb"] * mb,
            resource.RLIMIT_NOFILE: OPEN_FILES,
            resource.RLIMIT_NPROC: THREADS,
            resource.RLIMIT_CORE: 0,
        }
        for limit, value in limits.items():
            resource.setrlimit(limit, (value, value))
        if self.filter:
            seccomp.install(self.filter)


def _private_files(libc: ctypes.CDLL, disk_mb: int) -> None:
    """A /tmp and /dev/shm of the session's own, bounded, and the sandbox's own code out of sight."""
    uid = os.getuid()
    _check(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare")
    own = {"setgroups": "deny", "uid_map": f"{uid} {uid} 1", "gid_map": f"{uid} {uid} 1"}
    first_to_go = {"oom_score_adj": "1000"}  # where the machine runs out of memory
    for name, text in (own | first_to_go).items():
        Path(f"/proc/self/{name}").write_text(text)
    room = f"size={disk_mb}m,nr_inodes={INODES},mode=1777".encode()
    for folder, flags, options in (
        (b"/tmp", 0, room),
        (b"/dev/shm", 0, room),
        (b"/app/sandbox", MS_RDONLY, b"size=4k"),
        (b"/dev/pts", MS_RDONLY, b"size=4k"),
        (b"/proc", MS_RDONLY, b"size=4k"),  # it shows how we were started, and the other sessions' processes
    ):
        _check(libc.mount(b"tmpfs", folder, b"tmpfs", MS_NOSUID | MS_NODEV | flags, options), folder.decode())
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    _check(libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def _check(failed: int, what: str) -> None:
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
