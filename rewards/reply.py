"""The reply: what the model finally says to its user, and which facts it states."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile
from typing import Any

from rewards.deeds import puts_off
from rewards.facts import stated
from rewards.facts.cldr import cldr
from rewards.facts.clock import DAY, HALF_DAY, minute_of
from rewards.facts.telling import codes_joined
from rewards.facts.telling import told as tell
from rewards.facts.times import read_times
from rewards.memo import per_row, per_task
from rewards.parse import prose
from rewards.sayings import CLAUSE, SENTENCE, says_its_done
from rewards.text.normalize import find_text, fold, plain, spaced
from rewards.text.visible import blanks, tidy, unhidden
from rewards.types import Fact, Task, Trajectory
from sandbox.catalog.cities import known_as

FENCE = re.compile(r"```[\w+-]*")
JSON = re.compile(r'[\[{][^][{}]*[\]}]|[\[{]\s*"[^][{}]*\Z')
BULLET = re.compile(r"^\s*[-*•–]\s+", re.MULTILINE)  # before an amount it is no minus
LEVELS = 5  # of nested values taken out of a reply
DIGITS = re.compile(r"\d+")
NAMED = ("contacts", "reminders")  # rows of the catalog's state that have a name
HOURS = "{:02}:{:02}"
NO_WORD = re.compile(r"[a-z]-?\d|\d-?[a-z]|://|www\.|@")  # a code or an address
STRAY_NUMBERS = 12  # runs of digits in a reply that are in nothing it was told: its own arithmetic, at most
SENTENCE_END = re.compile(r"[.!?](?=\s|$)|[。！？।؟\n]")


@per_row
def final_reply(task: Task, trajectory: Trajectory) -> str:
    """All that the user sees of the last message, if the assistant wrote it after all results; else "".

    Thoughts, comments and calls are not seen; code, quotations and JSON are.
    """
    messages = trajectory.messages
    if not messages or messages[-1].get("role") != "assistant" or messages[-1].get("tool_calls"):
        return ""
    said = shown(content(messages[-1])).strip()
    return said if any(c.isalnum() for c in said) else ""


@lru_cache(maxsize=64)
def shown(text: str) -> str:
    """What of a message its user sees; several parts ask."""
    return tidy(prose(text)) if text else ""


def finished(reply: str) -> str:
    """The sentences of a reply that was cut off which were finished before."""
    ends = [match.end() for match in SENTENCE_END.finditer(reply)]
    return reply[: ends[-1]] if ends else ""


@per_row
def stated_facts(task: Task, trajectory: Trajectory, reply: str) -> list[bool]:
    """Whether the reply states each of the task's facts; what its user knows already it need not say again, but
    not say wrongly either. It states none where it lists numbers until one of them is right. What stands in code
    or JSON is not told, but what is wrong there is wrong."""
    reply = BULLET.sub("", reply)
    strays = _strays(task, trajectory, reply)
    if len(strays) > STRAY_NUMBERS:
        return [False] * len(task.expected.facts)
    said = _said(task, trajectory, prose_only := without_code(reply))
    if prose_only != reply:
        seen = _said(task, trajectory, reply)
        said = [False if whole is False else told for told, whole in zip(said, seen, strict=True)]
    if _names_another(task, trajectory, reply):
        said = [
            False if fact["kind"] == "text" else one
            for fact, one in zip(task.expected.facts, said, strict=True)
        ]
    return [
        told is True or (told is None and not (due or (strays and _has_digits(fact))))
        for fact, due, told in zip(task.expected.facts, owed(task), said, strict=True)
    ]


def _said(task: Task, trajectory: Trajectory, reply: str) -> list[bool | None]:
    """Of each fact, whether it is stated, stated wrongly (False) or not at all (None). Beside what is right, what
    else the session holds may be named: "the alarm at 7 is gone, the one at 9 stays", and beside a sentence that says
    that it is done: "It's gone. The one at 9 stays"."""
    known = "\n".join(_known(task, trajectory))
    facts = [_as_said(task, fact, reply) for fact in task.expected.facts]
    found = tell(facts, reply, task.locale, known, _subjects(task))
    if False not in found or not task.state:
        return found
    if any(
        codes_joined(str(fact["value"]), reply, task.locale)
        for fact in task.expected.facts
        if fact["kind"] == "text"
    ):
        return found
    more = tell(task.expected.facts, reply, task.locale, f"{known}\n{_own(task)}", _subjects(task))
    done = _says_done_alone(task, reply)
    return [
        other if one is False and (other or (other is None and done)) else one
        for one, other in zip(found, more, strict=True)
    ]


def _as_said(task: Task, fact: Fact, reply: str) -> Fact:
    """A time on the half of the day that the reply leaves out, where its reader knows it, since it is less than an hour
    ahead: an alarm that is put off rings again at ten to seven."""
    if fact["kind"] != "time" or not puts_off(task):
        return fact
    minute, readings = minute_of(fact["value"]), read_times(plain(reply), cldr(task.locale))
    if any(minute in said.minutes for said in readings) or not any(
        minute in said.halves for said in readings
    ):
        return fact
    return fact | {"value": HOURS.format(*divmod((minute + HALF_DAY) % DAY, 60))}


def _says_done_alone(task: Task, reply: str) -> bool:
    """Whether a sentence says that it is done before any number in it, and no clause says so and states a wrong value."""
    said = [CLAUSE.split(sentence) for sentence in SENTENCE.split(reply)]
    openings = (" ".join(takewhile(lambda clause: not numbers(clause), parts)) for parts in said)
    if not any(says_its_done(task, opening) for opening in openings):
        return False
    done = (clause for parts in said for clause in parts if says_its_done(task, clause))
    return not any(False in tell(task.expected.facts, clause, task.locale) for clause in done)


@per_task
def _own(task: Task) -> str:
    """What the session holds, as text."""
    return json.dumps(task.state, ensure_ascii=False)


def _names_another(task: Task, trajectory: Trajectory, reply: str) -> bool:
    """Whether it names somebody or something that only the session knows: another contact, another reminder."""
    known = "\n".join(_known(task, trajectory))
    others = (name for name in _others(task) if not find_text(name, known))
    return any(stated({"kind": "text", "value": name}, reply, task.locale) for name in others)


@per_task
def _others(task: Task) -> list[str]:
    """Names and titles in the state that no right call holds."""
    given = {str(fact["value"]) for fact in task.expected.facts} | set(map(str, accepted(task)))
    found = (value for key in NAMED for row in task.state.get(key, ()) for value in row.values())
    return [
        name
        for name in found
        if isinstance(name, str) and sum(map(str.isalpha, name)) > 2 and name not in given
    ]


def accepted(task: Task) -> Iterator[Any]:
    """The values that the arguments of the right calls may have."""
    for call in task.expected.calls:
        for values in call["arguments"].values():
            yield from values


def _known(task: Task, trajectory: Trajectory) -> list[str]:
    """What was said to the model, by its user and by the tools."""
    return [*(content(m) for m in task.messages), *(str(result.content) for result in trajectory.results)]


@per_task
def _subjects(task: Task) -> list[list[str]] | None:
    """What each fact is about, where calls of one tool gave one fact of a kind each: the city of each time, by all of
    its names."""
    facts, calls = task.expected.facts, task.expected.calls
    alike = len({fact["kind"] for fact in facts}) == 1 and len({call["name"] for call in calls}) == 1
    if len(calls) < 2 or len(calls) != len(facts) or not alike:
        return None
    return [
        [
            value
            for values in call["arguments"].values()
            for given in values
            for value in (given, *known_as(str(given)))
            if isinstance(value, str) and value
        ]
        for call in calls
    ]


@per_task
def owed(task: Task) -> list[bool]:
    """Of each fact, whether the user does not know it: it is in no request, and in no argument that only the
    user can have given. A verdict is what was asked for."""
    request = "\n".join(requests(task))
    given = set(_given(task))
    return [
        "verdict" in fact or not (_key(fact["value"]) in given or stated(fact, request, task.locale))
        for fact in task.expected.facts
    ]


def requests(task: Task) -> Iterator[str]:
    """What the user wrote, message by message."""
    return (content(message) for message in task.messages if message.get("role") == "user")


def _given(task: Task) -> Iterator[Any]:
    """What the arguments of the right calls hold; of calls in a row, of those of the first, since the next
    take what the one before gave."""
    calls = task.expected.calls[:1] if task.expected.ordered else task.expected.calls
    for call in calls:
        yield from (
            _key(values[0]) for values in call["arguments"].values()
        )  # the others are ways to write it


def _key(value: Any) -> str:
    """One spelling for 5, 5.0 and "5"."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:.15g}" if number else str(value).strip().casefold()


