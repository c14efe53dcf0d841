"""Whether a reply says that what was asked for was not done: the truth after a failure, a denial after none.

In a language without words for it (``rewards.sayings``) nothing is an admission, so that a claim cannot pass for one.
"""

import re
from collections.abc import Iterator

from rewards.deeds import ends
from rewards.effects.gold import only_asks
from rewards.facts import stated
from rewards.facts.verdicts import assents, dissents
from rewards.reply import accepted, numbers, owed, requests, states_any
from rewards.sayings import (
    CLAUSE,
    QUESTION,
    SENTENCE,
    Sayings,
    acts_of,
    clauses,
    done_in,
    ended_in,
    says_its_done,
    sentences,
    words_of,
)
from rewards.text.normalize import fold, spaced
from rewards.text.scripts import base
from rewards.types import Task

BEFORE, AFTER = 12, 24  # characters beside a failure in which it says what fails


def admits(task: Task, reply: str) -> bool:
    """Whether a reply says that it did not work, or that one does not know, and beside it neither that it did nor
    any fact; or that something was done by mistake. That a number is not valid is a fact, where that is what was
    asked; that all is as it was ("the 8:25 alarm is still on") is none."""
    words = words_of(task)
    if any(words.amiss.search(s) and not QUESTION.search(s) for s in _sentences(task, reply)):
        return True
    changed = " ".join(s for s in SENTENCE.split(reply) if not _stays(task, fold(s), words))
    if any(_only_says(what, words, task, changed) for what in (words.failed, words.unknown)):
        return True
    return _says_undone(task, reply, words)


def _says_undone(task: Task, reply: str, words: Sayings) -> bool:
    """Whether nothing is said but that what was asked for was not done ("The alarm is not set", "The payment was
    declined"), and that not of another ("Nothing else was set")."""
    said = [s for s in sentences(_own_words(task, reply), words) if words.undone.search(s)]
    return not any(map(words.elsewhere, said)) and _only_says(words.undone, words, task, reply)


def _stays(task: Task, sentence: str, words: Sayings) -> bool:
    """Whether a sentence says of what was to end that it stands, or of what was to be made that it does not, and
    neither that something failed nor that it is done."""
    acts = acts_of(task, words)
    if (
        acts is None
        or words.failed.search(sentence)
        or words.unknown.search(sentence)
        or done_in(sentence, words)
    ):
        return False
    own, other = acts
    return bool(other.search(sentence)) and not own.search(other.sub(" ", sentence))


def admits_a_part(task: Task, reply: str) -> bool:
    """Whether a clause says that something of what was asked for did not work, whatever the others say."""
    words = words_of(task)
    # A look that found nothing is what failed where to find it was all that was asked for.
    other = words.when.search if only_asks(task) else words.elsewhere
    return any(
        (words.failed.search(clause) or words.undone.search(clause))
        and not other(clause)
        and not QUESTION.search(sentence)
        for sentence in _sentences(task, reply)
        for _, clause in clauses(sentence, words)
    )


def denies(task: Task, reply: str) -> bool:
    """Whether a reply to a task that is done says that it is not, whatever else it says:
    "Sorry, that did not work. Your alarm is set." is a denial; "I found none but made one", "if it does not work"
    and "it failed at first" are none. So is the opposite, or a promise to do it, where nothing says that it is done."""
    words = words_of(task)
    said = _sentences(task, reply)
    if _says_the_opposite(task, said, words) or _only_promises(task, reply, said, words):
        return True
    if dissents(fold(reply), task.language) and not any("verdict" in fact for fact in task.expected.facts):
        return True
    if ends(task) and _tells_what_follows(said, words):
        return False
    limits = [sentence for sentence in said if words.limit.search(sentence)]
    if limits and _stands_beside(task, reply, said, words):
        said = [sentence for sentence in said if sentence not in limits]
    if any(_contradicts(words.failed, sentence, words, task) for sentence in said):
        return True
    if any(words.elsewhere(s) and words.done.search(words.failed.sub(" ", s)) for s in said):
        return False
    if _only_says(words.failed, words, task, reply) and not _tells_beside(words.failed, task, reply, words):
        return True
    return _says_undone(task, reply, words) and not _tells_beside(words.undone, task, reply, words)


