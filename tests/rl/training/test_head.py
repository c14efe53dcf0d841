"""The head for CPUs gives what TRL's fused head gives, and is where TRL looks for it."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import Qwen3ForCausalLM
from trl.kernels import ChunkedLogProbFunction, chunked_logprob
from trl.trainer import utils

from rl.config.schema import Tiny
from rl.tiny.model import architecture
from rl.training import head
from rl.training.head import ROWS, Head, scored_on_cpus

quick = settings(max_examples=40, deadline=None)


def graded(found: tuple[Tensor | None, ...], leaves: list[Tensor], draw: torch.Generator) -> list[Tensor]:
    """What came out, and the gradients of a random product with all of it."""
    outputs = [one for one in found[:2] if one is not None]
    weights = [torch.randn(one.shape, generator=draw) for one in outputs]
    loss = torch.stack([(one * weight).sum() for one, weight in zip(outputs, weights, strict=True)]).sum()
    return [*outputs, *torch.autograd.grad(loss, leaves)]


@quick
@given(
    count=st.sampled_from([0, 1, 7, ROWS - 1, ROWS, ROWS + 1, 2 * ROWS + 3]),
    temperature=st.sampled_from([0.7, 1.0, 1.3]),
    softcap=st.sampled_from([None, 5.0]),
    scale=st.sampled_from([1.0, 0.25]),
    biased=st.booleans(),
    with_entropy=st.booleans(),
    seed=st.integers(0, 99),
)
def test_values_and_gradients_are_those_of_trl(
    count: int,
    temperature: float,
    softcap: float | None,
    scale: float,
    biased: bool,
    with_entropy: bool,
    seed: int,
) -> None:
    draw = torch.Generator().manual_seed(seed)
    hidden, weight = 0.5 * torch.randn(count, 24, generator=draw), torch.randn(50, 24, generator=draw)
    bias = torch.randn(50, generator=draw) if biased else None
    targets = torch.randint(50, (count,), generator=draw)
    leaves = [one.requires_grad_() for one in (hidden, weight, bias) if one is not None]
    outputs = ("log_probs", "entropy", "is_top1") if with_entropy else ("log_probs",)
    theirs = ChunkedLogProbFunction.apply(
        hidden, weight, bias, targets, temperature, 32_768, softcap, scale, outputs
    )
    ours = Head.apply(hidden, weight, bias, targets, temperature, softcap, scale, outputs)
    assert (ours[2] is None) == (theirs[4] is None)
    if ours[2] is not None:
        torch.testing.assert_close(ours[2], theirs[4])
    pairs = zip(
        graded(ours, leaves, torch.Generator().manual_seed(1)),
        graded(theirs, leaves, torch.Generator().manual_seed(1)),
        strict=True,
    )
    for own, other in pairs:
        torch.testing.assert_close(own, other, rtol=1e-4, atol=1e-4)


@pytest.fixture
def model() -> Qwen3ForCausalLM:
    torch.manual_seed(0)
    size = Tiny(hidden_size=32, layers=2, heads=2, kv_heads=1, intermediate_size=48)
    return Qwen3ForCausalLM(architecture(size, 100, 64)).train()


def test_a_model_that_trl_gave_its_head_scores_here_no_more_than_the_labels(
    model: Qwen3ForCausalLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert utils._ChunkedLogProbFunction is ChunkedLogProbFunction
    assert utils._use_triton is chunked_logprob._use_triton
    counted = []
    padded = head._padded
    monkeypatch.setattr(head, "_tiles", lambda h, t: [(counted.append(len(t)), (padded(h), padded(t)))[1]])
    utils.add_fused_lm_head(model, temperature=0.8, outputs=("log_probs", "entropy"))
    ids = torch.randint(100, (3, 12))
    labels = ids.masked_fill(torch.arange(12) < torch.tensor([[4], [7], [12]]), -100)
    with scored_on_cpus():
        found = model(input_ids=ids, labels=labels, fused_lm_head=True)
    assert counted == [8 + 5]
    expected = (model(input_ids=ids).logits[:, :-1] / 0.8).log_softmax(-1)
    wanted = expected.gather(2, ids[:, 1:, None])[..., 0].masked_fill(labels[:, 1:] == -100, 0)
    torch.testing.assert_close(found.log_probs, wanted, rtol=1e-4, atol=1e-4)
    entropy = -(expected.exp() * expected).sum(-1).masked_fill(labels[:, 1:] == -100, 0)
    torch.testing.assert_close(found.entropy, entropy, rtol=1e-4, atol=1e-4)


def test_under_autocast_gradients_are_as_near_to_exact_ones_as_a_bfloat16_head_s(
    model: Qwen3ForCausalLM,
) -> None:
    utils.add_fused_lm_head(model)
    ids = torch.randint(100, (4, 16))

    def gradient(fused: bool, autocast: bool) -> Tensor:
        model.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            if fused:
                with scored_on_cpus():
                    loss = -model(input_ids=ids, labels=ids, fused_lm_head=True).log_probs.mean()
            else:
                logits = model(input_ids=ids).logits[:, :-1].float()
                loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        loss.backward()
        return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])

    exact = gradient(fused=False, autocast=False)
    usual = (gradient(fused=False, autocast=True) - exact).norm()
    assert (gradient(fused=True, autocast=True) - exact).norm() <= 1.2 * usual


def test_frozen_heads_get_no_gradient(model: Qwen3ForCausalLM) -> None:
    utils.add_fused_lm_head(model)
    model.lm_head.weight.requires_grad_(False)
    ids = torch.randint(100, (2, 9))
    with scored_on_cpus():
        log_probs = model(input_ids=ids, labels=ids, fused_lm_head=True).log_probs
    log_probs.sum().backward()
    assert model.lm_head.weight.grad is None
    assert model.model.layers[0].mlp.up_proj.weight.grad is not None
