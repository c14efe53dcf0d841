"""Weights go by vLLM's own transfer: which way where, and that what is said to its classes is what they take."""

import asyncio
from collections.abc import Iterator
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
    info = sender._init_info()
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

    info = transfer.ByTransfer("ipc", None, 1)._init_info()
    assert info.backend == "ipc" and not info.is_sender
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
