"""Whether a text is in the language that was expected of it, as a whole and in each of its parts."""

import logging
import math
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

from rewards.language import code_switching
from rewards.language.characters import OTHER, not_japanese, other_characters
from rewards.language.code_switching import Weighed
from rewards.language.evidence import CERTAIN, NATIVE, SHORT, Evidence, ExpectedLanguage, Odds, expected
from rewards.language.identifier import identifier
from rewards.language.order import against
from rewards.language.plain import GAP, plain, without_addresses
from rewards.language.reading import Cut, Reader
from rewards.language.sentences import Sentence, is_one_stretch, lines, without_names, without_terms
from rewards.language.tags import language_of
from rewards.language.tokens import Token, everyday, is_transcribed
from rewards.text.quotations import unquoted, without_quotations

log = logging.getLogger(__name__)

# Fitted on short requests, sentences and their first five words in 38 languages, each once with its own
# language and once with another of its script: probability = logistic(SLOPE * (odds + BIAS)).
BIAS = 1.25
SLOPE = 1.5
DOUBT = 0.25  # log odds up to which a short text gets no verdict,
KIN = 1.0  # and one that may be in a relative that the run asks for
FEW = 1.9  # words below which only clear odds give a verdict
BRIEF = 0.35  # log odds against a third language of each word that a text is shorter than four
BRIEFEST = 3  # words that are the expected language's where it has them in its list,
KNOWN = 0.97  # with this probability, whatever other languages have them, too
PROSE = 0.5  # log odds of native prose that leave no doubt
OUTWEIGH = 2.0  # length of quotations, to one of the rest, at which they are what the text says
KEPT = 4_096  # verdicts: several rewards ask about one reply, and samples of one request are often alike
KEPT_LENGTH = 1_000  # characters of a text whose verdict is kept
ONLY_QUOTED = 60  # characters of a text that is judged by its quotations where it has nothing else


class Shares(NamedTuple):
    """How much of a text is in the expected language, each in 0..1: of its lines, those without any other
    language; of its words, those outside stretches of another language."""

    lines: float
    words: float


ALL = Shares(1.0, 1.0)


class Verdict(NamedTuple):
    """``match`` None: the text leaves it open. ``probability`` is that of the expected language, calibrated
    with it as the prior, and ``detected`` the key of the language that was found."""

    match: bool | None
    probability: float
    detected: str | None
    shares: Shares | None = None


NEUTRAL = Verdict(None, 0.9, None)  # of what has no words: what the prior says,
CODED = Verdict(False, 0.0, None, ALL)  # unless it is many codes, or letters that nobody reads as such
MOST_CODES, MOST_SIGNS, MOST_WORDLESS = 3, 16, 80  # with a letter; signs; characters in all


class LanguageVerifier:
    """Verifies languages among the run's own.

    ``languages`` are BCP 47 tags (None: all that have a list of everyday words); ``model`` is the path of
    another fastText file. Raises ValueError for a file that is no such model. A language that neither its script nor
    the model nor a list of words tells from others gets a warning and no verdict but on what is another language.
    """

    def __init__(self, languages: Iterable[str] | None = None, model: str | None = None) -> None:
        tags = list(languages) if languages is not None else [x for x in everyday() if not is_transcribed(x)]
        self.run = frozenset(language_of(tag).key for tag in tags) | {"en"}
        self.model = model
        self.reader = Reader()
        self._wanted: dict[str, ExpectedLanguage] = {}
        self._untold: set[str] = set()  # keys of languages that nothing here tells from others
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
        cut = self.reader.by_words(text)
        verdict = self._read_as_one(text, want) if cut is None else self._verify(cut, text, want)
        return verdict if verdict is not NEUTRAL or _is_brief(without_quotations(plain(text))) else CODED

    def _read_as_one(self, text: str, want: ExpectedLanguage) -> Verdict:
        """The verdict on a text with quotations or addresses."""
        said = plain(text)
        prose = without_quotations(said)
        if len(text) > ONLY_QUOTED and len(said) - len(prose) > OUTWEIGH * len(prose):
            prose = unquoted(said)
        # Once its quotations are taken out a text can mostly be read word by word. What is plain stays so in its parts.
        cut = self.reader.by_words(prose) if said == text else None
        verdict = self._by_lines(prose, want) if cut is None else self._verify(cut, prose, want)
        if verdict.shares is None and len(text) > ONLY_QUOTED:
            return self._by_lines(unquoted(said), want)
        return verdict

    def _by_lines(self, prose: str, want: ExpectedLanguage) -> Verdict:
        text = without_addresses(prose)
        return self._verify(lines(text, self.reader.words), text, want)

    def _want(self, tag: str) -> ExpectedLanguage:
        language = language_of(tag)
        want = expected(language, self.run)
        if want.rivals and language.key not in everyday().keys() | self.evidence.identifier.languages:
            log.warning(
                "Nothing here tells %s from other languages in its script: only what is surely another language is refused. "
                "Name a fastText model that knows it.",
                tag,
            )
            self._untold.add(want.key)
        self._wanted[tag] = want
        return want

    def _verify(self, cut: Cut, text: str, want: ExpectedLanguage) -> Verdict:
        if want.key != "en":
            cut = [[without_terms(sentence) for sentence in line] for line in cut]
        kept = [[without_names(sentence, want.key) for sentence in line] for line in cut]
        alone = len(kept) == 1 and len(kept[0]) == 1
        tokens = kept[0][0] if alone else list(chain.from_iterable(chain.from_iterable(kept)))
        if not tokens:
            return NEUTRAL
        if want.key == "ja" and not_japanese("".join(token.text for token in tokens)):
            return Verdict(False, 0.0, "zh", ALL)
        if len(tokens) <= BRIEFEST and _is_known(tokens, want.key):
            return Verdict(True, KNOWN, want.key, ALL)
        count = sum([token.units for token in tokens])
        odds = _with_prior(self.evidence.odds(tokens, want, -BIAS, KIN, order=True), count)
        doubtful = _is_doubtful(odds, count, want)
        if doubtful and count < SHORT:
            kin = odds.rival in want.asked_relatives
            return Verdict(None, _even(odds) if kin else _probability(odds), None)
        if alone and (odds.value <= -BIAS or is_one_stretch(tokens)):
            parts = [[_whole(cut[0][0], odds, want)]]
        else:
            parts = [
                [code_switching.part(s, k, want, self.evidence) for s, k in zip(line, short, strict=True)]
                for line, short in zip(cut, kept, strict=True)
            ]
        verdict = _verdict(tokens, odds, parts, want)
        if verdict.match and (doubtful or want.key in self._untold):
            return Verdict(None, _even(odds), None, verdict.shares)
        return self._as_prose(verdict, text, tokens, want) if verdict.match else verdict

    def _as_prose(
        self, verdict: Verdict, text: str, tokens: Sequence[Token], want: ExpectedLanguage
    ) -> Verdict:
        """The verdict on what is in no other language, if it reads like the language's own prose."""
        native = min(self.evidence.nativeness(tokens, want), NATIVE - against(text, want.key))
        if native >= PROSE:
            return verdict
        probability = min(verdict.probability, 1 / (1 + math.exp(-native)))
        return Verdict(None if native > -PROSE else False, probability, None, verdict.shares)


