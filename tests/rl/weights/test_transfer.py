"""Weights go by vLLM's own transfer: which way where, and that what is said to its classes is what they take."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from rl.cluster import Place
from rl.errors import UserError
from rl.rollout.pool import RolloutPool, Worker, beside
from rl.weights.export import Policy
from rl.weights.way import way
from tests.rl.parts import composed
from tests.rl.weights.test_export import Q, adapted, base

transfer = pytest.importorskip("rl.weights.transfer")
shared = pytest.importorskip("rl.weights.shared")
RAY = ("cluster=ray", "cluster.address=auto")


@pytest.mark.parametrize(
    ("words", "gpus", "chosen"),
    [
        ((), False, "shared"),
        ((), True, "ipc"),  # the engine of one process is on its GPU
        (RAY, True, "nccl"),
        ((*RAY, "cluster.placement=colocated"), True, "ipc"),
        ((*RAY, "cluster.placement=colocated"), False, "shared"),
        (("rollout=hf",), True, "objects"),
        ((*RAY, "rollout.transfer=objects"), True, "objects"),
    ],
)
def test_weights_go_the_way_that_device_and_placement_allow(
    words: tuple[str, ...], gpus: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = composed(*words)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus)
    assert way(config.rollout, config.cluster) == chosen


@pytest.fixture
def on_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)


def pool_of(engines: int, tensor_parallel: int) -> Any:
    """One whose engines note what they are told."""
    pool: Any = RolloutPool.__new__(RolloutPool)
    settings = SimpleNamespace(tensor_parallel=tensor_parallel, transfer_timeout=5.0)
    pool.config = SimpleNamespace(rollout=settings, way="nccl")
    pool.workers, pool.told = [], {}
    for number in range(engines):

        async def told(info: dict[str, Any], number: int = number) -> None:
            pool.told[number] = info

        actor = SimpleNamespace(init_weight_transfer=SimpleNamespace(remote=told))
        pool.workers.append(Worker(number, lambda actor=actor: actor))
    return pool


def test_every_gpu_of_every_engine_has_a_place_of_its_own_in_the_group(on_gpus: None) -> None:
    from vllm.distributed.weight_transfer.nccl_common import NCCLWeightTransferInitInfo

    pool = pool_of(3, tensor_parallel=2)
    sender = transfer.ByTransfer("nccl", SimpleNamespace(rollouts=pool), 0)
    info = sender._init_info(None)
    assert info.backend == "nccl" and info.is_sender and info.packed and info.world_size == 7
    as_trainer_sends = {
        "master_address": info.master_address, "master_port": info.master_port, "rank_offset": 1, "world_size": 7,
    }  # fmt: skip
    asyncio.run(pool.init_weight_transfer(as_trainer_sends))
    taken = [NCCLWeightTransferInitInfo(**told) for told in pool.told.values()]
    ranks = [one.rank_offset + place for one in taken for place in range(2)]
    assert sorted(ranks) == list(range(1, 7)), "0 is the trainer's"


def test_colocated_engines_are_told_what_their_class_takes(on_gpus: None) -> None:
    from vllm.distributed.weight_transfer.ipc_engine import IPCWeightTransferInitInfo

    source = transfer.Source(Policy(base(True)), torch.device("cpu"))
    info = transfer.ByTransfer("ipc", None, 1)._init_info(source)
    assert info.backend == "ipc" and not info.is_sender and info.packed_buffer_size_bytes == 2**30
    pool = pool_of(2, 1)
    asyncio.run(pool.init_weight_transfer({"packed": info.packed}))
    assert [IPCWeightTransferInitInfo(**told).packed for told in pool.told.values()] == [True, True]


def test_the_pool_is_a_client_as_vllm_wants_one() -> None:
    from vllm.distributed.weight_transfer import VLLMWeightSyncClient

    assert isinstance(transfer.PoolClient(SimpleNamespace(rollouts=None)), VLLMWeightSyncClient)


@pytest.mark.parametrize(
    "model",
    [base(True), base(False), adapted(True, target_modules=Q), adapted(False, target_modules="all-linear")],
)
def test_what_is_said_to_come_comes(model: Any) -> None:
    """vLLM cuts its stream by what was said before; its own check of that, which is called on the sender."""
    from vllm.distributed.weight_transfer.nccl_engine import NCCLTrainerWeightTransferEngine

    source = transfer.Source(Policy(model), torch.device("cpu"))
    list(NCCLTrainerWeightTransferEngine._checked_iter(source, source.metadata()))
    source = transfer.Source(Policy(model), torch.device("cpu"), torch.bfloat16)
    list(NCCLTrainerWeightTransferEngine._checked_iter(source, source.metadata()))


class Meta(torch.nn.Module):
    """An embedding like Qwen3-1.7B's, and a counter, which is no weight of a float type."""

    def __init__(self) -> None:
        super().__init__()
        with torch.device("meta"):
            self.embedding = torch.nn.Embedding(151936, 2048)
            self.register_buffer("counter", torch.zeros(1, dtype=torch.long))


class WithoutMemory:
    """torch for one module, whose new tensors have no memory. torch itself keeps the functions that it finds at its
    first ``torch.device("meta")``, so one that is put there for a test stays."""

    def empty(self, *size: int, **kind: Any) -> torch.Tensor:
        return torch.empty(*size, **kind | {"device": "meta"})

    def __getattr__(self, name: str) -> Any:
        return getattr(torch, name)


