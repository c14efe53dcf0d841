"""The request said again, which is no reply, and an answer in its words, which is one."""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from rewards.claims.admission import gives_verdict
from rewards.facts import stated
from rewards.facts.verdicts import asks
from rewards.reply import final_reply, owed, requests, stated_facts
from rewards.sayings import ASKING, CLAUSE, says_done, words_of
from rewards.text.normalize import fold, spaced
from rewards.text.quotations import without_quotations
from rewards.types import Task, Trajectory

QUESTION = re.compile(rf"[?？؟¿]|(?:[か呢]|{ASKING})\W*$")
MARKS = ".,;:!?\"'()[]{}<>«»„“”‘’‚…·—–-。、，！？：；「」『』《》（）؟،؛।¿¡*_`~"
ECHO = 0.9  # of a reply's words, or pairs of letters, that are the request's
LOOKED_AT = 100  # characters that show whether spaces set words apart
IN_ORDER = 0.9  # of a request's words that a reply repeats in their order: it is the request again
TURNED_WORDS = 6  # of a reply that is the request with its verb behind: a longer one is only parroted
ECHO_WORDS = 3  # below it a reply may well consist of the request's words: "In Tokyo"
WORD = 2  # letters of a word where no spaces set words apart
LEAST_WORDS, LEAST_LETTERS = 5, 10  # of a request that is still itself with a word changed
ONE_CLAUSE = 8  # words of one clause, at most
STEM = 3  # letters that two forms of a word have in common, and half of the word at least


def is_echo(reply: str, task: Task) -> bool:
    """Whether a reply is hardly more than words of a request. A question's words in another order, or less its
    particle where no spaces set words apart, say that it is so: 有効ですか, 有効です."""
    own = without_quotations(reply)  # a title is the same in a question and in its answer
    return any(
        is_nearly(reply, request, task)
        or (
            _likeness(own, other := without_quotations(request)) >= ECHO
            and not _affirms(task, own, other)
            and not tells_done(task, own, other)
        )
        for request in requests(task)
    )


def _affirms(task: Task, said: str, request: str) -> bool:
    """Whether the words of a question are put so that they answer it."""
    if not any("verdict" in fact for fact in task.expected.facts) or _asks(said):
        return False
    if _runs_on(said) or _states(task, said, request):
        return True
    return set(_split(said)) <= set(_split(request)) and not _runs_along(said, request)


def _states(task: Task, said: str, request: str) -> bool:
    """Whether a reply of one clause makes a statement of a question that only its tone or a particle makes one:
    "O IBAN é válido?", "O IBAN é válido."."""
    one = len(_split(said)) <= ONE_CLAUSE and not CLAUSE.search(said)
    return one and _asks(request) and not asks(said, task.language) and gives_verdict(task, said)


def tells_done(task: Task, said: str, request: str) -> bool:
    """Whether a text says that what a request asks for is done, be it in the request's own words."""
    if _is_turned(task, said, request):
        return True
    done = says_done(task, said) and not says_done(task, request.rstrip(MARKS))
    return done and not _runs_along(said, request)


def _is_turned(task: Task, said: str, request: str) -> bool:
    """Whether a verb that is the same when it is done stands behind its object, and nothing else has moved: "Set an
    alarm for 7", "Alarm set for 7"; in three words all may have: "7:30 alarm set"."""
    ours, theirs, made = _split(said), _split(request), words_of(task).made
    verb = next((word for word in theirs if word in ours and made.search(word)), None)
    if verb is None or not ECHO_WORDS <= len(ours) <= TURNED_WORDS:
        return False
    before = set(ours[: ours.index(verb)]) & set(theirs[theirs.index(verb) :])
    rest = [word for word in ours if word != verb and word in theirs]
    along = iter(theirs)
    return bool(before) and (len(ours) == ECHO_WORDS or all(word in along for word in rest))


def is_nearly(said: str, request: str, task: Task) -> bool:
    """Whether a text is the request less a word or with one word changed, and that word tells nothing: not that it
    is done, no fact, and it is no other form of the request's verb, which stands first or last ("Book", "Booked")."""
    ours, theirs = _split(said), _split(request)
    nearly = _is_one_off(ours, theirs) or (_runs_on(said) and _is_word_off("".join(ours), "".join(theirs)))
    return nearly and not _tells(task, said, request)


def _is_word_off(ours: str, theirs: str) -> bool:
    """The same by letters, the last ones left out, where the verb stands."""
    return ours[-WORD:] == theirs[-WORD:] and _is_one_off(ours, theirs, WORD, LEAST_LETTERS)


