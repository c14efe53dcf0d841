"""What servers that speak OpenAI's chat API have in common for whoever asks them: the key, and when to ask again."""

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})  # statuses that another try may not meet
LONGEST_WAIT = 60.0  # seconds that a server may ask us to wait
T = TypeVar("T")


class PassingError(Exception):
    """A failure that another try may not meet; ``after``: the seconds that the server wants us to wait; ``tries``:
    how many there were when we gave up."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after, self.tries = after, 1


async def persistent(ask: Callable[[], Awaitable[T]], retries: int, backoff: float) -> T:
    """What ``ask`` gives; asked again as often as ``retries`` allows, after pauses of about ``backoff`` seconds,
    doubling, or as long as the server says. Raises the last ``PassingError``, and any other error at once."""
    tries = 0
    while True:
        try:
            return await ask()
        except PassingError as error:
            tries += 1
            error.tries = tries
            if tries > retries or error.after > LONGEST_WAIT:
                raise
            pause = backoff * 2 ** (tries - 1) * random.uniform(0.75, 1.25)
            await asyncio.sleep(max(pause, error.after))


def authorization(variable: str | None, whose: str, setting: str) -> dict[str, str]:
    """The header with the key in the environment ``variable`` (None or "": none is needed). Raises ValueError that
    says ``whose`` key is missing and which ``setting`` names it."""
    if not variable:
        return {}
    if key := os.environ.get(variable):
        return {"Authorization": f"Bearer {key}"}
    raise ValueError(
        f"The {whose}'s key is missing: set the environment variable {variable}, or {setting}='' for a server that "
        "needs none."
    )


def retry_after(value: str | None) -> float:
    """Seconds, from a number of them or a date (RFC 9110, 10.2.3); 0 where it is neither."""
    if value is None:
        return 0.0
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0
