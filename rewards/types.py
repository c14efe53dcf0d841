"""What is asked of the model, what it did, and what that is worth. Plain data, JSON-safe."""

from dataclasses import dataclass, field
from typing import Any, Literal, Required, TypedDict

from sandbox.types import ToolCall, ToolResult, ToolSpec

Rules = Literal["bfcl", "exact", "subset"]
Kind = Literal["number", "money", "date", "time", "quantity", "temperature", "text"]


class ExpectedCall(TypedDict):
    """A right call: of each argument, the acceptable values; an empty string among them means that the
    argument may be left out."""

    name: str
    arguments: dict[str, list[Any]]


Fact = TypedDict(  # in this form, as ``not`` is a keyword
    "Fact",
    {
        "kind": Required[Kind],
        "value": Required[Any],
        "unit": str,
        "currency": str,
        "also": list[str],
        "not": list[Any],
        "verdict": bool,
        "yes": list[str],
        "no": list[str],
        "name": dict[str, str],
        "address": dict[str, str],
    },
    total=False,
)
Fact.__doc__ = "A value that a reply must state, as ``rewards.facts`` describes."


@dataclass(frozen=True)
class Expected:
    """The right answer to a task; it never reaches the model or the sandbox.

    ``facts`` are values that the reply must state. ``final_state`` is the part of the session's state that is
    other than at the start, or that must be as it was; the rest of it must not change, but for the keys that are
    ``unchecked`` (None: nothing is checked). ``reply`` is a reference reply, used for the warm start and as gold,
    never for scoring.
    """

    calls: list[ExpectedCall] = field(default_factory=list)
    rules: Rules = "exact"
    ordered: bool = False
    no_call: bool = False
    facts: list[Fact] = field(default_factory=list)
    final_state: dict[str, Any] | None = None
    reply: str | None = None
    unchecked: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Task:
    """One request. ``language`` is a BCP 47 tag; tasks of one ``parallel_id`` ask the same thing.

    ``run_calls`` False: the tools are known on paper only, so calls are judged and not run, and a
    rollout ends with its first turn.
    """

    id: str
    parallel_id: str
    language: str
    locale: str
    messages: list[dict[str, Any]]
    tools: list[ToolSpec]
    expected: Expected
    state: dict[str, Any] = field(default_factory=dict)
    source: str = ""
    split: str = "train"
    run_calls: bool = True


@dataclass(frozen=True)
class Trajectory:
    """One rollout of a task.

    ``token_ids``, ``sampled`` (True where the policy chose the token) and ``logprobs`` (nats, 0.0
    where not sampled) have one length. ``messages`` are those that came after the task's own.
    ``state`` is the session's state at the end (None: not known). ``stop`` says why the rollout
    ended: ``"end"``, ``"length"``, ``"turns"``, or ``"infra"`` where we failed. ``policy_version``
    counts the weight updates that the sampling policy had seen: the most of them, where new weights came
    between turns, and ``lowest_version`` the fewest (None: as many).
    """

    task_id: str
    prompt_ids: list[int]
    token_ids: list[int]
    sampled: list[bool]
    logprobs: list[float]
    messages: list[dict[str, Any]]
    calls: list[ToolCall]
    results: list[ToolResult]
    stop: str
    policy_version: int = 0
    state: dict[str, Any] | None = None
    lowest_version: int | None = None


@dataclass(frozen=True)
class Score:
    """A trajectory's worth. ``reward`` None: we failed and the sample is masked; 0.0: the model did.

    ``parts`` are in 0..1; a part is None where it failed or abstained, and ``notes`` says which.
    """

    reward: float | None
    parts: dict[str, float | None]
    notes: dict[str, str] = field(default_factory=dict)
