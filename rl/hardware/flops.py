"""Model FLOPs utilization: the arithmetic that learning needs, beside what the GPUs could do."""

import torch
from transformers import PreTrainedModel

from rl.config.schema import Config

# Dense bfloat16, in 10¹² operations a second, as the makers' data sheets have them.
PEAK = {
    "H200": 989,
    "H100": 989,
    "H800": 989,
    "A100": 312,
    "A800": 312,
    "L40S": 362,
    "A10": 125,
    "B200": 2250,
}


def peak(name: str) -> float | None:
    """Of a GPU by its name, None where it is not known."""
    return next((value * 1e12 for key, value in PEAK.items() if key in name), None)


def utilization(weights: int, trained: int, tokens: int, seconds: float, gpus: int, each: float) -> float:
    """Of so many ``gpus`` with ``each`` operations a second. A token takes two operations a weight forward, two backward
    and two more for those that are ``trained``; attention's own and what is computed again count for nothing."""
    return (4 * weights + 2 * trained) * tokens / (seconds * gpus * each)


def of_update(model: PreTrainedModel, tokens: int, seconds: float, gpus: int) -> float | None:
    """The utilization of an update of the model with so many tokens; None where there is no GPU that is known."""
    each = here()
    if each is None:
        return None
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return utilization(model.num_parameters(), trained, tokens, seconds, gpus, each)


def gpus_of(config: Config) -> int:
    """The GPUs that a run has, for training and for sampling."""
    cluster, rollout = config.cluster, config.rollout
    if not torch.cuda.is_available():
        return 0
    apart = cluster.processes * cluster.gpus_per_process
    if cluster.placement == "colocated" or not apart:
        return apart or 1
    return apart + rollout.workers * rollout.tensor_parallel


def here() -> float | None:
    """The peak of this process's GPU."""
    return peak(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else None
