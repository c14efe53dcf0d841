"""Engines as a run has them, on Ray: shared out by room, and none is missed for long when it dies."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import ray
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from rewards.types import Task, Trajectory
from rl.cluster import start_ray
from rl.errors import UserError
from rl.pipeline.collector import Collector
from rl.rollout.pool import RolloutPool, Worker
from rl.rollout.worker import WorkerConfig
from rl.weights.export import Policy
from rl.weights.sender import Sender, opened
from tests.rl.parts import Lots, composed, save_policy


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory, tiny_tokenizer: PreTrainedTokenizerFast) -> Path:
    """vLLM's attention on the CPU begins at 32 dimensions a head."""
    return save_policy(tmp_path_factory.mktemp("policy"), tiny_tokenizer, hidden_size=64)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    start_ray(None)
    yield
    ray.shutdown()


@contextmanager
def opened_engines(policy: Path, number: int, **more: Any) -> Iterator[Collector]:
    """And a loop that they are asked from."""
    config = composed(
        "rollout.max_new_tokens=24", "rollout.max_turns=2", "rollout.max_model_len=512", "rollout.dtype=float32",
        "rollout.kv_cache_gib=0.05", "sandbox.workers=1", f"rollout.workers={number}", "rollout.concurrency=16",
        "rollout.transfer_timeout=60",
    )  # fmt: skip
    pool = RolloutPool(WorkerConfig(str(policy), config.model, config.rollout, config.sandbox, 0, **more))
    collect = Collector(pool, Lots())
    collect.run(pool.start())
    yield collect
    collect.run(pool.close())
    collect.runner.close()


@pytest.fixture(scope="module")
def engines(cluster: None, policy: Path) -> Iterator[Collector]:
    with opened_engines(policy, 2, way="shared") as collect:
        yield collect


@pytest.fixture(scope="module")
def sender(engines: Collector) -> Sender:
    return opened("shared", engines)


def other(policy: Path, times: float) -> Any:
    """A policy that differs from the one that engines start with."""
    model = AutoModelForCausalLM.from_pretrained(policy, dtype=torch.float32).eval()
    for value in model.parameters():
        value.data *= times
    return model


def engine_processes() -> list[psutil.Process]:
    """vLLM's own processes, the children of the actors."""
    family = psutil.Process().children(recursive=True)
    return [p for p in family if "EngineCore" in p.name() + " ".join(p.cmdline())]


class Meanwhile(Policy):
    """Something happens when half of it has been sent."""

    def __init__(self, model: Any, happens: Callable[[], object]) -> None:
        super().__init__(model)
        self.happens = happens

    def __iter__(self) -> Iterator[tuple[str, torch.Tensor]]:
        half = len(list(self.described())) // 2
        for number, pair in enumerate(super().__iter__()):
            if number == half:
                self.happens()
            yield pair


def sampled_by_each(engines: Collector, task: Task) -> list[Trajectory]:
    async def one(worker: Worker) -> Trajectory:
        return (await worker.sample(task, 0, 1.0))[0]

    pool: Any = engines.rollouts
    return [engines.run(one(worker)) for worker in pool.workers]


@torch.no_grad()
def assert_sampled_by(model: Any, trajectory: Trajectory) -> None:
    """The log-probabilities are those of this policy."""
    ids = torch.tensor([trajectory.prompt_ids + trajectory.token_ids])
    every = model(ids).logits[0, :-1].float().log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
    chosen = torch.tensor(trajectory.sampled)
    ours = every[len(trajectory.prompt_ids) - 1 :][chosen]
    torch.testing.assert_close(ours, torch.tensor(trajectory.logprobs)[chosen], atol=1e-3, rtol=0)


def test_each_engine_is_one_process(engines: Collector) -> None:
    """A worker beside the scheduler would poll for it, and the scheduler for the worker."""
    family = psutil.Process().children(recursive=True)
    assert len([p for p in family if "VLLM::" in " ".join(p.cmdline())]) == 2


def test_every_engine_samples_the_policy_that_was_sent_last(
    engines: Collector, sender: Sender, policy: Path, some_tasks: list[Task]
) -> None:
    for version, times in ((1, 1.3), (2, 0.7)):
        sender.send(Policy(model := other(policy, times)), version)
        for trajectory in sampled_by_each(engines, some_tasks[0]):
            assert trajectory.policy_version == version
            assert_sampled_by(model, trajectory)


