"""Strict JSON: what RFC 8259 does not promise to every reader is refused, and where it stands is said."""

import json
import math
import re
from collections.abc import Iterable
from typing import Any

NESTING = 100  # levels of brackets in one call
DIGITS = 18  # of an integer: beyond 2**63 JSON readers disagree
# A text in a call; what does not end on its line is none.
JSON_TEXT = r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
STRING = r'"(?:[^"\\]|\\.)*+"?'
STRING_OR_BRACKET = re.compile(rf"{STRING}|([\[\]{{}}])", re.DOTALL)
STRING_OR_WORD = re.compile(rf"{STRING}|([-+.\w]+)", re.DOTALL)
SURROGATE = re.compile("[\ud800-\udfff]")
ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
COLON = re.compile(r"\s*:")
WHITESPACE = re.compile(r"[ \t\n\r]*")


class Malformed(ValueError):
    """What is wrong with a call, and at which of its characters, if that is one place."""

    def __init__(self, what: str, at: int | None = None) -> None:
        super().__init__(what if at is None else f"{what} at character {at}")
        self.what, self.at = what, at

    def shifted(self, by: int) -> "Malformed":
        """The same of a text that has ``by`` characters more before it."""
        return Malformed(self.what, None if self.at is None else self.at + by)


class _Refused(ValueError):
    """A word or a key of a JSON text that JSON has not, or that not every reader reads alike."""

    def __init__(self, why: str, word: str | None = None, key: str | None = None) -> None:
        self.why, self.word, self.key = why, word, key


def strict_json(text: str, start: int = 0) -> Any:
    """The JSON value that ``text`` is from ``start`` to its end; raises Malformed.

    Refused: NaN and infinities, numbers beyond a double, integers over 18 digits, duplicate keys,
    lone surrogates, more than 100 levels.
    """
    check_text(text)
    value, end = next_value(text, start)
    if end < len(text):
        raise Malformed("no JSON: text after the value", end)
    return value


def check_text(text: str, brackets: re.Pattern[str] = STRING_OR_BRACKET) -> None:
    """What must hold before a recursive reader sees the text; raises Malformed."""
    if not text.isascii() and (match := SURROGATE.search(text)):
        raise Malformed("a lone surrogate", match.start())
    if text.count("[") + text.count("{") + text.count("(") > NESTING:
        _check_nesting(text, brackets)


def next_value(text: str, start: int) -> tuple[Any, int]:
    """The JSON value that begins at ``start`` of a checked text, and where the next thing stands."""
    try:
        value, end = DECODER.raw_decode(text, skip_space(text, start))
    except json.JSONDecodeError as error:
        raise Malformed(f"no JSON: {error.msg}", error.pos) from None
    except _Refused as refused:
        raise Malformed(refused.why, _place(refused, text, start)) from None
    if match := ESCAPED_SURROGATE.search(text, start, end):
        _check_unicode(value, match.start())
    return value, skip_space(text, end)


def skip_space(text: str, start: int) -> int:
    match = WHITESPACE.match(text, start)
    return match.end() if match else start


def _check_nesting(text: str, brackets: re.Pattern[str]) -> None:
    depth = 0
    for match in brackets.finditer(text):
        depth += (match[1] in ("[", "{", "(")) - (match[1] in ("]", "}", ")"))
        if depth > NESTING:
            raise Malformed(f"more than {NESTING} levels of brackets", match.start())


def first_twice(names: Iterable[str]) -> int | None:
    """The index of the first name that stood there before."""
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            return index
        seen.add(name)
    return None


def _check_unicode(value: Any, at: int) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Malformed("a lone surrogate", at) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs) and (twice := first_twice(name for name, _ in pairs)):
        key = pairs[twice][0]
        raise _Refused(f"key {key!r} stands twice", key=key)
    return found


def _place(refused: _Refused, text: str, start: int) -> int | None:
    if refused.key is not None:
        return _second_key(refused.key, text, start)
    words = STRING_OR_WORD.finditer(text, start)
    return next((match.start() for match in words if match[1] == refused.word), None)


def _second_key(key: str, text: str, start: int) -> int | None:
    """Where an object has the key for the second time."""
    had: list[bool] = []  # of each open bracket: whether the key stood in it
    for match in STRING_OR_BRACKET.finditer(text, start):
        if match[1] in ("{", "["):
            had.append(False)
        elif match[1]:
            had.pop()
        elif had and COLON.match(text, match.end()) and json.loads(match[0]) == key:
            if had[-1]:
                return match.start()
            had[-1] = True
    return None


def _no_constant(name: str) -> Any:
    raise _Refused(f"{name} is no JSON number", name)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Refused(f"the number {digits[:20]} is too large", digits)
    return number


def _short_int(digits: str) -> int:
    if len(digits.lstrip("-")) > DIGITS:
        raise _Refused(f"the integer {digits[:20]}... has more than {DIGITS} digits", digits)
    return int(digits)


DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite, parse_int=_short_int
)
