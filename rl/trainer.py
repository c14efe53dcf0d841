"""TRL's GRPOTrainer with our rollouts, our scores and our advantages.

TRL keeps the loss, the optimizer, accelerate, PEFT, checkpoints and logging. Three methods are
overridden, and each calls ``super()``; ``tests/rl/test_trainer.py`` holds their signatures.
"""

import dataclasses
import math
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import gather_object
from datasets import Dataset
from peft import LoraConfig, PeftModel
from safetensors.torch import save
from transformers import PreTrainedModel, PreTrainedTokenizerBase, TrainerCallback
from transformers.trainer_callback import PrinterCallback

# TRL is pinned and a test holds the signatures, so its note that rollout_func may change is not news.
os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
from trl import GRPOConfig, GRPOTrainer

from rewards.plan import Plan
from rewards.types import Task
from rl.advantages import advantages, normalize_then_sum
from rl.config import Advantage, Config, check_batch, check_trl_fields
from rl.errors import UserError
from rl.precision import bf16_is_fast
from rl.rollout.collect import Collector, Job, Sampled
from rl.sampler import LanguageBalancedSampler
from rl.steps import Row, Step, as_row, language_metrics


class PolyglotTrainer(GRPOTrainer):
    """GRPO over tasks in many languages.

    Args:
        collect: gives the trajectories and scores of (task, seed) pairs, and takes new weights.
        on_step: called on the main process with each step's scored samples.
    """

    args: GRPOConfig

    def __init__(
        self,
        *,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        tasks: Sequence[Task],
        config: Config,
        collect: Collector,
        on_step: Callable[[Step], None],
        callbacks: Sequence[TrainerCallback] = (),
        world_size: int = 1,
    ) -> None:
        self.tasks, self.config, self.collect, self.on_step = tasks, config, collect, on_step
        self.languages = sorted({task.language for task in tasks})
        parallel_ids = sorted({task.parallel_id for task in tasks})
        self.parallel = {parallel_id: i for i, parallel_id in enumerate(parallel_ids)}
        self.plan = Plan.from_config(config.reward.model_dump())
        self.sampled: list[Sampled] = []
        self.gathered_rewards = torch.empty(0)
        self.sent_step = -1
        self.seconds: dict[str, float] = {}
        self.generated: Step | None = None
        self.generated_at = 0.0
        dataset = Dataset.from_dict(
            {"prompt": [task.messages[-1]["content"] for task in tasks], "index": range(len(tasks))}
        )
        super().__init__(
            model=model,
            args=grpo_config(config, len(self.languages), world_size),
            processing_class=tokenizer,
            train_dataset=dataset,
            reward_funcs=[reward],
            rollout_func=self._rollout,
            callbacks=[_AfterUpdate(self.finish_step), *callbacks],
            peft_config=LoraConfig(**config.trainer.peft) if config.trainer.peft else None,
        )
        self.remove_callback(PrinterCallback)  # the live view shows what it would print

    def _get_train_sampler(self, dataset: Dataset | None = None) -> LanguageBalancedSampler:
        trainer = self.config.trainer
        return LanguageBalancedSampler(
            self.tasks,
            prompts_per_language=trainer.prompts_per_language,
            generations=trainer.generations,
            steps=-(-trainer.steps // (trainer.minibatches * trainer.updates_per_batch)),
            repeats=trainer.updates_per_batch * trainer.minibatches * trainer.accumulation,
            seed=self.config.seed,
        )

    def _rollout(self, prompts: list[Any], trainer: GRPOTrainer) -> dict[str, list[Any]]:
        """TRL's ``rollout_func``: sample and score this rank's part of the batch."""
        self.send_weights()
        self.sampled = self.collect(self.jobs, self.config.rollout.temperature)
        self.seconds |= self.collect.seconds
        trajectories = [s.trajectory for s in self.sampled]
        eos = self._tokenizer.eos_token_id  # stands, masked, where a prompt left no room: TRL wants a token
        return {
            "prompt_ids": [t.prompt_ids for t in trajectories],
            "completion_ids": [t.token_ids or [eos] for t in trajectories],
            "logprobs": [t.logprobs or [0.0] for t in trajectories],
            "env_mask": [[int(s) for s in t.sampled] or [0] for t in trajectories],
            "reward": [s.score.reward for s in self.sampled],
        }

    def send_weights(self) -> None:
        """Give the rollout workers the policy as it is now, unless they have it."""
        if self.sent_step != self.state.global_step:
            begin = time.perf_counter()
            self.collect.load_weights(self._weights(), self.state.global_step)
            self.seconds["transfer"] = time.perf_counter() - begin
            self.sent_step = self.state.global_step

    def _weights(self) -> bytes:
        """The policy as a safetensors file's bytes, adapters merged, under the base model's names."""
        model = self.accelerator.unwrap_model(self.model)
        if not isinstance(model, PeftModel):
            return save(_untied(model.state_dict()))
        model.merge_adapter()
        merged = {
            name.removeprefix("base_model.model.").replace(".base_layer.", "."): value
            for name, value in model.state_dict().items()
            if "lora_" not in name
        }
        data = save(_untied(merged))
        model.unmerge_adapter()
        return data

    def save_policy(self, folder: Path) -> None:
        """The whole policy (adapters merged) with its tokenizer, as any loader takes it."""
        model: Any = self.accelerator.unwrap_model(self.model)
        base: Any = model.get_base_model() if isinstance(model, PeftModel) else model
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.safetensors").write_bytes(self._weights())
        base.config.save_pretrained(folder)
        if base.generation_config is not None:
            base.generation_config.save_pretrained(folder)
        tokenizer: Any = self.processing_class
        tokenizer.save_pretrained(folder)

    def _calculate_rewards(
        self, inputs: list[Any], prompts: list[Any], completions: list[Any], completion_ids_list: list[Any]
    ) -> torch.Tensor:
        rewards = super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        self.gathered_rewards = rewards[:, 0]
        return rewards

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        indices = [example["index"] for example in inputs]
        self.seconds = {}
        self.jobs = [(self.tasks[i], self._seed(place)) for place, i in enumerate(indices)]
        output = super()._generate_and_score_completions(inputs)
        groups = self.accelerator.gather(
            torch.tensor([self._groups(i) for i in indices], device=self.accelerator.device)
        )
        every = self._advantages(groups)
        first = self.accelerator.process_index * len(inputs)
        output["advantages"] = every[first : first + len(inputs)].to(output["advantages"])
        self._report(output["advantages"].tolist())
        return output

    def _advantages(self, groups: torch.Tensor) -> torch.Tensor:
        """Advantages of shape [N] for all ranks' samples and their group ids [N, 3]."""
        if self.config.reward.aggregation == "sum_then_normalize":
            return group_advantages(self.gathered_rewards, groups, self.config.advantage)
        local = torch.tensor([self._parts(*pair) for pair in zip(self.jobs, self.sampled, strict=True)])
        parts, shares = self.accelerator.gather(local.to(self.accelerator.device)).cpu().unbind(1)
        grouping = _grouping(groups, self.config.advantage)
        return normalize_then_sum(parts, shares, self.gathered_rewards.cpu().isnan(), **grouping)

    def _parts(self, job: Job, sampled: Sampled) -> tuple[list[float], list[float]]:
        """The parts' values (NaN: none) and their weights."""
        weights = self.plan.weights(job[0].language, sampled.trajectory.policy_version)
        values = (sampled.score.parts[name] for name in weights)
        return [math.nan if value is None else value for value in values], list(weights.values())

    def _seed(self, place: int) -> int:
        """A seed of its own for every sample of the run; a resumed run draws the same."""
        samples = (
            len(self.languages) * self.config.trainer.prompts_per_language * self.config.trainer.generations
        )
        place += self.accelerator.process_index * (samples // self.accelerator.num_processes)
        return (self.config.seed * 1_000_003 + self.state.global_step * samples + place) * 16

    def _groups(self, index: int) -> list[int]:
        """Ids of the task's prompt, language and parallel task, alike on every rank."""
        task = self.tasks[index]
        return [index, self.languages.index(task.language), self.parallel[task.parallel_id]]

    def _report(self, local_advantages: list[float]) -> None:
        """Gather the step's samples from all ranks, log per language, hand them to ``on_step``."""
        local = [
            as_row(self.state.global_step, task, seed, sampled.trajectory, sampled.score, advantage)
            for (task, seed), sampled, advantage in zip(
                self.jobs, self.sampled, local_advantages, strict=True
            )
        ]
        rows: list[Row] = gather_object(local)
        self.generated = Step(self.state.global_step, rows, dict(self.seconds))
        self.generated_at = time.perf_counter()
        masked = sum(row.reward is None for row in rows) / len(rows)
        if masked > self.config.reward.max_masked_share:
            self.finish_step()  # so that the samples can be looked at
            raise UserError(_too_many_masked(masked, rows))
        for name, value in (language_metrics(rows) | self.collect.metrics).items():
            self._metrics["train"][name].append(value)

    def finish_step(self) -> None:
        """Hand the newest generation batch to ``on_step``, once, after its first update."""
        if self.generated is not None and self.accelerator.is_main_process:
            self.generated.seconds["update"] = time.perf_counter() - self.generated_at
            self.on_step(self.generated)
        self.generated = None


class _AfterUpdate(TrainerCallback):
    def __init__(self, call: Callable[[], None]) -> None:
        self.call = call

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.call()


def reward(
    prompts: list[Any], completions: list[Any], reward: list[float | None], **_: Any
) -> list[float | None]:
    """The score's reward, which the rollout brought along; None is masked."""
    return reward


def group_advantages(rewards: torch.Tensor, groups: torch.Tensor, config: Advantage) -> torch.Tensor:
    """Advantages of shape [N] for gathered rewards [N] and group ids [N, 3] (prompt, language, task)."""
    return advantages(rewards.cpu(), **_grouping(groups, config))


def _grouping(groups: torch.Tensor, config: Advantage) -> dict[str, Any]:
    prompt, language, task = groups.cpu().unbind(1)
    return {"prompt": prompt, "language": language, "task": task, **config.model_dump()}


def grpo_config(config: Config, languages: int, world_size: int) -> GRPOConfig:
    """TRL's settings for this run. ``trainer.trl`` may set any field that does not follow from ours."""
    check_trl_fields(config, [f.name for f in dataclasses.fields(GRPOConfig)])
    trainer = config.trainer
    completions = check_batch(config, languages)
    parts = trainer.minibatches * trainer.accumulation
    settings: dict[str, Any] = {
        "output_dir": str(config.folder / "checkpoints"),
        "run_name": config.run,
        "seed": config.seed,
        "max_steps": trainer.steps,
        "learning_rate": trainer.learning_rate,
        "lr_scheduler_type": trainer.lr_scheduler,
        "warmup_steps": trainer.warmup_steps,
        "max_grad_norm": trainer.max_grad_norm,
        "per_device_train_batch_size": completions // world_size // parts,
        "gradient_accumulation_steps": trainer.accumulation,
        "steps_per_generation": parts,
        "num_iterations": trainer.updates_per_batch,
        "num_generations": trainer.generations,
        "temperature": config.rollout.temperature,
        "max_completion_length": config.rollout.max_model_len,
        "beta": trainer.beta,
        "loss_type": trainer.loss_type,
        "bf16": bf16_is_fast() if trainer.bf16 == "auto" else trainer.bf16,
        "gradient_checkpointing": trainer.gradient_checkpointing,
        "save_strategy": "steps",
        "save_steps": trainer.save_every,
        "save_total_limit": trainer.keep,
        "report_to": list(trainer.report_to),
        "logging_steps": 1,
        "disable_tqdm": True,
        "use_cpu": not torch.cuda.is_available(),
        "remove_unused_columns": False,
        "dataloader_num_workers": 0,
    }
    return GRPOConfig(**settings | trainer.trl)


def _untied(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Each storage once (tied weights share one), contiguous and on the CPU, as safetensors wants."""
    seen: set[int] = set()
    kept = {}
    for name, value in state.items():
        if value.data_ptr() not in seen:
            seen.add(value.data_ptr())
            kept[name] = value.detach().cpu().contiguous()
    return kept


def _too_many_masked(share: float, rows: list[Row]) -> str:
    notes = Counter(
        f"{part}: {note}" for row in rows if row.reward is None for part, note in row.notes.items()
    )
    reason = notes.most_common(1)[0][0] if notes else "no reason was given"
    return (
        f"{share:.0%} of this step's scores are masked, more than reward.max_masked_share allows, most often "
        f"because of {reason}."
    )
