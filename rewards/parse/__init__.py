"""Tool calls in what a model wrote. A malformed call comes back as data, never as an exception.

A call is strict or it is malformed: JSON as RFC 8259 has it, tags that close, no key twice. What
stands in a thought, a code block or an HTML comment is no call. See ``formats`` for the formats.
"""

import re
from collections.abc import Sequence

from rewards.parse.formats import FORMATS, Call, Format, itc_thought
from rewards.parse.parts import Part, parts
from rewards.parse.strict import Malformed, strict_json
from sandbox.types import ToolCall, ToolSpec

__all__ = ["FORMATS", "Malformed", "parse_calls", "prose", "strict_json", "thoughts"]


THOUGHT_TAGS = re.compile(r"^(?:<think>|\[THINK\])|(?:</think>|\[/THINK\])$")


def parse_calls(text: str, format: str | None = None, tools: Sequence[ToolSpec] = ()) -> list[ToolCall]:
    """All calls of a completion in order, with ids "0", "1", ...; a bad one has ``error`` set.

    ``format`` is a name of ``FORMATS``; None or "auto" reads whichever of them the call looks like, which
    is all that can be done where nobody knows what the model was taught. ``tools`` give the types of
    values in formats that write everything as text. Characters in an ``error`` are counted in ``raw``.
    """
    form = FORMATS[format or "auto"]
    found = list(parts(text, form.marks))
    marked = [part.text.strip() for part in found if part.kind == "call"]
    calls = [call for raw in marked for call in _read(raw, form, tools)] or _bare_calls(found, form, tools)
    return [ToolCall(str(i), *call) for i, call in enumerate(calls)]


def prose(text: str, format: str | None = None) -> str:
    """What the text says to its reader: no calls, no thoughts, no comments; code stays."""
    form = FORMATS[format or "auto"]
    found = list(parts(text, form.marks))
    shown = ("code",) if _bare_calls(found, form, ()) else ("text", "code")
    return "".join(part.text for part in found if part.kind in shown).strip()


def thoughts(text: str) -> str:
    """What stands in the thoughts of a completion: between their tags, or after ITC's ``Thought``."""
    found = list(parts(text, ()))
    inside = [THOUGHT_TAGS.sub("", part.text).strip() for part in found if part.kind == "thought"]
    return "\n".join(inside) or itc_thought(_bare(found))


def _bare(found: Sequence[Part]) -> str:
    return "".join(part.text for part in found if part.kind == "text").strip()


def _bare_calls(found: Sequence[Part], form: Format, tools: Sequence[ToolSpec]) -> list[Call]:
    """The calls of a text that is a call, or a list of them, as a whole."""
    text = _bare(found)
    return _read(text, form, tools) if form.start and form.start.match(text) else []


def _read(raw: str, form: Format, tools: Sequence[ToolSpec]) -> list[Call]:
    try:
        return form.read(raw, tools)
    except Malformed as error:
        return [(None, None, raw, str(error))]
