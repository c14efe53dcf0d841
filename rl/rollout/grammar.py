"""What a turn may be where calls are sampled under their tools' schemas: one of xgrammar's structural tags.

Free text stays free. From where a call begins to its end nothing can come but a call of one of the task's tools, whose
arguments fit its schema, in the order that the schema has them; several may follow each other. What xgrammar does not
know of a schema (``multipleOf``, ``uniqueItems``) it does not hold to.
"""

import json
from collections.abc import Sequence
from typing import Any

from rewards.parse.parts import CLOSE, PYTHON_TAG, TOOL_CALL, TOOL_CALLS
from sandbox.types import ToolSpec

Form = dict[str, Any]
EXPRESSIBLE = ("hermes", "qwen3_coder", "llama3_json", "mistral", "json")
LARGEST = 2**53 - 1  # beyond it JSON readers disagree, and a call is refused
BLANKS = 1  # that may follow each other within a call, where a small model might write them for ever
XML_TAGS = ["</parameter>", "</function>", TOOL_CALL, CLOSE]
UNLIKE_A_CALL = r"[ \t\r\n]*[^ \t\r\n\[{<]"  # how a text begins that is none as a whole


def calls_tag(call_format: str, tools: Sequence[ToolSpec]) -> str | None:
    """The structural tag, as JSON, of a turn in ``call_format``, one of ``EXPRESSIBLE``; None without tools."""
    if not tools:
        return None
    form = {
        "hermes": _hermes,
        "qwen3_coder": _qwen3_coder,
        "llama3_json": _llama3_json,
        "mistral": _mistral,
        "json": _json,
    }[call_format]
    return json.dumps({"type": "structural_tag", "format": form(tools)}, ensure_ascii=False)


def _hermes(tools: Sequence[ToolSpec]) -> Form:
    calls = [_call(tool, f"{TOOL_CALL}{n}", "arguments", f"{n}{CLOSE}") for tool in tools for n in ("\n", "")]
    return _marked(calls)


def _qwen3_coder(tools: Sequence[ToolSpec]) -> Form:
    return _marked(
        [_tag(f"{TOOL_CALL}\n<function={t.name}>\n", _parameters(t), f"</function>\n{CLOSE}") for t in tools]
    )


def _parameters(tool: ToolSpec) -> Form:
    """Texts stand as they are, whatever their pattern or length may be; all else is JSON."""
    schema, written = tool.parameters, [_text("")]
    definitions = {key: schema[key] for key in ("$defs", "definitions") if key in schema}
    for name, kind in schema.get("properties", {}).items():
        kind = kind | definitions if isinstance(kind, dict) else kind
        value = _tag(f"<parameter={name}>\n", _value(kind), "\n</parameter>\n")
        written.append(value if name in schema.get("required", ()) else _optional(value))
    return _sequence(*written)


def _value(schema: Any) -> Form:
    if not isinstance(schema, dict):
        return _json_value(schema)
    values = schema.get("enum", [])
    if values and all(isinstance(value, str) for value in values):
        return _either(*(_text(value) for value in values))
    return (
        {"type": "any_text", "excludes": XML_TAGS} if schema.get("type") == "string" else _json_value(schema)
    )


def _llama3_json(tools: Sequence[ToolSpec]) -> Form:
    calls = _separated([_call(tool, "", "parameters", "") for tool in tools], "; ")
    return _whole(_sequence(_optional(_text(PYTHON_TAG)), calls), excludes=[PYTHON_TAG])


def _json(tools: Sequence[ToolSpec]) -> Form:
    calls = [_call(tool, "", "arguments", "") for tool in tools]
    return _whole(_either(*calls, _tag("[", _separated(calls, ", "), "]")), excludes=[])


def _mistral(tools: Sequence[ToolSpec]) -> Form:
    """A list behind one mark, or a mark, a name and arguments each; no text comes after them."""
    listed = _separated([_call(tool, "", "arguments", "") for tool in tools], ", ")
    named = [
        _sequence(_text(f"{TOOL_CALLS}{tool.name}[ARGS]"), _json_value(tool.parameters)) for tool in tools
    ]
    calls = _either(_tag(f"{TOOL_CALLS}[", listed, "]"), {"type": "plus", "content": _either(*named)})
    return _sequence({"type": "any_text", "excludes": [TOOL_CALLS]}, _optional(calls))


def _marked(calls: list[Form]) -> Form:
    return {"type": "triggered_tags", "triggers": [TOOL_CALL], "tags": calls, "excludes": [CLOSE]}


def _whole(calls: Form, excludes: list[str]) -> Form:
    """A turn that is calls as a whole, or does not begin as one."""
    said = _sequence({"type": "regex", "pattern": UNLIKE_A_CALL}, {"type": "any_text", "excludes": excludes})
    return _optional(_either(calls, said))


def _call(tool: ToolSpec, begin: str, key: str, end: str) -> Form:
    return _tag(
        f'{begin}{{"name": {json.dumps(tool.name, ensure_ascii=False)}, "{key}": ',
        _json_value(tool.parameters),
        f"}}{end}",
    )


def _json_value(schema: Any) -> Form:
    return {"type": "json_schema", "json_schema": _readable(schema), "max_whitespace_cnt": BLANKS}


def _readable(schema: Any) -> Any:
    """The schema with its numbers bounded by what every JSON reader takes."""
    if isinstance(schema, list):
        return [_readable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    read = {
        name: part if name in ("enum", "const", "default") else _readable(part)
        for name, part in schema.items()
    }
    if not {"integer", "number"}.isdisjoint(k for k in kinds if isinstance(k, str)) and "enum" not in schema:
        low = {} if "exclusiveMinimum" in schema else {"minimum": -LARGEST}
        high = {} if "exclusiveMaximum" in schema else {"maximum": LARGEST}
        read = low | high | read
    return read


def _tag(begin: str, content: Form, end: str) -> Form:
    return {"type": "tag", "begin": begin, "content": content, "end": end}


def _separated(tags: list[Form], separator: str) -> Form:
    return {"type": "tags_with_separator", "tags": tags, "separator": separator, "at_least_one": True}


def _either(*forms: Form) -> Form:
    return {"type": "or", "elements": list(forms)}


def _sequence(*forms: Form) -> Form:
    return {"type": "sequence", "elements": list(forms)}


def _optional(form: Form) -> Form:
    return {"type": "optional", "content": form}


def _text(text: str) -> Form:
    return {"type": "const_string", "value": text}
