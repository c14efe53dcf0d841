"""TRL's GRPOTrainer with our rollouts, our scores and our advantages.

TRL keeps the loss, the optimizer, accelerate, PEFT, checkpoints and logging. A few methods are
overridden, and each calls ``super()``; ``tests/rl/training/test_trainer.py`` holds their signatures.
"""

import logging
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import gather_object
from datasets import Dataset
from peft import LoraConfig
from safetensors.torch import save
from transformers import PreTrainedModel, PreTrainedTokenizerBase, TrainerCallback
from transformers.trainer_callback import PrinterCallback

# TRL is pinned and a test holds the signatures, so its note that rollout_func may change is not news.
os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
from trl import GRPOConfig, GRPOTrainer

from rewards.scoring.plan import Plan
from rewards.types import Task
from rl.advantages import Progress, estimate, kl_by_language
from rl.advantages.batch import CALL, per_sample
from rl.config.problems import check_batch
from rl.config.rewards import reward_settings
from rl.config.schema import Config
from rl.config.trl import trl_settings
from rl.errors import UserError, WeightsWanted
from rl.evaluation.metrics import language_metrics
from rl.hardware import flops
from rl.hardware.precision import chosen as chosen_dtype
from rl.hardware.precision import computed_in
from rl.pipeline.clock import StepClock
from rl.pipeline.collector import Collector, Job, Sample
from rl.pipeline.ranks import Ranks
from rl.pipeline.staleness import figures as staleness_figures
from rl.pipeline.staleness import staleness
from rl.report.samples import GenerationBatch, Row, as_row
from rl.rollout.chat import chat_of
from rl.training.batches import Batches
from rl.training.checkpoints import Randomness, read_batch, save_batch, steps_of
from rl.training.gathered import GroupIds, gathered, own_share, turns_of
from rl.training.head import scored_on_cpus
from rl.training.mismatch import Mismatch, check_agreement
from rl.training.passes import Pass, as_passes, chosen_rows, cut, lengths_of, to_count, uneven_rows
from rl.training.policy import save_policy
from rl.training.sampler import LanguageBalancedSampler
from rl.training.sharding import is_sharded, on_cpus_too, read_model, read_optimizer
from rl.training.spans import TokenKinds, chosen
from rl.weights.export import Policy, exported
from rl.weights.sender import opened
from rl.weights.way import served_rank, way

# A masked sample has no reward, by design; it is counted in our logs, and TRL prints the whole of it.
logging.getLogger("trl.trainer.grpo_trainer").addFilter(
    lambda record: not record.getMessage().startswith("All reward functions returned None")
)
# Checkpoints go by the numbers in their names here, whatever the filesystem's clock says.
logging.getLogger("transformers.trainer_utils").addFilter(
    lambda record: not record.getMessage().startswith("mtime may not be reliable")
)
# A tied head is saved once, as the embedding that it is.
logging.getLogger("transformers.trainer").addFilter(
    lambda record: not record.getMessage().endswith("checkpoint model loaded: ['lm_head.weight'].")
)


