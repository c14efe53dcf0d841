"""A text as its words, or its letters where no spaces set words apart, and the marks between them."""

import re

from rewards.language.kept import Kept
from rewards.language.plain import GAP, plain, without_addresses
from rewards.language.reading import as_usual

WORD = re.compile(r"((?:[^\W\d_][\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0966-\u1fff]*)+)")
# Where no spaces set words apart: a letter with its signs, or a word in Latin letters.
LETTER = re.compile(r"([a-z]+|[^\W\d_][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*)")
UNSPACED = {"zh": 3, "ja": 3, "th": 5}  # letters, with those beside them, that are looked at
STOP, BREAK, VALUE, PAUSE = ".", "\n", "#", ","
MARKS = frozenset({STOP, BREAK, VALUE, PAUSE, "'", "-"})
STOPS = frozenset(".!?。！？؟।:;…")
MERE_SPACE = ["", ""]  # nothing after the word before it, nothing before the next one

Bit = tuple[str, tuple[str, ...], str]


class Bits:
    """A language's texts read bit by bit: what stands between two spaces, as ``read`` finds it."""

    def __init__(self, key: str) -> None:
        self.key, self.space = key, mark(" ", key)
        self.found = Kept(self._found)

    def _found(self, raw: str) -> Bit:
        usual = as_usual(raw)
        if usual and usual[1] and self.key not in UNSPACED:
            return "", (usual[1].lower(),), raw[usual.end(1) :]
        return read(without_addresses(plain(raw)).lower(), self.key)

    def said(self, text: str) -> list[str]:
        """As ``tokens`` of the plain text without addresses, of one that can be read word by word."""
        said, gaps = [STOP], [""]
        for before, words, after in map(self.found.__getitem__, text.split(" ")):
            gaps.append(before)
            if words:
                between = self.space if gaps == MERE_SPACE else mark(" ".join(gaps), self.key)
                if between and len(said) > 1:
                    said.append(between)
                said += words
                gaps = [after]
        said.append(STOP)
        return said


def tokens(text: str, key: str) -> list[str]:
    """The words of a text, or its letters, and between them the marks that are not a mere space."""
    words = read(text.lower(), key)[1]
    return [STOP, *words, STOP] if words else [STOP]


def read(text: str, key: str) -> Bit:
    """What is before the first word; the words and the marks between them; what is after the last."""
    before, *rest = (LETTER if key in UNSPACED else WORD).split(text)
    if not rest:
        return before, (), ""
    said = rest[:1]
    for gap, word in zip(rest[1:-1:2], rest[2::2], strict=True):
        if found := mark(gap, key):
            said.append(found)
        said.append(word)
    return before, tuple(said), rest[-1]


def mark(gap: str, key: str) -> str:
    """What stands between two words: the end of a line or a sentence, a number or a value, a pause; nothing for a
    mere space."""
    if gap in MARKS:
        return gap
    if "\n" in gap:
        return BREAK
    if not gap or (gap.isspace() and key != "th" and GAP not in gap):  # in Thai a space tells something
        return ""
    if not STOPS.isdisjoint(gap):
        return STOP
    return VALUE if GAP in gap or any(map(str.isdigit, gap)) else PAUSE
