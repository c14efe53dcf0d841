"""What is impossible in combination, each in one sentence. Looked at when settings are loaded, before anything runs."""

import os
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Any

from rewards.scoring.plan import Plan
from rl.config.schema import (
    Advantage,
    Cluster,
    Config,
    Curriculum,
    Evaluate,
    Judge,
    Model,
    Reward,
    Rollout,
    Sft,
    Tiny,
    Trainer,
)
from rl.config.trl import needed, trl_problems
from rl.data import FOLDERS, known_languages
from rl.data.settings import Source
from rl.errors import ConfigError, hint

SHARED_CORES = 4  # engines that a core may have to serve, where there are no GPUs


def problems(config: Config, here: bool = True) -> Iterator[str]:
    """What is impossible in combination, the cheap checks first; ``here``: on this machine, too."""
    yield from _data_problems(config.data)
    yield from _reward_problems(config.reward, config.advantage, config.data.languages)
    yield from _tiny_problems(config.model.tiny, config.rollout)
    yield from _model_problems(config.model, config.trainer)
    yield from _judge_problems(config.judge, config.reward)
    yield from _trainer_problems(config.trainer)
    yield from _sharding_problems(config.trainer, config.cluster)
    yield from _optimizer_problems(config.trainer.optimizer)
    yield from _sft_problems(config.sft, config.data.languages)
    yield from _curriculum_problems(config.trainer.curriculum, config.data.languages)
    yield from _cluster_problems(config.cluster)
    yield from _transfer_problems(config.rollout, config.cluster)
    yield from _placement_problems(config.rollout, config.cluster)
    yield from _ratio_problems(config.trainer, config.rollout)
    if here:
        yield from _machine_problems(config.rollout, config.cluster)
        if config.trainer.offload and not config.cluster.address and not _gpus():
            yield "trainer.offload needs GPUs, whose shards it moves; leave it out"
    yield from _endpoint_problems(config)
    yield from _grammar_problems(config.rollout)
    yield from _evaluate_problems(config.evaluate)
    known = known_languages(str(getattr(config.data, "source", "")), config.data.path)
    yield from _unknown_languages("evaluate.languages", config.evaluate.languages or [], known)
    if config.trainer.peft is not None:
        _check_peft(config.trainer.peft)
    if config.data.languages:
        check_batch(config, len(config.data.languages))


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


def _endpoint_problems(config: Config) -> Iterator[str]:
    if config.rollout.engine != "openai":
        return
    if not config.rollout.endpoint.base_url:
        yield "rollout=openai needs rollout.endpoint.base_url, such as http://127.0.0.1:8000/v1"
    if config.model.path == "tiny":
        yield "rollout=openai needs model=<the name that the endpoint has for its model>"
    if config.rollout.scale_tokens:
        yield "rollout.scale_tokens goes by a model's tokenizer, which an endpoint keeps to itself; leave it at false"


def _grammar_problems(rollout: Rollout) -> Iterator[str]:
    if rollout.grammar == "calls" and rollout.engine == "hf":
        yield "rollout.grammar=calls needs vLLM's structured outputs; use rollout=vllm, or leave it at none"
    if rollout.grammar == "calls" and rollout.engine == "openai":
        yield (
            "rollout.grammar=calls is the endpoint's own to do; leave it at none and start the server so (vLLM: "
            "--tool-strict-level parameter)"
        )


def _evaluate_problems(evaluate: Evaluate) -> Iterator[str]:
    if evaluate.samples > 1 and evaluate.temperature == 0:
        yield (
            f"evaluate.samples={evaluate.samples} at evaluate.temperature=0 takes the same sample again and again; "
            "set evaluate.temperature=1.0 or evaluate.samples=1"
        )
    during = evaluate.during
    if not during.every and (during.choose != "last" or during.patience or during.retained):
        yield "evaluate.during.choose, patience and retained need evaluate.during.every=<steps>"


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
            f"judge={kind} adds to the part culture, which reward.components does not have; "
            "add it, or use judge=rules"
        )


def _trainer_problems(trainer: Trainer) -> Iterator[str]:
    yield from trl_problems(trainer.trl)
    updates, every = trainer.minibatches * trainer.updates_per_batch, trainer.save_every
    if every % updates:  # a resumed run must begin with a batch of its own
        yield (
            f"trainer.save_every {every} must be a multiple of {updates} (trainer.minibatches "
            f"{trainer.minibatches} x trainer.updates_per_batch {trainer.updates_per_batch}), such as "
            f"{max(round(every / updates), 1) * updates}"
        )


def _sharding_problems(trainer: Trainer, cluster: Cluster) -> Iterator[str]:
    sharding, over, ranks = trainer.sharding, trainer.shard_over, cluster.processes
    if sharding == "none" and trainer.offload:
        yield "trainer.offload moves shards to the CPU's memory; set trainer.sharding=fsdp2, too"
    if sharding != "hsdp" and over is not None:
        yield f"trainer.shard_over={over} needs trainer.sharding=hsdp"
    if sharding == "hsdp" and ranks > 1 and (over is None or ranks % over or over in (1, ranks)):
        yield (
            f"trainer.sharding=hsdp needs trainer.shard_over: how many of the {ranks} ranks hold a copy together, a "
            "divisor of them such as a node's GPUs; for one copy over all ranks set trainer.sharding=fsdp2"
        )
    if sharding != "none" and trainer.peft is not None:
        yield (
            f"trainer.sharding={sharding} with trainer.peft cannot be sent to the engines, since the adapters cannot be "
            "merged into shards; train them unsharded (their optimizer is small), or the whole policy sharded"
        )


