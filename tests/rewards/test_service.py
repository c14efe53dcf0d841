import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest
import ray

from rewards.compose import Rewards
from rewards.service import RewardService
from tests.rewards.hand_written import ASKED, CONFIG, task, trajectory

HERE = "tests.rewards.components"
ROOT = str(Path(__file__).parents[2])


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


def served(service, *pairs):
    async def run():
        return await asyncio.gather(*(service.score(*pair) for pair in pairs))

    try:
        return asyncio.run(run())
    finally:
        service.close()


def test_the_service_scores_as_the_rewards_in_process_do(cluster):
    pairs = [(task(x), trajectory(reply)) for x in ASKED for reply in (*ASKED[x][1:], None, "7")]
    pairs += [(task(), trajectory("x", status="infra_error"))]
    service = RewardService(CONFIG, actors=2)
    here = Rewards.from_config(CONFIG)
    assert served(service, *pairs) == [here.score(*pair) for pair in pairs]
    stats = service.stats()
    assert stats["scores"] == len(pairs)
    assert stats["masked_share"] == pytest.approx(1 / len(pairs))
    assert stats["restarts"] == 0
    assert set(stats["seconds"]) == set(CONFIG["components"])


def test_an_actor_that_dies_is_replaced_and_its_work_redone(cluster, tmp_path):
    component = {"_target_": f"{HERE}.dies_once", "weight": 1, "mark": str(tmp_path / "died")}
    service = RewardService({"components": {"part": component}}, actors=1)
    (score,) = served(service, (task(), trajectory("x")))
    assert score.reward == 1.0
    assert service.stats()["restarts"] == 1


def test_work_that_kills_every_actor_is_masked_with_the_reason(cluster):
    dying = {"_target_": f"{HERE}.dies", "weight": 1}
    service = RewardService({"components": {"part": dying}}, actors=1)
    (score,) = served(service, (task(), replace(trajectory("x"), policy_version=3)))
    assert (score.reward, score.parts) == (None, {"part": None})
    assert score.notes["part"].startswith("failed: the reward's actor failed twice: ")
    assert service.stats()["failures"] == {"part": 1}


def test_a_wrong_configuration_shows_in_the_caller(cluster):
    with pytest.raises(ValueError, match="there is no module nowhere"):
        RewardService({"components": {"part": {"_target_": "nowhere.f", "weight": 1}}})
