"""The sandbox: tools that a model may call, run apart from the trainer, in sessions with a state each."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.arguments import validate
    from sandbox.pool import Sandbox, open_sandbox
    from sandbox.session import Session
    from sandbox.tools import ToolError, tool_spec
    from sandbox.types import ToolCall, ToolResult, ToolSpec

__all__ = [
    "Sandbox",
    "Session",
    "ToolCall",
    "ToolError",
    "ToolResult",
    "ToolSpec",
    "open_sandbox",
    "tool_spec",
    "validate",
]
HOMES = {
    "sandbox.arguments": ["validate"],
    "sandbox.pool": ["Sandbox", "open_sandbox"],
    "sandbox.session": ["Session"],
    "sandbox.tools": ["ToolError", "tool_spec"],
    "sandbox.types": ["ToolCall", "ToolResult", "ToolSpec"],
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for: what runs inside is forked often, and needs few of them."""
    for module, names in HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'sandbox' has no attribute {name!r}")
