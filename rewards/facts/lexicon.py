"""The number words of a language, from CLDR (``numerals.tsv``) and from what it lacks (``numerals.yaml``)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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
    """The number words of one language, folded. Phrases stand by their first word, those of ``words`` the longest first."""

    words: dict[str, list[tuple[tuple[str, ...], Decimal, bool]]] = field(default_factory=dict)
    scales: dict[str, Decimal] = field(default_factory=dict)
    joined: frozenset[str] = frozenset()
    # Phrases and what they add to the number after them.
    before: dict[str, list[tuple[tuple[str, ...], Decimal]]] = field(default_factory=dict)
    endings: tuple[tuple[re.Pattern[str], Decimal], ...] = ()  # what they add to the word before them
    # Phrases that add half of what is said last.
    and_half: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    articles: frozenset[str] = frozenset()
    counted: tuple[str, ...] = ()
    leads: tuple[tuple[str, ...], ...] = ()
    alone: frozenset[str] | None = None  # scales that may lack a number before them; None: all
    pieces: re.Pattern[str] | None = None  # of a number written as one word, or in such a script
    run: re.Pattern[str] | None = None  # for scripts without spaces
    suffixes: re.Pattern[str] | None = None
    prefixes: tuple[str, ...] = ()
    never: re.Pattern[str] | None = None
    same: tuple[tuple[re.Pattern[str], str], ...] = ()  # spellings of one word
    seen: dict[str, list[Any]] = field(default_factory=dict)  # words looked at before
    clock: bool = False  # of dates and times, in which fractions are read elsewhere
    next_scale: Decimal | None = None  # from this scale on a unit is of the next one below: 两千五 is 2500
    tens: bool = False  # units follow tens as words of their own: 二十五
    scale_first: bool = False  # elfu tano

    def spelled(self, word: str) -> str:
        """The one spelling of a word that has several."""
        for pattern, usual in self.same:
            word = pattern.sub(usual, word)
        return word


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
    same = tuple((re.compile(pattern), usual) for pattern, usual in extra.get("same", {}).items())
    spelled = Lexicon(same=same).spelled
    words: dict[str, list[tuple[tuple[str, ...], Decimal, bool]]] = {}
    for form, value, ordinal in _forms(entries, extra):
        if not ordinal or ordinals:
            parts = tuple(map(spelled, _without_and(re.findall(WORD, fold(form)))))
            if parts:
                words.setdefault(parts[0], []).append((parts, value, ordinal))
    for options in words.values():
        options.sort(key=lambda option: (len(option[0]), not option[2]), reverse=True)
    scales = {spelled(fold(word)): Decimal(value) for word, value in extra.get("scales", {}).items()}
    before: dict[str, list[tuple[tuple[str, ...], Decimal]]] = {}
    for said, value in extra.get("before", {}).items():
        phrase = tuple(map(spelled, _words(said)))
        before.setdefault(phrase[0], []).append((phrase, Decimal(str(value))))
    and_half: dict[str, list[tuple[str, ...]]] = {}
    for phrase in () if ordinals else map(_words, extra.get("and_half", ())):  # a clock reads it elsewhere
        and_half.setdefault(phrase[0], []).append(phrase)
    made = _made(words, scales, extra)
    return replace(made, same=same, clock=ordinals, before=before, and_half=and_half)


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(re.findall(WORD, fold(phrase)))


def _without_and(words: list[str]) -> Iterator[str]:
    """Arabic and Hebrew write "and" as the first letter of the next word."""
    for number, word in enumerate(words):
        yield word[1:] if number and len(word) > 2 and word[0] in "وו" else word


def _forms(
    entries: list[tuple[str, Decimal, list[str]]], extra: dict[str, Any]
) -> Iterator[tuple[str, Decimal, bool]]:
    own = [
        (kind, Decimal(str(value)), forms)
        for kind, key in (("c", "words"), ("o", "ordinals"))
        for value, forms in extra.get(key, {}).items()
    ]
    for kind, value, forms in (*entries, *own):
        yield from ((form, value, kind == "o") for form in forms)
    units = [(form, value) for kind, value, forms in (*entries, *own) if kind == "c" for form in forms]
    yield from ((form, value, False) for form, value in _composed(units, extra))
    for teen in extra.get("teens", ()):  # 열한 시: a word for ten, and a unit glued to it
        yield teen, Decimal(10), False


def _composed(forms: list[tuple[str, Decimal]], extra: dict[str, Any]) -> Iterator[tuple[str, Decimal]]:
    """Words made of a unit and hundreds, and units before tens."""
    units = [(form, value) for form, value in forms if 0 < value < 10 and len(form.split()) == 1]
    teens = [(form, value) for form, value in forms if 10 < value < 20 and len(form.split()) == 1]
    tens = [(form, value) for form, value in forms if 20 <= value < 100 and len(form.split()) == 1]
    for form, value in (*units, *teens):
        yield from ((form + hundreds, value * 100) for hundreds in extra.get("hundreds", ()))
    for form, value in units:
        if "units_first" in extra and value == int(value):
            joined = extra["units_first"]
            yield from ((f"{form} {joined}{ten}", value + more) for ten, more in tens if more % 10 == 0)


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
        scaled = rf"(?>{NUMBER}(?:{extra.get('scaled', '(?!)')})++)"
        run = re.compile(
            rf"{left}{piece}(?: ?{piece}){{0,{PIECES}}}{after}|{scaled}(?: ?{scaled}){{0,{PIECES}}}(?:{NUMBER})?"
        )
    return Lexicon(
        words=words,
        scales=scales,
        joined=frozenset(map(fold, extra.get("and", ()))),
        endings=tuple(
            (re.compile(f"(?:{fold(pattern)})$"), Decimal(str(value)))
            for pattern, value in extra.get("endings", {}).items()
        ),
        articles=frozenset(map(fold, extra.get("articles", ()))),
        counted=folded["counted"],
        leads=tuple(map(_words, extra.get("leads", ()))),
        alone=frozenset(folded["alone"]) if "run" in extra else None,
        pieces=re.compile(f"{NUMBER}|{pieces}") if extra.get("glued") or "run" in extra else None,
        run=run,
        suffixes=re.compile(rf"(?:{fold(extra['suffixes'])})$") if "suffixes" in extra else None,
        prefixes=folded["prefix"],
        never=re.compile(fold(extra["never"])) if "never" in extra else None,
        next_scale=Decimal(extra["next_scale"]) if "next_scale" in extra else None,
        tens=bool(extra.get("tens")),
        scale_first=bool(extra.get("scale_first")),
    )
