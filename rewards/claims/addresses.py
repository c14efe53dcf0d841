"""To whom: a reply may not name another phone number, code or address instead of the one that was asked for.

Where it names the one that is, or none, nothing is said of it. The last digits do: "+254 745 618020" is 0745618020.
"""

import re

from rewards.facts import LONGEST
from rewards.memo import per_task
from rewards.reply import requests
from rewards.text.normalize import plain
from rewards.types import Task

TAIL = 9  # digits by which a number is known, with its country or without
SHORTEST = 7
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.\w{1,64}){0,4}")
NUMBER = re.compile(r"(?<!\d)\d(?:[ ().-]{0,2}\d){6,24}(?!\d)")
DATE = re.compile(
    r"\d{1,2}(?:\. ?|-)\d{1,2}(?:\. ?|-)(?:\d{4}(?!\d)|\d\d(?![\d.-]))|\d{4}(?:\. ?|-)\d{1,2}(?:\. ?|-)\d{1,2}(?!\d)"
)
GROUPED = re.compile(r"\d{1,3}(?:[ .]\d{3})+")  # an amount perhaps
WORD = re.compile(r"[^\W\d_]{3}")


def names_another_address(task: Task, said: str) -> bool:
    """Whether a number or address stands there that the user neither gave nor is owed, and the one that is asked for does
    not."""
    numbers, addresses, given = _asked(task)
    if not numbers and not addresses:
        return False
    text = plain(said[:LONGEST]).digits
    digits = re.sub(r"\D", "", text)
    if any(number[-TAIL:] in digits for number in numbers) or any(one in text for one in addresses):
        return False
    if addresses and any(one not in given for one in ADDRESS.findall(text)):
        return True
    return bool(numbers) and any(_is_another(match[0], numbers, given) for match in NUMBER.finditer(text))


def _is_another(found: str, numbers: frozenset[str], given: str) -> bool:
    digits = re.sub(r"\D", "", found)
    if DATE.match(found) or digits[-TAIL:] in re.sub(r"\D", "", given):
        return False
    return not GROUPED.fullmatch(found) or len(digits) in map(len, numbers)


@per_task
def _asked(task: Task) -> tuple[frozenset[str], frozenset[str], str]:
    """The digits of the numbers and codes that the right calls take, the addresses, and all that the user wrote or is owed."""
    owed = [str(value) for fact in task.expected.facts for value in (fact["value"], *fact.get("also", ()))]
    given = plain("\n".join([*requests(task), *owed])).digits
    held = [
        plain(value).digits
        for call in task.expected.calls
        for values in call["arguments"].values()
        for value in values[:1]
        if isinstance(value, str)
    ]
    codes = (re.sub(r"\D", "", value) for value in held if not WORD.search(value) and not DATE.match(value))
    addresses = frozenset(value for value in held if ADDRESS.fullmatch(value))
    return frozenset(code for code in codes if len(code) >= SHORTEST), addresses, given
