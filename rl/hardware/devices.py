"""The one GPU of a run of one process."""

import os

import torch


def hide_other_gpus() -> None:
    """All but the first of those that this process may use: transformers would train on each of them, a batch's rows times
    their number. To be called before CUDA is first used."""
    if torch.cuda.device_count() > 1:
        allowed = os.environ.get("CUDA_VISIBLE_DEVICES") or "0"
        os.environ["CUDA_VISIBLE_DEVICES"] = allowed.split(",")[0]
