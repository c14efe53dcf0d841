"""What ranks on other processes are given."""

from pathlib import Path

import pytest

from rl.cluster import check_room
from rl.errors import ConfigError
from rl.runs.launch import _torch, _with_whole_paths
from rl.runs.preflight import check_one_device
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


GPUS = ("cluster=ray", "cluster.address=auto", "cluster.gpus_per_process=1", "cluster.processes=4")


@pytest.mark.parametrize(
    ("words", "gpus", "told"),
    [
        ((*GPUS, "rollout.workers=500"), 8, "= 504 is more than the Ray cluster's 8 GPUs"),
        ((*GPUS, "rollout.workers=1", "rollout.tensor_parallel=4"), 8, "more than the 2 GPUs"),
        ((*GPUS, "cluster.gpus_per_process=0"), 8, "without the Ray cluster's 8 GPUs; set it to 1"),
        (GPUS, 0, "= 5 is more than the Ray cluster's 0 GPUs"),
        (
            (*GPUS, "cluster.gpus_per_process=0", "cluster.processes=16"),
            0,
            "more than the Ray cluster's 12 cores",
        ),
        ((*GPUS, "cluster.gpus_per_process=0", "rollout.workers=3"), 0, None),
        ((*GPUS, "rollout.workers=2", "rollout.tensor_parallel=2"), 8, None),
        ((*GPUS, "rollout.workers=4", "cluster.placement=colocated"), 4, None),
    ],
)
def test_a_cluster_has_room_for_all_ranks_and_engines(
    words: tuple[str, ...], gpus: int, told: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four nodes alike; a fifth has left."""
    nodes = [{"Alive": True, "Resources": {"CPU": 3.0, "GPU": gpus / 4}}] * 4
    monkeypatch.setattr("rl.cluster.ray.nodes", lambda: [*nodes, {"Alive": False, "Resources": {"GPU": 8.0}}])
    monkeypatch.setattr("rl.cluster.ray.cluster_resources", lambda: {"CPU": 12.0, "GPU": float(gpus)})
    config = composed("trainer.prompts_per_language=16", *words)
    if told is None:
        return check_room(config)
    with pytest.raises(ConfigError, match=told):
        check_room(config)


@pytest.mark.parametrize("words", ["rollout.workers=4", "rollout.tensor_parallel=2"])
def test_one_process_has_one_gpu_for_policy_and_engine(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rl.config.problems._gpus", lambda: 8)
    config = composed(words)
    check_one_device(config)  # this machine has none
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    with pytest.raises(ConfigError, match="more than the one GPU"):
        check_one_device(config)


def test_shards_that_wait_in_the_memory_of_cpus_have_a_backend_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rl.config.problems._gpus", lambda: 8)
    on_gpus = ("cluster=ray", "cluster.gpus_per_process=1", "trainer.sharding=fsdp2")
    assert _torch(composed(*on_gpus)) is None
    chosen = _torch(composed(*on_gpus, "trainer.offload=true"))
    assert chosen is not None and chosen.backend == "cuda:nccl,cpu:gloo"
