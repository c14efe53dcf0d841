"""The host's hold on one worker process: start it, ask it, and be rid of it when it misbehaves."""

import logging
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.backends.base import Answer, Lost, Request
from sandbox.host.channel import Channel, Message
from sandbox.host.framing import MAX_MESSAGE_BYTES, FrameError
from sandbox.host.spawn import Spawner
from sandbox.tools import one_line
from sandbox.types import STATUSES

log = logging.getLogger(__name__)
CANARY_EVERY = 1000  # calls
START_SECONDS = 120.0  # a loaded machine may take long to import the catalog


class WorkerDied(Lost):
    """The worker is gone, or never came up: our fault, not the call's."""


@dataclass(frozen=True)
class Canary:
    """A call and what comes of it: the content of the answer, and the state after (empty if it is as before)."""

    request: Request
    content: Any
    state_after: bytes


class WorkerProcess:
    """One worker, started on the first call and again after each death. One call at a time.

    It answers the catalog's canary, a call whose answer is known, at its start and every ``CANARY_EVERY`` calls; one
    that answers it wrongly is not used any more.
    """

    def __init__(self, catalog: str, modules: Sequence[str], spawner: Spawner, canary: Canary):
        self._catalog = catalog
        self._modules = list(modules)
        self._spawner = spawner
        self._limits = spawner.limits
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
            hello = await channel.receive(START_SECONDS)
            if "error" in hello.content:
                names = ", ".join([self._catalog, *self._modules])
                raise WorkerDied(f"a worker could not load {names}: {hello.content['error']}")
            await self._sing(channel)
            up = True
        except (OSError, EOFError, FrameError) as error:  # a TimeoutError is an OSError
            raise WorkerDied(one_line(f"a worker did not start: {type(error).__name__}: {error}")) from error
        finally:
            if not up:
                self.stop()

    async def call(self, request: Request) -> Answer:
        """Run one request. Raises ``WorkerDied`` if the process is lost before it answers."""
        await self.start()
        wall, in_step = self._limits.wall_seconds, False
        if request.seconds is not None:
            wall = min(wall, request.seconds)
        try:
            if self._channel is None:
                raise EOFError("the worker was stopped")
            if self._calls >= CANARY_EVERY:
                await self._sing(self._channel)
            self._calls += 1
            self._channel.send(_asked(request), request.state)
            received = await self._channel.receive(wall)
            answer = _answer(request, received, wall)
            in_step = (
                answer.status not in ("wall_timeout", "memory") and received.content.get("spent") is False
            )
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
                modules = ["sandbox", self._catalog, *self._modules]
                self._process = self._spawner.spawn("sandbox.guest.worker", theirs, settings, modules)
        except BaseException:
            ours.close()
            raise
        self._channel = await Channel.open(ours, self._limits.output_kb * 1024 + MAX_MESSAGE_BYTES)
        return self._channel

    async def _sing(self, channel: Channel) -> None:
        """Have the canary answered. Raises ``WorkerDied`` where the answer is not the right one."""
        request = self._canary.request
        channel.send(_asked(request), request.state)
        answer = _answer(request, await channel.receive(START_SECONDS), self._limits.wall_seconds)
        if (answer.content, answer.state) != (self._canary.content, self._canary.state_after):
            log.warning("sandbox: a worker answered a call wrongly whose answer is known, and is replaced")
            raise WorkerDied("a worker answered a call wrongly whose answer is known")
        self._calls = 0


def _asked(request: Request) -> dict[str, Any]:
    return {
        "id": request.index,
        "tool": request.tool,
        "arguments": request.arguments,
        "seed": request.seed,
        "index": request.index,
    }


def _answer(request: Request, received: Message, wall: float) -> Answer:
    status, seconds = received.content.get("status"), received.content.get("seconds")
    if (
        received.content.get("id") != request.index
        or status not in STATUSES
        or not isinstance(seconds, float)
    ):
        raise FrameError("a frame is not the answer to the request")
    if seconds > wall:
        return _too_long(wall, seconds)
    return Answer(status, received.content.get("content"), seconds, received.state)


def _too_long(wall: float, seconds: float) -> Answer:
    return Answer("wall_timeout", {"error": f"the call took more than {wall:g} seconds"}, seconds)
