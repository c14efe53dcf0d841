"""A right trajectory of a task, as messages."""

import json
from typing import Any

from rewards.effects.gold import right_arguments
from rewards.types import Task
from sandbox import catalog
from sandbox.tools import ToolError


def gold_messages(task: Task) -> list[dict[str, Any]]:
    """The messages of a right trajectory: the calls, their results, the reference reply if there is one.

    Calls of a task with ``ordered`` expectations come one a turn, since the next needs the last's
    result; others come in one turn. A call of a tool that the catalog has not, such as one of the user's own,
    ends the messages, for what it gives is not known here.
    """
    messages: list[dict[str, Any]] = []
    state, index = task.state, 0
    turns = [[c] for c in task.expected.calls] if task.expected.ordered else [task.expected.calls]
    for turn in filter(None, turns):
        calls = [(call["name"], right_arguments(call)) for call in turn]
        asked = [
            {"type": "function", "function": {"name": name, "arguments": given}} for name, given in calls
        ]
        messages.append({"role": "assistant", "content": "", "tool_calls": asked})
        if task.run_calls and not all(name in catalog.SPECS for name, _ in calls):
            return messages
        for name, given in calls if task.run_calls else ():  # tools on paper answer nothing
            content, state = _run(name, given, state, index)
            index += 1
            answer = json.dumps(content, ensure_ascii=False)
            messages.append({"role": "tool", "name": name, "content": answer})
    if task.expected.reply is not None:
        messages.append({"role": "assistant", "content": task.expected.reply})
    return messages


def _run(name: str, given: dict[str, Any], state: dict[str, Any], index: int) -> tuple[Any, dict[str, Any]]:
    try:
        return catalog.run(name, given, state, index=index)
    except ToolError as error:
        return {"error": str(error)}, state
