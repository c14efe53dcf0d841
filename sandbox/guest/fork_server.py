"""The inside of the sandbox, for code that is not trusted: ``python -m sandbox.guest.fork_server FD SETTINGS``.

One process loads what programs may want and never runs a line of theirs, nor of the user's tools: it forks a child for
each session, locked down further, whose exit is the reset. Children for tools load their modules once they are locked.
Its control socket carries one JSON message a packet: ``{open}`` (for ``programs`` or ``tools``) is answered with the
pid and, beside it, the host's end of a new connection, a pidfd and the memory that keeps what it prints; ``{loaded}``
starts a child's CPU time anew; ``{kill}`` ends a child; ``{gone}`` tells that one ended, how, and after how much CPU time.
"""

import _thread  # `threading` would have much to do after each fork
import ctypes
import gc
import importlib
import json
import math
import mmap
import os
import resource
import selectors
import signal
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from sandbox.guest import folders, program
from sandbox.guest.answer import Tools
from sandbox.guest.lockdown import CHANNEL, INODES, TO_THE_DEATH, Lockdown, renounce
from sandbox.guest.reproducible import make_reproducible
from sandbox.host.framing import frame
from sandbox.host.printed import shared
from sandbox.isolation import seccomp
from sandbox.isolation.identity import die_with_parent, start_anew
from sandbox.isolation.places import PACKAGES
from sandbox.tools import one_line, public_tools

PRELOADED = (
    "array base64 bisect calendar collections copy csv dataclasses datetime decimal difflib enum fractions functools "
    "hashlib heapq io itertools json locale math numbers operator random re secrets statistics string struct "
    "textwrap time traceback types typing unicodedata urllib.parse uuid zoneinfo"
).split()
MESSAGE_BYTES = 4096
M_ARENA_MAX = -8
REHEARSALS = 30
LOOK_SECONDS = 0.05  # between two looks at the memory of children
CLONE = {"x86_64": 56, "aarch64": 220}  # the system call's number
A_CALLBACK = ctypes.CFUNCTYPE(None)(lambda: None)  # the first makes room for more, which no child could
ONE_THREAD = (b"OPENBLAS_NUM_THREADS", b"OMP_NUM_THREADS", b"MKL_NUM_THREADS")


def main(fd: str, settings_json: str) -> None:
    """Give up what is not needed, load, and fork children until the host hangs up.

    Settings: ``modules`` (names of tool modules), ``memory_mb``, ``output_kb``, ``disk_mb``, ``cpu_seconds``,
    ``spares``, ``now`` (ISO 8601, the frozen time), ``files`` (a folder to make, where children have no /tmp of their
    own, or None), and the locks of ``sandbox.host.spawn``.
    """
    settings = json.loads(settings_json)
    control = socket.socket(fileno=int(fd))
    try:
        renounce(settings)
        if settings["level"] != "process":
            start_anew("sandbox.guest.fork_server", fd, settings_json)
        server = _Server(control, settings)
    except Exception as error:  # whatever it is, the host has to hear of it
        control.send(json.dumps({"error": one_line(f"{type(error).__name__}: {error}")}).encode())
        return
    server.serve()


@dataclass(eq=False)
class _Child:
    """``cpu`` is what it had used before its CPU time was counted; ``over``: it was killed for its ``memory`` or its
    ``files``; those lie in ``folder``, where it has no /tmp."""

    pid: int
    pidfd: int
    with_tools: bool
    end: socket.socket
    printed: int
    cpu: float = 0.0
    opened: bool = False
    over: str | None = None
    folder: str | None = None


