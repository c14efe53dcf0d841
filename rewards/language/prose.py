"""What of a trajectory its user sees, and what of that are words of the model's own: not the task's values."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from rewards.claims.echo import alike_from_start, is_nearly, tells_done
from rewards.facts import form
from rewards.language.plain import GAP, LIMIT, plain
from rewards.language.tokens import glued
from rewards.memo import per_row, per_task
from rewards.reply import content, requests, shown
from rewards.text.normalize import fold, spaced
from rewards.text.quotations import quotations, unquoted
from rewards.text.scripts import LETTERS_A_WORD, script_of
from rewards.types import Task, Trajectory

VALUE = 60  # letters of a text in a result up to which it is a value, such as a name; a longer one is prose
MOST_VALUES = 500
GAPS = re.compile(GAP + "+")
SPELT = re.compile(
    r"(?<![^\W_])[^\W\d_](?:[ .,~*|/·-]{1,3}[^\W\d_](?![^\W_])){3,}"
)  # w o r d s letter by letter
PREFIXES = frozenset("وفبلكובלמהכש")
COMMENT = ("<!--", "-->")
ALIKE = 0.87  # share of words that a reply has in common with the request whose echo it is,
LEAST_ALIKE = 4  # of at least so many words,
REORDERED, LEAST_REORDERED = 2, 10  # letters that may differ, and that tell
FORM = re.compile("[ぁ-ん]{1,7}")  # of a verb
UNSPACED = (
    "\u0e00"  # the first letter of a script that sets no words apart: Thai; those of LETTERS_A_WORD follow
)
HEAD = 200  # letters that show whether a text repeats itself
LEAST = 12  # letters that can
VARIED = 0.4  # share of different threes of letters in a row


@per_row
def seen(trajectory: Trajectory) -> str:
    """All that the assistant wrote to its user, in all of its turns: no calls and no thoughts, but code,
    comments and quotations."""
    said = [_shown(m) for m in trajectory.messages if m.get("role") == "assistant"]
    return "\n".join(filter(None, said))


def _shown(message: dict[str, Any]) -> str:
    text = content(message)
    for mark in COMMENT:
        text = text.replace(mark, " ")
    return shown(text)


def own_words(text: str, task: Task, trajectory: Trajectory) -> str:
    """The text without the values of the request, the facts and the results, which are what they are in
    every language, and without quotation marks."""
    said = SPELT.sub(_spelt, unquoted(plain(text.replace(GAP, " "))))
    return without_values(said, values(task, trajectory))


def _spelt(letters: re.Match[str]) -> str:
    word = "".join(filter(str.isalpha, letters[0]))
    return " ".join(glued(word.lower())) or word


@per_row
def values(task: Task, trajectory: Trajectory) -> list[str]:
    """The task's facts in their usual form, what its calls hold, what its request quotes, and names and the
    like among the results; the longest first. What a result only repeats of the model's own arguments is none."""
    given = _given(task)
    results = (text for result in trajectory.results for text in _texts(result.content))
    new = list(islice((text for text in results if len(text) <= VALUE and text not in given), MOST_VALUES))
    said = fold(" ".join(text for call in trajectory.calls for text in _texts(call.arguments))) if new else ""
    found = given.union(
        _bare(text for text in new if (own := fold(text)) not in said or _is_known(own, task))
    )
    return sorted(sorted(found), key=len, reverse=True)


def _is_known(text: str, task: Task) -> bool:
    """Whether the model was given it: in the request, the right arguments or the session."""
    return text in _asked(task) or text in _session(task)


@per_task
def _asked(task: Task) -> str:
    given = (text for call in task.expected.calls for text in _texts(call["arguments"]))
    return fold(" ".join((*requests(task), *given)))


@per_task
def _session(task: Task) -> str:
    return fold(json.dumps(task.state, ensure_ascii=False))


@per_task
def _given(task: Task) -> frozenset[str]:
    """The values that the task itself has."""
    found = {form(fact, task.locale) for fact in task.expected.facts}
    found |= {v for fact in task.expected.facts if isinstance(v := fact.get("value"), str)}
    for call in task.expected.calls:
        found.update(_texts(call["arguments"]))
    for message in task.messages:
        found.update(quotations(content(message)))
    return frozenset(_bare(found))


def _bare(found: Iterable[str]) -> Iterator[str]:
    return filter(None, map(_bare_value, set(found)))


@lru_cache(maxsize=8_192)
def _bare_value(value: str) -> str:
    """A task's values come again in its results, and in those of every other sample."""
    return unquoted(plain(value)).strip()


