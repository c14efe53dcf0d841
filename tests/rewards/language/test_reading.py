"""Reading word by word: what is read is what the whole text says, whatever stands in it."""

import random
from dataclasses import astuple

import pytest

from rewards.language.kept import Kept
from rewards.language.plain import plain, without_addresses
from rewards.language.reading import READ_BY_WORDS, Cut, Reader
from rewards.language.sentences import lines
from rewards.language.tokens import token_of
from rewards.text.quotations import without_quotations

# What makes text hard to read: numbers and codes, initials, words in disguise, joined or spelled with marks, scripts that
# need no space, signs that normalization turns into letters, spaces or quotation marks, and letters that look alike.
PIECES = [
    *"aAéßяЖعप한日あกİʼ’'_-./+|,;:!?。؟।،%€$()", *" \n\t\u00a0\u3000\u0301\u064b\u200b\u00ad\u202b\uff21\uff02\ufb01´²½",
    "12:25", "1,705.", "٤:٤٠", "A.", "R.E.M.", "al4rm", "yourAlarmIsSet", "your-alarm-is-set", "US$", "ok", "Ok.", "www",
    "www.", "w.", "Your", "alarm", "is", "set", "réveil", "будильник.", "المنبّه", "अलार्म", "알람이", "アラーム", "аlаrm", "न", "️",
]  # fmt: skip
SPANNING = [
    "“set",
    "set”",
    "«",
    "»",
    "@",
    "a@b.org",
    "https://",
    "://",
    "\u202e",
    "\u202c",
    "＂",
    "＠",
    "「",
    "www.x",
]


def as_a_whole(text: str) -> Cut:
    return lines(without_addresses(without_quotations(plain(text))), Kept(token_of))


def by_words(text: str, reader: Reader) -> Cut | None:
    """As the verifier reads: a text that is plain already, once its quotations are gone."""
    cut = reader.by_words(text)
    return reader.by_words(without_quotations(text)) if cut is None and plain(text) == text else cut


def shown(cut: Cut) -> list[list[list[tuple[object, ...]]]]:
    return [[[astuple(word) for word in sentence] for sentence in line] for line in cut]


@pytest.mark.parametrize("seed", range(12))
def test_word_by_word_or_as_a_whole_a_text_reads_the_same(seed: int) -> None:
    rng, reader, alone = random.Random(seed), Reader(), 0
    pieces = PIECES + SPANNING * (seed % 2)
    for _ in range(1_500):
        glue = rng.choice(["", " ", " "])
        text = glue.join(rng.choice(pieces) for _ in range(rng.randint(1, 9)))
        if (cut := by_words(text, reader)) is not None:
            alone += 1
            assert shown(cut) == shown(as_a_whole(text)), repr(text)
    assert alone > 300


@pytest.mark.parametrize(
    "text",
    ["The song “One more time” plays.", "Write to a@b.org now.", "See www.x.org.", "\u202e.tes si mrala"],
)
def test_what_reaches_over_a_space_is_left_to_the_whole_text(text: str) -> None:
    assert Reader().by_words(text) is None


def test_a_text_of_which_a_part_may_be_left_out_is_read_as_a_whole() -> None:
    assert Reader().by_words("word " * READ_BY_WORDS) is None