def _strays(task: Task, trajectory: Trajectory, reply: str) -> set[str]:
    """The numbers of a reply that come from nowhere. What a call asked for is the model's own word."""
    said = numbers(reply)
    if not said:
        return said
    known = _known(task, trajectory)
    known += [str(fact["value"]) for fact in task.expected.facts if "value" in fact]
    strays = said - numbers("\n".join(known))
    if strays and _says_done_alone(task, reply):
        strays -= numbers(_own(task))
    return strays


def is_template(task: Task, trajectory: Trajectory, reply: str) -> bool:
    """Whether something in it was left to be filled in: "It rings at XX:XX", "{answer}"."""
    if not (found := blanks(reply)):
        return False
    known = "\n".join(_known(task, trajectory))
    return any(blank not in known for blank in found)


def says_something(task: Task, reply: str) -> bool:
    """Whether there is a word in it, or a value that its user would know: neither "1" nor an address says that it is
    done."""
    for word in fold(reply).split():
        letters = [char for char in word if char.isalpha()]
        if (len(letters) > 1 or (letters and not spaced(letters[0]))) and not NO_WORD.search(word):
            return True
    return states_any(task, reply)


def states_any(task: Task, text: str) -> bool:
    """Whether a text states a fact of the task's."""
    return any(stated(fact, text, task.locale) for fact in task.expected.facts)


def _has_digits(fact: Fact) -> bool:
    return any(c.isdigit() for c in str(fact.get("value")))


def numbers(text: str) -> set[str]:
    """The runs of digits of a text, in ASCII, without the zeros around them."""
    return {run.strip("0") for run in DIGITS.findall(plain(text).digits)}


def content(message: dict[str, Any]) -> str:
    """A message's text, whether written as a string or as a list of parts."""
    body = message.get("content")
    if isinstance(body, list):
        return "".join(p["text"] for p in body if isinstance(p, dict) and isinstance(p.get("text"), str))
    return body if isinstance(body, str) else ""


def without_code(text: str) -> str:
    """The text without code blocks, pasted JSON and what markup hides, which tell a user nothing."""
    return without_json(unhidden(text))


def without_json(text: str) -> str:
    """The text without JSON, and without the marks of code blocks around what stands there."""
    text = FENCE.sub(" ", text)
    for _ in range(LEVELS):
        text = JSON.sub(lambda match: " " if '"' in match[0] else match[0], text)
    return text