def _optimizer_problems(optimizer: str) -> Iterator[str]:
    if optimizer == Trainer().optimizer:
        return
    from transformers.training_args import OptimizerNames

    known = [one.value for one in OptimizerNames]
    if optimizer not in known:
        yield f"trainer.optimizer={optimizer} is none of transformers'{hint(optimizer, known)}"
    package = needed("optim", optimizer)
    if package and find_spec(package) is None:
        yield f"trainer.optimizer={optimizer} needs {package}, which is not installed; pip install {package}"


def _curriculum_problems(curriculum: Curriculum, languages: list[str] | None) -> Iterator[str]:
    for name, given in (("start", curriculum.start), ("end", curriculum.end)):
        if curriculum.kind == "schedule":
            yield from mixture_problems(f"trainer.curriculum.{name}", given, languages)
        elif given:
            yield f"trainer.curriculum.{name} needs trainer.curriculum.kind=schedule"


def _sft_problems(sft: Sft, languages: list[str] | None) -> Iterator[str]:
    mixture, known = sft.mixture, languages
    if sft.rows % sft.accumulation:
        yield f"sft.rows {sft.rows} must be a multiple of sft.accumulation {sft.accumulation}"
    if not any(sft.weights.model_dump().values()):
        yield "sft.weights are all 0, so there is nothing to learn"
    if isinstance(mixture, dict):
        yield from mixture_problems("sft.mixture", mixture, known)
        if sft.temperature is not None:
            yield "sft.temperature makes shares of its own; give sft.mixture as a list, or leave one of them out"
    for language in mixture if isinstance(mixture, list) else ():
        if known is not None and language not in known:
            yield f"sft.mixture has {language!r}, which data.languages has not{hint(language, known)}"
    if mixture is not None and not mixture:
        yield "sft.mixture is empty; name a language, or leave it at null for all of them"


def mixture_problems(where: str, shares: dict[str, float], languages: list[str] | None) -> Iterator[str]:
    """What is wrong with shares of languages; ``languages`` None: those of the data are not known yet."""
    for language in shares:
        if languages is not None and language not in languages:
            yield f"{where} has {language!r}, which data.languages has not{hint(language, languages)}"
    if abs(sum(shares.values()) - 1) > 1e-6:
        yield f"{where} sums to {sum(shares.values()):g}; the shares of all languages must sum to 1"


def _data_problems(data: Source) -> Iterator[str]:
    source = str(getattr(data, "source", ""))
    languages, known = data.languages or [], known_languages(source, data.path)
    if source not in ("catalog", "own") and data.path is None:
        yield f"data={source} needs data.path=<{'folder' if source in FOLDERS else 'file'}>"
    if len(set(languages)) < len(languages):
        yield f"data.languages names a language twice: {' '.join(languages)}"
    yield from _unknown_languages("data.languages", languages, known)


def _unknown_languages(where: str, languages: list[str], known: list[str]) -> Iterator[str]:
    for name in languages:
        if known and name not in known:
            yield f"{where}: no {name!r}{hint(name, known)}; there are {' '.join(known)}"


def _reward_problems(reward: Reward, advantage: Advantage, languages: list[str] | None) -> Iterator[str]:
    try:
        Plan.from_config(reward.model_dump() | {"languages": languages})
    except ValueError as error:
        yield str(error).removesuffix(".")
    if advantage.estimator != "grouped" or advantage.options:
        from rl.advantages import estimator

        estimator(advantage.estimator, advantage.options)
    if advantage.estimator == "gdpo" and advantage.scale == "none":
        yield (
            "advantage.estimator=gdpo normalizes each part, which advantage.scale=none forbids; "
            "choose another advantage, such as advantage=grpo"
        )
    if advantage.estimator == "gdpo" and len(reward.components) < 2:
        yield "advantage.estimator=gdpo needs two components or more; leave it at grouped"


def _cluster_problems(cluster: Cluster) -> Iterator[str]:
    if cluster.kind == "local" and cluster.address is not None:
        yield "cluster.address needs cluster=ray"
    if cluster.kind == "local" and cluster.processes > 1:
        yield f"cluster.processes {cluster.processes} needs cluster=ray"
    if cluster.kind == "local" and cluster.gpus_per_process:
        yield f"cluster.gpus_per_process {cluster.gpus_per_process} needs cluster=ray"
    if cluster.gpus_per_process > 1:
        yield (
            f"cluster.gpus_per_process={cluster.gpus_per_process} is more than the one GPU that a training rank computes "
            "on; set it to 1, and cluster.processes to the number of GPUs"
        )


