"""The sandbox's plain data: what a tool is, what the model asked of it, what came back.

All are frozen, picklable and JSON-safe (``dataclasses.asdict`` gives plain JSON).
"""

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Status = Literal[
    "ok",
    "invalid_call",
    "tool_error",
    "cpu_timeout",
    "wall_timeout",
    "memory",
    "output_limit",
    "killed",
    "no_result",
    "protocol_error",
    "policy_denied",
    "infra_error",
]
STATUSES: tuple[str, ...] = get_args(Status)


@dataclass(frozen=True)
class ToolSpec:
    """A tool as the model is shown it.

    ``parameters`` is a JSON Schema of type ``object``. ``locale`` is a BCP 47 tag for a tool that
    makes sense in one country only, None for a global one. ``examples`` are trigger queries. ``localized``
    holds, by language (BCP 47), a description and trigger queries in it. A tool that is not ``stateful`` neither reads
    nor writes what other calls leave behind, so that its calls may run beside any others.
    """

    name: str
    description: str
    parameters: dict[str, Any]
    locale: str | None = None
    examples: tuple[str, ...] = ()
    localized: dict[str, list[str]] = field(default_factory=dict)
    stateful: bool = True


def key_of(spec: ToolSpec) -> str:
    """What tells a tool from those of other countries that have the same name."""
    return f"{spec.name}@{spec.locale}" if spec.locale else spec.name


@dataclass(frozen=True)
class ToolCall:
    """A call as the model wrote it. A malformed one is data: ``error`` says what is wrong and where."""

    id: str
    name: str | None
    arguments: dict[str, Any] | None
    raw: str = ""
    error: str | None = None


@dataclass(frozen=True)
class ToolResult:
    """What a call came to. ``content`` is a JSON value; ``seconds`` is wall time in the sandbox.

    Every status but ``ok`` and ``infra_error`` is the model's doing; ``infra_error`` is ours.
    """

    call_id: str
    status: Status
    content: Any
    seconds: float = 0.0