def _is_one_off(ours: Sequence[str], theirs: Sequence[str], most: int = 1, least: int = LEAST_WORDS) -> bool:
    """Whether ``most`` words (or letters) in one place are missing or others."""
    if len(theirs) < least or not len(theirs) - most <= len(ours) <= len(theirs):
        return False
    start = alike_from_start(ours, theirs)
    end = alike_from_start(ours[start:][::-1], theirs[start:][::-1])
    if len(theirs) - start - end > most:
        return False
    edge = ours and not (start and end) and len(ours) == len(theirs) and most == 1
    at = 0 if not start else -1
    return not (edge and _is_form_of(ours[at], theirs[at]))


def alike_from_start(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """How many words, or letters, two texts begin with alike."""
    return sum(
        1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(ours, theirs, strict=False))
    )


def _is_form_of(word: str, other: str) -> bool:
    """Whether two words share most of a stem."""
    word, other = (unicodedata.normalize("NFD", w) for w in (word, other))  # Korean syllables as letters
    same = SequenceMatcher(None, word, other, autojunk=False).find_longest_match().size
    return word != other and same >= max(STEM, (len(other) + 1) / 2)


def _tells(task: Task, said: str, request: str) -> bool:
    """Whether a text says what the request does not: that it is done, a fact that the user does not have, or yes or
    no to what was asked."""
    affirms = gives_verdict if _runs_on(said) else _says_yes_or_no
    if _states_any(task, said) or (not _asks(said) and affirms(task, said)) or _states(task, said, request):
        return True
    return tells_done(task, said, request)


def _states_any(task: Task, text: str) -> bool:
    due = zip(task.expected.facts, owed(task), strict=True)
    return any(stated(fact, text, task.locale) for fact, is_due in due if is_due and "verdict" not in fact)


def answers(task: Task, trajectory: Trajectory) -> bool:
    """Whether the reply tells what the user could not know and asks nothing. Its words may be the request's, but not
    in the request's order where spaces set words apart: "What is the code of London: SW1A 1AA" answers nobody."""
    reply = final_reply(task, trajectory)
    if _asks(reply) or is_echo(reply, task):
        return False
    again = any(_in_order(task, reply, r) and not _affirms(task, reply, r) for r in requests(task))
    if again and not _says_yes_or_no(task, reply):
        return False
    told = stated_facts(task, trajectory, reply)
    return any(due and one for due, one in zip(owed(task), told, strict=True))


def _in_order(task: Task, reply: str, request: str) -> bool:
    """Whether a reply has the words of the request one after another, nearly all of them or all but one; unless a
    fact stands where the request asks for it: "It rings in how many minutes?", "It rings in 39 minutes."."""
    if _runs_on(reply):
        return False
    ours, theirs = _split(reply), _split(request)
    steps = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    lacking = sum(end - start for what, _, _, start, end in steps if what in ("insert", "replace"))
    if lacking > max((1 - IN_ORDER) * len(theirs), len(theirs) >= LEAST_WORDS):
        return False
    instead = (" ".join(ours[max(0, i - 1) : j + 1]) for what, i, j, _, _ in steps if what == "replace")
    return not any(_states_any(task, said) for said in instead)


def _runs_along(reply: str, request: str) -> bool:
    """Whether all words of a reply stand in the request in the same order."""
    theirs = iter(_split(request))
    return all(word in theirs for word in _split(reply))


def _says_yes_or_no(task: Task, reply: str) -> bool:
    """Whether a verdict opens with a word of its own: "Sim, o número é válido" to "O número é válido?"."""
    return gives_verdict(task, " ".join(_split(reply)[:1]))


def _asks(text: str) -> bool:
    """Whether there is a question in it, by the marks and the particles."""
    return bool(QUESTION.search(text))


@lru_cache(maxsize=256)
def _runs_on(text: str) -> bool:
    """Whether no spaces set its words apart."""
    return any(c.isalpha() and not spaced(c) for c in text[:LOOKED_AT])


def _likeness(reply: str, request: str) -> float:
    """The share of the reply's pairs of letters that the request has, where no space sets words apart; elsewhere
    whether all of its words are the request's, since one word more says that it is done: "Noted: the dentist at 9"."""
    ours: Sequence[str] = _split(reply)
    theirs: Sequence[str] = _split(request)
    if _runs_on(reply):
        ours, theirs = _pairs("".join(ours)), _pairs("".join(theirs))
    if len(ours) < ECHO_WORDS:
        return float(bool(ours) and ours == theirs)
    had = set(theirs)
    share = sum(word in had for word in ours) / len(ours)
    return share if _runs_on(reply) else float(share == 1.0)


@lru_cache(maxsize=256)
def _split(text: str) -> tuple[str, ...]:
    """The words between spaces, without the marks around them."""
    return tuple(word for part in fold(text).split() if (word := part.strip(MARKS)))


def _pairs(letters: str) -> list[str]:
    return [a + b for a, b in itertools.pairwise(letters)]
