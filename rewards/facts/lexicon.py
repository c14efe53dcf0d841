"""The number words of a language, from CLDR (``numerals.tsv``) and from what it lacks (``numerals.yaml``)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from rewards.text.normalize import WORD, fold

HERE = Path(__file__).parent
NUMBER = r"(?>\d+(?:[.,'٫]\d+)*)"
PIECES = 20  # of a number in a script without spaces


@dataclass(frozen=True)
class Lexicon:
    """The number words of one language, folded. ``words``: by their first word, the longest first."""

    words: dict[str, list[tuple[tuple[str, ...], Decimal, bool]]] = field(default_factory=dict)
    scales: dict[str, Decimal] = field(default_factory=dict)
    joined: frozenset[str] = frozenset()
    half: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    counted: tuple[str, ...] = ()
    leads: frozenset[str] = frozenset()
    alone: frozenset[str] | None = None  # scales that may lack a number before them; None: all
    pieces: re.Pattern[str] | None = None  # of a number written as one word, or in such a script
    run: re.Pattern[str] | None = None  # for scripts without spaces
    suffixes: re.Pattern[str] | None = None
    prefixes: tuple[str, ...] = ()
    never: re.Pattern[str] | None = None
    seen: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # words looked at before
    tens: bool = False  # units follow tens as words of their own: 二十五
    scale_first: bool = False  # elfu tano


@lru_cache(maxsize=1)
def _extra() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "numerals.yaml").read_text("utf-8"))
    return found


@lru_cache(maxsize=1)
def _spelled_out() -> dict[str, list[tuple[str, Decimal, list[str]]]]:
    """By language: (c or o, value, forms)."""
    found: dict[str, list[tuple[str, Decimal, list[str]]]] = {}
    for line in (HERE / "numerals.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            language, kind, value, forms = line.split("\t")
            found.setdefault(language, []).append((kind, Decimal(value), forms.split("|")))
    return found


@lru_cache(maxsize=128)
def lexicon(language: str, ordinals: bool) -> Lexicon | None:
    """The words of a language, with its ordinals if asked for; None where nothing is known of it."""
    language = {"no": "nb", "nn": "nb", "bs": "hr"}.get(language, language)
    extra = _extra().get(language, {})
    entries = _spelled_out().get(language, [])
    if not extra and not entries:
        return None
    words: dict[str, list[tuple[tuple[str, ...], Decimal, bool]]] = {}
    for form, value, ordinal in _forms(entries, extra):
        if not ordinal or ordinals:
            parts = tuple(_without_and(re.findall(WORD, fold(form))))
            if parts:
                words.setdefault(parts[0], []).append((parts, value, ordinal))
    for options in words.values():
        options.sort(key=lambda option: (len(option[0]), not option[2]), reverse=True)
    scales = {fold(word): Decimal(value) for word, value in extra.get("scales", {}).items()}
    return _made(words, scales, extra)


def _without_and(words: list[str]) -> Iterator[str]:
    """Arabic and Hebrew write "and" as the first letter of the next word."""
    for number, word in enumerate(words):
        yield word[1:] if number and len(word) > 3 and word[0] in "وו" else word


def _forms(
    entries: list[tuple[str, Decimal, list[str]]], extra: dict[str, Any]
) -> Iterator[tuple[str, Decimal, bool]]:
    for kind, value, forms in entries:
        yield from ((form, value, kind == "o") for form in forms)
    for key in ("words", "ordinals"):
        for value, forms in extra.get(key, {}).items():
            yield from ((form, Decimal(str(value)), key == "ordinals") for form in forms)
    for teen in extra.get("teens", ()):  # 열한 시: a word for ten, and a unit glued to it
        yield teen, Decimal(10), False


def _made(
    words: dict[str, list[tuple[tuple[str, ...], Decimal, bool]]],
    scales: dict[str, Decimal],
    extra: dict[str, Any],
) -> Lexicon:
    folded = {key: tuple(fold(w) for w in extra.get(key, ())) for key in ("counted", "prefix", "alone")}
    single = sorted({*words, *scales}, key=len, reverse=True)
    pieces = "|".join(map(re.escape, single))
    run = None
    if "run" in extra:
        after = (
            rf"(?=\s?(?:{'|'.join(map(re.escape, folded['counted']))}))" if extra["run"] == "counted" else ""
        )
        left = r"(?<![^\W\d_])" if extra["run"] == "counted" else ""
        piece = rf"(?>{NUMBER}|{pieces})"  # atomic: no run is read in two ways
        run = re.compile(rf"{left}{piece}(?: ?{piece}){{0,{PIECES}}}{after}")
    return Lexicon(
        words=words,
        scales=scales,
        joined=frozenset(map(fold, extra.get("and", ()))),
        half=frozenset(map(fold, extra.get("half", ()))),
        articles=frozenset(map(fold, extra.get("articles", ()))),
        counted=folded["counted"],
        leads=frozenset(map(fold, extra.get("leads", ()))),
        alone=frozenset(folded["alone"]) if "run" in extra else None,
        pieces=re.compile(f"{NUMBER}|{pieces}") if extra.get("glued") or "run" in extra else None,
        run=run,
        suffixes=re.compile(rf"(?:{fold(extra['suffixes'])})$") if "suffixes" in extra else None,
        prefixes=folded["prefix"],
        never=re.compile(fold(extra["never"])) if "never" in extra else None,
        tens=bool(extra.get("tens")),
        scale_first=bool(extra.get("scale_first")),
    )
