"""Number words as digits: "halb acht" becomes "halb 8", "quinhentos reais" "500 reais", 15万6千円 156000円.

Everything that looks for a value then reads digits only. What is said above a hundred is put together from the words
of the ``lexicon``.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from rewards.facts.cldr import Cldr
from rewards.facts.lexicon import NUMBER, Lexicon
from rewards.facts.lexicon import lexicon as lexicon_of
from rewards.facts.sums import Sum
from rewards.text.normalize import WORD, Plain

GAP = re.compile("[ '-]{0,2}[وו]?")  # Arabic and Hebrew write "and" with the next word
LONGEST = 60  # letters of a number written as one word
MOST_WORDS = 20_000
DIGITS_APART = 3  # of digits that are only said one after another: a year, 二〇二六


class Token(NamedTuple):
    """A number in digits, ``digits``, or a word; ``word`` may be a part of what is written."""

    start: int
    end: int
    word: str
    digits: bool


@lru_cache(maxsize=64)
def in_digits(text: Plain, locale: Cldr, ordinals: bool = False) -> Plain:
    """The text with its number words in ASCII digits; ordinals only where they are asked for, as in dates."""
    lexicon = lexicon_of(locale.language, ordinals)
    if lexicon is None:
        return text
    pieces: list[tuple[str, str]] = []
    at = 0
    for start, end, value in _values(text.digits, lexicon, locale):
        written = _written(value, locale)
        pieces += [(text.text[at:start], text.digits[at:start]), (written, written)]
        at = end
    if not pieces:
        return text
    pieces.append((text.text[at:], text.digits[at:]))
    return Plain("".join(p[0] for p in pieces), "".join(p[1] for p in pieces))


def _written(value: Decimal, locale: Cldr) -> str:
    whole, _, fraction = f"{value:f}".partition(".")
    fraction = fraction.rstrip("0")
    return whole + (locale.latin_decimal + fraction if fraction else "")


def _values(text: str, lexicon: Lexicon, locale: Cldr) -> Iterator[tuple[int, int, Decimal]]:
    never = [match.span() for match in lexicon.never.finditer(text)] if lexicon.never else []
    for tokens in _runs(text, lexicon):
        at = 0
        while at < len(tokens):
            found = _number(text, tokens, at, lexicon, locale)
            if found and not any(a <= tokens[at].start < b for a, b in never):
                value, after = found
                yield tokens[at].start, tokens[after - 1].end, value
                at = after
            else:
                at += 1


def _runs(text: str, lexicon: Lexicon) -> Iterator[list[Token]]:
    """Words and numbers in which number words may stand."""
    if lexicon.run is None or lexicon.pieces is None:
        yield list(_tokens(text, lexicon))
        return
    for match in lexicon.run.finditer(text):
        parts = lexicon.pieces.finditer(text, match.start(), match.end())
        tokens = [Token(*part.span(), part[0], part[0][0].isdecimal()) for part in parts]
        if not all(token.digits for token in tokens):
            yield tokens


def _tokens(text: str, lexicon: Lexicon) -> Iterator[Token]:
    for match in TOKEN.finditer(text):
        start, word = match.start(), match[0]
        if word[0].isdecimal():
            yield Token(start, match.end(), word, True)
            continue
        parts = lexicon.seen.get(word)
        if parts is None:
            if len(lexicon.seen) > MOST_WORDS:
                lexicon.seen.clear()
            parts = lexicon.seen[word] = _known(word, lexicon) or [(0, word)]
        for inner_start, inner in parts:
            yield Token(start + inner_start, start + inner_start + len(inner), inner, False)


TOKEN = re.compile(rf"{NUMBER}|{WORD}")


def _known(word: str, lexicon: Lexicon) -> list[tuple[int, str]] | None:
    """The parts of a word that are number words, if it is not one as it stands."""
    if len(word) > LONGEST or _is_number_word(word, lexicon):
        return None
    for prefix in lexicon.prefixes:
        if word.startswith(prefix) and _is_number_word(word[len(prefix) :], lexicon):
            return [(len(prefix), word[len(prefix) :])]
    if lexicon.suffixes:
        for ending in lexicon.suffixes.finditer(word):
            if _is_number_word(word[: ending.start()], lexicon):
                return [(0, word[: ending.start()])]
    if lexicon.pieces and lexicon.pieces.match(word):
        parts = list(lexicon.pieces.finditer(word))
        if sum(len(part[0]) for part in parts) == len(word):
            return [(part.start(), part[0]) for part in parts]
    return None


def _is_number_word(word: str, lexicon: Lexicon) -> bool:
    return word in lexicon.words or word in lexicon.scales


def _number(
    text: str, tokens: list[Token], at: int, lexicon: Lexicon, locale: Cldr
) -> tuple[Decimal, int] | None:
    """The number that begins with a token, and the token after it; None where no word is in it."""
    if not _begins_number(tokens, at, lexicon):
        return None
    spoken = _said_apart(tokens, at, lexicon)
    if spoken:
        return spoken
    total, here, words = Sum(lexicon), at, 0
    while here < len(tokens):
        step = _step(text, tokens, here, total, lexicon, locale)
        if step is None:
            break
        words += any(not token.digits for token in tokens[here:step])
        here = step
    if not words or (here == at + 1 and _article(tokens, at, lexicon)):
        return None
    return total.value, here


def _begins_number(tokens: list[Token], at: int, lexicon: Lexicon) -> bool:
    """Whether a token may begin one: most words do not."""
    token = tokens[at]
    if token.digits:
        return at + 1 < len(tokens) and tokens[at + 1].word in lexicon.scales
    return _is_number_word(token.word, lexicon) or token.word in lexicon.half


def _step(
    text: str, tokens: list[Token], here: int, total: Sum, lexicon: Lexicon, locale: Cldr
) -> int | None:
    """The token after the next part of a number, which is added to the sum; None where the number ends."""
    if total.begun and not _adjacent(text, tokens[here - 1], tokens[here]):
        return None
    token = tokens[here]
    if token.digits:
        follows = here + 1 < len(tokens) and _adjacent(text, token, tokens[here + 1])
        scaled = follows and tokens[here + 1].word in lexicon.scales
        value = literal(token.word, locale)
        if value is None or not (scaled or (total.begun and total.completes(value))):
            return None
        return here + 1 if total.add(value) else None
    if token.word in lexicon.half and here + 1 < len(tokens):
        return _half(text, tokens, here, total, lexicon)
    phrase = _phrase(text, tokens, here, lexicon)
    if phrase and total.add(phrase[0]):
        return phrase[1]
    if token.word in lexicon.scales and total.scale(token.word):
        return here + 1
    if total.begun and token.word in lexicon.joined and here + 1 < len(tokens):
        return _step(text, tokens, here + 1, total, lexicon, locale)
    return None


def _half(text: str, tokens: list[Token], here: int, total: Sum, lexicon: Lexicon) -> int | None:
    """साढ़े सात हज़ार: seven and a half, of a scale."""
    phrase = _phrase(text, tokens, here + 1, lexicon)
    scaled = phrase and phrase[1] < len(tokens) and tokens[phrase[1]].word in lexicon.scales
    if not phrase or not scaled or not total.add(phrase[0] + Decimal("0.5")):
        return None
    return phrase[1]


def _said_apart(tokens: list[Token], at: int, lexicon: Lexicon) -> tuple[Decimal, int] | None:
    """二〇二六: a year or a code, one digit after another."""
    if not lexicon.run or (at and not tokens[at - 1].digits and tokens[at - 1].end == tokens[at].start):
        return None
    digits, here = "", at
    while here < len(tokens) and (value := _unit(tokens[here], lexicon)) is not None:
        digits += str(value)
        here += 1
    return (Decimal(digits), here) if len(digits) >= DIGITS_APART else None


def _unit(token: Token, lexicon: Lexicon) -> Decimal | None:
    entries = lexicon.words.get(token.word)
    return entries[0][1] if entries and not token.digits and entries[0][1] < 10 else None


def _adjacent(text: str, one: Token, other: Token) -> bool:
    return GAP.fullmatch(text, one.end, other.start) is not None


def _phrase(text: str, tokens: list[Token], at: int, lexicon: Lexicon) -> tuple[Decimal, int] | None:
    """The longest run of words that name one number."""
    for words, value, _ in lexicon.words.get(tokens[at].word, ()):
        after = at + len(words)
        if after > len(tokens) or any(tokens[at + i].word != word for i, word in enumerate(words)):
            continue
        if all(_adjacent(text, tokens[i], tokens[i + 1]) for i in range(at, after - 1)):
            return value, after
    return None


def _article(tokens: list[Token], at: int, lexicon: Lexicon) -> bool:
    """Whether a word for one is but an article here."""
    if tokens[at].word not in lexicon.articles:
        return False
    after = tokens[at + 1].word if at + 1 < len(tokens) else ""
    before = tokens[at - 1].word if at else ""
    return not after.startswith(lexicon.counted or ("\0",)) and before not in lexicon.leads


def literal(written: str, locale: Cldr) -> Decimal | None:
    """A number in digits, by the locale's marks where they leave a doubt."""
    parts, marks = re.split(r"\D", written), re.findall(r"\D", written)
    if not marks:
        return Decimal(written)
    last_is_decimal = marks[-1] in locale.decimals and not (
        len(marks) == 1 and len(parts[-1]) == 3 and marks[-1] in locale.groups
    )
    if len(marks) == 1 and len(parts[-1]) != 3:
        last_is_decimal = True
    if len(marks) > 1:
        last_is_decimal = marks[-1] != marks[0]
    whole = "".join(parts[:-1])
    return Decimal(f"{whole}.{parts[-1]}") if last_is_decimal else Decimal(whole + parts[-1])
