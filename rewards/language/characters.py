"""Simplified and traditional Chinese, told apart by the characters that only one of them has."""

from collections.abc import Iterable
from functools import lru_cache

# The standards of the mainland and of Taiwan: what one of them lacks belongs to the other.
STANDARD = {"Hans": "gb2312", "Hant": "big5"}
OTHER = {"Hans": "Hant", "Hant": "Hans"}


def other_characters(han: str, words: Iterable[str]) -> bool:
    """Whether more characters belong to the other way of writing than to the expected one."""
    own = other = 0
    for char in (c for word in words for c in word if c >= "\u3400"):
        only = _only(char)
        own += only == han
        other += only == OTHER[han]
    return other > own


@lru_cache(maxsize=16384)
def _only(char: str) -> str | None:
    """The way of writing whose standard alone has the character."""
    has = [han for han, encoding in STANDARD.items() if char.encode(encoding, "ignore")]
    return has[0] if len(has) == 1 else None
