"""The host's hold on a fork server and its children, for code that is not trusted: one locked child a session."""

import asyncio
import json
import logging
import os
import secrets
import socket
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.backends.code.child import Child, Gone
from sandbox.backends.code.locks import CANARY, LOOK_SECONDS, Locks
from sandbox.guest import folders
from sandbox.host.channel import Channel
from sandbox.host.framing import MAX_MESSAGE_BYTES, FrameError
from sandbox.host.spawn import Spawner
from sandbox.host.worker import START_SECONDS, WorkerDied
from sandbox.tools import one_line
from sandbox.types import ToolSpec

log = logging.getLogger(__name__)
PACKET_BYTES = 4096
TRIES_TO_REMOVE = 20
Kind = Literal["programs", "tools"]
PYTHON = ToolSpec(
    "python",
    "Run a Python program. Assign what it comes to to the variable `result`; what it prints comes back, too. "
    "Names stay from one program to the next.",
    {
        "type": "object",
        "properties": {"code": {"type": "string", "description": "The program's text."}},
        "required": ["code"],
        "additionalProperties": False,
    },
)


@dataclass(frozen=True)
class Forked:
    """A child's process as its server knows it, and as this machine does; our end of the connection to it; the
    descriptor of what it prints."""

    pid: int
    pid_here: int
    socket: socket.socket
    printed: int
    gone: asyncio.Future[Gone]


