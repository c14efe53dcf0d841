"""vLLM's weight transfer on the CPU: one copy of the policy in shared memory, which every engine of the node reads.

The copy is a file without a name (``memfd``): it is gone with the last process that has it open, however that ends.
Importing this makes the backend known to vLLM, in the trainer and, as the module of an engine's
``worker_extension_cls``, in its workers.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from math import prod
from mmap import MAP_POPULATE, MAP_SHARED, mmap
from typing import Any, ClassVar, Self
from weakref import finalize

# vLLM reads these once, at import. Its engine process inherits them.
os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")

import torch
from torch import Tensor
from vllm.distributed.weight_transfer import WeightTransferEngineFactory, WeightTransferTrainerFactory
from vllm.distributed.weight_transfer.base import (
    ParamMeta,
    TrainerInitInfo,
    TrainerWeightTransferEngine,
    VLLMWeightSyncClient,
    WeightSource,
    WeightTransferEngine,
    WeightTransferInitInfo,
    WeightTransferUpdateInfo,
)
from vllm.model_executor.layers.vocab_parallel_embedding import ParallelLMHead
from vllm.model_executor.model_loader.reload import finalize_layerwise_reload, initialize_layerwise_reload

ALIGNED = 64  # bytes at which each tensor begins


@dataclass
class SharedTrainerInitInfo(TrainerInitInfo):
    backend: ClassVar[str] = "shared"


@dataclass
class SharedInitInfo(WeightTransferInitInfo):
    """There is nothing to agree on."""


@dataclass
class SharedUpdateInfo(WeightTransferUpdateInfo):
    """Where the tensors are: they lie in ``path`` in their order."""

    path: str
    names: list[str]
    dtype_names: list[str]
    shapes: list[list[int]]


class SharedMemory:
    """Tensors in a file that only its processes can see. What it has once is used again: fresh pages cost more than
    the copy."""

    def __init__(self) -> None:
        self.file = os.memfd_create("weights")
        self.close = finalize(self, os.close, self.file)
        self.pages: mmap | None = None

    def write(self, expected: Iterable[ParamMeta], tensors: Iterable[tuple[str, Tensor]]) -> SharedUpdateInfo:
        """Copy the tensors into it, one at a time."""
        metas = list(expected)
        info = SharedUpdateInfo(
            f"/proc/{os.getpid()}/fd/{self.file}",
            [meta.name for meta in metas],
            [str(meta.dtype).removeprefix("torch.") for meta in metas],
            [list(meta.shape) for meta in metas],
        )
        if self.pages is None or len(self.pages) != _size(info):
            os.ftruncate(self.file, _size(info))
            self.pages = mmap(self.file, 0)
        for (name, place), (given, tensor) in zip(_places(info, self.pages), tensors, strict=True):
            if (given, tensor.dtype, tensor.shape) != (name, place.dtype, place.shape):
                raise ValueError(f"{given} came where {name} was said to: {tensor.dtype} {tensor.shape}")
            place.copy_(tensor)
        return info


class SharedEngine(WeightTransferEngine[SharedInitInfo, SharedUpdateInfo]):
    """In vLLM's worker. The CPU backend computes with copies of its weights, packed when they were loaded: all are read
    in one, and a head that shares its weights, which vLLM takes for one that got none, is packed anew."""

    init_info_cls = SharedInitInfo
    update_info_cls = SharedUpdateInfo

    def init_transfer_engine(self, init_info: SharedInitInfo) -> None:
        pass

    def start_weight_update(self) -> None:
        pass

    def update_weights(self, update_info: dict[str, Any]) -> None:
        """The base class's waits for an accelerator, too."""
        self.receive_weights(self.parse_update_info(update_info))

    @torch.no_grad()
    def receive_weights(self, update_info: SharedUpdateInfo) -> None:
        file = os.open(update_info.path, os.O_RDWR)
        pages = mmap(file, 0, flags=MAP_SHARED | MAP_POPULATE)  # nobody writes to them here
        os.close(file)
        model: Any = self.model
        initialize_layerwise_reload(model)
        model.load_weights(_places(update_info, pages))
        finalize_layerwise_reload(model, self.model_config)  # type: ignore[no-untyped-call]  # vLLM's
        for layer in model.modules():
            if isinstance(layer, ParallelLMHead):
                layer.quant_method.process_weights_after_loading(layer)

    def finish_weight_update(self) -> None:
        pass

    def shutdown(self) -> None:
        pass


class SharedTrainer(TrainerWeightTransferEngine[SharedTrainerInitInfo]):
    """In the trainer."""

    init_info_cls = SharedTrainerInitInfo

    @classmethod
    def trainer_init(
        cls,
        init_info: SharedTrainerInitInfo,
        *,
        client: VLLMWeightSyncClient,
        source: WeightSource | None = None,
    ) -> Self:
        engine = cls(client=client, source=source, is_sender=init_info.is_sender)
        if engine.is_sender:
            engine.memory = SharedMemory()
            client.init_weight_transfer_engine({})
        return engine

    memory: SharedMemory

    def send_weights(self) -> None:
        assert self.source is not None
        if not self.is_sender:
            for _ in self.source:  # shards are gathered on all ranks
                pass
            return
        self.client.start_weight_update()
        self.client.update_weights(asdict(self.memory.write(self.source.metadata(), self.source)))
        self.client.finish_weight_update()

    def shutdown(self) -> None:
        if self.is_sender:
            self.memory.close()


def _size(info: SharedUpdateInfo) -> int:
    return sum(map(_aligned, _bytes(info)))


def _bytes(info: SharedUpdateInfo) -> Iterator[int]:
    for dtype, shape in zip(info.dtype_names, info.shapes, strict=True):
        yield getattr(torch, dtype).itemsize * prod(shape)


def _aligned(size: int) -> int:
    return -(-max(size, 1) // ALIGNED) * ALIGNED


def _places(info: SharedUpdateInfo, pages: mmap) -> Iterator[tuple[str, Tensor]]:
    """The tensors, as they lie in it."""
    begin, whole = 0, torch.frombuffer(pages, dtype=torch.uint8)
    described = zip(info.names, info.dtype_names, info.shapes, _bytes(info), strict=True)
    for name, dtype, shape, size in described:
        yield name, whole[begin : begin + size].view(getattr(torch, dtype)).view(shape)
        begin += _aligned(size)


class Extension:
    """Nothing is added to vLLM's worker; naming this has its process import the module."""


WeightTransferEngineFactory.register_engine("shared", SharedEngine)
WeightTransferTrainerFactory.register_engine("shared", SharedTrainer)
