"""JSON lines, whoever wrote them."""

from collections.abc import Iterator
from pathlib import Path


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that hold something, from 1 on. Raises OSError, and UnicodeDecodeError where it is not UTF-8."""
    return numbered(path.read_text("utf-8-sig"))


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """Only a line feed ends a line: U+2028, U+0085 and their like may stand in a text of JSON."""
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
