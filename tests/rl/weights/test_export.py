"""What is sent and saved is the policy: a fresh base model that is given it computes the same, for every adapter."""

import pickle
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen3Config, Qwen3ForCausalLM

from rl.weights.base import Weights
from rl.weights.export import Policy, exported

Q = ["q_proj"]
SERVED: list[tuple[bool, dict[str, Any]]] = [
    (False, {"target_modules": "all-linear"}),
    (True, {"target_modules": "all-linear"}),
    (False, {"target_modules": "all-linear", "modules_to_save": ["lm_head"]}),
    (False, {"target_modules": Q, "modules_to_save": ["embed_tokens", "lm_head"]}),
    (False, {"target_modules": ["q_proj", "embed_tokens", "lm_head"]}),
    (False, {"target_modules": Q, "trainable_token_indices": [1, 2]}),
    (True, {"target_modules": Q, "trainable_token_indices": [1, 2]}),
    (False, {"target_modules": Q, "trainable_token_indices": {"embed_tokens": [1], "lm_head": [2]}}),
    (True, {"target_modules": Q, "modules_to_save": ["embed_tokens"], "ensure_weight_tying": True}),
    (True, {"target_modules": Q, "modules_to_save": ["norm"]}),
    (True, {"target_modules": Q, "bias": "all"}),
    (True, {"target_modules": Q, "use_dora": True}),
    (True, {"target_modules": Q, "use_rslora": True}),
]
REFUSED: list[dict[str, Any]] = [
    {"target_modules": ["q_proj", "lm_head"]},
    {"target_modules": ["q_proj", "embed_tokens"]},
    {"target_modules": Q, "modules_to_save": ["lm_head"]},
    {"target_modules": Q, "modules_to_save": ["embed_tokens"]},
    {"target_modules": Q, "trainable_token_indices": {"embed_tokens": [1], "lm_head": [2]}},
]
IDS = torch.arange(8)[None]


def base(tied: bool) -> Qwen3ForCausalLM:
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=64,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        intermediate_size=32,
        max_position_embeddings=64,
        tie_word_embeddings=tied,
    )
    return Qwen3ForCausalLM(config).eval()


def adapted(tied: bool, **peft: Any) -> Any:
    """A policy whose every trained tensor is other than at the start."""
    policy = get_peft_model(base(tied), LoraConfig(r=2, init_lora_weights=False, **peft)).eval()
    for parameter in policy.parameters():
        if parameter.requires_grad:
            parameter.data.add_(0.05 * torch.randn_like(parameter))
    return policy


@torch.no_grad()
def logits(model: Any) -> torch.Tensor:
    found: torch.Tensor = model(IDS).logits
    return found


@pytest.mark.parametrize(("tied", "peft"), SERVED)
def test_a_base_model_with_the_exported_weights_is_the_policy(tied: bool, peft: dict[str, Any]) -> None:
    policy, served = adapted(tied, **peft), base(tied)
    assert (logits(policy) - logits(served)).abs().max() > 0.01
    names = served.load_state_dict(exported(policy), strict=False)
    assert not names.unexpected_keys
    torch.testing.assert_close(logits(policy), logits(served), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(("tied", "peft"), SERVED)
def test_export_leaves_the_policy_as_it_was_to_the_bit(tied: bool, peft: dict[str, Any]) -> None:
    policy = adapted(tied, **peft)
    before = {name: value.clone() for name, value in policy.state_dict().items()}
    for _ in range(3):
        exported(policy)
    after = policy.state_dict()
    assert [name for name, value in before.items() if not torch.equal(value, after[name])] == []


@pytest.mark.parametrize("peft", REFUSED)
def test_what_parts_a_tied_embedding_from_its_head_is_refused(peft: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="share their weights") as refused:
        exported(adapted(True, **peft))
    assert "\n" not in str(refused.value)


def test_tied_tensors_are_sent_once() -> None:
    assert "lm_head.weight" not in exported(base(True))
    assert "lm_head.weight" in exported(base(False))


def test_weights_travel_as_they_are() -> None:
    tensors = {"a": torch.randn(3, 4, dtype=torch.bfloat16), "b": torch.arange(3)}
    got = pickle.loads(pickle.dumps(Weights(tensors, 7)))
    assert got.version == 7 and got.tensors.keys() == tensors.keys()
    assert all(torch.equal(got.tensors[name], value) for name, value in tensors.items())


def test_a_sender_that_fails_leaves_no_adapter_merged() -> None:
    model = adapted(False, target_modules=Q)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    policy = Policy(model)
    policy.finish()
    taken = iter(policy)
    next(taken)
    policy.finish()
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert next(taken, None) is None
