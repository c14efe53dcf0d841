"""The rewards: what a trajectory is worth, verified. Installs and runs without torch."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rewards.compose import Rewards
    from rewards.language import LanguageVerifier
    from rewards.match import match_calls
    from rewards.metrics import language_confusion, tool_metrics
    from rewards.parse import parse_calls
    from rewards.service.actors import RewardService
    from rewards.types import Expected, Score, Task, Trajectory

__all__ = [
    "Expected",
    "LanguageVerifier",
    "RewardService",
    "Rewards",
    "Score",
    "Task",
    "Trajectory",
    "language_confusion",
    "match_calls",
    "parse_calls",
    "tool_metrics",
]
HOMES = {
    "rewards.compose": ["Rewards"],
    "rewards.language": ["LanguageVerifier"],
    "rewards.match": ["match_calls"],
    "rewards.metrics": ["language_confusion", "tool_metrics"],
    "rewards.parse": ["parse_calls"],
    "rewards.service.actors": ["RewardService"],
    "rewards.types": ["Expected", "Score", "Task", "Trajectory"],
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for: scoring needs no Ray, and parsing none of the models."""
    for module, names in HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'rewards' has no attribute {name!r}")
