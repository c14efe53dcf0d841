"""The ways of writing calls that models are trained on, each read strictly."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rewards.parse.parts import CLOSE, LISTS, PYTHON_TAG, PYTHON_TEXT, TOOL_CALL, TOOL_CALLS, Start
from rewards.parse.pythonic import NAME as PYTHON_NAME
from rewards.parse.pythonic import as_python, pythonic_calls
from rewards.parse.strict import JSON_TEXT, Malformed, check_text, next_value, skip_space, strict_json
from rewards.parse.xml import xml_call
from sandbox.types import ToolSpec

Call = tuple[str | None, dict[str, Any] | None, str, str | None]  # name, arguments, raw, error
Read = Callable[[str, Sequence[ToolSpec]], list[Call]]
NAME, ARGUMENTS = frozenset({"name"}), frozenset({"arguments"})
IGNORED = frozenset({"id", "type"})  # of a call that has no arguments
# A value of JSON with no more than three levels of brackets.
VALUE = rf'(?:{JSON_TEXT}|[^\s"\[\]{{}},:]++)'
for _ in range(3):
    VALUE = rf"(?:{VALUE}|[\[{{](?:{VALUE}|[\s,:])*+[\]}}])"


def _has_key(keys: str) -> str:
    """That an object has one of the keys, behind whichever others."""
    key = rf'"(?:{keys})"\s*+:'
    return rf"(?=(?:\s*+(?!{key}){JSON_TEXT}\s*+:\s*+{VALUE}\s*+,)*+\s*+{key})"


# How a text that is a call as a whole begins, well formed or not: any quotation mark, or none. Where other
# keys come first it must have both of a call's own: else it may be JSON that a user asked for.
JSON_START = re.compile(
    r"\[?\s*\{(?:\s*(?:\W?(?:name|arguments|parameters|id)\W?\s*:|\W?type\W?\s*:\s*\W?function\W)"
    rf"|{_has_key('name')}{_has_key('arguments|parameters')})"
)
PYTHONIC_START = re.compile(rf"\[\s*{PYTHON_NAME}\(")
UNLISTED_START = re.compile(rf"\[?\s*{PYTHON_NAME}\(")
API_REQUEST = re.compile(r"API-Request:\s*")
API_BANK_START = re.compile(rf"{API_REQUEST.pattern}|{PYTHONIC_START.pattern}")
ITC_START = rf"\{{(?:\s*\W?(?:thought|actions?)\W?\s*:|{_has_key('thought')}{_has_key('actions?')})"
THOUGHT_START = re.compile(rf"(?i:{ITC_START}|thought\s*:)")
# Before the action a thought is no JSON, and its quotation marks open no text.
ACTED = re.compile(
    rf"(?is:{ITC_START}|thought\s*:(?:(?!<!--|```|<think>|\[THINK\]).)*?\n[ \t]*action[ \t]*:)"
)
ACTION = re.compile(r"^[ \t]*action[ \t]*:[ \t]*", re.IGNORECASE | re.MULTILINE)
MISTRAL_NAMED = re.compile(r"([^\s\[\]{}]+)(?:\[CALL_ID\]\w+)?(?:\[ARGS\])?\s*(?=\{)")
LIQUID = "<|tool_call_start|>"
JSON_TYPES = {dict: "object", list: "array", str: "string", int: "integer", float: "number", bool: "boolean"}


@dataclass(frozen=True)
class Format:
    """How calls are written: marked by one of ``marks``, or as the whole text, which begins like ``start``
    and has its own texts as ``texts`` tells."""

    read: Read
    marks: tuple[str, ...] = ()
    start: re.Pattern[str] | None = None
    texts: tuple[Start, ...] = ()


def read_hermes(raw: str, tools: Sequence[ToolSpec]) -> list[Call]:
    """``<tool_call>{"name": ..., "arguments": {...}}</tool_call>``, one call or a list."""
    start, end = _inside(raw)
    return _calls(strict_json(raw[:end], start), raw, NAME, ARGUMENTS)


def read_qwen3_coder(raw: str, tools: Sequence[ToolSpec]) -> list[Call]:
    """``<tool_call><function=name><parameter=key>value</parameter></function></tool_call>``."""
    start, _ = _inside(raw)
    name, arguments = xml_call(raw, start, tools)
    return [(name, arguments, raw, None)]


def read_llama3_json(raw: str, tools: Sequence[ToolSpec]) -> list[Call]:
    """``{"name": ..., "parameters": {...}}``, several parted by ``;``, perhaps after ``<|python_tag|>``."""
    check_text(raw)
    value, at = next_value(raw, len(PYTHON_TAG) if raw.startswith(PYTHON_TAG) else 0)
    values = [value]
    while raw.startswith(";", at):
        value, at = next_value(raw, at + 1)
        values.append(value)
    if at < len(raw):
        raise Malformed("no JSON: text after the value", at)
    if len(values) == 1:
        return _calls(values[0], raw, NAME, ARGUMENTS | {"parameters"})
    return [_call(value, raw, NAME, ARGUMENTS | {"parameters"}) for value in values]


def read_mistral(raw: str, tools: Sequence[ToolSpec]) -> list[Call]:
    """``[TOOL_CALLS][{"name": ..., "arguments": {...}}]``, or ``[TOOL_CALLS]name[ARGS]{...}``."""
    start = skip_space(raw, len(TOOL_CALLS))
    if named := MISTRAL_NAMED.match(raw, start):
        return [_call({"name": named[1], "arguments": strict_json(raw, named.end())}, raw, NAME, ARGUMENTS)]
    value = strict_json(raw, start)
    if not isinstance(value, list):
        raise Malformed(f"a list of calls is expected, not {_type(value)}", start)
    return _calls(value, raw, NAME, ARGUMENTS)


def read_pythonic(raw: str, tools: Sequence[ToolSpec]) -> list[Call]:
    """``[f(a=1), g(b='x')]``, perhaps between the marks of Liquid's models or Llama 4.

    Between Liquid's marks a list that is no Python is read as their templates write it.
    """
    try:
        return _marked_list(raw, raw)
    except Malformed as error:
        if raw.startswith(LIQUID) and (python := as_python(raw)) != raw:
            try:
                return _marked_list(python, raw)
            except Malformed:
                raise error from None
        raise


def read_lfm2(raw: str, tools: Sequence[ToolSpec]) -> list[Call]:
    """A Pythonic list whose texts stand between single quotes as they are, as LFM2.5's template has them."""
    return _marked_list(as_python(raw), raw)


