"""Number words as they are said, and how much they come to."""

import re
from pathlib import Path

import pytest

from rewards.facts.cldr import cldr
from rewards.facts.numerals import in_digits
from rewards.text.normalize import plain

ROWS = Path(__file__).with_name("spoken.tsv").read_text("utf-8").splitlines()[1:]


@pytest.mark.parametrize("row", ROWS)
def test_all_parts_of_a_number_are_read(row):
    locale, said, value, mode = row.split("\t")
    read = in_digits(plain(said), cldr(locale), ordinals=mode == "clock").digits
    numbers = [number.replace(",", ".") for number in re.findall(r"\d+(?:[.,]\d+)?", read)]
    assert numbers == ([] if value == "-" else [value])


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("hi-IN", "सवा पौने लाख"),
        ("zh-CN", "几千五"),
        ("ko-KR", "억 만 원"),
        ("hi-IN", "पौने साढ़े दो लाख"),
    ],
)
def test_nothing_is_read_where_a_part_is_not(locale, said):
    read = in_digits(plain(said), cldr(locale)).digits
    assert not re.search(r"\d", read)
