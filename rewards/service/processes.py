"""Processes that evaluate parts, and are killed where one takes too long or takes its process down.

Functions that are not async go to a pool: each of its children evaluates one job after another, so whose time
is up is known, and only that one fails. A child that is stuck for ``STALL`` seconds gives the rest back, and
another child joins it. Async functions, which wait more than they work, run side by side in one child; should
one of them block it, all that ran there are evaluated again in the pool, and the one that blocked fails there.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from rewards.scoring.part import Part, PartScore
from rewards.service.frames import Frames

START_SECONDS = 120.0  # a loaded machine may take long to import the components
STALL = 1.0  # seconds without an answer after which others are not kept waiting
CHILDREN = 4  # at most, in a pool
IDLE_SECONDS = 60.0  # after which a child of a pool ends
FRAME_SECONDS = 0.005  # of work that is handed to a child at once
FRAME_ROWS = 64
GRACE = 0.2  # seconds: an answer that came in while our own loop was held up is still read
SLACK = 2.0  # seconds beyond twice its limit after which something must block an async part's child

Answer = tuple[PartScore, float]  # and the seconds it took


class ChildLost(Exception):
    """A child did not start, or is gone; the message says why."""


@dataclass
class Job:
    """Rows that one call of a part evaluates: one, or for a part with TRL's signature many."""

    part: Part
    rows: list[tuple[bytes, "asyncio.Future[Answer]"]]
    alone: bool = False  # not to be put together with others
    deaths: int = 0  # processes that ended under it

    def settle(self, outcomes: Sequence[PartScore], seconds: float) -> None:
        for (_, future), outcome in zip(self.rows, outcomes, strict=True):
            if not future.done():  # else its caller has gone
                future.set_result((outcome, seconds / len(self.rows)))

    def fail(self, outcome: PartScore) -> None:
        self.settle([outcome] * len(self.rows), 0.0)

    def split(self) -> "list[Job]":
        return [Job(self.part, [row], alone=True) for row in self.rows]


