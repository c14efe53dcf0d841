"""What goes from the trainer to the engines: the policy's weights as named tensors, with their version."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from safetensors.torch import load, save
from torch import Tensor

from rl.config.schema import Cluster, Config, Rollout

Way = Literal["objects", "shared", "nccl", "ipc"]
PART_BYTES = 256 * 2**20
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


@dataclass(frozen=True)
class Weights:
    """The policy, or a part of it, under the base model's own names, each tied tensor once; or its adapter alone, under
    PEFT's names, with the adapter's config.

    ``version`` counts the optimizer updates that the policy had seen. Pickles hold a safetensors file, so
    any way between processes carries them.
    """

    tensors: Mapping[str, Tensor]
    version: int
    adapter: Mapping[str, Any] | None = None

    def __reduce__(self) -> tuple[Callable[..., "Weights"], tuple[Any, ...]]:
        return _unpacked, (save(dict(self.tensors)), self.version, self.adapter)


def in_parts(
    tensors: Iterable[tuple[str, Tensor]], version: int, part_bytes: int = PART_BYTES
) -> Iterator[Weights]:
    """The tensors in parts of about so many bytes, each as soon as its last tensor is there; one at least."""
    part: dict[str, Tensor] = {}
    size, first = 0, True
    for name, tensor in tensors:
        if part and size + tensor.nbytes > part_bytes:
            yield Weights(part, version)
            part, size, first = {}, 0, False
        part[name] = tensor
        size += tensor.nbytes
    if part or first:
        yield Weights(part, version)


def _unpacked(file: bytes, version: int, adapter: Mapping[str, Any] | None) -> Weights:
    return Weights(load(file), version, adapter)
