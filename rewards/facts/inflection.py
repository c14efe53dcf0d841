"""Whether a text says a value in another form of its words: маме for мама, "buying milk" for "buy milk".

Each word of the value must come, in order and with at most two words between, as it is or with another of its
language's endings (``inflection.yaml``).
"""

import re
from functools import lru_cache
from pathlib import Path

import yaml

from rewards.facts.cldr import Cldr
from rewards.text.normalize import WORD, ascii_digits, fold

TOKEN = re.compile(rf"{WORD}|\d+")
STEM = 3  # letters at least
BETWEEN = 2  # words
GLUED = 6  # letters of an ending
LITTLE = 3  # letters of an article or a preposition, which a longer value may lack
LONGEST = 12  # words of a value


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, str | bool]]:
    path = Path(__file__).with_name("inflection.yaml")
    found: dict[str, dict[str, str | bool]] = yaml.safe_load(path.read_text("utf-8"))
    return found


@lru_cache(maxsize=256)
def _endings(language: str, phrase: bool) -> frozenset[str]:
    own = _data().get(language, {})
    listed = f"{own.get('nouns', '')} {own.get('verbs', '') if phrase else ''}".split()
    return frozenset("" if ending == "+" else fold(ending) for ending in listed)


def inflected(value: str, text: str, locale: Cldr) -> bool:
    """Whether ``text`` holds the words of ``value`` in forms of the locale's language."""
    words = _tokens(value)
    if locale.language not in _data() or not 1 <= len(words) <= LONGEST:
        return False
    if len(words) > 2:
        words = [word for word in words if len(word) > LITTLE] or words
    endings = _endings(locale.language, len(words) > 1)
    glued = bool(_data()[locale.language].get("glued"))
    said = _tokens(text)
    starts = (at for at, token in enumerate(said) if _same(words[0], token, endings, glued))
    return any(_follows(words[1:], said, at + 1, endings, glued) for at in starts)


def _tokens(text: str) -> list[str]:
    return TOKEN.findall(ascii_digits(fold(text)))


def _follows(words: list[str], said: list[str], at: int, endings: frozenset[str], glued: bool) -> bool:
    for word in words:
        near = range(at, min(at + BETWEEN + 1, len(said)))
        found = next((i for i in near if _same(word, said[i], endings, glued)), None)
        if found is None:
            return False
        at = found + 1
    return True


def _same(word: str, said: str, endings: frozenset[str], glued: bool) -> bool:
    if word == said:
        return True
    common = 0
    while common < min(len(word), len(said)) and word[common] == said[common]:
        common += 1
    if common < STEM:
        return False
    if glued and common >= len(word) - 1 and len(said) - common <= GLUED:
        return True
    return any(word[n:] in endings and said[n:] in endings for n in range(STEM, common + 1))
