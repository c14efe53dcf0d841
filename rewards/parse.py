"""Tool calls in what a model wrote. A malformed call comes back as data, never as an exception.

Three ways of writing a call are read: ``<tool_call>{"name": ..., "arguments": {...}}</tool_call>``
(Hermes, Qwen), the bare JSON object or a list of such, and ``[function(a=1)]`` (Llama, BFCL).
What stands in a thought, a code fence or an HTML comment is no call.
"""

import ast
import json
import math
import re
import warnings
from collections.abc import Iterator
from typing import Any

from sandbox.types import ToolCall

LIMIT = 1_000_000  # characters read of one completion
HIDDEN = {"<think>": "</think>", "<!--": "-->", "```": "```"}
OPENING = re.compile(r"<think>|<!--|```|<tool_call>")
OPEN, CLOSE = "<tool_call>", "</tool_call>"
TAG = re.compile("</?tool_call>")
BARE = re.compile(r'\[?\s*\{\s*"(?:name|arguments|id)"\s*:')
STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|([\[\]{}])', re.DOTALL)
PYTHONIC = re.compile(r"\[\s*[A-Za-z_][\w.]*\s*\(")
JSON_NAMES = {"true": True, "false": False, "null": None}
NESTING = 100  # levels of brackets in one call


class Malformed(ValueError):
    """What is wrong with a call, and where."""


def parse_calls(text: str) -> list[ToolCall]:
    """All calls of a completion in order, with ids "0", "1", ...; a bad one has ``error`` set."""
    calls = [call for raw in _raw_calls(text) for call in _read(raw)]
    return [ToolCall(str(i), c.name, c.arguments, c.raw, c.error) for i, c in enumerate(calls)]


def prose(text: str) -> str:
    """What the text says to its reader: no calls, no thoughts, no comments; code stays."""
    kept = [part for kind, part in _parts(text) if kind in ("text", "```")]
    said = "".join(kept).strip()
    return "" if _is_bare_call(said) else said


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """The text cut into ("text" | "<tool_call>" | "<think>" | "<!--" | "```", part), in one pass.

    A thought's end without its start closes a thought that the prompt has opened.
    """
    text = text[:LIMIT]
    start = _after_opened_thought(text)
    if start:
        yield "<think>", text[:start]
    while match := OPENING.search(text, start):
        if match.start() > start:
            yield "text", text[start : match.start()]
        start = _end(text, match)
        yield match[0], text[match.start() : start]
    if start < len(text):
        yield "text", text[start:]


def _after_opened_thought(text: str) -> int:
    end, start = text.find("</think>"), text.find("<think>")
    return end + len("</think>") if end >= 0 and not 0 <= start < end else 0


def _end(text: str, opening: re.Match[str]) -> int:
    if opening[0] == OPEN:
        tag = TAG.search(text, opening.end())
        return len(text) if tag is None else tag.end() if tag[0] == CLOSE else tag.start()
    closing = HIDDEN[opening[0]]
    end = text.find(closing, opening.end())
    return len(text) if end < 0 else end + len(closing)


def _raw_calls(text: str) -> Iterator[str]:
    parts = list(_parts(text))
    tagged = [part for kind, part in parts if kind == OPEN]
    if tagged:
        yield from tagged
        return
    bare = "".join(part for kind, part in parts if kind == "text").strip()
    if _is_bare_call(bare):
        yield bare


def _is_bare_call(text: str) -> bool:
    """Whether the whole text is one call or a list of calls, well formed or not."""
    return bool(BARE.match(text) or PYTHONIC.match(text))


def _read(raw: str) -> list[ToolCall]:
    try:
        return _calls(raw)
    except Malformed as error:
        return [ToolCall("", None, None, raw, str(error))]


