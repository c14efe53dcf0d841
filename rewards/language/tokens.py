"""Words as evidence: each is looked at once, and what it tells is kept."""

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rewards.language.tags import scripts_of_key
from rewards.scripts import script_of, units

EDGE = "\"'“”‘’«»„()[]{}<>,.!?…—–-*#•|/\\、，。！？：；:;।؟،~="
KEPT = 100_000  # words whose evidence is kept
LONGEST = 40  # characters of a word that is kept
# Scripts whose letters look alike. A word that mixes them is a word of none.
ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
MIXED = "MIXED"
NONE: frozenset[str] = frozenset()
ENGLISH = frozenset({"en"})
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
    common: frozenset[str]
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
def languages_by_word() -> dict[str, frozenset[str]]:
    """For each everyday word the languages that have it."""
    found: dict[str, set[str]] = {}
    for language, words in everyday().items():
        for word in words:
            found.setdefault(word, set()).add(language)
    return {word: frozenset(languages) for word, languages in found.items()}


@cache
def letters(script: str) -> dict[str, frozenset[str]]:
    """Of each language in the script the letters of its everyday words, and ASCII's."""
    return {x: ASCII.union(*words) for x, words in everyday().items() if script in scripts_of_key(x)}


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
    if not any(c.isalpha() for c in text):
        return None
    lower = text.lower().replace("’", "'").replace("ʼ", "'")
    scripts = {MIXED: 1.0} if _mixes_scripts(text) else dict(units([text]))
    script = max(scripts, key=lambda name: scripts[name], default=MIXED)
    strange = frozenset(x for x, own in letters(script).items() if not own.issuperset(lower))
    weight = sum(scripts.values())
    return Token(
        text,
        lower,
        script,
        weight,
        tuple(scripts.items()),
        text[0].isupper(),
        _common(lower),
        strange,
    )


def _common(lower: str) -> frozenset[str]:
    """The languages that have the everyday word. A word of none may be English with accents put on."""
    known = languages_by_word()
    if lower in known or lower.isascii():
        return known.get(lower, NONE)
    bare = "".join(c for c in unicodedata.normalize("NFD", lower) if c.isascii())
    return ENGLISH if len(bare) == len(lower) and "en" in known.get(bare, NONE) else NONE


def _mixes_scripts(text: str) -> bool:
    """Whether letters that look alike, of several scripts, are mixed in one word: аlаrm."""
    if text.isascii():
        return False
    parts = text.replace("'", "-").split("-")
    return any(len(part) > 3 and len({s for s in map(script_of, part) if s in ALIKE}) > 1 for part in parts)
