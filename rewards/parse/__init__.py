"""Tool calls in what a model wrote. A malformed call comes back as data, never as an exception.

A call is strict or it is malformed: JSON as RFC 8259 has it, tags that close, no key twice. What
stands in a thought, a code block or an HTML comment is no call. See ``formats`` for the formats.
"""

import re
from collections.abc import Sequence

from rewards.parse.formats import FORMATS, Call, Format, itc_thought
from rewards.parse.parts import Cutter, Piece
from rewards.parse.strict import Malformed, strict_json
from sandbox.types import ToolCall, ToolSpec

__all__ = [
    "FORMATS",
    "Malformed",
    "parse_calls",
    "prose",
    "spans",
    "strict_json",
    "thoughts",
    "without_calls",
]

THOUGHT_TAGS = re.compile(r"^(?:<think>|\[THINK\])|(?:</think>|\[/THINK\])$")


def parse_calls(text: str, format: str | None = None, tools: Sequence[ToolSpec] = ()) -> list[ToolCall]:
    """All calls of a completion in order, with ids "0", "1", ...; a bad one has ``error`` set.

    ``format`` is a name of ``FORMATS``; None or "auto" reads whichever of them the call looks like, which
    is all that can be done where nobody knows what the model was taught. ``tools`` give the types of
    values in formats that write everything as text. Characters in an ``error`` are counted in ``raw``.
    """
    form = FORMATS[format or "auto"]
    found = _parts(text, form, tools)
    marked = [part.text.strip() for part in found if part.kind == "call"]
    calls = [call for raw in marked for call in _read(raw, form, tools)] or _bare_calls(found, form, tools)
    return [ToolCall(str(i), *call) for i, call in enumerate(calls)]


def prose(text: str, format: str | None = None) -> str:
    """What the text says to its reader: no calls, no thoughts, no comments; code stays."""
    return _kept(text, format, "text", "code")


def without_calls(text: str, format: str | None = None) -> str:
    """All that a turn says beside its calls, its thoughts too, with their tags."""
    return _kept(text, format, "text", "code", "thought", "comment")


def thoughts(text: str) -> str:
    """What stands in the thoughts of a completion: between their tags, or after ITC's ``Thought``."""
    found = list(Cutter((), FORMATS["itc"].texts, lambda _: False).parts(text))
    inside = [THOUGHT_TAGS.sub("", part.text).strip() for part in found if part.kind == "thought"]
    return "\n".join(inside) or itc_thought(_bare(found))


def spans(text: str, format: str | None = None) -> list[tuple[str, int, int]]:
    """Which characters of a completion are what: (kind, start, end) in order, ``kind`` as ``parts.Piece`` has it."""
    form = FORMATS[format or "auto"]
    found = _parts(text, form, ())
    bare = bool(_bare_calls(found, form, ()))
    return [
        ("call" if bare and part.kind == "text" else part.kind, part.start, part.start + len(part.text))
        for part in found
    ]


def _parts(text: str, form: Format, tools: Sequence[ToolSpec]) -> list[Piece]:
    def reads(raw: str) -> bool:
        calls = _read(raw, form, tools)
        return bool(calls) and all(error is None for *_, error in calls)

    return list(Cutter(form.marks, form.texts, reads).parts(text))


def _kept(text: str, format: str | None, *kinds: str) -> str:
    form = FORMATS[format or "auto"]
    found = _parts(text, form, ())
    called = bool(_bare_calls(found, form, ()))
    return "".join(p.text for p in found if p.kind in kinds and not (called and p.kind == "text")).strip()


def _bare(found: Sequence[Piece]) -> str:
    return "".join(part.text for part in found if part.kind == "text").strip()


def _bare_calls(found: Sequence[Piece], form: Format, tools: Sequence[ToolSpec]) -> list[Call]:
    """The calls of a text that is a call, or a list of them, as a whole."""
    text = _bare(found)
    return _read(text, form, tools) if form.start and form.start.match(text) else []


def _read(raw: str, form: Format, tools: Sequence[ToolSpec]) -> list[Call]:
    try:
        return form.read(raw, tools)
    except Malformed as error:
        return [(None, None, raw, str(error))]
