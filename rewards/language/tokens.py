"""Words as evidence: each is looked at once, and what it tells is kept."""

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from rewards.language.tags import scripts_of_key
from rewards.text.scripts import letters_by_script, units

EDGE = "\"'“”‘’«»„()[]{}<>,.!?…—–-*#•|/\\、，。！？：；:;।؟،~="
# Scripts whose letters look alike. A word that mixes them is a word of none.
ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
MIXED = "MIXED"
VOWELS = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]"
)
# Words of all languages, and so of none.
EVERYWHERE = frozenset({"ok", "okay", "o.k", "ksh", "tsh", "wib", "wita"})
HAN = frozenset({"ja", "zh", "yue"})  # languages that are told by their characters
NONE: frozenset[str] = frozenset()
GLUED = 8  # letters of a word that may be several of English,
LONGEST_PIECE = 12  # each of so many at most
LEAST_PIECE = 2.7  # letters, on the mean
APART = re.compile("[-'/.]")
ASCII = frozenset("abcdefghijklmnopqrstuvwxyz'’-ʼ")
# Who did it, when and to whom is all in a Swahili verb (nimemtumia, I have sent him), so no list holds them.
SWAHILI = re.compile(
    "(?:ni|u|a|tu|m|wa)(?:me|ta)(?:ku|m|wa|ni)[a-z]+[aei]|(?:a|u|i|zi|ya|wa)me[a-z]{2,}(?:wa|ia)"
)
OF_IT, MALAY = "nya", ("id", "ms")  # nomornya: his number; or the number
# Words of one script that spaces set apart, which most are: what the looks at each letter would find.
ONE_SCRIPT = re.compile(
    "(?P<LATIN>[A-Za-zÀ-ÖØ-öø-ɏ]+)|(?P<CYRILLIC>[Ѐ-ҁҊ-ӿ]+)|(?P<ARABIC>[\u0620-\u0652\u0671-\u06d3]+)"
    "|(?P<DEVANAGARI>[\u0900-\u0963\u0971-\u097f]+)|(?P<BENGALI>[\u0980-\u09e3]+)"
    "|(?P<TELUGU>[\u0c00-\u0c63]+)|(?P<HANGUL>[가-힣]+)"
)
ONE_WORD = {script: ((script, 1.0),) for script in ONE_SCRIPT.groupindex}


@dataclass(slots=True, eq=False)  # read and made in two thirds of the time that a NamedTuple takes
class Token:
    """A word without its punctuation.

    ``script`` is that of most of its letters, ``scripts`` about how many words it is in each. It is an
    everyday word of the languages ``common``; those of ``strange`` have not all of its letters. It is
    ``transcribed`` if it is an everyday word of English in letters of another script.
    """

    text: str
    lower: str
    script: str
    units: float
    scripts: tuple[tuple[str, float], ...]
    capital: bool
    common: tuple[str, ...]
    strange: frozenset[str]
    transcribed: bool


@cache
def everyday() -> dict[str, frozenset[str]]:
    """Everyday words in lower case by language, function words first: what a short text gives itself
    away by. A word of several languages stands in each of their lists and so tells only others apart."""
    found: dict[str, set[str]] = {}
    for line in (files(__package__) / "words.txt").read_text(encoding="utf-8").splitlines():
        language, *words = line.split()
        found.setdefault(language, set()).update(map(lowered, words))
    return {language: frozenset(words) for language, words in found.items()}


def is_transcribed(language: str) -> bool:
    """Whether a list is of English words in another script: ``en-Cyrl``."""
    return language.startswith("en-")


@cache
def languages_by_word() -> dict[str, tuple[str, ...]]:
    """For each everyday word the languages that have it, in one order in all processes."""
    found: dict[str, set[str]] = {}
    for language, words in everyday().items():
        for word in words:
            found.setdefault(word, set()).add(language)
    return {word: tuple(sorted(languages)) for word, languages in found.items()}


@cache
def english() -> frozenset[str]:
    """The everyday words of English that words glued together are looked for in."""
    return frozenset(word for word in everyday()["en"] if word.isalpha() and (len(word) > 1 or word in "ai"))


def glued(word: str) -> tuple[str, ...]:
    """The everyday words of English, as few as can be, that a word is made of: pleaseletmeknow. None where another
    language has the word, or where they are so many or so short that chance finds them."""
    if len(word) < GLUED or word in languages_by_word():
        return ()
    ways: list[tuple[float, int]] = [(0, 0)]  # the fewest words that end there, and where the last one begins
    for end in range(1, len(word) + 1):
        starts = [s for s in range(max(0, end - LONGEST_PIECE), end) if word[s:end] in english()]
        ways.append(min([(ways[start][0] + 1, start) for start in starts], default=(math.inf, 0)))
    count, end = ways[-1][0], len(word)
    if count < 3 or count * LEAST_PIECE > len(word):
        return ()
    found: list[str] = []
    while end:
        found.append(word[ways[end][1] : end])
        end = ways[end][1]
    return tuple(reversed(found))


