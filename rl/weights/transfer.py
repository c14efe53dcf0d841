"""The policy goes to vLLM's engines by vLLM's own weight transfer: NCCL, CUDA IPC, or ``rl.weights.shared`` on the CPU."""

from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from math import prod
from threading import Thread
from typing import Any

import torch
from torch import Tensor
from vllm.distributed.weight_transfer import WeightTransferTrainerFactory
from vllm.distributed.weight_transfer.base import ParamMeta, TrainerInitInfo, WeightSource
from vllm.distributed.weight_transfer.ipc_engine import IPCTrainerInitInfo
from vllm.distributed.weight_transfer.nccl_engine import NCCLTrainerInitInfo
from vllm.distributed.weight_transfer.packed_tensor import DEFAULT_PACKED_BUFFER_SIZE_BYTES
from vllm.utils.network_utils import get_ip, get_open_port

from rl.pipeline.collector import Collector
from rl.weights.export import Policy
from rl.weights.shared import SharedTrainerInitInfo
from rl.weights.way import Way


class Source(WeightSource):
    """The policy as vLLM's trainers take it, on the device of this rank; in ``dtype``, that of the engines, where it is
    given: masters in float32 are twice the bytes."""

    def __init__(self, policy: Policy, device: torch.device, dtype: torch.dtype | None = None) -> None:
        self.policy, self.device, self.dtype = policy, device, dtype

    def metadata(self) -> list[ParamMeta]:
        return [
            ParamMeta(name, self._sent_as(value), tuple(value.shape))
            for name, value in self.policy.described()
        ]

    def __iter__(self) -> Iterator[tuple[str, Tensor]]:
        for name, value in self.policy:
            yield name, value.to(self.device, self._sent_as(value))

    @property
    def largest(self) -> int:
        """Bytes of the largest tensor."""
        return max(meta.dtype.itemsize * prod(meta.shape) for meta in self.metadata())

    def _sent_as(self, value: Tensor) -> torch.dtype:
        return self.dtype if self.dtype and value.is_floating_point() else value.dtype


class PoolClient:
    """vLLM's ``VLLMWeightSyncClient`` over the rollout pool: every engine does each step. ``failed`` has the first
    error, after which nothing is told to the engines any more; the trainer goes on to its end all the same, since
    the other ranks gather with it."""

    def __init__(self, collect: Collector) -> None:
        self.collect: Any = collect
        self.pool: Any = collect.rollouts
        self.version = 0
        self.failed: Future[None] = Future()

    def init_weight_transfer_engine(self, init_info: dict[str, Any]) -> None:
        self._run(self.pool.init_weight_transfer(init_info))

    def start_weight_update(self) -> None:
        self._run(self.pool.start_weight_update())

    def update_weights(self, update_info: Any) -> None:
        self._run(self.pool.update_weights(update_info))

    def finish_weight_update(self, weight_version: str | None = None) -> None:
        self._run(self.pool.finish_weight_update(self.version))

    def _run(self, step: Coroutine[Any, Any, None]) -> None:
        if self.failed.done():
            return step.close()
        try:
            self.collect.run(step)
        except Exception as error:
            self.failed.set_exception(error)


class ByTransfer:
    """``collect`` is the main rank's, None on the others. The engines are met at the first sending, and where they
    form a group again when one was started anew."""

    def __init__(
        self, way: Way, collect: Collector | None, rank: int, dtype: torch.dtype | None = None
    ) -> None:
        self.way, self.rank = way, rank
        self.dtype = dtype if way != "shared" else None  # that copy is written once, by whoever reads it
        self.client: Any = None if collect is None else PoolClient(collect)
        self.device = (
            torch.device("cuda", torch.cuda.current_device()) if way != "shared" else torch.device("cpu")
        )
        self.engine: Any = None
        self.restarts = 0  # of engines that have been met

    def send(self, policy: Policy, version: int) -> None:
        if self.client is not None:
            self.client.version = version
        elif not policy.is_sharded and self.way != "ipc":  # this rank has nothing to add
            return
        source = Source(policy, self.device, self.dtype)
        if self.way != "shared":
            torch.cuda.current_stream().synchronize()  # vLLM reads on streams of its own, which do not wait for the update
        if self.way == "nccl" and self.client is not None:
            self._watched(lambda: self._send(source))
        else:
            self._send(source)
        if self.client is not None and self.client.failed.done():
            self.client.failed.result()

    def _send(self, source: Source) -> None:
        restarts = 0 if self.client is None else self.client.pool.restarts
        if self.engine is None or (restarts != self.restarts and self.way != "shared"):
            self.restarts = restarts
            self.engine = WeightTransferTrainerFactory.trainer_init(
                self._init_info(source), client=self.client, source=source
            )
            if self.client is not None:
                self.client.pool.trainer = self.engine
        self.engine.source = source
        self.engine.send_weights()

    def _watched(self, send: Callable[[], None]) -> None:
        """A broadcast waits for ever for an engine that is gone, so it has a thread, and the pool, which says which
        engine it was, ends the wait."""
        sent: Future[None] = Future()

        def work() -> None:
            try:
                torch.cuda.set_device(self.device)
                send()
                sent.set_result(None)
            except BaseException as error:
                sent.set_exception(error)

        Thread(target=work, name="nccl", daemon=True).start()
        done, _ = wait([sent, self.client.failed], return_when=FIRST_COMPLETED)
        done.pop().result()

    def _init_info(self, source: Source) -> TrainerInitInfo:
        if self.way == "shared":
            return SharedTrainerInitInfo(rank=self.rank)
        if self.way == "ipc":
            room = max(DEFAULT_PACKED_BUFFER_SIZE_BYTES, source.largest)
            return IPCTrainerInitInfo(packed=True, rank=self.rank, packed_buffer_size_bytes=room)
        engines = 0 if self.client is None else self.client.pool.devices
        return NCCLTrainerInitInfo(get_ip(), get_open_port(), 1 + engines, rank=self.rank)