class Child(Frames):
    """One process of ``rewards.service.child``."""

    def __init__(
        self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        super().__init__(reader, writer)
        self.process = process

    @classmethod
    async def start(cls, cfg: Mapping[str, Any], side_by_side: bool) -> "Child":
        """A child that is ready. Raises ChildLost."""
        try:
            process, ours = _spawned()
        except OSError as error:  # no more processes or open files; whoever waits must hear of it
            raise ChildLost(f"had a process that did not start: {error}") from error
        child = cls(process, *await asyncio.open_unix_connection(sock=ours))
        try:
            child.send((cfg, side_by_side))
            async with asyncio.timeout(START_SECONDS):
                problem = await child.receive()
        except (OSError, EOFError) as error:  # a TimeoutError is an OSError
            child.kill()
            raise ChildLost(f"had a process that did not start ({type(error).__name__})") from error
        except BaseException:
            child.kill()
            raise
        if problem:
            child.kill()
            raise ChildLost(f"had a process that did not start: {problem}")
        return child

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.writer.close()


def _spawned() -> tuple["subprocess.Popen[bytes]", socket.socket]:
    """A process and our end of what connects us."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "rewards.service.child", str(theirs.fileno())]
    with theirs:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,  # Ctrl-C in the terminal is the parent's alone
            )
        except OSError:
            ours.close()
            raise
    return process, ours


class Pool:
    """Children that evaluate jobs one by one, from one queue; more of them while some are stuck."""

    def __init__(self, cfg: Mapping[str, Any]) -> None:
        self.cfg = cfg
        self.queue: deque[Job] = deque()
        self.more = asyncio.Event()
        self.workers: set[asyncio.Task[None]] = set()
        self.row_seconds: dict[str, float] = {}  # by part, a moving average

    def add(self, job: Job) -> None:
        self.queue.append(job)
        self.more.set()
        if not self.workers:
            self.grow()

    def grow(self) -> None:
        if len(self.workers) < CHILDREN:
            self.workers.add(worker := asyncio.create_task(self._work()))
            worker.add_done_callback(self.workers.discard)

    async def _work(self) -> None:
        """A child, and after its end another; ends itself where others are left and nothing is to do."""
        child: Child | None = None
        try:
            while True:
                try:
                    child = child or await Child.start(self.cfg, side_by_side=False)
                except ChildLost as error:
                    for job in await self._take():
                        job.fail(job.part.failure(str(error)))
                    continue
                jobs = await self._take()
                if not jobs and len(self.workers) > 1:
                    return
                if not await self._feed(child, jobs):
                    child.kill()
                    child = None
        finally:
            if child:
                child.kill()

    async def _take(self) -> deque[Job]:
        """Jobs of a few milliseconds together; none if none came for long."""
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                while not self.queue:
                    self.more.clear()
                    await self.more.wait()
        except TimeoutError:
            return deque()
        await asyncio.sleep(0)  # the others of this moment come along
        jobs: deque[Job] = deque()
        batches: dict[str, Job] = {}
        budget, rows = FRAME_SECONDS, 0
        while self.queue and budget > 0 and rows < FRAME_ROWS:
            job = self.queue.popleft()
            rows += len(job.rows)
            if not job.part.trl or job.alone:
                budget -= self.row_seconds.get(job.part.name, FRAME_SECONDS)
            elif self._joins(batches.get(job.part.name)):
                batches[job.part.name].rows += job.rows
                continue
            else:
                batches[job.part.name] = job
            jobs.append(job)
        return jobs

    def _joins(self, batch: Job | None) -> bool:
        """Whether a batch has time for another row: the time limit is that of the whole call."""
        if batch is None:
            return False
        return (len(batch.rows) + 1) * self.row_seconds.get(batch.part.name, 0.0) < batch.part.time_limit / 4

    async def _feed(self, child: Child, jobs: deque[Job]) -> bool:
        """Settle the jobs, or give them back; False where the child is of no more use."""
        child.send([(0, job.part.name, [row for row, _ in job.rows]) for job in jobs])
        stale = False
        while jobs:
            job = jobs.popleft()
            try:
                stale |= await self._settle(child, job, jobs)
            except (OSError, EOFError) as error:
                self.queue.extendleft(reversed(jobs))
                job.deaths += not isinstance(error, TimeoutError)
                self._blame(job)
                return False
        return not stale

    async def _settle(self, child: Child, job: Job, rest: deque[Job]) -> bool:
        """Wait for the job's answer; True if the child has been stuck and still holds what was given back."""
        limit, stale = job.part.time_limit, False
        for seconds in (min(STALL, limit), max(0.0, limit - STALL), GRACE):
            try:
                async with asyncio.timeout(seconds):
                    _, outcomes, took = await child.receive()
                break
            except TimeoutError:
                stale |= bool(rest)
                self.queue.extendleft(reversed(rest))
                rest.clear()
                if self.queue:
                    self.more.set()
                    self.grow()
        else:
            raise TimeoutError
        mean = self.row_seconds.get(job.part.name, took / len(job.rows))
        self.row_seconds[job.part.name] = 0.9 * mean + 0.1 * took / len(job.rows)
        job.settle(outcomes, took)
        return stale

    def _blame(self, job: Job) -> None:
        """Rows that failed together are evaluated one by one. A row that was alone has failed; but if its
        process ended, which may be no doing of its own, it gets another."""
        if len(job.rows) > 1:
            for one in job.split():
                self.add(one)
        elif job.deaths == 1:
            self.add(replace(job, alone=True))
        else:
            job.fail(job.part.failure("ended its process twice") if job.deaths else job.part.too_long())


class Loop:
    """One child that runs async jobs side by side; what is lost with it goes to ``pool``, to be told apart."""

    def __init__(self, cfg: Mapping[str, Any], pool: Pool) -> None:
        self.cfg, self.pool = cfg, pool
        self.new: list[Job] = []
        self.flying: dict[int, Job] = {}
        self.numbers = count()
        self.worker: asyncio.Task[None] | None = None
        self.child: Child | None = None

    def add(self, job: Job) -> None:
        self.new.append(job)
        if self.worker is None or self.worker.done():
            self.worker = asyncio.create_task(self._work())
        elif self.child and len(self.new) == 1:
            asyncio.get_running_loop().call_soon(self._send)

    async def _work(self) -> None:
        try:
            self.child = child = await Child.start(self.cfg, side_by_side=True)
        except ChildLost as error:
            for job in self.new:
                job.fail(job.part.failure(str(error)))
            self.new = []
            return
        try:
            self._send()
            while True:
                number, outcomes, seconds = await child.receive()
                self.flying.pop(number).settle(outcomes, seconds)
        except (OSError, EOFError):
            self._tell_apart()
        finally:
            self.child = None
            child.kill()

    def _send(self) -> None:
        if self.child is None:
            return
        batches: dict[str, Job] = {}
        frame = []
        for job in self.new:
            if job.part.trl and (batch := batches.setdefault(job.part.name, job)) is not job:
                batch.rows += job.rows
            else:
                frame.append((next(self.numbers), job))
        self.new = []
        self.child.send([(number, job.part.name, [row for row, _ in job.rows]) for number, job in frame])
        for number, job in frame:
            self.flying[number] = job
            limit = 2 * job.part.time_limit + SLACK  # twice, as rows may be evaluated again, alone
            asyncio.get_running_loop().call_later(limit, self._overdue, self.child, number)

    def _overdue(self, child: Child, number: int) -> None:
        """The child itself ends what is too late, so now it can't: something blocks it."""
        if number in self.flying:
            child.process.kill()

    def _tell_apart(self) -> None:
        jobs, self.flying = self.flying, {}
        for job in (*jobs.values(), *self.new):
            for one in job.split():
                self.pool.add(one)
        self.new = []


@dataclass
class Workers:
    """The processes that evaluate a configuration's parts. Used on one event loop."""

    cfg: Mapping[str, Any]
    pool: Pool = field(init=False)
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.pool = Pool(self.cfg)
        self.loop = Loop(self.cfg, self.pool)

    def start(self) -> None:
        """Start a process for functions that are not async, before the first row comes."""
        if not self.pool.workers:
            self.pool.grow()

    async def evaluate(self, part: Part, row: bytes) -> Answer:
        """The outcome of a part for one pickled ``Row``, and the seconds that it took."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        job = Job(part, [(row, future)])
        if part.asynchronous:
            self.loop.add(job)
        else:
            self.pool.add(job)
        return await future

    async def close(self) -> None:
        """End the processes."""
        tasks = [*self.pool.workers, *([self.loop.worker] if self.loop.worker else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
