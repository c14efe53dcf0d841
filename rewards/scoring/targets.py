"""From a line of configuration to a callable reward: ``{_target_: module.attribute, **options}``."""

import importlib
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from rewards.text.nearest import hint

Component = Callable[..., Any]


def resolve(name: str, target: str, options: Mapping[str, Any]) -> Component:
    """The component that a dotted path names: a class is instantiated with ``options``, a function gets
    them bound. ``name`` is the component's own, for the error.

    Raises ValueError with one sentence that says what to do.
    """
    module_name, _, attribute = target.rpartition(".")
    found = _attribute(name, _module(name, module_name), attribute)
    if inspect.isclass(found):
        found, options = _instance(name, target, found, options), {}
    if not callable(found):
        raise ValueError(f"Reward {name!r}: {target} cannot be called: its type is {type(found).__name__}.")
    _check_options(name, target, found, options)
    return partial(found, **options) if options else found


def _module(name: str, module: str) -> Any:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and module.split(".")[: error.name.count(".") + 1] == error.name.split("."):
            raise ValueError(
                f"Reward {name!r}: there is no module {module}; run from the folder that holds it, "
                "or put that folder on PYTHONPATH."
            ) from None
        raise ValueError(
            f"Reward {name!r}: {module} imports {error.name}, which is not installed."
        ) from error
    except Exception as error:
        raise ValueError(
            f"Reward {name!r}: importing {module} failed: {type(error).__name__}: {error}"
        ) from error


def _attribute(name: str, module: Any, attribute: str) -> Any:
    if not hasattr(module, attribute):
        public = [one for one in dir(module) if not one.startswith("_")]
        meant = hint(attribute, public) or "."
        raise ValueError(f"Reward {name!r}: {module.__name__} has no {attribute}{meant}")
    return getattr(module, attribute)


def _instance(name: str, target: str, found: type, options: Mapping[str, Any]) -> Any:
    try:
        return found(**options)
    except (TypeError, ValueError) as error:
        raise ValueError(f"Reward {name!r}: {target} refused its options: {error}") from error


def _check_options(name: str, target: str, found: Component, options: Mapping[str, Any]) -> None:
    parameters = _parameters(found)
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
        return
    for option in options:
        if parameters and option not in parameters:
            meant = hint(option, parameters) or "."
            raise ValueError(f"Reward {name!r}: {target} has no option {option!r}{meant}")


def check_call(name: str, component: Component, columns: list[str] | None) -> None:
    """Refuse a component that cannot be called as it will be: with ``(task, trajectory)``, or, where it has
    TRL's signature, with these ``columns``. Raises ValueError with one sentence."""
    try:
        signature = inspect.signature(component)
    except (TypeError, ValueError):  # some builtins have none
        return
    if columns is None:
        try:
            signature.bind("task", "trajectory")
        except TypeError as error:
            raise ValueError(
                f"Reward {name!r} must take (task, trajectory), and takes {signature}: {error}."
            ) from None
        return
    optional = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    for parameter in signature.parameters.values():
        needed = parameter.default is inspect.Parameter.empty and parameter.kind not in optional
        if needed and parameter.name not in columns:
            raise ValueError(
                f"Reward {name!r} asks for the column {parameter.name!r}; there are {', '.join(columns)}. "
                "Give it as an option of the component, or take it from task."
            )


def has_trl_signature(component: Component) -> bool:
    """Whether it is written for TRL: ``(prompts, completions, **columns) -> list[float]``."""
    return accepts(component, "completions")


def accepts(component: Component, option: str) -> bool:
    """Whether a component has a parameter of that name."""
    return option in _parameters(component)


def known_columns(component: Component, columns: dict[str, Any]) -> dict[str, Any]:
    """The columns that a TRL reward takes: all of them if it has ``**columns``."""
    parameters = _parameters(component)
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
        return columns
    return {name: column for name, column in columns.items() if name in parameters}


def _parameters(component: Component) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(component).parameters
    except (TypeError, ValueError):  # some builtins have no signature
        return {}
