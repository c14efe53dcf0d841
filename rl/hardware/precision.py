"""Whether bfloat16 is the faster precision here; where it is emulated it is several times slower."""

from typing import Literal

import torch

NATIVE = ("amx_bf16", "avx512_bf16")  # instructions of x86 that multiply in it


def cpu_has_bf16() -> bool:
    return any(torch.cpu.get_capabilities().get(name) for name in NATIVE)


def bf16_is_fast() -> bool:
    """On GPUs, which are used where there are any, and on processors with instructions for it."""
    return torch.cuda.is_available() or cpu_has_bf16()


def chosen(dtype: Literal["auto", "float32", "bfloat16"]) -> Literal["float32", "bfloat16"]:
    """The dtype that a setting stands for on this machine."""
    if dtype == "auto":
        return "bfloat16" if bf16_is_fast() else "float32"
    return dtype
