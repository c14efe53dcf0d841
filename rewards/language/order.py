"""Which words stand beside one another in a language: what tells sentences from real words in no order.

``order.zip`` has for each language the commonest words, ends and beginnings of words (where no spaces set words apart:
of groups of letters), each with what it wants after it and what it is before it, as two short vectors. Their product is
the log odds that two words are neighbours in a text rather than among the same words shuffled; what is not in the
table speaks for neither. ``benchmarks/order_table.py`` counts it.
"""

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from itertools import pairwise
from operator import mul
from pathlib import Path

from rewards.language.letters import KEPT, letters

TABLE = Path(str(files(__package__) / "order.zip"))
STEP = 0.1  # log odds' root that one step of a vector is worth
MOST = 3.0  # log odds that two neighbours bring at most, for or against
RARE = 0.5  # weight of the odds of a word that is judged by its ends and its beginning alone
WITHIN = 0.3  # and of odds against two Chinese characters that stand within words
BESIDE_MARKS = 0.5  # weight of a word's odds beside a mark, a number or a value
AGAINST_ANY = 0.25  # weight of what neighbours have before any two of the words
MANY = {"zh": 20, "ja": 25, "th": 40}  # neighbours that count, on the mean of all
USUAL_MANY = 12
LONG = 2  # times as many from which on they count less and less: essays and lists are not like replies
LEAST = {"hi": 8, "zh": 10, "ja": 12, "th": 20}  # words, or letters, that tell an order
USUAL_LEAST = 7
WORD = re.compile(
    r"((?:[^\W\d_][\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0966-\u1fff]*)+)([^\w]*(?:[\d_]+[^\w]*)*)"
)
# Where no spaces set words apart: a letter with its signs, or a word in Latin letters.
LETTER = re.compile(r"([a-z]+|[^\W\d_][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]*)([^\w]*(?:[\d_]+[^\w]*)*)")
AT_BAR = 2.0
# Log odds against an order from which a verdict suffers: seven in a thousand of the native replies that were kept back from
# the table have more (``benchmarks/spoken``), and no gold reply.
BAR = {
    "ar": 3.1, "bn": 3.3, "de": 1.6, "en": 1.7, "es": 1.3, "fr": 1.0, "hi": 1.3, "ja": 1.2, "ko": 2.0, "pt": 3.1, "ru": 2.2,
    "sw": 1.7, "te": 2.0, "th": 10.8, "zh": 3.6,
}  # fmt: skip
UNSPACED = {"zh": 3, "ja": 3, "th": 5}  # letters, with those beside them, that are looked at
ENDS = {"ko": (2, 1)}  # letters of a word's end
USUAL_ENDS = (3, 2)
ANY = "§"  # stands for any word that the table has something of
STOP, BREAK, VALUE, PAUSE = ".", "\n", "#", ","
MARKS = frozenset({STOP, BREAK, VALUE, PAUSE, "'", "-"})
STOPS = frozenset(".!?。！？؟।:;…")

Vector = tuple[float, ...]


class Vectors(dict[str | tuple[str, ...], Vector]):
    """By the word, or letters, that are looked at: the sum of what the table has of them. A missing one is worked
    out and kept."""

    def __init__(self, table: dict[str, Vector], pieces: Callable[..., list[str]]) -> None:
        self.table = table
        self.pieces = pieces

    def __missing__(self, parts: str | tuple[str, ...]) -> Vector:
        if len(self) >= KEPT:
            self.clear()
        known = [self.table[piece] for piece in self.pieces(parts) if piece in self.table]
        found = self[parts] = tuple(map(sum, zip(self.table[ANY], *known, strict=True))) if known else ()
        return found


