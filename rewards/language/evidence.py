"""How much the words of a text speak for one language and against its strongest rival.

Evidence is counted in log odds. Scripts decide where they can, then everyday words and letters; the
identifier is asked only where these leave it open, since no answer of it could change the rest.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from rewards.language.identifier import FLOOR, Identifier
from rewards.language.tags import RELATIVES, VARIETIES, Language, scripts_of_key
from rewards.language.tokens import Token, everyday
from rewards.scripts import KANA

RELATIVE_PRIOR = 2.0  # log odds for the language against a relative that the run does not ask for
STRANGER_PRIOR = 2.5  # and against any other language
GUESSES = 2  # of the identifier, beside the candidates
REACH = 3.0  # log odds by which the identifier may contradict the words: it is not asked beyond them
WORD = 1.5  # log odds of one everyday word
HALF_TRUST = 2.0  # words at which the identifier is trusted by half
STRANGE = 1.0  # log odds against a language that has not the letters of a word
MOST_STRANGE = 3.0
FOREIGN_WORD = 3.0  # weight of a word in a script that is neither the language's nor Latin
TITLE = 0.3  # weight of a word of a title among words of another script
CERTAIN = 50.0
HEADING = 0.5  # log odds against Japanese of a word in Chinese characters: its headings have no kana
SHORT = 4  # words


class Odds(NamedTuple):
    """Log odds of the expected language against its strongest rival."""

    value: float
    rival: str | None


@dataclass(frozen=True)
class Expected:
    """A language, those that count as it, and the prior odds against each rival.

    ``asked`` are the rivals that the run or kinship makes likely, ``least`` the odds of the likeliest;
    ``listed`` tells whether the language has a list of everyday words.
    """

    key: str
    language: Language
    counted: frozenset[str]
    rivals: dict[str, float]
    asked: dict[str, float]
    least: float
    listed: bool


def expected(language: Language, run: frozenset[str]) -> Expected:
    """What tells ``language`` among the languages of a run: all with a list of words may be met."""
    key = language.key
    counted = frozenset({key, *VARIETIES.get(key, "").split()} - (run - {key}))
    priors = dict.fromkeys(everyday(), STRANGER_PRIOR)
    priors |= dict.fromkeys(RELATIVES.get(key, "").split(), RELATIVE_PRIOR)
    priors |= dict.fromkeys(sorted(run), 0.0)
    rivals = {x: p for x, p in priors.items() if x not in counted and language.scripts & scripts_of_key(x)}
    asked = {x: p for x, p in rivals.items() if p < STRANGER_PRIOR}
    least = -min(rivals.values(), default=0.0)
    return Expected(key, language, counted, rivals, asked, least, key in everyday())


class Evidence:
    """Compares languages by words and an identifier."""

    def __init__(self, identifier: Identifier, run: frozenset[str]) -> None:
        self.identifier = identifier
        self.run = run

    def odds(self, tokens: Sequence[Token], want: Expected, *bars: float) -> Odds:
        """Exact as far as it matters on which side of each of ``bars`` the odds are."""
        written = want.language.scripts
        if not written.issuperset([token.script for token in tokens]):
            own = sum(units for token in tokens for name, units in token.scripts if name in written)
            if own <= _foreign_weight(tokens, written):
                return Odds(-CERTAIN, self._of_script(_scripts(tokens)))
            tokens = [token for token in tokens if token.script in written]
        if want.key in ("ja", "zh"):
            return _chinese_or_japanese(_scripts(tokens), want.key)
        if not want.rivals:
            return Odds(CERTAIN, None)
        return self._compare(tokens, want, bars)

    def _of_script(self, scripts: dict[str, float]) -> str | None:
        script = max(scripts, key=lambda name: scripts[name])
        return next((x for x in ["en", *sorted(self.run)] if script in scripts_of_key(x)), None)

    def _compare(self, tokens: Sequence[Token], want: Expected, bars: Sequence[float]) -> Odds:
        counts: dict[str, int] = {}
        for token in tokens:
            for x in token.common:
                counts[x] = counts.get(x, 0) + 1
        odd = [token.strange for token in tokens if token.strange]
        found = {x: WORD * n - want.rivals[x] for x, n in counts.items() if x in want.rivals}
        rival = max(found, key=found.__getitem__, default="")
        own = WORD * counts.get(want.key, 0) - _strange(odd, want.key)
        reach = REACH * len(tokens) / (len(tokens) + HALF_TRUST)
        lead = own - max(found.get(rival, want.least), want.least)
        if want.listed and lead - reach > max(bars):
            return Odds(lead, rival)
        if (
            want.listed
            and rival
            and (behind := own + _strange(odd, rival) - found[rival]) + reach < min(bars)
        ):
            return Odds(behind, rival)
        return self._asked(tokens, want, counts, odd)

    def _asked(
        self, tokens: Sequence[Token], want: Expected, counts: dict[str, int], odd: list[frozenset[str]]
    ) -> Odds:
        """The odds by words and by the identifier."""
        likely = self.identifier.likelihoods(" ".join([t.lower for t in tokens]))
        trust = len(tokens) / (len(tokens) + HALF_TRUST)
        guesses = [x for x in likely if x not in want.counted and want.language.scripts & scripts_of_key(x)]
        rivals = dict.fromkeys(guesses[:GUESSES], STRANGER_PRIOR) | want.asked
        rivals |= {x: want.rivals[x] for x in counts if x in want.rivals}

        def score(x: str, probability: float) -> float:
            words = WORD * counts.get(x, 0) - _strange(odd, x) if want.listed else 0.0
            return words + trust * math.log(max(probability, FLOOR))

        found = {x: score(x, likely.get(x, 0.0)) - prior for x, prior in rivals.items()}
        rival = max(found, key=found.__getitem__)
        return Odds(score(want.key, self._own(likely, want)) - found[rival], rival)

    def _own(self, likely: Mapping[str, float], want: Expected) -> float:
        """The probability of the expected language; one that the identifier does not know may be what it
        is unsure of."""
        if want.key in self.identifier.languages:
            return sum(likely.get(x, 0.0) for x in want.counted)
        return 1 - max(likely.values(), default=0.0)


def _strange(odd: Iterable[frozenset[str]], key: str) -> float:
    """Odds against a language, of words that each are strange to a set of languages."""
    return min(STRANGE * sum([key in languages for languages in odd]), MOST_STRANGE) if odd else 0.0


def _scripts(tokens: Iterable[Token]) -> dict[str, float]:
    """About how many words are in each script."""
    found: dict[str, float] = {}
    for name, units in chain.from_iterable(token.scripts for token in tokens):
        found[name] = found.get(name, 0.0) + units
    return found


def _foreign_weight(tokens: Sequence[Token], written: frozenset[str]) -> float:
    """Words in another script, in words. In Latin letters only everyday English counts in full: the
    rest is mostly titles and names. Nobody mixes other scripts into a reply without quoting them, so
    those count more."""
    foreign = [token for token in tokens if token.script not in written]
    if any(token.script != "LATIN" for token in foreign):
        return FOREIGN_WORD * len(foreign)
    english = sum("en" in token.common for token in foreign)
    return english + TITLE * (len(foreign) - english)


def _chinese_or_japanese(scripts: dict[str, float], key: str) -> Odds:
    """Kana make it Japanese; several Chinese characters without any kana do not."""
    kana, han = sum(scripts.get(name, 0.0) for name in KANA), scripts.get("CJK", 0.0)
    if key == "ja":
        return Odds(CERTAIN, None) if kana > 0.1 * han else Odds(0.0 if han < SHORT else -HEADING * han, "zh")
    return Odds(CERTAIN, None) if kana < 0.1 * (han + kana) else Odds(-CERTAIN, "ja")
