"""Threads for code that nobody can stop: a reward that never returns must not keep others waiting."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any


async def in_thread(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """The function's result, from a daemon thread of its own; cancelling leaves the thread behind.

    Not ``asyncio.to_thread``: its pool has few threads, and its loop waits for them when it closes.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    context = contextvars.copy_context()

    def run() -> None:
        try:
            outcome, error = context.run(function, *args, **options), None
        except BaseException as raised:
            outcome, error = None, raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, future, outcome, error)

    threading.Thread(target=run, daemon=True, name=f"reward {function!r:.60}").start()
    return await future


def _settle(future: "asyncio.Future[Any]", outcome: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(outcome)
    else:
        future.set_exception(error if isinstance(error, Exception) else RuntimeError(repr(error)))