def test_an_engine_that_is_killed_comes_back_with_the_newest_weights(
    engines: Collector, sender: Sender, policy: Path, some_tasks: list[Task]
) -> None:
    jobs = [(task, 16 * (4 * i + g)) for i, task in enumerate(some_tasks[:8]) for g in range(4)]
    sender.send(Policy(model := other(policy, 1.2)), 7)

    async def play() -> tuple[list[Trajectory], list[Trajectory]]:
        pool: Any = engines.rollouts
        quiet = await asyncio.gather(*(pool.rollout(task, seed, 1.0) for task, seed in jobs))
        asked = [asyncio.ensure_future(pool.rollout(task, seed, 1.0)) for task, seed in jobs]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        before = engine_processes()
        assert len(before) == 2
        os.kill(before[0].pid, signal.SIGKILL)
        hit = await asyncio.gather(*asked)
        for worker in pool.workers:
            await worker.wait()
        after = engine_processes()
        assert len({p.pid for p in after} - {p.pid for p in before}) == 1, "one engine was started anew"
        return [t for t, _ in quiet], [t for t, _ in hit]

    quiet, hit = engines.run(play())
    assert [t.task_id for t in hit] == [task.id for task, _ in jobs], "none is lost, none comes twice"
    assert {t.policy_version for t in hit} == {7}
    assert [t.token_ids for t in hit] == [t.token_ids for t in quiet], "a sample that is redone is the same"
    for trajectory in sampled_by_each(engines, some_tasks[0]):
        assert_sampled_by(model, trajectory)


def test_one_that_dies_while_weights_are_sent_has_them_all_the_same(
    engines: Collector, sender: Sender, policy: Path, some_tasks: list[Task]
) -> None:
    first = engine_processes()[0].pid
    model = other(policy, 0.9)
    sender.send(Meanwhile(model, lambda: os.kill(first, signal.SIGKILL)), 8)
    for trajectory in sampled_by_each(engines, some_tasks[0]):
        assert trajectory.policy_version == 8
        assert_sampled_by(model, trajectory)


def test_one_that_finds_no_copy_waits_until_the_trainer_sends_again(
    engines: Collector, sender: Sender, policy: Path, some_tasks: list[Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where weights go from GPU to GPU."""
    pool: Any = engines.rollouts
    monkeypatch.setattr(pool, "keeps", False)
    sender.send(Policy(model := other(policy, 1.1)), 9)
    os.kill(engine_processes()[0].pid, signal.SIGKILL)
    asked = engines.runner.begin(_rollouts(pool, some_tasks))
    pool.wanted.result(120)
    sender.send(Policy(model), 9)
    asked.result(120)
    for trajectory in sampled_by_each(engines, some_tasks[0]):
        assert trajectory.policy_version == 9
        assert_sampled_by(model, trajectory)


async def _rollouts(pool: Any, tasks: list[Task]) -> list[Trajectory]:
    found = await asyncio.gather(*(pool.rollout(task, 0, 1.0) for task in tasks))
    return [trajectory for trajectory, _ in found]


def test_one_that_hangs_is_named_and_the_copy_goes_with_the_trainer(
    engines: Collector, sender: Any, policy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool: Any = engines.rollouts
    short = pool.config.rollout.model_copy(update={"transfer_timeout": 5.0})
    monkeypatch.setattr(pool, "config", replace(pool.config, rollout=short))
    hung = engine_processes()[0].pid
    with pytest.raises(UserError, match=r"Rollout worker [01] did not take new weights within 5 s"):
        sender.send(Meanwhile(other(policy, 1.0), lambda: os.kill(hung, signal.SIGSTOP)), 9)
    os.kill(hung, signal.SIGCONT)
    assert os.readlink(f"/proc/self/fd/{sender.engine.memory.file}").endswith("(deleted)"), "it has no name"


def test_an_adapter_alone_makes_an_engine_the_policy(
    cluster: None, policy: Path, some_tasks: list[Task]
) -> None:
    base = AutoModelForCausalLM.from_pretrained(policy, dtype=torch.float32)
    adapted: Any = get_peft_model(
        base, LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False)
    ).eval()
    with opened_engines(policy, 1, adapter_rank=4) as collect:
        sender = opened("objects", collect, alone=True)
        for version in (1, 2):
            for name, value in adapted.named_parameters():
                if "lora_" in name:
                    value.data += 0.3 * torch.randn_like(value)
            sender.send(Policy(adapted), version)
            if version == 2:  # and again after a sleep, which keeps the base
                collect.sleep()
                sender.send(Policy(adapted), version)
            (trajectory,) = sampled_by_each(collect, some_tasks[0])
            assert trajectory.policy_version == version
            assert_sampled_by(adapted, trajectory)
        os.kill(engine_processes()[-1].pid, signal.SIGKILL)
        (trajectory,) = collect.run(_rollouts(collect.rollouts, some_tasks[:1]))
        assert trajectory.policy_version == 2
        assert_sampled_by(adapted, trajectory)
