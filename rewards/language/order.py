"""Which words stand beside one another in a language: what tells sentences from real words in no order.

``order.zip`` has for each language the commonest words, ends and beginnings of words (where no spaces set words apart:
of groups of letters), each with what it wants after it and what it is before it, as two short vectors. Their product is
the log odds that two words are neighbours in a text rather than among the same words shuffled; what is not in the
table speaks for neither. ``benchmarks/order_table.py`` counts it.
"""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise, repeat
from pathlib import Path

from rewards.language.kept import Kept
from rewards.language.letters import letters
from rewards.language.marks import BREAK, MARKS, UNSPACED, VALUE, Bits

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
LEAST = {"hi": 8, "sw": 9, "zh": 10, "ja": 12, "th": 20}  # words, or letters, that tell an order
USUAL_LEAST = 7
# Where fewer letters tell something: from how many on, and the weight at which hardly one native clause in a hundred suffers.
FEWER = {"zh": (5, 0.8), "ja": (6, 0.25), "th": (8, 0.33)}
AT_BAR = 2.0
# Log odds against an order from which a verdict suffers: one in a hundred of the native replies that were kept back from
# the table has more (``benchmarks/spoken``), and no gold reply.
BAR = {
    "ar": 1.5, "bn": 2.7, "de": 1.2, "en": 2.6, "es": 1.0, "fr": 1.0, "hi": 1.0, "ja": 1.7, "ko": 1.2, "pt": 1.1, "ru": 2.0,
    "sw": 1.2, "te": 2.1, "th": 4.2, "zh": 3.8,
}  # fmt: skip
ENDS = {"ko": (2, 1)}  # letters of a word's end
USUAL_ENDS = (3, 2)
ANY = "§"  # stands for any word that the table has something of
LANE = 40  # bits of a number of a vector: room for its product with the sum of all of a text's
HALF, MASK = 1 << LANE - 1, (1 << LANE) - 1

Sides = tuple[int, int]  # what a word, or a group of letters, wants after it, and what it is before others
Parts = tuple[str, ...]  # a word, or letters beside one another


class WordOrder:
    """The order of words in one language, or of its letters.

    A vector is an integer, the coefficients of a polynomial in ``2 ** LANE``, in reverse where it tells what stands
    before others. So a sum of vectors is one of integers, and in the product of two polynomials the coefficient
    in the middle is the vectors' product: some twenty times as fast as number by number.
    """

    def __init__(self, key: str, packed: bytes) -> None:
        head, names, rest = packed.split(b"\n", 2)
        size, pieces = int(head), names.decode("utf-8").split(" ")
        self.key, self.reach = key, UNSPACED.get(key, 1)
        self.many, self.least = MANY.get(key, USUAL_MANY), LEAST.get(key, USUAL_LEAST)
        self.fewest, self.weight = FEWER.get(key, (self.least, 1.0))
        self.middle = LANE * (size - 1)
        self.halves = polynomial(size * [HALF])  # with them no coefficient is below 0
        rows = [[byte - 128 for byte in rest[i : i + size]] for i in range(0, len(rest), size)]
        after, before = map(polynomial, rows[::2]), [polynomial(row[::-1]) for row in rows[1::2]]
        self.table: dict[str, Sides] = dict(zip(pieces, zip(after, before, strict=True), strict=True))
        read = letters(key) if key == "zh" else None
        self.inside: Mapping[str, float] = read.after if read else {}
        self.bits, self.sides, self.pairs = Bits(key), Kept(self._sides), Kept(self._weighed)

    def odds(self, text: str) -> float:
        """Log odds of sentences against words in no order; 0.0 where nothing speaks against them."""
        said = self.bits.said(text)
        if len(said) < self.fewest or (count := sum([word not in MARKS for word in said])) < self.fewest:
            return 0.0
        found = self.beside(said)
        odds = sum(found)
        if odds >= 0:
            return 0.0
        at = [i for i, word in enumerate(said) if word != VALUE]
        words = [found[j - 1] for i, j in pairwise(at) if said[i] not in MARKS and said[j] not in MARKS]
        marks = sum(BREAK not in (said[i], said[j]) for i, j in pairwise(at)) - len(words)
        odds += AGAINST_ANY * (sum(words) - len(words) * self._any_two(said))
        share = self.many / (len(words) + BESIDE_MARKS * marks)
        weight = 1.0 if count >= self.least else self.weight
        return min(0.0, weight * odds * min(1.0, share) * min(1.0, LONG * share))

    def beside(self, said: Sequence[str]) -> list[float]:
        """The weighed log odds of each two neighbours."""
        padded = self._padded(said)
        around = list(zip(*[padded[i:] for i in range(1, 2 * self.reach + 1)], strict=False))
        if VALUE in said:
            for i, word in enumerate(said):
                if word == VALUE:  # after it, what stands before it counts
                    around[i] = padded[i : i + 2 * self.reach + 1]
        return list(map(self.pairs.__getitem__, around))

    def _padded(self, said: Sequence[str]) -> Parts:
        return (*self.reach * [""], *said, *(self.reach - 1) * [""])

    def product(self, after: int, before: int) -> float:
        return STEP**2 * ((((after * before + self.halves) >> self.middle) & MASK) - HALF)

    def pair(self, around: Parts, i: int, j: int) -> float:
        """Log odds that what ends at the one place stands before what begins at the other."""
        odds = self.product(self.sides[self._ending(around, i)][0], self.sides[self._beginning(around, j)][1])
        odds, first, second = min(MOST, max(-MOST, odds)), around[i], around[j]
        if self.reach == 1 and not (first in self.table and second in self.table):
            return RARE * odds
        return WITHIN * odds if odds < 0 and first + second in self.inside else odds

    def _sides(self, parts: Parts) -> Sides:
        """The sums of what the table has of the word, or letters, that are looked at."""
        ends, starts = pieces(parts, self.key)
        after = [sides[0] for piece in ends if (sides := self.table.get(piece))]
        before = [sides[1] for piece in starts if (sides := self.table.get(piece))]
        any_after, any_before = self.table[ANY]
        return sum(after, any_after) if after else 0, sum(before, any_before) if before else 0

    def _weighed(self, around: Parts) -> float:
        """The weighed log odds of the two beside a gap: ``reach`` stand before it, or one more, and ``reach`` after it."""
        return weighed(around, len(around) - self.reach, self.pair)

    def _ending(self, around: Parts, at: int) -> Parts:
        return around[at + 1 - self.reach : at + 1]

    def _beginning(self, around: Parts, at: int) -> Parts:
        return around[at : at + self.reach]

    def _any_two(self, said: Sequence[str]) -> float:
        """The mean log odds of any two different words of a text."""
        padded = self._padded(said)
        at = [i for i, word in enumerate(padded) if word and word not in MARKS]
        after = [self.sides[self._ending(padded, i)][0] for i in at]
        before = [self.sides[self._beginning(padded, i)][1] for i in at]
        odds = sum(map(self.product, after, repeat(sum(before)))) - sum(map(self.product, after, before))
        return odds / (len(at) * (len(at) - 1))


