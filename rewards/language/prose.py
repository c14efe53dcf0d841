"""What of a reply is the model's own prose: not the task's values, nothing copied, no mere repetition."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from rewards.facts import form
from rewards.facts.text import spaced
from rewards.language.plain import QUOTED, plain
from rewards.reply import content
from rewards.scripts import script_of
from rewards.types import Task, Trajectory

COPY = 32  # letters in a row that make a copy,
SYLLABIC_COPY = 16  # and in scripts whose letters are syllables or words
SYLLABIC = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")
ECHO = 8  # letters of a request that is so short that its repetition is a copy as a whole
HEAD = 200  # letters that show whether a text repeats itself
LEAST = 12  # letters that can
VARIED = 0.4  # share of different threes of letters in a row


def own_prose(reply: str, task: Task, trajectory: Trajectory) -> str:
    """The reply without the task's own values, which are what they are in every language, and without
    what is copied from the conversation or from a tool's result. Empty where the rest repeats itself."""
    text = without_values(plain(reply), task)
    sources = list(_sources(task, trajectory))
    text = QUOTED.sub(lambda quoted: _unquoted(quoted[0], sources), text)
    for source in sources:
        text = without_copies(text, source)
    return text if is_varied(text) else ""


def _unquoted(quoted: str, sources: list[str]) -> str:
    """Nothing of what somebody else wrote; the words of what nobody did: they are the model's own."""
    letters = _letters(quoted)
    return " " if any(letters in _letters(source) for source in sources) else f" {quoted[1:-1]} "


def without_values(reply: str, task: Task) -> str:
    values = {form(fact, task.locale) for fact in task.expected.facts}
    for call in task.expected.calls:
        values |= {v for accepted in call["arguments"].values() for v in accepted if isinstance(v, str)}
    for value in sorted((plain(v) for v in values if v.strip()), key=lambda v: (-len(v), v)):
        reply = _without(reply, value)
    return reply


def _without(text: str, value: str) -> str:
    """Spaces for the value, in any case, where it stands as whole words, if spaces set words apart there. No
    pattern is compiled: nearly every task has values of its own."""
    lower, wanted = text.lower(), value.lower()
    if len(lower) != len(text):  # İ is two letters in lower case
        lower, wanted = text, value
    at = lower.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if _ends_word(text[at - 1 : at], value[0]) and _ends_word(text[end : end + 1], value[-1]):
            text = f"{text[:at]}{' ' * len(wanted)}{text[end:]}"
        at = lower.find(wanted, at + 1)
    return text


def _ends_word(beside: str, edge: str) -> bool:
    return not (spaced(edge) and (beside.isalnum() or beside == "_"))


def _sources(task: Task, trajectory: Trajectory) -> Iterator[str]:
    """What others wrote: the messages before the reply, and the texts among the tools' results."""
    for message in task.messages:
        yield content(message)
    for result in trajectory.results:
        yield "\n".join(_texts(result.content))


def _texts(value: Any) -> Iterator[str]:
    """All strings in a JSON value."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case list() as items:
                waiting += items
            case dict() as items:
                waiting += items.values()


def without_copies(text: str, source: str) -> str:
    """The text without long runs of letters that the source has, whatever stands between the letters."""
    theirs, length, lower = _letters(source), _copy(source), _lower(text)
    ours = "".join(filter(str.isalnum, lower))
    half = length // 2  # a run of ``length`` letters holds a block of half as many that starts at a multiple
    if not any(ours[i : i + half] in theirs for i in range(0, len(ours) - half + 1, half)):
        return text
    places = [i for i, c in enumerate(lower) if c.isalnum()]
    known = {theirs[i : i + length] for i in range(len(theirs) - length + 1)}
    copied: set[int] = set()
    for i in range(len(ours) - length + 1):
        if ours[i : i + length] in known:
            copied.update(places[i : i + length])
    return "".join(" " if i in copied else c for i, c in enumerate(text)) if copied else text


@lru_cache(maxsize=256)
def _copy(source: str) -> int:
    """How many letters in a row make a copy of the source."""
    letters = _letters(source)
    length = SYLLABIC_COPY if script_of(letters[:HEAD]) in SYLLABIC else COPY
    return min(length, max(len(letters), ECHO))


@lru_cache(maxsize=256)
def _letters(source: str) -> str:
    """Letters and digits alone, in lower case."""
    return "".join(filter(str.isalnum, _lower(plain(source))))


def _lower(text: str) -> str:
    """In lower case, letter by letter."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join([c.lower()[0] for c in text])  # İ is two letters


def is_varied(text: str) -> bool:
    """Whether a text is more than a few syllables over and over."""
    letters = "".join(filter(str.isalpha, text[: 4 * HEAD]))[:HEAD].lower()
    if len(letters) < LEAST:
        return True
    return len(set(zip(letters, letters[1:], letters[2:], strict=False))) >= VARIED * (len(letters) - 2)
