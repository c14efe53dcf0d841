"""A source of one's own: ``data._target_=my_tasks.load``, a function that returns tasks."""

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

from rewards.types import Task
from rl.data.rows import only
from rl.data.settings import Own
from rl.errors import UserError, hint


def load(data: Own, split: str) -> list[Task]:
    """The function's tasks of that split, in the languages and with the tools that the settings keep.

    The function gets its own settings, and ``split``, ``path``, ``languages``, ``tools`` and ``system`` where it
    has parameters of those names. Raises UserError for one that cannot be imported or called so, and for what
    it returns beside tasks; what it raises itself comes through.
    """
    function = _imported(data.target)
    given = {"split": split} | {
        name: getattr(data, name) for name in ("path", "languages", "tools", "system")
    }
    parameters = inspect.signature(function).parameters
    open_ended = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    for name in data.options:
        if name not in parameters and not open_ended:
            raise UserError(
                f"{data.target} has no parameter for data.{name}{hint(name, parameters, 'data.')}"
            )
    options = {name: value for name, value in given.items() if name in parameters} | data.options
    try:
        inspect.signature(function).bind(**options)
    except TypeError as error:
        raise UserError(f"{data.target} cannot be called ({error}); set data.<argument>=<value>") from None
    found = function(**options)
    if not isinstance(found, list | tuple) or not all(isinstance(task, Task) for task in found):
        raise UserError(f"{data.target} must return a list of rewards.types.Task")
    tasks = [task for task in found if task.split == split]
    if not tasks:
        raise UserError(f"{data.target} has no tasks with split {split!r}; Task.split names it")
    return only(data.target, tasks, data.languages, data.tools)


def _imported(path: str) -> Callable[..., Any]:
    module, _, name = path.rpartition(".")
    try:
        found = getattr(import_module(module), name, None)
    except ImportError as error:
        raise UserError(f"data._target_={path} cannot be imported ({error})") from error
    if not callable(found):
        raise UserError(f"data._target_={path} names no function")
    function: Callable[..., Any] = found
    return function
