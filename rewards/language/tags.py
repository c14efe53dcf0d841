"""Languages as BCP 47 tags and as the labels of fastText models; which of them count as one."""

from dataclasses import dataclass
from functools import lru_cache

from babel.core import get_global

from rewards.text.scripts import NAMES, scripts_of

LABEL = "__label__"
# One language under several codes: Bosnian, Croatian and Serbian are told apart by their script alone.
SAME = {"hr": "sr", "bs": "sr", "sh": "sr", "nb": "no", "fil": "tl", "prs": "fa", "mo": "ro"}
# Varieties that count as the language, unless the run names them as languages of their own.
VARIETIES = {
    "zh": "wuu yue gan", "de": "gsw bar", "fa": "mzn",
    "ar": "arz apc ary acm acq aeb ajp ars", "en": "sco",
}  # fmt: skip
# Relatives that a text may be in although the run does not ask for them.
RELATIVES = {
    "pt": "es gl", "es": "pt gl ca", "gl": "pt es", "ca": "es", "it": "es", "fr": "es", "ro": "it",
    "da": "no sv", "no": "da sv", "nn": "da sv", "sv": "no da", "de": "nl", "nl": "de af", "af": "nl",
    "gsw": "de", "id": "ms jv su", "ms": "id", "ru": "uk bg be", "uk": "ru be", "be": "ru uk", "bg": "ru mk", "mk": "bg sr",
    "sr": "mk sl", "sl": "sr sk", "cs": "sk", "sk": "cs", "hi": "mr ne", "mr": "hi", "ne": "hi",
    "bn": "as", "ar": "fa ur", "fa": "ar", "ur": "fa ar", "tr": "az", "az": "tr", "kk": "ru ky",
    "ky": "kk", "lt": "lv", "lv": "lt", "et": "fi", "fi": "et", "xh": "zu", "zu": "xh", "rw": "sw",
}  # fmt: skip


@dataclass(frozen=True)
class Language:
    """What a tag asks for. ``key`` is what evidence is filed under: ``pt``, or ``hi-Latn`` in a script
    that is not the language's own. ``scripts`` are Unicode names; ``han`` is Hans, Hant or None."""

    key: str
    scripts: frozenset[str]
    han: str | None = None


@lru_cache(maxsize=4096)
def language_of(tag: str) -> Language:
    """The language of a BCP 47 tag (``pt-BR``, ``sr-Latn``, ``zh_TW``) or of a NLLB code (``zho_Hant``).

    A region counts only where it decides the characters: zh-TW is in traditional ones.
    """
    code, *subtags = tag.replace("_", "-").split("-")
    code = _code(code.lower())
    script = next((part.title() for part in subtags if len(part) == 4 and part.isalpha()), None)
    key, own = SAME.get(code, code), scripts_of("hr" if code in ("hr", "bs") else code)
    if key == "zh" and script in (None, "Hani"):
        region = next((part.upper() for part in subtags if len(part) == 2), None)
        likely = get_global("likely_subtags").get(f"zh_{region}", "zh_Hans")
        return Language(key, own, likely.split("_")[1] if region else None)
    if script is None:
        return Language(key, own)
    scripts = frozenset(NAMES.get(script, script).split())
    han = script if script in ("Hans", "Hant") else None
    return Language(key if scripts & own else f"{key}-{script}", scripts, han)


def _code(code: str) -> str:
    """The shortest code of a language: eng → en, swh → sw; macro-languages stand for their main one."""
    alias = get_global("language_aliases").get(code, code)
    return "tl" if code in ("tl", "tgl") else alias.split("_")[0]


@lru_cache(maxsize=8192)
def key_of_label(label: str) -> str:
    """The key of a model's label: ``__label__en``, ``__label__eng_Latn`` or ``__label__hin_Latn``."""
    name = label.removeprefix(LABEL)
    return "gsw" if name == "als" else language_of(name).key  # the code als is Tosk only with a script


def scripts_of_key(key: str) -> frozenset[str]:
    return language_of(key).scripts


@lru_cache(maxsize=512)
def relatives_of(key: str) -> frozenset[str]:
    """The languages that have the language as a relative, or that it has."""
    return frozenset(
        [*RELATIVES.get(key, "").split(), *(x for x, some in RELATIVES.items() if key in some.split())]
    )
