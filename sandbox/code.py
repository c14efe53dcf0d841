"""The host's hold on a fork server and its sessions: code that is not trusted, one locked child a session."""

import asyncio
import json
import socket
import subprocess
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.channel import Channel
from sandbox.code_session import CodeSession, Gone
from sandbox.frames import MAX_STATE_BYTES
from sandbox.process import START_SECONDS, Limits, WorkerDied, spawn
from sandbox.tools import one_line
from sandbox.types import ToolSpec

PACKET_BYTES = 256 * 1024
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

CANARY = """
import os, socket
attempts = {
    "/etc/passwd": lambda: open("/etc/passwd"),
    "socket": socket.socket,
    "fork": lambda: os.fork() or os._exit(0),
    "kill": lambda: os.kill(os.getpid(), 0),
}
held = []
for name, attempt in attempts.items():
    try:
        attempt()
    except OSError:
        held.append(name)
result = {"sum": sum(range(10)), "held": held}
"""


async def _no_tools(asked: dict[str, Any]) -> dict[str, Any]:
    return {"status": "invalid_call", "content": {"error": "there are no tools"}}


@dataclass(frozen=True)
class Child:
    """A session's process as its server knows it, and our end of the connection to it."""

    pid: int
    socket: socket.socket
    gone: asyncio.Future[Gone]


class CodeServer:
    """One fork server, started on the first session and again after it was lost."""

    def __init__(self, modules: Sequence[str], limits: Limits, confined: bool, spares: int, now: str):
        self.specs: dict[str, ToolSpec] = {}
        self.modules = list(modules)
        self._limits = limits
        self._confined = confined
        self._settings = {
            "modules": self.modules,
            "memory_mb": limits.program_mb,
            "output_kb": limits.output_kb,
            "disk_mb": limits.disk_mb,
            "cpu_seconds": limits.cpu_seconds,
            "spares": spares,
            "now": now,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._starting = asyncio.Lock()
        self._unsent: deque[bytes] = deque()
        self._asked: deque[asyncio.Future[Child]] = deque()
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
                with theirs:
                    self._process = spawn(
                        "sandbox.fork_server", theirs, self._settings, self.modules, self._confined
                    )
                await asyncio.wait_for(self._greeting(loop, control), START_SECONDS)
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
        session = await self._child(0)
        request = {"id": "canary", "code": CANARY}
        try:
            answer = await session.call(request, b"", _no_tools)
        finally:
            session.close()
        held = ["/etc/passwd", "socket", "fork", "kill"] if self._confined else []
        told = answer.content.get("result") if isinstance(answer.content, dict) else None
        if (
            answer.status != "ok"
            or not isinstance(told, dict)
            or told["sum"] != 45
            or not set(held) <= set(told["held"])
        ):
            self.stop()
            raise WorkerDied(f"a session's child is not locked down: {one_line(str(answer.content))}")

    async def _greeting(self, loop: asyncio.AbstractEventLoop, control: socket.socket) -> None:
        """Wait for the server to be ready and to tell its tools."""
        hello = await self._packet(loop, control)
        if "error" in hello:
            raise WorkerDied(f"the code server could not start: {hello['error']}")
        for _ in range(hello["specs"]):
            spec = await self._packet(loop, control)
            self.specs[spec["name"]] = ToolSpec(**spec | {"examples": tuple(spec["examples"])})

    @staticmethod
    async def _packet(loop: asyncio.AbstractEventLoop, control: socket.socket) -> dict[str, Any]:
        packet = await loop.sock_recv(control, PACKET_BYTES)
        if not packet:
            raise EOFError("it hung up")
        return dict(json.loads(packet))

    async def open(self, seed: int) -> CodeSession:
        """A fresh child. Raises ``WorkerDied`` if the server is lost before it gives one."""
        await self.start()
        return await self._child(seed)

    async def _child(self, seed: int) -> CodeSession:
        asked: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        self._asked.append(asked)
        self._send({"open": True})
        try:
            child = await asked
        except asyncio.CancelledError:
            if asked.done() and not asked.cancelled():  # it came at the very moment
                self._dismiss(asked.result())
            raise
        connected = await Channel.open(child.socket, self._limits.output_kb * 1024 + MAX_STATE_BYTES + 4096)
        return CodeSession(
            connected, child.gone, self._limits, self._confined, seed, lambda: self._end(child)
        )

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
                waiting.set_exception(WorkerDied("the code server was lost"))
                waiting.exception()  # seen, whether or not somebody waits
        self._asked.clear()
        self._alive.clear()

    def _dismiss(self, child: Child) -> None:
        """End a child that nobody waits for any more."""
        child.socket.close()
        self._end(child)

    def _end(self, child: Child) -> None:
        """Kill a child, unless it is gone: its pid may be another's by now, above all in a server started anew."""
        if not child.gone.done():
            self._send({"kill": child.pid})

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

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
            packet, descriptors, _, _ = socket.recv_fds(control, PACKET_BYTES, 1)
        except ConnectionResetError:  # it ended with something of ours unread
            packet = b""
        if not packet:
            self.stop()
            return
        message = json.loads(packet)
        if "open" in message:
            gone: asyncio.Future[Gone] = asyncio.get_running_loop().create_future()
            child = Child(message["pid"], socket.socket(fileno=descriptors[0]), gone)
            self._alive[child.pid] = gone
            asked = self._asked.popleft()
            if asked.cancelled():
                self._dismiss(child)
            else:
                asked.set_result(child)
        elif message["gone"] in self._alive:
            self._alive.pop(message["gone"]).set_result(message)