def test_the_largest_tensor_fits_the_memory_that_goes_to_colocated_engines(
    on_gpus: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """vLLM's own producer, which refuses what does not; its buffer has no memory here."""
    from vllm.distributed.weight_transfer import packed_tensor

    monkeypatch.setattr(torch.cuda, "current_stream", lambda: SimpleNamespace(synchronize=lambda: None))
    monkeypatch.setattr(packed_tensor, "reduce_tensor", lambda tensor: (None, ()))
    monkeypatch.setattr(packed_tensor, "torch", WithoutMemory())
    for dtype, size in ((None, 4), (torch.bfloat16, 2)):
        source = transfer.Source(Policy(Meta()), torch.device("meta"), dtype)
        info = transfer.ByTransfer("ipc", None, 0, dtype)._init_info(source)
        assert info.packed_buffer_size_bytes == max(2**30, size * 151936 * 2048)
        chunks = packed_tensor.packed_ipc_producer(
            iter(source), "GPU", lambda item: item[1], info.packed_buffer_size_bytes
        )
        sent = [name for chunk in chunks for name in zip(chunk.names, chunk.dtype_names, strict=True)]
        assert sorted(sent) == [
            ("counter", "int64"),
            ("embedding.weight", str(dtype or torch.float32).removeprefix("torch.")),
        ]


def test_handles_of_gpu_memory_can_travel_to_a_colocated_engine(tmp_path: Any) -> None:
    """vLLM's own encoder and decoder, in a process whose engine is opened as a worker opens it. The handle is what
    PyTorch makes of a tensor on a GPU."""
    script = tmp_path / "encodes.py"
    script.write_text(ENCODES)
    for chosen, told in (("ipc", "travels"), ("nccl", "refused"), ("shared", "refused")):
        done = subprocess.run(
            [sys.executable, str(script), chosen],
            env={**os.environ, "PYTHONPATH": os.getcwd()},
            capture_output=True,
            text=True,
        )
        assert done.stdout.strip() == told, done.stderr[-2000:]


ENCODES = """
import sys
from types import SimpleNamespace
from tests.rl.parts import composed
from rl.rollout.worker import WorkerConfig, open_engine
config = composed()
settings = WorkerConfig("none", config.model, config.rollout, config.sandbox, 0, way=sys.argv[1])
sys.modules["rl.rollout.engines.vllm"] = SimpleNamespace(VllmEngine=lambda *a, **k: None)
open_engine(settings, [0])
import torch
from vllm.v1.serial_utils import MsgpackDecoder, MsgpackEncoder
handle = [torch.Tensor, [4], [1], 0, torch.storage.UntypedStorage, torch.uint8, 0, b"h" * 64, 16, 0, b"c" * 64, 0,
          b"e" * 64, True]
call = (1, 2, "collective_rpc", ("update_weights", None, (), {"update_info": {"ipc_handles": {"GPU-x": handle}}}))
try:
    read = MsgpackDecoder().decode(MsgpackEncoder().encode(call))
    assert read[3][3]["update_info"]["ipc_handles"]["GPU-x"] == handle
    print("travels")
except TypeError:
    print("refused")
"""


@pytest.fixture
def sending(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A function that sends to an engine, of which a step ends in an error, by a trainer that waits in a broadcast."""
    from ray.exceptions import RayActorError

    from rl.pipeline.loop import Loop

    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "set_device", lambda device: None)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda: SimpleNamespace(synchronize=lambda: None))
    loop, end = Loop(), threading.Event()

    def send(dies_in: str) -> None:
        pool = pool_of(2, tensor_parallel=1)
        pool.restarts, pool.sent, pool.keeps, pool.newest = 0, {}, False, None
        pool.sending, pool.taking, pool.wanted = asyncio.Lock(), set(), Future()

        async def does(worker: int, step: str) -> None:
            if worker == 1 and step == dies_in:
                raise RayActorError

        for worker in pool.workers:
            steps = {
                step: SimpleNamespace(remote=lambda *_, n=worker.number, step=step: does(n, step))
                for step in ("init_weight_transfer", "start_weight_update", "update_weights")
            }
            worker.actor = SimpleNamespace(**steps)
        sender = transfer.ByTransfer("nccl", SimpleNamespace(rollouts=pool, run=loop.run), 0)

        def broadcast(source: Any) -> None:
            sender.client.init_weight_transfer_engine({})
            sender.client.start_weight_update()
            threading.Thread(target=sender.client.update_weights, args=({},)).start()
            end.wait()

        monkeypatch.setattr(sender, "_send", broadcast)
        sender.send(Policy(base(True)), 1)

    yield send
    end.set()
    loop.close()


@pytest.mark.parametrize("step", ["init_weight_transfer", "start_weight_update", "update_weights"])
def test_a_broadcast_that_an_engine_is_missing_from_ends_in_a_sentence(sending: Any, step: str) -> None:
    with pytest.raises(UserError, match="worker 1 died while it took new weights"):
        sending(step)


def test_shared_memory_has_what_was_written_last() -> None:
    memory = shared.SharedMemory()
    for size in (3, 5, 5, 2):
        made = {"a": torch.randn(size, 4).bfloat16(), "b": torch.randn(()), "c": torch.arange(size)}
        metas = [shared.ParamMeta(name, value.dtype, tuple(value.shape)) for name, value in made.items()]
        info = memory.write(metas, made.items())
        with open(info.path, "rb") as file:
            read = bytearray(file.read())
        found: Iterator[Any] = shared._places(info, read)
        assert all(torch.equal(value, made[name]) for name, value in found)
    with pytest.raises(ValueError, match="a came where b"):
        memory.write(metas[1:2], [("a", made["a"])])
    memory.close()


def test_an_engine_has_the_devices_of_its_ranks() -> None:
    places = [Place("n1", "0"), Place("n1", "1"), Place("n1", "2"), Place("n2", "0")]
    assert beside(places, 2, 1) == Place("n1", "2")
    assert beside(places, 0, 2) == Place("n1", "0,1")
    with pytest.raises(UserError, match="devices of two nodes"):
        beside(places, 1, 2)
