"""The warm start's cache."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from transformers import PreTrainedTokenizerFast

from rewards.types import Task
from rl.tiny.warm_start import warm_started
from tests.rl.parts import composed


def test_runs_that_start_together_make_it_once(
    tiny_tokenizer: PreTrainedTokenizerFast, some_tasks: list[Task], tmp_path: Path
) -> None:
    config = composed(
        "model=tiny", f"model.cache_dir={tmp_path}", "model.tiny.hidden_size=32", "model.tiny.layers=1", "model.tiny.heads=2",
        "model.tiny.kv_heads=1", "model.tiny.warm_start.steps=2", "model.tiny.warm_start.rows=4",
    )  # fmt: skip
    trained = []

    def start(run: int) -> Path:
        return warm_started(config, some_tasks, tiny_tokenizer, lambda share, text: trained.append(run))

    with ThreadPoolExecutor() as pool:
        folders = set(pool.map(start, range(3)))
    assert len(folders) == 1 and len(set(trained)) == 1
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == list(folders), (
        "nothing unfinished is left"
    )
