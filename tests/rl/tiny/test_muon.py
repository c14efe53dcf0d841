"""Muon in float32 beside torch's own, whose iterations are in bfloat16."""

import pytest
import torch

from rl.tiny.muon import Muon, orthogonalized


@pytest.mark.parametrize("shape", [(24, 48), (48, 24), (32, 32)])
def test_it_goes_where_torch_s_goes(shape: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(shape, generator=generator)
    ours, theirs = (torch.nn.Parameter(start.clone()) for _ in range(2))
    optimizers = (
        Muon([ours], lr=0.01, weight_decay=0.1),
        torch.optim.Muon([theirs], lr=0.01, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"),
    )
    for _ in range(10):
        ours.grad = torch.randn(shape, generator=generator)
        theirs.grad = ours.grad.clone()
        for optimizer in optimizers:
            optimizer.step()
    moved = (theirs - start).norm()
    assert moved > 0.1
    assert (ours - theirs).norm() < 0.02 * moved  # bfloat16 keeps 8 bits


def test_singular_values_come_near_one() -> None:
    values = torch.linalg.svdvals(
        orthogonalized(torch.randn(20, 40, generator=torch.Generator().manual_seed(1)))
    )
    assert values.min() > 0.6 and values.max() < 1.3