def polynomial(row: Sequence[int]) -> int:
    found = 0
    for coefficient in reversed(row):
        found = (found << LANE) + coefficient
    return found


def weighed(around: Parts, at: int, pair: Callable[[Parts, int, int], float]) -> float:
    """The odds of the word at a place and the one before it, which count less beside a mark and nothing beside a break."""
    left, right = around[at - 1], around[at]
    if right == VALUE:
        return 0.0
    odds = pair(around, at - 1, at)
    if left == VALUE:  # by the value between them, or by what stands around it
        left = around[at - 2]
        odds = max(pair(around, at - 2, at), BESIDE_MARKS * (odds + pair(around, at - 2, at - 1)))
    if left in MARKS or right in MARKS:
        return 0.0 if BREAK in (left, right) else BESIDE_MARKS * odds
    return odds


def pieces(parts: Parts, key: str) -> tuple[list[str], list[str]]:
    """What the table may have of words before others, and of those after them."""
    if key in UNSPACED:
        return ends_of(parts), starts_of(parts)
    found = of_word(parts[0], ENDS.get(key, USUAL_ENDS))
    return found, found


def of_word(word: str, ends: tuple[int, int]) -> list[str]:
    """A word, its ends and its beginning."""
    return [word] if word in MARKS else [word, *("~" + word[-end:] for end in ends), word[:2] + "~"]


def ends_of(parts: Sequence[str]) -> list[str]:
    return ["".join(parts[i:]) for i, part in enumerate(parts) if part]


def starts_of(parts: Sequence[str]) -> list[str]:
    return ["".join(parts[: i + 1]) for i, part in enumerate(parts) if part]


@cache
def known() -> frozenset[str]:
    """The languages that have a table."""
    with zipfile.ZipFile(TABLE) as packed:
        return frozenset(packed.namelist())


@cache
def order(key: str) -> WordOrder | None:
    """The order of a language's words, None where nothing is known of it."""
    if key not in known():
        return None
    with zipfile.ZipFile(TABLE) as packed:
        return WordOrder(key, packed.read(key))


def against(text: str, key: str) -> float:
    """How much a text's order speaks against the language's sentences, 0.0 where it does not or nothing is known of
    it; at ``AT_BAR`` a verdict begins to suffer."""
    found = order(key)
    return -AT_BAR * found.odds(text) / BAR[key] if found else 0.0
