"""How much memory a run's devices need, from the model's config and the settings, before anything is loaded.

An estimate of what has to be there at once, in units of 10⁹ bytes: it leaves out what libraries hold for themselves,
for which ``RESERVE`` of a device is kept.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import psutil
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from rl.config.schema import Config
from rl.config.trl import shards
from rl.hardware.precision import autocasts, chosen, computed_in

RESERVE = 0.08  # of a device: CUDA's context, NCCL's buffers, what the allocator cannot fill
STATES = {
    "8bit": 2,
    "4bit": 1,
    "adafactor": 0.1,
    "sgd": 0,
    "lion": 4,
}  # bytes a weight; Adam's two moments take 8
STAYS = ("weights", "optimizer", "reference")  # of a rank while its engine samples
HEAD_CHUNK = 1024  # tokens whose logits TRL has at once


@dataclass(frozen=True)
class Sizes:
    """What of a model counts here: weights in all, those that are trained, and the largest layer's."""

    weights: int
    trained: int
    layer: int
    layers: int
    hidden: int
    wide: int  # elements that a token leaves in a layer for the backward pass
    kv: int  # elements of a token in the KV cache
    vocabulary: int


@dataclass(frozen=True)
class Memory:
    """Of one training rank and of one engine's device, by what takes it. ``shared``: they are the same device;
    ``sleeps``: there the engine has nothing while the rank computes. ``host``: of the main memory of a node with GPUs,
    for each rank on it."""

    rank: dict[str, float]
    engine: dict[str, float]
    device: float
    shared: bool
    mends: list[str] = field(default_factory=list)
    sleeps: bool = False
    host: dict[str, float] = field(default_factory=dict)

    @property
    def needed(self) -> float:
        """Of the fullest device."""
        rank, engine = sum(self.rank.values()), sum(self.engine.values())
        if self.sleeps:
            return max(rank, sum(self.rank[part] for part in STAYS) + engine)
        return rank + engine if self.shared else max(rank, engine)

    @property
    def fits(self) -> bool:
        """Even where all conversations of a pass are at their longest."""
        return self.needed <= self.device * (1 - RESERVE)

    @property
    def may_fit(self) -> bool:
        """Where they are short."""
        short = replace(self, rank=self.rank | {"activations": 0.0})
        return short.needed <= self.device * (1 - RESERVE)

    @property
    def _where(self) -> str:
        if self.sleeps:
            return " (on the same device, asleep while the policy is updated)"
        return " (on the same device)" if self.shared else ""

    def __str__(self) -> str:
        def listed(parts: dict[str, float]) -> str:
            return ", ".join(f"{name} {gb:.2g}" for name, gb in parts.items() if gb >= 0.005)

        beside = f" Main memory, GB a rank: {listed(self.host)}." if self.host else ""
        return (
            f"Memory, GB a device: {self.needed:.2g} of {self.device:.3g}; a training rank: {listed(self.rank)}; "
            f"an engine: {listed(self.engine)}{self._where}.{beside}"
        )


def sizes(config: Config, described: Any) -> Sizes:
    """Counted on a model without memory."""
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(described, trust_remote_code=config.model.trust_remote_code)
        whole = sum(p.numel() for p in model.parameters())
        inner: Any = max(
            (m for m in model.modules() if isinstance(m, torch.nn.ModuleList)), key=len, default=[]
        )
        layer = max((sum(p.numel() for p in one.parameters()) for one in inner), default=whole)
        if config.trainer.peft:
            model = get_peft_model(model, LoraConfig(**config.trainer.peft))
        trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    text = described.get_text_config()
    heads = text.num_attention_heads
    size = getattr(text, "head_dim", None) or text.hidden_size // heads
    kv = 2 * (getattr(text, "num_key_value_heads", None) or heads) * size
    inner_size = getattr(text, "intermediate_size", None) or 4 * text.hidden_size
    wide = 6 * text.hidden_size + 2 * heads * size + kv + 4 * inner_size
    return Sizes(
        whole, trained, layer, text.num_hidden_layers, text.hidden_size, wide,
        kv * text.num_hidden_layers, text.vocab_size,
    )  # fmt: skip


def memory(config: Config, size: Sizes, languages: int) -> Memory:
    """Of a run over so many languages."""
    on_gpu = torch.cuda.is_available() or config.cluster.device_gb is not None
    colocated = config.cluster.placement == "colocated"
    shared = not on_gpu or config.cluster.kind == "local" or colocated
    rank, engine = _rank(config, size, languages), _engine(config, size, on_gpu)
    host = _host(config, size) if on_gpu else {}
    if not on_gpu:  # all of them live in one memory
        rank = {name: gb * config.cluster.processes for name, gb in rank.items()}
        engine = {name: gb * config.rollout.workers for name, gb in engine.items()}
    device = config.cluster.device_gb or _device()
    if on_gpu:
        engine = _as_configured(engine, config, device)
    return Memory(rank, engine, device, shared, _mends(config, shared), colocated and on_gpu, host)


