"""What a child process runs: ``python -m rewards.service.child FD``. It evaluates parts until its parent hangs up.

First comes ``(cfg, side_by_side)``, answered with None or with why
it cannot start; then lists of jobs ``(number, part, [pickled row])``, each answered when it is done with
``(number, [outcome], seconds)``. Jobs run one after another, in order; or all side by side.
"""

import asyncio
import ctypes
import gc
import pickle
import signal
import socket
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

from rewards.compose import Rewards
from rewards.memo import per_task
from rewards.samples import samples
from rewards.scoring.part import Part, Row, evaluate, inline
from rewards.service.frames import Frames
from rewards.types import Task

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main() -> None:
    # A child in an endless loop would outlive its parent otherwise.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    asyncio.run(_serve(socket.socket(fileno=int(sys.argv[1]))))


async def _serve(connection: socket.socket) -> None:
    parent = Frames(*await asyncio.open_unix_connection(sock=connection))
    try:
        cfg, side_by_side = await parent.receive()
    except (asyncio.IncompleteReadError, ConnectionError):
        return  # it was not wanted any more
    try:
        parts = {part.name: part for part in Rewards.from_config(cfg).parts}
        await _warm_up(part for part in parts.values() if _is_ours(part, cfg))
    except ValueError as error:
        parent.send(str(error))
        await parent.writer.drain()
        return
    gc.freeze()  # tables and modules stay: searches for garbage took longer than the scoring
    parent.send(None)
    running: set[asyncio.Task[None]] = set()
    try:
        while True:
            rows: dict[int, Row] = {}  # a row that several parts want is unpickled once
            for number, name, pickled in await parent.receive():
                for one in pickled:
                    rows[id(one)] = rows.get(id(one)) or _row(one)
                job = _answer(parent, number, parts[name], [rows[id(one)] for one in pickled])
                if side_by_side:
                    running.add(task := asyncio.create_task(job))
                    task.add_done_callback(running.discard)
                else:
                    await job
                    await parent.writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        return


def _row(pickled: bytes) -> Row:
    row: Row = pickle.loads(pickled)
    return row._replace(task=_first(row.task))


@per_task
def _first(task: Task) -> Task:
    """The first of equal tasks: what is kept by a task's or a tool's identity serves all of its samples."""
    return task


def _is_ours(part: Part, cfg: Mapping[str, Any]) -> bool:
    """Whether a part is this package's, and asks nobody over the network."""
    return not part.asynchronous and str(cfg["components"][part.name]["_target_"]).startswith("rewards.")


async def _warm_up(parts: Iterable[Part]) -> None:
    """Load models, tables of words and CLDR's data before a row comes, whose time limit they would count for."""
    rows = [Row(s.task, s.trajectory, 0) for s in samples() if s.kind == "gold"]
    for part in parts:
        for row in rows:
            await evaluate(part, [row], inline)


async def _answer(parent: Frames, number: int, part: Part, rows: list[Row]) -> None:
    start = time.perf_counter()
    outcomes = await evaluate(part, rows, inline)
    parent.send((number, outcomes, time.perf_counter() - start))


if __name__ == "__main__":
    main()
