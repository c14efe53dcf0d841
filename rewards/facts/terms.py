"""The words and signs that stand right beside a number, and what each may mean."""

import re
from dataclasses import dataclass, field
from unicodedata import category

from rewards.facts.cldr import Cldr
from rewards.facts.numbers import Found
from rewards.text.normalize import Plain, fold, spaced

LINK = re.compile(r"^(?:de |d'|di )")  # dos millones de euros
BESIDE = 40  # characters beside a number in which its term stands
LENGTHS = ("long", "short", "narrow")


@dataclass(frozen=True)
class Terms:
    """What stands after or before a number, and which measures each term may mean."""

    after: dict[str, set[str]] = field(default_factory=dict)
    before: dict[str, set[str]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)

    def add(self, side: dict[str, set[str]], term: str, meaning: str, own: bool) -> None:
        term = fold(term).strip()
        if term:
            side.setdefault(term, set()).add(meaning)
            if own:
                self.own.add(term)


def beside(found: Found, text: Plain, terms: Terms) -> tuple[str | None, str | None]:
    before = text.text[max(0, found.start - BESIDE) : found.start].rstrip()
    after = LINK.sub("", text.text[found.end : found.end + BESIDE].lstrip())
    lengths = range(BESIDE, 0, -1)  # the longest term is meant
    behind = (before[-n:] for n in lengths if n <= len(before))
    ahead = (after[:n] for n in lengths if n <= len(after))
    return (
        next((t for t in behind if t in terms.before and _starts(t, before[: -len(t)])), None),
        next((t for t in ahead if t in terms.after and _ends(t, after[len(t) :])), None),
    )


def _ends(term: str, rest: str) -> bool:
    """A sign before the next number belongs to that one; a term ends where its word does."""
    if category(term[-1])[0] not in "LM" and re.match(r" ?\d", rest):
        return False
    if len(term) == 1 and rest and spaced(term) and spaced(rest[0]):  # م is a metre, مئوية is not
        return False
    return not (_latin(term[-1]) and rest and _latin(rest[0]))


def _starts(term: str, rest: str) -> bool:
    return not (_latin(term[0]) and rest and _latin(rest[-1]))


def _latin(char: str) -> bool:
    return char.isalpha() and ord(char) < 0x0500


def unit_patterns(locale: Cldr, key: str) -> list[str]:
    """CLDR's patterns of a unit with a place for the number, the longest style first."""
    styles = locale.locale._data["unit_patterns"][key]
    found = [styles[s] for s in LENGTHS if s in styles]
    return [p for style in found for k, p in dict(style).items() if k != "per" and "{0}" in p]
