"""An adapter goes to the engines alone where vLLM computes what PEFT does, and merged where it does not."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import save_file

from rl.weights.export import adapter_of
from rl.weights.way import served_rank
from tests.rl.parts import composed
from tests.rl.weights.test_export import Q, adapted, base, logits

ALL = "target_modules: all-linear"


@pytest.mark.parametrize(
    ("peft", "words", "rank"),
    [
        (f"{{r: 16, lora_alpha: 32, {ALL}}}", (), 16),
        ("{target_modules: [q_proj, down_proj], use_rslora: true}", (), 8),
        (f"{{r: 16, {ALL}, use_dora: true}}", (), None),
        ("{target_modules: [q_proj], modules_to_save: [norm]}", (), None),
        ("{target_modules: [q_proj], trainable_token_indices: [1]}", (), None),
        ("{target_modules: [q_proj, embed_tokens]}", (), None),
        ("{target_modules: [Wqkv]}", (), None),
        (f"{{{ALL}, init_lora_weights: pissa}}", (), None),  # which changes the base, too
        (f"{{{ALL}, rank_pattern: {{q_proj: 4}}}}", (), None),
        (f"{{{ALL}, bias: all}}", (), None),
        (f"{{r: 1024, {ALL}}}", (), None),
        (f"{{{ALL}}}", ("rollout=hf",), None),
        (f"{{{ALL}}}", ("rollout.transfer=objects",), None),
        (f"{{{ALL}}}", ("evaluate.during.every=2", "evaluate.during.choose=mean"), None),
    ],
)
def test_an_adapter_goes_alone_where_vllm_serves_it(
    peft: str, words: tuple[str, ...], rank: int | None
) -> None:
    assert served_rank(composed(f"trainer.peft={peft}", *words)) == rank


def test_no_adapter_is_none() -> None:
    assert served_rank(composed()) is None


@pytest.mark.parametrize(
    "peft", [{"target_modules": "all-linear"}, {"target_modules": Q, "use_rslora": True}]
)
def test_what_is_sent_is_an_adapter_as_peft_writes_it(peft: dict[str, Any], tmp_path: Path) -> None:
    policy = adapted(True, **peft)
    sent = adapter_of(policy, 3)
    assert sent.version == 3 and all("lora_" in name for name in sent.tensors), "and nothing of the base"
    (tmp_path / "adapter_config.json").write_text(json.dumps(sent.adapter))
    save_file(dict(sent.tensors), tmp_path / "adapter_model.safetensors")
    served = PeftModel.from_pretrained(base(True), str(tmp_path)).eval()
    torch.testing.assert_close(logits(policy), logits(served))
