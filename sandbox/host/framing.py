"""The wire between the host and the inside: a JSON message and, where there is one, a session's state.

Before the two stand their lengths, 4 big-endian bytes each. The state goes through the host as the text that it
is, since only tools look into it. What comes over the wire is data. A frame that is too long, has too many parts, is
not strict JSON or is not an object is a ``FrameError``; strict means no NaN, no infinity, no number too great for a
double, no half of a surrogate pair and no more than ``MAX_DEPTH`` levels, so that whoever writes or walks through a
value later can.
"""

import json
import math
import struct
from collections.abc import Iterable
from typing import Any

HEADER = struct.Struct(">II")
MAX_DEPTH = 200
MAX_VALUE_DEPTH = 150  # of a result or a state: with what stands around it, it fits into a frame
MAX_STATE_BYTES = 4 * 1024 * 1024
MAX_MESSAGE_BYTES = (
    128 * 1024
)  # but for a result: what stands around it, or a call, whose arguments have at most 64 KB
MAX_PARTS = 200_000  # lists, objects and commas of a value: each costs its reader many times its length
_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class FrameError(Exception):
    """A frame that cannot be read."""


class FrameTooLong(FrameError):
    """A frame that is longer than its reader takes, and yet could be one."""


def encode(value: Any, levels: int = MAX_VALUE_DEPTH) -> bytes:
    """The value as strict JSON in UTF-8. Raises ``TypeError`` or ``ValueError`` where JSON has it not."""
    text = _encoder.encode(value)
    _check_depth(text, value, levels)
    return text.encode()


def frame(message: dict[str, Any], state: bytes = b"") -> bytes:
    """The message and the state with their lengths before them."""
    body = encode(message, MAX_DEPTH)
    return b"".join((HEADER.pack(len(body), len(state)), body, state))


def lengths(header: bytes, message_limit: int) -> tuple[int, int]:
    """How many bytes of message and of state follow. Raises ``FrameError`` where that is more than may."""
    message, state = HEADER.unpack(header)
    if message <= message_limit and state <= MAX_STATE_BYTES:
        return message, state
    kind = FrameTooLong if max(message, state) <= 16 * MAX_STATE_BYTES else FrameError
    raise kind(
        f"a frame of {message} and {state} bytes is over the limits of {message_limit} and {MAX_STATE_BYTES}"
    )


def decode(body: bytes, levels: int = MAX_DEPTH) -> dict[str, Any]:
    """The JSON object that the bytes hold."""
    if has_many_parts(body):
        raise FrameError(f"a frame has more than {MAX_PARTS} parts")
    try:
        text = body.decode()
        message = loads(text)
        _check_depth(text, message, levels)
        if "\\u" in text:
            encode(message, levels)  # an escape may stand for half of a surrogate pair, which is no character
    except (ValueError, RecursionError) as error:
        raise FrameError(f"a frame is not JSON: {error}") from error
    if not isinstance(message, dict):
        raise FrameError("a frame is not a JSON object")
    return message


def has_many_parts(text: bytes) -> bool:
    """Whether JSON text has more than ``MAX_PARTS``, found out without reading it."""
    return len(text) > MAX_PARTS and sum(map(text.count, (b"[", b"{", b","))) > MAX_PARTS


def is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested in one another more than so many times."""
    level = [value]
    for _ in range(levels + 1):
        level = [part for node in level for part in _parts(node)]
        if not level:
            return False
    return True


def _check_depth(text: str, value: Any, levels: int) -> None:
    if text.count("[") + text.count("{") <= levels:
        return  # however they are nested
    if is_deeper(value, levels):
        raise ValueError(f"nested deeper than {levels} levels")


def _parts(node: Any) -> Iterable[Any]:
    return node.values() if isinstance(node, dict) else node if isinstance(node, list | tuple) else ()


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is out of range")
    return number


_decoder = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def loads(text: str) -> Any:
    """The value that the JSON text holds. Raises ``ValueError`` or ``RecursionError`` where it is not strict."""
    return _decoder.decode(text)
