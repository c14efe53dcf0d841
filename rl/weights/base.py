"""What goes from the trainer to the engines: the policy's weights as named tensors, with their version."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from safetensors.torch import load, save
from torch import Tensor

PART_BYTES = 256 * 2**20


@dataclass(frozen=True)
class Weights:
    """The policy, or a part of it, under the base model's own names, each tied tensor once; or its adapter alone, under
    PEFT's names, with the adapter's config.

    ``version`` counts the optimizer updates that the policy had seen. Pickles hold a safetensors file, so
    any way between processes carries them.
    """

    tensors: Mapping[str, Tensor]
    version: int
    adapter: Mapping[str, Any] | None = None

    def __reduce__(self) -> tuple[Callable[..., "Weights"], tuple[Any, ...]]:
        return _unpacked, (save(dict(self.tensors)), self.version, self.adapter)


def in_parts(
    tensors: Iterable[tuple[str, Tensor]], version: int, part_bytes: int = PART_BYTES
) -> Iterator[Weights]:
    """The tensors in parts of about so many bytes, each as soon as its last tensor is there; one at least."""
    part: dict[str, Tensor] = {}
    size, first = 0, True
    for name, tensor in tensors:
        if part and size + tensor.nbytes > part_bytes:
            yield Weights(part, version)
            part, size, first = {}, 0, False
        part[name] = tensor
        size += tensor.nbytes
    if part or first:
        yield Weights(part, version)


def _unpacked(file: bytes, version: int, adapter: Mapping[str, Any] | None) -> Weights:
    return Weights(load(file), version, adapter)
