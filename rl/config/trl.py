"""One table from our settings to the fields of TRL's ``GRPOConfig``, and which of its fields are refused.

``trainer.trl`` may set any other field.
"""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

from rl.config.schema import Config


def _bf16(config: Config, _: int) -> bool:
    from rl.hardware.precision import autocasts  # torch, which --help and a wrong name need not wait for

    return autocasts(config)


def shards(config: Config) -> bool:
    """Whether the policy is parted over ranks; one rank has nothing to part."""
    return config.trainer.sharding != "none" and config.cluster.processes > 1


def _fsdp(config: Config, _: int) -> dict[str, Any] | None:
    if not shards(config):
        return None
    return {
        "version": 2,
        "auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
        "reshard_after_forward": True,
        "state_dict_type": "SHARDED_STATE_DICT",
        "cpu_offload": config.trainer.offload,
        "activation_checkpointing": config.trainer.gradient_checkpointing,
    }


def _parallelism(config: Config, _: int) -> Any:
    if not shards(config) or config.trainer.sharding != "hsdp":
        return None
    from accelerate.parallelism_config import ParallelismConfig

    ranks = config.cluster.processes
    over = config.trainer.shard_over or ranks
    return ParallelismConfig(dp_replicate_size=ranks // over, dp_shard_size=over)


# TRL's field → our setting, and its value for a rank that takes ``n`` completions of each generation batch.
FIELDS: dict[str, tuple[str, Callable[[Config, int], Any]]] = {
    "output_dir": ("output_dir and run", lambda c, n: str(c.folder / "checkpoints")),
    "run_name": ("run", lambda c, n: c.run),
    "seed": ("seed", lambda c, n: c.seed),
    "max_steps": ("trainer.steps", lambda c, n: c.trainer.steps),
    "learning_rate": ("trainer.learning_rate", lambda c, n: c.trainer.learning_rate),
    "lr_scheduler_type": ("trainer.lr_scheduler", lambda c, n: c.trainer.lr_scheduler),
    "warmup_steps": ("trainer.warmup_steps", lambda c, n: c.trainer.warmup_steps),
    "max_grad_norm": ("trainer.max_grad_norm", lambda c, n: c.trainer.max_grad_norm),
    "per_device_train_batch_size": (
        "trainer.prompts_per_language and trainer.generations",
        lambda c, n: n // (c.trainer.minibatches * c.trainer.accumulation),
    ),
    "gradient_accumulation_steps": ("trainer.accumulation", lambda c, n: c.trainer.accumulation),
    "steps_per_generation": (
        "trainer.minibatches and trainer.accumulation",
        lambda c, n: c.trainer.minibatches * c.trainer.accumulation,
    ),
    "num_iterations": ("trainer.updates_per_batch", lambda c, n: c.trainer.updates_per_batch),
    "num_generations": ("trainer.generations", lambda c, n: c.trainer.generations),
    "temperature": ("rollout.temperature", lambda c, n: c.rollout.temperature),
    "max_completion_length": ("rollout.max_model_len", lambda c, n: c.rollout.max_model_len),
    "beta": ("trainer.beta", lambda c, n: c.trainer.beta),
    "loss_type": ("trainer.loss_type", lambda c, n: c.trainer.loss_type),
    "bf16": ("trainer.bf16", _bf16),
    "optim": ("trainer.optimizer", lambda c, n: c.trainer.optimizer),
    "fsdp": ("trainer.sharding", lambda c, n: shards(c) or None),
    "fsdp_config": ("trainer.sharding, trainer.offload and trainer.gradient_checkpointing", _fsdp),
    "parallelism_config": ("trainer.sharding and trainer.shard_over", _parallelism),
    "gradient_checkpointing": (  # FSDP has its own
        "trainer.gradient_checkpointing",
        lambda c, n: c.trainer.gradient_checkpointing and not shards(c),
    ),
    "save_strategy": ("trainer.save_every", lambda c, n: "steps"),
    "save_steps": ("trainer.save_every", lambda c, n: c.trainer.save_every),
    "save_total_limit": ("trainer.keep", lambda c, n: c.trainer.keep),
    "report_to": ("trainer.report_to", lambda c, n: list(c.trainer.report_to)),
}
# What a run sets for itself; ``trainer.trl`` may say otherwise.
OWN: dict[str, Any] = {
    "logging_steps": 1,
    "disable_tqdm": True,
    "remove_unused_columns": False,
    "dataloader_num_workers": 0,
    "project": "polyglot-grpo",  # of W&B and trackio
}
# Fields that ours stand for in another way.
STOOD_FOR = {
    "generation_batch_size": "trainer.prompts_per_language and trainer.generations",
    "scale_rewards": "advantage.scale",
    "top_p": "rollout.top_p",
    "use_vllm": "rollout.engine",
}
# Values that TRL looks at no sooner than in its loss.
CHOICES = {"importance_sampling_level": ("token", "sequence")}
_SAMPLING = (
    "has no effect, since the rollout workers sample; set rollout.temperature and rollout.top_p instead"
)
_WEIGHING = (
    "has no effect, since rewards are weighed before TRL has them; set reward.components.<name>.weight"
)
_EVALUATION = "cannot be used; set evaluate.before and evaluate.after, or run python -m rl.evaluate"
REFUSED = {
    "top_k": _SAMPLING,
    "min_p": _SAMPLING,
    "repetition_penalty": _SAMPLING,
    "generation_kwargs": _SAMPLING,
    "chat_template_kwargs": "has no effect; set model.chat_template_kwargs instead",
    "reward_weights": _WEIGHING,
    "multi_objective_aggregation": "cannot be used; set advantage.estimator, and the groups by advantage=",
    "eval_strategy": _EVALUATION,
    "eval_steps": _EVALUATION,
    "deepspeed": "is not supported; set trainer.sharding=fsdp2, which parts weights, gradients and optimizer as ZeRO-3 does",
}


def trl_settings(config: Config, completions: int) -> dict[str, Any]:
    """The fields of ``GRPOConfig`` for a rank that takes so many completions of each generation batch."""
    import torch

    ours = {field: value(config, completions) for field, (_, value) in FIELDS.items()}
    return OWN | {"use_cpu": not torch.cuda.is_available()} | ours | config.trainer.trl


def grpo_config() -> type:
    """``trl.GRPOConfig``; TRL takes seconds to import."""
    from trl import GRPOConfig

    return GRPOConfig


def trl_problems(given: dict[str, Any]) -> Iterator[str]:
    """What of ``trainer.trl`` can be seen to be wrong without TRL."""
    set_by = {field: setting for field, (setting, _) in FIELDS.items()} | STOOD_FOR
    for name, value in given.items():
        if name in set_by:
            yield f"trainer.trl.{name} follows from {set_by[name]}; set that instead"
        if name in REFUSED:
            yield f"trainer.trl.{name} {REFUSED[name]}"
        if name.startswith("vllm_"):
            yield f"trainer.trl.{name} has no effect, since vLLM runs in the rollout workers; set rollout.* instead"
        if name in CHOICES and value not in CHOICES[name]:
            yield f"trainer.trl.{name}={value!r} is wrong: it is one of {', '.join(CHOICES[name])}"
        package = needed(name, value)
        if package and find_spec(package) is None:
            yield f"trainer.trl.{name}={value} needs {package}, which is not installed; pip install {package.replace('_', '-')}"


def needed(name: str, value: Any) -> str | None:
    """The package that a value needs beyond what is installed here."""
    if name == "use_liger_kernel" and value:
        return "liger_kernel"
    if name == "optim" and any(word in str(value) for word in ("8bit", "bnb", "paged")):
        return "bitsandbytes"
    return None
