"""The rewards over Ray: each trajectory is scored the moment it ends, by the actor with the least to do.

An actor holds no code of a reward: that runs in processes of its own, which it kills where they hang. Rows go
to it in batches of what has come in meanwhile, scores come back in batches of what is done.
"""

import asyncio
import gc
import logging
import os
import pickle
import socket
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import ray
from ray.exceptions import RayError

from rewards.compose import Rewards
from rewards.outcome import failed_by_us
from rewards.scoring.part import Part, PartScore, Row
from rewards.service.processes import Workers
from rewards.types import Score, Task, Trajectory

log = logging.getLogger(__name__)
IN_FLIGHT = 256  # trajectories
PATIENCE = 60.0  # seconds in which an actor starts, or says that it has nothing yet
HEARTBEAT = 5.0  # seconds after which it does
WINDOW = 0.01  # seconds that a row or a score waits for others to travel with

Item = tuple[int, str, int, bytes]  # number, language, step, the pickled row
# Of each part that was run: its "seconds", and what it gives for the logs.
Figures = dict[str, dict[str, float]]
Result = tuple[Score, Figures]


class ScoringActor:
    """Composes scores of what its processes evaluate."""

    def __init__(self, rewards: Rewards, cfg: Mapping[str, Any]) -> None:
        self.rewards = rewards
        self.workers = Workers(cfg)
        self.done: list[tuple[int, Result | Exception]] = []
        self.some = asyncio.Event()
        self.tasks: set[asyncio.Task[None]] = set()
        gc.freeze()  # what was imported stays, and need not be looked through for garbage

    async def put(self, items: list[Item]) -> None:
        self.workers.start()
        for item in items:
            self.tasks.add(task := asyncio.create_task(self._score(*item)))
            task.add_done_callback(self.tasks.discard)

    async def take(self) -> list[tuple[int, Result | Exception]]:
        """What has been done since the last call, or what prevented it; waits for some, but not for long."""
        try:
            async with asyncio.timeout(HEARTBEAT):
                await self.some.wait()
        except TimeoutError:
            return []
        await asyncio.sleep(WINDOW)
        self.some.clear()
        done, self.done = self.done, []
        return done

    async def _score(self, number: int, language: str, step: int, row: bytes) -> None:
        figures: Figures = {}

        async def run(part: Part) -> PartScore:
            outcome, seconds = await self.workers.evaluate(part, row)
            figures[part.name] = outcome.figures | {"seconds": seconds}
            return outcome

        found: Result | Exception
        try:
            found = await self.rewards.compose(language, step, run), figures
        except Exception as error:  # the caller's to know, who would wait for ever
            found = error
        self.done.append((number, found))
        self.some.set()


# No CPU is reserved: training ranks may have asked Ray for all of them, and scoring must still start.
Actor: Any = ray.remote(num_cpus=0)(ScoringActor)


class Lost(Exception):
    """An actor died or fell silent before it gave the score."""


