"""A hundred thousand scorings under injected faults: ``python -m benchmarks.chaos_rewards [ROWS]``.

Parts raise, return nonsense, loop in C, block their event loop, end their process; a judge's server fails in
four ways; actors are killed. Each trajectory must get exactly one outcome, and the right one: its score, or a
mask with the reason. The counts and the memory on the way are printed; the exit code is 1 if any is wrong.
"""

import asyncio
import contextlib
import os
import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import ray

from rewards.judge import Judge
from rewards.samples import trajectory
from rewards.service.actors import RewardService, running_ray
from rewards.types import Expected, Score, Task, Trajectory
from rl.hardware.memory import total_bytes

ROWS = 100_000
ACTORS = 2
KILL_EVERY = 10_000  # scores: then an actor is killed
TIME_LIMIT = 1.0  # seconds
TASK = Task("chaos", "chaos", "en", "en-US", [{"role": "user", "content": "Hi!"}], [], Expected(no_call=True))
TWICE = "failed: the reward's actor failed twice: "


@dataclass(frozen=True)
class Fault:
    """What a row's reply asks for, how often it comes among a million rows, and the note that it leaves."""

    share: int
    note: str | None


FAULTS = {
    "ok": Fault(790_000, None),
    "abstain": Fault(60_000, None),
    "raise": Fault(60_000, "failed: reward 'own' raised RuntimeError: as it was told"),
    "nonsense": Fault(50_000, "failed: reward 'own' returned 2.0, which is outside 0..1"),
    "infra": Fault(20_000, "failed: the sandbox or the rollout failed"),
    "judge": Fault(18_500, "failed: reward 'judge' raised JudgeError: "),
    "spin": Fault(800, f"failed: reward 'own' took longer than {TIME_LIMIT:g} s"),
    "die": Fault(500, "failed: reward 'own' ended its process twice"),
    "block": Fault(200, f"failed: reward 'later' took longer than {TIME_LIMIT:g} s"),
}


@dataclass
class Found:
    """The outcomes, counted; those that are wrong are kept."""

    rows: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[tuple[str, Score]] = field(default_factory=list)

    def add(self, kind: str, score: Score) -> None:
        self.rows[kind] += 1
        reasons = [note for note in score.notes.values() if note.startswith("failed:")]
        what = "scored" if score.reward is not None else (reasons or ["no reason"])[0][:70]
        self.outcomes[kind, what] += 1
        if not _right(kind, score):
            self.wrong.append((kind, score))


def own(task: Task, trajectory: Trajectory) -> float | None:
    """Not async: does what the reply says."""
    match _said(trajectory):
        case "abstain":
            return None
        case "raise":
            raise RuntimeError("as it was told")
        case "nonsense":
            return 2.0
        case "spin":
            re.match(r"(a|a)+$", "a" * 60 + "b")  # for years, with the interpreter's lock held
        case "die":
            os._exit(1)
    return 1.0


async def later(task: Task, trajectory: Trajectory) -> float:
    if _said(trajectory) == "block":
        time.sleep(60)
    await asyncio.sleep(0.01)
    return 1.0


class Judged:
    """The judge's grade, for the rows that ask for it."""

    def __init__(self, base_url: str) -> None:
        self.judge = Judge(base_url, "none", api_key_env=None, timeout=0.2, retries=0)

    async def __call__(self, task: Task, trajectory: Trajectory) -> Any:
        return await self.judge(task, trajectory) if _said(trajectory) == "judge" else None


def _said(trajectory: Trajectory) -> str:
    return str(trajectory.messages[-1]["content"])


