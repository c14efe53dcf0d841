"""The catalog with tools that take ``SECONDS``, as a sandbox's ``catalog=benchmarks.slow_catalog``."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from sandbox import catalog
from sandbox.catalog import CANARY, NOW, SPECS, initial_state, warm_up

__all__ = ["CANARY", "NOW", "SPECS", "TOOLS", "initial_state", "warm_up"]

SECONDS = 0.05


def slow(tool: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(tool)
    def called(*args: Any, **kwargs: Any) -> Any:
        time.sleep(SECONDS)
        return tool(*args, **kwargs)

    return called


TOOLS = {name: slow(tool) for name, tool in catalog.TOOLS.items()}
