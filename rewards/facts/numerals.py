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

GAP = re.compile("[ '-]{0,2}(?:[وו]|و )?")  # Arabic and Hebrew write "and" with the next word
LONGEST = 60  # letters of a number written as one word
MOST_WORDS = 20_000
HALF, HUNDRED = Decimal("0.5"), Decimal(100)
DIGITS_APART = 3  # of digits that are only said one after another: a year, 二〇二六


class NumeralToken(NamedTuple):
    """A number in digits, ``digits``, or a word; ``word`` may be a part of what is written, in its usual spelling."""

    start: int
    end: int
    word: str
    digits: bool
    more: Decimal = Decimal(0)  # what its ending adds: 0.5 of రెండున్నర


@lru_cache(maxsize=64)
def in_digits(text: Plain, locale: Cldr, ordinals: bool = False) -> Plain:
    """The text with its number words in ASCII digits; ordinals only where they are asked for, as in dates."""
    lexicon = lexicon_of(locale.language, ordinals)
    if lexicon is None:
        return text
    pieces: list[tuple[str, str]] = []
    at = 0
    for start, end, value in _values(text.digits, lexicon, locale):
        apart = " " if at == start and pieces else ""  # ที่สองสี่ทุ่ม is the second one at 4
        written = apart + _written(value, locale) + (" " if start == end else "")
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
            start = tokens[at].start
            found = _number(text, tokens, at, lexicon, locale)
            if found and any(a <= start < b for a, b in never):
                found = None
            if measured := _measured_half(tokens, at, found, lexicon, locale):
                value, at, end = measured
                yield start, end, value
            elif found:
                value, after = found
                if lexicon.clock or not _goes_on(text, tokens, at, after, lexicon):
                    yield start, tokens[after - 1].end, value
                at = after
            else:
                at += 1


def _measured_half(
    tokens: list[NumeralToken], at: int, found: tuple[Decimal, int] | None, lexicon: Lexicon, locale: Cldr
) -> tuple[Decimal, int, int] | None:
    """Two metres and a half, metro y medio: the number, the token after the measure, where the number ends."""
    digits = tokens[at].digits
    measure = found[1] if found else at + digits
    if not _and_half(tokens, measure + 1, lexicon, least=2) or _is_number(tokens[measure], lexicon):
        return None
    number = found[0] if found else literal(tokens[at].word, locale) if digits else None
    end = tokens[measure - 1].end if measure > at else tokens[at].start
    return (number or Decimal(1)) + HALF, measure + 1, end


def _is_number(token: NumeralToken, lexicon: Lexicon) -> bool:
    return token.digits or _is_number_word(token.word, lexicon)


def _goes_on(text: str, tokens: list[NumeralToken], at: int, after: int, lexicon: Lexicon) -> bool:
    """Whether a part of the number, which was not read, touches it: it means another one."""
    before = at > 0 and _adjacent(text, tokens[at - 1], tokens[at])
    behind = after < len(tokens) and _adjacent(text, tokens[after - 1], tokens[after])
    if before and (
        tokens[at - 1].word in lexicon.scales
        or any(_says(tokens, at - len(p), p) for said in lexicon.before.values() for p, _ in said)
    ):
        return True
    return behind and tokens[after].word in lexicon.scales


def _says(tokens: list[NumeralToken], at: int, phrase: tuple[str, ...]) -> bool:
    return at >= 0 and tuple(token.word for token in tokens[at : at + len(phrase)]) == phrase


def _runs(text: str, lexicon: Lexicon) -> Iterator[list[NumeralToken]]:
    """Words and numbers in which number words may stand."""
    if lexicon.run is None or lexicon.pieces is None:
        yield list(_tokens(text, lexicon))
        return
    for match in lexicon.run.finditer(text):
        parts = lexicon.pieces.finditer(text, match.start(), match.end())
        tokens = [NumeralToken(*part.span(), part[0], part[0][0].isdecimal()) for part in parts]
        if not all(token.digits for token in tokens):
            yield tokens


