"""Lists of Python calls, ``[f(a=1), g(b='x')]``, read by ``ast`` and never run.

Values are what JSON has: numbers, strings, lists (tuples too), dicts with string keys, and Python's
names or JSON's for true, false and null.
"""

import ast
import math
import re
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from rewards.parse.strict import DIGITS, SURROGATE, Malformed, check_text, first_twice

LIMIT = 100_000  # characters of one list of calls
NAME = r"\w[\w.:/-]*"  # of a tool or a parameter: more than Python's own names
STRING = r"""'(?:[^'\\\n]|\\.)*+'?|"(?:[^"\\\n]|\\.)*+"?"""
STRING_OR_BRACKET = re.compile(rf"{STRING}|([\[\]{{}}()])", re.DOTALL)
STRING_OR_NAME = re.compile(rf"{STRING}|([^\W\d]\w*)", re.DOTALL)
STRING_OR_USE = re.compile(rf"{STRING}|(\w[\w.:/-]*+)(\s*+[=(])?", re.DOTALL)  # a name, and how it is used
# LFM2.5 writes texts as they are: one ends where the next argument, the next call or nothing follows.
RAW_OR_STRING = re.compile(rf"(?<=[\w.:/-]=)(?P<raw>')|{STRING}", re.DOTALL)
RAW_END = re.compile(rf"'(?=, {NAME}=|\), {NAME}\(|\)\](?:<\||\s*\Z))")
FILLED = ("", "_", "é", "あ", "𐐀")  # a letter of each length in UTF-8, which is what ``ast`` counts in
WARNED_OF = re.compile(r"\\|\d[^\W\d]")  # where Python may warn: "\d", 1if
LINE = re.compile(r"\r\n|\r|\n")
NAMES = {"true": True, "false": False, "null": None}
Call = tuple[str, dict[str, Any]]


def pythonic_calls(text: str) -> list[Call]:
    """(name, arguments) of each call of the list; raises Malformed."""
    names: list[str] = []
    tree = _parsed(text, names)
    if not isinstance(tree, ast.List) or not tree.elts:
        raise Malformed("no list of function calls", 0)
    written = iter(names)
    return [_function(node, text, written) for node in tree.elts]


def as_python(text: str) -> str:
    """The list with its texts escaped, which stand in ``text`` between single quotes as they are."""
    found, at = list[str](), 0
    while match := RAW_OR_STRING.search(text, at):
        end = RAW_END.search(text, match.end()) if match["raw"] else match
        if end is None:
            break
        whole = text[match.end() : end.start()]
        found += [text[at : match.start()], repr(whole) if match["raw"] else match[0]]
        at = end.end()
    return "".join([*found, text[at:]])


def _parsed(text: str, names: list[str]) -> ast.expr:
    """The text as Python; ``names`` gets the names of functions and parameters, which Python may not take."""
    if len(text) > LIMIT:
        raise Malformed(f"more than {LIMIT} characters", LIMIT)
    check_text(text, STRING_OR_BRACKET)
    _check_names(text)

    def placeholder(match: re.Match[str]) -> str:
        if not match[2]:
            return match[0]
        names.append(match[1])
        if match[1].isascii():
            return "_" * len(match[1]) + match[2]
        return "".join(FILLED[len(letter.encode())] for letter in match[1]) + match[2]

    try:
        with _silent() if WARNED_OF.search(text) else nullcontext():
            return ast.parse(STRING_OR_USE.sub(placeholder, text), mode="eval").body
    except SyntaxError as error:
        at = _offset(text, error.lineno or 1, max(0, (error.offset or 1) - 1))
        raise Malformed(f"no list of function calls: {error.msg}", at) from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise Malformed(f"no list of function calls: {error}") from None


@contextmanager
def _silent() -> Iterator[None]:
    """The model's odd escapes are no business of our log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _function(node: ast.expr, text: str, written: Iterator[str]) -> Call:
    if not isinstance(node, ast.Call):
        raise Malformed("a call is expected", _at(node, text))
    unnamed = [*node.args, *(k.value for k in node.keywords if k.arg is None)]
    if unnamed:
        raise Malformed("an argument without a name", _at(unnamed[0], text))
    if not isinstance(node.func, ast.Name):
        raise Malformed("a function's name is expected", _at(node, text))
    name = next(written, node.func.id)
    pairs = [(next(written, str(k.arg)), _value(k.value, text)) for k in node.keywords]
    _no_twice([key for key, _ in pairs], node.keywords, text)
    return name, dict(pairs)


def _no_twice(names: list[str], nodes: Sequence[ast.keyword | ast.expr | None], text: str) -> None:
    if (twice := first_twice(names)) is not None:
        raise Malformed(f"key {names[twice]!r} stands twice", _at(nodes[twice], text))


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
