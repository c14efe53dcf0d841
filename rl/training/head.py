"""TRL's fused head where a CPU trains: only tokens that are scored, in tiles that PyTorch's own products are fast at.

Without Triton TRL 1.16 projects all positions onto the vocabulary, prompts and padding with them, since devices that
compile for each shape would wait, and multiplies gradients in float32. Here all tiles have the same ``ROWS``, the scored
tokens are cut and padded to them, and products are in the precision of the forward pass, summed in float32.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from trl.kernels import ChunkedLogProbFunction
from trl.kernels.chunked_logprob import _use_triton
from trl.trainer import utils as trl_utils

OUTPUTS = {"log_probs", "entropy", "is_top1"}
ROWS = 512  # tokens of a tile; oneDNN keeps a kernel and its buffers for every shape


class Head(torch.autograd.Function):
    """Log-probabilities of targets under ``softmax(transform(hidden @ weightᵀ + bias))``, and the entropies.

    What ``trl.kernels.ChunkedLogProbFunction`` gives, whose arguments these are: ``hidden [N, H]``, ``weight [V, H]``, ``bias
    [V]``, ``targets [N]`` to log-probabilities ``[N]`` and, where ``outputs`` names them, entropies in nats and whether the
    target is the likeliest token, ``[N]`` each.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        targets: Tensor,
        temperature: float,
        softcap: float | None,
        scale: float,
        outputs: tuple[str, ...],
    ) -> tuple[Tensor | None, ...]:
        ctx.set_materialize_grads(False)
        ctx.dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else hidden.dtype
        ctx.transform = temperature, softcap, scale
        head, offset = weight.to(ctx.dtype).t(), None if bias is None else bias.to(ctx.dtype)
        scored, entropies, best, normalizers = [], [], [], []
        for rows, wanted in _tiles(hidden, targets):
            logits = _logits(rows.to(ctx.dtype), head, offset, *ctx.transform)
            log_z = logits.logsumexp(1)
            scored.append(logits.gather(1, wanted[:, None])[:, 0] - log_z)
            normalizers.append(log_z)
            if "entropy" in outputs:
                entropies.append(log_z - (logits.sub(log_z[:, None]).exp_() * logits).sum(1))
            if "is_top1" in outputs:
                best.append(logits.argmax(1) == wanted)
        log_probs, entropy, is_top1 = (
            torch.cat(tiles)[: len(hidden)] if tiles else None for tiles in (scored, entropies, best)
        )
        if is_top1 is not None:
            ctx.mark_non_differentiable(is_top1)
        ctx.save_for_backward(hidden, weight, bias, targets, torch.cat(normalizers), entropy)
        return log_probs, entropy, is_top1

    @staticmethod
    def backward(ctx: Any, of_log_probs: Tensor | None, of_entropies: Tensor | None, _: Any) -> Any:
        hidden, weight, bias, targets, log_z, entropy = ctx.saved_tensors
        head, offset = weight.to(ctx.dtype), None if bias is None else bias.to(ctx.dtype)
        of_hidden: list[Tensor] = []
        of_weight, of_bias = (
            torch.zeros_like(p, dtype=torch.float32) if needed else None
            for p, needed in zip((weight, bias), ctx.needs_input_grad[1:3], strict=True)
        )
        of_log_probs, of_entropies = (None if g is None else g.float() for g in (of_log_probs, of_entropies))
        for place, (rows, wanted) in enumerate(_tiles(hidden, targets)):
            inner, own = rows.to(ctx.dtype), slice(place * ROWS, (place + 1) * ROWS)
            logits = _logits(inner, head.t(), offset, *ctx.transform)
            log_p = logits - log_z[own, None]
            of_scored = logits.new_zeros(ROWS) if of_log_probs is None else _padded(of_log_probs[own])
            # d log p_target / dz_j = 1[j = target] − p_j, d entropy / dz_j = −p_j (log p_j + entropy)
            gradient = log_p.exp().neg_()
            if of_entropies is None:
                gradient *= of_scored[:, None]
            else:
                log_p += _padded(entropy[own])[:, None]
                gradient *= log_p.mul_(_padded(of_entropies[own])[:, None]).add_(of_scored[:, None])
            gradient.scatter_add_(1, wanted[:, None], of_scored[:, None])
            gradient = _through(gradient, logits, *ctx.transform).to(ctx.dtype)
            of_hidden.append(gradient @ head)
            if of_weight is not None:
                of_weight += gradient.t() @ inner
            if of_bias is not None:
                of_bias += gradient.sum(0, dtype=torch.float32)
        back = torch.cat(of_hidden)[: len(hidden)].to(hidden.dtype)
        of_weight, of_bias = (
            None if g is None else g.to(p.dtype) for g, p in ((of_weight, weight), (of_bias, bias))
        )
        return back, of_weight, of_bias, None, None, None, None, None


def _tiles(hidden: Tensor, targets: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Of ``ROWS`` rows each, at least one; the last is filled up with zeros."""
    starts = range(0, max(len(hidden), 1), ROWS)
    return [(_padded(hidden[i : i + ROWS]), _padded(targets[i : i + ROWS])) for i in starts]


def _padded(rows: Tensor) -> Tensor:
    missing = ROWS - len(rows)
    return functional.pad(rows, (0, 0, 0, missing) if rows.dim() == 2 else (0, missing)) if missing else rows


def _logits(
    rows: Tensor, head: Tensor, offset: Tensor | None, temperature: float, softcap: float | None, scale: float
) -> Tensor:
    logits = (rows @ head if offset is None else torch.addmm(offset, rows, head)).float()
    if softcap is not None:
        return logits.mul_(scale / softcap).tanh_().mul_(softcap / temperature)
    return logits.mul_(scale / temperature)


def _through(
    gradient: Tensor, logits: Tensor, temperature: float, softcap: float | None, scale: float
) -> Tensor:
    """The gradient of what came before the temperature, the cap and the scale."""
    if softcap is not None:
        gradient = gradient * (1 - (logits * (temperature / softcap)) ** 2)
    return gradient * (scale / temperature)


class _OnCPUsToo:
    """Takes the place of TRL's function, which other devices, and other outputs than ``OUTPUTS``, still get."""

    @staticmethod
    def apply(
        hidden: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        targets: Tensor,
        temperature: float,
        chunk_size: int,
        softcap: float | None,
        scale: float,
        outputs: tuple[str, ...],
    ) -> tuple[Tensor | None, ...]:
        if hidden.device.type != "cpu" or not OUTPUTS.issuperset(outputs):
            found: tuple[Tensor | None, ...] = ChunkedLogProbFunction.apply(
                hidden, weight, bias, targets, temperature, chunk_size, softcap, scale, outputs
            )
            return found
        found = Head.apply(hidden, weight, bias, targets, temperature, softcap, scale, outputs)  # type: ignore[no-untyped-call]
        log_probs, entropy, is_top1 = found
        return log_probs, entropy, None, None, is_top1


@contextmanager
def scored_on_cpus() -> Iterator[None]:
    """Within it, models that TRL gave its fused head score with this one on a CPU."""
    names: Any = trl_utils  # private ones, which tests/rl/training/test_head.py holds
    names._ChunkedLogProbFunction = _OnCPUsToo
    names._use_triton = lambda device: device.type == "cpu" or _use_triton(device)
    try:
        yield
    finally:
        names._ChunkedLogProbFunction, names._use_triton = ChunkedLogProbFunction, _use_triton
