"""The rewards over Ray."""

from typing import Any

__all__ = ["RewardService"]


def __getattr__(name: str) -> Any:
    """Ray is imported where the service is used, not in the processes that evaluate parts."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rewards.service import actors

    return getattr(actors, name)
