"""Which engine takes the next sample."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from ray.exceptions import OutOfMemoryError

from rewards.types import Expected, Task
from rl.errors import UserError
from rl.rollout.pool import RolloutPool, Worker


def a_task(name: str) -> Task:
    return Task(name, name, "en", "en", [{"role": "user", "content": name}], [], Expected())


class Actor:
    """Stands where Ray's handle would: samples end when the test says so."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_end = asyncio.Event()
        self.rollout = SimpleNamespace(remote=self._rollout)

    async def _rollout(self, task: Task, seed: int, temperature: float) -> tuple[str, dict[str, float]]:
        self.asked.append(task.id)
        await self.may_end.wait()
        return task.id, {}


def pool_of(count: int, room: int) -> RolloutPool:
    pool: Any = RolloutPool.__new__(RolloutPool)
    pool.config = SimpleNamespace(rollout=SimpleNamespace(concurrency=room, workers=count))
    pool.workers = [Worker(i, Actor) for i in range(count)]
    pool.slots = asyncio.Semaphore(room * count)
    return pool


@pytest.mark.parametrize(
    ("prompts", "samples", "engines", "room"), [(6, 4, 3, 8), (5, 8, 2, 20), (3, 8, 3, 8), (4, 16, 2, 8)]
)
def test_the_samples_of_a_prompt_go_to_one_engine_while_it_has_room(
    prompts: int, samples: int, engines: int, room: int
) -> None:
    async def play() -> list[list[str]]:
        pool = pool_of(engines, room)
        for worker in pool.workers:
            worker.ready = asyncio.get_running_loop().create_future()
            worker.ready.set_result(None)
        jobs = [a_task(f"p{p}") for p in range(prompts) for _ in range(samples)]
        asked = [asyncio.ensure_future(pool.rollout(task, i, 1.0)) for i, task in enumerate(jobs)]
        await asyncio.sleep(0.05)
        first = [list(worker.actor.asked) for worker in pool.workers]
        for worker in pool.workers:
            worker.actor.may_end.set()
        await asyncio.gather(*asked)
        assert sum(len(worker.actor.asked) for worker in pool.workers) == len(jobs)
        assert all(not worker.samples for worker in pool.workers)
        return first

    first = asyncio.run(play())
    in_all = min(prompts * samples, engines * room)
    sizes = [len(asked) for asked in first]
    assert sum(sizes) == in_all and max(sizes) <= room
    homes = {p: [i for i, asked in enumerate(first) if p in asked] for asked in first for p in asked}
    fits = samples <= room and in_all == prompts * samples and samples * -(-prompts // engines) <= room
    if fits:
        assert all(len(places) == 1 for places in homes.values()), "nobody's prompt is read twice"
        assert max(sizes) - min(sizes) <= samples
    else:
        assert max(sizes) - min(sizes) <= samples


def test_an_engine_that_is_starting_gets_nothing_while_another_is_there() -> None:
    async def play() -> list[int]:
        pool = pool_of(2, 4)
        loop = asyncio.get_running_loop()
        pool.workers[0].ready, pool.workers[1].ready = loop.create_future(), loop.create_future()
        pool.workers[1].ready.set_result(None)
        asked = [asyncio.ensure_future(pool.rollout(a_task(f"p{i}"), i, 1.0)) for i in range(6)]
        await asyncio.sleep(0.02)
        pool.workers[1].actor.may_end.set()
        await asyncio.gather(*asked)
        return [len(worker.actor.asked) for worker in pool.workers]

    assert asyncio.run(play()) == [0, 6]


def test_an_engine_that_nobody_sends_weights_is_named() -> None:
    worker = Worker(1, Actor, patience=0.01)
    worker.given.clear()
    with pytest.raises(UserError, match="Rollout worker 1 was started anew, and nobody sent it weights"):
        asyncio.run(worker.sample(a_task("p"), 0, 1.0))
    assert not worker.samples


SHORT = "3 worker(s) were killed due to the node running low on memory. Memory on the node was 22 GB used.\nRefer to the docs."


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_sample_of_an_engine_that_ray_ended_for_want_of_memory_is_redone_once(
    deaths: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [OutOfMemoryError(SHORT)] * deaths
    monkeypatch.setattr("rl.rollout.pool.ray.kill", lambda actor: None)

    async def play() -> str:
        pool: Any = pool_of(1, 4)
        pool.restarts, pool.sent = 0, {}

        async def started(worker: Worker) -> None:
            return None

        async def sample(task: Task, seed: int, temperature: float) -> tuple[str, dict[str, float]]:
            if left:
                raise left.pop()
            return task.id, {}

        pool._started = started
        pool.workers[0].sample = sample
        found = await pool.rollout(a_task("p"), 0, 1.0)
        assert pool.restarts == 1
        return str(found[0])

    if deaths == 1:
        assert asyncio.run(play()) == "p"
    else:
        with pytest.raises(
            UserError, match=r"died while it redid .* \(3 worker\(s\) .* low on memory\); look"
        ):
            asyncio.run(play())
