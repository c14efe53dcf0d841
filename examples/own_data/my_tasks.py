"""A source of one's own: a function that returns tasks. Its parameters are settings: ``data.hours='[6, 7]'``."""

from collections.abc import Sequence

from rewards.types import Task
from rl.data.catalog import make

LANGUAGES = ("en", "de", "sw")


def load(split: str = "train", hours: Sequence[int] = (6, 7, 8)) -> list[Task]:
    """Alarms at full hours in three languages; the last hour is held out."""
    chosen = hours[:-1] if split == "train" else hours[-1:]
    return [_alarm(language, hour, split) for hour in chosen for language in LANGUAGES]


def _alarm(language: str, hour: int, split: str) -> Task:
    task = make("set_alarm", language, split=split, time=f"{hour:02d}:00")
    # An id of its own for each task, and one for all languages of the same request.
    return Task(**{**vars(task), "id": f"alarm-{hour}-{language}", "parallel_id": f"alarm-{hour}"})