def _marked_list(text: str, raw: str) -> list[Call]:
    opening = next((mark for mark in LISTS if text.startswith(mark)), "")
    closing = LISTS.get(opening, "")
    if not text.endswith(closing):
        raise Malformed(f"{opening} without {closing}", len(text))
    body = text[len(opening) : len(text) - len(closing)]
    calls = _shifted(lambda: pythonic_calls(body.strip()), text.index(body.strip()))
    return [(name, arguments, raw, None) for name, arguments in calls]


def read_bfcl(raw: str, tools: Sequence[ToolSpec]) -> list[Call]:
    """The leaderboard's prompt style: a Pythonic list, whose brackets may be left out."""
    listed = raw.startswith("[")
    calls = pythonic_calls(raw) if listed else _shifted(lambda: pythonic_calls(f"[{raw}]"), -1)
    return [(name, arguments, raw, None) for name, arguments in calls]


def read_api_bank(raw: str, tools: Sequence[ToolSpec]) -> list[Call]:
    """``API-Request: [Api(key='value')]``; the words before the list may be missing."""
    prefix = API_REQUEST.match(raw)
    start = prefix.end() if prefix else 0
    calls = _shifted(lambda: pythonic_calls(raw[start:]), start)
    return [(name, arguments, raw, None) for name, arguments in calls]


def read_itc(raw: str, tools: Sequence[ToolSpec]) -> list[Call]:
    """``{"thought": ..., "action": calls}``, or ``Thought: ...`` and ``Action: calls`` on lines of their own.

    ``calls`` is one call or a list, each with ``name`` or ``tool`` and ``arguments`` or ``parameters``.
    """
    names, arguments = NAME | {"tool"}, ARGUMENTS | {"parameters"}
    if not raw.startswith("{"):
        action = ACTION.search(raw)
        return _calls(strict_json(raw, action.end()), raw, names, arguments) if action else []
    value = {key.lower(): part for key, part in strict_json(raw).items()}
    actions = value.get("action", value.get("actions"))
    return _calls(actions, raw, names, arguments) if actions else []


def itc_thought(text: str) -> str:
    """The thought of a text in ITC's format; empty where there is none."""
    if not THOUGHT_START.match(text):
        return ""
    if not text.startswith("{"):
        return ACTION.split(text, maxsplit=1)[0].partition(":")[2].strip()
    try:
        value = {key.lower(): part for key, part in strict_json(text).items()}
    except Malformed:
        return ""
    return value["thought"] if isinstance(value.get("thought"), str) else ""


def read_json(raw: str, tools: Sequence[ToolSpec]) -> list[Call]:
    """``{"name": ..., "arguments": {...}}`` or a list of such."""
    return _calls(strict_json(raw), raw, NAME, ARGUMENTS)


