"""Yes and no: whether a text says that something is right (valid, real, in order) or that it is not.

Each clause with a word of polarity is one verdict, which a negation in it turns round: "no error" is a yes. How the
text opens ("Yes, …") counts where no clause decides, then weak words ("it is fine", "OK, it is invalid"); that the check
went well ("successfully checked") says nothing of what it found, nor does a guess ("probably valid") or a question. The
words are in ``verdicts.yaml``, by language.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from rewards.facts.cldr import Cldr
from rewards.text.normalize import MARKS, fold, fold_words, spaced
from rewards.text.scripts import base

FEW_WORDS = r"[^.,;:!?。、，।\n]{0,24}?"  # within a clause
CLAUSE = re.compile(r"[.,;:!?。、，；：！？।؟،؛…\n—–]+(?!\d)| - ")
MARKS_AROUND = " .,!。，！、؛،।…"
COMMA = "[,、，،]"
PART = r"[^.,;:!?。、，；：！？।؟،؛…\n—–]"
QUESTION = re.compile(rf"(?<!{PART}){PART}++[?？؟]")
LONGEST = 10_000  # characters that are read once they are folded, which may make many of one
UNIT = r"(?:\s?[^\s\d,.;:।。、ぁ-ん]{1,14}){0,2}?"  # the one or two words of one
SPAN = r"[^\d.!?;:。！？।\n]{0,20}?"  # what may stand between a number and an "or"
LED = r"[^\w\n]{0,3}(?:[^\W\d_]{1,9}[^\w\n]{1,2}){0,2}[^\W\d_]{0,3}"  # and between it and the next number
OPENING = 40  # characters in which a text opens


@dataclass(frozen=True)
class VerdictWords:
    """``polarity`` has groups "right", "wrong" and "weak", and "yes" and "no" for words of the fact; ``checked`` is an
    act of checking with how it went, ``maybe`` a guess or a condition; ``parted`` splits clauses, ``opening`` has groups "yes" and "no"."""

    polarity: re.Pattern[str]
    negated: re.Pattern[str]
    checked: re.Pattern[str]
    negates: bool  # whether it stands apart from the word; else it is within those of polarity
    maybe: re.Pattern[str]
    mine: re.Pattern[str]  # a mistake of one's own: "Sorry for the mistake in my first try"
    # A clause that is nothing else, and belongs to the next or, at an end, to the one before.
    guess: re.Pattern[str]
    parted: re.Pattern[str]
    opening: re.Pattern[str]


def verdict(yes: Iterable[str], no: Iterable[str], text: str, locale: Cldr) -> bool | None:
    """What the text says: True for right, False for wrong; None for neither, and for both.

    ``yes`` and ``no`` are more words that affirm and deny; "…" in one stands for a few words.
    """
    words = _words(locale.language, tuple(yes), tuple(no))
    folded = fold(text)[:LONGEST]
    said = words.guess.sub(r" \1\2 ", words.checked.sub(" ", QUESTION.sub(" ", folded)))
    own = (part for part in CLAUSE.split(said) if not words.mine.search(part))
    clauses = [clause for part in own for clause in words.parted.split(part)]
    sure = [clause for clause in clauses if not words.maybe.search(clause)]
    found = {_clause(clause, words) for clause in sure} - {None}
    if len(found) == 2:
        return None
    if found:
        return found.pop()
    kinds = {match.lastgroup for match in words.polarity.finditer("\n".join(sure))}
    opens = sure[:1] == clauses[:1] and kinds <= {"weak"}
    opening = words.opening.match(said[:OPENING]) if opens else None
    if opening:
        return opening.lastgroup == "yes"
    return True if kinds == {"weak"} else None


def assents(text: str, language: str) -> bool:
    """Whether a text is a word of assent and no more: "Sure", "OK"."""
    own = _data().get(base(language), {})
    return text.strip(MARKS_AROUND) in map(fold, (*own.get("yes", ()), *own.get("weak", ())))


def dissents(text: str, language: str) -> bool:
    """Whether a text is a "no" and no more."""
    own = _data().get(base(language), {})
    return text.strip(MARKS_AROUND) in map(fold, own.get("no", ()))


def asks(text: str, language: str) -> bool:
    """Whether the words of a text ask even without a mark; of a language that is not known so, any may."""
    pattern = _data().get(base(language), {}).get("asks", "")
    return bool(re.search(fold_words(pattern), fold(text).strip(MARKS_AROUND)))


def _clause(clause: str, words: VerdictWords) -> bool | None:
    """What a clause says; weak words count where they are denied."""
    matches = list(words.polarity.finditer(clause))
    if not matches:
        return None
    # The words of polarity themselves are no negation: "hatasız", "n'est pas faux".
    rest = words.polarity.sub(" ", clause)
    right = {match.lastgroup in ("right", "yes", "weak") for match in matches}
    if {match.lastgroup for match in matches} == {"weak"} and not words.negated.search(rest):
        return None
    if len(right) == 2:  # "there is a mistake", "no mistake, valid" without its comma: the fault decides
        return bool(words.negated.search(rest)) if words.negates else None
    return right.pop() != bool(words.negated.search(rest))


@lru_cache(maxsize=256)
def denial(locale: Cldr, unit: bool = False) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns that deny a value right before it and right after it, or its ``unit``: "not at 7:30", 32℃ではない."""
    own = _data().get(locale.language, {})
    before = "|".join(map(fold_words, own.get("before", "(?!)").split("|")))
    whole = own.get("script") != "unspaced"
    left, right = (rf"(?<![^\W_])(?<![{MARKS}])", r"(?![^\W\d_])") if whole else ("", "")
    return (
        re.compile(rf"{left}(?:{before}){right}\s?(?:[^\W\d_]{{1,4}}\s){{0,2}}$"),
        re.compile(rf"{UNIT if unit else ''}\s?(?:{fold(own.get('after', '(?!)'))})"),
    )


