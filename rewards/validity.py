"""Whether calls name a tool of the task and fit its schema."""

from collections.abc import Sequence

from rewards.types import Task
from sandbox.arguments import checked
from sandbox.types import ToolCall, ToolSpec


def well_formed(task: Task, calls: Sequence[ToolCall]) -> list[bool]:
    """Of each call, whether it parsed and the task's tool of its name takes its arguments."""
    tools = {tool.name: tool for tool in task.tools}
    return [_fits(call, tools.get(call.name or "")) for call in calls]


def _fits(call: ToolCall, tool: ToolSpec | None) -> bool:
    return tool is not None and checked(tool)(call) is None
