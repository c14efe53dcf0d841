"""The reply: what the model finally says to its user, and nothing else that it wrote."""

import re
from typing import Any

from rewards.facts import stated
from rewards.facts.text import plain
from rewards.parse import prose
from rewards.types import Task, Trajectory

CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
BRACES = re.compile(r"\{[^{}]*\}")
LEVELS = 5  # of nested objects taken out of a reply
DIGITS = re.compile(r"\d+")
STRAY_NUMBERS = 12  # runs of digits in a reply that are in nothing it was told: its own arithmetic, at most
ECHO = 10  # characters of a request that make its repetition an echo


def final_reply(task: Task, trajectory: Trajectory) -> str:
    """The prose of the last message, if the assistant wrote it after all results; else "".

    Code, pasted JSON and the request repeated are no prose. Where calls are expected, what is said
    before any result is no reply.
    """
    messages = trajectory.messages
    if not messages or messages[-1].get("role") != "assistant" or messages[-1].get("tool_calls"):
        return ""
    if task.expected.calls and not trajectory.results:
        return ""
    said = without_code(prose(content(messages[-1])))
    for message in task.messages:
        if message.get("role") == "user":
            said = _without_echo(said, content(message))
    return said.strip() if any(c.isalnum() for c in said) else ""


def reply_due(task: Task, trajectory: Trajectory) -> bool:
    """Whether a reply is owed: to a result, to a question without a call, or for its facts."""
    expected = task.expected
    return bool(trajectory.results or expected.no_call or expected.facts)


def told(task: Task, trajectory: Trajectory, reply: str) -> list[bool]:
    """Whether the reply states each of the task's facts. It states none where calls are expected and none
    ran, for then it guesses, nor where it lists numbers until one of them is right."""
    guessed = task.expected.calls and not any(result.status == "ok" for result in trajectory.results)
    if guessed or _lists_numbers(task, trajectory, reply):
        return [False] * len(task.expected.facts)
    return [stated(fact, reply, task.locale) for fact in task.expected.facts]


def _lists_numbers(task: Task, trajectory: Trajectory, reply: str) -> bool:
    """Whether many numbers of the reply come from nowhere. What a call asked for is the model's own word."""
    said = _numbers(reply)
    if len(said) <= STRAY_NUMBERS:
        return False
    known = [content(message) for message in task.messages]
    known += [str(result.content) for result in trajectory.results]
    known += [str(fact["value"]) for fact in task.expected.facts if "value" in fact]
    return len(said - _numbers("\n".join(known))) > STRAY_NUMBERS


def _numbers(text: str) -> set[str]:
    """The runs of digits of a text, in ASCII, without the zeros around them."""
    return {run.strip("0") for run in DIGITS.findall(plain(text).digits)}


def content(message: dict[str, Any]) -> str:
    """A message's text, whether written as a string or as a list of parts."""
    body = message.get("content")
    if isinstance(body, list):
        return "".join(p["text"] for p in body if isinstance(p, dict) and isinstance(p.get("text"), str))
    return body if isinstance(body, str) else ""


def without_code(text: str) -> str:
    text = CODE.sub(" ", text)
    for _ in range(LEVELS):
        text = BRACES.sub(lambda match: " " if '"' in match[0] else match[0], text)
    return text


def _without_echo(said: str, request: str) -> str:
    words = request.split()
    if not words or " ".join(said.split()).casefold() == " ".join(words).casefold():
        return said if not words else ""
    folded = said.casefold()
    if len(request.strip()) < ECHO or not all(word.casefold() in folded for word in words):
        return said  # so for most replies no pattern is compiled, which would cost more than all the rest
    return re.sub(r"\s+".join(map(re.escape, words)), " ", said, flags=re.IGNORECASE)
