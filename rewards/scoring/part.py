"""One part of a score: a configured component, called as it was written, its answer checked.

Whatever the component does ends in an ``PartScore``. What it raises, a value that is no reward and a time limit
are our failure; they are never the model's.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from numbers import Real
from types import SimpleNamespace
from typing import Any, NamedTuple

from rewards.scoring.fair_timeout import patience
from rewards.scoring.plan import KEYS
from rewards.scoring.room import NO_LIMIT, Room
from rewards.scoring.targets import Component, accepts, check_call, has_trl_signature, known_columns, resolve
from rewards.scoring.threads import in_thread
from rewards.types import Score, Task, Trajectory

TIME_LIMIT = 10.0  # seconds
LONGEST = 500  # characters of a note

Caller = Callable[..., Awaitable[Any]]  # how a function that is not async is called


class Row(NamedTuple):
    """What a part evaluates. ``step`` is the training step that it is for (None: the trajectory's policy version)."""

    task: Task
    trajectory: Trajectory
    step: int | None = None


class Failed(Exception):
    """A part that gave no usable value; the message says why."""


class WrongLength(Failed):
    """A part that gave more or fewer values than there were rows: none of them can be told to be any row's."""


@dataclass(frozen=True)
class PartScore:
    """What a part gave: ``value`` in 0..1, or None with a note that says whether it failed or abstained.

    ``figures`` are numbers of its own for the logs: the ``parts`` of the ``Score`` that it returned.
    """

    value: float | None
    notes: dict[str, str] = field(default_factory=dict)
    failed: bool = False
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One component and its time limit in seconds. ``trl``: it takes many rows at once, TRL's way. ``room`` is what a
    row enters before its time runs: waiting for the rows before it is no outage.

    ``component`` is None where the part is only known, and evaluated elsewhere.
    """

    name: str
    component: Component | None
    time_limit: float
    trl: bool
    asynchronous: bool
    room: Room

    @classmethod
    def from_config(cls, name: str, settings: Mapping[str, Any], cfg: Mapping[str, Any]) -> "Part":
        """The part that a component's settings name; its time limit is theirs, else the component's own
        attribute ``time_limit``, else that of all; its attribute ``at_once`` says how many rows it takes at a time.
        Raises ValueError with one sentence."""
        options = {key: value for key, value in settings.items() if key not in KEYS}
        component = resolve(name, settings["_target_"], options)
        of_all = cfg.get("time_limit", TIME_LIMIT)
        limit = float(settings.get("time_limit") or getattr(component, "time_limit", of_all))
        room = Room(getattr(component, "at_once", NO_LIMIT))
        if cfg.get("languages") and "languages" not in options and accepts(component, "languages"):
            component = partial(component, languages=tuple(cfg["languages"]))
        trl = has_trl_signature(component)
        check_call(name, component, list(_columns([])) if trl else None)
        return cls(name, component, limit, trl, _is_async(component), room)

    def failure(self, why: str) -> PartScore:
        """The outcome of a failure: ``why`` follows the part's name."""
        note = f"failed: reward {self.name!r} {why}"[:LONGEST]
        return PartScore(None, {self.name: note}, failed=True)

    def too_long(self) -> PartScore:
        return self.failure(f"took longer than {self.time_limit:g} s")


async def evaluate(part: Part, rows: Sequence[Row], call: Caller = in_thread) -> list[PartScore]:
    """An outcome for each row; rows are more than one only for a part with TRL's signature.

    Rows that fail together are evaluated one by one, so that each gets what it would have got alone; but a part
    that returned another number of values has failed on all of them.
    """
    try:
        async with patience(part.time_limit) as clock:
            values = await _values(part, rows, call)
        if len(rows) == 1 or all(map(_is_reward, values)):
            return [_outcome(part, value) for value in values]
    except WrongLength as error:
        return [part.failure(str(error))] * len(rows)
    except Failed as error:
        failure = part.failure(str(error))
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) and task.cancelling():
            raise
        failure = part.failure("was cancelled from inside")
    except Exception as error:  # the component is the user's code: whatever it raises masks this sample
        late = isinstance(error, TimeoutError) and clock.expired()
        failure = part.too_long() if late else part.failure(f"raised {type(error).__name__}: {error}")
    if len(rows) == 1:
        return [failure]
    alone = await asyncio.gather(*(evaluate(part, [row], call) for row in rows))
    return [outcome for (outcome,) in alone]


