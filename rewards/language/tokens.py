"""Words as evidence: each is looked at once, and what it tells is kept."""

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from rewards.language.tags import scripts_of_key
from rewards.scripts import letters_by_script, units

EDGE = "\"'“”‘’«»„()[]{}<>,.!?…—–-*#•|/\\、，。！？：；:;।؟،~="
KEPT = 100_000  # words whose evidence is kept
LONGEST = 40  # characters of a word that is kept
# Scripts whose letters look alike. A word that mixes them is a word of none.
ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
MIXED = "MIXED"
NONE: frozenset[str] = frozenset()
ASCII = frozenset("abcdefghijklmnopqrstuvwxyz'’-ʼ")


@dataclass(frozen=True, slots=True)
class Token:
    """A word without its punctuation.

    ``script`` is that of most of its letters, ``scripts`` about how many words it is in each. It is an
    everyday word of the languages ``common``; those of ``strange`` have not all of its letters.
    """

    text: str
    lower: str
    script: str
    units: float
    scripts: tuple[tuple[str, float], ...]
    capital: bool
    common: tuple[str, ...]
    strange: frozenset[str]


@cache
def everyday() -> dict[str, frozenset[str]]:
    """Everyday words in lower case by language, function words first: what a short text gives itself
    away by. A word of several languages stands in each of their lists and so tells only others apart."""
    found: dict[str, set[str]] = {}
    for line in (files(__package__) / "words.txt").read_text(encoding="utf-8").splitlines():
        language, *words = line.split()
        found.setdefault(language, set()).update(words)
    return {language: frozenset(words) for language, words in found.items()}


@cache
def languages_by_word() -> dict[str, tuple[str, ...]]:
    """For each everyday word the languages that have it, in one order in all processes."""
    found: dict[str, set[str]] = {}
    for language, words in everyday().items():
        for word in words:
            found.setdefault(word, set()).add(language)
    return {word: tuple(sorted(languages)) for word, languages in found.items()}


@cache
def alphabets(script: str) -> dict[str, frozenset[str]]:
    """Of each language in the script the letters of its everyday words, and ASCII's."""
    return {x: ASCII.union(*words) for x, words in everyday().items() if script in scripts_of_key(x)}


@lru_cache(maxsize=8192)
def strangers(script: str, letter: str) -> frozenset[str]:
    """The languages in the script that have not the letter."""
    return frozenset(x for x, own in alphabets(script).items() if letter not in own)


class Words(dict[str, Token | None]):
    """Tokens by the raw word, None where it has no letter; a missing one is made and kept."""

    def __missing__(self, raw: str) -> Token | None:
        token = _token(raw)
        if len(raw) <= LONGEST:
            if len(self) >= KEPT:
                self.clear()
            self[raw] = token
        return token


def _token(raw: str) -> Token | None:
    text = raw.strip(EDGE)
    if not any(map(str.isalpha, text)):
        return None
    lower = text.lower().replace("’", "'").replace("ʼ", "'")
    letters = letters_by_script(text)
    scripts = {MIXED: 1.0} if _mixes_scripts(text, letters) else units(letters)
    script = max(scripts, key=scripts.__getitem__, default=MIXED)
    return Token(
        text,
        lower,
        script,
        sum(scripts.values()),
        tuple(scripts.items()),
        text[0].isupper(),
        _common(lower),
        NONE.union(*[strangers(script, letter) for letter in set(lower) - ASCII]),
    )


def _common(lower: str) -> tuple[str, ...]:
    """The languages that have the everyday word. A word of none may be English with accents put on."""
    known = languages_by_word()
    if lower in known or lower.isascii():
        return known.get(lower, ())
    bare = "".join(c for c in unicodedata.normalize("NFD", lower) if c.isascii())
    return ("en",) if len(bare) == len(lower) and "en" in known.get(bare, ()) else ()


def _mixes_scripts(text: str, letters: dict[str, int]) -> bool:
    """Whether letters that look alike, of several scripts, are mixed in one word: аlаrm."""
    if len(letters.keys() & ALIKE) < 2:
        return False
    parts = text.replace("'", "-").split("-")
    return any(len(part) > 3 and len(letters_by_script(part).keys() & ALIKE) > 1 for part in parts)
