"""The advantages that a finished run's samples would have had under other settings, beside those that it used."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import pyarrow.parquet as pq
import torch
from rich.table import Table
from torch import Tensor

from rewards.scoring.plan import Plan
from rl.advantages import GatheredBatch, estimate
from rl.advantages.batch import per_sample
from rl.config.schema import Advantage
from rl.errors import UserError
from rl.evaluation.languages import english_first
from rl.report.reading import Sample, check_run, samples_of

USED = "used"
ZERO = 1e-9
ALL = "all"
Figures = dict[str, dict[str, float]]  # by language


@dataclass(frozen=True)
class Batch:
    """The samples of one generation batch, and the turn of each of their tokens [N, T] (-1: not the policy's)."""

    samples: list[Sample]
    turns: Tensor


def batches_of(run: Path) -> list[Batch]:
    """The generation batches of a run's folder. Raises UserError where it has no samples of training.

    Without ``report.tokens`` a sample's tokens are taken as one turn, which only estimators that give
    an advantage to each token would see.
    """
    check_run(run)
    files = sorted((run / "rollouts").glob("step-*.parquet"))
    if not files:
        raise UserError(
            f"{run} has no samples of training (rollouts/step-*.parquet), so there is nothing to recompute."
        )
    return [Batch(samples_of(file), _turns(file)) for file in files]


def _turns(file: Path) -> Tensor:
    kept = pq.ParquetFile(file)
    name = "sampled" if "sampled" in kept.schema_arrow.names else "length"
    values = kept.read(columns=[name])[name].to_pylist()
    rows = [torch.zeros(value).long() if name == "length" else _numbered(value) for value in values]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=-1)


def _numbered(sampled: Sequence[bool]) -> Tensor:
    chosen = torch.tensor([False, *sampled])
    begins = (chosen[1:] & ~chosen[:-1]).long()
    return (begins.cumsum(0) - 1).masked_fill(~chosen[1:], -1)


def recomputed(batches: Sequence[Batch], plan: Plan, settings: Advantage) -> list[list[float]]:
    """Each sample's advantage under the settings, by batch: the mean over the tokens that the policy chose."""
    return [per_sample(estimate(_gathered(batch, plan), settings), batch.turns) for batch in batches]


def _gathered(batch: Batch, plan: Plan) -> GatheredBatch:
    samples = batch.samples
    rewards = torch.tensor([_number(sample["reward"]) for sample in samples])
    values = [[_number(sample["parts"].get(name)) for name in plan.places] for sample in samples]
    shares = [list(plan.weights(sample["language"], sample["step"]).values()) for sample in samples]
    return GatheredBatch(
        rewards,
        torch.tensor(values),
        torch.tensor(shares),
        _ids(samples, "task_id"),
        _ids(samples, "language"),
        _ids(samples, "parallel_id"),
        batch.turns,
        tuple(plan.places),
        tuple(sorted({sample["language"] for sample in samples})),
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _ids(samples: Sequence[Sample], column: str) -> Tensor:
    numbers = {name: i for i, name in enumerate(sorted({sample[column] for sample in samples}))}
    return torch.tensor([numbers[sample[column]] for sample in samples])


def study(batches: Sequence[Batch], plan: Plan, variants: Mapping[str, Advantage]) -> dict[str, Figures]:
    """By variant (``used``: the run's own) and language (and ``all``): ``gradient_share``, of summed absolute advantage
    times length; ``zero`` and ``changed``, shares of the samples that are not masked: whose advantage is zero, and
    whose sign is opposite to the used one's; ``spread``, the root mean square."""
    used = [[sample["advantage"] for sample in batch.samples] for batch in batches]
    every = {USED: used} | {name: recomputed(batches, plan, own) for name, own in variants.items()}
    return {name: _figures(batches, used, found) for name, found in every.items()}


def _figures(
    batches: Sequence[Batch], used: Sequence[Sequence[float]], found: Sequence[Sequence[float]]
) -> Figures:
    rows = [
        (sample["language"], sample["length"], before, after)
        for batch, befores, afters in zip(batches, used, found, strict=True)
        for sample, before, after in zip(batch.samples, befores, afters, strict=True)
        if sample["reward"] is not None
    ]
    pull = sum(abs(after) * length for _, length, _, after in rows)
    languages = english_first({language for language, *_ in rows})
    table: Figures = {}
    for language in [*languages, ALL]:
        own = [row for row in rows if language in (row[0], ALL)]
        table[language] = {
            "gradient_share": sum(abs(after) * length for _, length, _, after in own) / pull if pull else 0.0,
            "zero": fmean(abs(after) < ZERO for *_, after in own),
            "changed": fmean(_sign(before) * _sign(after) < 0 for *_, before, after in own),
            "spread": math.sqrt(fmean(after * after for *_, after in own)),
        }
    return table


def _sign(value: float) -> int:
    return 0 if abs(value) < ZERO else 1 if value > 0 else -1


def study_table(found: Mapping[str, Figures]) -> Table:
    """A row a language, a group of columns a variant."""
    table = Table(title="Advantages of the run's samples: those it used, and those of other settings")
    table.add_column("language")
    for name in found:
        for figure in ("gradient share", "zero", *(() if name == USED else ("sign changed",))):
            table.add_column(f"{name}\n{figure}", justify="right")
    for language in found[USED]:
        cells: list[str] = []
        for name, figures in found.items():
            own = figures[language]
            shown = ("gradient_share", "zero", *(() if name == USED else ("changed",)))
            cells += [f"{own[figure]:.3f}" for figure in shown]
        table.add_row(language, *cells)
    return table


def as_json(found: Mapping[str, Figures], variants: Mapping[str, Advantage]) -> dict[str, Any]:
    """All figures, with each variant's settings."""
    return {
        name: {"settings": variants[name].model_dump() if name in variants else None, "languages": figures}
        for name, figures in found.items()
    }
