"""From where: a reply may not name as the source what the request names as something else.

What stands beside "from" in the request is its source, whatever the two ends of the call are called. Where the request
does not say it so, or one of the two cannot be cut out, nothing is said of the reply.
"""

import re
from functools import lru_cache

from rewards.memo import per_task
from rewards.reply import requests
from rewards.text.normalize import SPACELESS, fold, pieces, plain
from rewards.text.scripts import base
from rewards.types import Task

LENGTH = 24  # characters of a source
ENDS = (re.compile("source|from|origin"), re.compile("target|to|dest"))  # how the two arguments' names begin
SHORTEST = 3  # letters of a word that may tell one end from the other: बचत
# What stands before a source, and what ends it; "of" alone (de, di) is left out.
BEFORE = {
    "en": (r"from|out of", r"to|into|in|onto|has|have|is|was|on|at"),
    "de": (r"vom|von (?:de[mr]|deine[mr]|ihre[mr]|meine[mr]|eure[mr])|aus", r"aufs?|zu[mr]?|ins?|nach|sind|ist|wurden?|am"),
    "nl": (r"van|vanaf", r"naar|op|is|zijn"),
    "es": (r"desde|del|de (?:la|tu|su|mi|vuestra)", r"a|al|hacia|en|ya|el"),
    "fr": (r"depuis|du|de (?:ton|ta|votre|mon|ma|la)", r"vers|sur|à|au|dans|pour|le"),
    "pt": (r"(?<!conta )(?:da|do|desde|de (?:sua|seu|tua|teu|minha|meu))", r"para|pra|pro|na|no|em|até"),
    "it": (r"dal|dalla|da", r"al|alla|a|sul|in|verso"),
    "ru": (r"со?|из", r"на|в|к|до"),
    "uk": (r"зі?|із", r"на|в|у|до"),
    "pl": (r"z|ze", r"na|do"),
    "ar": (r"من", r"إلى|الى|في|ل|على"),
    "th": (r"จาก", r"ไป|เข้า|แล้ว|ใส่|มา|ให้|เรียบร้อย|จำนวน"),
    "zh": (r"从|從|由", r"转|轉|到|划|劃|进|進|挪|往|里|裡|取|扣"),
    "sw": (r"(?:ku|zi|zime|zilizo|zika|ime|iki|zina)?toka|zitoke|uki(?:zi|i)?toa", r"kwenda|hadi|kwenye|na|kuingia|zimeingia"),
    "vi": (r"từ", r"sang|đến|vào|tới"),
    "id": (r"dari", r"ke|sudah|telah"),
}  # fmt: skip
AFTER = {
    "ja": r"から", "ko": r"에서", "hi": r"से", "bn": r"থেকে", "te": r"నుంచి|నుండి", "ta": r"இலிருந்து|லிருந்து", "tr": r"n?[dt][ae]n",
}  # fmt: skip
EDGE = r"[.,;:!?、，。！？।\n]"


def misplaces(task: Task, said: str) -> bool:
    """Whether the reply names both ends, and as its source what the request has elsewhere."""
    asked = _asked(task)
    if asked is None:
        return False
    source, rest = asked
    named, others = _cut(said, task)
    return bool(named & (rest - source)) and bool(others & (source - rest) - named)


@per_task
def _asked(task: Task) -> tuple[frozenset[str], frozenset[str]] | None:
    """The pieces of words of the request's source, and those of all its other words; None where it names none, or
    no call takes two ends."""
    calls = [call.get("arguments") or {} for call in task.expected.calls]
    if not any(all(any(map(end.match, names)) for end in ENDS) for names in calls):
        return None
    source, rest = _cut(" ".join(requests(task)), task)
    return (source, rest) if source - rest else None


def _cut(text: str, task: Task) -> tuple[frozenset[str], frozenset[str]]:
    """The pieces of words of what is named as a source, and of the rest."""
    text, pattern = plain(text).text, _source(base(task.language))
    if pattern is None:
        return frozenset(), frozenset(pieces(text, SHORTEST))
    named = (piece for match in pattern.finditer(text) for piece in pieces(match["source"], SHORTEST))
    return frozenset(named), frozenset(pieces(pattern.sub(" ", text), SHORTEST))


@lru_cache(maxsize=64)
def _source(language: str) -> re.Pattern[str] | None:
    if language in BEFORE:
        before, end = (fold(words) for words in BEFORE[language])
        if language in SPACELESS:
            return re.compile(rf"(?:{before}) ?(?P<source>[^\d]{{1,{LENGTH}}}?)(?={end}|{EDGE}|\d|$)")
        return re.compile(rf"\b(?:{before}) (?P<source>[^\d]{{1,{LENGTH}}}?)(?= (?:{end})\b|{EDGE}| ?\d|$)")
    if language in AFTER:
        if language in SPACELESS:
            return re.compile(rf"(?P<source>[^\d\s、。,]{{1,10}}?)(?:{fold(AFTER[language])})")
        return re.compile(rf"(?<!\S)(?P<source>\S{{1,20}} ?\S{{0,20}}?) ?(?:{fold(AFTER[language])})(?!\w)")
    return None
