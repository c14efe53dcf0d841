"""Starts the ranks of a run on several processes, GPUs or nodes: ``cluster=ray``."""

from pathlib import Path
from typing import Any

from ray.train import RunConfig, ScalingConfig, TrainingFailedError
from ray.train.torch import TorchTrainer

from rl.config import Config
from rl.data import from_config
from rl.errors import UserError
from rl.rollout.pool import start_ray
from rl.run import policy_path, train
from rl.services import check_parts


def train_on_ray(config: Config) -> None:
    """Train with ``cluster.processes`` ranks that Ray Train starts, each with rollout workers of its own.

    The warm start, where there is one, is made here, once. Raises the UserError of a rank as its own.
    """
    check_parts(config)
    if config.model.path == "tiny":
        path, _ = policy_path(config, from_config(config.data, config.data.split, config.sandbox))
        config = config.model_copy(update={"model": config.model.model_copy(update={"path": path})})
    start_ray(config.cluster.address)
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
    train(Config.model_validate(loop["config"]))
