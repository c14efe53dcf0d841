"""From the model that trains to the weights that are sent and saved: adapters merged, under the base's names.

PEFT puts layers of its own into a model: LoRA's around a layer, whole copies (``modules_to_save``), single
rows of the embedding (``trainable_token_indices``). An engine and ``from_pretrained`` know the base alone.
"""

import re
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from peft import PeftModel, get_peft_model_state_dict
from peft.tuners.tuners_utils import BaseTunerLayer
from peft.utils.other import AuxiliaryTrainingWrapper, ModulesToSaveWrapper, TrainableTokensWrapper
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from rl.errors import ConfigError
from rl.weights.base import Weights

PEFTS_OWN = re.compile(r"\.(lora_\w+|original_module|trainable_tokens_\w+|token_indices)(\.|$)")

CHECKPOINTED = "_checkpoint_wrapped_module."  # in the names of what recomputes its activations


class Policy:
    """A model's tensors under the base model's names, each storage once, one at a time: shards are gathered as they
    are asked for, on all ranks, which must ask alike, and adapters are merged while they are. No rank holds more than
    one tensor of a sharded model whole.

    Without adapters they may be the model's own memory: whoever keeps them past the next update copies them. The
    model is left as it was, to the bit. Raises ConfigError, a ValueError, for adapters that no engine can serve.
    """

    rest: Generator[tuple[str, Tensor], None, None] | None = None  # of what was begun

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.is_sharded = any(isinstance(value, DTensor) for value in model.parameters())

    def __iter__(self) -> Iterator[tuple[str, Tensor]]:
        self.rest = self._whole()
        return self.rest

    def finish(self) -> None:
        """End what a sender that failed has begun: adapters are unmerged, and of shards the rest is gathered, as the
        other ranks still do."""
        while True:
            try:
                if self.is_sharded:
                    deque(self if self.rest is None else self.rest, maxlen=0)
                elif self.rest is not None:
                    self.rest.close()
                return
            except ValueError:  # the thread of a broadcast has it in hand
                time.sleep(0.05)

    def _whole(self) -> Generator[tuple[str, Tensor], None, None]:
        if isinstance(self.model, PeftModel):
            check_servable(self.model)
            with torch.no_grad(), _merged(self.model):
                for name, value in self.described():
                    yield name, value.clone()
        else:
            for name, value in self.described():
                whole = value.full_tensor() if isinstance(value, DTensor) else value
                yield name, whole.detach().contiguous()

    def described(self) -> Iterator[tuple[str, Tensor]]:
        """The same as they stand, in their order: names, types and whole shapes are right, values need not be."""
        if isinstance(self.model, PeftModel):
            return iter(_once(base_names(self.model)).items())
        parameters: set[str] = set()
        own: dict[int, str] = {}
        for name, value in self.model.named_parameters(remove_duplicate=False):
            parameters.add(name.replace(CHECKPOINTED, ""))
            own.setdefault(id(value), name.replace(CHECKPOINTED, ""))
        first = set(own.values())
        state = self.model.state_dict()
        return ((name, state[name]) for name in state if name in first or name not in parameters)


class Given(Policy):
    """A policy whose tensors are read when they are sent."""

    is_sharded = False

    def __init__(self, read: Callable[[], Mapping[str, Tensor]]) -> None:
        self.read = read

    def __iter__(self) -> Iterator[tuple[str, Tensor]]:
        return self.described()

    def described(self) -> Iterator[tuple[str, Tensor]]:
        return iter(self.read().items())


def adapter_of(model: PeftModel, version: int) -> Weights:
    """The adapter alone, as PEFT saves it, on the CPU."""
    tensors = {
        name: value.detach().cpu().contiguous() for name, value in get_peft_model_state_dict(model).items()
    }
    config = model.peft_config["default"].to_dict()
    plain = {name: sorted(value) if isinstance(value, set) else value for name, value in config.items()}
    return Weights(tensors, version, plain)


def exported(model: nn.Module) -> dict[str, Tensor]:
    """The whole policy on the CPU."""
    return {name: value.cpu() for name, value in Policy(model)}


def base_names(model: PeftModel) -> dict[str, Tensor]:
    """The state of the model within, as it stands, without what is PEFT's."""
    found = {}
    for name, value in model.get_base_model().state_dict().items():
        if not PEFTS_OWN.search(name):
            name = name.replace(".token_adapter.", ".").replace(".base_layer.", ".")
            found[re.sub(r"\.modules_to_save\.[^.]+\.", ".", name)] = value
    return found


def check_servable(model: PeftModel) -> None:
    """Refuse adapters that part an embedding from the head that shares its weights; an engine holds one of
    both. Works on the meta device. Raises ConfigError.
    """
    base: Any = model.get_base_model()
    first, last = base.get_input_embeddings(), base.get_output_embeddings()
    if last is None or not base.config.get_text_config().tie_word_embeddings or _still_one(first, last):
        return
    names = {id(module): name.rpartition(".")[2] for name, module in base.named_modules()}
    changed = first if isinstance(first, BaseTunerLayer | AuxiliaryTrainingWrapper) else last
    both = f"{names[id(first)]}, {names[id(last)]}"
    raise ConfigError(
        f"trainer.peft adapts {names[id(changed)]}, and this model's embedding and head share their weights "
        f"({both}), which an adapter on one of them would part; leave it out, or train both whole with "
        f"trainer.peft.modules_to_save=[{names[id(first)]}] trainer.peft.ensure_weight_tying=true"
    )


def _still_one(first: nn.Module, last: nn.Module) -> bool:
    if isinstance(first, TrainableTokensWrapper) and isinstance(last, TrainableTokensWrapper):
        return last.token_adapter.tied_adapter is not None
    if isinstance(first, ModulesToSaveWrapper) and isinstance(last, ModulesToSaveWrapper):
        return first.weight is last.weight
    return not any(isinstance(end, BaseTunerLayer | AuxiliaryTrainingWrapper) for end in (first, last))


@contextmanager
def _merged(model: PeftModel) -> Iterator[None]:
    """Adapters merged into the base's weights, which are put back as they were: to take a delta off again
    would leave a rounding error at each transfer."""
    layers = [module for module in model.modules() if isinstance(module, BaseTunerLayer)]
    kept = [(p, p.detach().clone()) for layer in layers for p in layer.get_base_layer().parameters()]
    model.merge_adapter()
    try:
        yield
    finally:
        model.unmerge_adapter()
        for parameter, value in kept:
            parameter.data.copy_(value)


def _once(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Each tensor once (tied ones share their storage), as safetensors wants them."""
    seen: set[tuple[Any, ...]] = set()
    kept = {}
    for name, value in state.items():
        place = (value.untyped_storage().data_ptr(), value.storage_offset(), value.shape)
        if value.numel() == 0 or place not in seen:
            seen.add(place)
            kept[name] = value.detach().contiguous()
    return kept