def read_auto(raw: str, tools: Sequence[ToolSpec]) -> list[Call]:
    """Whichever format the call looks like."""
    if raw.startswith((TOOL_CALL, CLOSE)):
        is_xml = raw.startswith("<function=", skip_space(raw, len(TOOL_CALL)))
        return (read_qwen3_coder if is_xml else read_hermes)(raw, tools)
    if raw.startswith(TOOL_CALLS):
        return read_mistral(raw, tools)
    if raw.startswith(tuple(LISTS)):
        return read_pythonic(raw, tools)
    if API_BANK_START.match(raw):
        return read_api_bank(raw, tools)
    if THOUGHT_START.match(raw) and not JSON_START.match(raw):
        return read_itc(raw, tools)
    return read_llama3_json(raw, tools)


def _inside(raw: str) -> tuple[int, int]:
    """Where the body of a tagged call begins and ends."""
    if not raw.startswith(TOOL_CALL):
        raise Malformed(f"{CLOSE} without {TOOL_CALL}")
    if not raw.endswith(CLOSE):
        raise Malformed(f"{TOOL_CALL} without {CLOSE}", len(raw))
    return skip_space(raw, len(TOOL_CALL)), len(raw) - len(CLOSE)


def _shifted(read: Callable[[], Any], by: int) -> Any:
    """What ``read`` returns; its errors count characters from another start."""
    try:
        return read()
    except Malformed as error:
        raise error.shifted(by) from None


def _calls(value: Any, raw: str, names: frozenset[str], arguments: frozenset[str]) -> list[Call]:
    """One call or a list of calls; each of a list is judged for itself."""
    values = value if isinstance(value, list) else [value]
    if not values:
        raise Malformed("an empty list of calls")
    return [_call(value, raw, names, arguments) for value in values]


def _call(value: Any, raw: str, names: frozenset[str], keys: frozenset[str]) -> Call:
    """What else stands in a call is passed over, as the leaderboard's decoders do, but not in place of
    its arguments."""
    if not isinstance(value, dict):
        return None, None, raw, f"a call must be an object, not {_type(value)}"
    given = [key for key in value if key in keys]
    name = next((value[key] for key in value if key in names), None)
    arguments = value[given[0]] if given else {}
    error = None
    if not isinstance(name, str) or not name:
        name, error = None, 'a call needs a "name", a non-empty string'
    elif not isinstance(arguments, dict):
        error = f'"{given[0]}" must be an object, not {_type(arguments)}'
    elif len(given) > 1:
        error = f"a call has both {given[0]!r} and {given[1]!r}"
    elif not given and (other := sorted(set(value) - names - IGNORED)):
        error = f"a call has no key {other[0]!r}; its arguments are its {min(keys)!r}"
    return name, arguments if isinstance(arguments, dict) else None, raw, error


def _type(value: Any) -> str:
    return JSON_TYPES.get(type(value), "null")


JSON, PYTHON = Start(JSON_START), Start(PYTHONIC_START, PYTHON_TEXT)
API_BANK, THOUGHT = Start(API_BANK_START, PYTHON_TEXT), Start(ACTED)
ANY_START = re.compile("|".join(start.pattern for start in (JSON_START, API_BANK_START, THOUGHT_START)))
FORMATS: dict[str, Format] = {
    "auto": Format(
        read_auto,
        (TOOL_CALL, CLOSE, TOOL_CALLS, PYTHON_TAG, *LISTS),
        ANY_START,
        (JSON, API_BANK, THOUGHT),
    ),
    "hermes": Format(read_hermes, (TOOL_CALL, CLOSE)),
    "qwen3_coder": Format(read_qwen3_coder, (TOOL_CALL, CLOSE)),
    "llama3_json": Format(read_llama3_json, (PYTHON_TAG,), JSON_START, (JSON,)),
    "mistral": Format(read_mistral, (TOOL_CALLS,)),
    "pythonic": Format(read_pythonic, tuple(LISTS), PYTHONIC_START, (PYTHON,)),
    "lfm2": Format(read_lfm2, tuple(LISTS), PYTHONIC_START, (PYTHON,)),
    "bfcl": Format(read_bfcl, (), UNLISTED_START, (Start(UNLISTED_START, PYTHON_TEXT),)),
    "api_bank": Format(read_api_bank, (), API_BANK_START, (API_BANK,)),
    "itc": Format(read_itc, (), THOUGHT_START, (THOUGHT,)),
    "json": Format(read_json, (), JSON_START, (JSON,)),
}
