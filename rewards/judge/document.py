"""What the judge reads of others, as one JSON document: no text in it can end it, or speak to the judge.

Three defences, whichever model judges: invisible characters are dropped; sentences that speak to a grader
are cut from the reply and the results (``orders.yaml``), so that what is graded is what is left; and every character that chat templates,
tags or JSON are made of is written as an escape, so that no server's tokenizer finds a special token in it.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

from rewards.reply import final_reply, requests, without_code
from rewards.text.normalize import fold, fold_words
from rewards.types import Task, Trajectory

LONGEST = 20_000  # characters of any one text that the judge is shown
MOST_TEXTS = 20  # of the requests, and of the results; the last ones
SEGMENT = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；।؟\n])")
SPECIAL = re.compile(r"[<>{}\[\]|｜＜＞▁`\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
JOINERS = "\u200c\u200d"  # Persian and the scripts of India spell with them
# Cyrillic and Greek letters that look Latin, as an order may be written to pass unread.
LOOKALIKES = str.maketrans("аеорсухіјѕԁһӏкмтвгпαορτυκνιγ", "aeopcyxijsdhlkmtbrnaoptukviy")


@dataclass
class Document:
    """``text`` is JSON on one line; ``cut`` the sentences to a grader that were taken out of it."""

    text: str
    cut: list[str] = field(default_factory=list)


def document(task: Task, trajectory: Trajectory) -> Document:
    """What was asked, in which language, what the tools returned, and the reply."""
    cut: list[str] = []
    asked = list(requests(task))[-MOST_TEXTS:]
    results = [
        json.dumps(r.content, default=str, ensure_ascii=False) for r in trajectory.results[-MOST_TEXTS:]
    ]
    fields = {
        "request": _list([visible(text[:LONGEST]) for text in asked]),
        "language": quoted(task.language),
        "locale": quoted(task.locale),
        "results": _list([_clean(text, cut) for text in results]),
        "reply": quoted(_clean(final_reply(task, trajectory), cut)),
    }
    return Document("{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}", cut)


def graded_reply(task: Task, trajectory: Trajectory) -> str:
    """What the reply says beside orders and code: where that is nothing, nobody is asked; its length is what pay for
    length is measured by."""
    return _clean(without_code(final_reply(task, trajectory)), [])


def _list(texts: list[str]) -> str:
    return "[" + ", ".join(map(quoted, texts)) + "]"


def quoted(text: str) -> str:
    """A JSON string that holds no character of a tag, a template or a line's end; letters stay readable."""
    body = json.dumps(text, ensure_ascii=False)[1:-1]
    return '"' + SPECIAL.sub(lambda match: f"\\u{ord(match[0]):04x}", body) + '"'


def visible(text: str) -> str:
    """Without what nobody sees: marks of direction, tags, fillers, private and unassigned characters."""
    return "".join(c for i, c in enumerate(text) if _shown(c) or _joins(text, i))


def _shown(char: str) -> bool:
    if char in "\n\t":
        return True
    return unicodedata.category(char) not in ("Cf", "Cc", "Co", "Cn", "Cs") and not _filler(char)


def _joins(text: str, i: int) -> bool:
    """Whether a joiner stands between letters of a script that spells with it."""
    if text[i] not in JOINERS or not 0 < i < len(text) - 1:
        return False
    return not text[i - 1].isascii() and unicodedata.category(text[i - 1])[0] in "LM"


def _filler(char: str) -> bool:
    return (
        char in "\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5"
        or "\ufe00" <= char <= "\ufe0f"
        or char >= "\U000e0000"
    )


def _clean(text: str, cut: list[str]) -> str:
    segments = SEGMENT.split(visible(text[:LONGEST]))
    addressed = any(_has("address", segment) for segment in segments)
    kept: list[str] = []
    for segment in segments:
        order = is_order(segment) or (addressed and _has("grade", segment))
        (cut if order else kept).append(segment)
    return (
        " ".join(s.strip() for s in kept if s.strip())
        if len(kept) < len(segments)
        else visible(text[:LONGEST])
    )


def is_order(sentence: str) -> bool:
    """Whether a sentence speaks to a grader, or of a grade to whoever may give it, or of itself and its grade."""
    graded = _has("grade", sentence)
    return _has("address", sentence) or (graded and (_has("self", sentence) or _has("called", sentence)))


def _has(what: str, sentence: str) -> bool:
    folded = " ".join(fold(sentence).split())
    return bool(orders()[what].search(folded) or orders()[what].search(folded.translate(LOOKALIKES)))


@lru_cache(maxsize=1)
def orders() -> dict[str, re.Pattern[str]]:
    """All patterns of ``orders.yaml`` by what they are for, each kind in one, folded as the texts are."""
    by_language = yaml.safe_load((Path(__file__).parent / "orders.yaml").read_text("utf-8"))
    return {
        what: re.compile(_any(p for own in by_language.values() for p in own.get(what, ())))
        for what in ("address", "called", "grade", "self")
    }


def _any(patterns: Iterable[str]) -> str:
    return "|".join(f"(?:{fold_words(pattern)})" for pattern in patterns)
