"""Starts the ranks of a run on several processes, GPUs or nodes: ``cluster=ray``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from ray.exceptions import RayActorError
from ray.train import RunConfig, ScalingConfig, TrainingFailedError
from ray.train.torch import TorchConfig, TorchTrainer
from ray.util.queue import Queue

from rl.cluster import check_room, last_line, rank, start_ray
from rl.config.schema import Config
from rl.errors import UserError
from rl.report.live import Screen, show_at
from rl.runs.prepare import prepared, with_model
from rl.runs.run import train
from rl.training.checkpoints import check_whole, last_checkpoint, resume_command


def train_on_ray(config: Config) -> None:
    """Train with ``cluster.processes`` ranks that Ray Train starts; the first has the rollout
    workers, for all.

    The warm start, where there is one, is made here, once. Raises the UserError of a rank as its own.
    """
    if config.resume and (last := last_checkpoint(config.folder)):
        check_whole(last)
    evaluates = config.evaluate.before or config.evaluate.after
    run = prepared(config, test_split=config.data.test_split if evaluates else None, training=True)
    path = with_model(run).model_path
    config = config.model_copy(update={"model": config.model.model_copy(update={"path": path})})
    start_ray(config.cluster.address)
    check_room(config)
    gpus = config.cluster.gpus_per_process
    shown = Queue()
    trainer = TorchTrainer(
        _rank,
        train_loop_config={
            "config": _with_whole_paths(config).model_dump(),
            "screen": Screen.here(),
            "shown": shown,
        },
        scaling_config=ScalingConfig(
            num_workers=config.cluster.processes,
            use_gpu=gpus > 0,
            resources_per_worker={"CPU": 1.0} | ({"GPU": float(gpus)} if gpus else {}),
        ),
        torch_config=_torch(config),
        run_config=RunConfig(name=config.run, storage_path=str((config.folder / "ray").resolve())),
    )
    try:
        with _relayed(shown):
            trainer.fit()
    except TrainingFailedError as error:
        raise _told(error, config.folder) from error


def _torch(config: Config) -> TorchConfig | None:
    """Ray Train gives ranks on GPUs NCCL alone, which knows no tensors on CPUs, and there shards wait that are
    offloaded."""
    apart = config.trainer.offload and config.cluster.gpus_per_process > 0
    return TorchConfig(backend="cuda:nccl,cpu:gloo") if apart else None


def _told(error: TrainingFailedError, folder: Path) -> Exception:
    """A rank's own UserError, or one that says how to go on where a rank was lost; else the error as it is."""
    failures: dict[int, Any] = getattr(error, "worker_failures", {})
    for failure in failures.values():
        if isinstance(cause := getattr(failure, "_base_exc", failure), UserError):
            return UserError(str(cause))
    for number, failure in failures.items():
        if isinstance(cause := getattr(failure, "health_check_failure", failure), RayActorError):
            return UserError(
                f"Training rank {number} died ({last_line(cause)}); look for what ended it, memory first, then go on "
                f"with: {resume_command(folder)}"
            )
    return error


def _with_whole_paths(config: Config) -> Config:
    """Ray Train moves its workers to a folder of its own, so every path must say where it starts: one that is there,
    or is to be."""

    def whole(path: Any) -> Any:
        return str(Path(path).resolve()) if isinstance(path, str) and Path(path).exists() else path

    plain = config.model_dump()
    plain["resume"] = whole(config.resume)
    plain["output_dir"] = str(Path(config.output_dir).resolve())
    for section in (plain["data"], plain["model"], plain["evaluate"]["during"]["retained"] or {}):
        section |= {"path": whole(section.get("path"))}
    if cache := config.judge.cache:
        plain["judge"]["cache"] = str(Path(cache).resolve())
    if rest := plain["sandbox"]["rest"]:
        rest["sources"] = [whole(source) for source in rest["sources"]]
        rest["cassette"] = rest["cassette"] and str(Path(rest["cassette"]).resolve())
    return Config.model_validate(plain)


@contextmanager
def _relayed(shown: Queue) -> Iterator[None]:
    """What the first rank shows is shown here, until the end of it."""

    def show() -> None:
        while text := shown.get():
            sys.stderr.write(text)
            sys.stderr.flush()

    thread = Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        shown.put("")
        thread.join()
        shown.shutdown()


def _rank(loop: dict[str, Any]) -> None:
    if rank() == 0:
        show_at(loop["screen"], loop["shown"].put)
    train(Config.model_validate(loop["config"]))
