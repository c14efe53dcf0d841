"""Words and marks read bit by bit are those of the whole text, and vectors as integers give the sums of products."""

import random
import time
import zipfile

import pytest

from rewards.language.marks import PAUSE, STOP, VALUE, Bits, tokens
from rewards.language.order import STEP, TABLE, known, order, polynomial
from rewards.language.plain import GAP, plain, without_addresses
from tests.rewards.language.test_salad import SAID, WORDS, salads

ODD = [
    "", " ", "7:30", "7:30 Uhr, dann 8.", "(Ja) – «gut», sagt er… l'heure n'est-ce pas?", f"Um {GAP * 3} klingelt es.",
    "Zeile eins\nZeile zwei\n\n- drei", "weich\u00adtrennbar und\u00a0geschützt\tfertig", "R.E.M. spielt morgen", "al4rm gesetzt",
    "yourAlarmIsSet for_the_morning", "你好Siri，7点 见", "ตั้งปลุก 7 โมง แล้วค่ะ", "مرحبا\u200f، صباح اليوم.", "Ⅻ ½ ㎏ ﬁn", "İstanbul ok OK Σίσυφος",
]  # fmt: skip


@pytest.mark.parametrize("language", sorted(known()))
def test_a_text_read_bit_by_bit_is_the_whole_text(language):
    bits = Bits(language)
    for text in [*ODD, *SAID[language], *salads(language)]:
        for _ in range(2):  # the second time from what is kept
            whole = tokens(without_addresses(plain(text)), language)
            assert bits.said(text) == (whole if len(whole) > 1 else [STOP, STOP])


def test_what_stands_between_two_words_is_read_once_however_long_it_is():
    begin = time.process_time()
    assert Bits("de").said("ja" + 100_000 * " " + "nein" + 50_000 * " ." + "doch") == [
        STOP,
        "ja",
        "nein",
        STOP,
        "doch",
        STOP,
    ]
    assert time.process_time() - begin < 1


def test_values_pauses_and_ends_are_marks_and_a_mere_space_is_none():
    assert tokens(f"Um {GAP} Uhr, ja. Gut", "de") == [
        STOP,
        "um",
        VALUE,
        "uhr",
        PAUSE,
        "ja",
        STOP,
        "gut",
        STOP,
    ]
    assert tokens("ลบ แล้ว", "th").count(PAUSE) == 1


@pytest.mark.parametrize("space", ["\u00a0", "\t", "  ", " \u200b"])
def test_no_other_space_hides_words_in_no_order(space):
    for language in WORDS:
        if language not in ("zh", "ja", "th"):
            for text in salads(language, 20):
                assert order(language).odds(text.replace(" ", space)) == order(language).odds(text)


@pytest.mark.parametrize("language", ["de", "th"])
def test_the_middle_of_polynomials_is_the_product_of_vectors(language):
    with zipfile.ZipFile(TABLE) as packed:
        head, names, rest = packed.read(language).split(b"\n", 2)
    size, pieces, draw = int(head), names.decode().split(" "), random.Random(0)
    rows = [[byte - 128 for byte in rest[i : i + size]] for i in range(0, len(rest), size)]
    found = order(language)
    for _ in range(200):
        i, many = draw.randrange(len(pieces)), draw.choices(range(len(pieces)), k=50)
        before = [sum(rows[2 * j + 1][n] for j in many) for n in range(size)]
        product = found.product(found.table[pieces[i]][0], sum(found.table[pieces[j]][1] for j in many))
        assert product == pytest.approx(
            STEP**2 * sum(a * b for a, b in zip(rows[2 * i], before, strict=True))
        )


@pytest.mark.parametrize(("language", "most"), [("de", 5 * 128), ("th", 6 * 128)])
def test_no_number_runs_over_into_the_next_however_long_a_text_is(language, most):
    """The largest sums of a word's pieces against those of as many words as any text is read of."""
    size = {"de": 16, "th": 10}[language]
    one = polynomial([most] * size)
    for before in (one, -one):
        product = order(language).product(one, 50_000 * before)
        assert product == pytest.approx(STEP**2 * size * most**2 * 50_000 * (1 if before > 0 else -1))
