"""The warm start: its loss, and its cache."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from rewards.types import Task
from rl.config.schema import Tiny
from rl.tiny import warm_start
from rl.tiny.model import new_model
from rl.tiny.warm_start import IGNORED, learned, warm_started
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


def test_passes_by_length_add_the_gradient_of_the_mean_over_all_learned_tokens(
    tiny_tokenizer: PreTrainedTokenizerFast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm_start, "cpu_has_bf16", lambda: False)
    size = Tiny(hidden_size=32, layers=1, heads=2, kv_heads=1, intermediate_size=48)
    model = new_model(size, tiny_tokenizer, 64, 0)
    draw = torch.Generator().manual_seed(0)
    rows = []
    for length in (5, 40, 12, 31, 8, 22, 17):
        ids = torch.randint(10, 200, (length,), generator=draw).tolist()
        rows.append((ids, [IGNORED] * (length // 2) + ids[length // 2 :]))
    loss = learned(model, rows, tiny_tokenizer.pad_token_id)
    found = [p.grad.clone() for p in model.parameters() if p.grad is not None]
    model.zero_grad()
    each = [
        torch.nn.functional.cross_entropy(
            model(input_ids=torch.tensor([ids])).logits[0, :-1], torch.tensor(labels[1:]), reduction="none", ignore_index=IGNORED
        )
        for ids, labels in rows
    ]  # fmt: skip
    expected = torch.cat(each).sum() / sum(label != IGNORED for _, labels in rows for label in labels[1:])
    expected.backward()
    assert loss == pytest.approx(float(expected.detach()), rel=1e-5)
    for own, p in zip(found, (p for p in model.parameters() if p.grad is not None), strict=True):
        torch.testing.assert_close(own, p.grad, rtol=1e-4, atol=1e-6)
