"""What the user can mend, and the name that was probably meant."""

from rewards.text.nearest import hint, nearest

__all__ = ["ConfigError", "UserError", "hint", "nearest"]


class UserError(Exception):
    """What the user can mend. Its text is one sentence; entry points print it and exit with 2."""


class WeightsWanted(Exception):
    """An engine that was started anew waits for the trainer to send the weights again."""


class ConfigError(UserError, ValueError):
    """A setting that is unknown, out of range, or impossible together with another."""
