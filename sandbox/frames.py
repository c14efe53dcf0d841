"""The wire between the host and the inside: JSON frames behind a 4-byte big-endian length.

What comes over it is data. A frame that is too long, is not strict JSON or is not an object is a
``FrameError``; strict means no NaN, no infinity, no number too great for a double, no half of a surrogate pair
and no more than ``MAX_DEPTH`` levels, so that whoever writes or walks through a value later can.
"""

import json
import math
import struct
from collections.abc import Iterable
from typing import Any

HEADER = struct.Struct(">I")
MAX_DEPTH = 200
MAX_VALUE_DEPTH = 150  # of a result or a state: with what stands around it, it fits into a frame
MAX_STATE_BYTES = 4 * 1024 * 1024
MAX_REQUEST_BYTES = MAX_STATE_BYTES + 128 * 1024  # the arguments are at most 64 KB


class FrameError(Exception):
    """A frame that cannot be read."""


def encode(value: Any) -> bytes:
    """The value as strict JSON in UTF-8. Raises ``TypeError`` or ``ValueError`` where JSON has it not."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    _check_depth(text, value)
    return text.encode()


def frame(message: dict[str, Any]) -> bytes:
    """The message with its length before it."""
    body = encode(message)
    return HEADER.pack(len(body)) + body


def body_length(header: bytes, limit: int) -> int:
    """How many bytes follow the header; a ``FrameError`` if more than ``limit``."""
    (length,) = HEADER.unpack(header)
    if length > limit:
        raise FrameError(f"a frame of {length} bytes is over the limit of {limit}")
    return int(length)


def decode(body: bytes) -> dict[str, Any]:
    """The JSON object that the frame holds."""
    try:
        text = body.decode()
        message = loads(text)
        _check_depth(text, message)
        if "\\u" in text:
            encode(message)  # an escape may stand for half of a surrogate pair, which is no character
    except (ValueError, RecursionError) as error:
        raise FrameError(f"a frame is not JSON: {error}") from error
    if not isinstance(message, dict):
        raise FrameError("a frame is not a JSON object")
    return message


def loads(text: str) -> Any:
    """The value that the JSON text holds. Raises ``ValueError`` or ``RecursionError`` where it is not strict."""
    return json.loads(text, parse_constant=_refuse, parse_float=_finite)


def _check_depth(text: str, value: Any) -> None:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return  # however they are nested
    if is_deeper(value, MAX_DEPTH):
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")


def is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested in one another more than so many times."""
    level = [value]
    for _ in range(levels + 1):
        level = [part for node in level for part in _parts(node)]
        if not level:
            return False
    return True


def _parts(node: Any) -> Iterable[Any]:
    return node.values() if isinstance(node, dict) else node if isinstance(node, list | tuple) else ()


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is out of range")
    return number
