"""A number put together from its parts as they are said."""

from decimal import Decimal

from rewards.facts.lexicon import Lexicon

CENT = 100


class Sum:
    """The parts of one number as they are said, each smaller than the last one's grain: 300, then 50 of 350."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon, self.parts = lexicon, list[Decimal]()
        self.waiting: Decimal | None = None  # a scale said before its number
        self.factor = Decimal(1)  # of the last part, where a scale made it
        self.short = False  # whether the last part is a unit right after a scale

    @property
    def begun(self) -> bool:
        return bool(self.parts) or self.waiting is not None

    @property
    def value(self) -> Decimal:
        total = sum(self.parts, self.waiting or Decimal(0))
        return total + self.parts[-1] * (self.factor / 10 - 1) if self.short else total

    def add(self, value: Decimal) -> bool:
        if self.waiting is not None:
            if value >= self.waiting and value >= CENT:
                return False
            self.factor, value, self.waiting = self.waiting, self.waiting * value, None
        elif value == 0 and self.parts:
            self.factor = Decimal(1)
            return self.lexicon.run is not None
        elif self.parts == [0] and self.lexicon.run:
            self.parts.clear()
        if self.parts and not self._fits(value):
            return False
        least = self.lexicon.next_scale
        self.short = least is not None and self.factor >= least and value < 10
        self.parts.append(value)
        return True

    def add_half(self) -> bool:
        """Half of what is said last: a million and a half."""
        if self.waiting is not None:
            self.parts.append(self.waiting)
            self.factor, self.waiting = self.waiting, None
        if not self.parts:
            return False
        self.parts.append(self.factor / 2)
        return True

    def completes(self, value: Decimal) -> bool:
        """Whether digits after a scale are its remainder: 15万6,000, and not "5 thousand 10"."""
        if self.waiting is not None:
            return True
        grain = _grain(self.parts[-1])
        return grain / 10 <= value < grain and grain >= 1000

    def scale(self, word: str) -> bool:
        factor = self.lexicon.scales[word]
        if self.waiting is not None:
            return False
        smaller: list[Decimal] = []
        while self.parts and self.parts[-1] < factor:
            smaller.insert(0, self.parts.pop())
        if not smaller or self.lexicon.scale_first:
            return self._begins(word, factor, smaller)
        scaled = sum(smaller) * factor
        if self.parts and not self._fits(scaled):
            self.parts += smaller
            return False
        self.parts.append(scaled)
        self.factor, self.short = factor, False
        return True

    def _begins(self, word: str, factor: Decimal, smaller: list[Decimal]) -> bool:
        self.parts += smaller
        if smaller or (self.lexicon.alone is not None and word not in self.lexicon.alone):
            return False
        if self.parts and not self._fits(factor):
            return False
        if self.lexicon.scale_first:
            self.waiting = factor
        else:
            self.parts.append(factor)
            self.factor, self.short = factor, False
        return True

    def _fits(self, value: Decimal) -> bool:
        grain = _grain(self.parts[-1])
        return value < grain and (self.lexicon.tens or grain > 10)


def _grain(value: Decimal) -> Decimal:
    """The greatest power of ten that divides the value."""
    digits = f"{value:f}".split(".")[0]
    return Decimal(10) ** (len(digits) - len(digits.rstrip("0"))) if value else Decimal(1)