class Order:
    """The order of words in one language."""

    def __init__(self, key: str, packed: bytes) -> None:
        head, names, rest = packed.split(b"\n", 2)
        size, values = int(head), [STEP * (byte - 128) for byte in rest]
        pieces = names.decode("utf-8").split(" ")
        rows = [tuple(values[i : i + size]) for i in range(0, len(values), size)]
        self.key, self.reach = key, UNSPACED.get(key, 1)
        self.many, self.least = MANY.get(key, USUAL_MANY), LEAST.get(key, USUAL_LEAST)
        read = letters(key) if key == "zh" else None
        self.inside: Mapping[str, float] = read.after if read else {}
        spaced = partial(of_word, ends=ENDS.get(key, USUAL_ENDS))
        ends, starts = (ends_of, starts_of) if key in UNSPACED else (spaced, spaced)
        self.after = Vectors(dict(zip(pieces, rows[::2], strict=True)), ends)
        self.before = Vectors(dict(zip(pieces, rows[1::2], strict=True)), starts)

    def odds(self, text: str) -> float:
        """Log odds of sentences against words in no order; 0.0 where nothing speaks against them."""
        said = tokens(text, self.key)
        if len(said) < self.least or sum([word not in MARKS for word in said]) < self.least:
            return 0.0
        after, before = self._vectors(said)
        words, beside, count, marks = 0.0, 0.0, 0, 0
        at = [i for i, word in enumerate(said) if word != VALUE]
        for i, j in pairwise(at):
            odds = self._pair(said, after, before, i, j)
            if j > i + 1:  # by the value between them, or by what stands around it
                around = self._pair(said, after, before, i, i + 1) + self._pair(said, after, before, j - 1, j)
                odds = max(odds, BESIDE_MARKS * around)
            if said[i] not in MARKS and said[j] not in MARKS:
                words, count = words + odds, count + 1
            elif BREAK not in (said[i], said[j]):
                beside, marks = beside + odds, marks + 1
        odds = words + BESIDE_MARKS * beside
        seen = count + BESIDE_MARKS * marks
        if odds >= 0:
            return 0.0
        odds += AGAINST_ANY * (words - count * _any_two(said, after, before))
        return min(0.0, odds * min(1.0, self.many / seen) * min(1.0, LONG * self.many / seen))

    def _pair(
        self, said: Sequence[str], after: Sequence[Vector], before: Sequence[Vector], i: int, j: int
    ) -> float:
        """Log odds that the one stands before the other."""
        odds = min(MOST, max(-MOST, float(sum(map(mul, after[i], before[j])))))
        if self.reach == 1 and not (said[i] in self.after.table and said[j] in self.after.table):
            return RARE * odds
        return WITHIN * odds if odds < 0 and said[i] + said[j] in self.inside else odds

    def _vectors(self, said: Sequence[str]) -> tuple[list[Vector], list[Vector]]:
        """Of each word what it wants after it, and what it is before the next."""
        if self.reach == 1:
            return [self.after[word] for word in said], [self.before[word] for word in said]
        reach, ends = self.reach, range(1, len(said) + 1)
        after = [self.after[tuple(said[max(0, end - reach) : end])] for end in ends]
        return after, [self.before[tuple(said[end - 1 : end - 1 + reach])] for end in ends]


def _any_two(said: Sequence[str], after: Sequence[Vector], before: Sequence[Vector]) -> float:
    """The mean log odds of any two different words of a text."""
    both = [(u, v) for word, u, v in zip(said, after, before, strict=True) if word not in MARKS]
    ours = [list(map(sum, zip(*filter(None, side), strict=True))) for side in zip(*both, strict=True)]
    own = sum([sum(map(mul, u, v)) for u, v in both])
    return float(sum(map(mul, *ours)) - own) / (len(both) * (len(both) - 1))


def tokens(text: str, key: str) -> list[str]:
    """The words of a text, or its letters, and between them the marks that are not a mere space."""
    found = [STOP]
    spaces = ("", " ") if key in ("zh", "ja") else ("",) if key in UNSPACED else (" ",)
    for word, gap in (LETTER if key in UNSPACED else WORD).findall(text.lower()):
        found.append(word)
        if gap not in spaces and (gap == " " or len(gap) > 1 or not gap.isspace() or gap == BREAK):
            found.append(mark(gap))
    if found[-1] in MARKS:
        found.pop()
    found.append(STOP)
    return found


def mark(gap: str) -> str:
    """What stands between two words: the end of a line or a sentence, a number or a value, a pause."""
    if gap in MARKS:
        return gap
    if "\n" in gap:
        return BREAK
    if not STOPS.isdisjoint(gap):
        return STOP
    return VALUE if "  " in gap or any(map(str.isdigit, gap)) else PAUSE


def of_word(word: str, ends: tuple[int, int]) -> list[str]:
    """A word, its ends and its beginning."""
    return [word] if word in MARKS else [word, *("~" + word[-end:] for end in ends), word[:2] + "~"]


def ends_of(parts: Sequence[str]) -> list[str]:
    return ["".join(parts[i:]) for i in range(len(parts))]


def starts_of(parts: Sequence[str]) -> list[str]:
    return ["".join(parts[: i + 1]) for i in range(len(parts))]


@cache
def known() -> frozenset[str]:
    """The languages that have a table."""
    with zipfile.ZipFile(TABLE) as packed:
        return frozenset(packed.namelist())


@cache
def order(key: str) -> Order | None:
    """The order of a language's words, None where nothing is known of it."""
    if key not in known():
        return None
    with zipfile.ZipFile(TABLE) as packed:
        return Order(key, packed.read(key))


def against(text: str, key: str) -> float:
    """How much a text's order speaks against the language's sentences, 0.0 where it does not or nothing is known of
    it; at ``AT_BAR`` a verdict begins to suffer."""
    found = order(key)
    return -AT_BAR * found.odds(text) / BAR[key] if found else 0.0
