"""A completion cut into what its reader sees, what the reader does not see, and marked calls."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

LIMIT = 1_000_000  # characters read of one completion
CLOSING = {"<think>": "</think>", "[THINK]": "[/THINK]", "<!--": "-->"}
KINDS = {"<think>": "thought", "[THINK]": "thought", "<!--": "comment"}
FENCE = "`{3,}"
# What opens a call, and what closes it (None: the next call, or the end of the text).
TOOL_CALL, TOOL_CALLS, PYTHON_TAG = "<tool_call>", "[TOOL_CALLS]", "<|python_tag|>"
CLOSE = "</tool_call>"
ENDS = {
    TOOL_CALL: re.compile("</?tool_call>"),
    CLOSE: re.compile(""),
    TOOL_CALLS: re.compile(r"\[TOOL_CALLS\]"),
    PYTHON_TAG: re.compile(r"\Z"),
}


class Part(NamedTuple):
    """``kind`` is text, thought, comment, code or call."""

    kind: str
    text: str


def parts(text: str, marks: tuple[str, ...]) -> Iterator[Part]:
    """The text cut at thoughts, comments, code blocks and calls that begin with one of ``marks``.

    One pass. A thought's end without its start closes a thought that the prompt has opened.
    """
    text = text[:LIMIT]
    start = _after_opened_thought(text)
    if start:
        yield Part("thought", text[:start])
    opening = _opening(marks)
    while match := opening.search(text, start):
        if match.start() > start:
            yield Part("text", text[start : match.start()])
        start = _end(text, match)
        yield Part(_kind(match[0]), text[match.start() : start])
    if start < len(text):
        yield Part("text", text[start:])


@lru_cache(maxsize=16)
def _opening(marks: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join([FENCE, *map(re.escape, (*CLOSING, *marks))]))


def _after_opened_thought(text: str) -> int:
    end, start = text.find("</think>"), text.find("<think>")
    return end + len("</think>") if end >= 0 and not 0 <= start < end else 0


def _kind(opening: str) -> str:
    return "code" if opening[0] == "`" else KINDS.get(opening, "call")


def _end(text: str, opening: re.Match[str]) -> int:
    if end := ENDS.get(opening[0]):
        found = end.search(text, opening.end())
        closes = found is not None and found[0] == CLOSE
        return len(text) if found is None else found.end() if closes else found.start()
    closing = CLOSING.get(opening[0], opening[0])
    found_at = text.find(closing, opening.end())
    return len(text) if found_at < 0 else found_at + len(closing)
