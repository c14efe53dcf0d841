"""Simplified and traditional Chinese, Cantonese and Mandarin, told apart by characters that only one has."""

from collections.abc import Iterable
from functools import lru_cache

# The standards of the mainland and of Taiwan: what one of them lacks belongs to the other.
STANDARD = {"Hans": "gb2312", "Hant": "big5"}
# Of Cantonese as it is spoken: possessive, perfect, "at", "not", "there is none", "they" …; and their like in Mandarin.
CANTONESE = frozenset("嘅咗喺唔冇啲嚟畀俾佢哋咁乜嗰攞搵嘢啱瞓嗌喎㗎咩噉諗係")
UNITS = frozenset("年月日時分")  # of dates and times, the same in Chinese and Japanese
MANDARIN = frozenset("的了嗎吗們们這这沒没他她吧給给是在不")
OTHER = {"Hans": "Hant", "Hant": "Hans"}


def other_characters(han: str, words: Iterable[str]) -> bool:
    """Whether more characters belong to the other way of writing than to the expected one."""
    own = other = 0
    for char in (c for word in words for c in word if c >= "\u3400"):
        only = _only(char)
        own += only == han
        other += only == OTHER[han]
    return other > own


@lru_cache(maxsize=16384)
def _only(char: str) -> str | None:
    """The way of writing whose standard alone has the character."""
    has = [han for han, encoding in STANDARD.items() if char.encode(encoding, "ignore")]
    return has[0] if len(has) == 1 else None


def not_japanese(text: str) -> bool:
    """Whether a text without kana has Chinese characters that JIS X 0208 lacks, as 还 and 钟, or hardly any but
    Mandarin's function words."""
    han = [c for c in text if c >= "\u3400" and c not in UNITS]
    if not han or any("\u3041" <= c <= "\u30ff" for c in text):
        return False
    return any(not c.encode("cp932", "ignore") for c in han) or sum(c in MANDARIN for c in han) > len(han) / 2


def cantonese(text: str) -> int:
    """How many more characters are Cantonese than Mandarin."""
    return sum((c in CANTONESE) - (c in MANDARIN) for c in text)