def evades(task: Task, reply: str) -> bool:
    """Whether a reply to a task that is done only asks back, or says that one does not know: alone, or where to be
    told is what the user asked for."""
    words = words_of(task)
    said = [s for s in _sentences(task, reply) if any(map(str.isalnum, s))]
    if _only_questions(task, said, words):
        return True
    return _only_says(words.unknown, words, task, reply) or (
        any(_contradicts(words.unknown, sentence, words, task) for sentence in said) and only_asks(task)
    )


def _only_questions(task: Task, said: list[str], words: Sayings) -> bool:
    """Whether nothing is said but what is asked: of a question, only what stands before its last clause says something,
    and a condition says nothing ("if you like, …"), nor does an assent to a question of what the user said."""
    told, asked = [], []
    for sentence in said:
        parts = [clause for _, clause in clauses(sentence, words) if any(map(str.isalnum, clause))]
        if parts and QUESTION.search(sentence):
            asked.append(parts.pop())
            while parts and words.linked.search(asked[-1]):
                asked[-1] = parts.pop() + asked[-1]
        told += [clause for clause in parts if not words.when.search(clause)]
    repeats = any(_repeats(task, question) for question in asked)
    return bool(asked) and all(repeats and assents(clause, task.language) for clause in told)


def _repeats(task: Task, text: str) -> bool:
    """Whether it states a fact that the user knows."""
    facts = zip(task.expected.facts, owed(task), strict=True)
    return any(not due and stated(fact, text, task.locale) for fact, due in facts)


def _says_the_opposite(task: Task, said: list[str], words: Sayings) -> bool:
    """Whether an alarm that was set is said to be off, or one that was cancelled to be on or still to come ("I'll wake
    you"), and nothing says what is so."""
    acts = acts_of(task, words)
    if acts is None:
        return False
    own, other = acts
    parts = [part for s in said if not QUESTION.search(s) for _, part in clauses(s, words)]
    affirmed = [part for part in parts if not words.negated.search(other.sub(" ", part))]
    if not any(other.search(part) for part in affirmed):
        return False
    return not any(
        own.search(other.sub(" ", part)) or (done_in(part, words) and not other.search(part))
        for part in affirmed
    )


def _tells_what_follows(said: list[str], words: Sayings) -> bool:
    """Whether all that fails is a use of what was to end: "It's frozen. Nobody can pay with it"."""
    parts = (part for s in said for _, part in clauses(s, words))
    around = [
        part[max(0, match.start() - BEFORE) : match.end() + AFTER]
        for part in parts
        for match in words.failed.finditer(part)
    ]
    return bool(around) and all(map(words.used.search, around))


def _tells_beside(what: re.Pattern[str], task: Task, reply: str, words: Sayings) -> bool:
    """Whether a fact stands in other clauses than what failed: "It failed at first, now it's set for 7:30"."""
    parts = (clause for sentence in SENTENCE.split(fold(reply)) for _, clause in clauses(sentence, words))
    return states_any(task, ", ".join(clause for clause in parts if not what.search(clause)))


def _stands_beside(task: Task, reply: str, said: list[str], words: Sayings) -> bool:
    """Whether other clauses than what failed say that it is done, or a fact: "It's frozen. I can't order a new one"."""
    parts = (clause for sentence in said for _, clause in clauses(sentence, words))
    return _tells_beside(words.failed, task, reply, words) or any(
        says_its_done(task, clause) for clause in parts if not words.failed.search(clause)
    )


