"""The trainer: from data over rollouts, rewards and advantages to the policy's update."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rl.config.schema import Config
    from rl.data import load
    from rl.data.catalog import make
    from rl.errors import ConfigError, UserError
    from rl.rollout import replay

__all__ = ["Config", "ConfigError", "UserError", "load", "make", "replay"]
HOMES = {
    "rl.config.schema": ["Config"],
    "rl.data": ["load"],
    "rl.data.catalog": ["make"],
    "rl.errors": ["ConfigError", "UserError"],
    "rl.rollout": ["replay"],
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for: entry points that need few of them start at once."""
    for module, names in HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'rl' has no attribute {name!r}")