class _Server:
    def __init__(self, control: socket.socket, settings: dict[str, Any]):
        self.control, self.settings = control, settings
        for name in PRELOADED:
            importlib.import_module(name)
        die_with_parent()
        self.lock_down = Lockdown(settings)
        self.fork = _Fork(self.lock_down.namespaces) if self.lock_down.namespaces else os.fork
        make_reproducible(settings["now"])
        _thread.stack_size(2**20)  # so that threads and their arenas fit into a session's address space
        _prepare_the_c_library()
        _rehearse(settings["output_kb"])
        gc.collect()
        gc.freeze()  # children then share these pages, which makes forking cheap
        if settings["level"] != "process":
            seccomp.install(bytes.fromhex(settings["filter_of_server"]))
        self.children: dict[int, _Child] = {}
        self.spares: dict[bool, deque[_Child]] = {False: deque(), True: deque()}
        self.next_look = 0.0
        self.made = 0
        if settings["files"] is not None:
            os.mkdir(settings["files"], 0o711)
        self.selector = selectors.DefaultSelector()
        self.selector.register(control, selectors.EVENT_READ)
        self._top_up(False)
        self.control.send(json.dumps({"ready": True}).encode())

    def serve(self) -> None:
        while True:
            watched = any(child.opened for child in self.children.values())
            for key, _ in self.selector.select(LOOK_SECONDS if watched else None):
                if isinstance(key.data, _Child):
                    self._bury(key.data)
                    continue
                if key.data is not None:
                    self._reap(key.data, key.fd)
                    continue
                message = self.control.recv(MESSAGE_BYTES)
                if not message:
                    return
                self._obey(json.loads(message))
            self._look_at_children()

    def _obey(self, message: dict[str, Any]) -> None:
        if "open" in message:
            self._open(message["open"] == "tools")
        elif "loaded" in message:
            self._count_cpu_from_now(message["loaded"])
        elif message["kill"] in self.children:
            os.kill(message["kill"], signal.SIGKILL)

    def _open(self, with_tools: bool) -> None:
        spares = self.spares[with_tools]
        if not spares:
            self._fork(with_tools)
        child = spares.popleft()
        child.opened = True
        with child.end:
            answer = json.dumps({"open": child.pid}).encode()
            socket.send_fds(self.control, [answer], [child.end.fileno(), child.pidfd, child.printed])
        os.close(child.printed)
        self._top_up(with_tools)

    def _top_up(self, with_tools: bool) -> None:
        """Fork several at a time: after each fork this process, too, copies the pages that it touches next.

        Those with tools are fewer, since each loads modules of its own.
        """
        wanted = self.settings["spares"]
        if with_tools:
            wanted = math.ceil(wanted / 4)
        if len(self.spares[with_tools]) <= wanted // 2:
            for _ in range(wanted - len(self.spares[with_tools])):
                self._fork(with_tools)

    def _fork(self, with_tools: bool) -> None:
        theirs, ours = socket.socketpair()
        printed, memory = shared(self.settings["output_kb"])
        folder = self._folder()
        pid = self.fork()
        if pid == 0:
            self._become_session(ours, with_tools, memory, folder)
        ours.close()
        memory.close()
        child = _Child(pid, os.pidfd_open(pid), with_tools, theirs, printed, folder=folder)
        self.children[pid] = child
        self.spares[with_tools].append(child)
        self.selector.register(child.pidfd, selectors.EVENT_READ, child)

    def _folder(self) -> str | None:
        """A new one for a child, where it has no /tmp of its own."""
        if self.settings["files"] is None:
            return None
        self.made += 1
        folder = f"{self.settings['files']}/{self.made}"
        os.mkdir(folder, 0o700)
        return folder

    def _bury(self, child: _Child) -> None:
        self.selector.unregister(child.pidfd)
        os.close(child.pidfd)
        _, status, usage = os.wait4(child.pid, 0)
        del self.children[child.pid]
        if child.folder is not None:
            self._remove(child.folder)
        if child.opened:
            gone = {
                "gone": child.pid,
                "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
                "cpu": usage.ru_utime + usage.ru_stime - child.cpu,
                "over": child.over,
            }
            self.control.send(json.dumps(gone).encode())
        elif child.with_tools:  # its modules are the user's; whoever wants one next is told
            child.end.close()
            os.close(child.printed)
            self.spares[True].remove(child)
        else:
            sys.exit("a session's child could not be locked down")  # and none after it would be

    def _remove(self, folder: str) -> None:
        """In a process of its own where something was left, since that may be much."""
        try:
            os.rmdir(folder)
        except OSError:
            if (pid := os.fork()) == 0:
                try:
                    folders.remove(folder)
                finally:
                    os._exit(0)
            self.selector.register(os.pidfd_open(pid), selectors.EVENT_READ, pid)

    def _reap(self, remover: int, pidfd: int) -> None:
        self.selector.unregister(pidfd)
        os.close(pidfd)
        os.waitpid(remover, 0)

    def _count_cpu_from_now(self, pid: int) -> None:
        """Loading modules was not the session's doing."""
        if (child := self.children.get(pid)) is not None:
            child.cpu = time.clock_gettime((~pid << 3) | 2)  # the CPU clock of that process
            seconds = math.ceil(child.cpu) + self.settings["cpu_seconds"]
            resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds))

    def _look_at_children(self) -> None:
        """Kill who has more memory or files than it may; memory that is set aside and not used does not count."""
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + LOOK_SECONDS
        pages = self.settings["memory_mb"] * 2**20 // resource.getpagesize()
        for child in self.children.values():
            if not child.opened:
                continue
            if _resident(child.pid) > pages:
                child.over = "memory"
            elif child.folder and folders.is_over(child.folder, self.settings["disk_mb"], INODES):
                child.over = "files"
            if child.over:
                os.kill(child.pid, signal.SIGKILL)

    def _become_session(
        self, channel: socket.socket, with_tools: bool, printed: mmap.mmap, folder: str | None
    ) -> None:
        """In the child: lock the door, then serve programs, and never come back."""
        code = 1
        try:
            self.lock_down(channel.fileno(), with_tools, folder)
            if folder is not None:
                os.environ["TMPDIR"] = folder
            locked = socket.socket(fileno=CHANNEL)
            modules = self.settings["modules"] if with_tools else []
            _serve_session(locked, modules, self.settings["output_kb"], printed)
            code = 0
        finally:
            os._exit(code)


