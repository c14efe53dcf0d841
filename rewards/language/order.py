"""Which words stand beside one another in a language: what tells sentences from real words in no order.

``order.zip`` has for each language the commonest words, ends and beginnings of words (where no spaces set words apart:
of groups of letters), each with what it wants after it and what it is before it, as two short vectors. Their product is
the log odds that two words are neighbours in a text rather than among the same words shuffled; what is not in the
table speaks for neither. ``benchmarks/order_table.py`` counts it.
"""

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise, repeat
from operator import add
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
LANE = (
    40  # bits of a number of a vector, a multiple of 8: room for its product with the sum of all of a text's
)
HALF, MASK = 1 << LANE - 1, (1 << LANE) - 1
NOTHING = (0, 0)

Around = tuple[str, str, str]  # the word before a word, that word, and the one after it
Sides = tuple[int, int]  # what a word, or a group of letters, wants after it, and what it is before others


class Order:
    """The order of words in one language, or of its letters.

    A vector is an integer, the coefficients of a polynomial in ``2 ** LANE``, in reverse where it tells what stands
    before others. So a sum of vectors is one of integers, and in the product of two polynomials the coefficient
    in the middle is the vectors' product: some twenty times as fast as number by number.
    """

    def __init__(self, key: str, packed: bytes) -> None:
        head, names, rest = packed.split(b"\n", 2)
        size, pieces = int(head), names.decode("utf-8").split(" ")
        self.key = key
        self.many, self.least = MANY.get(key, USUAL_MANY), LEAST.get(key, USUAL_LEAST)
        self.middle = LANE * (size - 1)
        self.halves = _polynomial(size * [HALF])  # with them no coefficient is below 0
        rows = [[byte - 128 for byte in rest[i : i + size]] for i in range(0, len(rest), size)]
        after, before = map(_polynomial, rows[::2]), [_polynomial(row[::-1]) for row in rows[1::2]]
        self.table: dict[str, Sides] = dict(zip(pieces, zip(after, before, strict=True), strict=True))

    def odds(self, text: str) -> float:
        """Log odds of sentences against words in no order; 0.0 where nothing speaks against them."""
        said = tokens(text, self.key)
        if len(said) < self.least:
            return 0.0
        found = self.beside(said)
        odds = sum(found)
        if odds >= 0 or sum([word not in MARKS for word in said]) < self.least:
            return 0.0
        at = [i for i, word in enumerate(said) if word != VALUE]
        words = [found[j - 1] for i, j in pairwise(at) if said[i] not in MARKS and said[j] not in MARKS]
        marks = sum(BREAK not in (said[i], said[j]) for i, j in pairwise(at)) - len(words)
        odds += AGAINST_ANY * (sum(words) - len(words) * self._any_two(said))
        share = self.many / (len(words) + BESIDE_MARKS * marks)
        return min(0.0, odds * min(1.0, share) * min(1.0, LONG * share))

    def beside(self, said: Sequence[str]) -> list[float]:
        """The weighed log odds of each two neighbours."""
        raise NotImplementedError

    def sides(self, said: Sequence[str]) -> list[Sides]:
        """Of each word, 0 where nothing is known of it."""
        raise NotImplementedError

    def product(self, after: int, before: int) -> float:
        return STEP**2 * ((((after * before + self.halves) >> self.middle) & MASK) - HALF)

    def _any_two(self, said: Sequence[str]) -> float:
        """The mean log odds of any two different words of a text."""
        found = [sides for word, sides in zip(said, self.sides(said), strict=True) if word not in MARKS]
        every = sum(before for _, before in found)
        odds = sum(self.product(after, every) - self.product(after, before) for after, before in found)
        return odds / (len(found) * (len(found) - 1))


class OfWords(Order):
    """Where spaces set words apart: what is found of a word, and of two neighbours, is kept."""

    def __init__(self, key: str, packed: bytes) -> None:
        super().__init__(key, packed)
        self.words = Words(self.table, ENDS.get(key, USUAL_ENDS))
        self.pairs = Pairs(self)

    def beside(self, said: Sequence[str]) -> list[float]:
        return list(map(self.pairs.__getitem__, zip(["", *said], said, said[1:], strict=False)))

    def sides(self, said: Sequence[str]) -> list[Sides]:
        return list(map(self.words.__getitem__, said))

    def pair(self, first: str, second: str) -> float:
        """Log odds that the one stands before the other."""
        odds = min(MOST, max(-MOST, self.product(self.words[first][0], self.words[second][1])))
        return odds if first in self.table and second in self.table else RARE * odds


