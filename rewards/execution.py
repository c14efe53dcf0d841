"""Rewards for calls: they are valid, they have the right effect, and the reply tells what came of it."""

from functools import cache
from typing import Any

from rewards.match import graded_match, match_calls
from rewards.reply import final_reply, told
from rewards.types import Task, Trajectory
from sandbox.arguments import CallCheck
from sandbox.catalog import initial_state
from sandbox.types import ToolCall, ToolSpec

MAX_CHECKS = 10_000
CHECKS: dict[int, CallCheck] = {}


def json_valid(task: Task, trajectory: Trajectory) -> float:
    """The share of calls that parsed, name a tool of the task and fit its schema, in 0..1.

    Without a call: 1.0 where none was expected, else 0.0.
    """
    calls = trajectory.calls
    if not calls:
        return float(not task.expected.calls)
    tools = {tool.name: tool for tool in task.tools}
    return sum(_valid(call, tools) for call in calls) / len(calls)


def _valid(call: ToolCall, tools: dict[str, ToolSpec]) -> bool:
    tool = tools.get(call.name or "")
    return tool is not None and _check(tool)(call) is None


def _check(tool: ToolSpec) -> CallCheck:
    """The tool's check, made once: a spec is told by its identity, which its check keeps alive."""
    check = CHECKS.get(id(tool))
    if check is None or check.spec is not tool:
        if len(CHECKS) >= MAX_CHECKS:
            CHECKS.clear()
        check = CHECKS[id(tool)] = CallCheck(tool)
    return check


def call_match(task: Task, trajectory: Trajectory, graded: bool = False) -> float:
    """1.0 for the expected calls, by the task's rules; else 0.0, or with ``graded`` how near they come.

    Judges what was asked for, not what came of it: for data whose tools cannot be run.
    """
    if graded:
        return graded_match(task, trajectory.calls)
    return float(match_calls(task, trajectory.calls).ok)


def api_success(task: Task, trajectory: Trajectory) -> float | None:
    """Half for the right calls with the right effect, half for the share of facts in the reply.

    Right: each call was expected and ran (if the task's calls are run at all), the state has what is
    expected of it afterwards, and nothing else of it was changed. Without facts the calls (and, where one is expected, a reply) earn all. Where
    no call is due: 1.0 for a reply without any. None where the sandbox failed or the state is not known.
    """
    if failed_by_us(trajectory):
        return None
    reply = final_reply(task, trajectory)
    if task.expected.no_call:
        return float(not trajectory.calls and bool(reply))
    if not _calls_succeeded(task, trajectory):
        return 0.0
    if task.expected.final_state is not None:
        if trajectory.state is None:
            return None
        if not _state_holds(task, trajectory.state):
            return 0.0
    return 0.5 + 0.5 * _told(task, trajectory, reply)


def failed_by_us(trajectory: Trajectory) -> bool:
    """Whether the sandbox or the rollout failed: nothing can be said of the model then."""
    return trajectory.stop == "infra" or any(r.status == "infra_error" for r in trajectory.results)


def _calls_succeeded(task: Task, trajectory: Trajectory) -> bool:
    """Every call was expected and answered; a call without its result did not run."""
    answered = {result.call_id: result.status for result in trajectory.results}
    ran = not task.run_calls or all(answered.get(call.id) == "ok" for call in trajectory.calls)
    return ran and match_calls(task, trajectory.calls).ok


def _state_holds(task: Task, state: dict[str, Any]) -> bool:
    """What is expected holds, and the rest is as it was: the task's own, or the catalog's to begin with."""
    untouched = {key: value for key, value in _catalog_state().items() if key in state}
    wanted = untouched | task.state | (task.expected.final_state or {})
    return _equal(_checked(state, task), _checked(wanted, task))


def _checked(state: dict[str, Any], task: Task) -> dict[str, Any]:
    return {key: value for key, value in state.items() if key not in task.expected.unchecked}


@cache
def _catalog_state() -> dict[str, Any]:
    return initial_state()


def _equal(a: Any, b: Any) -> bool:
    """Equality of JSON values: 1 is 1.0, but True is not 1."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_equal, a, b))
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def _told(task: Task, trajectory: Trajectory, reply: str) -> float:
    """The share of facts that the reply states; without facts 1.0, or 0.0 for a reply that is owed."""
    facts = task.expected.facts
    if not facts:
        return float(task.expected.reply is None or bool(reply))
    return sum(told(task, trajectory, reply)) / len(facts)
