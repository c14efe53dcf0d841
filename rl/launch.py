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

OBJECT_STORE_BYTES = 512 * 2**20  # on a machine without a GPU, where models are small


def start_ray(config: Config) -> None:
    """Join the cluster at ``cluster.address``, or start Ray on this machine; nothing if it runs.

    Raises UserError where there is no cluster at the address.
    """
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
        options["address"] = config.cluster.address
    else:
        options |= {"address": "local", "include_dashboard": False}
        if not torch.cuda.is_available():
            options["object_store_memory"] = OBJECT_STORE_BYTES
    try:
        ray.init(**options)
    except ConnectionError as error:
        raise UserError(
            f"There is no Ray cluster at cluster.address={config.cluster.address} ({_first_line(error)}); start "
            "one with `ray start --head`, or leave the address out to start Ray here."
        ) from error


def check_parts(config: Config) -> None:
    """Refuse, before anything is started, what could not work. Raises UserError."""
    if config.rollout.engine == "vllm" and find_spec("vllm") is None:
        raise UserError("vLLM is not installed; run make install, or sample with rollout=hf.")
    for name in config.trainer.report_to:
        if find_spec(name) is None:
            raise UserError(f"trainer.report_to names {name}, which is not installed; pip install {name}.")
    if config.judge.kind == "openai":
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


@contextmanager
def open_collector(config: Config, model_path: str) -> Iterator[Collector]:
    """Rollout workers with the model at ``model_path`` and the reward service, ready to use."""
    check_parts(config)
    start_ray(config)
    per_worker = config.rollout.tensor_parallel if torch.cuda.is_available() else 0
    worker = WorkerConfig(model_path, config.model, config.rollout, config.sandbox, config.seed)
    try:
        service = RewardService(reward_settings(config), actors=config.reward.actors)
    except ValueError as error:  # a reward that cannot be imported or called as configured
        raise UserError(str(error)) from error
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
    """Train with ``cluster.processes`` ranks that Ray Train starts, each with rollout workers of its own.

    The warm start, where there is one, is made here, once. Raises the UserError of a rank as its own.
    """
    from ray.train import RunConfig, ScalingConfig, TrainingFailedError
    from ray.train.torch import TorchTrainer

    from rl.data import from_config
    from rl.run import policy_path

    if config.model.path == "tiny":
        path, _ = policy_path(config, from_config(config.data, config.data.split))
        config = config.model_copy(update={"model": config.model.model_copy(update={"path": path})})
    start_ray(config)
    gpus = config.cluster.gpus_per_process
    trainer = TorchTrainer(
        _rank,
        train_loop_config={"config": _with_whole_paths(config).model_dump()},
        scaling_config=ScalingConfig(
            num_workers=config.cluster.processes,
            use_gpu=gpus > 0,
            resources_per_worker={"CPU": 1.0} | ({"GPU": float(gpus)} if gpus else {}),
        ),
        run_config=RunConfig(name=config.run, storage_path=str((config.folder / "ray").resolve())),
    )
    try:
        trainer.fit()
    except TrainingFailedError as error:
        for failure in getattr(error, "worker_failures", {}).values():
            if isinstance(cause := getattr(failure, "_base_exc", failure), UserError):
                raise UserError(str(cause)) from error
        raise


def _with_whole_paths(config: Config) -> Config:
    """Ray Train moves its workers to a folder of its own, so every path must say where it starts."""

    def whole(path: str | None) -> str | None:
        return str(Path(path).resolve()) if path and Path(path).exists() else path

    return config.model_copy(
        update={
            "output_dir": str(Path(config.output_dir).resolve()),
            "resume": whole(config.resume),
            "data": config.data.model_copy(update={"path": whole(config.data.path)}),
            "model": config.model.model_copy(update={"path": whole(config.model.path)}),
        }
    )


def _rank(loop: dict[str, Any]) -> None:
    from rl.run import train

    train(Config.model_validate(loop["config"]))
