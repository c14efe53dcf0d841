"""Parts that several test files share: small, real, made once."""

import pytest
from hypothesis import settings
from transformers import PreTrainedTokenizerFast

from rewards.types import Task
from rl.data.catalog import tasks as catalog
from rl.tiny.model import train_tokenizer

# The same examples each time: a change that breaks nothing fails nothing. --hypothesis-profile=default draws others.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")


@pytest.fixture(scope="session")
def some_tasks() -> list[Task]:
    """Two tasks of each of four kinds in four languages; the same four tools stand in every prompt."""
    kinds = ["world_time", "set_alarm", "convert_and_pay", "small_talk", "two_times"]
    return catalog.load("train", ["en", "fr", "zh", "ar"], kinds, per_tool=2)


@pytest.fixture(scope="session")
def tiny_tokenizer(some_tasks: list[Task]) -> PreTrainedTokenizerFast:
    """The built-in model's tokenizer, learned from a few tasks."""
    return train_tokenizer(some_tasks, 640, 512)
