"""Arithmetic in words (Shi et al. 2023, arXiv 2210.03057): the last number of the reply is the answer."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rewards.facts.cldr import cldr
from rewards.facts.numerals import literal
from rewards.reply import final_reply
from rewards.text.normalize import ascii_digits
from rl.evaluation.funnel import Judged, rate

# Digits with marks between them, such as 1 234,5 or 1,00,000 or 12'500.
NUMBER = re.compile(r"(?<![A-Za-z\d])[-−]?\d+(?:[.,'’٬٫\u00a0\u202f ]\d+)*(?!\d)")
SPACED = re.compile(r"[\u00a0\u202f ](?=\d{3}(?!\d))")
MARKS = str.maketrans({"−": "-", "’": "'", "٬": ",", "٫": "."})


def figures(samples: Sequence[Judged]) -> dict[str, Any]:
    return {"accuracy": rate((sample, _is_right(sample)) for sample in samples)}


def last_number(text: str, locale: str) -> Decimal | None:
    """The last number in the digits of any script, read by the locale's marks; None where there is none."""
    found = [piece for match in NUMBER.finditer(ascii_digits(text)) for piece in _pieces(match[0])]
    if not found:
        return None
    written = found[-1].translate(MARKS)
    value = literal(written.removeprefix("-"), cldr(locale))
    return -value if written.startswith("-") else value


def _pieces(written: str) -> list[str]:
    """``12 000`` is one number, ``3 4`` are two."""
    return SPACED.sub("", written).replace("\u00a0", " ").replace("\u202f", " ").split(" ")


def _is_right(sample: Judged) -> bool:
    answer = Decimal(str(sample.task.expected.facts[0]["value"]))
    return last_number(final_reply(sample.task, sample.trajectory), sample.task.locale) == answer
