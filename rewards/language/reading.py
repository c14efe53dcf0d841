"""A text read as what is judged of it: lines of sentences of words.

Only quotations, addresses and text that runs backwards reach from one word over a space to the next. Without
them a text is read word by word, and what a word is read as is worked out once and kept.
"""

import re
import unicodedata

from rewards.language.kept import Kept
from rewards.language.plain import has_address, is_reversed, plain, without_addresses
from rewards.language.sentences import SENTENCE, Sentence
from rewards.language.tokens import Token, token_of
from rewards.text.quotations import has_marks

READ_BY_WORDS = 1_000  # characters of a text that is read word by word: no part of it is left out
END = None  # of a sentence, among words
# What most words are: a number, or letters that stay as they are (normalized ones, none of them an initial or a
# word in disguise), and what may follow. A third of the time that it takes to look for all that might be there.
USUAL = re.compile(
    r"(?:\d(?:[\d.,:/-]*\d)?|([A-Za-zÀ-ÖØ-öø-ɏ][a-zÀ-ÖØ-öø-ɏ]{1,12}|[Ѐ-ҁҊ-ӿ\u0620-\u0652\u0671-\u06d3"
    r"\u0900-\u0963\u0971-\u097f\u0980-\u09e3\u0c00-\u0c63가-힣]{2,13}))[,:،]?((?<![wW])\.|[!?।؟])?"
)

Cut = list[list[Sentence]]
Read = Token | tuple[Token | None, ...] | None


class Reader:
    """``read`` has by the raw word what it is read as: a word, or words and where sentences end between them; None
    where it has a part of what reaches over a space. ``words`` are those of texts that are read as a whole."""

    def __init__(self) -> None:
        self.words = Kept(token_of)
        self.read = Kept(self._read_word)

    def _read_word(self, raw: str) -> Read:
        usual = as_usual(raw)
        return self._usual(raw, *usual.groups()) if usual else _read_closely(raw)

    def _usual(self, raw: str, word: str | None, end: str | None) -> Read:
        read = () if word is None else self.read[word] if word != raw else token_of(word) or ()
        if end is None:
            return read
        return (read, END) if isinstance(read, Token) else (END,)

    def by_words(self, text: str) -> Cut | None:
        """The sentences of each line that has any; None where words do not tell."""
        if len(text) > READ_BY_WORDS:
            return None
        found: Cut = []
        for line in text.split("\n"):
            sentences: list[Sentence] = [[]]
            for read in map(self.read.__getitem__, line.split()):
                if isinstance(read, Token):
                    sentences[-1].append(read)
                elif read is None:
                    return None
                else:
                    for word in read:
                        if word is not END:
                            sentences[-1].append(word)
                        elif sentences[-1]:
                            sentences.append([])
            if not sentences[-1]:
                sentences.pop()
            if sentences:
                found.append(sentences)
        return found


def _read_closely(raw: str) -> Read:
    said = plain(raw)
    if has_marks(said) or has_address(said) or is_reversed(raw):
        return None
    found: list[Token | None] = []
    for sentence in SENTENCE.split(without_addresses(said)):
        found += [*filter(None, map(token_of, sentence.split())), END]
    return tuple(found[:-1])


def as_usual(raw: str) -> re.Match[str] | None:
    """What most words are: letters that stay as they are, group 1, and what may follow them; None where there is more
    to be looked at."""
    usual = USUAL.fullmatch(raw)
    return usual if usual and (raw.isascii() or unicodedata.is_normalized("NFKC", raw)) else None
