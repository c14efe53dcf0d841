"""Whether bfloat16 is the faster precision here; where it is emulated it is several times slower."""

from typing import Literal

import torch

from rl.config.schema import Config

NATIVE = ("amx_bf16", "avx512_bf16")  # instructions of x86 that multiply in it


def cpu_has_bf16() -> bool:
    return any(torch.cpu.get_capabilities().get(name) for name in NATIVE)


def bf16_is_fast() -> bool:
    """On GPUs, which are used where there are any, and on processors with instructions for it."""
    return torch.cuda.is_available() or cpu_has_bf16()


def autocasts(config: Config) -> bool:
    """Whether the trainer computes in bfloat16 whatever its weights are in."""
    return bf16_is_fast() if config.trainer.bf16 == "auto" else config.trainer.bf16


def computed_in(config: Config) -> Literal["float32", "bfloat16"]:
    """What the trainer computes in."""
    return "bfloat16" if autocasts(config) or config.model.dtype == "bfloat16" else "float32"


def chosen(dtype: Literal["auto", "float32", "bfloat16"]) -> Literal["float32", "bfloat16"]:
    """The dtype that a setting stands for on this machine."""
    if dtype == "auto":
        return "bfloat16" if bf16_is_fast() else "float32"
    return dtype
