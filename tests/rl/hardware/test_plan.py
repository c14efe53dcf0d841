"""What a run needs of its devices: sums that can be checked by hand, recipes that fit, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from transformers import Qwen3Config

from rl.config.load import load
from rl.config.schema import Config
from rl.errors import UserError
from rl.hardware.plan import Memory, memory, sizes
from rl.runs.plan import checked, planned, told

CONF = Path(__file__).resolve().parents[3] / "conf"
# As their makers publish them: hidden size, layers, heads, KV heads, feed-forward size, whether the head is tied.
MODELS = {
    "1.7B": (2048, 28, 16, 8, 6144, True, 1.72),
    "4B": (2560, 36, 32, 8, 9728, True, 4.02),
    "8B": (4096, 36, 32, 8, 12288, False, 8.19),
}
RECIPES = {
    "one_gpu_1.7b": "1.7B", "one_gpu_8b_lora": "8B", "eight_gpus_4b": "4B", "eight_gpus_8b": "8B", "two_nodes_8b": "8B",
}  # fmt: skip


def folder_of(name: str, root: Path) -> Path:
    """A folder with the model's config, and no weights."""
    hidden, layers, heads, kv_heads, inner, tied, _ = MODELS[name]
    config = Qwen3Config(
        vocab_size=151936, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads, head_dim=128,
        num_key_value_heads=kv_heads, intermediate_size=inner, tie_word_embeddings=tied, max_position_embeddings=40960,
    )  # fmt: skip
    config.save_pretrained(root / name)
    return root / name


def composed(*overrides: str) -> Config:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        settings = OmegaConf.to_container(compose("config", ["run=test", *overrides]), resolve=True)
    return load(settings, here=False)  # type: ignore[arg-type]


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_fits_its_devices(recipe: str, tmp_path: Path) -> None:
    folder = folder_of(RECIPES[recipe], tmp_path)
    config = composed(f"experiment={recipe}", f"model.path={folder}")
    found = planned(config)
    assert found.device == 80 and 15 < found.needed <= 0.92 * 80
    assert found.engine["KV cache"] > 4, "room for many conversations"


@pytest.mark.parametrize("name", MODELS)
def test_weights_gradients_and_optimizer_are_sixteen_bytes_a_weight(name: str, tmp_path: Path) -> None:
    config = composed("model=hub", f"model.path={folder_of(name, tmp_path)}", "cluster.device_gb=80")
    size = sizes(config, Qwen3Config.from_pretrained(tmp_path / name))
    billions = MODELS[name][-1]
    assert abs(size.weights / 1e9 - billions) < 0.02
    rank = memory(config, size, languages=8).rank
    assert rank["weights"] + rank["gradients"] + rank["optimizer"] == pytest.approx(16 * size.weights / 1e9)


def rank_of(tmp_path: Path, *overrides: str) -> dict[str, float]:
    folder = folder_of("4B", tmp_path)
    config = composed("model=hub", f"model.path={folder}", "cluster.device_gb=80", *overrides)
    return memory(config, sizes(config, Qwen3Config.from_pretrained(folder)), languages=8).rank


def test_shards_checkpoints_budgets_and_adapters_take_less(tmp_path: Path) -> None:
    def rank(*words: str) -> dict[str, float]:
        return rank_of(tmp_path, *words)

    eight = ("cluster=ray", "cluster.processes=8", "cluster.gpus_per_process=1")
    whole, parted = rank(*eight), rank(*eight, "trainer.sharding=fsdp2")
    for part in ("weights", "gradients", "optimizer"):
        assert parted[part] == pytest.approx(whole[part] / 8)
    moved = rank(*eight, "trainer.sharding=fsdp2", "trainer.offload=true")
    assert moved["weights"] == moved["optimizer"] == 0
    by_node = rank(*eight, "trainer.sharding=hsdp", "trainer.shard_over=4")
    assert by_node["weights"] == pytest.approx(whole["weights"] / 4)
    assert rank("trainer.gradient_checkpointing=true")["activations"] < 0.2 * rank()["activations"]
    assert rank("trainer.tokens_per_pass=2048")["activations"] == pytest.approx(rank()["activations"] / 64)
    adapted = rank("trainer.peft={r: 16, target_modules: all-linear}", "model.dtype=bfloat16")
    assert adapted["optimizer"] < 0.02 * rank()["optimizer"]
    assert rank("trainer.beta=0.1")["reference"] == rank()["weights"]
    assert rank("trainer.optimizer=adafactor")["optimizer"] < 0.05 * rank()["optimizer"]


