"""``trainer.sharding``: weights, gradients and optimizer states parted over the ranks, by accelerate's FSDP2.

``fsdp2`` parts them over all ranks; ``hsdp`` over each ``shard_over`` ranks that stand together, such as those of a
node, with a copy for each such group. One rank alone has nothing to part. Each reads the checkpoints of the other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedType
from safetensors.torch import load_file
from torch import nn
from torch.distributed.checkpoint.default_planner import _EmptyStateDictLoadPlanner
from torch.distributed.checkpoint.filesystem import FileSystemReader
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.checkpoint.state_dict_loader import _load_state_dict
from torch.distributed.tensor import DTensor, distribute_tensor

MODEL, OPTIMIZER = (
    "pytorch_model_fsdp_0",
    "optimizer_0",
)  # folders of a sharded checkpoint, as accelerate names them


@contextmanager
def on_cpus_too() -> Iterator[None]:
    """Within it, accelerate shards over ranks on CPUs as it does over GPUs; by itself it would ignore the setting."""
    plain = AcceleratorState.__init__

    def init(self: Any, *args: Any, fsdp_plugin: Any = None, **kwargs: Any) -> None:
        plain(self, *args, fsdp_plugin=fsdp_plugin, **kwargs)
        if fsdp_plugin is not None and self.distributed_type == DistributedType.MULTI_CPU:
            self.distributed_type = DistributedType.FSDP
            PartialState._shared_state["distributed_type"] = (
                DistributedType.FSDP
            )  # where each later one looks
            if self._mixed_precision != "no":
                fsdp_plugin.set_mixed_precision(self._mixed_precision)
            self.fsdp_plugin = fsdp_plugin

    AcceleratorState.__init__ = init
    try:
        yield
    finally:
        AcceleratorState.__init__ = plain


def is_sharded(checkpoint: Path) -> bool:
    return (checkpoint / MODEL).is_dir()


def read_model(checkpoint: Path, model: nn.Module) -> None:
    """Put the weights of a sharded checkpoint into a whole model, or those of a whole one into a sharded model."""
    if is_sharded(checkpoint):
        model.load_state_dict(_whole(checkpoint / MODEL)["model"])
    else:
        weights: dict[str, Any] = {
            name: w for file in checkpoint.glob("model*.safetensors") for name, w in load_file(file).items()
        }
        set_model_state_dict(model, weights, options=StateDictOptions(full_state_dict=True, strict=False))


def read_optimizer(checkpoint: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """And the states into its optimizer: of shards by the parameters' names, else by their order."""
    if is_sharded(checkpoint):
        state = _whole(checkpoint / OPTIMIZER)["optimizer"]
        set_optimizer_state_dict(model, optimizer, state, options=StateDictOptions(strict=False))
    else:
        state = torch.load(checkpoint / "optimizer.pt", map_location="cpu", weights_only=True)
        parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        for number, of_one in state["state"].items():
            of_one.update({name: _parted(value, parameters[number]) for name, value in of_one.items()})
        optimizer.load_state_dict(state)


def _parted(value: Any, parameter: torch.Tensor) -> Any:
    """A moment, which has its parameter's shape, parted as that is; anything else as it is."""
    if not isinstance(parameter, DTensor) or getattr(value, "shape", None) != parameter.shape:
        return value
    return distribute_tensor(value.to(parameter.device), parameter.device_mesh, parameter.placements)


def _whole(folder: Path) -> dict[str, Any]:
    """What a folder of shards holds together."""
    state: dict[str, Any] = {}
    _load_state_dict(
        state, storage_reader=FileSystemReader(folder), planner=_EmptyStateDictLoadPlanner(), no_dist=True
    )
    return state
