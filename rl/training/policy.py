"""The trained policy on disk, whole, as any loader takes it."""

from pathlib import Path
from typing import Any

from peft import PeftModel


def save_policy(model: Any, tokenizer: Any, file: bytes, folder: Path) -> None:
    """Its weights (the bytes of a safetensors file, adapters merged) with the base's config and the tokenizer.

    The config asks for a cache again, which a training run has switched off.
    """
    base: Any = model.get_base_model() if isinstance(model, PeftModel) else model
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.safetensors").write_bytes(file)
    config = type(base.config).from_dict(base.config.to_dict())
    config.use_cache = True
    config.save_pretrained(folder)
    if base.generation_config is not None:
        base.generation_config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