class Words(dict[str, Sides]):
    """By word the sum of what the table has of it. A missing one is worked out and kept."""

    def __init__(self, table: dict[str, Sides], ends: tuple[int, int]) -> None:
        self.table, self.ends = table, ends

    def __missing__(self, word: str) -> Sides:
        if len(self) >= KEPT:
            self.clear()
        after, before = self.table[ANY]
        known = [self.table[piece] for piece in of_word(word, self.ends) if piece in self.table]
        for wanted, is_before in known:
            after, before = after + wanted, before + is_before
        found = self[word] = (after, before) if known else NOTHING
        return found


class Pairs(dict[Around, float]):
    """By two neighbours and the word before them: their weighed log odds. Missing ones are worked out and kept."""

    def __init__(self, order: OfWords) -> None:
        self.order = order

    def __missing__(self, around: Around) -> float:
        if len(self) >= KEPT:
            self.clear()
        found = self[around] = weighed(around, 2, lambda i, j: self.order.pair(around[i], around[j]))
        return found


class OfLetters(Order):
    """Where no spaces set words apart, a letter is looked at with up to ``reach`` in all; of these groups too few come
    again to keep what is found."""

    def __init__(self, key: str, packed: bytes) -> None:
        super().__init__(key, packed)
        self.reach = UNSPACED[key]
        read = letters(key) if key == "zh" else None
        self.inside: Mapping[str, float] = read.after if read else {}
        # No group is known whose letters are not, so that what any has comes with these.
        any_after, any_before = self.table[ANY]
        for piece, (after, before) in self.table.items():
            if piece in MARKS or is_letter(piece):
                self.table[piece] = any_after + after, any_before + before

    def beside(self, said: Sequence[str]) -> list[float]:
        after, before = self._sums(said)

        def pair(i: int, j: int) -> float:
            odds = self.product(after[i], before[j])
            if odds < 0:
                return max(-MOST, odds) * (WITHIN if said[i] + said[j] in self.inside else 1.0)
            return min(MOST, odds)

        marks = [word in MARKS for word in said]
        return [
            weighed(said, j, pair) if marks[j] or marks[j - 1] else pair(j - 1, j)
            for j in range(1, len(said))
        ]

    def sides(self, said: Sequence[str]) -> list[Sides]:
        return list(zip(*self._sums(said), strict=True))

    def _sums(self, said: Sequence[str]) -> tuple[list[int], list[int]]:
        """Of each letter what the groups that end with it want, and what those are that begin with it."""
        groups, after, before = list(said), [0] * len(said), [0] * len(said)
        for size in range(min(self.reach, len(said))):  # letters of a group, less one
            wanted, is_before = zip(*map(self.table.get, groups, repeat(NOTHING)), strict=True)
            after[size:] = map(add, after[size:], wanted)
            before[: len(groups)] = map(add, before, is_before)
            groups = list(map(add, groups, said[size + 1 :]))
        return after, before


def _polynomial(row: Sequence[int]) -> int:
    found = 0
    for coefficient in reversed(row):
        found = (found << LANE) + coefficient
    return found


def is_letter(piece: str) -> bool:
    found = LETTER.match(piece)
    return found is not None and found[1] == piece


def weighed(said: Sequence[str], at: int, pair: Callable[[int, int], float]) -> float:
    """The odds of a word and the one before it, which count less beside a mark and nothing beside a break."""
    if said[at] == VALUE:
        return 0.0
    odds, left = pair(at - 1, at), said[at - 1]
    if left == VALUE:  # by the value between them, or by what stands around it
        left = said[at - 2]
        odds = max(pair(at - 2, at), BESIDE_MARKS * (odds + pair(at - 2, at - 1)))
    beside = (left, said[at])
    return odds if MARKS.isdisjoint(beside) else 0.0 if BREAK in beside else BESIDE_MARKS * odds


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
        return (OfLetters if key in UNSPACED else OfWords)(key, packed.read(key))


def against(text: str, key: str) -> float:
    """How much a text's order speaks against the language's sentences, 0.0 where it does not or nothing is known of
    it; at ``AT_BAR`` a verdict begins to suffer."""
    found = order(key)
    return -AT_BAR * found.odds(text) / BAR[key] if found else 0.0
