"""The host's hold on a fork server and its sessions: code that is not trusted, one locked child a session."""

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from sandbox.channel import Channel, Message
from sandbox.frames import MAX_STATE_BYTES, FrameError, checked_state, encode
from sandbox.process import START_SECONDS, Answer, Limits, WorkerDied, spawn
from sandbox.tools import one_line
from sandbox.types import STATUSES, Status, ToolSpec

CALL_TOOL = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
PACKET_BYTES = 256 * 1024
HANG_UP_SECONDS = 2.0  # for a child to end after it hung up
NESTED_CALLS = 200  # that one program may make
Gone = dict[str, Any]

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
        self._asked: deque[asyncio.Future[tuple[int, socket.socket]]] = deque()
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
            with theirs:
                self._process = spawn(
                    "sandbox.fork_server", theirs, self._settings, self.modules, self._confined
                )
            loop = asyncio.get_running_loop()
            up = False
            try:
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

    async def open(self, seed: int) -> "CodeSession":
        """A fresh child. Raises ``WorkerDied`` if the server is lost before it gives one."""
        await self.start()
        return await self._child(seed)

    async def _child(self, seed: int) -> "CodeSession":
        assert self._control is not None
        asked: asyncio.Future[tuple[int, socket.socket]] = asyncio.get_running_loop().create_future()
        self._asked.append(asked)
        self._send({"open": True})
        try:
            pid, channel = await asked
        except asyncio.CancelledError:
            if asked.done() and not asked.cancelled():  # it came at the very moment
                self._dismiss(*asked.result())
            raise
        connected = await Channel.open(channel, self._limits.output_kb * 1024 + MAX_STATE_BYTES + 4096)
        return CodeSession(
            connected, self._alive[pid], self._limits, self._confined, seed, lambda: self._send({"kill": pid})
        )

    def stop(self) -> None:
        """Kill the server and all its sessions."""
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
        self._kill()
        pending: list[asyncio.Future[Any]] = [*self._asked, *self._alive.values()]
        for waiting in pending:
            if not waiting.done():
                waiting.set_exception(WorkerDied("the code server was lost"))
                waiting.exception()  # seen, whether or not somebody waits
        self._asked.clear()
        self._alive.clear()

    def _dismiss(self, pid: int, channel: socket.socket) -> None:
        """End a child that nobody waits for any more."""
        channel.close()
        self._send({"kill": pid})

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _send(self, message: dict[str, Any]) -> None:
        if self._control is not None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its end is heard of in _hear
                self._control.send(json.dumps(message).encode())

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
            channel = socket.socket(fileno=descriptors[0])
            asked = self._asked.popleft()
            self._alive[message["pid"]] = asyncio.get_running_loop().create_future()
            if asked.cancelled():
                self._dismiss(message["pid"], channel)
            else:
                asked.set_result((message["pid"], channel))
        elif (gone := self._alive.pop(message["gone"], None)) is not None:
            gone.set_result(message)


class CodeSession:
    """One child. What it sends is data: a frame that is not the answer ends it."""

    def __init__(
        self,
        channel: Channel,
        gone: asyncio.Future[Gone],
        limits: Limits,
        confined: bool,
        seed: int,
        kill: Callable[[], None],
    ):
        self._channel, self._gone = channel, gone
        self._limits, self._confined, self._seed, self._kill = limits, confined, seed, kill
        self.open = True

    async def call(self, request: dict[str, Any], state: bytes, call_tool: CALL_TOOL) -> Answer:
        """Run a request in the child. Raises ``WorkerDied`` if the fork server itself is lost."""
        clock = asyncio.get_running_loop().time
        begin, in_step = clock(), False
        try:
            self._channel.send(request | {"seed": self._seed}, state)
            answer = await self._talk(request, call_tool, begin + self._limits.wall_seconds)
            in_step = answer.status not in ("memory", "protocol_error", "policy_denied")
        except TimeoutError:
            wall = self._limits.wall_seconds
            answer = _failed("wall_timeout", f"the program took more than {wall:g} seconds")
        except FrameError as error:
            answer = _failed("protocol_error", str(error))
        except (EOFError, OSError):
            answer = await self._ended()
        finally:
            if not in_step:
                self.close()
        return replace(answer, seconds=clock() - begin)

    def close(self) -> None:
        """End the child; all that it was goes with it."""
        if self.open:
            self.open = False
            self._channel.close()
            self._kill()

    async def _talk(self, request: dict[str, Any], call_tool: CALL_TOOL, deadline: float) -> Answer:
        """Answer the program's own tool calls until the answer to the request comes."""
        clock = asyncio.get_running_loop().time
        for _ in range(NESTED_CALLS + 1):
            message, state = await self._channel.receive(max(deadline - clock(), 0.0))
            if "call" not in message:
                return self._answer(request, (message, state))
            begin = clock()
            self._channel.send(await call_tool(message["call"]))
            deadline += clock() - begin  # that time was the tool's
        return _failed("policy_denied", f"a program may make at most {NESTED_CALLS} tool calls")

    def _answer(self, request: dict[str, Any], received: Message) -> Answer:
        message, state = received
        status, content = message.get("status"), message.get("content")
        if message.get("id") != request["id"] or status not in STATUSES:
            raise FrameError("a frame is not the answer to the request")
        if status == "infra_error":
            raise FrameError("a program cannot tell of a failure of ours")
        if status != "ok":
            return _failed(status, str(content.get("error")) if isinstance(content, dict) else "")
        if "code" in request and (state or not _is_program_s(content)):
            raise FrameError("a frame is not the answer to a program")
        if len(encode(content)) > self._limits.output_kb * 1024:
            return _failed("output_limit", f"the result is over {self._limits.output_kb} KB")
        return Answer(status, content, 0.0, checked_state(state) if state else b"")

    async def _ended(self) -> Answer:
        """What became of a child that hung up. Raises ``WorkerDied`` if the fork server is lost with it."""
        dead, _ = await asyncio.wait({self._gone}, timeout=HANG_UP_SECONDS)
        if not dead:
            return _failed("no_result", "the program closed its connection")
        gone, limit = self._gone.result(), self._limits.cpu_seconds
        if gone["signal"] in (signal.SIGKILL, signal.SIGXCPU) and gone["cpu"] > 0.9 * limit:
            return _failed("cpu_timeout", f"the session used more than {limit} seconds of CPU time")
        if gone["signal"] == signal.SIGKILL and self._confined:
            raise WorkerDied("a session's child was killed from outside")  # a program cannot send itself one
        if gone["signal"]:
            return _failed("killed", f"the program was killed ({signal.Signals(gone['signal']).name})")
        return _failed("no_result", "the program ended its process")


def _is_program_s(content: Any) -> bool:
    """Whether it has the form of a program's answer; a program that writes its own may write what it likes in it."""
    return (
        isinstance(content, dict)
        and set(content) == {"result", "stdout"}
        and isinstance(content["stdout"], str)
    )


def _failed(status: Status, message: str) -> Answer:
    return Answer(status, {"error": one_line(message)})
