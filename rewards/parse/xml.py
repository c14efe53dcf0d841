"""The call of Qwen3-Coder, written as tags. Values have no types of their own: the tool's schema tells them."""

import re
from collections.abc import Sequence
from typing import Any

from rewards.parse.strict import SURROGATE, Malformed, skip_space, strict_json
from sandbox.types import ToolSpec

FUNCTION = re.compile(r"<function=([^<>\n]+)>")
PARAMETER = re.compile(r"<parameter=([^<>\n]+)>\n?")
END, PARAMETER_END = "</function>", "</parameter>"
PYTHON_NAMES = {"True": "true", "False": "false", "None": "null"}  # as templates write them


def xml_call(text: str, start: int, tools: Sequence[ToolSpec]) -> tuple[str, dict[str, Any]]:
    """(name, arguments) of the one call that the text holds from ``start`` on; raises Malformed."""
    if match := SURROGATE.search(text):
        raise Malformed("a lone surrogate", match.start())
    function = FUNCTION.match(text, start)
    if function is None:
        raise Malformed("<function=name> is expected", start)
    schemas = _properties(function[1], tools)
    arguments: dict[str, Any] = {}
    at = skip_space(text, function.end())
    while parameter := PARAMETER.match(text, at):
        key, end = parameter[1], text.find(PARAMETER_END, parameter.end())
        if key in arguments:
            raise Malformed(f"key {key!r} stands twice", at)
        if end < 0:
            raise Malformed(f"<parameter={key}> without {PARAMETER_END}", at)
        arguments[key] = _value(key, text[parameter.end() : end], schemas.get(key), at)
        at = skip_space(text, end + len(PARAMETER_END))
    if not text.startswith(END, at):
        raise Malformed(f"{END} is expected", at)
    if (rest := skip_space(text, at + len(END))) < len(text):
        raise Malformed(f"text after {END}", rest)
    return function[1], arguments


def _properties(name: str, tools: Sequence[ToolSpec]) -> dict[str, Any]:
    parameters = next((tool.parameters for tool in tools if tool.name == name), {})
    properties = parameters.get("properties")
    return properties if isinstance(properties, dict) else {}


def _value(key: str, written: str, schema: Any, at: int) -> Any:
    """Text where the schema says string; else JSON, or, where the schema leaves it open, text."""
    written = written.removesuffix("\n")
    types = _types(schema)
    if types == {"string"}:
        return written
    try:
        return strict_json(PYTHON_NAMES.get(written, written))
    except Malformed as error:
        if types and "string" not in types:
            raise Malformed(
                f"parameter {key!r} is no {' or '.join(sorted(types))}: {error.what}", at
            ) from None
    return written


def _types(schema: Any) -> set[str]:
    declared = schema.get("type") if isinstance(schema, dict) else None
    return set(declared) if isinstance(declared, list) else {declared} if declared else set()