class PolyglotTrainer(GRPOTrainer):
    """GRPO over tasks in many languages.

    Args:
        collect: gives the trajectories and scores of jobs, and takes new weights; the main rank's is used.
        on_step: called on the main process with each generation batch, after its first update.
    """

    args: GRPOConfig

    def __init__(
        self,
        *,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        tasks: Sequence[Task],
        config: Config,
        collect: Collector | None,
        on_step: Callable[[GenerationBatch], None],
        callbacks: Sequence[TrainerCallback] = (),
        world_size: int = 1,
    ) -> None:
        self.tasks, self.config, self.collect, self.on_step = tasks, config, collect, on_step
        self.groups = GroupIds(tasks)
        self.plan = Plan.from_config(reward_settings(config))
        self.randomness = Randomness()
        self.progress = Progress(self.groups.languages, config.advantage.smoothing)
        self.batches = Batches(config, tasks, self.groups, self.progress, collect)
        self.kinds = TokenKinds(chat_of(tokenizer, config.model))
        self.jobs: list[Job] = []
        self.sampled: list[Sample] = []
        self.gathered_rewards = torch.empty(0)
        self.sent_step = -1
        self.checked = False  # whether engines and trainer have been found to agree
        self.seconds: dict[str, float] = {}
        self.reward_metrics: dict[str, float] = {}
        self.generated: GenerationBatch | None = None  # until its first update is done
        self.learned_tokens = 0  # of this rank in that update, prompts too: what it computes
        self.newest_logps = torch.empty(0)
        completions = check_batch(config, len(self.groups.languages))
        with on_cpus_too():
            super().__init__(
                model=model,
                args=GRPOConfig(**trl_settings(config, completions // world_size)),
                processing_class=tokenizer,
                train_dataset=Dataset.from_dict(
                    {"prompt": [task.messages[-1]["content"] for task in tasks], "index": range(len(tasks))}
                ),
                reward_funcs=[reward],
                rollout_func=self._rollout,
                callbacks=[_AfterUpdate(self._after_update), *callbacks],
                peft_config=LoraConfig(**config.trainer.peft) if config.trainer.peft else None,
            )
        accelerator = self.accelerator
        self.ranks = Ranks(accelerator.process_index, accelerator.num_processes)
        self.sender = opened(
            way(config.rollout, config.cluster),
            collect if self.ranks.is_main else None,
            self.ranks.rank,
            alone=served_rank(config) is not None,
            dtype=getattr(torch, chosen_dtype(config.rollout.dtype)),
        )
        self.mismatch = Mismatch(self.groups.languages)
        self.clock = StepClock(list if collect is None else collect.busy)
        self.remove_callback(PrinterCallback)  # the live view shows what it would print

    def _get_train_sampler(self, dataset: Dataset | None = None) -> LanguageBalancedSampler:
        return self.batches.new_sampler()

    # Sampling

    def _take(self) -> list[int]:
        """This rank's part of the generation batch, which the main rank samples for all; its tasks' indices."""
        while True:
            self.send_weights()
            try:
                with self.clock.waiting():
                    self.jobs, self.sampled = self.batches.take(self.state.global_step, self.ranks)
                break
            except WeightsWanted:
                self.sent_step = -1
        if self.batches.whole is not None:
            self.seconds |= self.batches.whole.seconds
            self.reward_metrics = self.batches.whole.metrics
        return [self.groups.index(job.task) for job in self.jobs]

    def _rollout(self, prompts: list[Any], trainer: GRPOTrainer) -> dict[str, list[Any]]:
        """TRL's ``rollout_func``: this rank's part of the batch, which has been sampled and scored."""
        trajectories = [sample.trajectory for sample in self.sampled]
        eos = self._tokenizer.eos_token_id  # stands, masked, where a prompt left no room: TRL wants a token
        return {
            "prompt_ids": [t.prompt_ids for t in trajectories],
            "completion_ids": [t.token_ids or [eos] for t in trajectories],
            "logprobs": [t.logprobs or [0.0] for t in trajectories],
            "env_mask": [chosen(t, self._by_grammar) or [0] for t in trajectories],
            "reward": [sample.score.reward for sample in self.sampled],
        }

    # Weights

    def send_weights(self) -> None:
        """Give the rollout workers the policy as it is now, unless they have it; on all ranks, which gather it."""
        if self.sent_step != self.state.global_step:
            begin = time.perf_counter()
            if self.config.cluster.placement == "colocated":
                torch.cuda.empty_cache()  # the engines wake on what is free on all devices
                self.accelerator.wait_for_everyone()
            with self.clock.waiting(), self._traced("transfer"):
                self._send_to_engines()
            self.seconds["transfer"] = time.perf_counter() - begin
            self.sent_step = self.state.global_step

    def _send_to_engines(self) -> None:
        """An engine that does not take them fails on the main rank; all ranks raise it, once all is gathered."""
        policy, failed = self._policy(), None
        try:
            self.sender.send(policy, self.state.global_step)
        except Exception as error:
            policy.finish()
            failed = error
        self.ranks.agree(failed)

    def put_to_sleep(self) -> None:
        """Engines that share the ranks' devices, until weights are sent again; on all ranks."""
        if self.config.cluster.placement == "colocated":
            self.ranks.from_main(self._engines_sleep)
            self.sent_step = -1

    def _engines_sleep(self) -> None:
        assert self.collect is not None, "the main rank has the engines"
        self.collect.sleep()

    def _policy(self) -> Policy:
        return Policy(self.accelerator.unwrap_model(self.model))

    def save_policy(self, folder: Path) -> None:
        """The whole policy (adapters merged) with its tokenizer, as any loader takes it; on all ranks."""
        policy: Any = self._policy()
        if self.ranks.is_main:
            save_policy(policy.model, self.processing_class, self._weights(), folder)
        elif policy.is_sharded:
            deque(policy, maxlen=0)

    def _weights(self) -> bytes:
        """The whole policy as a safetensors file."""
        return save(exported(self.accelerator.unwrap_model(self.model)))

    # Advantages

    def _calculate_rewards(
        self, inputs: list[Any], prompts: list[Any], completions: list[Any], completion_ids_list: list[Any]
    ) -> torch.Tensor:
        rewards: torch.Tensor = super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        own = [self._staleness(sample) for sample in self.sampled]
        ages = self.accelerator.gather(torch.tensor(own, device=rewards.device))
        rewards[ages > self.config.rollout.ahead] = torch.nan
        self.gathered_rewards = rewards[:, 0]
        return rewards

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        indices = self._take()
        output = super()._generate_and_score_completions(inputs)
        groups = [self.groups.of(index) for index in indices]
        batch = gathered(
            self.accelerator,
            self.gathered_rewards,
            groups,
            self.jobs,
            self.sampled,
            self.plan,
            self.kinds,
            self.groups.languages,
            output.get("ref_per_token_logps"),
        )
        every = estimate(self.progress.after(batch), self.config.advantage)
        for name, value in kl_by_language(batch).items():
            self._metrics["train"][name].append(value)
        output["advantages"] = own_share(every, self.accelerator.process_index, output)
        output["language"] = torch.tensor(
            [language for _, language, _ in groups], device=self.accelerator.device
        )
        output["fresh"] = torch.tensor(
            [self._staleness(sample) <= self.config.rollout.ahead for sample in self.sampled],
            device=self.accelerator.device,
        )
        if self._by_grammar:
            output["outside_calls"] = self._outside_calls(output["completion_mask"])
        if self._ratio_is_to_sampling:
            output["old_per_token_logps"] = output["sampling_per_token_logps"]
        self._report(per_sample(output["advantages"], turns_of(self.sampled)))
        return output

    def _staleness(self, sample: Sample) -> int:
        return staleness(sample, self.state.global_step)

    @property
    def _by_grammar(self) -> bool:
        return self.config.rollout.grammar != "none"

    def _outside_calls(self, mask: torch.Tensor) -> torch.Tensor:
        """Which tokens stand in no call, shaped like the mask: there a grammar leaves the whole distribution."""
        found = torch.zeros_like(mask)
        for row, sample in zip(found, self.sampled, strict=True):
            kinds = self.kinds.of(sample.trajectory.token_ids, sample.trajectory.sampled)
            row[: len(kinds)] = torch.tensor(kinds, device=row.device) != CALL
        return found

    @property
    def _ratio_is_to_sampling(self) -> bool:
        """Whether the loss's ratio is to the policy that sampled: it corrects staleness and the engine's arithmetic."""
        ratio, rollout = self.config.trainer.ratio, self.config.rollout
        differs = rollout.ahead > 0 or chosen_dtype(rollout.dtype) != computed_in(self.config)
        return ratio == "sampling" or (ratio == "auto" and differs)

    def _get_per_token_logps_and_entropies(self, *args: Any, **kwargs: Any) -> Any:
        with scored_on_cpus():
            found = super()._get_per_token_logps_and_entropies(*args, **kwargs)
        self.newest_logps = found[0].detach()
        return found

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> torch.Tensor:
        """TRL's, in several passes where a token budget says so; of all but the last, the gradients are there when
        it returns."""
        with self._traced("update"):
            return self._loss_in_passes(model, self._passes(inputs))

    def _loss_in_passes(self, model: Any, passes: list[Pass]) -> torch.Tensor:
        done = torch.zeros((), device=self.accelerator.device)
        for one in passes[:-1]:
            # Gradients that are parted are summed at each pass: whole ones would not fit.
            with nullcontext() if self.is_fsdp_enabled else self.accelerator.no_sync(model):
                loss = self._loss_of(model, one)
                self.accelerator.backward(loss)
            done += loss.detach()
        return self._loss_of(model, passes[-1]) + done

    def _passes(self, inputs: dict[str, Any]) -> list[Pass]:
        budget = self.config.trainer.tokens_per_pass
        rows = chosen_rows(inputs, skip=self._only_advantages_teach)
        if budget is None and len(rows) == len(inputs["advantages"]):
            return [Pass(inputs, 1.0)]
        places = cut(lengths_of(inputs)[rows], budget)
        if budget is not None:
            count = torch.tensor(len(places), device=self.accelerator.device)
            places = to_count(places, int(self.accelerator.gather(count[None]).max()))
        return as_passes(
            inputs, rows, places, self.loss_type, self.config.trainer.trl.get("pad_to_multiple_of")
        )

    @property
    def _only_advantages_teach(self) -> bool:
        """Whether a row whose advantage is 0 changes nothing: no term of the loss but the policy's, and no quantile
        over rows."""
        other = self.beta or self._entropy_bonus_enabled or self.aux_loss_enabled
        return not other and self.top_entropy_quantile == 1.0

    def _loss_of(self, model: Any, one: Pass) -> torch.Tensor:
        inputs = one.inputs
        compute: Callable[..., torch.Tensor] = self._compute_loss
        with uneven_rows(self.accelerator):
            loss = compute(model, inputs)
        if self.generated is not None:  # the batch's first update: what comes later is our own learning
            mask = (
                inputs["completion_mask"] * inputs["tool_mask"] * inputs["fresh"][:, None] * bool(one.weight)
            )
            self.learned_tokens += int(lengths_of(inputs).sum()) * bool(one.weight)
            sampled, language = inputs["sampling_per_token_logps"], inputs["language"]
            self.mismatch.add(self.newest_logps, sampled, mask, language)
            if not self.checked:
                comparable = mask * inputs["outside_calls"] if self._by_grammar else mask
                check_agreement(self.newest_logps, sampled, comparable, self.accelerator)
                self.checked = not self.config.rollout.check_each_step
        return loss * one.weight

    # Reporting

    def _report(self, local_advantages: list[float]) -> None:
        """Gather the batch's samples from all ranks, log per language, keep them for ``on_step``."""
        local = [as_row(*one) for one in zip(self.jobs, self.sampled, local_advantages, strict=True)]
        rows: list[Row] = gather_object(local)
        step = self.state.global_step
        ages = [(row.language, step - row.lowest_version if row.length else 0, row.length) for row in rows]
        figures = staleness_figures(ages, self.config.rollout.ahead) | {
            name: value for name, value in self.reward_metrics.items() if name.startswith("language/")
        }
        self.generated, self.seconds = GenerationBatch(step, rows, self.seconds, figures), {}
        self.learned_tokens = 0
        self.clock.update()
        masked = sum(row.reward is None for row in rows) / len(rows)
        if masked > self.config.reward.max_masked_share:
            self.finish_step()  # so that the samples can be looked at
            raise UserError(_too_many_masked(masked, rows))
        for name, value in (language_metrics(rows) | self.reward_metrics).items():
            self._metrics["train"][name].append(value)

    def finish_step(self) -> None:
        """Hand the newest generation batch to ``on_step``, once, after its first update."""
        batch, self.generated = self.generated, None
        if batch is None:
            return
        batch.figures |= self.mismatch.figures(self.accelerator)
        tokens = sum(self.ranks.gathered(self.learned_tokens))
        for name, value in batch.figures.items():
            self._metrics["train"][name].append(value)
        self.ranks.from_main(lambda: self._hand_on(batch, tokens))

    def _hand_on(self, batch: GenerationBatch, learned_tokens: int) -> None:
        """On the main rank, whose clock it is."""
        batch.seconds["update"] = seconds = time.perf_counter() - self.clock.update_began
        batch.figures |= self.clock.figures(sum(row.length for row in batch.rows), flops.gpus_of(self.config))
        model = self.accelerator.unwrap_model(self.model)
        if (mfu := flops.of_update(model, learned_tokens, seconds, self.ranks.world)) is not None:
            batch.figures["mfu"] = mfu
        for name, spent in batch.seconds.items():
            self._metrics["train"][f"seconds/{name}"].append(spent)
        self.on_step(batch)

    def _traced(self, what: str) -> AbstractContextManager[None]:
        trace = None if self.collect is None else self.collect.trace
        return nullcontext() if trace is None else trace.span(what, f"{what} {self.state.global_step}")

    def _after_update(self) -> None:
        self.progress.has_learned()
        self.randomness.keep()
        self.finish_step()
        if self.config.rollout.ahead and self.state.global_step < self.state.max_steps:
            self.send_weights()
            self.batches.begin_after(self.state.global_step)

    # Checkpoints

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """TRL's, how far the languages are, which prompts they had, and what is left of a generation batch that feeds
        more updates."""
        folder = Path(str(self.args.output_dir)) / f"checkpoint-{self.state.global_step}"
        if self.accelerator.is_main_process:
            self.progress.save(folder)
            self.batches.sampler.save(folder)
        if self.state.global_step % self.batches.updates and self._buffered_inputs:
            save_batch(folder, self.accelerator.process_index, self._buffered_inputs)
        self.randomness.restore()
        save_as_trl: Callable[..., None] = super()._save_checkpoint
        save_as_trl(model, trial)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """TRL's; one rank reads what many have written, and many what one has."""
        if is_sharded(Path(resume_from_checkpoint)) == self.is_fsdp_enabled:
            super()._load_from_checkpoint(resume_from_checkpoint, model)
        else:
            trained: Any = model if model is not None else self.model
            read_model(Path(resume_from_checkpoint), trained)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if not checkpoint or is_sharded(Path(checkpoint)) == self.is_fsdp_enabled:
            load_as_trl: Callable[..., None] = super()._load_optimizer_and_scheduler
            load_as_trl(checkpoint)
        else:
            assert self.optimizer is not None and self.lr_scheduler is not None, "they are made before"
            model: Any = self.accelerator.unwrap_model(self.model)
            read_optimizer(Path(checkpoint), model, self.optimizer)
            schedule = torch.load(Path(checkpoint) / "scheduler.pt", weights_only=True)
            self.lr_scheduler.load_state_dict(schedule)

    def train(
        self,
        resume_from_checkpoint: str | bool | None = None,
        trial: Any = None,
        ignore_keys_for_eval: list[str] | None = None,
    ) -> Any:
        """TRL's; a checkpoint within a generation batch is gone on from with what is left of the batch."""
        if resume_from_checkpoint:
            folder, accelerator = Path(str(resume_from_checkpoint)), self.accelerator
            rank, ranks = accelerator.process_index, accelerator.num_processes
            self.progress.read(folder)
            self.batches.sampler.read(folder)
            self._step = steps_of(folder) * self.args.gradient_accumulation_steps
            self._buffered_inputs: Any = read_batch(folder, rank, ranks, accelerator.device)
        return super().train(resume_from_checkpoint, trial, ignore_keys_for_eval)


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


def _too_many_masked(share: float, rows: list[Row]) -> str:
    masked = [row for row in rows if row.reward is None]
    silent = [
        f"{part}: {row.notes.get(part, '')}"
        for row in masked
        for part, value in row.parts.items()
        if value is None
    ]
    failed = [note for note in silent if ": failed: " in note and ": failed: with " not in note]  # of itself
    notes = Counter(failed or silent)
    reason = notes.most_common(1)[0][0] if notes else "no reason was given"
    return (
        f"{share:.0%} of this step's scores are masked, more than reward.max_masked_share allows, most often "
        f"because of {reason}; mend that, or raise the setting."
    )
