"""TRL's SFTTrainer on gold rows, with weights for the tokens of thoughts, calls and replies."""

from collections.abc import Sequence
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import SequentialSampler
from transformers import PreTrainedModel, PreTrainedTokenizerBase, TrainerCallback
from transformers.trainer_callback import PrinterCallback
from trl import SFTConfig, SFTTrainer

from rl.config.schema import Config
from rl.hardware.precision import autocasts
from rl.training.head import scored_on_cpus
from rl.training.sft.rows import IGNORED, GoldRow


class GoldTrainer(SFTTrainer):
    """Supervised steps over ``rows`` in their order, one pass.

    The loss of an update is ``Σ_t w_t · (−log p_t) / number of learned tokens``; with weights of 1 it is TRL's own.
    """

    def __init__(
        self,
        *,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        rows: Sequence[GoldRow],
        config: Config,
        callbacks: Sequence[TrainerCallback] = (),
    ) -> None:
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        self.pad_id = tokenizer.pad_token_id
        super().__init__(
            model=model,
            args=sft_settings(config, len(rows) // config.sft.rows),
            processing_class=tokenizer,
            train_dataset=Dataset.from_list([_example(row) for row in rows]),
            data_collator=self._collated,
            callbacks=list(callbacks),
            peft_config=LoraConfig(**config.trainer.peft) if config.trainer.peft else None,
        )
        self.remove_callback(PrinterCallback)

    def _get_train_sampler(self, dataset: Any = None) -> Any:
        assert isinstance(self.train_dataset, Dataset)
        return SequentialSampler(self.train_dataset)

    def _collated(self, examples: list[dict[str, Any]]) -> dict[str, Tensor]:
        def padded(name: str, filling: float, kind: torch.dtype) -> Tensor:
            rows = [torch.tensor(example[name], dtype=kind) for example in examples]
            return pad_sequence(rows, batch_first=True, padding_value=filling)

        ids = padded("input_ids", self.pad_id, torch.long)
        lengths = torch.tensor([len(example["input_ids"]) for example in examples])
        return {
            "input_ids": ids,
            "attention_mask": (torch.arange(ids.shape[1]) < lengths[:, None]).long(),
            "labels": padded("labels", IGNORED, torch.long),
            "token_weights": padded("token_weights", 0.0, torch.float32),
        }

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        weights = inputs.pop("token_weights")
        if bool((weights[inputs["labels"] != IGNORED] == 1).all()):
            with scored_on_cpus():
                return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)  # type: ignore[no-untyped-call]
        labels = inputs.pop("labels")
        outputs = model(**inputs, use_cache=False)
        items = (labels != IGNORED).sum() if num_items_in_batch is None else num_items_in_batch
        loss = weighted_loss(outputs.logits, labels, weights) / items
        return (loss, outputs) if return_outputs else loss


def weighted_loss(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """``Σ w_t · (−log p_t)`` of the labels, each read off the logits one place before it."""
    each = functional.cross_entropy(
        logits[:, :-1].float().flatten(0, 1), labels[:, 1:].flatten(), ignore_index=IGNORED, reduction="none"
    )
    return (each * weights[:, 1:].flatten()).sum()


def _example(row: GoldRow) -> dict[str, list[Any]]:
    return {"input_ids": row.ids, "labels": row.labels, "token_weights": row.weights}


def sft_settings(config: Config, steps: int) -> SFTConfig:
    """The run's settings as TRL's fields, for so many updates."""
    sft, trainer = config.sft, config.trainer
    return SFTConfig(
        output_dir=str(config.folder / "sft-checkpoints"),
        run_name=config.run,
        seed=config.seed,
        max_steps=steps,
        per_device_train_batch_size=sft.rows // sft.accumulation,
        gradient_accumulation_steps=sft.accumulation,
        learning_rate=sft.learning_rate,
        lr_scheduler_type=sft.lr_scheduler,
        warmup_steps=round(sft.warmup * steps),
        weight_decay=sft.weight_decay,
        max_grad_norm=trainer.max_grad_norm,
        bf16=autocasts(config),
        gradient_checkpointing=trainer.gradient_checkpointing,
        report_to=list(trainer.report_to),
        use_cpu=not torch.cuda.is_available(),
        save_strategy="no",
        logging_steps=1,
        disable_tqdm=True,
        remove_unused_columns=False,
        max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True},
    )
