import asyncio
import os
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import ray

from rewards.compose import Rewards
from rewards.scoring.plan import Plan, Weight
from rewards.service.actors import RewardService
from rewards.types import Score
from tests.rewards.hand_written import ASKED, CONFIG, task, trajectory

HERE = "tests.rewards.components"
ROOT = str(Path(__file__).parents[3])


@pytest.fixture(scope="module")
def cluster():
    paths = os.pathsep.join([ROOT, os.environ.get("PYTHONPATH", "")])
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        object_store_memory=80 * 2**20,
        runtime_env={"env_vars": {"PYTHONPATH": paths}},
    )
    yield
    ray.shutdown()


def components(time_limit: float = 10, **targets: str) -> dict[str, Any]:
    made = {name: {"_target_": f"{HERE}.{target}", "weight": 1} for name, target in targets.items()}
    return {"components": made, "time_limit": time_limit}


def served(
    service: RewardService, *pairs: Any, meanwhile: Callable[[], Coroutine[Any, Any, None]] | None = None
):
    async def run() -> list[Score]:
        beside = asyncio.create_task(meanwhile()) if meanwhile else None
        scores = await asyncio.gather(*(service.score(*pair) for pair in pairs))
        if beside:
            await beside
        return scores

    try:
        return asyncio.run(run())
    finally:
        service.close()


def said(*replies: str) -> list[Any]:
    return [(task(), trajectory(reply)) for reply in replies]


def test_the_service_scores_as_the_rewards_in_process_do(cluster):
    pairs = [(task(x), trajectory(reply)) for x in ASKED for reply in (*ASKED[x][1:], None, "7")]
    pairs += [(task(), trajectory("x", status="infra_error"))]
    gate = {"language_match": {"gate": {"told": 0.75}, "weight": {"default": 0.2, "fr": {0: 0.4}}}}
    parts = CONFIG["components"]
    cfg = CONFIG | {"components": parts | {name: parts[name] | rules for name, rules in gate.items()}}
    service = RewardService(cfg, actors=2)
    here = Rewards.from_config(cfg)
    assert served(service, *pairs) == [here.score(*pair) for pair in pairs]
    stats = service.stats()
    assert (stats["scores"], stats["masked"], stats["restarts"]) == (len(pairs), 1, 0)
    assert stats["masked_share"] == pytest.approx(1 / len(pairs))
    assert list(stats["parts"]) == list(cfg["components"])
    assert stats["parts"]["told"]["runs"] == len(pairs) - 1
    assert stats["parts"]["language_match"]["runs"] < len(pairs) - 1  # behind its gate it is not run
    assert stats["parts"]["told"]["seconds"] > 0


def test_a_step_s_log_has_each_part_s_seconds_failures_and_own_figures(cluster):
    service = RewardService(components(a="graded", b="raises"), actors=1)
    scores = served(service, *said("0.25", "0.75"))
    assert [score.parts["a"] for score in scores] == [0.25, 0.75]
    metrics = service.metrics()
    assert metrics["reward/a/warmth"] == 0.5 and metrics["reward/a/seconds"] > 0
    assert (metrics["reward/a/failed"], metrics["reward/b/failed"], metrics["reward/masked"]) == (
        0.0,
        1.0,
        1.0,
    )
    assert service.metrics() == {}  # told once


async def owed(service: RewardService, some: int) -> None:
    while sum(len(link.owed) for link in service.links) < some:
        await asyncio.sleep(0.01)


def test_an_actor_that_dies_is_replaced_and_its_work_redone(cluster):
    service = RewardService(components(a="follows_later"), actors=1)

    async def kill() -> None:
        await owed(service, 20)
        ray.kill(service.links[0].actor)

    scores = served(service, *said(*["wait 0.5"] * 20), meanwhile=kill)
    assert [score.reward for score in scores] == [1.0] * 20
    assert service.stats()["restarts"] == 1


