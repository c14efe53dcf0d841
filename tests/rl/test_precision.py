"""The precision that is chosen is the one that the hardware has."""

from pathlib import Path

import pytest
import torch

from rl.precision import NATIVE, bf16_is_fast, chosen
from tests.rl.parts import composed


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU has bfloat16")
def test_bfloat16_is_fast_where_the_processor_says_that_it_has_it() -> None:
    flags = Path("/proc/cpuinfo").read_text().split()
    assert bf16_is_fast() == any(name in flags for name in NATIVE)


def test_a_precision_that_is_named_is_taken() -> None:
    assert [chosen(name) for name in ("float32", "bfloat16")] == ["float32", "bfloat16"]
    assert chosen("auto") == ("bfloat16" if bf16_is_fast() else "float32")
    assert (composed().rollout.dtype, composed("trainer.bf16=auto").trainer.bf16) == ("auto", "auto")
