"""What is known of one connection to a server beside what the SDK makes of it, and how much may be said on it."""

import logging
from dataclasses import dataclass
from typing import Any

from sandbox.host.framing import MAX_PARTS
from sandbox.types import Status

Streams = tuple[Any, Any]  # to read from and to write to, as the SDK's ``Transport`` gives them
MAX_BYTES = 4 * 1024 * 1024  # that a server may say in answer to one request; results are bounded later
MOST_OBJECTS = 30_000  # in it: reading one takes longest
TOO_MUCH = f"the server said more than {MAX_BYTES // 2**20} MB, or too many values, in one call"
READERS_LIMITS: dict[str, tuple[str, Status]] = {  # by what pydantic's JSON reader says
    "recursion limit": ("the server's answer is nested too deeply", "output_limit"),
    "number out of range": ("the server's answer has an integer of too many digits", "tool_error"),
}

# What a server says is for no log of ours, and what the SDK asks of one may hold secrets.
for _name in ("mcp", "client", "httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class ServerLost(Exception):
    """The server is gone, never came up or does not speak the protocol: no fault of the one who asked."""


class Room:
    """How much a server may still say in answer to one request. Values are counted in the bytes, before they are read:
    a few bytes become a large value, and reading them stops the loop."""

    def __init__(self) -> None:
        self.bytes, self._parts, self._objects = MAX_BYTES, MAX_PARTS, MOST_OBJECTS

    def takes(self, said: bytes, least: int) -> bool:
        """Whether there is room for that, too, which counts for ``least`` bytes."""
        objects = said.count(b"{")
        self.bytes -= max(len(said), least)
        self._objects -= objects
        self._parts -= objects + said.count(b"[") + said.count(b",")
        return min(self.bytes, self._parts, self._objects) >= 0


@dataclass
class Wire:
    """Why the connection broke, as its carrier saw it, and what that makes of the call under way."""

    fault: str = ""
    status: Status = "infra_error"

    def broke(self, fault: str, status: Status = "infra_error") -> None:
        """Keep the fault. What led to it came earlier and stays, unless this one is the call's doing."""
        if not self.fault or (self.status == "infra_error" and status != "infra_error"):
            self.fault, self.status = fault, status


def unreadable(said: str) -> tuple[str, Status]:
    """What a call comes to whose answer could not be read, by what the reader said."""
    for part, found in READERS_LIMITS.items():
        if part in said:
            return found
    return said, "infra_error"
