"""The host's end of a child that runs code that is not trusted: what it asks, what it believes of the answers."""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sandbox.backends.base import Answer, CallTool, Limits, failed
from sandbox.host.channel import Channel, Message
from sandbox.host.framing import MAX_MESSAGE_BYTES, FrameError, FrameTooLong, encode
from sandbox.host.printed import clear, kept
from sandbox.host.worker import WorkerDied
from sandbox.types import STATUSES, Status

HANG_UP_SECONDS = 2.0  # for a child to end after it hung up
NESTED_CALLS = 200  # that one program may make
# The kernel ends a process by ticks, and where cores are contended those run ahead of the time that it tells afterwards.
COUNTED = 0.5  # of its limit, of one that was ended for it


@dataclass(frozen=True)
class Gone:
    """How a child ended: by which signal or 0, after how much CPU time, and of what it had too much, if it was killed
    for that: ``memory`` or ``files``."""

    signal: int
    cpu: float
    over: str | None


class _Clock:
    """What is left of a request's wall time. That a tool had to wait for a worker is not the program's doing, and is
    not counted, up to the limit itself."""

    def __init__(self, seconds: float):
        self._now = asyncio.get_running_loop().time
        self._begin = self._now()
        self._deadline, self._grant = self._begin + seconds, seconds

    @property
    def left(self) -> float:
        return max(self._deadline - self._now(), 0.0)

    @property
    def spent(self) -> float:
        return self._now() - self._begin

    def excuse(self, seconds: float) -> None:
        granted = min(max(seconds, 0.0), self._grant)
        self._grant -= granted
        self._deadline += granted


class Child:
    """One child. What it sends is data: a frame that is not the answer ends it. ``printed`` is the descriptor of the
    memory that keeps what its programs print."""

    def __init__(
        self,
        channel: Channel,
        printed: int,
        gone: asyncio.Future[Gone],
        limits: Limits,
        kill: Callable[[], None],
        *,
        locked: bool,
    ):
        self._locked, self._printed = locked, printed
        self._channel, self._gone, self._limits, self._kill = channel, gone, limits, kill
        self.open = True

    async def call(
        self, asked: dict[str, Any], state: bytes, call_tool: CallTool | None, wall: float
    ) -> Answer:
        """Run a request. Raises ``WorkerDied`` if the fork server itself is lost."""
        clock, in_step = _Clock(wall), False
        try:
            clear(self._printed)
            self._channel.send(asked, state)
            answer = await self._talk(asked, call_tool, clock)
            in_step = answer.status not in ("memory", "protocol_error", "policy_denied")
        except TimeoutError:
            answer = self._failed("wall_timeout", f"the program took more than {wall:g} seconds")
        except FrameTooLong:
            answer = self._failed("output_limit", f"the answer is over {self._limits.output_kb} KB")
        except FrameError as error:
            answer = self._failed("protocol_error", str(error))
        except (EOFError, OSError):
            answer = await self._ended()
        finally:
            if not in_step:
                self.close()
        return replace(answer, seconds=clock.spent)

    async def told(self, asked: dict[str, Any] | None, seconds: float) -> dict[str, Any]:
        """What it says, after it was asked something. Raises what ``Channel.receive`` does."""
        if asked is not None:
            self._channel.send(asked)
        return (await self._channel.receive(seconds)).content

    def close(self) -> None:
        """End the child; all that it was goes with it."""
        if self.open:
            self.open = False
            self._channel.close()
            os.close(self._printed)
            self._kill()

    async def _talk(self, asked: dict[str, Any], call_tool: CallTool | None, clock: _Clock) -> Answer:
        """Answer the program's own tool calls until the answer to the request comes."""
        for _ in range(NESTED_CALLS + 1):
            message = await self._channel.receive(clock.left)
            if "call" not in message.content or call_tool is None:
                return self._answer(asked, message)
            self._channel.send(await self._nested(message, call_tool, clock))
        return self._failed("policy_denied", f"a program may make at most {NESTED_CALLS} tool calls")

    async def _nested(self, message: Message, call_tool: CallTool, clock: _Clock) -> dict[str, Any]:
        """What a call of the program comes to. Raises ``TimeoutError`` where no time is left for it."""
        if message.size > MAX_MESSAGE_BYTES:
            answer = failed("invalid_call", "the arguments are over 64 KB")
        else:
            left, before = clock.left, clock.spent
            async with asyncio.timeout(left + self._limits.wall_seconds):  # most of it to wait, if need be
                answer = await call_tool(message.content["call"], left)
            if answer.status == "wall_timeout":  # it had all the time that was left
                raise TimeoutError
            clock.excuse(clock.spent - before - answer.seconds)
        return {"status": answer.status, "content": answer.content}

    def _answer(self, asked: dict[str, Any], message: Message) -> Answer:
        status, content = message.content.get("status"), message.content.get("content")
        if message.content.get("id") != asked["id"] or status not in STATUSES:
            raise FrameError("a frame is not the answer to the request")
        if status == "infra_error":
            raise FrameError("a program cannot tell of a failure of ours")
        if status != "ok":
            said = content if isinstance(content, dict) else {}
            return self._failed(status, str(said.get("error", "")))
        if "code" in asked and (message.state or not _is_program_s(content)):
            raise FrameError("a frame is not the answer to a program")
        if message.size > self._limits.output_kb * 1024 and self._is_large(content):
            return self._failed("output_limit", f"the result is over {self._limits.output_kb} KB")
        return Answer(status, content, 0.0, message.state)

    def _is_large(self, content: Any) -> bool:
        return len(encode(content)) > self._limits.output_kb * 1024

    async def _ended(self) -> Answer:
        """What became of a child that hung up. Raises ``WorkerDied`` if the fork server is lost with it."""
        dead, _ = await asyncio.wait({self._gone}, timeout=HANG_UP_SECONDS)
        if not dead:
            return self._failed("no_result", "the program closed its connection")
        gone, limit = self._gone.result(), self._limits.cpu_seconds
        if gone.over == "memory":
            return self._failed("memory", f"the session had more than {self._limits.program_mb} MB of memory")
        if gone.over == "files":
            return self._failed(
                "output_limit", f"the session had more than {self._limits.disk_mb} MB of files"
            )
        if gone.signal in (signal.SIGKILL, signal.SIGXCPU) and gone.cpu > COUNTED * limit:
            return self._failed("cpu_timeout", f"the session used more than {limit} seconds of CPU time")
        if gone.signal == signal.SIGKILL and self._locked:
            # A locked program cannot send itself one, nor lower a limit that sends one.
            raise WorkerDied("a session's child was killed from outside", fresh=False)
        if gone.signal:
            return self._failed("killed", f"the program was killed ({signal.Signals(gone.signal).name})")
        return self._failed("no_result", "the program ended its process")

    def _failed(self, status: Status, message: str) -> Answer:
        """What failed, with what was printed before, if anything."""
        answer, stdout = failed(status, message), kept(self._printed)
        return replace(answer, content=answer.content | {"stdout": stdout}) if stdout else answer


def _is_program_s(content: Any) -> bool:
    """Whether it has the form of a program's answer; a program that writes its own may write what it likes in it."""
    return (
        isinstance(content, dict)
        and set(content) == {"result", "stdout"}
        and isinstance(content["stdout"], str)
    )
