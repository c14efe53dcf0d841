"""The only place of ``rl`` that starts or joins Ray."""

import os
import socket
from pathlib import Path
from typing import Any, NamedTuple

import ray
import torch
from ray.exceptions import OutOfMemoryError

from rl.config.problems import gpu_problems
from rl.config.schema import Config
from rl.errors import ConfigError, UserError

OBJECT_STORE_BYTES = 512 * 2**20  # on a machine without a GPU, where models are small


class Place(NamedTuple):
    """A node of the cluster, and devices there as CUDA_VISIBLE_DEVICES names them: none on the CPU."""

    node: str
    devices: str


def rank() -> int:
    """This process's rank; 0 where there is one process."""
    return int(os.environ.get("RANK", "0"))


def place_of_rank() -> Place:
    """Where this training rank is that Ray Train has started."""
    node, number = ray.get_runtime_context().get_node_id(), int(os.environ["LOCAL_RANK"])
    if not torch.cuda.is_available():
        return Place(node, "")
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    return Place(node, visible.split(",")[number] if visible else str(number))


def start_ray(address: str | None) -> None:
    """Join the cluster at ``address``, or start Ray on this machine; nothing if it runs.

    Raises UserError where there is no cluster at the address.
    """
    if ray.is_initialized():
        return
    project = str(Path(__file__).resolve().parents[1])
    environment = {"PYTHONPATH": os.pathsep.join([project, os.getcwd(), os.environ.get("PYTHONPATH", "")])}
    options: dict[str, Any] = {
        "runtime_env": {"env_vars": environment},
        "log_to_driver": False,
        "logging_level": "ERROR",
    }
    if address:
        options["address"] = address
    else:
        options |= {"address": "local", "include_dashboard": False}
        if not torch.cuda.is_available():
            options["object_store_memory"] = OBJECT_STORE_BYTES
    try:
        ray.init(**options)
    except ConnectionError as error:
        raise _no_cluster(address, error) from error


def check_address(address: str) -> None:
    """Refuse a cluster that nobody answers for; Ray itself would try for minutes. Raises UserError."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host, int(port)), 5).close()
    except (OSError, ValueError) as error:
        raise _no_cluster(address, error) from error


def check_room(config: Config) -> None:
    """Refuse more ranks and engines than the cluster has devices for: Ray would wait for them without a word. Raises
    ConfigError."""
    cluster: Any = ray
    there = cluster.cluster_resources()
    gpus, cores, ranks = int(there.get("GPU", 0)), int(there.get("CPU", 0)), config.cluster.processes
    for problem in gpu_problems(config.rollout, config.cluster, gpus, "the Ray cluster"):
        raise ConfigError(problem)
    if ranks > cores:
        raise ConfigError(
            f"cluster.processes {ranks} is more than the Ray cluster's {cores} cores; lower it, or start more nodes"
        )
    largest = max(int(node["Resources"].get("GPU", 0)) for node in cluster.nodes() if node["Alive"])
    if gpus and config.rollout.tensor_parallel > largest:
        raise ConfigError(
            f"rollout.tensor_parallel {config.rollout.tensor_parallel} is more than the {largest} GPUs of the Ray "
            "cluster's largest node, and an engine is on one; lower it"
        )


def _no_cluster(address: str | None, error: Exception) -> UserError:
    return UserError(
        f"There is no Ray cluster at cluster.address={address} ({last_line(error)}); start "
        "one with `ray start --head`, or leave the address out to start Ray here."
    )


def last_line(error: Exception) -> str:
    """The last line of a remote traceback, which is the one that says what was wrong; of Ray's pages about a lack of
    memory the first."""
    if isinstance(error, OutOfMemoryError):
        return str(error).partition(". ")[0]
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
