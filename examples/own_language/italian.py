"""A language that the catalog does not speak: its tools and worlds, asked for in Italian.

``rl.data.catalog.check("it")`` names all that a whole phrase file would need; this is the short way, for a start.
"""

from dataclasses import replace

from rewards.types import Task
from rl.data.catalog import make

REQUESTS = {
    "train": {"06:45": "Svegliami alle 6:45, per favore.", "07:30": "Metti una sveglia per le 7:30."},
    "test": {"08:15": "Puoi impostare la sveglia alle 8:15?"},
}


def load(split: str = "train") -> list[Task]:
    """Alarms in Italian, beside the same ones in English."""
    pairs = [_pair(time, request, split) for time, request in REQUESTS[split].items()]
    return [task for pair in pairs for task in pair]


def _pair(time: str, request: str, split: str) -> tuple[Task, Task]:
    english = make("set_alarm", "en", split=split, time=time)
    english = replace(english, id=f"alarm-{time}-en", parallel_id=f"alarm-{time}")
    messages = [*english.messages[:-1], {"role": "user", "content": request}]
    expected = replace(english.expected, reply=None)  # the reference reply is English
    italian = replace(
        english, id=f"alarm-{time}-it", language="it", locale="it-IT", messages=messages, expected=expected
    )
    return english, italian
