"""What a policy has kept of another data set: how surely it would still write that set's gold trajectories."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from rewards.types import Task
from rl.config.schema import TokenWeights
from rl.rollout.chat import Chat
from rl.training.sft.rows import IGNORED, GoldRow, gold_row, gold_turns
from rl.training.spans import TokenKinds


def gold_of(tasks: Sequence[Task], chat: Chat, longest: int) -> dict[str, GoldRow]:
    """The gold trajectories of at most ``longest`` tokens, by task; tasks that have none are left out."""
    kinds, weights = TokenKinds(chat), TokenWeights()
    found = {
        task.id: gold_row(task, turns, chat, kinds, weights)
        for task in tasks
        if (turns := list(gold_turns(task)))
    }
    return {task: row for task, row in found.items() if len(row.ids) <= longest}


@torch.no_grad()
def losses(model: nn.Module, rows: Mapping[str, GoldRow]) -> dict[str, float]:
    """Nats a token of what the assistant says in each row, by task; of a sharded model, on all ranks alike."""
    training, device = model.training, next(model.parameters()).device
    model.eval()
    found = {task: _loss(model, row, device) for task, row in rows.items()}
    model.train(training)
    return found


def _loss(model: Any, row: GoldRow, device: torch.device) -> float:
    ids = torch.tensor([row.ids], device=device)
    logits = model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False).logits
    labels = torch.tensor(row.labels, device=device)
    return float(functional.cross_entropy(logits[0, :-1].float(), labels[1:], ignore_index=IGNORED))