def _texts(value: Any) -> Iterator[str]:
    """All strings in a JSON value."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()


def without_values(text: str, found: Iterable[str]) -> str:
    """Gaps for each value, in any case, where it stands as whole words, if spaces set words apart there."""
    lower = text.lower()
    if len(lower) != len(text):  # İ is two letters in lower case
        lower, found = text, list(found)
    else:
        found = [value.lower() for value in found]
    left = lower
    for value in found:
        if value in left:
            left = _blanked(left, value)
    if left == lower:
        return text
    return left if lower is text else _spaced_as(text, left)


def _spaced_as(text: str, left: str) -> str:
    """The text with gaps where ``left`` has them."""
    pieces, start = [], 0
    for gap in GAPS.finditer(left):
        pieces += [text[start : gap.start()], gap[0]]
        start = gap.end()
    return "".join([*pieces, text[start:]])


def _blanked(text: str, value: str) -> str:
    """Gaps for the value wherever it stands as whole words; read once."""
    pieces, start, at = [], 0, text.find(value)
    while at >= 0:
        end = at + len(value)
        if _begins_word(text[max(0, at - 2) : at], value[0]) and _ends_word(text[end : end + 1], value[-1]):
            pieces += [text[start:at], GAP * len(value)]
            start = end
        at = text.find(value, max(at + 1, start))
    return "".join([*pieces, text[start:]]) if pieces else text


def _begins_word(before: str, edge: str) -> bool:
    """Arabic and Hebrew write "and", "in", "to" as the first letter of the next word."""
    glued = before[-1:] in PREFIXES and not before[:-1].isalnum()
    return bool(glued) or _ends_word(before[-1:], edge)


def _ends_word(beside: str, edge: str) -> bool:
    return not (spaced(edge) and (beside.isalnum() or beside == "_"))


def repeats_request(text: str, task: Task, found: Sequence[str]) -> bool:
    """Whether the words are those of a request: nearly all of them and no others, or all but one in their order."""
    asked = [request for request, letters in _requested(task) if not _says_more(text, letters)]
    if not asked or (ours := _words(text)).total() < LEAST_ALIKE:
        return False
    rest = (without_values(request, found) for request in asked)
    return any(
        is_nearly(text, request, task)
        or (
            (_repeats(ours, _words(request)) or _is_reordered(text, request))
            and not _is_inflected(text, request)
            and not tells_done(task, text, request)
        )
        for request in rest
    )


def _is_reordered(text: str, request: str) -> bool:
    """Whether texts without spaces have the same letters, all but two, in whatever order."""
    ours, theirs = (Counter(filter(str.isalnum, each[:LIMIT])) for each in (text, request))
    alike = (ours - theirs).total() + (theirs - ours).total() <= REORDERED
    return alike and ours.total() >= LEAST_REORDERED and max(ours) >= UNSPACED


def _is_inflected(text: str, request: str) -> bool:
    """Whether only the verb that ends a Japanese text has another form: セットして, セットします."""
    ours, theirs = ("".join(filter(str.isalnum, each)) for each in (text, request))
    start = alike_from_start(ours, theirs)
    return bool(FORM.fullmatch(ours[start:]) and FORM.fullmatch(theirs[start:]) and len(ours) > start + 1)


@per_task
def _requested(task: Task) -> list[tuple[str, str]]:
    """Each request without its quotation marks, and its letters and digits alone."""
    texts = [unquoted(plain(text)) for text in requests(task)]
    return [(text, "".join(filter(str.isalnum, text.casefold()))) for text in texts]


def _says_more(text: str, letters: str) -> bool:
    """Whether two words or more are in no request at all: a quick look that spares most replies the close one."""
    new = 0
    for raw in text.casefold().split():
        word = raw if raw.isalnum() else "".join(filter(str.isalnum, raw))
        if len(word) > 2 and word not in letters and max(word) < UNSPACED:
            new += 1
            if new > 1:
                return True
    return False


def _repeats(ours: Counter[str], theirs: Counter[str]) -> bool:
    """Whether they are the same words, once or several times over."""
    new = any(len(word) > 2 and word not in theirs for word in ours)  # pairs of letters are no words
    once = Counter({word: min(count, theirs[word] or count) for word, count in ours.items()})
    return not new and _alike(once, theirs) >= ALIKE


def _words(text: str) -> Counter[str]:
    """The words of a text; pairs of letters where no spaces set words apart."""
    found = Counter[str]()
    for word in text[:LIMIT].lower().split():
        word = "".join(filter(str.isalnum, word))
        if word and max(word) >= UNSPACED and script_of(word) in LETTERS_A_WORD:
            found.update(word[i : i + 2] for i in range(max(1, len(word) - 1)))
        elif word:
            found[word] += 1
    return found


def _alike(one: Counter[str], other: Counter[str]) -> float:
    """The share of words that two texts have in common (Dice's)."""
    return 2 * (one & other).total() / max(one.total() + other.total(), 1)


def is_varied(text: str) -> bool:
    """Whether a text is more than a few syllables over and over."""
    letters = "".join(filter(str.isalpha, text[: 4 * HEAD]))[:HEAD].lower()
    if len(letters) < LEAST:
        return True
    return len(set(zip(letters, letters[1:], letters[2:], strict=False))) >= VARIED * (len(letters) - 2)
