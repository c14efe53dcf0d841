"""Results in other scripts, with their Latin transliteration beside them.

It is uroman's (Hermjakob, May and Knight, ACL 2018), which covers the scripts of Unicode by rules for each
language's letters; what it gives is to be read, not to be passed on as an argument.
"""

import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any

from sandbox.host.framing import encode

MAX_CHARACTERS = 500  # of a result; uroman takes some 60 µs for each
KEY = "transliteration"


def transliterated(content: Any, output_kb: int) -> Any:
    """The result with ``KEY`` beside it: its strings in other scripts, each with its transliteration.

    An object gets the key, anything else becomes ``{"result": ...}`` with it. The first ``MAX_CHARACTERS``
    are transliterated, by whole strings. The result stays as it is where there is nothing to do, where it
    has such a key or an ``error``, and where it would pass ``output_kb``.
    """
    latin = {text: romanized(text) for text in _bounded(_foreign(content))}
    if not latin or (isinstance(content, dict) and {KEY, "error"} & content.keys()):
        return content
    shown = {**(content if isinstance(content, dict) else {"result": content}), KEY: latin}
    return shown if len(encode(shown)) <= output_kb * 1024 else content


def _foreign(content: Any) -> Iterator[str]:
    """The strings within a JSON value that have letters of other scripts."""
    if isinstance(content, str):
        if any(_is_foreign(c) for c in content):
            yield content
    elif isinstance(content, list | dict):
        for part in content.values() if isinstance(content, dict) else content:
            yield from _foreign(part)


@lru_cache(maxsize=4096)
def _is_foreign(character: str) -> bool:
    return character.isalpha() and "LATIN" not in unicodedata.name(character, "LATIN")


def _bounded(texts: Iterator[str]) -> Iterator[str]:
    left = MAX_CHARACTERS
    for text in dict.fromkeys(texts):
        left -= len(text)
        if left < 0:
            return
        yield text


@lru_cache(maxsize=4096)
def romanized(text: str) -> str:
    """The text in Latin letters."""
    return romanizer()(text)


@cache
def romanizer() -> Callable[[str], str]:
    """uroman's function; loading it takes seconds. Raises ``ValueError`` where it is not installed."""
    try:
        from uroman import Uroman
    except ImportError:
        raise ValueError(
            "sandbox: transliterate needs uroman; pip install 'polyglot-grpo[transliterate]'"
        ) from None
    romanize: Callable[[str], str] = Uroman().romanize_string
    return romanize
