"""How far the policy that samples is from the one that trains, by language.

They differ by the engine's arithmetic and, where sampling runs ahead, by the updates in between. Of each token that
the policy chose, ``d`` is its log-probability now less that when sampled, and ``exp(d)`` the ratio of the two.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from rl.errors import UserError

AGREE = 0.1  # nats a token: bfloat16 beside float32 makes a tenth of that, another model many times as much


def check_agreement(now: Tensor, sampled: Tensor, mask: Tensor, accelerator: Any) -> None:
    """Refuse engines whose policy is not the one that trains. Log-probabilities of shape [B, T] and a mask of the tokens
    that count, of samples that are not stale; on all ranks. Raises UserError."""
    apart = torch.where(mask.bool(), now.detach().float() - sampled, 0.0).abs().sum()
    total = torch.stack([apart, mask.sum().to(apart)])
    apart, tokens = accelerator.gather(total[None]).sum(0).tolist()
    if tokens and apart / tokens > AGREE:
        raise UserError(
            f"The engines' log-probabilities are {apart / tokens:.2g} nats a token from the trainer's, where {AGREE} is "
            "much: they serve another model or other weights than those that are trained. Check model.path and "
            "model.dtype, and rollout.dtype (float32 tells whether it is the arithmetic)."
        )


class Mismatch:
    """Sums over the tokens of each language, on this rank, until they are asked for."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = list(languages)
        self._clear()

    def _clear(self) -> None:
        size = len(self.languages)
        self.sums = torch.zeros(size, 2, dtype=torch.float64)  # tokens, and their terms of the divergence
        # Of d: the lowest, less; the highest.
        self.extremes = torch.full((size, 2), -torch.inf, dtype=torch.float64)

    def add(self, now: Tensor, sampled: Tensor, mask: Tensor, language: Tensor) -> None:
        """Log-probabilities of shape [B, T], a mask of the tokens that count, and each row's language [B]."""
        mask, language = mask.bool().cpu(), language.cpu()
        d = (now.detach().float() - sampled).double().cpu().masked_fill(~mask, 0.0)
        divergence = (torch.expm1(d) - d).sum(1)
        self.sums.index_add_(0, language, torch.stack([mask.sum(1).double(), divergence], 1))
        highest = torch.stack([-d, d], 2).masked_fill(~mask[:, :, None], -torch.inf).amax(1)
        self.extremes.scatter_reduce_(0, language[:, None].expand(-1, 2), highest, "amax")

    def figures(self, accelerator: Any) -> dict[str, float]:
        """Of all ranks together, for each language: ``mismatch_kl``, the mean of ``exp(d) - 1 - d``, which estimates
        the divergence of the sampling policy from the training one in nats a token, and the lowest and the highest
        ratio, ``ratio_min`` and ``ratio_max``. Begins anew."""
        device = accelerator.device
        kind = torch.float32 if device.type == "mps" else torch.float64
        every: Tensor = accelerator.gather(
            torch.cat([self.sums, self.extremes], 1)[None].to(device, kind)
        ).cpu()
        self._clear()
        sums, extremes = every[:, :, :2].sum(0), every[:, :, 2:].amax(0)
        found: dict[str, float] = {}
        for language, (tokens, divergence), (low, high) in zip(
            self.languages, sums.tolist(), extremes.exp().tolist(), strict=True
        ):
            if tokens:
                found |= {
                    f"language/{language}/mismatch_kl": divergence / tokens,
                    f"language/{language}/ratio_min": 1 / low,
                    f"language/{language}/ratio_max": high,
                }
        return found
