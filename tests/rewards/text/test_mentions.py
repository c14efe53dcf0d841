"""Names found in a text, whatever ending they take there."""

from hypothesis import given
from hypothesis import strategies as st

from rewards.text.mentions import mentions

NAMED = [
    (["москва"], "сейчас в москве 5 часов", ["москв"]),
    (["paris"], "paris, not parisian life or comparis", ["paris", "paris"]),
    (["القاهرة"], "الساعة بالقاهرة الآن", ["القاهرة"]),
    (["rom"], "in rom, nicht in romanshorn", ["rom"]),
    (["東京"], "東京は17時です", ["東京"]),
]


def test_a_name_is_found_at_the_start_of_words_in_its_cases() -> None:
    for names, text, found in NAMED:
        assert [text[start:end] for start, end in mentions(names, text)] == found


@given(st.lists(st.text(max_size=6)), st.text(max_size=60))
def test_whatever_is_looked_for_ends_and_stands_there(names: list[str], text: str) -> None:
    """Also an empty name, which would be found without end."""
    for start, end in mentions(names, text):
        assert 0 <= start < end <= len(text)
        assert any(name[:-1] in text[start:end] for name in names if name)
