"""``make bench``: the memory of a rank that has half of a policy beside one that has all of it, two ranks on gloo.

    python -m benchmarks.sharded

A policy of 85 million float32 weights is loaded as a run loads it and updated twice on a few tokens, so that weights, gradients and
Adam's moments are what counts. Each rank says by how much its peak was above what it had before. The C library is told to
give back what is freed; by itself it keeps whole layers that were gathered once, and the two would look alike.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

import psutil
import torch
from rich.console import Console
from rich.table import Table
from transformers import Qwen3Config, Qwen3ForCausalLM, Trainer, TrainingArguments

from benchmarks.bench import composed
from rl.config.trl import trl_settings
from rl.runs.model import load_policy
from rl.training.sharding import on_cpus_too

RANKS, TOKENS = 2, 32
GB = 1e9


def rank(folder: Path, sharding: str) -> None:
    """One rank: two updates, and its peak into the folder."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo")
    config = composed(
        ["model=tiny", "cluster=ray", f"cluster.processes={RANKS}", f"trainer.sharding={sharding}", "run=x"]
    )
    fields = trl_settings(config, config.trainer.generations)
    before = psutil.Process().memory_info().rss
    model = load_policy(config, str(folder / "policy"))
    ids = torch.arange(TOKENS)
    with on_cpus_too() if sharding != "none" else nullcontext():
        Trainer(
            model=model,
            args=TrainingArguments(
                output_dir=str(folder / "out"), max_steps=2, per_device_train_batch_size=1, use_cpu=True,
                save_strategy="no", disable_tqdm=True, report_to=[], logging_strategy="no",
                **{name: fields[name] for name in ("fsdp", "fsdp_config", "optim") if fields.get(name)},
            ),
            train_dataset=[{"input_ids": ids, "labels": ids}] * 2 * RANKS,
        ).train()  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    (folder / f"{sharding}-{os.environ['RANK']}.json").write_text(json.dumps(peak / GB))


def peaks(folder: Path, sharding: str) -> list[float]:
    """GB of each rank's peak above what it had before the policy."""
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={RANKS}"]
    subprocess.run(
        [*start, "-m", "benchmarks.sharded", str(folder), sharding],
        env=os.environ | {"MALLOC_MMAP_THRESHOLD_": "1000000", "OMP_NUM_THREADS": "1"},
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return [json.loads((folder / f"{sharding}-{number}.json").read_text()) for number in range(RANKS)]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Qwen3ForCausalLM(
            Qwen3Config(
                vocab_size=8192, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, num_key_value_heads=6,
                head_dim=64, intermediate_size=2048, tie_word_embeddings=True,
            )
        ).save_pretrained(folder / "policy")  # fmt: skip
        whole, halves = peaks(folder, "none"), peaks(folder, "fsdp2")
    table = Table(title="Peak memory of a rank, above what it had before the policy")
    for column in ("rank", "all of the policy", "half of it", "ratio"):
        table.add_column(column, justify="right")
    for number, (all_of_it, half) in enumerate(zip(whole, halves, strict=True)):
        table.add_row(str(number), f"{all_of_it:.2f} GB", f"{half:.2f} GB", f"{half / all_of_it:.2f}")
    Console().print(table)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        rank(Path(sys.argv[1]), sys.argv[2])
    else:
        main()