def _calls(raw: str) -> list[ToolCall]:
    body = _body(raw)
    if PYTHONIC.match(body):
        return [ToolCall("", name, arguments, raw) for name, arguments in _pythonic(body)]
    value = strict_json(body)
    values = value if isinstance(value, list) else [value]
    if not values:
        raise Malformed("an empty list of calls")
    return [_call(value, raw) for value in values]


def _body(raw: str) -> str:
    if not raw.startswith(OPEN):
        return raw
    if not raw.endswith(CLOSE):
        raise Malformed(f"{OPEN} without {CLOSE}")
    return raw[len(OPEN) : -len(CLOSE)].strip()


def _call(value: Any, raw: str) -> ToolCall:
    """One call as data; each of a list's calls is judged for itself."""
    if not isinstance(value, dict):
        return ToolCall("", None, None, raw, f"a call must be an object, not {_type(value)}")
    name, arguments = value.get("name"), value.get("arguments", {})
    error = None
    if not isinstance(name, str) or not name:
        name, error = None, 'a call needs a "name", a non-empty string'
    elif not isinstance(arguments, dict):
        error = f'"arguments" must be an object, not {_type(arguments)}'
    elif extra := sorted(set(value) - {"name", "arguments", "id"}):
        error = f"a call has no key {extra[0]!r}"
    return ToolCall("", name, arguments if isinstance(arguments, dict) else None, raw, error)


def _type(value: Any) -> str:
    return "null" if value is None else type(value).__name__


def strict_json(text: str) -> Any:
    """A JSON value; raises Malformed for whatever RFC 8259 does not promise to every reader.

    Refused: NaN and infinities, numbers beyond a double, integers over 18 digits, duplicate keys,
    lone surrogates, more than 100 levels.
    """
    _check_nesting(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short_int,
        )
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise Malformed(f"no JSON: {error.msg} at character {error.pos}") from None
    except UnicodeEncodeError as error:
        raise Malformed(f"a lone surrogate at character {error.start}") from None
    return value


def _check_nesting(text: str) -> None:
    depth = 0
    for match in STRING_OR_BRACKET.finditer(text):
        depth += (match[1] in ("[", "{")) - (match[1] in ("]", "}"))
        if depth > NESTING:
            raise Malformed(f"more than {NESTING} levels of brackets at character {match.start()}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Malformed(f"key {key!r} stands twice")
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise Malformed(f"{name} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Malformed(f"the number {digits[:20]} is too large")
    return number


def _short_int(digits: str) -> int:
    if len(digits.lstrip("-")) > 18:
        raise Malformed(f"the integer {digits[:20]}... has more than 18 digits")
    return int(digits)


def _pythonic(text: str) -> list[tuple[str, dict[str, Any]]]:
    _check_nesting(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the model's odd escapes are no business of our log
            tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise Malformed(f"no list of function calls: {error}") from None
    if not isinstance(tree, ast.List) or not tree.elts:
        raise Malformed("no list of function calls")
    return [_function(node) for node in tree.elts]


def _function(node: ast.expr) -> tuple[str, dict[str, Any]]:
    if not isinstance(node, ast.Call):
        raise Malformed(f"a call is expected at character {node.col_offset}")
    if node.args or any(k.arg is None for k in node.keywords):
        raise Malformed(f"an argument without a name at character {node.col_offset}")
    return _dotted(node.func), _unique([(str(k.arg), _literal(k.value)) for k in node.keywords])


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise Malformed(f"a function's name is expected at character {node.col_offset}")
    return ".".join([node.id, *reversed(parts)])


def _literal(node: ast.expr) -> Any:
    """A literal as JSON would have it, with Python's names or JSON's for true, false and null."""
    try:
        value = ast.literal_eval(_JsonNames().visit(node))
        return strict_json(json.dumps(value))
    except (ValueError, TypeError, RecursionError, MemoryError) as error:
        raise Malformed(f"an argument at character {node.col_offset}: {error}") from None


class _JsonNames(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Constant(JSON_NAMES[node.id]) if node.id in JSON_NAMES else node
