"""A text cut into lines, sentences and stretches of words, its names taken out."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from rewards.language.kept import Kept
from rewards.language.tokens import Token

SENTENCE = re.compile(r"[.!?。！？؟।;；]+\s*")
STRETCH = 6  # words
STEP = 3  # words from one stretch to the next
LONGEST_STRETCH = STRETCH + STEP // 2
PHRASE = 5  # everyday words of English with capitals that are no name any more
CONNECTORS = frozenset(
    ("of", "the", "and", "a", "an", "in", "to", "for", "on", "from", "de", "la", "le", "du", "von", "van",
     "der", "di", "da", "y", "e", "&", "-", "vs")
)  # fmt: skip

Sentence = list[Token]
# What stands on menus and telephones in English, whatever the language.
TERMS = {"eat": ["all", "you", "can", "eat"], "disturb": ["do", "not", "disturb"]}  # by their last word


def lines(text: str, words: Kept[str, Token | None]) -> list[list[Sentence]]:
    """The sentences of each line that has any."""
    cut = [[_sentence(s, words) for s in SENTENCE.split(line)] for line in text.split("\n")]
    return [found for line in cut if (found := [s for s in line if s])]


def _sentence(text: str, words: Kept[str, Token | None]) -> Sentence:
    return list(filter(None, map(words.__getitem__, text.split())))


def without_terms(tokens: Sentence) -> Sentence:
    """English terms that are said as they are in any language are no words of a sentence."""
    for i, token in enumerate(tokens):
        if term := TERMS.get(token.lower):
            start = i + 1 - len(term)
            if start >= 0 and [t.lower for t in tokens[start : i + 1]] == term and len(tokens) > len(term):
                return [*tokens[:start], *tokens[i + 1 :]]
    return tokens


def without_names(tokens: Sentence, language: str) -> Sentence:
    """Capitalized words within a sentence, and the small words between them, are names.

    In German, whose nouns have capitals, only those of an English title are. Nothing is taken out where
    hardly a word would be left, or where what has capitals are everyday words of another language.
    """
    named = [token.capital for token in tokens]
    if True not in named[1:]:
        return tokens
    named[0] = False
    for i in range(1, len(tokens) - 1):
        named[i] |= named[i - 1] and tokens[i].lower in CONNECTORS and any(named[i + 1 : i + 3])
    if language == "de":
        named = _titles(tokens, named)
    kept = [token for token, name in zip(tokens, named, strict=True) if not name]
    if len(kept) < 2:
        return tokens
    everyday = sum(
        [
            name and "en" in t.common and language not in t.common
            for t, name in zip(tokens, named, strict=True)
        ]
    )
    return tokens if everyday >= PHRASE or (everyday >= PHRASE - 1 and everyday > len(kept)) else kept


def _titles(tokens: Sentence, named: list[bool]) -> list[bool]:
    """Of the runs of names, those with an everyday word of English that German has not."""
    english = ["en" in t.common and "de" not in t.common for t in tokens]
    found: list[bool] = []
    for name, run in groupby(range(len(tokens)), key=named.__getitem__):
        places = list(run)
        found += [name and len(places) > 1 and any(english[i] for i in places)] * len(places)
    return found


def is_one_stretch(tokens: Sequence[Token]) -> bool:
    return len(tokens) <= LONGEST_STRETCH


def stretches(tokens: Sequence[Token]) -> Iterator[tuple[int, Sequence[Token]]]:
    """Overlapping stretches of a sentence, each with its start; a sentence that is hardly longer is one."""
    if is_one_stretch(tokens):
        yield 0, tokens
        return
    last = len(tokens) - STRETCH
    for start in [*range(0, last, STEP), last]:
        yield start, tokens[start : start + STRETCH]