def test_main_memory_holds_each_rank_s_whole_model_at_first_and_what_is_offloaded(tmp_path: Path) -> None:
    folder = folder_of("8B", tmp_path)
    eight = ("cluster=ray", "cluster.processes=8", "cluster.gpus_per_process=1", "trainer.sharding=fsdp2")

    def host(*words: str) -> dict[str, float]:
        config = composed("model=hub", f"model.path={folder}", "cluster.device_gb=80", *eight, *words)
        return memory(config, sizes(config, Qwen3Config.from_pretrained(folder)), 8).host

    assert host()["while it is loaded"] == pytest.approx(4 * 8.19, rel=0.01) and host()["offloaded"] == 0
    assert host("trainer.beta=0.1")["while it is loaded"] == pytest.approx(8 * 8.19, rel=0.01), (
        "the reference, too"
    )
    assert host("trainer.offload=true")["offloaded"] == pytest.approx(16 * 8.19 / 8, rel=0.01)


def test_an_engine_that_sleeps_counts_only_beside_what_stays_of_a_rank(tmp_path: Path) -> None:
    folder = folder_of("1.7B", tmp_path)
    words = (
        "model=hub",
        f"model.path={folder}",
        "cluster.device_gb=80",
        "rollout.gpu_memory_utilization=0.5",
    )
    four = ("cluster=ray", "cluster.processes=4", "cluster.gpus_per_process=1", "rollout.workers=4")

    def found(*more: str) -> Memory:
        config = composed(*words, *more)
        return memory(config, sizes(config, Qwen3Config.from_pretrained(folder)), 8)

    asleep = found(*four, "cluster.placement=colocated", "trainer.tokens_per_pass=2048")
    rank, engine = asleep.rank, sum(asleep.engine.values())
    assert asleep.needed == pytest.approx(rank["weights"] + rank["optimizer"] + engine)
    assert asleep.needed > sum(rank.values())
    assert "asleep while the policy is updated" in str(asleep)
    awake = found("trainer.tokens_per_pass=2048")
    assert awake.needed == pytest.approx(sum(rank.values()) + engine) and awake.shared
    assert "cluster.placement=colocated" in awake.mends
    longer = found(*four, "cluster.placement=colocated")
    assert longer.needed == pytest.approx(sum(longer.rank.values())), "the rank at work needs more then"


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ((), "trainer.gradient_checkpointing=true"),
        (("cluster=ray", "cluster.processes=8", "cluster.gpus_per_process=1"), "trainer.sharding=fsdp2"),
        (
            (
                "cluster=ray", "cluster.processes=2", "cluster.gpus_per_process=1", "trainer.sharding=fsdp2",
                "trainer.gradient_checkpointing=true", "trainer.tokens_per_pass=4096",
            ),
            "trainer.offload=true",
        ),
    ],
)  # fmt: skip
def test_what_cannot_fit_is_refused_with_what_to_change(words: Any, advice: str, tmp_path: Path) -> None:
    folder = folder_of("8B", tmp_path)
    config = composed(
        "model=hub", f"model.path={folder}", "cluster.device_gb=48", "trainer.bf16=true", *words
    )
    with pytest.raises(UserError, match=r"fit.*: memory, GB a device:") as refused:
        planned(config)
    assert advice in str(refused.value)


def test_what_fits_while_conversations_are_short_is_told_and_not_refused(tmp_path: Path) -> None:
    folder = folder_of("1.7B", tmp_path)
    words = ("model=hub", f"model.path={folder}", "trainer.bf16=true", "rollout.gpu_memory_utilization=0.2")
    config = composed(*words, "cluster.device_gb=80")
    found = checked(config, Qwen3Config.from_pretrained(folder), 8)
    assert "that is too much: set trainer.tokens_per_pass=" in told(found)
    with pytest.raises(UserError, match="may not fit, where conversations are long"):
        planned(config)
    small = composed(*words, "cluster.device_gb=80", "trainer.tokens_per_pass=1024")
    assert "(on the same device)." in told(planned(small))
