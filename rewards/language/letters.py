"""How likely letters follow one another in a language: what tells words from letters at random.

``letters.zip`` has for each language the groups of two or three letters that make 98% of its text, with the
probability of the last letter after those before it; ``benchmarks/letters_table.py`` counts them.
"""

import re
import zipfile
from functools import cache
from importlib.resources import files
from pathlib import Path

from rewards.language.kept import Kept

STEP = 0.25  # nats between two steps of likelihood
FLOOR = -8.5  # log probability of a letter where nobody reads it
APART_AT_LEAST = -1.0  # order of a letter after letters that nobody reads before it, however rare it is,
STRANGER = -2.0  # and of one that the language has not;
UNCOUNTED = -0.5  # of Chinese characters in Japanese, whose table has too few of them
TABLE = Path(str(files(__package__) / "letters.zip"))
# Letters with the marks that make syllables of them.
PIECES = re.compile(r"(?:[^\W\d_][\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u1fff\ua980-\uaaff]*)+")
APART = re.compile(r"['’\-./]")


class GroupFlows(dict[str, float]):
    """Log probability of a group's last letter after those before it, less that of the letter by itself; of a group
    that nobody reads, by its last letter."""

    def __init__(self, after: dict[str, float], alone: dict[str, float]) -> None:
        super().__init__({group: value - alone.get(group[-1], FLOOR) for group, value in after.items()})
        japanese = "の" in alone
        self.unread = {
            letter: UNCOUNTED if japanese and letter >= "\u3400" else min(FLOOR - value, APART_AT_LEAST)
            for letter, value in alone.items()
        }
        self.unknown = UNCOUNTED if japanese else STRANGER

    def __missing__(self, group: str) -> float:
        return self.unread.get(group[-1], self.unknown)


class Letters:
    """The letters of one language. ``size`` letters make a group; of its words the share ``everyday`` is in
    the list of everyday words (0.0: it has none, or its words are not set apart). ``after`` has the log probability
    of each group's last letter after those before it, FLOOR where it has none."""

    def __init__(self, text: str) -> None:
        self.size = 0
        self.everyday = 0.0
        self.alone: dict[str, float] = {}
        self.after: dict[str, float] = {}
        self.words = Kept(self._flow)
        for block in filter(None, text.split("\n\n")):
            self._read(block)
        self.order = GroupFlows(self.after, self.alone)

    def _flow(self, word: str) -> tuple[float, int]:
        """Of a word in lower case: the log probability of its letters, each after the ones before it, less that of the
        letters by themselves; and how many groups of them were looked at."""
        groups = groups_of(word, self.size)
        return sum(map(self.order.__getitem__, groups)), len(groups)

    def _read(self, block: str) -> None:
        head, shares, *lines = block.split("\n")
        self.size, self.everyday = int(head[0]), max(self.everyday, float(head[1:]))
        self.alone |= {shares[i]: _log(shares[i + 1]) for i in range(0, len(shares), 2)}
        for line in lines:
            value, groups = _log(line[0]), line[1:]
            for i in range(0, len(groups), self.size):
                self.after[groups[i : i + self.size]] = value


def groups_of(word: str, size: int) -> list[str]:
    """The groups of ``size`` letters of a word in lower case."""
    parts = APART.split(word) if APART.search(word) else (word,)
    return [part[i : i + size] for part in parts for i in range(len(part) - size + 1)]


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
