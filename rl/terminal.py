"""What a program owes to whoever types its words and reads its output."""

import argparse
import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def at_least(least: int) -> Callable[[str], int]:
    """The type of argparse's options that are whole numbers from ``least`` on."""

    def number(text: str) -> int:
        if int(text) < least:
            raise argparse.ArgumentTypeError(f"{text} is less than {least}")
        return int(text)

    return number


@contextmanager
def quiet_when_closed() -> Iterator[None]:
    """End without a traceback where the reader of our output has closed it, as in ``--help | head``.

    The exit code is then 141, a shell's for SIGPIPE. A pipe of something else that breaks stays an error.
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        if not _closed():
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python's own flush at the end
        sys.exit(141)


def _closed() -> bool:
    """Whether nobody reads standard output any more."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))
