"""Starts what a run needs around the policy: Ray, the rollout workers, the reward service."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import ray
import torch

from rewards.service import RewardService
from rl.config import Config
from rl.errors import UserError
from rl.rollout.collect import Collector
from rl.rollout.pool import RolloutPool, WorkerConfig

OBJECT_STORE_BYTES = 512 * 2**20


def start_ray(config: Config) -> None:
    """Join the cluster at ``cluster.address``, or start Ray on this machine; nothing if it runs."""
    if ray.is_initialized():
        return
    project = str(Path(__file__).resolve().parent.parent)
    environment = {"PYTHONPATH": os.pathsep.join([project, os.getcwd(), os.environ.get("PYTHONPATH", "")])}
    options: dict[str, Any] = {
        "runtime_env": {"env_vars": environment},
        "log_to_driver": False,
        "logging_level": "ERROR",
    }
    if config.cluster.address:
        ray.init(config.cluster.address, **options)
    else:
        ray.init(include_dashboard=False, object_store_memory=OBJECT_STORE_BYTES, **options)


def check_parts(config: Config) -> None:
    """Refuse, before anything is started, what could not work. Raises UserError."""
    if config.rollout.engine == "vllm" and find_spec("vllm") is None:
        raise UserError("vLLM is not installed; run make install, or sample with rollout=hf.")
    if config.judge.kind == "openai":
        url = str(config.judge.base_url)
        try:
            httpx.get(url, timeout=config.judge.timeout)
        except httpx.HTTPError as error:
            raise UserError(
                f"The judge at {url} cannot be reached ({error}); start it, or use judge=rules."
            ) from error


@contextmanager
def open_collector(config: Config, model_path: str) -> Iterator[Collector]:
    """Rollout workers with the model at ``model_path`` and the reward service, ready to use."""
    check_parts(config)
    start_ray(config)
    per_worker = config.rollout.tensor_parallel if torch.cuda.is_available() else 0
    worker = WorkerConfig(model_path, config.model, config.rollout, config.sandbox, config.seed)
    service = RewardService(reward_settings(config), actors=config.reward.actors)
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
    settings = config.reward.model_dump(include={"components", "time_limit"})
    settings["languages"] = config.data.languages
    if config.judge.kind == "openai" and "culture" in settings["components"]:
        judge = config.judge.model_dump(exclude={"kind"})
        weight = settings["components"]["culture"]["weight"]
        settings["components"]["culture"] = {"_target_": "rewards.judge.Judge", "weight": weight, **judge}
    return settings


def train_on_ray(config: Config) -> None:
    """Train with ``cluster.processes`` ranks that Ray Train starts, each with rollout workers of its own."""
    from ray.train import RunConfig, ScalingConfig
    from ray.train.torch import TorchTrainer

    start_ray(config)
    gpus = config.cluster.gpus_per_process
    resources = {"CPU": 1.0} | ({"GPU": float(gpus)} if gpus else {})
    TorchTrainer(
        _rank,
        train_loop_config={"config": config.model_dump()},
        scaling_config=ScalingConfig(
            num_workers=config.cluster.processes, use_gpu=gpus > 0, resources_per_worker=resources
        ),
        run_config=RunConfig(name=config.run, storage_path=str((config.folder / "ray").resolve())),
    ).fit()


def _rank(loop: dict[str, Any]) -> None:
    from rl.run import train

    train(Config.model_validate(loop["config"]))
