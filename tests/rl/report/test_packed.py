"""Samples as the page carries them: nothing ends its element, whole groups, never more than there is room for."""

import base64
import gzip
import json
import re
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from rl.report.packed import TEXT, block, packed
from rl.report.page import BYTES, page
from rl.report.reading import RunData, read_run
from tests.rl.report.made import run_folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunData:
    return read_run(run_folder(tmp_path_factory.mktemp("runs")))


def unpacked(text: str) -> Any:
    return json.loads(gzip.decompress(base64.b64decode(text)))


@pytest.mark.parametrize("hostile", ["</script><script>", "\u2028\u2029", "<!--", "\ud800", "]]>", "\x00"])
def test_a_block_holds_any_text_and_ends_no_element(hostile: str) -> None:
    text = block([hostile, float("nan"), float("inf")])
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", text)
    assert unpacked(text) == [hostile.encode("utf-8", "replace").decode(), None, None]


def test_all_samples_come_back(run: RunData) -> None:
    index, blocks = packed([run], 20_000, 10**9)
    told = [detail for text in blocks for detail in unpacked(text)]
    assert index["of"] == len(told) == len(run.samples) == len(index["columns"]["run"])
    assert [detail["messages"] for detail in told] == [s["messages"] for s in run.samples]
    assert index["columns"]["reward"] == [s["reward"] for s in run.samples]


def test_of_too_many_whole_groups_are_kept(run: RunData) -> None:
    index, _ = packed([run], 60, 10**9)
    kept = len(index["columns"]["run"])
    assert 40 <= kept <= 70 and index["of"] == len(run.samples)
    sizes = Counter(zip(index["columns"]["set"], index["columns"]["group"], strict=True))
    training = index["sets"].index("training")
    assert {size for (kind, _), size in sizes.items() if kind == training} <= {4, 1}


def test_text_that_cannot_be_compressed_keeps_within_the_limit(run: RunData) -> None:
    draw = Random(0)
    noise = [draw.randbytes(6000).hex() for _ in range(300)]
    big = [
        s | {"turns": ["".join(draw.sample(noise, 1)) + str(n)], "step": n}
        for n in range(18)
        for s in run.samples
    ]
    run = RunData(**{**vars(run), "samples": [s | {"turns": [draw.randbytes(8000).hex()]} for s in big]})
    html = page([run], 20_000)
    assert 0.6 * BYTES < len(html.encode()) <= BYTES


def test_one_endless_text_is_cut(run: RunData) -> None:
    long = run.samples[0] | {"turns": ["x" * (TEXT + 5)]}
    _, blocks = packed([RunData(**{**vars(run), "samples": [long]})], 10, 10**9)
    turn = unpacked(blocks[0])[0]["turns"][0]
    assert turn.startswith("x" * TEXT) and "5 letters more" in turn


def test_names_cannot_break_out_of_the_title(run: RunData, tmp_path: Path) -> None:
    odd = RunData(**{**vars(run), "name": "</title><script>alert(1)</script>"})
    assert "<script>alert(1)" not in page([odd], 10)