@cache
def alphabets(script: str) -> dict[str, frozenset[str]]:
    """Of each language in the script the letters of its everyday words, and ASCII's; of those that are told by
    their characters none, since nobody asks."""
    lists = {x: words for x, words in everyday().items() if not is_transcribed(x) and x not in HAN}
    return {x: ASCII.union(*words) for x, words in lists.items() if script in scripts_of_key(x)}


def strangers(script: str, letters: Iterable[str]) -> frozenset[str]:
    """The languages in the script that have not all of the letters."""
    if not alphabets(script):
        return NONE
    odd = frozenset(letters) - _shared(script)
    return _without(script, odd) if odd else NONE


@cache
def _shared(script: str) -> frozenset[str]:
    """The letters that no language in the script is without."""
    return frozenset.intersection(*alphabets(script).values())


@lru_cache(maxsize=8192)
def _without(script: str, letters: frozenset[str]) -> frozenset[str]:
    return frozenset(x for x, own in alphabets(script).items() if not letters <= own)


def lowered(text: str) -> str:
    """In lower case, with one apostrophe and without the vowel points that Arabic and Hebrew may have."""
    lower = text.lower()
    return lower if lower.isascii() else VOWELS.sub("", lower.replace("’", "'").replace("ʼ", "'"))


def token_of(raw: str) -> Token | None:
    """The token of a raw word, None where it has no letter."""
    text = raw.strip(EDGE)
    if not text.isalpha() and not any(map(str.isalpha, text)):
        return None
    lower = lowered(text)
    if lower in EVERYWHERE:
        return None
    if text.isascii() and text.isalpha():
        common = languages_by_word().get(lower) or _unlisted(lower)
        return Token(text, lower, "LATIN", 1.0, ONE_WORD["LATIN"], text[0].isupper(), common, NONE, False)
    script, scripts = _scripts(text)
    common = _common(lower)
    return Token(
        text,
        lower,
        script,
        scripts[0][1] if len(scripts) == 1 else sum([count for _, count in scripts]),
        scripts,
        text[0].isupper(),
        common,
        strangers(script, lower),
        bool(common) and any(map(is_transcribed, common)),
    )


def _unlisted(lower: str) -> tuple[str, ...]:
    """The languages whose words a word in ASCII's letters is made of."""
    if SWAHILI.fullmatch(lower):
        return ("sw",)
    if lower.endswith(OF_IT):
        stem = languages_by_word().get(lower.removesuffix(OF_IT), ())
        return tuple(x for x in stem if x in MALAY) or stem
    return ("en",) if glued(lower) else ()


def _scripts(text: str) -> tuple[str, tuple[tuple[str, float], ...]]:
    """The script of most of a word's letters, and about how many words it is in each."""
    if (one := ONE_SCRIPT.fullmatch(text)) and one.lastgroup:
        return one.lastgroup, ONE_WORD[one.lastgroup]
    letters = letters_by_script(text)
    scripts = {MIXED: 1.0} if _mixes_scripts(text, letters) else units(letters)
    return max(scripts, key=scripts.__getitem__, default=MIXED), tuple(scripts.items())


def _common(lower: str) -> tuple[str, ...]:
    """The languages that have the everyday word. A word of none may be English with accents put on, such as
    Vietnamese has not, where nearly every word has a tone."""
    found = languages_by_word().get(lower)
    if not found and lower.isascii():  # please-let
        parts = APART.split(lower)
        return ("en",) if len(parts) > 1 and english().issuperset(parts) else ()
    if found or lower[0] > "\u024f" or alphabets("LATIN")["vi"].issuperset(lower):
        return found or ()
    known = languages_by_word()
    bare = "".join(c for c in unicodedata.normalize("NFD", lower) if c.isascii())
    return ("en",) if len(bare) == len(lower) and "en" in known.get(bare, ()) else ()


def _mixes_scripts(text: str, letters: dict[str, int]) -> bool:
    """Whether letters that look alike, of several scripts, are mixed in one word: аlаrm."""
    if len(letters.keys() & ALIKE) < 2:
        return False
    parts = text.replace("'", "-").split("-")
    return any(len(part) > 3 and len(letters_by_script(part).keys() & ALIKE) > 1 for part in parts)
