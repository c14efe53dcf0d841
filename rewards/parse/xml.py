"""The call of Qwen3-Coder, written as tags. Values have no types of their own: the tool's schema tells them.

A value ends with the first ``</parameter>`` behind which the call goes on or ends, so tags may stand in it, and
any tags in the texts of a list or an object. A text that itself goes on so cannot be written in this format.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from rewards.parse.strict import JSON_TEXT, SURROGATE, Malformed, skip_space, strict_json
from sandbox.arguments import checked
from sandbox.types import ToolSpec

FUNCTION = re.compile(r"[ \t\n\r]*<function=([^>\n]+)>\s*")
PARAMETER = re.compile(r"<parameter=([^>\n]+)>\n?")
CALL_END = re.compile(r"</function>\s*</tool_call>")
VALUE_END = re.compile(rf"</parameter>\s*(?=<parameter=[^>\n]+>|{CALL_END.pattern})")
STOPS = re.compile(rf"{VALUE_END.pattern}|(?P<call>{CALL_END.pattern})|(?P<next><tool_call>)")
# A list or an object up to the first tag outside its texts.
JSON_VALUE = re.compile(rf'[\[{{](?:{JSON_TEXT}|[^"<\\]++)*+')
TAGS = re.compile("<tool_call>|</tool_call>")
PYTHON_NAMES = {"True": "true", "False": "false", "None": "null"}  # as templates write them
JSON_KINDS = {"integer", "number", "boolean", "array", "object", "null"}


class _Tags(NamedTuple):
    """A call as tags: where its values stand, where it ends, and what is wrong at ``at``, if anything."""

    name: str
    values: list[tuple[str, int, int]]
    end: int
    wrong: str | None = None
    at: int = 0


def function_at(text: str, start: int) -> bool:
    return text.startswith("<function=", skip_space(text, start))


def tags_end(text: str, start: int) -> int:
    """Where the call ends whose ``<function=`` stands at ``start``; if malformed, the next tag of a call."""
    tags = _walk(text, start)
    if tags.wrong is None:
        return tags.end
    found = TAGS.search(text, tags.end)
    if found is None:
        return len(text)
    return found.start() if found[0] == "<tool_call>" else found.end()


def xml_call(text: str, start: int, tools: Sequence[ToolSpec]) -> tuple[str, dict[str, Any]]:
    """(name, arguments) of the one call that the text holds from ``start`` on; raises Malformed."""
    if match := SURROGATE.search(text):
        raise Malformed("a lone surrogate", match.start())
    tags = _walk(text, start)
    if tags.wrong is not None:
        raise Malformed(tags.wrong, tags.at)
    if tags.end < len(text):
        raise Malformed("text after the call", tags.end)
    tool = next((tool for tool in tools if tool.name == tags.name), None)
    return tags.name, {key: _value(key, text[i:j], tool, i) for key, i, j in tags.values}


def _walk(text: str, start: int) -> _Tags:
    """Goes forward only; where it stops short, nothing before ``end`` has to be looked at again."""
    function = FUNCTION.match(text, start)
    if function is None:
        return _Tags("", [], start, "<function=name> is expected", start)
    name, at = function[1], function.end()
    values: dict[str, tuple[str, int, int]] = {}
    while parameter := PARAMETER.match(text, at):
        key, begin = parameter[1], parameter.end()
        stop = _stop(text, begin)
        if key in values:
            return _Tags(name, [], begin, f"key {key!r} stands twice", at)
        if stop is None or stop.lastgroup:
            end = begin if stop is None else stop.start()
            return _Tags(name, [], end, f"<parameter={key}> without </parameter>", at)
        values[key] = (key, begin, stop.start())
        at = stop.end()
    closing = CALL_END.match(text, at)
    if closing is None:
        return _Tags(name, [], at, "</function> and </tool_call> are expected", at)
    return _Tags(name, list(values.values()), closing.end())


def _stop(text: str, begin: int) -> re.Match[str] | None:
    """The end of the value that begins there. A call's end is the value's, unless the next call begins before the
    value ends: then it is what the value lacks its own end before."""
    if begin >= _last_call(text):
        return None
    if (json := JSON_VALUE.match(text, begin)) and (end := VALUE_END.match(text, json.end())):
        return end
    ended = None
    for stop in STOPS.finditer(text, begin):
        if stop.lastgroup is None:
            return stop
        if ended and stop["next"]:
            break
        ended = ended or (stop if stop["call"] else None)
    return ended


@lru_cache(maxsize=1)
def _last_call(text: str) -> int:
    """Where the last call ends: no value that begins behind it can end."""
    last = 0
    for match in CALL_END.finditer(text):
        last = match.end()
    return last


def _value(key: str, written: str, tool: ToolSpec | None, at: int) -> Any:
    """What was written, as the schema takes it: JSON where it takes that, else text; without a schema,
    JSON where it is some."""
    written = written.removesuffix("\n")
    kind = tool.parameters.get("properties", {}).get(key) if tool else None
    kind = kind.get("type") if isinstance(kind, dict) and kind.keys() <= {"type", "description"} else None
    if kind == "string":
        return written
    try:
        value = strict_json(PYTHON_NAMES.get(written, written))
    except Malformed as error:
        if tool is not None and not checked(tool).admits_text(key):
            raise Malformed(f"parameter {key!r} is no {kind or 'such value'}: {error.what}", at) from None
        return written
    if tool is None or (isinstance(kind, str) and kind in JSON_KINDS):
        return value
    check = checked(tool)
    return value if check.takes(key, value) or not check.admits_text(key) else written
