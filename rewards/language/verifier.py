"""Whether a text is in the language that was expected of it, as a whole and in each of its parts."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from rewards.language import foreign
from rewards.language.characters import OTHER, other_characters
from rewards.language.evidence import CERTAIN, SHORT, Evidence, Expected, Odds, expected
from rewards.language.foreign import Part
from rewards.language.identifier import identifier
from rewards.language.plain import plain, without_addresses, without_code, without_quotations
from rewards.language.sentences import Sentence, is_one_stretch, lines, without_names
from rewards.language.tags import language_of
from rewards.language.tokens import Token, Words, everyday

# Fitted on short requests, sentences and their first five words in 38 languages, each once with its own
# language and once with another of its script: probability = logistic(SLOPE * (odds + BIAS)).
BIAS = 1.25
SLOPE = 1.5
DOUBT = 0.25  # log odds up to which a short text gets no verdict
FEW = 1.9  # words that allow any verdict at all
OUTWEIGH = 2.0  # length of quotations, to one of the rest, at which they are what the text says
KEPT = 4_096  # verdicts: several rewards ask about one reply, and samples of one request are often alike
KEPT_LENGTH = 1_000  # characters of a text whose verdict is kept
ONLY_QUOTED = 60  # characters of a text that is judged by its quotations where it has nothing else


@dataclass(frozen=True)
class Shares:
    """How much of a text is in the expected language, each in 0..1: of its lines, those without any other
    language; of its words, those outside stretches of another language."""

    lines: float
    words: float


ALL = Shares(1.0, 1.0)


@dataclass(frozen=True)
class Verdict:
    """``match`` None: too little text to tell. ``probability`` is that of the expected language, and
    ``detected`` the key of the language that was found."""

    match: bool | None
    probability: float
    detected: str | None
    shares: Shares | None = None


class LanguageVerifier:
    """Verifies languages among the run's own.

    ``languages`` are BCP 47 tags (None: all that have a list of everyday words); ``model`` is the path of
    another fastText file. Raises ValueError for a file that is no such model, and for a language that
    neither its script nor the model nor a list of words tells from others.
    """

    def __init__(self, languages: Iterable[str] | None = None, model: str | None = None) -> None:
        tags = list(languages) if languages is not None else [*everyday()]
        self.run = frozenset(language_of(tag).key for tag in tags) | {"en"}
        self.model = model
        self.words = Words()
        self._wanted: dict[str, Expected] = {}
        self._kept: dict[tuple[str, str], Verdict] = {}
        for tag in tags if languages is not None else ():
            self._want(tag)

    @cached_property
    def evidence(self) -> Evidence:
        return Evidence(identifier(self.model), self.run)

    def verify_batch(self, texts: Sequence[str], expected: Sequence[str]) -> list[Verdict]:
        """Verdicts of [N] texts on [N] expected languages."""
        return [self.verify(text, tag) for text, tag in zip(texts, expected, strict=True)]

    def verify(self, text: str, expected: str) -> Verdict:
        """Whether ``text`` is in ``expected``: as a whole, and no part of it in another language."""
        if len(text) > KEPT_LENGTH:
            return self._verdict_on(text, expected)
        verdict = self._kept.get((text, expected))
        if verdict is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            verdict = self._kept[text, expected] = self._verdict_on(text, expected)
        return verdict

    def _verdict_on(self, text: str, expected: str) -> Verdict:
        want = self._wanted.get(expected) or self._want(expected)
        said = plain(text)
        written = without_code(said)
        prose = without_quotations(written)
        if len(text) > ONLY_QUOTED and len(written) - len(prose) > OUTWEIGH * len(prose):
            prose = written
        verdict = self._verify(without_addresses(prose), want)
        if verdict.match is None and len(text) > ONLY_QUOTED:
            return self._verify(without_addresses(said), want)
        return verdict

    def has_words(self, text: str) -> bool:
        """Whether there are words enough in a text for a verdict, quotations apart."""
        found = lines(without_addresses(without_quotations(without_code(plain(text)))), self.words)
        return sum(token.units for line in found for sentence in line for token in sentence) >= FEW

    def _want(self, tag: str) -> Expected:
        language = language_of(tag)
        want = expected(language, self.run)
        if want.rivals and language.key not in everyday().keys() | self.evidence.identifier.languages:
            raise ValueError(
                f"Nothing here tells {tag} from other languages in its script: "
                "leave it out, or name a fastText model that knows it."
            )
        self._wanted[tag] = want
        return want

    def _verify(self, text: str, want: Expected) -> Verdict:
        cut = lines(text, self.words)
        kept = [[without_names(sentence, want.key) for sentence in line] for line in cut]
        tokens = list(chain.from_iterable(chain.from_iterable(kept)))
        count = sum([token.units for token in tokens])
        if count < FEW:
            return Verdict(None, 0.5, None)
        low = DOUBT if count < SHORT else -BIAS
        odds = self.evidence.odds(tokens, want, -BIAS, low)
        if -BIAS < odds.value < low:
            return Verdict(None, _probability(odds), None)
        alone = len(cut) == 1 and len(cut[0]) == 1
        if alone and (odds.value <= -BIAS or is_one_stretch(tokens)):
            parts = [[_whole(cut[0][0], odds, want)]]
        else:
            parts = [
                [foreign.part(s, k, want, self.evidence) for s, k in zip(line, short, strict=True)]
                for line, short in zip(cut, kept, strict=True)
            ]
        return _verdict(tokens, odds, parts, want)


def _whole(sentence: Sentence, odds: Odds, want: Expected) -> Part:
    """The only sentence of a text whose odds are known."""
    if odds.value <= -BIAS:
        return Part(len(sentence), len(sentence), odds)
    clause = foreign.clauses(sentence, want)
    return Part(len(sentence), len(clause), foreign.CLAUSE_ODDS if clause else None)


def _verdict(tokens: Sequence[Token], odds: Odds, parts: list[list[Part]], want: Expected) -> Verdict:
    """The verdict by the odds of the whole text, and by those of the worst of its sentences."""
    shares = _shares(parts)
    found = [part.odds for part in chain(*parts) if part.odds is not None]
    if odds.value <= -BIAS:
        return Verdict(False, _probability(odds), odds.rival, shares)
    if found:
        worst = min(found, key=lambda o: o.value)
        return Verdict(False, _probability(worst), worst.rival, shares)
    if rival := foreign.mingled(tokens, want):
        return Verdict(False, _probability(Odds(-foreign.FOREIGN, rival)), rival, shares)
    if (han := want.language.han) and other_characters(han, (token.text for token in tokens)):
        return Verdict(False, 0.0, f"zh-{OTHER[han]}", shares)
    return Verdict(True, _probability(odds), want.key, shares)


def _shares(parts: list[list[Part]]) -> Shares:
    spoilt = sum([part.foreign for line in parts for part in line])
    if not spoilt:
        return ALL
    words = sum([part.words for line in parts for part in line])
    pure = sum([not any(part.odds for part in line) for line in parts])
    return Shares(pure / len(parts), 1 - min(spoilt, words) / words)


def _probability(odds: Odds) -> float:
    """Calibrated: of texts with probability p about the share p is in the expected language."""
    return 1 / (1 + math.exp(-SLOPE * max(-CERTAIN, odds.value + BIAS)))
