"""A completion cut into what its reader sees, what the reader does not see, and marked calls."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

LIMIT = 1_000_000  # characters read of one completion
CLOSING = {"<think>": "</think>", "[THINK]": "[/THINK]", "<!--": "-->"}
KINDS = {"<think>": "thought", "[THINK]": "thought", "<!--": "comment"}
FENCE = "`{3,}"
TOOL_CALL, CLOSE = "<tool_call>", "</tool_call>"
TOOL_CALLS, PYTHON_TAG = "[TOOL_CALLS]", "<|python_tag|>"
LISTS = {"<|tool_call_start|>": "<|tool_call_end|>", "<|python_start|>": "<|python_end|>"}
# What opens a call, and what closes it; the next call does, too, and the end of the text.
ENDS = {
    opening: re.compile("|".join(map(re.escape, (opening, *closing))))
    for opening, closing in {
        TOOL_CALL: (CLOSE,),
        TOOL_CALLS: (),
        PYTHON_TAG: (),
        **{opening: (closing,) for opening, closing in LISTS.items()},
    }.items()
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
    if opening[0] == CLOSE:  # of no call
        return opening.end()
    if opening[0] in ENDS:
        found = ENDS[opening[0]].search(text, opening.end())
        if found is None:
            return len(text)
        return found.start() if found[0] == opening[0] else found.end()
    closing = CLOSING.get(opening[0], opening[0])
    at = text.find(closing, opening.end())
    return len(text) if at < 0 else at + len(closing)