async def inline(function: Component, *args: Any, **options: Any) -> Any:
    """The caller for a process that may be killed: nothing else waits there."""
    return function(*args, **options)


async def _values(part: Part, rows: Sequence[Row], call: Caller) -> list[Any]:
    if part.trl and part.component:
        columns = known_columns(part.component, _columns(rows))
        return _as_list(await _invoke(part, call, **columns), len(rows))
    return [await _invoke(part, call, rows[0].task, rows[0].trajectory)]


async def _invoke(part: Part, call: Caller, *args: Any, **columns: Any) -> Any:
    assert part.component is not None
    try:
        if part.asynchronous:
            return await part.component(*args, **columns)
        value = await call(part.component, *args, **columns)
        return await value if inspect.isawaitable(value) else value
    except SystemExit as error:  # it would end the event loop
        raise RuntimeError(repr(error)) from error


def _is_async(component: Component) -> bool:
    inner = component.func if isinstance(component, partial) else component
    return inspect.iscoroutinefunction(inner) or inspect.iscoroutinefunction(type(inner).__call__)


def _columns(rows: Sequence[Row]) -> dict[str, Any]:
    """What TRL's trainer passes, with a task's fields for the dataset's columns; logs are dropped."""
    return {
        "prompts": [row.task.messages for row in rows],
        "completions": [row.trajectory.messages for row in rows],
        "completion_ids": [row.trajectory.token_ids for row in rows],
        "id": [row.task.id for row in rows],
        "language": [row.task.language for row in rows],
        "locale": [row.task.locale for row in rows],
        "expected": [row.task.expected for row in rows],
        "task": [row.task for row in rows],
        "trajectory": [row.trajectory for row in rows],
        "trainer_state": SimpleNamespace(global_step=max(map(_step, rows), default=0)),
        "log_extra": lambda *_: None,
        "log_metric": lambda *_: None,
    }


def _step(row: Row) -> int:
    return row.trajectory.policy_version if row.step is None else row.step


def _as_list(values: Any, rows: int) -> list[Any]:
    if isinstance(values, str | bytes | dict) or not isinstance(values, Iterable):
        raise Failed(f"must return a list of floats, not {type(values).__name__}")
    found = list(values)
    if len(found) != rows:
        raise WrongLength(
            f"returned {len(found)} value{'s' * (len(found) != 1)} for {rows} completion{'s' * (rows > 1)}"
        )
    return found


def _plain(value: Any) -> Any:
    """A scalar of NumPy or PyTorch as Python's own."""
    return value.item() if getattr(value, "shape", None) == () and hasattr(value, "item") else value


def _is_reward(value: Any) -> bool:
    value = _plain(value.reward if isinstance(value, Score) else value)
    return value is None or (isinstance(value, Real) and 0 <= float(value) <= 1)  # NaN, too, is none


def _outcome(part: Part, value: Any) -> PartScore:
    notes: dict[str, str] = {}
    figures: dict[str, float] = {}
    if isinstance(value, Score):
        figures = {key: float(figure) for key, figure in value.parts.items() if figure is not None}
        notes = {f"{part.name}.{key}": str(note)[:LONGEST] for key, note in value.notes.items()}
        if value.reward is None and (why := _failure_in(value)):
            return PartScore(None, notes | part.failure(f"gave up: {why}").notes, failed=True)
        value = value.reward
    value = _plain(value)
    if value is None:
        return PartScore(None, notes | {part.name: "abstains"}, figures=figures)
    if not isinstance(value, Real):
        return part.failure(f"must return a number in 0..1, not {type(value).__name__}")
    if not _is_reward(value):
        return part.failure(f"returned {value!r}, which is outside 0..1")
    return PartScore(float(value), notes, figures=figures)


def _failure_in(score: Score) -> str | None:
    """Why a score has no reward, where that was a failure and no abstention."""
    notes = (str(note) for note in score.notes.values())
    return next((note.removeprefix("failed: ") for note in notes if note.startswith("failed:")), None)