def _tokens(text: str, lexicon: Lexicon) -> Iterator[NumeralToken]:
    for match in TOKEN.finditer(text):
        start, word = match.start(), match[0]
        if word[0].isdecimal():
            yield NumeralToken(start, match.end(), word, True)
            continue
        if word in lexicon.prefixes:  # that some set apart: خمسة و عشرون
            continue
        parts = lexicon.seen.get(word)
        if parts is None:
            if len(lexicon.seen) > MOST_WORDS:
                lexicon.seen.clear()
            parts = lexicon.seen[word] = _known(word, lexicon) or [
                NumeralToken(0, len(word), lexicon.spelled(word), False)
            ]
        for one in parts:
            yield NumeralToken(start + one.start, start + one.end, one.word, one.digits, one.more)


TOKEN = re.compile(rf"{NUMBER}|{WORD}")


def _known(word: str, lexicon: Lexicon) -> list[NumeralToken] | None:
    """The parts of a word that are number words, if it is not one as it stands."""
    if len(word) > LONGEST or _is_number_word(word, lexicon):
        return None
    for prefix in lexicon.prefixes:
        if word.startswith(prefix) and _is_number_word(word[len(prefix) :], lexicon):
            return [NumeralToken(len(prefix), len(word), lexicon.spelled(word[len(prefix) :]), False)]
    for (prefix,), _ in (part for said in lexicon.before.values() for part in said if len(part[0]) == 1):
        if word.startswith(prefix) and _is_number_word(word[len(prefix) :], lexicon):
            number = lexicon.spelled(word[len(prefix) :])
            return [
                NumeralToken(0, len(prefix), prefix, False),
                NumeralToken(len(prefix), len(word), number, False),
            ]
    for pattern, more in (*lexicon.endings, *(((lexicon.suffixes, Decimal(0)),) if lexicon.suffixes else ())):
        for ending in pattern.finditer(word):
            if _is_number_word(word[: ending.start()], lexicon):
                end = ending.start() if lexicon.clock or not more else len(word)
                stem = lexicon.spelled(word[: ending.start()])
                return [NumeralToken(0, end, stem, False, Decimal(0) if lexicon.clock else more)]
    if lexicon.pieces and lexicon.pieces.match(word):
        parts = list(lexicon.pieces.finditer(word))
        if sum(len(part[0]) for part in parts) == len(word):
            return [NumeralToken(*part.span(), part[0], part[0][0].isdecimal()) for part in parts]
    return None


def _is_number_word(word: str, lexicon: Lexicon) -> bool:
    word = lexicon.spelled(word)
    return word in lexicon.words or word in lexicon.scales


