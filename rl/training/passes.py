"""What of a micro-batch is computed, in how many passes: rows that teach nothing are left out, the others may be
sorted by length and cut to a budget of tokens. The loss and its gradient stay what they are, to float error.

Shapes: B rows, P columns of the prompt (padded on the left), C of the completion (padded on the right).
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Inputs = dict[str, Any]
MEAN_OF_ROWS = ("grpo", "sapo", "luspo", "dr_grpo")  # losses that divide by a micro-batch's rows
MEAN_OF_TOKENS = ("bnpo",)  # and by its tokens; the others' divisor is the generation batch's


@dataclass(frozen=True)
class Pass:
    """Rows of a micro-batch, their common padding cut off, and what their loss counts in the whole's."""

    inputs: Inputs
    weight: float


def chosen_rows(inputs: Inputs, skip: bool) -> Tensor:
    """Indices of the rows to compute; with ``skip`` those whose advantage is 0 are left out, but for one where there
    is no other: ranks go through a model together."""
    advantages: Tensor = inputs["advantages"]
    taught = advantages.ne(0).reshape(len(advantages), -1).any(1)
    if not skip or taught.all():
        return torch.arange(len(advantages), device=advantages.device)
    return taught.nonzero()[:, 0] if taught.any() else torch.zeros(1, dtype=torch.long, device=taught.device)


def cut(lengths: Tensor, budget: int | None) -> list[list[int]]:
    """Places of rows of those lengths, longest first, in as few passes as hold ``budget`` padded tokens each, or one
    row."""
    order = lengths.argsort(descending=True, stable=True).tolist()
    if budget is None:
        return [order]
    found: list[list[int]] = []
    for place in order:
        last = found[-1] if found else None
        if last is not None and (len(last) + 1) * int(lengths[last[0]]) <= budget:
            last.append(place)
        else:
            found.append([place])
    return found


def to_count(passes: list[list[int]], count: int) -> list[list[int]]:
    """As many passes as the rank with the most has: the largest are halved; where each has one row, [] stand in."""
    passes = list(passes)
    while len(passes) < count:
        largest = max(passes, key=len)
        if len(largest) < 2:
            return passes + [[]] * (count - len(passes))
        at, half = passes.index(largest), len(largest) // 2
        passes[at : at + 1] = [largest[:half], largest[half:]]
    return passes


def as_passes(
    inputs: Inputs, rows: Tensor, places: list[list[int]], loss_type: str, multiple: int | None
) -> list[Pass]:
    """The passes over ``rows`` of a micro-batch; widths are multiples of ``multiple``, where it is given."""
    tokens = _mask(inputs).sum(1)
    found = []
    for own in places:
        index = rows[own] if own else rows[:1]
        weight = 1.0 if own else 0.0
        if loss_type in MEAN_OF_ROWS:
            weight *= len(own) / len(tokens)
        if loss_type in MEAN_OF_TOKENS:
            weight *= float(tokens[index].sum().clamp(min=1) / tokens.sum().clamp(min=1))
        found.append(Pass(trimmed(_taken(inputs, index), multiple), weight))
    return found


def lengths_of(inputs: Inputs) -> Tensor:
    """Tokens of each row, prompt and completion, shape [B]."""
    total: Tensor = inputs["prompt_mask"].sum(1) + inputs["completion_mask"].sum(1)
    return total


def trimmed(inputs: Inputs, multiple: int | None) -> Inputs:
    """The rows without the columns of padding that all of them share."""
    prompt = _width(inputs["prompt_mask"], multiple)
    completion = _width(inputs["completion_mask"], multiple)
    columns = inputs["completion_ids"].shape[1]
    cut_off = {}
    for name, value in inputs.items():
        if name.startswith("prompt_"):
            cut_off[name] = value[:, value.shape[1] - prompt :]
        elif isinstance(value, Tensor) and value.dim() == 2 and value.shape[1] == columns:
            cut_off[name] = value[:, :completion]
        else:
            cut_off[name] = value
    return cut_off


def _width(mask: Tensor, multiple: int | None) -> int:
    longest = max(int(mask.sum(1).max()), 1)
    return min(longest if not multiple else -(-longest // multiple) * multiple, mask.shape[1])


def _taken(inputs: Inputs, index: Tensor) -> Inputs:
    return {
        name: value[index] if isinstance(value, Tensor) and value.dim() else value
        for name, value in inputs.items()
    }


def _mask(inputs: Inputs) -> Tensor:
    mask: Tensor = inputs["completion_mask"]
    return mask * inputs["tool_mask"] if "tool_mask" in inputs else mask


@contextmanager
def uneven_rows(accelerator: Any) -> Iterator[None]:
    """The rows of a pass differ by rank, and TRL gathers a figure of each: NaN stands for those that a rank lacks, which
    its means and extremes leave out."""
    gather = accelerator.gather

    def padded(figures: Tensor) -> Any:
        even = accelerator.pad_across_processes(figures, pad_index=math.nan) if figures.ndim else figures
        return gather(even)

    if accelerator.num_processes > 1:
        accelerator.gather = padded
    try:
        yield
    finally:
        accelerator.gather = gather
