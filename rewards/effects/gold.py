"""The right calls of a task on the catalog, run in process: what the state and the results should be."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from rewards.deeds import looks
from rewards.effects.sameness import Sameness
from rewards.memo import per_task
from rewards.types import ExpectedCall, Task
from sandbox import catalog
from sandbox.tools import ToolError
from sandbox.types import ToolCall, ToolSpec

State = dict[str, Any]
REMEMBERED = ("offers",)  # what a look leaves in the state


@dataclass(frozen=True)
class Ran:
    """A call that the tool answered."""

    call: ToolCall
    result: Any

    @property
    def changes(self) -> bool:
        """Whether the tool may change the state."""
        return not looks(self.call.name or "")


@dataclass(frozen=True)
class Gold:
    """The right calls as they ran, those among them whose results count, and the states before and after."""

    ran: list[Ran]
    looks: list[Ran]
    before: State
    after: State
    same: Sameness


@per_task
def gold(task: Task) -> Gold | None:
    """The right calls, run; None where the tools or the state are not the catalog's, or a tool refuses."""
    state = task.state | (task.expected.final_state or {})
    if not all(map(_is_catalogs, task.tools)) or not state.keys() <= catalog_state().keys():
        return None
    calls = [ToolCall(str(i), c["name"], right_arguments(c)) for i, c in enumerate(task.expected.calls)]
    ran, after = run(calls, task.state)
    if len(ran) < len(calls):
        return None
    asked = [one for one in ran if not one.changes or after == task.state]
    return Gold(
        ran,
        [one for one in asked if not task.expected.ordered or one is ran[-1]],
        lasting(task.state),
        lasting(after | (task.expected.final_state or {})),
        Sameness.of(task, after),
    )


def only_asks(task: Task) -> bool:
    """Whether the right calls change nothing: what the user wants is to be told. Never where they are not known."""
    right = gold(task)
    return right is not None and bool(right.looks) and right.after == right.before


def _is_catalogs(tool: ToolSpec) -> bool:
    """Whether it is a tool of the catalog, in whatever language it is described."""
    known = catalog.SPECS.get(tool.name)
    return known is tool or (known is not None and _names(known) == _names(tool))


def _names(tool: ToolSpec) -> list[str]:
    return sorted(tool.parameters.get("properties", {}))


def right_arguments(call: ExpectedCall) -> dict[str, Any]:
    """The first acceptable value of each argument; where that is "", the argument is left out, if it may be."""
    needed = required(call["name"])
    return {name: some[0] for name, some in call["arguments"].items() if some[0] != "" or name in needed}


def required(tool: str) -> frozenset[str]:
    """The arguments that a tool of the catalog must be given."""
    known = catalog.SPECS.get(tool)
    return frozenset(known.parameters.get("required", ()) if known else ())


def run(calls: Sequence[ToolCall], state: State) -> tuple[list[Ran], State]:
    """The calls that run, each on the state that the one before left, and the last state."""
    ran = []
    for index, call in enumerate(calls):
        try:
            result, state = catalog.run(call.name or "", call.arguments or {}, state, index=index)
        except ToolError:
            continue
        ran.append(Ran(call, result))
    return ran, state


def lasting(state: State) -> State:
    """The whole state, without what a look leaves there."""
    whole = catalog_state() | state
    return {key: value for key, value in whole.items() if key not in REMEMBERED}


@cache
def catalog_state() -> State:
    """The state that a session starts with; not to be changed."""
    return catalog.initial_state()