def _number(
    text: str, tokens: list[NumeralToken], at: int, lexicon: Lexicon, locale: Cldr
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


def _begins_number(tokens: list[NumeralToken], at: int, lexicon: Lexicon) -> bool:
    """Whether a token may begin one: most words do not."""
    token = tokens[at]
    if token.digits:
        return _is_scaled(tokens, at, lexicon)
    return _is_number_word(token.word, lexicon) or _part(tokens, at, lexicon) is not None


def _is_scaled(tokens: list[NumeralToken], at: int, lexicon: Lexicon) -> bool:
    """Whether a scale follows, or "and a half"."""
    after = at + 1 < len(tokens) and tokens[at + 1].word in lexicon.scales
    return after or _and_half(tokens, at + 1, lexicon) is not None


def _step(
    text: str, tokens: list[NumeralToken], here: int, total: Sum, lexicon: Lexicon, locale: Cldr
) -> int | None:
    """The token after the next part of a number, which is added to the sum; None where the number ends."""
    if total.begun and not _adjacent(text, tokens[here - 1], tokens[here]):
        return None
    token = tokens[here]
    if token.digits:
        follows = here + 1 < len(tokens) and _adjacent(text, token, tokens[here + 1])
        scaled = follows and _is_scaled(tokens, here, lexicon)
        value = literal(token.word, locale)
        if not (scaled or (total.begun and total.completes(value))):
            return None
        return here + 1 if total.add(value) else None
    if total.begun and (half := _and_half(tokens, here, lexicon)):
        return half if total.add_half() else None
    if part := _part(tokens, here, lexicon):
        return _with_part(text, tokens, *part, total, lexicon)
    phrase = _phrase(text, tokens, here, lexicon)
    if phrase and total.add(phrase[0] + tokens[phrase[1] - 1].more):
        return phrase[1]
    if token.word in lexicon.scales and total.scale(token.word) and (not token.more or total.add_half()):
        return here + 1
    if total.begun and token.word in lexicon.joined and here + 1 < len(tokens):
        return _step(text, tokens, here + 1, total, lexicon, locale)
    return None


def _part(tokens: list[NumeralToken], at: int, lexicon: Lexicon) -> tuple[Decimal, int] | None:
    """What a phrase adds to the number after it, and the token there."""
    for phrase, value in lexicon.before.get(tokens[at].word, ()):
        if _says(tokens, at, phrase) and at + len(phrase) < len(tokens):
            return value, at + len(phrase)
    return None


def _with_part(
    text: str, tokens: list[NumeralToken], part: Decimal, after: int, total: Sum, lexicon: Lexicon
) -> int | None:
    """साढ़े सात हज़ार: seven and a half, of a scale; सवा लाख: one and a quarter. On a clock other rules read them."""
    if not _adjacent(text, tokens[after - 1], tokens[after]):
        return None
    phrase = _phrase(text, tokens, after, lexicon)
    value, end = phrase or (Decimal(1), after)
    if value % HUNDRED == 0:  # সাড়ে ছয়শ, whose scale is glued to it
        part *= HUNDRED
    scaled = end < len(tokens) and tokens[end].word in lexicon.scales
    if not (scaled or (phrase and not lexicon.clock)) or not total.add(value + part):
        return None
    return end


def _and_half(tokens: list[NumeralToken], here: int, lexicon: Lexicon, least: int = 1) -> int | None:
    """The token after a phrase for "and a half" of so many words; an "and" that is a letter of the next counts as one."""
    for phrase in lexicon.and_half.get(tokens[here].word, ()) if here < len(tokens) else ():
        if least <= len(phrase) + phrase[0].startswith(lexicon.prefixes) and _says(tokens, here, phrase):
            return here + len(phrase)
    return None


def _said_apart(tokens: list[NumeralToken], at: int, lexicon: Lexicon) -> tuple[Decimal, int] | None:
    """二〇二六: a year or a code, one digit after another."""
    if not lexicon.run or (at and not tokens[at - 1].digits and tokens[at - 1].end == tokens[at].start):
        return None
    digits, here = "", at
    while here < len(tokens) and (value := _unit(tokens[here], lexicon)) is not None:
        digits += str(value)
        here += 1
    return (Decimal(digits), here) if len(digits) >= DIGITS_APART else None


def _unit(token: NumeralToken, lexicon: Lexicon) -> Decimal | None:
    entries = lexicon.words.get(token.word)
    return entries[0][1] if entries and not token.digits and entries[0][1] < 10 else None


def _adjacent(text: str, one: NumeralToken, other: NumeralToken) -> bool:
    return GAP.fullmatch(text, one.end, other.start) is not None


def _phrase(text: str, tokens: list[NumeralToken], at: int, lexicon: Lexicon) -> tuple[Decimal, int] | None:
    """The longest run of words that name one number."""
    for words, value, _ in lexicon.words.get(tokens[at].word, ()):
        after = at + len(words)
        if after > len(tokens) or any(tokens[at + i].word != word for i, word in enumerate(words)):
            continue
        gaps = [text[tokens[i].end : tokens[i + 1].start] for i in range(at, after - 1)]
        teen = 10 < value < 20  # no "and" is in it: שבע עשרה is 17, שבע ועשרה ten past seven
        if all(GAP.fullmatch(gap) and not (teen and gap.strip(" '-")) for gap in gaps):
            return value, after
    return None


def _article(tokens: list[NumeralToken], at: int, lexicon: Lexicon) -> bool:
    """Whether a word for one is but an article here."""
    if tokens[at].word not in lexicon.articles:
        return False
    after = tokens[at + 1].word if at + 1 < len(tokens) else ""
    led = any(_says(tokens, at - len(phrase), phrase) for phrase in lexicon.leads)
    return not after.startswith(lexicon.counted or ("\0",)) and not led


def literal(written: str, locale: Cldr) -> Decimal:
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