def _is_brief(text: str) -> bool:
    """Whether a text without words is a few values, as an answer may be."""
    pieces = text.replace(GAP, " ").split()
    signs = sum([not char.isalnum() for piece in pieces for char in piece])
    coded = sum([any(map(str.isalpha, piece)) for piece in pieces])
    return coded <= MOST_CODES and signs <= MOST_SIGNS and sum(map(len, pieces)) <= MOST_WORDLESS


def _with_prior(odds: Odds, count: float) -> Odds:
    """A few words in a third language are unlikelier than in the expected one or in English."""
    missing = SHORT - count
    return (
        odds._replace(value=odds.value + BRIEF * missing)
        if missing > 0 and odds.rival not in (None, "en")
        else odds
    )


def _is_doubtful(odds: Odds, count: float, want: ExpectedLanguage) -> bool:
    """Whether a text of ``count`` words, or one that may be in a relative that the run asks for, is left open."""
    if odds.rival in want.asked_relatives:
        return -BIAS < odds.value < KIN
    if count < FEW:
        return -KIN - BIAS < odds.value < KIN
    return count < SHORT and -BIAS < odds.value < DOUBT


def _is_known(tokens: Sequence[Token], key: str) -> bool:
    """Whether all words are everyday ones of the language, and not all of several English ones as well."""
    english = all("en" in token.common for token in tokens) and key != "en"
    return all(key in token.common for token in tokens) and not (english and len(tokens) > 1)


def _whole(sentence: Sentence, odds: Odds, want: ExpectedLanguage) -> Weighed:
    """The only sentence of a text whose odds are known."""
    if odds.value <= -BIAS:
        return Weighed(len(sentence), len(sentence), odds)
    clause = code_switching.clauses(sentence, want)
    return Weighed(len(sentence), len(clause), code_switching.CLAUSE_ODDS if clause else None)


def _verdict(
    tokens: Sequence[Token], odds: Odds, parts: list[list[Weighed]], want: ExpectedLanguage
) -> Verdict:
    """The verdict by the odds of the whole text, and by those of the worst of its sentences."""
    shares = _shares(parts)
    found = [part.odds for part in chain(*parts) if part.odds is not None]
    if odds.value <= -BIAS:
        return Verdict(False, _probability(odds), odds.rival, shares)
    if found:
        worst = min(found, key=lambda o: o.value)
        return Verdict(False, _probability(worst), worst.rival, shares)
    if rival := code_switching.mingled(tokens, want):
        return Verdict(False, _probability(Odds(-code_switching.FOREIGN, rival)), rival, shares)
    if (han := want.language.han) and other_characters(han, (token.text for token in tokens)):
        return Verdict(False, 0.0, f"zh-{OTHER[han]}", shares)
    return Verdict(True, _probability(odds), want.key, shares)


def _shares(parts: list[list[Weighed]]) -> Shares:
    spoilt = sum([part.foreign for line in parts for part in line])
    if not spoilt:
        return ALL
    words = sum([part.words for line in parts for part in line])
    pure = sum([not any(part.odds for part in line) for line in parts])
    return Shares(pure / len(parts), 1 - min(spoilt, words) / words)


def _probability(odds: Odds) -> float:
    """Calibrated: of texts with probability p about the share p is in the expected language."""
    return 1 / (1 + math.exp(-SLOPE * max(-CERTAIN, odds.value + BIAS)))


def _even(odds: Odds) -> float:
    """Between two languages that the run asks for alike, neither is the likelier one beforehand."""
    return 1 / (1 + math.exp(-SLOPE * odds.value))


def verifier_of(languages: Iterable[str] | None, model: str | None = None) -> LanguageVerifier:
    """One verifier for all parts that ask for the same."""
    return _verifier(None if languages is None else tuple(languages), model)


@lru_cache(maxsize=16)
def _verifier(languages: tuple[str, ...] | None, model: str | None) -> LanguageVerifier:
    return LanguageVerifier(languages, model)
