"""What one call finds and a second one takes: each offer has an id that only the first call tells."""

from typing import Any

from sandbox.catalog.text import spread
from sandbox.tools import ToolError


def offered(state: dict[str, Any], kind: str, *asked: str, **details: Any) -> str:
    """Keep an offer in the session. Its id hangs on the words that were asked and cannot be guessed."""
    number = f"{kind}-{spread(16**6, 'offer', kind, *asked):06x}"
    state["offers"][number] = details
    return number


def taken(state: dict[str, Any], kind: str, number: str, search: str) -> dict[str, Any]:
    """What was offered under this id, or a ``ToolError`` that names the tool to ask first."""
    if not number.startswith(f"{kind}-") or number not in state["offers"]:
        raise ToolError(f"no {kind} was offered as {number[:40]!r}: give an id that {search} told")
    return dict(state["offers"][number])
