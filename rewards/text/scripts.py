"""Which scripts a text is written in, and which ones a language is written in."""

import unicodedata
from functools import lru_cache

from babel.core import get_global

# ISO 15924 codes, and the first word of their characters' Unicode names.
NAMES = {
    "Latn": "LATIN", "Cyrl": "CYRILLIC", "Arab": "ARABIC", "Deva": "DEVANAGARI", "Beng": "BENGALI",
    "Telu": "TELUGU", "Thai": "THAI", "Jpan": "CJK HIRAGANA KATAKANA", "Hans": "CJK", "Hant": "CJK",
    "Kore": "HANGUL", "Hebr": "HEBREW", "Grek": "GREEK", "Geor": "GEORGIAN", "Armn": "ARMENIAN",
    "Taml": "TAMIL", "Knda": "KANNADA", "Mlym": "MALAYALAM", "Gujr": "GUJARATI", "Guru": "GURMUKHI",
    "Orya": "ORIYA", "Sinh": "SINHALA", "Ethi": "ETHIOPIC", "Khmr": "KHMER", "Laoo": "LAO",
    "Mymr": "MYANMAR", "Tibt": "TIBETAN",
}  # fmt: skip
ALSO_LATIN = frozenset({"sr", "bs", "az", "uz", "ku", "tk", "tt", "mn", "hif"})
KANA = ("HIRAGANA", "KATAKANA")
# Letters of unspaced scripts that make about one word.
LETTERS_A_WORD = {"CJK": 1.5, "HIRAGANA": 1.5, "KATAKANA": 3, "THAI": 4, "LAO": 4, "KHMER": 4, "MYANMAR": 4}


def base(tag: str) -> str:
    """The language of a BCP 47 tag, without script and region."""
    return tag.replace("_", "-").split("-")[0].lower()


@lru_cache(maxsize=512)
def scripts_of(language: str) -> frozenset[str]:
    """Unicode names of a language's scripts, by CLDR's likely subtags; Latin where CLDR has none."""
    likely = get_global("likely_subtags").get(language, "")
    code = next((part for part in likely.split("_") if len(part) == 4), "Latn")
    names = frozenset(NAMES.get(code, code).split())
    return names | {"LATIN"} if language in ALSO_LATIN else names


@lru_cache(maxsize=8192)
def script(char: str) -> str:
    """The script of a letter, a mark or a native digit, as Unicode names it."""
    return unicodedata.name(char, "").replace("-", " ").split(" ")[0]


class _Scripts(dict[str, str]):
    """Of each character that was asked for; looked up in half the time of a call."""

    def __missing__(self, char: str) -> str:
        found = self[char] = script(char)
        return found


_SCRIPTS = _Scripts()


def letters_by_script(word: str) -> dict[str, int]:
    """How many letters are in each script."""
    found: dict[str, int] = {}
    for name in map(_SCRIPTS.__getitem__, filter(str.isalpha, word)):
        found[name] = found.get(name, 0) + 1
    return found


def units(letters: dict[str, int]) -> dict[str, float]:
    """About how many words of each script a word is, by how many letters it has in each."""
    found = {name: count / LETTERS_A_WORD[name] for name, count in letters.items() if name in LETTERS_A_WORD}
    spaced = [name for name in letters if name not in LETTERS_A_WORD]
    if spaced:
        found[max(spaced, key=letters.__getitem__)] = 1.0
    return found


def script_of(word: str) -> str | None:
    """The script of most of a word's letters."""
    letters = letters_by_script(word)
    return max(letters, key=letters.__getitem__, default=None)
