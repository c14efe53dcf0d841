"""What stands between quotation marks, in the marks of all languages. A quotation is of one line."""

import re

from sandbox.quotation_marks import PAIRS

LONGEST = 200  # characters
QUOTED = re.compile(
    "|".join(
        rf"{re.escape(start)}[^{re.escape(start + end)}\n]{{1,{LONGEST}}}{re.escape(end)}"
        for start, end in PAIRS
    )
)
MARKS = re.compile(f"[{''.join({mark for pair in PAIRS for mark in pair} - {'’'})}]")


def has_marks(text: str) -> bool:
    return bool(MARKS.search(text))


def without_quotations(text: str) -> str:
    """A space for each quotation."""
    return QUOTED.sub(" ", text) if MARKS.search(text) else text


def unquoted(text: str) -> str:
    """A space for each quotation mark: what stands between them stays."""
    return MARKS.sub(" ", text)


def quotations(text: str) -> list[str]:
    """What stands between the marks."""
    return [found[0][1:-1] for found in QUOTED.finditer(text)] if MARKS.search(text) else []
