"""A completion cut into what its reader sees, what the reader does not see, and calls.

What stands in a text of a call, marks and fences and ``<think>`` too, is the text's: a call's end is looked
for outside its texts first. Each character is looked at a bounded number of times.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rewards.parse.strict import JSON_TEXT
from rewards.parse.xml import function_at, tags_end

LIMIT = 1_000_000  # characters read of one completion
THOUGHTS = {"<think>": "</think>", "[THINK]": "[/THINK]"}
CLOSING = THOUGHTS | {"<!--": "-->"}
FENCE = "```+"  # begins with a character that is searched for fast, unlike `{3,}
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
PYTHON_TEXT = JSON_TEXT + r"|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'"
SHOWN = re.compile(r"\S")


def _to_end(opening: str) -> re.Pattern[str]:
    """From behind a mark to the end of its call, outside texts; no match where a text does not end.

    It stops at a backslash outside texts. So of all the places from which it may begin no more than one
    (two with two kinds of quotes) leads beyond the next mark, and all of them together are linear.
    """
    texts, quotes = (PYTHON_TEXT, "\"'") if opening in LISTS else (JSON_TEXT, '"')
    stop, first = ENDS[opening].pattern, re.escape(opening[0])
    plain = rf"[^{quotes}\\{first}]*+"
    return re.compile(rf"{plain}(?:(?:{texts}|(?!{stop}){first}){plain})*+(?P<stop>{stop}|\Z)", re.DOTALL)


TO_END = {opening: _to_end(opening) for opening in ENDS}


class Piece(NamedTuple):
    """``kind`` is text, thought, comment, code or call; ``start`` is its place in the completion."""

    kind: str
    text: str
    start: int


class Start(NamedTuple):
    """How a text that is a call as a whole begins, and how its texts are written."""

    begins: re.Pattern[str]
    texts: str = JSON_TEXT


Reads = Callable[[str], bool]  # whether the text of a call, or of several, is well formed


class Cutter(NamedTuple):
    """Cuts at calls that begin with one of ``marks``; a text that begins like one of ``starts`` is a call
    as a whole, and is cut outside its texts only."""

    marks: tuple[str, ...]
    starts: tuple[Start, ...]
    reads: Reads

    def parts(self, text: str) -> Iterator[Piece]:
        """The text cut at thoughts, comments, code blocks and calls.

        A thought's end without its start closes a thought that the prompt has opened.
        """
        text = text[:LIMIT]
        start = self._after_opened_thought(text)
        if start:
            yield Piece("thought", text[:start], 0)
        yield from self._cut(text, start)

    def _after_opened_thought(self, text: str) -> int:
        for opening, closing in THOUGHTS.items():
            end, start = text.find(closing), text.find(opening)
            if end >= 0 and not 0 <= start < end and (end := self._outside_calls(text, closing, end)) >= 0:
                return end + len(closing)
        return 0

    def _outside_calls(self, text: str, closing: str, place: int) -> int:
        """The first place of ``closing``, ``place`` or later, that is in no well-formed call; -1: none."""
        if self.starts and self.reads(text.strip()):
            return -1
        for part in self._cut(text, 0):
            end = part.start + len(part.text)
            if part.kind == "call" and place < end and self.reads(part.text.strip()):
                place = max(place, text.find(closing, end))
                if place < end:
                    return -1
            elif place < end:
                break
        return place

    def _cut(self, text: str, start: int) -> Iterator[Piece]:
        opening = _opening(self.marks)
        find, undecided = opening.search, bool(self.starts)
        while start < len(text):
            at = start
            if undecided and (shown := SHOWN.search(text, start)) and not opening.match(text, shown.start()):
                undecided = False
                if whole := self._whole(text, shown.start()):
                    texts, at = whole
                    find = _opening_outside(self.marks, texts).match
            match = find(text, at)
            if match is None:
                break
            begin = match.start("mark")
            if begin > start:
                yield Piece("text", text[start:begin], start)
            start = self._end(text, begin, match["mark"])
            yield Piece(_kind(match["mark"]), text[begin:start], begin)
        if start < len(text):
            yield Piece("text", text[start:], start)

    def _whole(self, text: str, at: int) -> tuple[str, int] | None:
        """How the texts are written of the call that begins there, and where they may begin."""
        for begins, texts in self.starts:
            if match := begins.match(text, at):
                return texts, match.end()
        return None

    def _end(self, text: str, begin: int, mark: str) -> int:
        after = begin + len(mark)
        if mark == CLOSE:  # of no call
            return after
        if mark not in ENDS:
            closing = CLOSING.get(mark, mark)
            at = text.find(closing, after)
            return len(text) if at < 0 else at + len(closing)
        if mark == TOOL_CALL and function_at(text, after):
            return tags_end(text, after)
        nearest = _behind(ENDS[mark].search(text, after), mark, len(text))
        outside = TO_END[mark].match(text, after)
        if outside is None:
            return nearest
        end = outside.start("stop") if outside["stop"] == mark else outside.end()
        return end if end != nearest and self.reads(text[begin:end].strip()) else nearest


def _behind(found: re.Match[str] | None, opening: str, length: int) -> int:
    if found is None:
        return length
    return found.start() if found[0] == opening else found.end()


@lru_cache(maxsize=16)
def _opening(marks: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?P<mark>{_any_mark(marks)})")


@lru_cache(maxsize=16)
def _opening_outside(marks: tuple[str, ...], texts: str) -> re.Pattern[str]:
    """From a place outside texts to the first mark outside them."""
    mark, special = _any_mark(marks), "\"'\\\\`<\\[" if texts == PYTHON_TEXT else '"\\\\`<\\['
    plain = rf"[^{special}]*+"
    step = rf"{texts}|\\.|(?!{mark})[{special}]"
    return re.compile(rf"{plain}(?:(?:{step}){plain})*+(?P<mark>{mark})", re.DOTALL)


def _any_mark(marks: tuple[str, ...]) -> str:
    return "|".join([FENCE, *map(re.escape, (*CLOSING, *marks))])


def _kind(mark: str) -> str:
    if mark[0] == "`":
        return "code"
    return "thought" if mark in THOUGHTS else "comment" if mark in CLOSING else "call"
