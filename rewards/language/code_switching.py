"""Where in a sentence another language stands: a stretch of its words, a clause in another script."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain, groupby, takewhile
from typing import NamedTuple

from rewards.language.evidence import (
    HALF_TRUST,
    REACH,
    SHORT,
    WORD,
    Evidence,
    ExpectedLanguage,
    Odds,
    strange,
)
from rewards.language.sentences import (
    CONNECTORS,
    LONGEST_STRETCH,
    PHRASE,
    Sentence,
    is_one_stretch,
    stretches,
)
from rewards.language.tokens import HAN, Token

FOREIGN = 4.0  # log odds at which a stretch spoils a text,
SENTENCE = 2.0  # and at which a whole sentence does
ENGLISH = 6  # words in a row, of which all but one are everyday English: a clause, not a name
WISH = 3  # of its words, not one of them the expected language's, that make a clause: "have a nice day"
CLAUSE = 6.0  # words in a row in a script that is neither the language's nor Latin
MINGLED = 4  # everyday words of another language among the expected one's,
SHARE = 0.75  # and how many to one of it
LATIN = 0.4  # share of words in Latin letters, without names, among words of another script
MOST_TRUST = LONGEST_STRETCH / (LONGEST_STRETCH + HALF_TRUST)  # in the identifier's word on a stretch
CLAUSE_ODDS = Odds(-10.0, "en")  # where a clause is found without weighing it


class Weighed(NamedTuple):
    """A sentence: how many of its words are in another language, and what speaks most against it."""

    words: int
    foreign: int
    odds: Odds | None


def part(sentence: Sentence, kept: Sentence, want: ExpectedLanguage, evidence: Evidence) -> Weighed:
    """``kept`` is the sentence without its names."""
    spoilt, worst = _spoilt(kept, want, evidence)
    if len(sentence) - len(kept) >= SHORT - 1 and "de" in want.rivals:  # German's nouns are no names
        others, german = _spoilt(sentence, want, evidence)
        if german is not None and german.rival == "de":
            spoilt, worst = max(spoilt, others), german
    clause = clauses(sentence, want)
    if clause:
        worst = worst or CLAUSE_ODDS
    return Weighed(len(sentence), max(spoilt, len(clause)), worst)


def _spoilt(tokens: Sentence, want: ExpectedLanguage, evidence: Evidence) -> tuple[int, Odds | None]:
    """How many words are in stretches of another language, and the odds of the worst stretch."""
    spoilt = [False] * len(tokens)
    worst: Odds | None = None
    most = -(SENTENCE if len(tokens) >= SHORT and is_one_stretch(tokens) else FOREIGN)
    if not _may_be_foreign(tokens, want, most):
        return 0, None
    for start, stretch in stretches(tokens):
        if sum([token.units for token in stretch]) < SHORT - 1:
            continue
        odds = evidence.odds(stretch, want, most, most)
        if odds.value < most:
            spoilt[start : start + len(stretch)] = [True] * len(stretch)
            worst = odds if worst is None or odds.value < worst.value else worst
    return sum(spoilt), worst


def _may_be_foreign(tokens: Sentence, want: ExpectedLanguage, most: float) -> bool:
    """Whether any stretch may have odds below ``most``, whatever the identifier says of it. A quick look that
    spares most sentences the ones at their stretches: hardly any of their words are other languages' alone."""
    if want.key in HAN or not want.listed or not want.language.scripts.issuperset([t.script for t in tokens]):
        return True
    others = sum([want.key not in token.common for token in tokens if token.common])
    odd = [token.strange for token in tokens if token.strange]
    return WORD * others + strange(odd, want.key) + REACH * MOST_TRUST >= -most


def clauses(sentence: Sentence, want: ExpectedLanguage) -> list[Token]:
    """Words of clauses in another script, and of a stretch of everyday English."""
    found = _english(sentence, want.key) if want.key != "en" else []
    written = want.language.scripts
    if written.issuperset([token.script for token in sentence]):
        return found
    for script, run in groupby(sentence, key=lambda token: token.script):
        words = list(run)
        if script not in written and not (_is_title if script == "LATIN" else _is_short)(words):
            found = found + words
    return found


def _english(sentence: Sentence, key: str) -> list[Token]:
    """The first stretch of everyday English that the expected language's words do not explain."""
    if len(sentence) < WISH:
        return []
    english = ["en" in t.common and key not in t.common for t in sentence]
    if sum(english) < WISH:
        return []
    starts = range(max(1, len(sentence) - ENGLISH + 1))
    found = (i for i in starts if sum(english[i : i + ENGLISH]) >= ENGLISH - 1)
    start = next(found, None)
    return _wish(sentence, key) if start is None else sentence[start : start + ENGLISH]


def _wish(sentence: Sentence, key: str) -> list[Token]:
    """The few words of nothing but everyday English that end a sentence, and are no title."""
    words = list(takewhile(lambda token: "en" in token.common, reversed(sentence)))[::-1]
    foreign = sum([key not in token.common for token in words])
    titled = sum([token.capital for token in words]) > 1
    return words if foreign >= WISH and not titled else []


def _is_short(run: list[Token]) -> bool:
    return sum(token.units for token in run) < CLAUSE


def _is_title(run: list[Token]) -> bool:
    """Words in Latin letters that are no clause: few, mostly capitalized, hardly an everyday word."""
    lower = sum(not token.capital for token in run)
    everyday = sum(bool(token.common) and token.lower not in CONNECTORS for token in run)
    if lower == len(run) >= SHORT:
        return not everyday
    return everyday < PHRASE and (len(run) < SHORT or everyday < 2 or lower < 0.6 * len(run))


def mingled(tokens: Sequence[Token], want: ExpectedLanguage) -> str | None:
    """A rival whose words stand among the expected language's, nearly as many as they."""
    if len(tokens) < 2 * MINGLED:
        return None
    if "LATIN" not in want.language.scripts:
        latin = sum(token.script == "LATIN" and not token.capital for token in tokens)
        return "en" if latin > MINGLED and latin > LATIN * len(tokens) else None
    others = [token.common for token in tokens if token.common and want.key not in token.common]
    if len(others) < MINGLED or not want.listed:
        return None
    own = sum([want.key in token.common for token in tokens])
    for x, count in Counter(chain.from_iterable(others)).items():
        if count >= MINGLED and x in want.alike:
            shared = sum(x in token.common and want.key in token.common for token in tokens)
            if count > SHARE * (own - shared):
                return x
    return None
