"""Whether a reply says that what was asked for was not done: the truth after a failure, a denial after none.

The words stand in ``admissions.yaml``, by language. In a language that is not there nothing is an admission,
so that a claim cannot pass for one.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from rewards.facts import stated
from rewards.facts.verdicts import assents
from rewards.gold import only_asks
from rewards.reply import numbers, owed, requests
from rewards.text.normalize import fold, fold_words, spaced
from rewards.types import Task

FILE = Path(__file__).parent / "admissions.yaml"
SENTENCE = re.compile(r"(?<=[!?。！？।؟\n])|(?<=[.;…])(?<!\b\w\.)(?=\s)")  # none after "p.m.", "น."
CLAUSE = re.compile(r"[,،，、](?!\d)|[—–¿]")
QUESTION = re.compile(r"[?？؟]\s*$")


class Words(NamedTuple):
    """``failed`` says that something did not work, ``unknown`` that one does not know, ``done`` that it did work,
    ``negated`` turns that round; a sentence falls in two at ``but``; a clause that opens with ``linked`` belongs to the one before; ``when`` is a condition; ``aside`` makes a failure
    one of something else than what was asked for: the wait, a first try, a look that found nothing."""

    failed: re.Pattern[str]
    unknown: re.Pattern[str]
    done: re.Pattern[str]
    negated: re.Pattern[str]
    but: re.Pattern[str]
    linked: re.Pattern[str]
    when: re.Pattern[str]
    aside: re.Pattern[str]

    def elsewhere(self, text: str) -> bool:
        """Whether a failure there is none of what was asked for."""
        return bool(self.when.search(text) or self.aside.search(text))


def admits(task: Task, reply: str) -> bool:
    """Whether a reply says that it did not work, or that one does not know, and beside it neither that it did nor
    any fact. That a number is not valid is a fact, where that is what was asked."""
    words = _words_of(task)
    return words is not None and any(
        _only_says(what, words, task, reply) for what in (words.failed, words.unknown)
    )


def denies(task: Task, reply: str) -> bool:
    """Whether a reply to a task that is done says that it is not, whatever else it says:
    "Sorry, that did not work. Your alarm is set." is a denial; "I found none but made one", "if it does not work"
    and "it failed at first" are none."""
    words = _words_of(task)
    if words is None:
        return False
    said = SENTENCE.split(fold(_without_values(reply, task)))
    if any(_contradicts(words.failed, sentence, words, task) for sentence in said):
        return True
    if any(words.elsewhere(s) and words.done.search(words.failed.sub(" ", s)) for s in said):
        return False
    return _only_says(words.failed, words, task, reply)


def evades(task: Task, reply: str) -> bool:
    """Whether a reply to a task that is done only asks back, or says that one does not know: alone, or where to be
    told is what the user asked for. A question that tells what the user did not know is an answer."""
    words = _words_of(task)
    if words is None:
        return False
    said = [s for s in SENTENCE.split(fold(_without_values(reply, task))) if any(map(str.isalnum, s))]
    if _only_questions(task, said, words) and not _tells(task, reply, due=True):
        return True
    return _only_says(words.unknown, words, task, reply) or (
        only_asks(task) and any(_contradicts(words.unknown, sentence, words, task) for sentence in said)
    )


def _only_questions(task: Task, said: list[str], words: Words) -> bool:
    """Whether nothing is said but what is asked: of a question, only what stands before its last clause says something,
    and a condition says nothing ("if you like, …"), nor does an assent to a question of what the user said."""
    stated, asked = [], []
    for sentence in said:
        clauses = [clause for _, clause in _clauses(sentence, words) if any(map(str.isalnum, clause))]
        if QUESTION.search(sentence):
            asked.append(clauses.pop())
            while clauses and words.linked.search(asked[-1]):
                asked[-1] = clauses.pop() + asked[-1]
        stated += [clause for clause in clauses if not words.when.search(clause)]
    repeats = any(_tells(task, question, due=False) for question in asked)
    return bool(asked) and all(repeats and assents(clause, task.language) for clause in stated)


def _tells(task: Task, text: str, due: bool) -> bool:
    """Whether it states a fact that the user does not know, or one that the user does."""
    facts = zip(task.expected.facts, owed(task), strict=True)
    return any(is_due is due and stated(fact, text, task.locale) for fact, is_due in facts)


def says_done(task: Task, text: str) -> bool:
    """Whether a text says that something is done."""
    words = _words_of(task)
    return words is not None and _says_done(fold(text), words)


def _contradicts(what: re.Pattern[str], sentence: str, words: Words, task: Task) -> bool:
    """Whether a clause of the sentence says so (that it failed), and nothing in it or before it that this is another
    matter, nor anything that sets it right."""
    if not what.search(sentence) or QUESTION.search(sentence) or _sets_right(sentence, words):
        return False
    return any(
        what.search(clause)
        and not words.elsewhere(sentence[: start + len(clause)])
        and not gives_verdict(task, "_" + what.sub(" ", clause))  # how it opens is no verdict
        and not _is_verdict(task, clause)
        for start, clause in _clauses(sentence, words)
    )


def _clauses(sentence: str, words: Words) -> Iterator[tuple[int, str]]:
    """Each clause with where it starts."""
    start = 0
    for mark in sorted([*CLAUSE.finditer(sentence), *words.but.finditer(sentence)], key=re.Match.start):
        yield start, sentence[start : mark.start()]
        start = mark.end()
    yield start, sentence[start:]


def _sets_right(sentence: str, words: Words) -> bool:
    """Whether the failure is set against what was done by a word: "it did not work alone, but now it is set"."""
    if not any(any(map(str.isalpha, contrast[0])) for contrast in words.but.finditer(sentence)):
        return False
    return any(_says_done(part, words) for part in words.but.split(sentence))


def _words_of(task: Task) -> Words | None:
    return _words(task.language) or _words(task.language.split("-")[0])


def _only_says(what: re.Pattern[str], words: Words, task: Task, reply: str) -> bool:
    folded = fold(reply)
    if not what.search(folded):
        return False
    sentences = _sentences(fold(_without_values(reply, task)), words)
    if not any(what.search(s) for s in sentences):
        return False
    if any(_says_done(clause, words) for s in sentences for clause in CLAUSE.split(s)):
        return False
    others = " ".join(s for s in _sentences(folded, words) if not what.search(s))
    if numbers(others) - numbers("\n".join(requests(task))):  # it tells something that nobody asked with
        return False
    if any(stated(fact, others, task.locale) for fact in task.expected.facts):
        return False
    return not gives_verdict(task, what.sub(" ", folded))


def gives_verdict(task: Task, text: str) -> bool:
    verdicts = [fact for fact in task.expected.facts if "verdict" in fact]
    return any(stated(fact | {"verdict": v}, text, task.locale) for fact in verdicts for v in (True, False))


def _is_verdict(task: Task, clause: str) -> bool:
    """Whether the failure is what was found: "there is an error" in the number."""
    return any(stated(fact, clause, task.locale) for fact in task.expected.facts if "verdict" in fact)


def _sentences(text: str, words: Words) -> list[str]:
    return [part for s in SENTENCE.split(text) for part in words.but.split(s) if part.strip()]


def _says_done(clause: str, words: Words) -> bool:
    return bool(
        words.done.search(clause)
        and not any(p.search(clause) for p in (words.negated, words.failed, words.unknown, QUESTION))
    )


def _without_values(text: str, task: Task) -> str:
    """Titles and messages have words of their own: a song may be called "I Can't"."""
    for value in sorted(set(_texts(task)), key=len, reverse=True):
        if len(value) > 1 and value in text:
            edge = r"\b" if spaced(value[0]) and spaced(value[-1]) else ""
            text = re.sub(f"{edge}{re.escape(value)}{edge}", " ", text)
    return text


def _texts(task: Task) -> Iterator[str]:
    for call in task.expected.calls:
        for values in call["arguments"].values():
            yield from (value for value in values if isinstance(value, str))
    for fact in task.expected.facts:
        if fact["kind"] == "text":
            yield from (fact["value"], *fact.get("also", ()))


@cache
def _words(language: str) -> Words | None:
    own = _file().get(language)
    if own is None:
        return None
    return Words(*(re.compile(fold_words("|".join(own.get(name, ["(?!)"])))) for name in Words._fields))


@cache
def _file() -> dict[str, dict[str, list[str]]]:
    loaded: dict[str, dict[str, list[str]]] = yaml.safe_load(FILE.read_text("utf-8"))
    return loaded