def _rank(config: Config, size: Sizes, languages: int) -> dict[str, float]:
    trainer, over = config.trainer, _parted_over(config)
    half, stored = autocasts(config), _stored(config)
    computed = 2 if computed_in(config) == "bfloat16" else 4
    here = 0 if trainer.offload and over > 1 else 1
    tokens = _tokens_of_a_pass(config, languages)
    kept = size.hidden if trainer.gradient_checkpointing else size.wide
    working = (size.wide if trainer.gradient_checkpointing else 0) + kept * size.layers
    copies = 2 * size.layer if over > 1 else (size.weights if half and stored == 4 else 0)
    return {
        **{name: here * gb / over for name, gb in _whole(config, size).items()},
        "layers at work": computed * copies / 1e9,
        "activations": computed * tokens * working / 1e9,
        "logits": 2 * 4 * min(tokens, HEAD_CHUNK) * size.vocabulary / 1e9,
    }


def _whole(config: Config, size: Sizes) -> dict[str, float]:
    """What is parted over ranks, before it is."""
    trainer, stored = config.trainer, _stored(config)
    state = next((b for name, b in STATES.items() if name in trainer.optimizer), 8)
    return {
        "weights": stored * size.weights / 1e9,
        "gradients": stored * size.trained / 1e9,
        "optimizer": state * size.trained / 1e9,
        "reference": 0.0 if not trainer.beta or trainer.peft else stored * size.weights / 1e9,
    }


def _host(config: Config, size: Sizes) -> dict[str, float]:
    """Each rank reads all weights into main memory before they go to its device, or are parted."""
    whole, over = _whole(config, size), _parted_over(config)
    offloads = config.trainer.offload and over > 1
    return {
        "while it is loaded": whole["weights"] + whole["reference"],
        "offloaded": sum(whole.values()) / over if offloads else 0.0,
    }


def _stored(config: Config) -> int:
    return 4 if config.model.dtype == "float32" else 2


def _engine(config: Config, size: Sizes, on_gpu: bool) -> dict[str, float]:
    """Of one of its devices; the KV cache is that of one conversation at its longest, the least that it can do with."""
    rollout = config.rollout
    stored = 2 if (rollout.dtype == "auto" and on_gpu) or chosen(rollout.dtype) == "bfloat16" else 4
    cache = stored * size.kv * rollout.max_model_len / 1e9 if on_gpu else rollout.kv_cache_gib * 2**30 / 1e9
    return {
        "weights": stored * size.weights / rollout.tensor_parallel / 1e9,
        "KV cache": cache / rollout.tensor_parallel,
    }


def _as_configured(engine: dict[str, float], config: Config, device: float) -> dict[str, float]:
    """vLLM takes its share of the device whatever it needs of it; where that is too little, its need stands."""
    room = config.rollout.gpu_memory_utilization * device - engine["weights"]
    return engine | {"KV cache": max(room, engine["KV cache"])}


def _parted_over(config: Config) -> int:
    if not shards(config):
        return 1
    return (
        config.trainer.shard_over if config.trainer.sharding == "hsdp" else None
    ) or config.cluster.processes


def _tokens_of_a_pass(config: Config, languages: int) -> int:
    trainer, longest = config.trainer, config.rollout.max_model_len
    rows = trainer.prompts_per_language * languages * trainer.generations
    rows = max(rows // (config.cluster.processes * trainer.minibatches * trainer.accumulation), 1)
    budget = trainer.tokens_per_pass
    return rows * longest if budget is None else min(max(budget, longest), rows * longest)


def _device() -> float:
    if torch.cuda.is_available():
        return float(torch.cuda.get_device_properties(0).total_memory) / 1e9
    return float(psutil.virtual_memory().total) / 1e9


def _mends(config: Config, shared: bool) -> list[str]:
    """What takes less, the cheapest first."""
    trainer = config.trainer
    found = []
    if trainer.tokens_per_pass is None:
        found.append(
            f"trainer.tokens_per_pass={config.rollout.max_model_len} (or a higher trainer.accumulation)"
        )
    if not trainer.gradient_checkpointing:
        found.append("trainer.gradient_checkpointing=true")
    if config.cluster.processes > 1 and not shards(config) and not trainer.peft:
        found.append("trainer.sharding=fsdp2")
    if shards(config) and not trainer.offload:
        found.append("trainer.offload=true")
    if shared and (torch.cuda.is_available() or config.cluster.device_gb):
        found.append("a lower rollout.gpu_memory_utilization")
        if config.cluster.placement == "apart" and not config.rollout.ahead:
            found.append("cluster.placement=colocated")
    if config.rollout.tensor_parallel == 1 and not shared:
        found.append("rollout.tensor_parallel=2")
    if not trainer.peft and not shards(config):
        found.append("trainer.peft={r: 16, lora_alpha: 32} with model.dtype=bfloat16")
    return found or ["a smaller model"]