async def failing_server() -> asyncio.Server:
    """A judge that answers 500, half a body, no JSON, or nothing in time."""
    asked = 0

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        with contextlib.suppress(asyncio.IncompleteReadError):  # it hung up
            await reader.readuntil(b"\r\n\r\n")
        answers = (b"500 No", b"200 OK\r\ncontent-length: 99", b"200 OK\r\ncontent-length: 2", b"")
        if answer := answers[asked % 4]:
            writer.write(b"HTTP/1.1 " + answer + b"\r\nconnection: close\r\n\r\n{]")
        else:
            await asyncio.sleep(0.5)
        writer.close()

    return await asyncio.start_server(hear, "127.0.0.1", 0)


async def run(rows: int) -> bool:
    server = await failing_server()
    port = server.sockets[0].getsockname()[1]
    here = "benchmarks.chaos_rewards"
    service = RewardService(
        {
            "components": {
                "own": {"_target_": f"{here}.own", "weight": 0.5},
                "later": {"_target_": f"{here}.later", "weight": 0.3},
                "judge": {
                    "_target_": f"{here}.Judged", "weight": 0.2, "time_limit": 20,
                    "base_url": f"http://127.0.0.1:{port}/v1",
                },
            },
            "time_limit": TIME_LIMIT,
        },
        actors=ACTORS,
    )  # fmt: skip
    kinds = random.Random(0).choices(list(FAULTS), [fault.share for fault in FAULTS.values()], k=rows)
    found = Found()
    begin = time.perf_counter()
    watch = asyncio.create_task(_watch(service, rows, begin))

    async def some(mine: list[str]) -> None:
        for kind in mine:
            found.add(kind, await service.score(TASK, _row(kind)))

    at_once = service.in_flight + 50  # a few more than have room
    await asyncio.gather(*(some(kinds[i::at_once]) for i in range(at_once)))
    await watch
    service.close()
    server.close()
    return _show(found, service, Counter(kinds), time.perf_counter() - begin)


def _row(kind: str) -> Trajectory:
    row = trajectory(TASK, [], kind)
    return Trajectory(**vars(row) | {"stop": "infra"}) if kind == "infra" else row


async def _watch(service: RewardService, rows: int, begin: float) -> None:
    """Print the memory ten times on the way, and kill actors."""
    shown = killed = 0
    while (done := service.counts.scores) < rows:
        if done * 10 // rows >= shown:
            shown += 1
            print(f"{done:>8,} scored, {time.perf_counter() - begin:5.0f} s, {_memory()}", flush=True)
        if done // KILL_EVERY > killed:
            killed += 1
            ray.kill(service.links[killed % ACTORS].actor)
        await asyncio.sleep(0.05)
    print(f"{rows:>8,} scored, {time.perf_counter() - begin:5.0f} s, {_memory()}; {killed} actors killed")


def _memory() -> str:
    with open("/proc/self/statm") as file:
        own = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return f"this process {own / 1e6:.0f} MB, all {total_bytes() / 1e6:.0f} MB"


def _right(kind: str, score: Score) -> bool:
    failed = {note for note in score.notes.values() if note.startswith("failed:")}
    if len(failed) == 1 and all(note.startswith(TWICE) for note in failed):
        return score.reward is None
    note = FAULTS[kind].note
    if note is None:
        return score.reward == 1.0 and not failed
    return score.reward is None and len(failed) == 1 and all(f.startswith(note) for f in failed)


def _show(found: Found, service: RewardService, asked: Counter[str], seconds: float) -> bool:
    for (kind, what), count in sorted(found.outcomes.items()):
        print(f"{count:>8,}  {kind:9} {what}")
    for kind, score in found.wrong:
        print("WRONG", kind, score)
    rows, exact, stats = asked.total(), found.rows == asked, service.stats()
    print(f"{found.rows.total():,} outcomes for {rows:,} rows, one each: {exact}; wrong: {len(found.wrong)}")
    print(
        f"masked {stats['masked']:,}; actors replaced {stats['restarts']}; {1e3 * seconds / rows:.2f} ms a row"
    )
    return exact and not found.wrong


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with running_ray(None):
        sys.exit(not asyncio.run(run(rows)))


if __name__ == "__main__":
    main()