class CodeServer:
    """One fork server, started on the first session and again after it was lost."""

    def __init__(self, modules: Sequence[str], spawner: Spawner, spares: int, now: str):
        self.modules = list(modules)
        self._spawner, self._limits = spawner, spawner.limits
        self._locks = Locks(spawner.level)
        self._settings = {
            "modules": self.modules,
            "memory_mb": self._limits.program_mb,
            "output_kb": self._limits.output_kb,
            "disk_mb": self._limits.disk_mb,
            "cpu_seconds": self._limits.cpu_seconds,
            "spares": spares,
            "now": now,
        }
        self._files: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._starting = asyncio.Lock()
        self._unsent: deque[bytes] = deque()
        self._asked: deque[asyncio.Future[Forked]] = deque()
        self._alive: dict[int, asyncio.Future[Gone]] = {}

    @property
    def pid(self) -> int | None:
        """The process id, None while no process runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    async def start(self) -> None:
        """Start the process unless it runs. Raises ``WorkerDied`` with the reason if it does not come up."""
        async with self._starting:
            if self._control is not None:
                return
            control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            control.setblocking(False)
            loop = asyncio.get_running_loop()
            up = False
            try:
                if self._spawner.level == "unprivileged":
                    name = f"polyglot-sandbox-{secrets.token_hex(8)}"
                    self._files = os.path.join(tempfile.gettempdir(), name)
                settings = self._settings | {"files": self._files}
                with theirs:
                    self._process = self._spawner.spawn(
                        "sandbox.guest.fork_server", theirs, settings, tools=self.modules
                    )
                await asyncio.wait_for(_greeting(loop, control), START_SECONDS)
                up = True
            except (OSError, TimeoutError, EOFError) as error:
                raise WorkerDied(one_line(f"the code server did not start: {error!r}")) from error
            finally:
                if not up:
                    control.close()
                    self._kill()
            self._control = control
            loop.add_reader(control.fileno(), self._hear, control)
            await self._try_the_locks()

    async def _try_the_locks(self) -> None:
        """Have a first child try what none may do. Raises ``WorkerDied`` where a lock does not hold."""
        child = await self._child("programs")
        try:
            answer = await child.call({"id": "canary", "code": CANARY, "seed": 0}, b"", None, START_SECONDS)
        finally:
            child.close()
        if not self._locks.held(answer):
            self.stop()
            raise WorkerDied(f"a session's child is not locked down: {one_line(str(answer.content))}")

    async def specs(self) -> list[Any]:
        """What a first locked child says of the user's tools. Raises ``WorkerDied`` where it says nothing."""
        await self.start()
        child = await self._child("tools")
        try:
            told = await child.told({"id": "specs", "specs": True, "seed": 0}, START_SECONDS)
        except (OSError, EOFError, FrameError) as error:
            raise WorkerDied(f"{', '.join(self.modules)} ended while its tools were listed") from error
        finally:
            child.close()
        if "error" in told:
            raise WorkerDied(one_line(f"{', '.join(self.modules)}: {told['error']}"))
        return told["specs"] if isinstance(told.get("specs"), list) else []

    async def open(self, kind: Kind) -> Child:
        """A fresh child, locked and ready. Raises ``WorkerDied`` if the server is lost before it gives one."""
        await self.start()
        return await self._child(kind)

    async def _child(self, kind: Kind) -> Child:
        forked = await self._forked(kind)
        try:
            channel = await Channel.open(forked.socket, self._limits.output_kb * 1024 + MAX_MESSAGE_BYTES)
        except BaseException:
            self._dismiss(forked)
            raise
        locked, ready = self._spawner.level != "process", False
        child = Child(
            channel, forked.printed, forked.gone, self._limits, lambda: self._end(forked), locked=locked
        )
        try:
            if kind == "tools":  # first, since one that cannot load them says why and ends
                await self._load(child, forked)
            await self._locks.wait(forked.pid_here)
            ready = True
        except (OSError, EOFError, FrameError) as error:
            raise WorkerDied(one_line(f"a session's child ended before its first call: {error!r}")) from error
        finally:
            if not ready:
                child.close()
        return child

    async def _load(self, child: Child, forked: Forked) -> None:
        """Wait for it to have loaded the user's modules, which does not count as CPU time of the session."""
        told = await child.told(None, START_SECONDS)
        if "error" in told:
            raise WorkerDied(one_line(f"{', '.join(self.modules)} cannot be imported: {told['error']}"))
        self._send({"loaded": forked.pid})

    async def _forked(self, kind: Kind) -> Forked:
        asked: asyncio.Future[Forked] = asyncio.get_running_loop().create_future()
        self._asked.append(asked)
        self._send({"open": kind})
        try:
            async with asyncio.timeout(START_SECONDS):
                return await asyncio.shield(asked)
        except (asyncio.CancelledError, TimeoutError) as error:
            asked.add_done_callback(self._dismiss_late)
            if isinstance(error, TimeoutError):
                raise WorkerDied("the code server gave no child") from error
            raise

    def stop(self) -> None:
        """Kill the server and all its sessions."""
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            asyncio.get_running_loop().remove_writer(self._control.fileno())
            self._control.close()
            self._control = None
        self._unsent.clear()
        self._kill()
        pending: list[asyncio.Future[Any]] = [*self._asked, *self._alive.values()]
        for waiting in pending:
            if not waiting.done():
                waiting.set_exception(WorkerDied("the code server was lost", fresh=False))
                waiting.exception()  # seen, whether or not somebody waits
        self._asked.clear()
        self._alive.clear()

    def _dismiss_late(self, asked: asyncio.Future[Forked]) -> None:
        """End a child that came when nobody waited for it any more."""
        if not asked.cancelled() and asked.exception() is None:
            self._dismiss(asked.result())

    def _dismiss(self, child: Forked) -> None:
        child.socket.close()
        os.close(child.printed)
        self._end(child)

    def _end(self, child: Forked) -> None:
        """Kill a child, unless it is gone: its pid may be another's by now, above all in a server started anew."""
        if not child.gone.done():
            self._send({"kill": child.pid})

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            self._remove_files()

    def _remove_files(self) -> None:
        """What its children kept; they were killed with it, and may be about to end."""
        files, self._files = self._files, None
        if files is None or not os.path.exists(files):
            return
        for _ in range(TRIES_TO_REMOVE):
            try:
                return folders.remove(files)
            except OSError:  # something came in meanwhile
                time.sleep(LOOK_SECONDS)
        log.warning("sandbox: %s could not be removed; remove it by hand", files)

    def _send(self, message: dict[str, Any]) -> None:
        self._unsent.append(json.dumps(message).encode())
        self._flush()

    def _flush(self) -> None:
        """Send what waits, as far as there is room; that the other end is lost is heard of in ``_hear``."""
        if self._control is None:
            return
        loop, fd = asyncio.get_running_loop(), self._control.fileno()
        loop.remove_writer(fd)
        while self._unsent:
            try:
                self._control.send(self._unsent[0])
            except BlockingIOError:
                loop.add_writer(fd, self._flush)
                return
            except (BrokenPipeError, ConnectionResetError):
                return
            self._unsent.popleft()

    def _hear(self, control: socket.socket) -> None:
        try:
            packet, descriptors, _, _ = socket.recv_fds(control, PACKET_BYTES, 3)
        except ConnectionResetError:  # it ended with something of ours unread
            packet = b""
        if not packet:
            self.stop()
            return
        message = json.loads(packet)
        if "open" in message:
            self._born(message["open"], *descriptors)
        elif message["gone"] in self._alive:
            self._alive.pop(message["gone"]).set_result(
                Gone(message["signal"], message["cpu"], message["over"])
            )

    def _born(self, pid: int, connection: int, pidfd: int, printed: int) -> None:
        gone: asyncio.Future[Gone] = asyncio.get_running_loop().create_future()
        self._alive[pid] = gone
        self._asked.popleft().set_result(
            Forked(pid, _pid_here(pidfd), socket.socket(fileno=connection), printed, gone)
        )


async def _greeting(loop: asyncio.AbstractEventLoop, control: socket.socket) -> None:
    """Wait for the server to be ready."""
    packet = await loop.sock_recv(control, PACKET_BYTES)
    if not packet:
        raise EOFError("it hung up")
    hello = json.loads(packet)
    if "error" in hello:
        raise WorkerDied(f"the code server could not start: {hello['error']}")


def _pid_here(pidfd: int) -> int:
    """The pid that a process of another namespace has in ours; -1 if it has ended. Closes the descriptor."""
    try:
        with open(f"/proc/self/fdinfo/{pidfd}", "rb", buffering=0) as file:
            return int(file.read(1024).partition(b"Pid:")[2].split()[0])
    finally:
        os.close(pidfd)
