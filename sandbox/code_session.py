"""The host's end of a session of code that is not trusted: what it asks, what it believes of the answers."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from sandbox.channel import Channel, Message
from sandbox.frames import FrameError, checked_state, encode
from sandbox.process import Answer, Limits, WorkerDied
from sandbox.tools import one_line
from sandbox.types import STATUSES, Status

CallTool = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
Gone = dict[str, Any]  # how a child ended: its pid, the signal or 0, its seconds of CPU time
HANG_UP_SECONDS = 2.0  # for a child to end after it hung up
NESTED_CALLS = 200  # that one program may make


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

    async def call(self, request: dict[str, Any], state: bytes, call_tool: CallTool) -> Answer:
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

    async def _talk(self, request: dict[str, Any], call_tool: CallTool, deadline: float) -> Answer:
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
