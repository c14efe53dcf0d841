"""Engines as a run has them, on Ray: shared out by room, and none is missed for long when it dies."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import ray
import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from rewards.types import Task, Trajectory
from rl.cluster import start_ray
from rl.rollout.pool import RolloutPool
from rl.rollout.worker import WorkerConfig
from rl.weights.base import in_parts
from rl.weights.export import exported
from tests.rl.parts import composed, save_policy


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory, tiny_tokenizer: PreTrainedTokenizerFast) -> Path:
    """vLLM's attention on the CPU begins at 32 dimensions a head."""
    return save_policy(tmp_path_factory.mktemp("policy"), tiny_tokenizer, hidden_size=64)


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    start_ray(None)
    yield
    ray.shutdown()


def pool(policy: Path, *overrides: str) -> RolloutPool:
    config = composed(
        "rollout.max_new_tokens=24", "rollout.max_turns=2", "rollout.max_model_len=512", "rollout.dtype=float32",
        "rollout.kv_cache_gib=0.05", "sandbox.workers=1", *overrides,
    )  # fmt: skip
    return RolloutPool(WorkerConfig(str(policy), config.model, config.rollout, config.sandbox, 0))


def engine_processes() -> list[psutil.Process]:
    """vLLM's own processes, the children of the actors."""
    family = psutil.Process().children(recursive=True)
    return [p for p in family if "EngineCore" in p.name() + " ".join(p.cmdline())]


def test_an_engine_that_is_killed_comes_back_with_the_newest_weights(
    cluster: None, policy: Path, some_tasks: list[Task]
) -> None:
    jobs = [(task, 16 * (4 * i + g)) for i, task in enumerate(some_tasks[:8]) for g in range(4)]

    async def play() -> tuple[list[Trajectory], list[Trajectory]]:
        engines = pool(policy, "rollout.workers=2", "rollout.concurrency=16")
        await engines.start()
        try:
            new = exported(AutoModelForCausalLM.from_pretrained(policy, dtype=torch.float32))
            changed = ((name, 1.01 * value) for name, value in new.items())
            await engines.load_weights(
                [engines.keep(part) for part in in_parts(changed, 7, part_bytes=10_000)]
            )
            quiet = await asyncio.gather(*(engines.rollout(task, seed, 1.0) for task, seed in jobs))
            asked = [asyncio.ensure_future(engines.rollout(task, seed, 1.0)) for task, seed in jobs]
            await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            before = engine_processes()
            assert len(before) == 2
            os.kill(before[0].pid, signal.SIGKILL)
            hit = await asyncio.gather(*asked)
            for worker in engines.workers:
                await worker.wait()
            after = engine_processes()
            assert len({p.pid for p in after} - {p.pid for p in before}) == 1, "one engine was started anew"
            again = [await w.sample(some_tasks[0], 0, 1.0) for w in engines.workers]
            assert [t.policy_version for t, _ in again] == [7, 7]
            torch.testing.assert_close(
                torch.tensor(again[0][0].logprobs), torch.tensor(again[1][0].logprobs), atol=1e-4, rtol=0
            )
        finally:
            await engines.close()
        return [t for t, _ in quiet], [t for t, _ in hit]

    quiet, hit = asyncio.run(play())
    assert [t.task_id for t in hit] == [task.id for task, _ in jobs], "none is lost, none comes twice"
    assert {t.policy_version for t in hit} == {7}
    assert [t.token_ids for t in hit] == [t.token_ids for t in quiet], "a sample that is redone is the same"
