"""The precision that is chosen is the one that the hardware has."""

from pathlib import Path

import torch

from rl.hardware.precision import NATIVE, bf16_is_fast, chosen, cpu_has_bf16
from tests.rl.parts import composed


def test_the_processor_has_bfloat16_where_linux_says_so() -> None:
    flags = Path("/proc/cpuinfo").read_text().split()
    assert cpu_has_bf16() == any(name in flags for name in NATIVE)
    assert bf16_is_fast() == (torch.cuda.is_available() or cpu_has_bf16())


def test_a_precision_that_is_named_is_taken() -> None:
    assert [chosen(name) for name in ("float32", "bfloat16")] == ["float32", "bfloat16"]
    assert chosen("auto") == ("bfloat16" if bf16_is_fast() else "float32")
    assert (composed().rollout.dtype, composed("trainer.bf16=auto").trainer.bf16) == ("auto", "auto")
