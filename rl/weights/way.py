"""Which way the policy goes to the engines: by a backend of vLLM's or Ray's object store, whole or as an adapter alone."""

from typing import Literal

import torch

from rl.config.schema import Cluster, Config, Rollout

Way = Literal["objects", "shared", "nccl", "ipc"]
MAX_RANK = 512  # of an adapter in vLLM
LINEAR = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
PLAIN = {  # fields of peft.LoraConfig with which an adapter is what vLLM computes: (alpha / r) B A beside a linear layer
    "r", "lora_alpha", "target_modules", "lora_dropout", "bias", "use_rslora", "init_lora_weights", "task_type",
    "layers_to_transform", "layers_pattern", "inference_mode",
}  # fmt: skip


def way(rollout: Rollout, cluster: Cluster) -> Way:
    """How weights go to the engines from this process: through Ray's object store, or by a backend of vLLM's."""
    if rollout.engine != "vllm":
        return "objects"
    if rollout.transfer != "auto":
        return rollout.transfer
    if not torch.cuda.is_available():
        return "shared"
    return "ipc" if cluster.placement == "colocated" or cluster.kind == "local" else "nccl"


def served_rank(config: Config) -> int | None:
    """The rank of the adapter that goes to the engines alone, beside the base that they have; None where there is none
    or it is merged: engines other than vLLM's, a way that was asked for, what vLLM does not serve, and where the best
    policy is kept, which is whole."""
    peft, during = config.trainer.peft, config.evaluate.during
    if (
        peft is None
        or config.rollout.engine != "vllm"
        or config.rollout.transfer != "auto"
        or during.choose != "last"
    ):
        return None
    targets = peft.get("target_modules") or LINEAR
    known = targets == "all-linear" or (isinstance(targets, list) and LINEAR.issuperset(targets))
    plain = peft.get("bias", "none") == "none" and isinstance(peft.get("init_lora_weights", True), bool)
    rank = int(peft.get("r", 8))
    return rank if known and plain and PLAIN.issuperset(peft) and rank <= MAX_RANK else None
