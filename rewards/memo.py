"""What several parts of a score want to know is worked out once: by task, or by what is being scored."""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import TypeVar, TypeVarTuple

from rewards.types import Task

MOST = 2_000  # tasks
RECENT = 64  # trajectories
T = TypeVar("T")
Row = TypeVarTuple("Row")


def per_task(function: Callable[[Task], T]) -> Callable[[Task], T]:
    """Keep the function's values by task. A task that comes anew from another process counts as the same."""
    kept: dict[str, tuple[Task, T]] = {}

    @wraps(function)
    def remembered(task: Task) -> T:
        found = kept.get(task.id)
        if found is not None and (found[0] is task or found[0] == task):
            return found[1]
        if len(kept) >= MOST:
            kept.clear()
        kept[task.id] = task, (value := function(task))
        return value

    return remembered


def per_row(function: Callable[[*Row], T]) -> Callable[[*Row], T]:
    """Keep the function's values for the trajectories (with their tasks) that are being scored, told by their
    identity."""
    kept: OrderedDict[tuple[int, ...], tuple[tuple[*Row], T]] = OrderedDict()

    @wraps(function)
    def remembered(*row: *Row) -> T:
        key = tuple(map(id, row))
        found = kept.get(key)
        if found is None:
            kept[key] = found = row, function(*row)
            while len(kept) > RECENT:
                kept.popitem(last=False)
        return found[1]

    return remembered
