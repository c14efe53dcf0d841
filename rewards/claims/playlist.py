"""Which is the list and which the song: a reply may not call the song a playlist, and put the playlist in it."""

import re
from functools import lru_cache

from rewards.effects.wording import playlists
from rewards.memo import per_task
from rewards.text.normalize import fold, fold_words
from rewards.types import Task

QUOTED = r"[\s\"'«»„“”‘’「」『』《》<>*_]*"


def swaps_song_and_list(task: Task, said: str) -> bool:
    """Whether the song stands beside the word for a playlist, and the playlist, which is named, does not."""
    names = _names(task)
    if names is None:
        return False
    text = fold(said)
    song, playlist = names
    return (
        song in text and playlist in text and _is_called_so(song, text) and not _is_called_so(playlist, text)
    )


@per_task
def _names(task: Task) -> tuple[str, str] | None:
    calls = (call["arguments"] for call in task.expected.calls)
    found = next((given for given in calls if {"track", "playlist"} <= given.keys()), None)
    return (fold(str(found["track"][0])), fold(str(found["playlist"][0]))) if found else None


def _is_called_so(name: str, text: str) -> bool:
    return _beside(name).search(text) is not None


@lru_cache(maxsize=256)
def _beside(name: str) -> re.Pattern[str]:
    """The name with the word for a playlist right before it or right after."""
    words = "|".join(map(fold_words, playlists()))
    return re.compile(rf"(?:{words}){QUOTED}{re.escape(name)}|{re.escape(name)}{QUOTED}(?:{words})")
