"""The words by which a reply says that something is done, that it is not or that one does not know, and its clauses.

They stand in ``admissions.yaml``, by language.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from rewards.deeds import ends, makes, verbs
from rewards.text.normalize import fold, fold_words
from rewards.text.scripts import base
from rewards.types import Task

FILE = Path(__file__).parent / "admissions.yaml"
# In Thai a polite particle ends a sentence; no full stop does before a word that ends one ("7.30 น. แล้ว"),
# nor that of a Scandinavian "kl.".
THAI_END = (
    r"\s(?:ไม่(?:ได้|สำเร็จ)(?:ค่ะ|ครับ|นะ|\s|$)|(?:ดี)?(?:ไหม|มั้ย|หรือ)|(?:ให้|ไว้)?(?:เรียบร้อย)?แล้ว|เรียบร้อย|นะ|ค่ะ|ครับ)"
)
SENTENCE = re.compile(
    rf"(?<=[!?。！？।؟\n])|(?<=[.;…])(?<!\bkl\.)(?=\s)(?!{THAI_END})|(?:(?<=ค่ะ)|(?<=คะ)|(?<=ครับ))(?=\s)"
)
# Where dates must stay whole ("am 5. Mai") a full stop behind a digit ends none.
DATED_SENTENCE = re.compile(r"(?<=[!?;。！？।؟\n])|(?<=\D\.)(?=\s)")
# A German infinitive belongs to what stands before its comma: "Ich schaffe es nicht, die Karte zu sperren".
CLAUSE = re.compile(r"[,،](?!\d| (?:[^\W_]+ ){0,6}zu [^\W\d_]+en\b)|[，、—–¿]")
# Words that end a question which has no mark.
ASKING = r"[吗嗎]|(?:ます|です|でしょう|ません)か|(?:ไหม|มั้ย|หรือไม่|หรือเปล่า)(?:คะ|ค่ะ|ครับ)?"
QUESTION = re.compile(rf"(?:[?？؟]|(?:{ASKING})[。.]?)\s*$")


class Sayings(NamedTuple):
    """``failed`` says that something did not work, ``unknown`` that one does not know, ``done`` that it did work,
    ``negated`` turns that round; a sentence falls in two at ``but``; a clause that opens with ``linked`` belongs to the one
    before; ``when`` is a condition; ``aside`` makes a failure one of something else than what was asked for: the wait,
    a first try, a look that found nothing. ``made`` says that a thing now stands, ``gone`` that it does no more, ``still``
    that it stands or what it will yet do, ``later`` that what was asked for is still to be done; what is frozen can no more
    be ``used``, which is no failure; a ``limit`` is what one never can do, which is no failure either beside what was done;
    something was done ``amiss``: by mistake, to the wrong person; what is ``faultless`` denies
    a fault; ``undone`` says of an act that was asked for (``acts``) that it was not done, or of the whole that it was refused."""

    failed: re.Pattern[str]
    unknown: re.Pattern[str]
    done: re.Pattern[str]
    negated: re.Pattern[str]
    but: re.Pattern[str]
    linked: re.Pattern[str]
    when: re.Pattern[str]
    aside: re.Pattern[str]
    made: re.Pattern[str]
    gone: re.Pattern[str]
    still: re.Pattern[str]
    later: re.Pattern[str]
    used: re.Pattern[str]
    limit: re.Pattern[str]
    amiss: re.Pattern[str]
    faultless: re.Pattern[str]
    undone: re.Pattern[str]

    def elsewhere(self, text: str) -> bool:
        """Whether a failure there is none of what was asked for."""
        return any(p.search(text) for p in (self.when, self.aside, self.faultless))


def says_done(task: Task, text: str) -> bool:
    """Whether a text says that something is done."""
    return done_in(fold(text), words_of(task))


def says_its_done(task: Task, sentence: str) -> bool:
    """Whether a sentence says that something is done, or what was asked for: "Gone!" after cancelling."""
    words = words_of(task)
    acts, said = acts_of(task, words), fold(sentence)
    own = acts[0] if acts else None
    if (
        own
        and own.search(said)
        and not words.negated.search(own.sub(" ", said))
        and not QUESTION.search(said)
    ):
        return True
    return done_in(said, words)


def done_in(clause: str, words: Sayings) -> bool:
    """Whether a folded clause says that something is done."""
    return _affirms(words.done, clause, words)


def ended_in(clause: str, words: Sayings) -> bool:
    """Whether a folded clause says that something is no more."""
    return _affirms(words.gone, clause, words)


def _affirms(what: re.Pattern[str], clause: str, words: Sayings) -> bool:
    said = words.faultless.sub(" ", clause)
    against = (words.negated, words.failed, words.undone, words.unknown, QUESTION)
    return bool(what.search(said)) and not any(p.search(said) for p in against)


def acts_of(task: Task, words: Sayings) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    """What says that the task is done and what that its opposite is, where its calls are of one kind."""
    if ends(task):
        return words.gone, words.still
    return (words.made, words.gone) if makes(task) else None


def clauses(sentence: str, words: Sayings) -> Iterator[tuple[int, str]]:
    """Each clause with where it starts."""
    start = 0
    for mark in sorted([*CLAUSE.finditer(sentence), *words.but.finditer(sentence)], key=re.Match.start):
        yield start, sentence[start : mark.start()]
        start = mark.end()
    yield start, sentence[start:]


def sentences(text: str, words: Sayings) -> list[str]:
    return [part for s in SENTENCE.split(text) for part in words.but.split(s) if part.strip()]


def words_of(task: Task) -> Sayings:
    """The words of the task's language; where there are none, patterns that match nothing."""
    return _words(base(task.language), frozenset(verbs(task)))


@lru_cache(maxsize=256)
def _words(language: str, kinds: frozenset[str]) -> Sayings:
    own = dict(_file().get(language, {}))
    acts = own.pop("acts", {})
    own["still"] = [*own.get("made", ["(?!)"]), *own.get("still", [])]
    if kinds and acts:
        done = "|".join(acts[kind] for kind in sorted(kinds))
        own["undone"] = [one.replace("{acts}", f"(?:{done})") for one in own["undone"]]
    else:
        own.pop("undone", None)
    return Sayings(*(re.compile(fold_words("|".join(own.get(name, ["(?!)"])))) for name in Sayings._fields))


@cache
def _file() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text("utf-8"))
    return loaded