def _transfer_problems(rollout: Rollout, cluster: Cluster) -> Iterator[str]:
    way = rollout.transfer
    apart = cluster.kind == "ray" and cluster.placement == "apart"
    if rollout.engine != "vllm" and way not in ("auto", "objects"):
        yield f"rollout.transfer={way} is vLLM's; use rollout=vllm, or leave it at auto"
    if way == "nccl" and not apart:
        yield (
            "rollout.transfer=nccl needs engines on devices of their own; set cluster=ray and cluster.placement=apart, "
            "or leave it at auto"
        )
    if way == "ipc" and apart:
        yield "rollout.transfer=ipc needs engines on the trainers' devices; leave it at auto"


def _placement_problems(rollout: Rollout, cluster: Cluster) -> Iterator[str]:
    if cluster.placement == "apart":
        return
    engines, ranks = rollout.workers * rollout.tensor_parallel, cluster.processes
    if rollout.engine == "openai":
        yield "cluster.placement=colocated has no endpoint on the trainers' devices; leave it at apart"
    if rollout.engine == "hf":
        yield "cluster.placement=colocated needs engines that sleep; use rollout=vllm, or leave it at apart"
    if rollout.ahead:
        yield (
            f"cluster.placement=colocated has the engines sleep while the policy is updated, so that rollout.ahead="
            f"{rollout.ahead} cannot sample meanwhile; set rollout.ahead=0 or cluster.placement=apart"
        )
    if engines > ranks:
        yield (
            f"cluster.placement=colocated puts rollout.workers {rollout.workers} x rollout.tensor_parallel "
            f"{rollout.tensor_parallel} on the devices of cluster.processes {ranks}, of which there are too few; "
            "lower rollout.workers, or set cluster.placement=apart"
        )


def _ratio_problems(trainer: Trainer, rollout: Rollout) -> Iterator[str]:
    if trainer.ratio == "policy" and rollout.ahead:
        yield (
            f"trainer.ratio=policy leaves uncorrected that rollout.ahead={rollout.ahead} has older policies sample; leave "
            "it at auto, or set rollout.ahead=0"
        )


def _machine_problems(rollout: Rollout, cluster: Cluster) -> Iterator[str]:
    """More devices than there are. A cluster that is reached by its address is not looked at."""
    workers, tensor_parallel = rollout.workers, rollout.tensor_parallel
    if rollout.transfer in ("nccl", "ipc") and cluster.address is None and not _gpus():
        yield f"rollout.transfer={rollout.transfer} needs GPUs, and this machine has none; leave it at auto"
    if rollout.transfer == "shared" and _gpus():
        yield "rollout.transfer=shared is for machines without GPUs; leave it at auto"
    ranks, gpus_per_rank = cluster.processes, cluster.gpus_per_process
    if cluster.address is not None or (workers * tensor_parallel * ranks == 1 and not gpus_per_rank):
        return
    gpus, cores = _gpus(), os.cpu_count() or 1
    devices, there_are = (
        (gpus, f"this machine's {gpus} GPUs") if gpus else (cores, f"this machine's {cores} cores")
    )
    if tensor_parallel > max(gpus, 1):
        yield f"rollout.tensor_parallel {tensor_parallel} is more than this machine's {gpus} GPUs"
    if workers * tensor_parallel > (devices if gpus else SHARED_CORES * devices):
        yield f"rollout.workers {workers} x rollout.tensor_parallel {tensor_parallel} is more than {there_are}"
    if cluster.kind == "ray":
        yield from gpu_problems(rollout, cluster, gpus, "this machine")
    if ranks > devices:
        yield f"cluster.processes {ranks} is more than {there_are}"


def gpu_problems(rollout: Rollout, cluster: Cluster, gpus: int, where: str) -> Iterator[str]:
    """Of ranks and engines that have ``gpus`` in all."""
    ranks, each = cluster.processes, cluster.gpus_per_process
    workers, tensor_parallel = rollout.workers, rollout.tensor_parallel
    if gpus and not each:
        yield f"cluster.gpus_per_process=0 leaves the training ranks without {where}'s {gpus} GPUs; set it to 1"
    shown, needed = f"cluster.processes {ranks} x cluster.gpus_per_process {each}", ranks * each
    if cluster.placement == "apart":
        shown += f" + rollout.workers {workers} x rollout.tensor_parallel {tensor_parallel}"
        needed += workers * tensor_parallel
    if (gpus or each) and needed > gpus:
        yield f"{shown} = {needed} is more than {where}'s {gpus} GPUs; lower one of them"


def _gpus() -> int:
    import torch

    return torch.cuda.device_count()


def _check_peft(given: dict[str, Any]) -> None:
    from dataclasses import fields

    from peft import LoraConfig

    check_fields("trainer.peft", "peft.LoraConfig", given, [field.name for field in fields(LoraConfig)])


def check_fields(where: str, owner: str, given: Iterable[str], known: Iterable[str]) -> None:
    known = list(known)
    for name in given:
        if name not in known:
            raise ConfigError(f"{where}.{name} is not a field of {owner}{hint(name, known, where + '.')}")
