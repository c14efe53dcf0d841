"""What a model thought before it acted or spoke."""

from rewards import parse
from rewards.reply import content
from rewards.types import Trajectory

FIELDS = ("reasoning_content", "reasoning", "thought")


def thoughts(trajectory: Trajectory) -> str:
    """The thoughts of all of the assistant's messages, in their text or in a field."""
    found: list[str] = []
    for message in trajectory.messages:
        if message.get("role") == "assistant":
            found += [text for name in FIELDS if isinstance(text := message.get(name), str)]
            found.append(parse.thoughts(content(message)))
    return "\n".join(filter(None, found))
