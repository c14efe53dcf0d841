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
from rewards.language.plain import GAP

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
# Log odds against an order from which a verdict suffers: one in a hundred of the native replies that were kept back from
# the table has more (``benchmarks/spoken``), and no gold reply.
BAR = {
    "ar": 1.5, "bn": 2.7, "de": 1.2, "en": 2.6, "es": 1.0, "fr": 1.0, "hi": 1.0, "ja": 1.7, "ko": 1.2, "pt": 1.1, "ru": 2.0,
    "sw": 1.2, "te": 2.1, "th": 4.2, "zh": 3.8,
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


class Pairs(dict[tuple[str, ...], float]):
    """By what stands around a gap, ``reach + 1`` before it and ``reach`` after it: the weighed log odds of the two
    beside it. A missing one is worked out and kept."""

    def __init__(self, odds: Callable[[tuple[str, ...]], float]) -> None:
        self.odds = odds

    def __missing__(self, around: tuple[str, ...]) -> float:
        if len(self) >= KEPT:
            self.clear()
        found = self[around] = self.odds(around)
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
        self.pairs = Pairs(self._weighed)

    def odds(self, text: str) -> float:
        """Log odds of sentences against words in no order; 0.0 where nothing speaks against them."""
        said = tokens(text, self.key)
        if len(said) < self.least:
            return 0.0
        padded = [*self.reach * [""], *said, *(self.reach - 1) * [""]]
        around = zip(*[padded[i:] for i in range(2 * self.reach + 1)], strict=False)
        found = list(map(self.pairs.__getitem__, around))
        odds = sum(found)
        if odds >= 0 or sum([word not in MARKS for word in said]) < self.least:
            return 0.0
        at = [i for i, word in enumerate(said) if word != VALUE]
        words = [found[j - 1] for i, j in pairwise(at) if said[i] not in MARKS and said[j] not in MARKS]
        beside = sum(BREAK not in (said[i], said[j]) for i, j in pairwise(at)) - len(words)
        odds += AGAINST_ANY * (sum(words) - len(words) * self._any_two(said))
        share = self.many / (len(words) + BESIDE_MARKS * beside)
        return min(0.0, odds * min(1.0, share) * min(1.0, LONG * share))

    def _weighed(self, around: tuple[str, ...]) -> float:
        """The odds of the two in the middle, which count less beside a mark and nothing beside a break."""
        left, right = around[: self.reach + 1], around[self.reach + 1 :]
        if right[0] == VALUE:
            return 0.0
        odds = self._pair(left[1:], right)
        if left[-1] == VALUE:  # by the value between them, or by what stands around it
            odds += self._pair(left[:-1], (VALUE, *right[:-1]))
            left = left[:-1]
            odds = max(self._pair(left, right), BESIDE_MARKS * odds)
        beside = (left[-1], right[0])
        return odds if MARKS.isdisjoint(beside) else 0.0 if BREAK in beside else BESIDE_MARKS * odds

    def _pair(self, left: tuple[str, ...], right: tuple[str, ...]) -> float:
        """Log odds that what ends with the one stands before what begins with the other."""
        odds = min(MOST, max(-MOST, float(sum(map(mul, self._after(left), self._before(right))))))
        first, second = left[-1], right[0]
        if self.reach == 1 and not (first in self.after.table and second in self.after.table):
            return RARE * odds
        return WITHIN * odds if odds < 0 and first + second in self.inside else odds

    def _after(self, left: tuple[str, ...]) -> Vector:
        """What the last one wants after it."""
        if self.reach == 1:
            return self.after[left[-1]]
        return self.after[tuple(filter(None, left[-self.reach :]))]

    def _before(self, right: tuple[str, ...]) -> Vector:
        """What the first one is before others."""
        return self.before[right[0]] if self.reach == 1 else self.before[tuple(filter(None, right))]

    def _any_two(self, said: Sequence[str]) -> float:
        """The mean log odds of any two different words of a text."""
        at = [i for i, word in enumerate(said) if word not in MARKS]
        after = [self._after(tuple(said[max(0, i + 1 - self.reach) : i + 1])) for i in at]
        before = [self._before(tuple(said[i : i + self.reach])) for i in at]
        ours = [list(map(sum, zip(*filter(None, side), strict=True))) for side in (after, before)]
        own = sum([sum(map(mul, u, v)) for u, v in zip(after, before, strict=True)])
        return float(sum(map(mul, *ours)) - own) / (len(at) * (len(at) - 1))


def tokens(text: str, key: str) -> list[str]:
    """The words of a text, or its letters, and between them the marks that are not a mere space."""
    found = [STOP]
    # In Thai a space tells something.
    spaces = ("",) if key == "th" else ("", " ") if key in UNSPACED else (" ",)
    for word, gap in (LETTER if key in UNSPACED else WORD).findall(text.lower()):
        found.append(word)
        if gap not in spaces and (key == "th" or not gap.isspace() or GAP in gap or BREAK in gap):
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
    return VALUE if GAP in gap or any(map(str.isdigit, gap)) else PAUSE


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