def test_work_that_two_actors_died_under_is_masked_with_the_reason(cluster):
    service = RewardService(components(a="follows_later"), actors=1)

    async def kill_both() -> None:
        for restarts in range(2):
            await owed(service, 1)
            ray.kill(service.links[0].actor)
            while service.links[0].restarts == restarts:
                await asyncio.sleep(0.01)

    (score,) = served(service, *said("wait 5"), meanwhile=kill_both)
    assert (score.reward, score.parts) == (None, {"a": None})
    assert score.notes["a"].startswith("failed: the reward's actor failed twice: ActorDiedError: ")
    assert service.stats()["parts"]["a"]["failures"] == 1


def test_only_so_many_are_in_flight(cluster):
    service, most = RewardService(components(a="follows_later"), actors=2, in_flight=5), []

    async def watch() -> None:
        while service.counts.scores < 30:
            most.append(sum(len(link.owed) for link in service.links))
            await asyncio.sleep(0.002)

    scores = served(service, *said(*["wait 0.02"] * 30), meanwhile=watch)
    assert all(score.reward == 1.0 for score in scores)
    assert max(most) == 5


FAULTS = {
    "ok": None,
    "abstain": None,
    "raise": "failed: reward 'a' raised RuntimeError: as it was told",
    "exit": "failed: reward 'a' raised RuntimeError: SystemExit(3)",
    "value 2": "failed: reward 'a' returned 2.0, which is outside 0..1",
    "spin": "failed: reward 'a' took longer than 0.5 s",
    "die": "failed: reward 'a' ended its process twice",
    "judge": "failed: reward 'b' raised ConnectionError: the judge does not answer",
    "block": "failed: reward 'b' took longer than 0.5 s",
    "infra": "failed: the sandbox or the rollout failed",
}


def test_under_every_fault_each_trajectory_gets_its_score_or_its_mask(cluster):
    """A dead actor, too: whatever was in flight there is scored as if it had lived."""
    often, seldom = (
        ["ok"] * 12 + ["abstain", "raise", "exit", "value 2", "judge", "infra"],
        ["spin", "die", "block"],
    )
    replies = [*Random(0).choices(often, k=2000), *seldom]
    Random(1).shuffle(replies)
    pairs = [(task(), trajectory(r, status="infra_error" if r == "infra" else "ok")) for r in replies]
    service = RewardService(components(0.5, a="follows", b="follows_later"), actors=2)

    async def kill_one() -> None:
        while service.counts.scores < 600:
            await asyncio.sleep(0.01)
        ray.kill(service.links[0].actor)

    scores = served(service, *pairs, meanwhile=kill_one)
    for reply, score in zip(replies, scores, strict=True):
        failed = [note for note in score.notes.values() if note.startswith("failed")]
        assert set(failed) == ({FAULTS[reply]} - {None}), reply
        assert score.reward == (None if failed else 1.0)
    counts, stats = Counter(replies), service.stats()
    masked = sum(counts[reply] for reply, why in FAULTS.items() if why)
    assert (stats["scores"], stats["masked"], stats["restarts"]) == (len(replies), masked, 1)
    assert stats["parts"]["b"]["failures"] == counts["judge"] + counts["block"] + counts["infra"]


def test_what_prevents_a_score_reaches_its_caller(cluster):
    """Weights that no configuration may have: whoever asks hears of it, and does not wait for ever."""
    cfg = components(a="follows")
    place = replace(Plan.from_config(cfg).places["a"], weight=Weight({"default": ((0, 0.0),)}))
    weightless = replace(Rewards.from_config(cfg), plan=Plan({"a": place}))
    with pytest.raises(ZeroDivisionError):
        served(RewardService(cfg, actors=1, rewards=weightless), *said("ok"))


def test_a_wrong_configuration_shows_in_the_caller(cluster):
    with pytest.raises(ValueError, match="there is no module nowhere"):
        RewardService({"components": {"part": {"_target_": "nowhere.f", "weight": 1}}})
