"""A tool is a typed function with a docstring; ``state`` is the session's, which the model does not see."""

from typing import Any


def exchange_rate(state: dict[str, Any], currency: str) -> float:
    """The rate of a currency against the euro.

    Args:
        currency: ISO 4217 code.
    """
    return float(state["rates"][currency])
