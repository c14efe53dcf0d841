"""How many calls the sandbox carries on one core, and how long one takes.

The process and all it starts are held to one core; ``make bench`` prints the table.
"""

import asyncio
import os
import time

from sandbox import Sandbox, ToolCall, open_sandbox

CALLS_A_SESSION = 10
CATALOG = ToolCall("1", "convert_currency", {"amount": 120, "source": "EUR", "target": "JPY"})
PROGRAM = ToolCall("1", "python", {"code": "result = sum(range(100))"})


async def calls_a_second(
    sandbox: Sandbox, call: ToolCall, sessions: int, at_once: int
) -> tuple[float, float]:
    """Calls a second over ``sessions`` of ten calls each, and the 99th percentile of a call in ms."""
    waiting = list(range(sessions))
    took: list[float] = []

    async def worker() -> None:
        while waiting:
            async with sandbox.session({}, waiting.pop()) as session:
                for _ in range(CALLS_A_SESSION):
                    begin = time.perf_counter()
                    result = await session.call(call)
                    took.append(time.perf_counter() - begin)
                    assert result.status == "ok", result

    begin = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    seconds = time.perf_counter() - begin
    return len(took) / seconds, sorted(took)[int(len(took) * 0.99)] * 1000


async def measure() -> dict[str, tuple[float, float]]:
    """By name: calls a second, and p99 in ms with one session at a time."""
    found = {}
    async with open_sandbox(workers=1) as sandbox:
        for name, call, sessions in (("catalog", CATALOG, 1000), ("python", PROGRAM, 300)):
            await calls_a_second(sandbox, call, 20, 1)  # warm up
            rate, _ = await calls_a_second(sandbox, call, sessions, 8)
            _, p99 = await calls_a_second(sandbox, call, sessions // 4, 1)
            found[name] = (rate, p99)
    return found


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for name, (rate, p99) in asyncio.run(measure()).items():
        print(f"{name}: {rate:,.0f} calls a second on one core, p99 {p99:.2f} ms")


if __name__ == "__main__":
    main()
