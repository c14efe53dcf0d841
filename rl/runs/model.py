"""What can be known of a model before its weights are loaded, and what is refused then."""

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from rl.config.schema import Config, Model
from rl.errors import ConfigError, UserError
from rl.tiny.model import architecture
from rl.weights.export import base_names, check_servable


def load_tokenizer(model: Model) -> PreTrainedTokenizerBase:
    """The model's tokenizer. Raises UserError where there is no such model."""
    check_path(model.path)
    try:
        return AutoTokenizer.from_pretrained(model.path, trust_remote_code=model.trust_remote_code)
    except (OSError, ValueError) as error:
        raise _unknown(model.path, error) from error


def described_model(config: Config, vocab_size: int) -> Any:
    """The model's configuration. Raises UserError where it cannot be read."""
    if config.model.path == "tiny":
        return architecture(config.model.tiny, vocab_size, config.rollout.max_model_len)
    check_path(config.model.path)
    try:
        return AutoConfig.from_pretrained(config.model.path, trust_remote_code=config.model.trust_remote_code)
    except (OSError, ValueError) as error:
        raise _unknown(config.model.path, error) from error


def load_policy(config: Config, path: str) -> PreTrainedModel:
    """The model at ``path``, to be trained."""
    model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
        path,
        dtype=getattr(torch, config.model.dtype),
        trust_remote_code=config.model.trust_remote_code,
        attn_implementation=config.model.attn_implementation,
    )
    return model


def check_path(path: str) -> None:
    """A path that can only be a folder must be one, with a model in it; anything else may be a hub id."""
    folder = Path(path)
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise UserError(f"The folder {path} holds no model (it has no config.json); give one that does.")
    elif path.startswith(("/", "./", "../", "~")) or path.count("/") > 1 or folder.exists():
        raise UserError(
            f"There is no folder {path}; give the folder of a model, or a hub id such as Qwen/Qwen3-0.6B."
        )


def _unknown(path: str, error: Exception) -> UserError:
    reason = str(error).strip().splitlines()[0].rstrip(".")
    return UserError(
        f"The model {path} cannot be loaded ({reason}); give a folder, or a hub id that can be reached."
    )


def check_engine(config: Config, described: Any) -> None:
    """Refuse a context that the model does not have. Raises ConfigError."""
    longest = getattr(described.get_text_config(), "max_position_embeddings", None)
    if longest and config.rollout.max_model_len > longest:
        raise ConfigError(
            f"rollout.max_model_len={config.rollout.max_model_len} is more than the {longest} tokens that "
            f"{config.model.path} was made for; lower it"
        )


def check_adapter(config: Config, described: Any) -> None:
    """Refuse adapters that PEFT cannot put into the model, or no engine could serve; no weights are made.

    Raises ConfigError.
    """
    if config.trainer.peft is None:
        return
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(described, trust_remote_code=config.model.trust_remote_code)
        names = set(model.state_dict())
        try:
            adapted = get_peft_model(model, LoraConfig(**config.trainer.peft))
        except (ValueError, TypeError, KeyError, NotImplementedError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
            raise ConfigError(
                f"trainer.peft cannot be used with {config.model.path} ({reason}); correct it, or leave it out"
            ) from error
    check_servable(adapted)
    if odd := set(base_names(adapted)) ^ names:
        raise ConfigError(
            f"trainer.peft changes {min(odd)}, which no engine could be given; leave it out of trainer.peft"
        )
