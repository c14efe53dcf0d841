"""The sandbox: tools that a model may call, run apart from the trainer, in sessions with a state each."""

from sandbox.pool import Sandbox, Session, open_sandbox
from sandbox.tools import ToolError, tool_spec, validate
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
