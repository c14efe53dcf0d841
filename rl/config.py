"""From composed settings to a ``Config``, and what is wrong with them in one sentence.

Hydra composes ``conf/`` into plain data; ``load`` turns that into a ``Config`` or raises a
``ConfigError``. Nothing here imports Hydra, TRL or vLLM, and torch and peft only where a setting
asks for what they alone know.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException
from pydantic import BaseModel, ValidationError

from rewards.plan import Plan
from rl.data import FOLDERS, known_languages
from rl.errors import ConfigError, UserError, hint, nearest
from rl.settings import (
    Advantage,
    Cluster,
    Config,
    Data,
    Evaluate,
    Judge,
    Model,
    Reward,
    Rollout,
    Sandbox,
    Tiny,
    Trainer,
    WarmStart,
)

__all__ = [
    "Advantage",
    "Cluster",
    "Config",
    "ConfigError",
    "Data",
    "Evaluate",
    "Judge",
    "Model",
    "Reward",
    "Rollout",
    "Sandbox",
    "Tiny",
    "Trainer",
    "UserError",
    "WarmStart",
    "check_batch",
    "check_trl_fields",
    "load",
    "unknown_setting",
]

TRL_FIELDS_SET_BY = {
    "beta": "trainer.beta",
    "bf16": "trainer.bf16",
    "generation_batch_size": "trainer.prompts_per_language and trainer.generations",
    "gradient_accumulation_steps": "trainer.accumulation",
    "gradient_checkpointing": "trainer.gradient_checkpointing",
    "learning_rate": "trainer.learning_rate",
    "loss_type": "trainer.loss_type",
    "lr_scheduler_type": "trainer.lr_scheduler",
    "max_completion_length": "rollout.max_model_len",
    "max_grad_norm": "trainer.max_grad_norm",
    "max_steps": "trainer.steps",
    "num_generations": "trainer.generations",
    "num_iterations": "trainer.updates_per_batch",
    "output_dir": "output_dir and run",
    "per_device_train_batch_size": "trainer.prompts_per_language and trainer.generations",
    "report_to": "trainer.report_to",
    "save_steps": "trainer.save_every",
    "save_total_limit": "trainer.keep",
    "scale_rewards": "advantage.scale",
    "seed": "seed",
    "steps_per_generation": "trainer.minibatches",
    "temperature": "rollout.temperature",
    "top_p": "rollout.top_p",
    "use_vllm": "rollout.engine",
    "warmup_steps": "trainer.warmup_steps",
}
_SAMPLING = (
    "has no effect, since the rollout workers sample; set rollout.temperature and rollout.top_p instead"
)
_WEIGHING = (
    "has no effect, since rewards are weighed before TRL has them; set reward.components.<name>.weight"
)
_EVALUATION = "cannot be used; set evaluate.before and evaluate.after, or run python -m rl.evaluate"
_SHARDING = (
    "cannot be used yet, since the weights must be whole on each rank; "
    "set cluster=ray and cluster.processes for data parallelism"
)
TRL_FIELDS_REFUSED = {
    "top_k": _SAMPLING,
    "min_p": _SAMPLING,
    "repetition_penalty": _SAMPLING,
    "generation_kwargs": _SAMPLING,
    "chat_template_kwargs": "has no effect; set model.chat_template_kwargs instead",
    "reward_weights": _WEIGHING,
    "multi_objective_aggregation": "cannot be used; set reward.aggregation, and the groups by advantage=",
    "eval_strategy": _EVALUATION,
    "eval_steps": _EVALUATION,
    "fsdp": _SHARDING,
    "fsdp_config": _SHARDING,
    "deepspeed": _SHARDING,
}


def load(cfg: DictConfig | Mapping[str, Any]) -> Config:
    """The composed settings as a ``Config``; ``ConfigError`` with one line for all that is wrong."""
    try:
        config = Config.model_validate(_plain(cfg))
    except ValidationError as error:
        raise ConfigError("; ".join(_sentence(dict(e)) for e in error.errors())) from None
    for problem in _problems(config):
        raise ConfigError(problem)
    return config


def check_batch(config: Config, languages: int) -> int:
    """Completions of one step for that many languages; ``ConfigError`` where ranks cannot share them."""
    t, ranks = config.trainer, config.cluster.processes
    completions = t.prompts_per_language * languages * t.generations
    if completions % (ranks * t.minibatches * t.accumulation):
        raise ConfigError(
            f"a step has {completions} completions (trainer.prompts_per_language {t.prompts_per_language} x "
            f"{languages} languages x trainer.generations {t.generations}), which "
            f"cluster.processes {ranks} x trainer.minibatches {t.minibatches} x "
            f"trainer.accumulation {t.accumulation} does not divide"
        )
    return completions


def check_trl_fields(config: Config, names: Iterable[str]) -> None:
    """Refuse what ``trainer.trl`` holds beside ``names``, the fields of ``trl.GRPOConfig``."""
    _check_fields("trainer.trl", "trl.GRPOConfig", config.trainer.trl, names)


def unknown_setting(path: str) -> str:
    """The sentence for a dotted path that is no setting."""
    settings = dict(_settings(Config))
    if path in settings:
        return f"the chosen files of conf/ have no {path}; write +{path}=... to set it all the same"
    parent, _, name = path.rpartition(".")
    prefix = parent and parent + "."
    siblings = [p[len(prefix) :] for p in settings if p.startswith(prefix) and "." not in p[len(prefix) :]]
    if nearest(name, siblings):
        return f"{path} is not a setting{hint(name, siblings, prefix)}"
    elsewhere = [p for p in settings if p.rsplit(".", 1)[-1] == name]
    meant = elsewhere[0] if elsewhere else nearest(path, settings)
    return f"{path} is not a setting" + (f"; did you mean {meant}?" if meant else "")


def _plain(cfg: DictConfig | Mapping[str, Any]) -> Any:
    if not OmegaConf.is_config(cfg):
        return cfg
    try:
        return OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    except MissingMandatoryValue as error:
        example = "Qwen/Qwen3-0.6B" if error.full_key == "model.path" else "..."
        raise ConfigError(f"{error.full_key} must be given: {error.full_key}={example}") from None
    except OmegaConfBaseException as error:
        raise ConfigError(f"{error.full_key}: {str(error).splitlines()[0]}") from None


def _sentence(error: dict[str, Any]) -> str:
    path = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return unknown_setting(path)
    if error["type"] == "missing":
        return f"{path} must be given"
    return f"{path}={error['input']!r} is wrong: {error['msg'][0].lower()}{error['msg'][1:]}"


def _settings(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        yield prefix + name, field.annotation
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _settings(field.annotation, f"{prefix}{name}.")


def _problems(config: Config) -> Iterator[str]:
    """What is impossible in combination, the cheap checks first."""
    yield from _data_problems(config.data)
    yield from _reward_problems(config.reward, config.advantage, config.data.languages)
    yield from _tiny_problems(config.model.tiny, config.rollout)
    yield from _model_problems(config.model, config.trainer)
    yield from _judge_problems(config.judge, config.reward)
    yield from _trainer_problems(config.trainer)
    yield from _cluster_problems(config.cluster)
    yield from _machine_problems(config.rollout, config.cluster)
    if config.trainer.peft is not None:
        _check_peft(config.trainer.peft)
    if config.data.languages:
        check_batch(config, len(config.data.languages))


def _tiny_problems(tiny: Tiny, rollout: Rollout) -> Iterator[str]:
    size, heads, new, room = tiny.hidden_size, tiny.heads, rollout.max_new_tokens, rollout.max_model_len
    if size % (2 * heads):
        yield f"model.tiny.hidden_size {size} must be an even multiple of model.tiny.heads {heads}"
    if heads % tiny.kv_heads:
        yield f"model.tiny.heads {heads} must be a multiple of model.tiny.kv_heads {tiny.kv_heads}"
    if new >= room:
        yield f"rollout.max_new_tokens {new} leaves no room for a prompt in rollout.max_model_len {room}"


def _model_problems(model: Model, trainer: Trainer) -> Iterator[str]:
    if model.dtype == "bfloat16" and model.path != "tiny" and trainer.peft is None:
        yield (
            "model.dtype=bfloat16 rounds small updates of the weights away; keep model.dtype=float32 and set "
            "trainer.bf16=true"
        )
    for name in ("messages", "conversation", "tools", "add_generation_prompt", "tokenize"):
        if name in model.chat_template_kwargs:
            yield f"model.chat_template_kwargs.{name} is set by the run itself; leave it out"


def _judge_problems(judge: Judge, reward: Reward) -> Iterator[str]:
    kind = judge.kind
    if kind == "rules":
        return
    if kind == "openai" and not (judge.base_url and judge.model):
        yield "judge=openai needs judge.base_url and judge.model"
    if kind == "jury" and not (judge.base_url and len(set(judge.models)) > 1):
        yield "judge=jury needs judge.base_url and judge.models: two or more, better three"
    if kind == "debate" and not (judge.base_url and len(judge.models) == 2):
        yield "judge=debate needs judge.base_url and judge.models: the two who debate"
    if judge.budget is not None and not any(judge.price):
        yield "judge.budget needs judge.price: what a million tokens of prompt and of answer cost"
    if "culture" not in reward.components:
        yield (
            f"judge={kind} takes the place of the part culture, which reward.components does not have; "
            "add it, or use judge=rules"
        )


def _trainer_problems(trainer: Trainer) -> Iterator[str]:
    for name in trainer.trl:
        if name in TRL_FIELDS_SET_BY:
            yield f"trainer.trl.{name} follows from {TRL_FIELDS_SET_BY[name]}; set that instead"
        if name in TRL_FIELDS_REFUSED:
            yield f"trainer.trl.{name} {TRL_FIELDS_REFUSED[name]}"
        if name.startswith("vllm_"):
            yield f"trainer.trl.{name} has no effect, since vLLM runs in the rollout workers; set rollout.* instead"
    updates, every = trainer.minibatches * trainer.updates_per_batch, trainer.save_every
    if every % updates:  # a resumed run must begin with a batch of its own
        yield (
            f"trainer.save_every {every} must be a multiple of {updates} (trainer.minibatches "
            f"{trainer.minibatches} x trainer.updates_per_batch {trainer.updates_per_batch}), such as "
            f"{max(round(every / updates), 1) * updates}"
        )


def _data_problems(data: Data) -> Iterator[str]:
    languages, known = data.languages or [], known_languages(data.source, data.path)
    if data.source != "catalog" and data.path is None:
        yield f"data={data.source} needs data.path=<{'folder' if data.source in FOLDERS else 'file'}>"
    if len(set(languages)) < len(languages):
        yield f"data.languages names a language twice: {' '.join(languages)}"
    for name in languages:
        if known and name not in known:
            yield f"data.languages: no {name!r}{hint(name, known)}; there are {' '.join(known)}"


def _reward_problems(reward: Reward, advantage: Advantage, languages: list[str] | None) -> Iterator[str]:
    try:
        Plan.from_config(reward.model_dump() | {"languages": languages})
    except ValueError as error:
        yield str(error).removesuffix(".")
        return
    if reward.aggregation == "sum_then_normalize":
        return
    if advantage.scale == "none":
        yield (
            "reward.aggregation=normalize_then_sum normalizes each part, which advantage.scale=none forbids; "
            "choose another advantage, such as advantage=grpo"
        )
    if len(reward.components) < 2:
        yield (
            "reward.aggregation=normalize_then_sum needs two components or more; "
            "leave it at sum_then_normalize"
        )


def _cluster_problems(cluster: Cluster) -> Iterator[str]:
    if cluster.kind == "local" and cluster.address is not None:
        yield "cluster.address needs cluster=ray"
    if cluster.kind == "local" and cluster.processes > 1:
        yield f"cluster.processes {cluster.processes} needs cluster=ray"
    if cluster.kind == "local" and cluster.gpus_per_process:
        yield f"cluster.gpus_per_process {cluster.gpus_per_process} needs cluster=ray"


def _machine_problems(rollout: Rollout, cluster: Cluster) -> Iterator[str]:
    """More devices than there are. A cluster that is reached by its address is not looked at."""
    workers, tensor_parallel = rollout.workers, rollout.tensor_parallel
    ranks, gpus_per_rank = cluster.processes, cluster.gpus_per_process
    if cluster.address is not None or (workers * tensor_parallel * ranks == 1 and not gpus_per_rank):
        return
    gpus, cores = _gpus(), os.cpu_count() or 1
    devices, here = (
        (gpus, f"this machine's {gpus} GPUs") if gpus else (cores, f"this machine's {cores} cores")
    )
    if tensor_parallel > max(gpus, 1):
        yield f"rollout.tensor_parallel {tensor_parallel} is more than this machine's {gpus} GPUs"
    if workers * tensor_parallel > devices:
        yield f"rollout.workers {workers} x rollout.tensor_parallel {tensor_parallel} is more than {here}"
    needed = ranks * (gpus_per_rank + workers * tensor_parallel)
    if cluster.kind == "ray" and (gpus or gpus_per_rank) and needed > gpus:
        yield (
            f"cluster.processes {ranks} x (cluster.gpus_per_process {gpus_per_rank} + rollout.workers {workers} "
            f"x rollout.tensor_parallel {tensor_parallel}) = {needed} is more than this machine's {gpus} GPUs"
        )
    if ranks > devices:
        yield f"cluster.processes {ranks} is more than {here}"


def _gpus() -> int:
    import torch

    return torch.cuda.device_count()


def _check_peft(given: dict[str, Any]) -> None:
    from dataclasses import fields

    from peft import LoraConfig

    _check_fields("trainer.peft", "peft.LoraConfig", given, [field.name for field in fields(LoraConfig)])


def _check_fields(where: str, owner: str, given: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for name in given:
        if name not in known:
            raise ConfigError(f"{where}.{name} is not a field of {owner}{hint(name, known, where + '.')}")
