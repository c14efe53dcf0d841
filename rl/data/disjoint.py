"""An API-disjoint split: no tool of one part stands in the other, neither called nor shown."""

from collections.abc import Sequence
from dataclasses import replace

from rewards.types import Task
from rl.data.rows import share_of, shown
from rl.errors import UserError
from sandbox.types import ToolSpec


def is_unseen(name: str, share: float) -> bool:
    """Whether a tool is one of the ``share`` that training has not: by its name, the same in every run."""
    return share_of(name) < share


def disjoint(tasks: Sequence[Task], share: float, unseen: bool) -> list[Task]:
    """The tasks that need only tools of one part, showing only such, as many as before where the part has them.

    Tasks that need tools of both are in neither part; those that need none are in both, with each part's tools.
    Raises UserError where a language has no task left.
    """
    here = {tool.name: tool for task in tasks for tool in task.tools if is_unseen(tool.name, share) == unseen}
    kept = [_within(task, here) for task in tasks if _needed(task) <= here.keys()]
    lost = {task.language for task in tasks} - {task.language for task in kept}
    if lost or not any(task.expected.calls for task in kept):
        part = "unseen" if unseen else "seen"
        raise UserError(
            f"data.unseen_tools={share:g} leaves no task with a tool that is {part}; choose another share."
        )
    return kept


def _needed(task: Task) -> set[str]:
    return {call["name"] for call in task.expected.calls}


def _within(task: Task, here: dict[str, ToolSpec]) -> Task:
    own = {tool.name: tool for tool in task.tools if tool.name in here}
    if len(own) == len(task.tools):
        return task
    others = [name for name, tool in here.items() if name not in _needed(task) and tool.locale is None]
    names = shown(sorted(_needed(task)), others, len(task.tools), task.parallel_id)
    return replace(task, tools=[own.get(name) or here[name] for name in names])
