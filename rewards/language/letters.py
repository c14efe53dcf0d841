"""How likely letters follow one another in a language: what tells words from letters at random.

``letters.zip`` has for each language the groups of two or three letters that make 98% of its text, with the
probability of the last letter after those before it; ``benchmarks/letters_table.py`` counts them.
"""

import re
import zipfile
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

STEP = 0.25  # nats between two steps of likelihood
FLOOR = -8.5  # log probability of a letter where nobody reads it
APART_AT_LEAST = -1.0  # order of a letter after letters that nobody reads before it, however rare it is,
STRANGER = -2.0  # and of one that the language has not;
UNCOUNTED = -0.5  # of Chinese characters in Japanese, whose table has too few of them
TABLE = Path(str(files(__package__) / "letters.zip"))
# Letters with the marks that make syllables of them.
PIECES = re.compile(r"(?:[^\W\d_][\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u1fff\ua980-\uaaff]*)+")
APART = re.compile(r"['’\-./]")
KEPT = 50_000  # words


class Flow(NamedTuple):
    """Of a word: the log probability of its letters, each after the ones before it; the same less that of
    the letters by themselves; how many groups of them were looked at."""

    likelihood: float
    order: float
    groups: int


class Flows(dict[str, Flow]):
    """By word in lower case; a missing one is worked out and kept."""

    def __init__(self, letters: "Letters") -> None:
        self.letters = letters

    def __missing__(self, word: str) -> Flow:
        if len(self) >= KEPT:
            self.clear()
        found = self[word] = self.letters.flow(word)
        return found


class Letters:
    """The letters of one language. ``size`` letters make a group; of its words the share ``everyday`` is in
    the list of everyday words (0.0: it has none, or its words are not set apart)."""

    def __init__(self, text: str) -> None:
        self.size = 0
        self.everyday = 0.0
        self.alone: dict[str, float] = {}
        self.after: dict[str, float] = {}
        self.order: dict[str, float] = {}
        self.unread: dict[str, float] = {}
        self.unknown = STRANGER
        self.words = Flows(self)
        for block in filter(None, text.split("\n\n")):
            self._read(block)
        self.order = {group: value - self.alone.get(group[-1], FLOOR) for group, value in self.after.items()}
        japanese = "の" in self.alone
        self.unread = {
            letter: UNCOUNTED if japanese and letter >= "\u3400" else min(FLOOR - value, APART_AT_LEAST)
            for letter, value in self.alone.items()
        }
        self.unknown = UNCOUNTED if japanese else STRANGER

    def _read(self, block: str) -> None:
        head, shares, *lines = block.split("\n")
        self.size, self.everyday = int(head[0]), max(self.everyday, float(head[1:]))
        self.alone |= {shares[i]: _log(shares[i + 1]) for i in range(0, len(shares), 2)}
        for line in lines:
            value, groups = _log(line[0]), line[1:]
            for i in range(0, len(groups), self.size):
                self.after[groups[i : i + self.size]] = value

    def flow(self, word: str) -> Flow:
        """``word`` in lower case; ``words`` has those that were looked at."""
        size, after, order, unread, unknown = self.size, self.after, self.order, self.unread, self.unknown
        parts = APART.split(word) if APART.search(word) else [word]
        groups = [part[i : i + size] for part in parts for i in range(len(part) - size + 1)]
        return Flow(
            sum([after.get(group, FLOOR) for group in groups]),
            sum([order[g] if g in order else unread.get(g[-1], unknown) for g in groups]),
            len(groups),
        )


def _log(step: str) -> float:
    return -STEP * (ord(step) - 65)


@cache
def known() -> frozenset[str]:
    """The languages that have a table."""
    with zipfile.ZipFile(TABLE) as packed:
        return frozenset(packed.namelist())


@cache
def letters(key: str) -> Letters | None:
    """The letters of a language, None where nothing is known of them."""
    if key not in known():
        return None
    with zipfile.ZipFile(TABLE) as packed:
        return Letters(packed.read(key).decode("utf-8"))