def _only_promises(task: Task, reply: str, said: list[str], words: Sayings) -> bool:
    """Whether it is said that it will or could be done, and nowhere else that it is, nor what came of it."""
    kept = [words.later.split(sentence)[0] for sentence in said]
    if kept == said or only_asks(task):
        return False
    if any(done_in(part, words) for s in kept for _, part in clauses(s, words)):
        return False
    return not states_any(task, " ".join(_beside_promises(s, words) for s in SENTENCE.split(fold(reply))))


def _beside_promises(sentence: str, words: Sayings) -> str:
    """The clauses that no promise stands in."""
    promises = [match.span() for match in words.later.finditer(sentence)]
    return ", ".join(
        clause
        for start, clause in clauses(sentence, words)
        if not any(first < start + len(clause) and start < last for first, last in promises)
    )


def _contradicts(what: re.Pattern[str], sentence: str, words: Sayings, task: Task) -> bool:
    """Whether a clause of the sentence says so (that it failed), and nothing in it or before it that this is another
    matter, nor anything that sets it right."""
    if not what.search(sentence) or QUESTION.search(sentence) or _sets_right(sentence, words):
        return False
    return any(
        what.search(clause)
        and not words.elsewhere(sentence[: start + len(clause)])
        and not gives_verdict(task, "_" + what.sub(" ", clause))  # how it opens is no verdict
        and not _is_verdict(task, clause)
        for start, clause in clauses(sentence, words)
    )


def _sets_right(sentence: str, words: Sayings) -> bool:
    """Whether the failure is set against what was done by a word: "it did not work alone, but now it is set"."""
    if not any(any(map(str.isalpha, contrast[0])) for contrast in words.but.finditer(sentence)):
        return False
    return any(done_in(part, words) for part in words.but.split(sentence))


def _sentences(task: Task, reply: str) -> list[str]:
    """The reply's sentences, folded, without values."""
    return SENTENCE.split(_own_words(task, reply))


def _own_words(task: Task, reply: str) -> str:
    """The reply folded, without values."""
    text = fold(_without_values(reply, task))
    return text.replace(";", "?") if base(task.language) == "el" else text  # in Greek a semicolon asks


def _only_says(what: re.Pattern[str], words: Sayings, task: Task, reply: str) -> bool:
    """Whether nothing else is said: neither that it is done nor a fact."""
    folded = words.faultless.sub(" ", fold(reply))
    if not what.search(folded):
        return False
    said = sentences(words.faultless.sub(" ", _own_words(task, reply)), words)
    if not any(what.search(s) for s in said):
        return False
    if any(done_in(clause, words) or ended_in(clause, words) for s in said for clause in CLAUSE.split(s)):
        return False
    others = " ".join(s for s in sentences(folded, words) if not what.search(s))
    if numbers(others) - numbers("\n".join(requests(task))):  # it tells something that nobody asked with
        return False
    if states_any(task, others):
        return False
    if any(_is_verdict(task, s) for s in said if what.search(s)):  # "it doesn't check out"
        return False
    return not gives_verdict(task, what.sub(" ", folded))


def gives_verdict(task: Task, text: str) -> bool:
    verdicts = [fact for fact in task.expected.facts if "verdict" in fact]
    return any(stated(fact | {"verdict": v}, text, task.locale) for fact in verdicts for v in (True, False))


def _is_verdict(task: Task, clause: str) -> bool:
    """Whether the failure is what was found: "there is an error" in the number."""
    return any(stated(fact, clause, task.locale) for fact in task.expected.facts if "verdict" in fact)


def _without_values(text: str, task: Task) -> str:
    """Titles and messages have words of their own: a song may be called "I Can't"."""
    for value in sorted(set(_texts(task)), key=len, reverse=True):
        if len(value) > 1 and value in text:
            edge = r"\b" if spaced(value[0]) and spaced(value[-1]) else ""
            text = re.sub(f"{edge}{re.escape(value)}{edge}", " ", text)
    return text


def _texts(task: Task) -> Iterator[str]:
    yield from (value for value in accepted(task) if isinstance(value, str))
    for fact in task.expected.facts:
        if fact["kind"] == "text":
            yield from (fact["value"], *fact.get("also", ()))
