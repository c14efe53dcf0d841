"""What CLDR says about a locale, read through Babel once and kept."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from babel import Locale, UnknownLocaleError

from rewards.text.normalize import fold

# Zero of each numbering system; CLDR's data has them, Babel does not.
ZEROS = {
    "latn": "0", "arab": "٠", "arabext": "۰", "beng": "০", "deva": "०", "telu": "౦", "thai": "๐",
    "guru": "੦", "gujr": "૦", "orya": "୦", "taml": "௦", "tamldec": "௦", "knda": "೦", "mlym": "൦", "laoo": "໐",
    "khmr": "០", "mymr": "၀", "tibt": "༠",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Cldr:
    """One locale's data; ``locale`` is Babel's. Told by its identity, since what it is the key of is asked often."""

    locale: Locale

    @property
    def language(self) -> str:
        return str(self.locale.language)

    @property
    def tag(self) -> str:
        """The tag of which ``cldr`` gives this."""
        return str(self.locale)

    @property
    def system(self) -> str:
        """The default numbering system, where we know its digits."""
        system = self.locale.default_numbering_system
        return system if system in ZEROS else "latn"

    @cached_property
    def symbols(self) -> dict[str, str]:
        latin = self.locale.number_symbols["latn"]
        own = self.locale.number_symbols.get(self.system) or {}
        return {key: own.get(key) or latin[key] for key in ("decimal", "group", "minusSign")}

    @property
    def latin_decimal(self) -> str:
        return str(self.locale.number_symbols["latn"]["decimal"])

    @cached_property
    def decimals(self) -> frozenset[str]:
        """Decimal marks of the locale, folded, in its own digits and in Latin ones."""
        return frozenset(fold(mark) for mark in self._marks("decimal"))

    @cached_property
    def groups(self) -> frozenset[str]:
        return frozenset(fold(mark) for mark in self._marks("group"))

    def _marks(self, key: str) -> set[str]:
        return {self.symbols[key], self.locale.number_symbols["latn"][key]}

    @property
    def grouping(self) -> tuple[int, int]:
        """Sizes of the last group and of those before it: (3, 3), or (3, 2) in India."""
        return tuple(self.locale.decimal_formats[None].grouping)

    @cached_property
    def zeros(self) -> frozenset[str]:
        """Zeros of the numbering systems that a reader of the language knows."""
        native = self.locale._data["numbering_systems"].get("native", "latn")
        return frozenset({"0", ZEROS[self.system], ZEROS.get(native, "0")})

    @cached_property
    def prefers_12h(self) -> bool:
        return "h" in unquoted(self.locale.time_formats["short"].pattern)

    def native(self, text: str) -> str:
        """ASCII digits to the locale's own, and no invisible marks of direction."""
        return text.translate(self._own_digits)

    @cached_property
    def _own_digits(self) -> dict[int, int | None]:
        zero = ord(ZEROS[self.system])
        return {ord("0") + i: zero + i for i in range(10)} | dict.fromkeys(map(ord, "\u200e\u200f\u061c"))


def unquoted(pattern: str) -> str:
    return re.sub("'[^']*'", "", pattern)


_of = lru_cache(maxsize=256)(Cldr)  # one object for one locale, however its tag is written


@lru_cache(maxsize=256)
def cldr(tag: str) -> Cldr:
    """The data of a BCP 47 tag; a region that CLDR lacks falls back to the language.

    Raises ValueError for a language that CLDR does not know.
    """
    for candidate in (tag, tag.split("-")[0]):
        try:
            return _of(Locale.parse(candidate.replace("_", "-"), sep="-"))
        except (UnknownLocaleError, ValueError):
            continue
    raise ValueError(f"unknown locale {tag!r}: give a BCP 47 tag that CLDR knows, such as fr-FR")
