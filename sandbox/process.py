"""The host's hold on one worker process: start it, ask it, and be rid of it when it misbehaves."""

import json
import logging
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox import seccomp
from sandbox.channel import Channel, Message
from sandbox.frames import MAX_STATE_BYTES, FrameError, checked_state
from sandbox.isolation import environment, launcher, python
from sandbox.tools import one_line
from sandbox.types import STATUSES, Status

log = logging.getLogger(__name__)
CANARY_EVERY = 1000  # calls
START_SECONDS = 120.0  # a loaded machine may take long to import the catalog


class WorkerDied(Exception):
    """The worker is gone, or never came up: our fault, not the call's."""


@dataclass(frozen=True)
class Limits:
    """What a call may take: wall time in seconds, a worker's address space in MB, JSON text of a result in KB.

    A worker is replaced after ``recycle_calls``.
    Code that is not trusted has an address space and files in MB and CPU time in seconds, a session each.
    """

    wall_seconds: float
    cpu_seconds: int
    memory_mb: int
    program_mb: int
    disk_mb: int
    output_kb: int
    recycle_calls: int


@dataclass(frozen=True)
class Canary:
    """A call and what comes of it: the content of the answer, and the state after (empty if it is as before)."""

    request: dict[str, Any]
    state: bytes
    content: Any
    state_after: bytes


@dataclass(frozen=True)
class Answer:
    """What came back for one request; ``state`` is the session's as JSON, empty where it is as it was."""

    status: Status
    content: Any
    seconds: float = 0.0
    state: bytes = b""


class WorkerProcess:
    """One worker, started on the first call and again after each death. One call at a time.

    It answers the catalog's canary, a call whose answer is known, at its start and every ``CANARY_EVERY`` calls; one
    that answers it wrongly is not used any more.
    """

    def __init__(self, catalog: str, modules: Sequence[str], limits: Limits, confined: bool, canary: Canary):
        self._catalog = catalog
        self._modules = list(modules)
        self._limits = limits
        self._confined = confined
        self._canary = canary
        self._calls = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None

    @property
    def pid(self) -> int | None:
        """The process id, None while no process runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    async def start(self) -> None:
        """Start the process unless it runs. Raises ``WorkerDied`` with the reason if it does not come up."""
        if self._process is not None:
            return
        up = False
        try:
            channel = await self._spawn()
            hello, _ = await channel.receive(START_SECONDS)
            if "error" in hello:
                names = ", ".join([self._catalog, *self._modules])
                raise WorkerDied(f"a worker could not load {names}: {hello['error']}")
            await self._sing(channel)
            up = True
        except (OSError, EOFError, FrameError) as error:  # a TimeoutError is an OSError
            raise WorkerDied(one_line(f"a worker did not start: {type(error).__name__}: {error}")) from error
        finally:
            if not up:
                self.stop()

    async def call(self, request: dict[str, Any], state: bytes) -> Answer:
        """Run one request on the state. Raises ``WorkerDied`` if the process is lost before it answers."""
        await self.start()
        wall, in_step = self._limits.wall_seconds, False
        try:
            if self._channel is None:
                raise EOFError("the worker was stopped")
            if self._calls >= CANARY_EVERY:
                await self._sing(self._channel)
            self._calls += 1
            self._channel.send(request, state)
            received = await self._channel.receive(wall)
            answer = self._answer(request, received)
            in_step = answer.status not in ("wall_timeout", "memory") and received[0].get("spent") is False
            return answer
        except TimeoutError:
            return _too_long(wall, wall)
        except FrameError as error:
            return Answer("protocol_error", {"error": one_line(str(error))})
        except (OSError, EOFError) as error:
            raise WorkerDied("a worker died during the call") from error
        finally:
            if not in_step:  # cancelled, too late or confused: what it sends next cannot be trusted
                self.stop()

    def stop(self) -> None:
        """Kill the process, if any, and wait for it to be gone."""
        process, self._process = self._process, None
        channel, self._channel = self._channel, None
        if process is not None:
            process.kill()
            process.wait()
        if channel is not None:
            channel.close()

    async def _spawn(self) -> Channel:
        ours, theirs = socket.socketpair()
        settings = {
            "catalog": self._catalog,
            "modules": self._modules,
            "memory_mb": self._limits.memory_mb,
            "output_kb": self._limits.output_kb,
            "recycle_calls": self._limits.recycle_calls,
        }
        try:
            with theirs:
                modules = [self._catalog, *self._modules]
                self._process = spawn("sandbox.worker", theirs, settings, modules, self._confined)
        except BaseException:
            ours.close()
            raise
        max_bytes = self._limits.output_kb * 1024 + MAX_STATE_BYTES + 4096
        self._channel = await Channel.open(ours, max_bytes)
        return self._channel

    async def _sing(self, channel: Channel) -> None:
        """Have the canary answered. Raises ``WorkerDied`` where the answer is not the right one."""
        channel.send(self._canary.request, self._canary.state)
        received = await channel.receive(START_SECONDS)
        answer = self._answer(self._canary.request, received)
        if (answer.content, answer.state) != (self._canary.content, self._canary.state_after):
            log.warning("sandbox: a worker answered a call wrongly whose answer is known, and is replaced")
            raise WorkerDied("a worker answered a call wrongly whose answer is known")
        self._calls = 0

    def _answer(self, request: dict[str, Any], received: Message) -> Answer:
        wall = self._limits.wall_seconds
        message, state = received
        status, seconds = message.get("status"), message.get("seconds")
        if message.get("id") != request["id"] or status not in STATUSES or not isinstance(seconds, float):
            raise FrameError("a frame is not the answer to the request")
        if seconds > wall:
            return _too_long(wall, seconds)
        return Answer(status, message.get("content"), seconds, checked_state(state) if state else b"")


def _too_long(wall: float, seconds: float) -> Answer:
    return Answer("wall_timeout", {"error": f"the call took more than {wall:g} seconds"}, seconds)


def spawn(
    program: str, channel: socket.socket, settings: dict[str, Any], modules: Sequence[str], confined: bool
) -> subprocess.Popen[bytes]:
    """Start ``python -m program FD SETTINGS``, able to import ``modules``; in bubblewrap where ``confined``.

    It inherits the channel and nothing else: no environment, no standard streams, no terminal.
    """
    settings = settings | {"filter": seccomp.program().hex() if confined else None}
    command = python("-m", program, str(channel.fileno()), json.dumps(settings))
    return subprocess.Popen(
        [*launcher(modules), *command] if confined else command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[channel.fileno()],
        cwd="/",
        env={} if confined else environment(inside=False),
        start_new_session=True,  # Ctrl-C in the host's terminal is the host's alone
    )
