"""What a model thought before it acted or spoke."""

import re
from collections.abc import Iterator

from rewards.reply import content
from rewards.types import Trajectory

TAGGED = re.compile(r"<think>(.*?)(?:</think>|\Z)", re.DOTALL)
FIELDS = ("reasoning_content", "reasoning", "thought")


def thoughts(trajectory: Trajectory) -> str:
    """The thoughts of all of the assistant's messages, between ``<think>`` and ``</think>`` or in a field."""
    found: list[str] = []
    for message in trajectory.messages:
        if message.get("role") == "assistant":
            found += [text for name in FIELDS if isinstance(text := message.get(name), str)]
            found += _tagged(content(message))
    return "\n".join(found)


def _tagged(text: str) -> Iterator[str]:
    """A thought's end without its start closes a thought that the prompt has opened."""
    before, end, after = text.partition("</think>")
    if end and "<think>" not in before:
        yield before
        text = after
    yield from TAGGED.findall(text)
