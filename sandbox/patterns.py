"""Regular expressions of other people's schemas, of which only those count that cannot take long."""

import re
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]  # the one reader of Python's own syntax
from typing import Any

LONGEST = {0: 65_536, 1: 2_000, 2: 256}  # characters of a text, by a pattern's repeats of no fixed length
REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}
ONE_CHARACTER = {"LITERAL", "NOT_LITERAL", "IN", "ANY"}
INSIDE = {"SUBPATTERN": -1, "ATOMIC_GROUP": 0}


def quick(pattern: Any) -> bool:
    """Whether the pattern can be searched for in a short text in a moment, whoever wrote the text."""
    return isinstance(pattern, str) and _repeats(pattern) is not None


def found(pattern: str, text: str) -> bool | None:
    """Whether a quick pattern stands in the text; None for a text that is too long to look."""
    repeats = _repeats(pattern)
    if repeats is None or len(text) > LONGEST[repeats]:
        return None
    return re.search(pattern, text) is not None


@lru_cache(maxsize=1024)
def _repeats(pattern: str) -> int | None:
    """How many repeats of no fixed length it has; None where they are too many or within one another."""
    try:
        repeats = _counted(_parser.parse(pattern)) if len(pattern) <= 1000 else None
    except (re.error, RecursionError, OverflowError):
        return None
    return repeats if repeats is not None and repeats in LONGEST else None


def _counted(tree: Any) -> int | None:
    counts = [_of_one(str(kind), value) for kind, value in tree]
    return None if None in counts else sum(count for count in counts if count is not None)


def _of_one(kind: str, value: Any) -> int | None:
    if kind in ONE_CHARACTER or kind == "AT":
        return 0
    if kind in INSIDE:
        return _counted(value if kind == "ATOMIC_GROUP" else value[INSIDE[kind]])
    if kind == "BRANCH":
        branches = [_counted(branch) for branch in value[1]]
        return None if None in branches else sum(count for count in branches if count is not None)
    if kind in REPEATS:
        least, most, body = value
        fixed = least == most or int(most) <= 1
        if int(most) <= 1:
            return _counted(body)
        return (0 if fixed else 1) if _one_way(body) else None
    return None  # looks around, refers back: not said here


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
