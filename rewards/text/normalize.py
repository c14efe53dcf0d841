"""Text as facts are looked for in it: one spelling for every way of writing the same characters."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rewards.text.scripts import script

SAME = str.maketrans(
    {
        "ş": "ș",
        "ţ": "ț",
        "\u2212": "-",
        "\u2010": "-",
        "’": "'",
        "ʼ": "'",
        "‘": "'",
        "٬": "'",
        "׳": "'",
        "״": '"',
    }
)
# Scripts that put no space between words, and scripts whose endings are glued to a noun.
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "HANGUL")
SUFFIXING = ("HANGUL", "TELUGU", "BENGALI", "TAMIL", "KANNADA", "MALAYALAM", "DEVANAGARI")
# Languages whose words no space sets apart, and with them those whose endings are glued to the words.
SPACELESS = ("zh", "yue", "ja", "th", "lo", "km", "my")
UNSPACED_LANGUAGES = (*SPACELESS, "ko", "bn", "te", "ta", "kn", "ml")
CLASS = re.compile(r"(\\[A-Za-z])")  # \b and the like
SEPARATORS = re.compile(r"[\s().-]")  # within a code
# One-letter words that Arabic writes together with the next one: and, then, with, to, like.
ARABIC_PREFIXES = "وفبلك"


@dataclass(frozen=True)
class Plain:
    """``text`` is folded; ``digits`` is the same, index by index, with ASCII digits."""

    text: str
    digits: str


MARKS = "".join(chr(i) for i in range(0x10000) if unicodedata.category(chr(i)).startswith("M"))
# A word with the vowel signs and other marks on its letters, which ``\\w`` leaves out.
WORD = rf"[^\W\d_](?:[^\W\d_]|[{MARKS}])*+"
STEM = 4  # letters in which forms of one word agree


# Marks of direction and other invisible characters go, every space becomes a plain one, every digit ASCII's.
_PLANES = (*range(0x20000), *range(0xE0000, 0xE1000))
_SPACES = {i: " " for i in _PLANES if unicodedata.category(chr(i)) == "Zs"}
# Vowel points of Arabic and Hebrew, which most texts leave out.
_POINTS = (*range(0x64B, 0x653), 0x670, *range(0x591, 0x5BD), *range(0x5BF, 0x5C3), 0x5C4, 0x5C5, 0x5C7)
_INVISIBLE = (i for i in _PLANES if unicodedata.category(chr(i)) == "Cf")
_FOLDED = SAME | dict.fromkeys((*_INVISIBLE, *_POINTS)) | _SPACES
_DIGITS = {i: str(unicodedata.digit(chr(i))) for i in _PLANES if chr(i).isdecimal() and i > 127}


def fold(text: str) -> str:
    """NFKC and case folded, without invisible marks, every space a plain one."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text)
    return unicodedata.normalize("NFKC", text.casefold()).translate(_FOLDED)


def fold_words(pattern: str) -> str:
    """A pattern whose words are folded, and whose classes (``\\b``, ``\\S``) are as they were."""
    return "".join(part if part.startswith("\\") else fold(part) for part in CLASS.split(pattern))


def ascii_digits(text: str) -> str:
    return text if text.isascii() else text.translate(_DIGITS)


@lru_cache(maxsize=64)
def plain(text: str) -> Plain:
    """Cached, since a reply is looked through for one fact after another."""
    folded = fold(text)
    return Plain(folded, ascii_digits(folded))


def matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """All matches, also those that overlap: of "14 May, 24 June" both "14 May, 24" and "24 June" may be dates."""
    match = pattern.search(text)
    while match:
        yield match
        match = pattern.search(text, match.start() + 1)


def spaced(char: str) -> bool:
    """Whether the character belongs to a word that spaces set apart."""
    return char.isalnum() and not script(char).startswith(UNSPACED)


def find_text(value: str, text: str) -> bool:
    """Whether ``text`` holds ``value`` as whole words. Codes may be grouped in other ways."""
    value, text = (ascii_digits(" ".join(fold(t).split())) for t in (value, text))
    if not value:
        return False
    places = _codes(value, text) if _is_code(value) else _places(value, text)
    return any(_bounded(text, start, end) for start, end in places)


def _places(value: str, text: str) -> Iterator[tuple[int, int]]:
    """Where the value stands. No pattern is compiled, which would cost more than all the rest."""
    at = text.find(value)
    while at >= 0:
        yield at, at + len(value)
        at = text.find(value, at + 1)


def _is_code(value: str) -> bool:
    """Phone numbers, IBANs and the like: mostly digits, and no word in it."""
    return sum(c.isdigit() for c in value) >= 5 and not re.search(r"[^\W\d_]{3}|[@_]", value)


def _codes(value: str, text: str) -> Iterator[tuple[int, int]]:
    """Where the code stands, however it is grouped."""
    characters = SEPARATORS.sub("", value)
    if characters not in SEPARATORS.sub("", text):
        return
    for match in re.finditer(r"[\s().-]{0,2}".join(map(re.escape, characters)), text):
        yield match.span()


def _bounded(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    left = not (before and spaced(before) and spaced(text[start])) or _arabic_prefix(text, start)
    right = not (after and spaced(after) and spaced(text[end - 1])) or _suffix(text[end - 1], after)
    return left and right


def _arabic_prefix(text: str, start: int) -> bool:
    return text[start - 1] in ARABIC_PREFIXES and not text[max(0, start - 2) : start - 1].isalpha()


def _suffix(last: str, after: str) -> bool:
    """Whether an ending may be glued on: to a word of its own script, to a number or to one in Latin letters."""
    return script(after).startswith(SUFFIXING) and (last.isascii() or script(last) == script(after))


def pieces(text: str, least: int = STEM) -> list[str]:
    """How words of ``least`` letters and more begin, since their endings change; pairs of letters where no space sets
    words apart. Of a text that has no such word, all of its words."""
    found = []
    for word in re.findall(WORD, text):
        found += [word[:STEM]] if spaced(word[0]) else [word[i : i + 2] for i in range(max(1, len(word) - 1))]
    return [piece for piece in found if len(piece) >= least or not spaced(piece[0])] or found
