"""The built-in policy: a Qwen3 of a few million parameters, its tokenizer and its warm start."""

from rl.tiny.model import new_model, train_tokenizer

__all__ = ["new_model", "train_tokenizer"]
