"""Whether a text says a value in another form of its words: маме for мама, "buying milk" for "buy milk".

Each word of the value must come, in order and with at most two words between, as it is or with another of its
language's endings (``inflection.yaml``).
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from rewards.facts.cldr import Cldr
from rewards.text.normalize import WORD, ascii_digits, find_text, fold

TOKEN = re.compile(rf"{WORD}|\d+")
STEM = 3  # letters at least
BETWEEN = 2  # words
GLUED = 6  # letters of an ending
LITTLE = 3  # letters of an article or a preposition, which a longer value may lack
LONGEST = 12  # words of a value


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, Any]]:
    path = Path(__file__).with_name("inflection.yaml")
    found: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return found


@lru_cache(maxsize=256)
def _endings(language: str, phrase: bool) -> frozenset[str]:
    own = _data().get(language, {})
    listed = f"{own.get('nouns', '')} {own.get('verbs', '') if phrase else ''}".split()
    return frozenset("" if ending == "+" else fold(ending) for ending in listed)


@lru_cache(maxsize=4096)
def _forms(word: str, language: str, phrase: bool) -> frozenset[str]:
    """The word as it is, changed, with its cases, and with little words glued before it."""
    own = _data().get(language, {})
    changes = own.get("changes", {}) | (own.get("phrases", {}) if phrase else {})
    changed = {
        re.sub(pattern, "" if new == "+" else new, word)
        for pattern, news in changes.items()
        if re.search(pattern, word)
        for new in news.split()
    }
    cases = ["" if case == "+" else case for case in own.get("cases", "+").split()]
    found = {word, *(stem + case for stem in (word, *changed) for case in cases)}
    return frozenset(found | {prefix + form for prefix in own.get("prefixes", "").split() for form in found})


def inflected(value: str, text: str, locale: Cldr) -> bool:
    """Whether ``text`` holds the words of ``value`` in forms of the locale's language."""
    language, words = locale.language, _tokens(value)
    own = _data().get(language)
    if own is None or not 1 <= len(words) <= LONGEST:
        return False
    if "whole" in own:
        return any(find_text(form, text) for form in _forms(fold(value), language, False))
    if len(words) > 2 and "dense" not in own:
        words = [word for word in words if len(word) > LITTLE] or words
    phrase = len(words) > 1
    folded = fold(text)
    texts = {folded, re.sub(own["joined"], r"\1", folded)} if "joined" in own else {folded}
    return any(_holds(words, _tokens(one), language, phrase) for one in texts)


def _holds(words: list[str], said: list[str], language: str, phrase: bool) -> bool:
    starts = (at for at, token in enumerate(said) if _same(words[0], token, language, phrase))
    return any(_follows(words[1:], said, at + 1, language) for at in starts)


def _tokens(text: str) -> list[str]:
    return TOKEN.findall(ascii_digits(fold(text)))


def _follows(words: list[str], said: list[str], at: int, language: str) -> bool:
    for word in words:
        near = range(at, min(at + BETWEEN + 1, len(said)))
        found = next((i for i in near if _same(word, said[i], language, True)), None)
        if found is None:
            return False
        at = found + 1
    return True


def _same(word: str, said: str, language: str, phrase: bool) -> bool:
    if said in _forms(word, language, phrase):
        return True
    own, endings = _data()[language], _endings(language, phrase)
    stem = own.get("stem", STEM) if len(word) == STEM else STEM
    common = 0
    while common < min(len(word), len(said)) and word[common] == said[common]:
        common += 1
    if common < stem:
        return False
    if "glued" in own and common >= len(word) - 1 and len(said) - common <= GLUED:
        return True
    return any(word[n:] in endings and said[n:] in endings for n in range(stem, common + 1))
