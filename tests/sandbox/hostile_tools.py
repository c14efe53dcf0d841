"""A catalog whose tools misbehave, each in one way. The tests serve it from a real sandbox."""

import datetime
import os
import random
import sys
import time
from typing import Any

from sandbox.host.framing import HEADER, frame
from sandbox.tools import tool_spec

off_by = [0]


def add(state: dict, amount: int) -> dict[str, Any]:
    """Add to a sum.

    Args:
        amount: How much.
    """
    state["sum"] += amount + off_by[0]
    return {"sum": state["sum"]}


def slow_add(state: dict, amount: int) -> dict[str, Any]:
    """Add to a sum, taking a while.

    Args:
        amount: How much.
    """
    time.sleep(0.02)
    return add(state, amount)


def dice() -> list[float]:
    """Throw dice."""
    return [random.random() for _ in range(3)]


def sleep(seconds: float) -> float:
    """Sleep.

    Args:
        seconds: How long.
    """
    time.sleep(seconds)
    return seconds


def write(count: int) -> str:
    """Give a long text.

    Args:
        count: How many characters.
    """
    return "é" * count


def hoard(state: dict, count: int) -> None:
    """Keep a long text.

    Args:
        count: How many characters.
    """
    state["hoard"] = "x" * count


def eat(megabytes: int) -> int:
    """Use memory.

    Args:
        megabytes: How much.
    """
    return len(bytearray(megabytes * 1024 * 1024))


def recurse(depth: int) -> int:
    """Call itself.

    Args:
        depth: How often.
    """
    return recurse(depth + 1)


def not_json(what: str) -> Any:
    """Give something that JSON has not.

    Args:
        what: Which.
    """
    return {"nan": float("nan"), "set": {1}, "huge": 10**5000, "infinity": [float("inf")]}[what]


def spoil_and_fail(state: dict) -> None:
    """Change the state, then fail."""
    state["sum"] = -1
    raise KeyError("first line\nsecond line")


def leave() -> None:
    """End the worker."""
    os._exit(3)


def leave_once(marker: str) -> str:
    """End the worker the first time only.

    Args:
        marker: A folder that the first time makes.
    """
    try:
        os.mkdir(marker)
    except FileExistsError:
        return "second time"
    os._exit(3)


def forge(what: str) -> None:
    """Write a false frame to the host.

    Args:
        what: Which.
    """
    falsehoods = {
        "garbage": HEADER.pack(5, 0) + b"hello",
        "oversized": HEADER.pack(2**32 - 1, 2**32 - 1) + b"x",
        "array": HEADER.pack(2, 0) + b"[]",
        "deep": HEADER.pack(100_000, 0) + b"[" * 100_000,
        "nan": HEADER.pack(13, 0) + b'{"status":NaN',
        "infinity": HEADER.pack(17, 0) + b'{"seconds":1e999}',
        "another id": frame({"id": 999, "status": "ok", "content": 1, "seconds": 0.1}),
        "odd status": frame({"id": 0, "status": "fine", "content": 1, "seconds": 0.1}),
        "odd state": frame({"id": 0, "status": "ok", "content": 1, "seconds": 0.1}, b"[1]"),
        "no seconds": frame({"id": 0, "status": "ok", "content": 1}),
    }
    os.write(int(sys.argv[1]), falsehoods[what])


def peek() -> dict[str, Any]:
    """Tell what the worker sees of its surroundings."""
    return {
        "environment": sorted(os.environ),
        "folder": os.getcwd(),
        "open": sorted(os.listdir("/proc/self/fd")),
    }


def scribble(path: str) -> int:
    """Write to a file.

    Args:
        path: Where.
    """
    with open(path, "w") as file:
        return file.write("scribble")


kept: list[bytearray] = []


def leak(megabytes: int) -> int:
    """Keep memory for ever.

    Args:
        megabytes: How much.
    """
    kept.append(bytearray(megabytes * 1024 * 1024))
    return len(kept)


def poison() -> None:
    """Have every later call of the worker add one more than it should."""
    off_by[0] = 1


FUNCTIONS = (
    add, slow_add, dice, sleep, write, hoard, eat, recurse, not_json, spoil_and_fail, leave, leave_once,
    forge, peek, scribble, leak, poison,
)  # fmt: skip
TOOLS = {function.__name__: function for function in FUNCTIONS}
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
CANARY = ("add", {"amount": 2})
SPECS = {name: tool_spec(function) for name, function in TOOLS.items()}


def initial_state() -> dict[str, Any]:
    return {"sum": 0}


def warm_up() -> None:
    pass