def _serve_session(channel: socket.socket, modules: list[str], output_kb: int, printed: mmap.mmap) -> None:
    tools: Tools = {}
    if modules:
        try:
            tools = _loaded(modules)
        except BaseException as error:  # whatever a user's module raises
            channel.sendall(frame({"error": one_line(f"{type(error).__name__}: {error}")}))
            return
        channel.sendall(frame({"loaded": True}))
    program.serve(channel, tools, output_kb, printed)


def _loaded(modules: list[str]) -> Tools:
    sys.path.insert(0, PACKAGES)
    tools: Tools = {}
    for name in modules:
        tools |= public_tools(importlib.import_module(name))
    return tools


class _Fork:
    """As ``os.fork``, the child in namespaces of its own: who makes them later is not in its own of processes."""

    def __init__(self, namespaces: int):
        api, libc = ctypes.pythonapi, ctypes.PyDLL(None, use_errno=True)
        self._before, self._in_child, self._in_parent = (
            api.PyOS_BeforeFork,
            api.PyOS_AfterFork_Child,
            api.PyOS_AfterFork_Parent,
        )
        self._clone = libc.syscall
        self._arguments = CLONE[os.uname().machine], namespaces | signal.SIGCHLD, None, None, None, None

    def __call__(self) -> int:
        self._before()
        pid = self._clone(*self._arguments)
        if pid == 0:
            self._in_child()
            return 0
        self._in_parent()
        if pid < 0:
            raise OSError(ctypes.get_errno(), "a session's child could not be made")
        return int(pid)


def _resident(pid: int) -> int:
    """Pages; 0 for a process that has ended."""
    try:
        with open(f"/proc/{pid}/statm", "rb", buffering=0) as file:
            return int(file.read(64).split()[1])
    except (OSError, IndexError):
        return 0


def _prepare_the_c_library() -> None:
    """One arena for all threads; no environment but what keeps libraries from starting a thread for each core."""
    libc = ctypes.CDLL(None)
    libc.mallopt(M_ARENA_MAX, 1)
    os.environ.clear()
    for name in ONE_THREAD:
        libc.setenv(name, b"1", 1)
    libc.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
    for number in TO_THE_DEATH:  # which the first process of a namespace would else not feel
        libc.signal(number, ctypes.cast(libc.abort, ctypes.c_void_p))


def _rehearse(output_kb: int) -> None:
    """Run what a session runs: code that Python has adapted already a child need not write to, and so not copy."""
    ours, theirs = socket.socketpair()
    with ours, theirs, mmap.mmap(-1, mmap.PAGESIZE) as printed:
        for i in range(REHEARSALS):
            ours.sendall(frame({"id": str(i), "code": "print(1)\nresult = sum(range(9))", "seed": 0}))
        ours.shutdown(socket.SHUT_WR)
        program.serve(theirs, {}, output_kb, printed)


if __name__ == "__main__":
    main(*sys.argv[1:])
