"""What a tool call costs, by the way it is run: ``make bench`` prints the table.

This process and all that it starts are held to one core. The ways take turns, so that a machine that is busy for
a while slows each of them alike; the ratios are to the direct call.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox import ToolCall, catalog, open_sandbox
from sandbox.client import connect

CALLS_A_SESSION = 10
SIDE_BY_SIDE = 8
TURNS = 5
ARGUMENTS = {"amount": 120, "source": "EUR", "target": "JPY"}
CATALOG = ToolCall("1", "convert_currency", ARGUMENTS)
PROGRAM = ToolCall("1", "python", {"code": "result = sum(range(100))"})
Way = Callable[[int], Coroutine[Any, Any, list[float]]]


@dataclass
class Measured:
    """Seconds that the calls of all turns took, and what a single call took."""

    calls: int = 0
    seconds: float = 0.0
    each: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.calls / self.seconds

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        return sorted(self.each)[int(len(self.each) * share)] * 1000


async def direct(calls: int) -> list[float]:
    """The tool as a function of this process."""
    state = catalog.initial_state()
    begin = time.perf_counter()
    for _ in range(calls):
        catalog.run(CATALOG.name or "", ARGUMENTS, state)
    return [(time.perf_counter() - begin) / calls] * calls


async def fresh_process(calls: int) -> list[float]:
    """A new Python for each call, without any isolation."""
    code = f"import json; from sandbox import catalog; print(json.dumps(catalog.run({CATALOG.name!r}, {ARGUMENTS}, {{}})[0]))"
    each = []
    for _ in range(calls):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        each.append(time.perf_counter() - begin)
    return each


def in_sessions(sandbox: Any, call: ToolCall, side_by_side: int) -> Way:
    """Sessions of ten calls each, so many at a time."""

    async def go(calls: int) -> list[float]:
        each: list[float] = []
        waiting = iter(range(calls // CALLS_A_SESSION))

        async def worker() -> None:
            for seed in waiting:
                async with sandbox.session(seed=seed) as session:
                    for _ in range(CALLS_A_SESSION):
                        begin = time.perf_counter()
                        result = await session.call(call)
                        each.append(time.perf_counter() - begin)
                        assert result.status == "ok", result

        await asyncio.gather(*(worker() for _ in range(side_by_side)))
        return each

    return go


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[Any]:
    command = [sys.executable, "-m", "sandbox.serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        async with connect(process.stdout.readline().split()[-1]) as sandbox:
            yield sandbox
        process.terminate()


def resident_mb(pid: int) -> float:
    """Of a process and all below it, what is its own (anonymous memory)."""
    status = Path(f"/proc/{pid}/status").read_text()
    own = int(status.partition("RssAnon:")[2].split()[0]) / 1024
    below = [
        child
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return own + sum(resident_mb(int(child)) for child in below)


async def measure() -> tuple[dict[str, Measured], dict[str, float]]:
    """By name: the calls of each way, and MB of memory of a worker and of a server with one session."""
    found: dict[str, Measured] = {}
    async with open_sandbox(workers=1) as sandbox, served() as remote:
        ways: dict[str, tuple[Way, int]] = {
            "direct call": (direct, 5000),
            "trusted worker": (in_sessions(sandbox, CATALOG, SIDE_BY_SIDE), 3000),
            "trusted worker, one at a time": (in_sessions(sandbox, CATALOG, 1), 1000),
            "untrusted session": (in_sessions(sandbox, PROGRAM, SIDE_BY_SIDE), 1000),
            "untrusted session, one at a time": (in_sessions(sandbox, PROGRAM, 1), 500),
            "HTTP, batches of up to 64": (in_sessions(remote, CATALOG, 64), 3200),
            "fresh subprocess": (fresh_process, 3),
        }
        for turn in range(TURNS + 1):
            for name, (way, calls) in ways.items():
                begin = time.perf_counter()
                each = await way(calls)
                if turn:  # the first warms up
                    one = found.setdefault(name, Measured())
                    one.calls, one.seconds = one.calls + calls, one.seconds + time.perf_counter() - begin
                    one.each += each
        memory = {
            "a worker": resident_mb(sandbox.pids()[0]),
            "a fork server with its spare sessions (shared pages count for each)": resident_mb(
                sandbox.code_pids()[0]
            ),
        }
    return found, memory


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found, memory = asyncio.run(measure())
    base = found["direct call"].rate
    print(f"{'one core':34} {'calls/s':>9} {'of direct':>10} {'p50 ms':>8} {'p99 ms':>8}")
    for name, one in found.items():
        p50, p99 = one.percentile(0.5), one.percentile(0.99)
        print(f"{name:34} {one.rate:>9,.0f} {one.rate / base:>10.3f} {p50:>8.3f} {p99:>8.3f}")
    for name, megabytes in memory.items():
        print(f"memory of {name}: {megabytes:.0f} MB")


if __name__ == "__main__":
    main()
