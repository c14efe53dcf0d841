"""OpenRLHF's remote reward (``--reward.remote_url``, ``openrlhf/trainer/ray``): one turn of text, no results.

It posts ``{"query": [prompt + response], "prompts": [prompt], "labels": [label]}`` and reads ``{"rewards": [...],
"scores": [...], "extra_logs": {name: [...]}}``. A label is the JSON text of a task, as ``rl.data`` has it in a
line of its files; what OpenRLHF reads as its label key. It has no masks: null, where we failed, is no number to
it, and its run stops there instead of training on one that we made up. Logs are -1 for a part without a value.
"""

import re
from collections.abc import Sequence
from typing import Any

from rewards.parse import parse_calls
from rewards.schema import read
from rewards.types import Score, Task, Trajectory
from sandbox.host.framing import FrameError, decode

KEYS = ("query", "prompts", "labels")
END = re.compile(r"(?<!\s)\s*+(?:<\|[\w ]{1,40}\|>|</?s>|<eos>|<end_of_turn>)")  # a token of a template


def texts_of(body: dict[str, Any], most: int) -> list[tuple[str, str, str]]:
    """The query, the prompt and the label of each row. Raises ValueError that names what is wrong."""
    query, prompts, labels = (_texts(body, key) for key in KEYS)
    if not len(query) == len(prompts) == len(labels):
        raise ValueError("'query', 'prompts' and 'labels' must have one length")
    if len(query) > most:  # before a row is read, which takes its time
        raise ValueError(f"'query' may hold {most}")
    return list(zip(query, prompts, labels, strict=True))


def answer(scores: Sequence[Score]) -> dict[str, Any]:
    """The response for the rows' scores."""
    rewards = [score.reward for score in scores]
    names = scores[0].parts if scores else ()
    logs = {name: [_logged(score.parts[name]) for score in scores] for name in names}
    return {"rewards": rewards, "scores": rewards, "extra_logs": logs}


def _logged(value: float | None) -> float:
    return -1.0 if value is None else value


def _texts(body: dict[str, Any], key: str) -> list[str]:
    texts = body.get(key)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{key!r} must be a list of texts")
    return texts


def row_of(number: int, query: str, prompt: str, label: str) -> tuple[Task, Trajectory]:
    """A row, the ``number``-th of its request. Raises ValueError that names what is wrong."""
    if not prompt.strip():  # then nothing tells the response from what comes before it
        raise ValueError(f"prompts[{number}] is empty; give the prompt that query[{number}] begins with")
    _, found, response = query.partition(prompt)
    if not found:
        raise ValueError(f"query[{number}] does not contain prompts[{number}]")
    try:
        task: Task = read(decode(label.encode("utf-8", "replace")), Task, f"labels[{number}]")
    except FrameError as error:
        raise ValueError(f"labels[{number}] is no task: {error}".replace("a frame", "it", 1)) from error
    return task, single_turn(task, _without_end(response))


def _without_end(response: str) -> str:
    """The response less the template's tokens at its end. Read once: a pattern of all of them would begin anew at each."""
    begin = end = 0  # of the last run of tokens
    for token in END.finditer(response):
        begin, end = (begin if token.start() == end else token.start()), token.end()
    return response if response[end:].strip() else response[:begin]


def single_turn(task: Task, response: str) -> Trajectory:
    """What a model that has written one turn has done: its calls were not run."""
    message = {"role": "assistant", "content": response}
    return Trajectory(task.id, [], [], [], [], [message], parse_calls(response), [], "end")
