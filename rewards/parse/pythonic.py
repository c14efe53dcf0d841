"""Lists of Python calls, ``[f(a=1), g(b='x')]``, read by ``ast`` and never run.

Values are what JSON has: numbers, strings, lists (tuples too), dicts with string keys, and Python's
names or JSON's for true, false and null.
"""

import ast
import math
import re
import unicodedata
import warnings
from collections.abc import Sequence
from typing import Any

from rewards.parse.strict import DIGITS, SURROGATE, Malformed, check_text, first_twice

LIMIT = 100_000  # characters of one list of calls
STRING = r"""'(?:[^'\\\n]|\\.)*+'?|"(?:[^"\\\n]|\\.)*+"?"""
STRING_OR_BRACKET = re.compile(rf"{STRING}|([\[\]{{}}()])", re.DOTALL)
STRING_OR_NAME = re.compile(rf"{STRING}|([^\W\d]\w*)", re.DOTALL)
LINE = re.compile(r"\r\n|\r|\n")
NAMES = {"true": True, "false": False, "null": None}
Call = tuple[str, dict[str, Any]]


def pythonic_calls(text: str) -> list[Call]:
    """(name, arguments) of each call of the list; raises Malformed."""
    tree = _parsed(text)
    if not isinstance(tree, ast.List) or not tree.elts:
        raise Malformed("no list of function calls", 0)
    return [_function(node, text) for node in tree.elts]


def _parsed(text: str) -> ast.expr:
    if len(text) > LIMIT:
        raise Malformed(f"more than {LIMIT} characters", LIMIT)
    check_text(text, STRING_OR_BRACKET)
    _check_names(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the model's odd escapes are no business of our log
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        at = _offset(text, error.lineno or 1, max(0, (error.offset or 1) - 1))
        raise Malformed(f"no list of function calls: {error.msg}", at) from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise Malformed(f"no list of function calls: {error}") from None


def _function(node: ast.expr, text: str) -> Call:
    if not isinstance(node, ast.Call):
        raise Malformed("a call is expected", _at(node, text))
    unnamed = [*node.args, *(k.value for k in node.keywords if k.arg is None)]
    if unnamed:
        raise Malformed("an argument without a name", _at(unnamed[0], text))
    _no_twice([str(keyword.arg) for keyword in node.keywords], node.keywords, text)
    arguments = {str(keyword.arg): _value(keyword.value, text) for keyword in node.keywords}
    return _dotted(node.func, text), arguments


def _no_twice(names: list[str], nodes: Sequence[ast.keyword | ast.expr | None], text: str) -> None:
    if (twice := first_twice(names)) is not None:
        raise Malformed(f"key {names[twice]!r} stands twice", _at(nodes[twice], text))


def _dotted(node: ast.expr, text: str) -> str:
    parts: list[str] = []
    start = node
    while isinstance(start, ast.Attribute):
        parts.append(start.attr)
        start = start.value
    if not isinstance(start, ast.Name):
        raise Malformed("a function's name is expected", _at(node, text))
    return ".".join([start.id, *reversed(parts)])


def _check_names(text: str) -> None:
    """Python reads a full-width ``ｆ`` as ``f``; here a name must be written as it is read."""
    if text.isascii():
        return
    for match in STRING_OR_NAME.finditer(text):
        if match[1] and match[1] != unicodedata.normalize("NFKC", match[1]):
            raise Malformed(f"a name in other characters, {match[1]!r}", match.start())


def _value(node: ast.expr, text: str) -> Any:
    match node:
        case ast.Constant(value=str() | int() | float() | None as value):
            return _plain(value, node, text)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)) if (
            not isinstance(value, bool)
        ):
            return -_plain(value, node, text)
        case ast.Name(id=name) if name in NAMES:
            return NAMES[name]
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item, text) for item in items]
        case ast.Dict(keys=keys, values=values):
            names = [_key(key, node, text) for key in keys]
            _no_twice(names, keys, text)
            return {name: _value(value, text) for name, value in zip(names, values, strict=True)}
    raise Malformed("a value that JSON has not", _at(node, text))


def _key(node: ast.expr | None, parent: ast.expr, text: str) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return str(_plain(node.value, node, text))
    raise Malformed("a key that is no string", _at(node or parent, text))  # None: **spread


def _plain(value: Any, node: ast.expr, text: str) -> Any:
    if isinstance(value, str) and SURROGATE.search(value):
        raise Malformed("a lone surrogate", _at(node, text))
    if isinstance(value, float) and not math.isfinite(value):
        raise Malformed("a number that is too large", _at(node, text))
    if isinstance(value, int) and abs(value) >= 10**DIGITS:
        raise Malformed(f"an integer with more than {DIGITS} digits", _at(node, text))
    return value


def _at(node: Any, text: str) -> int:
    """The node's character in the text: ``ast`` counts lines, and bytes within them."""
    line = LINE.split(text)[node.lineno - 1]
    return _offset(text, node.lineno, len(line.encode()[: node.col_offset].decode()))


def _offset(text: str, line: int, column: int) -> int:
    ends = [0, *(match.end() for match in LINE.finditer(text))]
    return ends[min(line, len(ends)) - 1] + column
