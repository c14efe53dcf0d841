"""What the user can mend, and the name that was probably meant."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """What the user can mend. Its text is one sentence; entry points print it and exit with 2."""


class ConfigError(UserError, ValueError):
    """A setting that is unknown, out of range, or impossible together with another."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, None where none is close."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)), None)


def hint(name: str, known: Iterable[str], prefix: str = "") -> str:
    """``"; did you mean X?"``, or nothing where no known name is close."""
    meant = nearest(name, known)
    return f"; did you mean {prefix}{meant}?" if meant else ""
