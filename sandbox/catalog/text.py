"""Comparing texts as people write them, and steady made-up values that hang on a text alone."""

import hashlib
import unicodedata
from typing import Any

from sandbox.quotation_marks import PAIRS

AROUND = {*PAIRS, ("'", "'")}
ENDS = ".!。।…｡！ "  # marks that end a sentence and ask nothing


def fold(text: str) -> str:
    """The text without differences of case, width or spacing (NFKC, case-folded), and without quotation marks
    around it."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return without_marks_around(" ".join(folded.split()))


def without_marks_around(text: str) -> str:
    """The text without the quotation marks that stand around all of it."""
    inner = text[1:-1]
    if len(text) > 2 and (text[0], text[-1]) in AROUND and not {text[0], text[-1]} & set(inner):
        return without_marks_around(inner.strip())
    return text


def bare(text: str) -> str:
    """The text without the quotation marks around it and without the marks that end it as a sentence."""
    shorter = without_marks_around(text.strip()).rstrip(ENDS)
    return bare(shorter) if shorter and shorter != text else text


def spread(count: int, *parts: str) -> int:
    """A number from 0 to ``count`` - 1, evenly spread and the same on every machine, from the parts."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return int.from_bytes(digest[:8]) % count


def given(**arguments: str) -> dict[str, str]:
    """The arguments that were not left empty."""
    return {name: value for name, value in arguments.items() if value}


def next_id(entries: list[dict[str, Any]]) -> int:
    """One more than the greatest ``id`` among the entries, starting at 1."""
    return max((entry["id"] for entry in entries), default=0) + 1
