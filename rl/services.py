"""Starts what a run needs around the policy: Ray, the rollout workers, the reward service."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import torch

from rewards.compose import Rewards
from rewards.plan import RULES
from rewards.service import RewardService
from rl.config import Config
from rl.errors import UserError
from rl.rollout.collect import Collector
from rl.rollout.pool import RolloutPool, WorkerConfig, check_address, start_ray


def check_parts(config: Config) -> None:
    """Refuse, before anything is started, what could not work. Raises UserError."""
    if config.rollout.engine == "vllm" and find_spec("vllm") is None:
        raise UserError("vLLM is not installed; run make install, or sample with rollout=hf.")
    for name in config.trainer.report_to:
        if find_spec(name) is None:
            raise UserError(f"trainer.report_to names {name}, which is not installed; pip install {name}.")
    if config.cluster.address and ":" in config.cluster.address:
        check_address(config.cluster.address)
    if config.judge.kind != "rules":
        _check_judge(str(config.judge.base_url), config.judge.timeout)


def _check_judge(url: str, timeout: float) -> None:
    try:
        httpx.get(url, timeout=timeout)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UserError(
            f"The judge at {url} cannot be reached ({_first_line(error)}); start it, correct judge.base_url, or "
            "use judge=rules."
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def configured_rewards(config: Config) -> Rewards:
    """The rewards of a run. Raises UserError for one that cannot be imported or called as configured."""
    try:
        return Rewards.from_config(reward_settings(config))
    except ValueError as error:
        raise UserError(str(error)) from error


@contextmanager
def open_collector(config: Config, model_path: str, rewards: Rewards) -> Iterator[Collector]:
    """Rollout workers with the model at ``model_path`` and the reward service, ready to use."""
    start_ray(config.cluster.address)
    per_worker = config.rollout.tensor_parallel if torch.cuda.is_available() else 0
    token = os.environ.get(config.sandbox.token_env)
    worker = WorkerConfig(model_path, config.model, config.rollout, config.sandbox, config.seed, token)
    service = RewardService(reward_settings(config), config.reward.actors, config.reward.in_flight, rewards)
    pool = RolloutPool(worker, gpus_per_worker=per_worker)
    collector = Collector(pool, service)
    try:
        collector.run(pool.start())
        yield collector
    finally:
        collector.run(pool.close())
        service.close()
        collector.runner.close()


def reward_settings(config: Config) -> dict[str, Any]:
    """What ``Rewards.from_config`` takes, the judge in the culture part's place where one is named."""
    settings = config.reward.model_dump(include={"components", "on_abstain", "time_limit"})
    settings["languages"] = config.data.languages
    if config.judge.kind != "rules" and "culture" in settings["components"]:
        judge = config.judge.model_dump() | {"run": config.run}
        if config.judge.cache:  # an actor may run in another folder
            judge["cache"] = str(Path(config.judge.cache).resolve())
        place = {key: v for key, v in settings["components"]["culture"].items() if key in RULES}
        settings["components"]["culture"] = place | {"_target_": "rewards.judge.Judge", **judge}
    return settings
