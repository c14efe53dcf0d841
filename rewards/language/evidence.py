"""How much the words of a text speak for one language and against its strongest rival.

Evidence is counted in log odds. Scripts decide where they can, then everyday words; the identifier and how
letters follow one another are asked only where these leave it open, since no answer could change the rest.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice, repeat
from typing import NamedTuple

from rewards.language.characters import cantonese
from rewards.language.identifier import FLOOR, Identifier
from rewards.language.kept import Kept
from rewards.language.letters import FLOOR as UNREAD
from rewards.language.letters import groups_of, letters
from rewards.language.tags import RELATIVES, VARIETIES, Language, relatives_of, scripts_of_key
from rewards.language.tokens import HAN, Token, everyday, is_transcribed
from rewards.text.scripts import KANA

RELATIVE_PRIOR = 2.0  # log odds for the language against a relative that the run does not ask for
STRANGER_PRIOR = 2.5  # and against any other language
GUESSES = 2  # of the identifier, beside the candidates
REACH = 3.0  # log odds by which the identifier may contradict the words: it is not asked beyond them
WORD = 1.5  # log odds of one everyday word
OWN = 0.0  # log odds, at least, against a relative, of what are all words of the language
HALF_TRUST = 2.0  # words at which the identifier is trusted by half
ORDER = 0.4  # weight of the likelihood of letters, which are no independent evidence,
MOST_ORDER = 4.0  # and the log odds that they bring at most
STRANGE = 1.0  # log odds against a language that has not the letters of a word
MOST_STRANGE = 3.0
FOREIGN_WORD = 3.0  # weight of a word in a script that is neither the language's nor Latin
TITLE = 0.3  # weight of a word of a title among words of another script
CERTAIN = 50.0
HEADING = 0.5  # log odds against Japanese of a word in Chinese characters: its headings have no kana
HAN_PRIOR = 1.0  # log odds for the expected one of Cantonese and Mandarin
SHORT = 4  # words
# Native prose against letters at random and words of another language in the user's letters.
NATIVE = 2.5  # log odds before anything is read
GROUP = 0.3  # weight of the log odds of a letter after those before it,
BREAK_EVEN = {
    "ko": 0.0,
    "zh": -0.1,
    "yue": -0.8,
    "th": -0.5,
    "ja": -0.9,
}  # and where they speak for neither,
ELSEWHERE = -1.0  # in other languages
# Log odds that a rare word or two, a wish or a name, may lack where the bar is high.
RARE = {"ko": 5.0, "zh": 5.0, "yue": 5.0, "th": 5.0, "he": 3.0}
OTHER_TEXTS = 0.4  # of the share of everyday words in the texts that they were counted in
MOST_GROUPS, MOST_WORDS = 40, 12  # that count, on the mean of all: lists and headings are prose, too
MANY = 3  # English words in the letters of another script that are no chance
STRAY = 0.04  # share of words in any text that look like everyday words


class Odds(NamedTuple):
    """Log odds of the expected language against its strongest rival."""

    value: float
    rival: str | None


@dataclass(frozen=True)
class ExpectedLanguage:
    """A language, those that count as it, and the prior odds against each rival.

    ``asked`` are the rivals that the run or kinship makes likely, ``least`` the odds of the likeliest;
    ``relatives`` are those that the order of letters is asked about; ``listed`` tells whether the language
    has a list of everyday words.
    """

    key: str
    language: Language
    counted: frozenset[str]
    rivals: dict[str, float]
    asked: dict[str, float]
    least: float
    relatives: frozenset[str]
    listed: bool

    @cached_property
    def alike(self) -> frozenset[str]:
        """Rivals that the run asks for, too."""
        return frozenset(x for x, prior in self.rivals.items() if prior == 0.0)

    @cached_property
    def flows(self) -> "LettersByLanguage":
        """How likely letters are in the language, what counts as it and its relatives."""
        own = letters(self.key)
        return LettersByLanguage(sorted(self.counted | self.relatives), own.size if own else 0)

    @cached_property
    def asked_relatives(self) -> frozenset[str]:
        """Relatives that the run asks for, too: nothing but the text tells them apart."""
        return self.relatives & self.alike


def expected(language: Language, run: frozenset[str]) -> ExpectedLanguage:
    """What tells ``language`` among the languages of a run: all with a list of words may be met."""
    key = language.key
    counted = frozenset({key, *VARIETIES.get(key, "").split()} - (run - {key}))
    priors = {x: STRANGER_PRIOR for x in everyday() if not is_transcribed(x)}
    priors |= dict.fromkeys(RELATIVES.get(key, "").split(), RELATIVE_PRIOR)
    priors |= dict.fromkeys(sorted(run), 0.0)
    rivals = {x: p for x, p in priors.items() if x not in counted and language.scripts & scripts_of_key(x)}
    asked = {x: p for x, p in rivals.items() if p < STRANGER_PRIOR}
    least = -min(rivals.values(), default=0.0)
    relatives = frozenset(rivals).intersection(relatives_of(key))
    return ExpectedLanguage(key, language, counted, rivals, asked, least, relatives, key in everyday())


class Evidence:
    """Compares languages by words and an identifier."""

    def __init__(self, identifier: Identifier, run: frozenset[str]) -> None:
        self.identifier = identifier
        self.run = run

    def odds(
        self, tokens: Sequence[Token], want: ExpectedLanguage, low: float, high: float, order: bool = False
    ) -> Odds:
        """Exact as far as it matters whether the odds are below ``low`` or above ``high``. ``order``: the order
        of letters is asked, too, which names and titles disturb in a short stretch."""
        written = want.language.scripts
        if not written.issuperset([token.script for token in tokens]):
            own = sum(units for token in tokens for name, units in token.scripts if name in written)
            if not own and _is_name(tokens):
                return Odds(0.0, None)
            if own <= _foreign_weight(tokens, written):
                return Odds(-CERTAIN, self._of_script(_scripts(tokens)))
            tokens = [token for token in tokens if token.script in written]
        if want.key in HAN:
            return _of_han(tokens, want)
        if not want.rivals:
            return Odds(CERTAIN, None)
        return self._compare(tokens, want, low, high, order)

    def nativeness(self, tokens: Sequence[Token], want: ExpectedLanguage) -> float:
        """Log odds of the language's own prose against letters at random, or another language's words in its
        letters: by the order of letters and by how many words are everyday ones. Never far above the prior."""
        own = sum([want.key in token.common for token in tokens]) if want.listed else 0
        transcribed = sum([token.transcribed for token in tokens])
        if transcribed >= MANY and transcribed > own:
            return NATIVE - WORD * (transcribed - own)
        known = letters("zh" if want.key == "yue" else want.key)
        if known is None or 2 * own >= len(tokens):
            return NATIVE
        words, scripts = known.words, want.language.scripts
        flows = [words[token.lower] for token in tokens if token.script in scripts]
        order, count = sum([order for order, _ in flows]), sum([groups for _, groups in flows])
        lead = GROUP * (order + RARE.get(want.key, 0.0) - BREAK_EVEN.get(want.key, ELSEWHERE) * count)
        odds = min(0.0, lead * MOST_GROUPS / max(count, MOST_GROUPS))
        share = OTHER_TEXTS * known.everyday
        if share > STRAY:
            lead = own * math.log(share / STRAY) + (len(tokens) - own) * math.log((1 - share) / (1 - STRAY))
            odds += min(0.0, lead * MOST_WORDS / max(len(tokens), MOST_WORDS))
        return NATIVE + odds

    def _of_script(self, scripts: dict[str, float]) -> str | None:
        script = max(scripts, key=scripts.__getitem__, default="")
        return next((x for x in ["en", *sorted(self.run)] if script in scripts_of_key(x)), None)

    def _compare(
        self, tokens: Sequence[Token], want: ExpectedLanguage, low: float, high: float, order: bool
    ) -> Odds:
        counts: dict[str, int] = {}
        for token in tokens:
            for x in token.common:
                counts[x] = counts.get(x, 0) + 1
        odd = [token.strange for token in tokens if token.strange]
        rivals = want.rivals
        found = {x: WORD * n - rivals[x] for x, n in counts.items() if x in rivals}
        trust = len(tokens) / (len(tokens) + HALF_TRUST)
        flow: dict[str, float] = {}
        if want.listed:
            own = WORD * counts.get(want.key, 0) - (strange(odd, want.key) if odd else 0.0)
            if order and want.relatives:
                nearest = max([found.get(x, -rivals[x]) for x in want.relatives]) + MOST_ORDER * trust
                said = max(found.values(), default=nearest)
                if own - max(nearest, said, want.least) - REACH * trust > high:
                    return Odds(own - max(said, want.least), None)
                flow = _order(tokens, want)
                found |= {x: found.get(x, -rivals[x]) + value for x, value in flow.items()}
            if odds := _decided(own, found, want, odd, REACH * trust, low, high):
                return odds
        elif order:
            flow = _order(tokens, want)
        return self._asked(tokens, want, counts, odd, flow)

    def _asked(
        self,
        tokens: Sequence[Token],
        want: ExpectedLanguage,
        counts: Mapping[str, int],
        odd: list[frozenset[str]],
        flow: Mapping[str, float],
    ) -> Odds:
        """The odds by words, by the identifier and by the order of letters. Where neither list nor identifier has the
        language, what is mostly another's words is another's, and a mere guess is none."""
        likely = self.identifier.likelihoods(" ".join([t.lower for t in tokens]))
        trust = len(tokens) / (len(tokens) + HALF_TRUST)
        written, known = want.language.scripts, self.identifier.languages
        guesses = (x for x in likely if x not in want.counted and not written.isdisjoint(scripts_of_key(x)))
        told = want.listed or want.key in known
        rivals = dict.fromkeys(islice(guesses, GUESSES if told else 0), STRANGER_PRIOR) | want.asked
        rivals |= {x: want.rivals[x] for x in counts if x in want.rivals}
        rivals = rivals or want.rivals  # where nobody else is likely, anybody
        # One that the identifier does not know may be what it is unsure of.
        unsure = 1 - max(likely.values(), default=0.0)
        unlikely = trust * math.log(FLOOR)

        def score(x: str, probability: float) -> float:
            likelihood = probability if x in known else unsure
            judged = trust * math.log(likelihood) if likelihood > FLOOR else unlikely
            if not told and 2 * counts.get(x, 0) > len(tokens):
                return judged + WORD * counts[x]
            if not want.listed:
                return judged
            return WORD * counts.get(x, 0) - (strange(odd, x) if odd else 0.0) + judged

        found = {x: score(x, likely.get(x, 0.0)) + flow.get(x, 0.0) - p for x, p in rivals.items()}
        rival = max(found, key=found.__getitem__)
        own = score(want.key, sum([likely.get(x, 0.0) for x in want.counted]))
        if rival in want.relatives and all([want.key in token.common for token in tokens]):
            return Odds(max(own - found[rival], OWN), rival)
        return Odds(own - found[rival], rival)


def _decided(
    own: float,
    found: Mapping[str, float],
    want: ExpectedLanguage,
    odd: Sequence[frozenset[str]],
    reach: float,
    low: float,
    high: float,
) -> Odds | None:
    """The odds by what is ``found`` for the rivals, if more evidence of at most ``reach`` changes nothing."""
    rival = max(found, key=found.__getitem__) if found else ""
    lead = own - max(found.get(rival, want.least), want.least)
    if lead - reach > high:
        return Odds(lead, rival or None)
    if rival and (behind := own + strange(odd, rival) - found[rival]) + reach < low:
        return Odds(behind, rival)
    return None


def _order(tokens: Sequence[Token], want: ExpectedLanguage) -> dict[str, float]:
    """Log odds by which the order of letters speaks for each relative; nothing where nothing is known of it."""
    words = [token.lower for token in tokens if want.key not in token.common]
    if letters(want.key) is None or not words:
        return {}
    flows = want.flows
    sums = map(sum, zip(*[flows.of[word] for word in words], strict=True))
    found = dict(zip(flows.keys_of, sums, strict=True))
    mine = max([found[x] or -math.inf for x in want.counted if x in found])
    return {
        x: min(MOST_ORDER, max(-MOST_ORDER, ORDER * (found[x] - mine)))
        for x in flows.keys_of
        if x in want.relatives
    }


class LettersByLanguage:
    """``of`` has by word how likely its letters are in each language of ``keys_of``."""

    def __init__(self, languages: Iterable[str], size: int) -> None:
        known = {x: found for x in languages if (found := letters(x)) and found.size == size}
        self.keys_of, self.size = tuple(known), size
        self.tables = tuple(table.after.get for table in known.values())
        self.of = Kept(self._likelihoods)

    def _likelihoods(self, word: str) -> tuple[float, ...]:
        groups = groups_of(word, self.size)
        return tuple([sum(map(table, groups, repeat(UNREAD))) for table in self.tables])


def strange(odd: Iterable[frozenset[str]], key: str) -> float:
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


def _is_name(tokens: Sequence[Token]) -> bool:
    """Whether all there is is a name in Latin letters."""
    return len(tokens) < SHORT and all(t.script == "LATIN" and t.capital and not t.common for t in tokens)


def _of_han(tokens: Sequence[Token], want: ExpectedLanguage) -> Odds:
    """Kana make it Japanese; several Chinese characters without any kana do not. Cantonese has characters
    of its own, which count where it is asked for."""
    scripts = _scripts(tokens)
    kana, han = sum(scripts.get(name, 0.0) for name in KANA), scripts.get("CJK", 0.0)
    if want.key == "ja" and not scripts.get("HIRAGANA") and scripts.get("KATAKANA", 0.0) >= SHORT:
        return Odds(-HEADING * kana, None)  # names and loanwords alone
    if want.key == "ja":
        return Odds(CERTAIN, None) if kana > 0.1 * han else Odds(0.0 if han < SHORT else -HEADING * han, "zh")
    if kana >= 0.1 * (han + kana):
        return Odds(-CERTAIN, "ja")
    if want.key == "zh" and "yue" not in want.rivals:
        return Odds(CERTAIN, None)
    lead = cantonese("".join(token.text for token in tokens))
    return Odds(
        WORD * (lead if want.key == "yue" else -lead) + HAN_PRIOR, "zh" if want.key == "yue" else "yue"
    )
