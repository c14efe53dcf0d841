import pytest

from rewards.text.quotations import LONGEST, quotations, unquoted, without_quotations

SAID = [
    'Ich spiele "Du hast" für dich.', "Je lance « Ne me quitte pas » pour vous.", "Ich spiele „Du hast“ für dich.",
    "Ich spiele »Du hast« für dich.", "「君の名は」を再生します。", "正在播放《後來》。", "Włączam „Jolene” teraz.",
    "I run `make all` now.", "Nå spiller «Take On Me» her.", "Spelar ”Vem vet” nu.", "It's ‘Hey Jude’ now.",
]  # fmt: skip


@pytest.mark.parametrize("said", SAID)
def test_what_stands_between_the_marks_of_any_language(said):
    (found,) = quotations(said)
    assert found.strip() in unquoted(said)
    assert found.strip() not in without_quotations(said)


@pytest.mark.parametrize(
    "said", ["Don't, it's John’s.", "L'heure d'été", "3' 5", "5 > 3 < 4", '"', "a " * 10 + '"']
)
def test_an_apostrophe_or_a_single_mark_quotes_nothing(said):
    assert quotations(said) == [] and without_quotations(said) == said


def test_a_quotation_is_of_one_line_and_not_endless():
    assert quotations('"a\nb"') == []
    assert quotations(f'"{"a" * LONGEST}"') and not quotations(f'"{"a" * (LONGEST + 1)}"')


@pytest.mark.parametrize("mark", ['"', "«", "„", "「", "`", "‘", "“"])
def test_marks_without_end_are_read_once(mark):
    assert not without_quotations(mark * 200_000).strip(mark + " ")
