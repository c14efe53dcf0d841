"""The name that was probably meant, for sentences about one that is unknown."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, None where none is close."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)), None)


def hint(name: str, known: Iterable[str], prefix: str = "") -> str:
    """``"; did you mean X?"``, or nothing where no known name is close."""
    meant = nearest(name, known)
    return f"; did you mean {prefix}{meant}?" if meant else ""
