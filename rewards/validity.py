"""Whether calls name a tool of the task and fit its schema."""

from collections.abc import Sequence

from rewards.types import Task
from sandbox.arguments import CallCheck
from sandbox.types import ToolCall, ToolSpec

MAX_CHECKS = 10_000
CHECKS: dict[int, CallCheck] = {}


def well_formed(task: Task, calls: Sequence[ToolCall]) -> list[bool]:
    """Of each call, whether it parsed and the task's tool of its name takes its arguments."""
    tools = {tool.name: tool for tool in task.tools}
    return [_fits(call, tools.get(call.name or "")) for call in calls]


def _fits(call: ToolCall, tool: ToolSpec | None) -> bool:
    return tool is not None and _check(tool)(call) is None


def _check(tool: ToolSpec) -> CallCheck:
    """The tool's check, made once: a spec is told by its identity, which its check keeps alive."""
    check = CHECKS.get(id(tool))
    if check is None or check.spec is not tool:
        if len(CHECKS) >= MAX_CHECKS:
            CHECKS.clear()
        check = CHECKS[id(tool)] = CallCheck(tool)
    return check