class Link:
    """One actor and what it owes."""

    def __init__(self, start: Callable[[], Any]) -> None:
        self.start = start
        self.actor = self._started()
        self.owed: dict[int, asyncio.Future[Result]] = {}
        self.new: list[Item] = []
        self.numbers = count()
        self.listening: asyncio.Task[None] | None = None
        self.restarts = 0

    def _started(self) -> Any:
        actor = self.start()
        actor.put.remote([])  # so that its processes are there when the first row comes
        return actor

    async def ask(self, language: str, step: int, row: bytes) -> Result:
        """The score and its parts' figures. Raises Lost, and what composing the score raised."""
        loop, number = asyncio.get_running_loop(), next(self.numbers)
        future: asyncio.Future[Result] = loop.create_future()
        self.owed[number] = future
        self.new.append((number, language, step, row))
        if len(self.new) == 1:
            loop.call_later(WINDOW, self._hand_over)
        if self.listening is None or self.listening.done():
            self.listening = asyncio.create_task(self._listen())
        return await future

    def _hand_over(self) -> None:
        new, self.new = self.new, []
        if new:  # else the actor was replaced meanwhile
            self.actor.put.remote(new)  # whether it arrives shows in what comes back

    async def _listen(self) -> None:
        try:
            while self.owed:
                async with asyncio.timeout(PATIENCE):
                    done = await self.actor.take.remote()
                for number, result in done:
                    future = self.owed.pop(number)
                    if future.done():
                        continue
                    if isinstance(result, Exception):
                        future.set_exception(result)
                    else:
                        future.set_result(result)
        except (RayError, TimeoutError) as error:
            self._replace(f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"[:300])

    def _replace(self, reason: str) -> None:
        log.warning("a reward actor failed and is replaced: %s", reason)
        ray.kill(self.actor)
        self.actor = self._started()
        self.restarts += 1
        owed, self.owed, self.new = self.owed, {}, []
        for future in owed.values():
            if not future.done():
                future.set_exception(Lost(reason))


class NoCluster(Exception):
    """There is no Ray where it was looked for."""


def _knock(address: str) -> None:
    """Ray itself would try for minutes where nobody answers."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host, int(port)), 5).close()
    except (OSError, ValueError) as error:
        raise NoCluster(
            f"no Ray cluster answers at {address} ({error}); correct --ray-address, or leave it out, which starts "
            "Ray here"
        ) from error


@contextmanager
def running_ray(address: str | None) -> Iterator[None]:
    """Ray, at ``address`` or (None) on this machine, for a program that has no other use for it.

    Raises NoCluster where there is none at the address.
    """
    if address is not None and ":" in address:
        _knock(address)
    paths = os.pathsep.join(filter(None, sys.path))
    options: dict[str, Any] = {"include_dashboard": False} if address is None else {}
    ray.init(
        address=address or "local",
        log_to_driver=False,
        logging_level=logging.ERROR,
        runtime_env={"env_vars": {"PYTHONPATH": paths}},
        **options,
    )
    try:
        yield
    finally:
        ray.shutdown()


@dataclass
class Counts:
    """What has been scored. ``failures`` are by part; ``sums`` and ``times`` of figures by (part, figure): each
    run of a part has the figure ``seconds``."""

    scores: int = 0
    masked: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    sums: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    times: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, score: Score, figures: Figures) -> None:
        self.scores += 1
        self.masked += score.reward is None
        self.failures.update(n for n in score.parts if score.notes.get(n, "").startswith("failed:"))
        for part, own in figures.items():
            for name, value in own.items():
                self.sums[part, name] += value
                self.times[part, name] += 1

    def runs(self, part: str) -> int:
        return self.times[part, "seconds"]


class RewardService:
    """``Rewards`` with the same results, in ``actors`` Ray actors. Ray must be initialized.

    At most ``in_flight`` trajectories are handed out at once; further callers wait. A part that takes longer
    than its time limit is killed and fails, and nothing else does. What an actor owes when it dies is scored
    once more; where that fails, too, the sample is masked, with the reason. Used on one event loop.
    ``rewards`` are those of ``cfg`` where they have been made already, to see whether it can work. Raises
    ValueError, as ``Rewards.from_config`` does, for a configuration that cannot.
    """

    def __init__(
        self,
        cfg: Mapping[str, Any],
        actors: int = 2,
        in_flight: int = IN_FLIGHT,
        rewards: Rewards | None = None,
    ) -> None:
        # Errors show here, in one sentence, and not in an actor's log.
        self.rewards = rewards or Rewards.from_config(cfg)
        names_only = [replace(part, component=None) for part in self.rewards.parts]
        bare = Rewards(names_only, self.rewards.plan)  # an actor needs no reward model in its memory
        self.links = [Link(lambda: Actor.remote(bare, cfg)) for _ in range(actors)]
        self.in_flight = in_flight
        self.room = asyncio.Semaphore(in_flight)
        self.counts, self.recent = Counts(), Counts()  # in all, and since metrics were asked for

    async def score(self, task: Task, trajectory: Trajectory, step: int | None = None) -> Score:
        """The trajectory's score, by the weights of the training ``step`` (None: of its policy version);
        never raises for what a reward or an actor does."""
        step = trajectory.policy_version if step is None else step
        if failed_by_us(trajectory):
            return self._counted(self.rewards.masked("the sandbox or the rollout failed"), {})
        row = pickle.dumps(Row(task, trajectory, step), pickle.HIGHEST_PROTOCOL)
        reason = ""
        async with self.room:
            for _ in range(2):
                link = min(self.links, key=lambda link: len(link.owed))
                try:
                    result = await link.ask(task.language, step, row)
                    return self._counted(*result)
                except Lost as error:
                    reason = str(error)
        return self._counted(self.rewards.masked(f"the reward's actor failed twice: {reason}"), {})

    def _counted(self, score: Score, figures: Figures) -> Score:
        self.counts.add(score, figures)
        self.recent.add(score, figures)
        return score

    def metrics(self) -> dict[str, float]:
        """Since the last call, for a training step's log: ``reward/masked`` (share), and for each part
        ``reward/<part>/failed`` (share of its runs), ``seconds`` and its own figures (means of a run)."""
        recent, self.recent = self.recent, Counts()
        found = {"reward/masked": recent.masked / recent.scores} if recent.scores else {}
        for (part, name), times in recent.times.items():
            found[f"reward/{part}/{name}"] = recent.sums[part, name] / times
            found[f"reward/{part}/failed"] = recent.failures[part] / recent.runs(part)
        return found

    def stats(self) -> dict[str, Any]:
        """``scores``, ``masked`` and ``masked_share`` of them, ``restarts`` of actors; for each of ``parts`` its
        ``runs``, ``seconds`` (mean of a run) and ``failures``."""
        counts = self.counts
        return {
            "scores": counts.scores,
            "masked": counts.masked,
            "masked_share": counts.masked / max(counts.scores, 1),
            "restarts": sum(link.restarts for link in self.links),
            "parts": {
                part.name: {
                    "runs": counts.runs(part.name),
                    "seconds": counts.sums[part.name, "seconds"] / max(counts.runs(part.name), 1),
                    "failures": counts.failures[part.name],
                }
                for part in self.rewards.parts
            },
        }

    def close(self) -> None:
        """Ends the actors."""
        for link in self.links:
            ray.kill(link.actor)
