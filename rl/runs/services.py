"""Starts what a run needs around the policy: Ray, the rollout workers, the reward service."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch

from rewards.compose import Rewards
from rewards.service.actors import RewardService
from rl.cluster import Place, start_ray
from rl.config.rewards import reward_settings
from rl.config.schema import Config
from rl.errors import UserError
from rl.pipeline.collector import Collector
from rl.pipeline.trace import Trace
from rl.rollout.endpoint import EndpointRollouts
from rl.rollout.pool import RolloutPool
from rl.rollout.worker import WorkerConfig
from rl.weights.way import way


def configured_rewards(config: Config) -> Rewards:
    """The rewards of a run. Raises UserError for one that cannot be imported or called as configured."""
    try:
        return Rewards.from_config(reward_settings(config))
    except ValueError as error:
        raise UserError(str(error)) from error


@contextmanager
def open_collector(
    config: Config,
    model_path: str,
    rewards: Rewards,
    new_tokens: Mapping[str, int] | None = None,
    places: Sequence[Place] | None = None,
    adapter_rank: int | None = None,
) -> Iterator[Collector]:
    """Rollout workers with the model at ``model_path`` and the reward service, ready to use. ``new_tokens`` are of
    languages whose turns have a budget of their own, ``places`` the training ranks' where engines share their devices,
    ``adapter_rank`` is of the adapter that is sent without its base.
    """
    start_ray(config.cluster.address)
    per_worker = config.rollout.tensor_parallel if torch.cuda.is_available() else 0
    token = os.environ.get(config.sandbox.token_env)
    service = RewardService(reward_settings(config), config.reward.actors, config.reward.in_flight, rewards)
    pool: RolloutPool | EndpointRollouts
    if config.rollout.engine == "openai":
        pool = EndpointRollouts(config.model.path, config.rollout, config.sandbox, token)
    else:
        worker = WorkerConfig(
            model_path,
            config.model,
            config.rollout,
            config.sandbox,
            config.seed,
            new_tokens or {},
            token,
            way(config.rollout, config.cluster),
            sleeps=config.cluster.placement == "colocated",
            adapter_rank=adapter_rank,
        )
        pool = RolloutPool(worker, gpus_per_worker=per_worker, places=places)
    trace = Trace(config.folder / "trace.json") if config.report.trace else None
    collector = Collector(pool, service, trace)
    try:
        collector.run(pool.start())
        yield collector
    finally:
        collector.run(pool.close())
        service.close()
        collector.runner.close()
        if trace:
            trace.close()