@lru_cache(maxsize=256)
def alternative(locale: Cldr) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of the number that another one may be instead of, right before it and right after it: 32 or 20."""
    own = _data().get(locale.language, {})
    body = rf"(?:{fold_words(own.get('or', '(?!)'))})"
    if own.get("script") != "unspaced" and locale.language != "ko":  # दिया ends in या
        body = rf"(?<![^\W\d_])(?<![{MARKS}]){body}(?![^\W\d_]|[{MARKS}])"
    return (
        re.compile(rf"(?P<number>\d[\d:.,]*)(?P<unit>{SPAN})[,،、，]?\s?{body}{LED}$"),
        re.compile(rf"(?P<unit>{SPAN})[,،、，]?\s?{body}{LED}(?P<number>\d[\d:.,]*)"),
    )


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, Any]]:
    path = Path(__file__).with_name("verdicts.yaml")
    found: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return found


@lru_cache(maxsize=256)
def _words(language: str, yes: tuple[str, ...], no: tuple[str, ...]) -> VerdictWords:
    own = _data().get(language, {})
    whole = own.get("script") != "unspaced"
    negated = _any_of(own.get("not", ()), whole)
    # What only negates a word that is known is known without it.
    plain_no = [word for word in no if not re.search(negated, fold(word))] if own else list(no)
    plain_yes = [word for word in yes if not re.search(negated, fold(word))] if own else list(yes)
    wrong, right, weak = (_any_of(own.get(key, ()), whole) for key in ("wrong", "right", "weak"))
    alas, maybe = (_any_of(own.get(key, ()), whole) for key in ("alas", "maybe"))
    act, gap = _any_of(own.get("act", ()), whole), r"\s(?:[^\W\d_]+\s)?" if whole else r"[\w ]{0,4}"
    return VerdictWords(
        polarity=re.compile(
            f"(?P<weak>{weak})|(?P<wrong>{wrong})|(?P<right>{right})"
            f"|(?P<no>{_given(plain_no)})|(?P<yes>{_given(plain_yes)})"
        ),
        checked=re.compile(f"(?:{weak}){gap}(?:{act})|(?:{act}){gap}(?:{weak})"),
        negated=re.compile(negated),
        negates=whole and bool(own.get("not")),
        mine=re.compile(_any_of(own.get("mine", ()), whole)),
        maybe=re.compile(f"{maybe}|{_any_of(own.get('if', ()), whole)}"),
        guess=re.compile(rf"({maybe})\s*{COMMA}|{COMMA}\s*({maybe})(?=\s*(?:[.!。！।؛…]|$))"),
        parted=re.compile(_any_of(own.get("and", ()), whole)),
        opening=re.compile(
            rf"\W*(?:{alas}\W*)?(?:(?P<no>{_any_of(own.get('no', ()), whole)})|(?P<yes>{_any_of(own.get('yes', ()), whole)}))"
        ),
    )


def _any_of(patterns: Iterable[str], whole: bool) -> str:
    body = "|".join(sorted(map(fold_words, patterns), key=len, reverse=True))
    if not body:
        return "(?!)"
    return rf"(?<![^\W_])(?<![{MARKS}])(?:{body})(?![^\W_]|[{MARKS}])" if whole else f"(?:{body})"


def _given(words: Iterable[str]) -> str:
    """Whole words in scripts that space them; endings may follow elsewhere."""
    found = [
        (r"\b" if spaced(word[0]) else "")
        + FEW_WORDS.join(re.escape(fold(part)) for part in word.split("…"))
        + (r"\b" if spaced(word[-1]) else "")
        for word in sorted(words, key=len, reverse=True)
        if word
    ]
    return "|".join(found) or "(?!)"
