"""From a task to its trajectory."""

from rl.rollout.script import replay

__all__ = ["replay"]
