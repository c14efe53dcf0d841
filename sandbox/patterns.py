"""Regular expressions of other people's schemas, of which only those count that cannot take long."""

import re
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]  # the one reader of Python's own syntax
from typing import Any, NamedTuple

LONGEST = {0: 65_536, 1: 2_000, 2: 256}  # characters of a text, by a pattern's repeats of no fixed length
MOST_WAYS = 10_000  # through a pattern
MOST_STEPS = 20_000_000  # of one search
REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}
ONE_CHARACTER = {"LITERAL", "NOT_LITERAL", "IN", "ANY"}
INSIDE = {"SUBPATTERN": -1, "ATOMIC_GROUP": 0}


class _Work(NamedTuple):
    """What a pattern may cost: its repeats of no fixed length, and how many ways lead through the rest of it, since
    each choice (``a?``, ``a|b``) multiplies them."""

    repeats: int
    ways: int


def quick(pattern: Any) -> bool:
    """Whether the pattern can be searched for in a short text in a moment, whoever wrote the text."""
    return isinstance(pattern, str) and _read(pattern) is not None


def found(pattern: str, text: str) -> bool | None:
    """Whether a quick pattern stands in the text; None for a text that is too long to look."""
    return re.search(pattern, text) is not None if steps(pattern, len(text)) else None


def steps(pattern: str, length: int) -> int:
    """How many places a search in a text of that length looks at, at the worst; 0 where it is too long to look."""
    read = _read(pattern)
    if read is None:
        return 0
    (repeats, ways), width = read
    most: int = (length + 1) ** (repeats + 1) * ways * max(min(width, length), 1)
    return most if length <= LONGEST[repeats] and most <= MOST_STEPS else 0


@lru_cache(maxsize=1024)
def _read(pattern: str) -> tuple[_Work, int] | None:
    """What it may cost, and how many characters it takes at least; None where it may be slow."""
    try:
        tree = _parser.parse(pattern) if len(pattern) <= 1000 else None
        work = None if tree is None else _counted(tree)
    except (re.error, RecursionError, OverflowError):
        return None
    if tree is None or work is None or work.repeats not in LONGEST or work.ways > MOST_WAYS:
        return None
    return work, int(tree.getwidth()[0])


def _counted(tree: Any) -> _Work | None:
    repeats, ways = 0, 1
    for kind, value in tree:
        if (one := _of_one(str(kind), value)) is None:
            return None
        repeats, ways = repeats + one.repeats, ways * one.ways
    return _Work(repeats, ways)


def _of_one(kind: str, value: Any) -> _Work | None:
    if kind in ONE_CHARACTER or kind == "AT":
        return _Work(0, 1)
    if kind in INSIDE:
        return _counted(value if kind == "ATOMIC_GROUP" else value[INSIDE[kind]])
    if kind == "BRANCH":
        return _either([_counted(branch) for branch in value[1]])
    if kind in REPEATS:
        least, most, body = value
        if int(most) <= 1:
            return _either([_counted(body), _Work(0, 1)])
        return _Work(int(least != most), 1) if _one_way(body) else None
    return None  # looks around, refers back: not said here


def _either(branches: list[_Work | None]) -> _Work | None:
    known = [branch for branch in branches if branch is not None]
    if len(known) < len(branches):
        return None
    return _Work(sum(one.repeats for one in known), sum(one.ways for one in known))


def _one_way(tree: Any) -> bool:
    """Whether it has one length and one way to match: what is repeated must, or repeats multiply."""
    for kind, value in tree:
        name = str(kind)
        if name in INSIDE:
            inner = value if name == "ATOMIC_GROUP" else value[INSIDE[name]]
            if not _one_way(inner):
                return False
        elif name in REPEATS:
            least, most, body = value
            if least != most or not _one_way(body):
                return False
        elif name not in ONE_CHARACTER:
            return False
    return True
