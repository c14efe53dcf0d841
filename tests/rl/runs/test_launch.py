"""What ranks on other processes are given."""

from pathlib import Path

import pytest

from rl.runs.launch import _with_whole_paths
from tests.rl.parts import composed


def test_every_path_says_where_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranks run in another folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("policy", "tasks.jsonl", "others.jsonl", "shop.yaml"):
        Path(name).touch()
    config = composed(
        "model=hub", "model.path=policy", "data=jsonl", "data.path=tasks.jsonl", "evaluate.during.every=1",
        "evaluate.during.retained={source: jsonl, path: others.jsonl}", "judge.cache=answers.sqlite",
        "+sandbox.rest={sources: [shop.yaml, 'https://shop.example/openapi.json'], mode: record, cassette: tape.jsonl}",
    )  # fmt: skip
    whole = _with_whole_paths(config)
    assert whole.sandbox.rest is not None and whole.evaluate.during.retained is not None
    named = [
        whole.output_dir, whole.model.path, whole.data.path, whole.evaluate.during.retained.path, whole.judge.cache,
        whole.sandbox.rest.cassette, whole.sandbox.rest.sources[0],
    ]  # fmt: skip
    files = "outputs policy tasks.jsonl others.jsonl answers.sqlite tape.jsonl shop.yaml".split()
    assert named == [str(tmp_path / name) for name in files]
    assert whole.sandbox.rest.sources[1] == "https://shop.example/openapi.json"
    assert (
        _with_whole_paths(composed("model=hub", "model.path=Qwen/Qwen3-0.6B")).model.path == "Qwen/Qwen3-0.6B"
    )
