"""A server that is a process of its own: one JSON message a line, to its stdin and from its stdout.

The SDK's own transport would hold a line of any length and hand our environment on. Here nothing is read that
nobody waits for, and at most ``wire.Room`` has while somebody does.
"""

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCError, JSONRPCMessage, JSONRPCRequest, JSONRPCResponse, jsonrpc_message_adapter
from pydantic import ValidationError

from sandbox.backends.mcp.wire import TOO_MUCH, Room, Streams, Wire, unreadable

PART_BYTES = 64 * 1024
LEAST_BYTES = 4096  # that a line counts for: it costs us more than its length
LAST_WORDS = 2048  # bytes of stderr that are kept
HANG_UP_SECONDS = 1.0  # for a process to end after it hung up
POLL_SECONDS = 0.01


@dataclass(frozen=True)
class Launch:
    """How a server is started: in ``folder`` (None: ours), with nothing in its environment but what is named.

    ``patience`` are the seconds that it has to end by itself, once its stdin is closed, before it is killed.
    """

    command: list[str] = field(repr=False)
    environment: dict[str, str] = field(repr=False)
    folder: str | None
    patience: float


@contextlib.asynccontextmanager
async def over_stdio(launch: Launch, wire: Wire) -> AsyncIterator[Streams]:
    """Start the server and talk to it; afterwards nothing of its process group is left.

    Raises ``OSError`` where it cannot be started.
    """
    process, talk = _start(launch, wire)
    to_session, from_server = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    to_server, from_session = anyio.create_memory_object_stream[SessionMessage](0)
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(talk.hear, to_session)
            group.start_soon(talk.overhear)
            group.start_soon(talk.say, from_session)
            yield from_server, to_server
            group.cancel_scope.cancel()
    finally:
        try:
            await talk.hang_up(launch.patience)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            talk.close()


def _start(launch: Launch, wire: Wire) -> tuple[subprocess.Popen[bytes], "_Talk"]:
    ours, theirs = socket.socketpair()
    errors, their_errors = socket.socketpair()
    with theirs, their_errors:
        try:
            process = subprocess.Popen(
                launch.command,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=their_errors.fileno(),
                cwd=launch.folder,
                env=launch.environment,
                start_new_session=True,
            )
        except OSError:
            ours.close()
            errors.close()
            raise
    return process, _Talk(process.pid, ours, errors, wire)


class _Talk:
    """What goes over the streams of one process. It is never reaped here, so that its group keeps its number."""

    def __init__(self, pid: int, line: socket.socket, errors: socket.socket, wire: Wire):
        self._pid, self._line, self._errors, self._wire = pid, line, errors, wire
        line.setblocking(False)
        errors.setblocking(False)
        self._received = bytearray()
        self._asked: dict[str | int, str | int] = {}  # the number that a request goes by here → the session's
        self._somebody_waits = asyncio.Event()
        self._room = Room()
        self._last_words = b""
        self._all_heard = asyncio.Event()

    async def say(self, messages: MemoryObjectReceiveStream[SessionMessage]) -> None:
        """Send on what the session says."""
        loop = asyncio.get_running_loop()
        async with messages:
            async for sent in messages:
                message = sent.message
                if isinstance(message, JSONRPCRequest):
                    message = self._numbered(message)
                text = message.model_dump_json(by_alias=True, exclude_unset=True)
                with contextlib.suppress(OSError):  # its end is heard of in `hear`
                    await loop.sock_sendall(self._line, text.encode() + b"\n")

    def _numbered(self, request: JSONRPCRequest) -> JSONRPCRequest:
        """The request under a number that the server cannot guess, so that it cannot answer the next one early."""
        number = secrets.randbelow(2**48) + 1
        self._asked, self._room = {number: request.id}, Room()
        self._somebody_waits.set()
        return request.model_copy(update={"id": number})

    async def hear(self, to_session: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        """Hand on what the server says, until it ends or breaks the rules."""
        async with to_session:
            with contextlib.suppress(anyio.BrokenResourceError):  # the session was closed
                while (message := await self._message()) is not None:
                    if isinstance(message, JSONRPCResponse | JSONRPCError):
                        if message.id not in self._asked:
                            continue  # to nothing that was asked, or a second time
                        message = message.model_copy(update={"id": self._asked.pop(message.id)})
                        self._somebody_waits.clear()
                    await to_session.send(SessionMessage(message))

    async def overhear(self) -> None:
        """Keep the end of what the server writes to stderr; no faster than we like to read it."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while part := await loop.sock_recv(self._errors, PART_BYTES):
                self._last_words = (self._last_words + part)[-LAST_WORDS:]
                await asyncio.sleep(POLL_SECONDS)
        self._all_heard.set()

    async def hang_up(self, patience: float) -> None:
        """Close the server's stdin and wait for it to end."""
        if patience:
            with contextlib.suppress(OSError, TimeoutError):
                self._line.shutdown(socket.SHUT_WR)
                async with asyncio.timeout(patience):
                    await self._end()

    def close(self) -> None:
        self._line.close()
        self._errors.close()

    async def _message(self) -> JSONRPCMessage | None:
        """The next message, None once there can be none. Lines that do not claim to be one are passed over."""
        while (line := await self._next_line()) is not None:
            try:
                return jsonrpc_message_adapter.validate_json(line, by_name=False)
            except ValidationError as error:
                if b'"jsonrpc"' in line:
                    self._wire.broke(*unreadable(error.errors()[0]["msg"]))
                    return None
        return None

    async def _next_line(self) -> bytes | None:
        loop, searched = asyncio.get_running_loop(), 0
        await self._somebody_waits.wait()
        while (end := self._received.find(b"\n", searched)) < 0:
            searched = len(self._received)
            part = b""
            with contextlib.suppress(OSError):
                part = await loop.sock_recv(self._line, PART_BYTES)
            if not part:
                await self._tell_its_end()
                return None
            self._received += part
            if len(self._received) > self._room.bytes:
                self._wire.broke(TOO_MUCH, "output_limit")
                return None
        line = bytes(self._received[: end + 1])
        del self._received[: end + 1]
        if not self._room.takes(line, LEAST_BYTES):
            self._wire.broke(TOO_MUCH, "output_limit")
            return None
        return line

    async def _tell_its_end(self) -> None:
        """Put on record how the process ended, and what it said last."""
        how, killed_by = "the server closed its stdout", 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HANG_UP_SECONDS):
                end = await self._end()
                # bubblewrap tells a signal as a shell does
                killed_by = end.si_status if end.si_code == os.CLD_KILLED else end.si_status - 128
                how = f"the server ended with exit status {end.si_status}"
                await self._all_heard.wait()
        if killed_by == signal.SIGXCPU:
            self._wire.broke("the server used more CPU time than a session may", "cpu_timeout")
        lines = self._last_words.decode("utf-8", "replace").strip().splitlines()
        self._wire.broke(f"{how}: {lines[-1]}" if lines else how)

    async def _end(self) -> os.waitid_result:
        while (end := os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is None:
            await asyncio.sleep(POLL_SECONDS)
        return end
