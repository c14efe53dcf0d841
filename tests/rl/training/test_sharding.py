"""The policy parted over two ranks learns what it learns whole, is saved whole, and is gone on with on one rank or two."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("outputs")


def trained(policy: Path, folder: Path, ranks: int, run: str, steps: int, sharding: str, *more: str) -> Any:
    start = ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={ranks}"] if ranks > 1 else []
    script = str(Path(__file__).with_name("sharded.py"))
    done = subprocess.run(
        [sys.executable, *start, script, str(policy), str(folder), run, str(steps), sharding, *more],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return json.loads((folder / f"{run}-{steps}-{ranks}.json").read_text())


def assert_alike(ours: list[float], theirs: list[float], within: float = 1e-4) -> None:
    torch.testing.assert_close(torch.tensor(ours), torch.tensor(theirs), atol=within, rtol=within)


@pytest.fixture(scope="module")
def whole(policy: Path, folder: Path) -> Any:
    """Four steps on one rank."""
    return trained(policy, folder, 1, "whole", 4, "none")


def test_two_ranks_learn_what_one_does_and_hold_half_each(policy: Path, folder: Path, whole: Any) -> None:
    found = trained(policy, folder, 2, "parted", 4, "fsdp2")
    assert found["held"] < 0.6 * found["whole"]
    assert_alike(found["losses"], whole["losses"])
    assert_alike(found["norms"], whole["norms"], 1e-3)
    assert found["versions"] == [[0], [1], [2], [3]], "the engines follow"
    assert max(found["mismatch"]) < 1e-6, "and have the weights that are trained"
    saved, other = (load_file(folder / run / "model" / "model.safetensors") for run in ("parted", "whole"))
    assert saved.keys() == other.keys(), "whole, under the base model's names"
    for name in saved:
        torch.testing.assert_close(saved[name], other[name], atol=1e-3, rtol=1e-2)
    AutoModelForCausalLM.from_pretrained(folder / "parted" / "model")


def test_the_reference_is_the_policy_before_on_every_rank(policy: Path, folder: Path) -> None:
    one = trained(policy, folder, 1, "referred", 2, "none", "trainer.beta=0.5")
    two = trained(policy, folder, 2, "referred", 2, "fsdp2", "trainer.beta=0.5")
    assert_alike(two["losses"], one["losses"])
    assert_alike(two["norms"], one["norms"], 1e-3)


@pytest.mark.parametrize(("before", "after"), [(2, 1), (2, 2), (1, 2)])
def test_it_is_gone_on_with_on_one_rank_and_on_two(
    policy: Path, folder: Path, whole: Any, before: int, after: int
) -> None:
    run = f"cut{before}{after}"
    trained(policy, folder, before, run, 2, "fsdp2" if before > 1 else "none")
    rest = trained(policy, folder, after, run, 4, "fsdp2", "resume")
    assert rest["steps"] == [2, 3]
    assert_alike(rest["losses"][-2:], whole["losses"][-2:])
    assert_alike(rest["norms"][-2:], whole["norms"][-2:], 1e-2)


def test_activations_may_be_computed_again_and_passes_be_cut(policy: Path, folder: Path, whole: Any) -> None:
    more = ("trainer.gradient_checkpointing=true", "trainer.tokens_per_pass=600")
    found = trained(policy, folder, 2, "frugal", 2, "fsdp2", *more)
    assert_alike(found["losses"], whole["losses"][:2])
    assert_alike(found["norms"], whole["norms"][:2], 1e-3)


def test_a_copy_for_each_two_of_four_ranks_learns_alike(policy: Path, folder: Path, whole: Any) -> None:
    found = trained(policy, folder, 4, "copies", 2, "hsdp", "trainer.shard_over=2")
    assert 0.4 * found["whole"] < found["held"] < 0.6 * found["whole"]
    assert_alike(found["losses"], whole["losses"][:2])
    assert_alike(found["norms"], whole["norms"][:2], 1e-3)
