"""What was worked out about a word is kept, for so many words."""

from collections.abc import Callable, Hashable, Sized
from typing import Protocol, TypeVar

KEPT = 50_000  # keys, with which it begins anew
LONGEST = 40  # characters of a word, or words, of a key that is kept: a text without spaces comes once


class Key(Hashable, Sized, Protocol):
    """A word, or several."""


K = TypeVar("K", bound=Key)
V = TypeVar("V")


class Kept(dict[K, V]):
    """By key what ``work_out`` finds: a missing one is worked out, and kept unless it is long."""

    def __init__(self, work_out: Callable[[K], V]) -> None:
        self.work_out = work_out

    def __missing__(self, key: K) -> V:
        found = self.work_out(key)
        if len(key) <= LONGEST:
            if len(self) >= KEPT:
                self.clear()
            self[key] = found
        return found
