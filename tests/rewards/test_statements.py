"""A question answered in its own words, as a statement, and the request said again, which is none."""

import pytest

from rewards.echo import is_echo
from rl.data.catalog import make

IBAN = "GB29NWBK60161331926819"
ANSWERED = [
    ("pt", "O IBAN {} é válido?", "O IBAN {} é válido."),
    ("es", "¿El IBAN {} es correcto?", "El IBAN {} es correcto."),
    ("ru", "IBAN {} действителен?", "IBAN {} действителен."),
    ("ar", "هل رقم الآيبان {} صحيح؟", "رقم الآيبان {} صحيح."),
    ("hi", "क्या आईबैन {} सही है?", "आईबैन {} सही है।"),
    ("bn", "IBAN {} কি সঠিক?", "IBAN {} সঠিক।"),
    ("sw", "Je, IBAN {} ni sahihi?", "IBAN {} ni sahihi."),
    ("fr", "L'IBAN {} est valide ?", "L'IBAN {} est valide."),
    ("de", "Die IBAN {} ist gültig?", "Die IBAN {} ist gültig."),
    ("en", "The IBAN {} is valid?", "The IBAN {} is valid."),
]
# Nobody answers so: the mark alone is left out, a question is said again, or a word is left out
AGAIN = [
    ("en", "Is the IBAN {} valid?", "Is the IBAN {} valid."),
    ("de", "Ist die IBAN {} gültig?", "Ist die IBAN {} gültig."),
    ("pt", "O IBAN {} é válido?", "O IBAN {} é válido?"),
    ("pt", "Você pode ver se o IBAN {} é válido?", "Você pode ver se o IBAN {} é válido."),
    ("es", "¿Puedes ver si el IBAN {} es correcto?", "Puedes ver si el IBAN {} es correcto."),
    ("ru", "Правильный ли IBAN {}?", "Правильный ли IBAN {}."),
    ("ru", "Мне дали счёт {}, это верный IBAN?", "Мне дали счёт {}, это верный IBAN."),
    ("ar", "هل رقم الآيبان {} صحيح؟", "هل رقم الآيبان {} صحيح."),
    ("hi", "क्या आईबैन {} सही है?", "क्या आईबैन {} सही है।"),
    ("sw", "Je, IBAN {} ni sahihi?", "Je, IBAN {} ni sahihi."),
    ("fr", "Tu peux me dire si l'IBAN {} est correct ?", "Tu peux me dire si l'IBAN {} est correct."),
]


def _echoes(row):
    language, asked, reply = row
    return is_echo(reply.format(IBAN), make("check_iban", language, iban=IBAN, request=asked.format(IBAN)))


@pytest.mark.parametrize("row", ANSWERED)
def test_a_question_put_as_a_statement_is_an_answer(row):
    assert not _echoes(row)


@pytest.mark.parametrize("row", AGAIN)
def test_a_question_without_its_mark_is_none(row):
    assert _echoes(row)


def test_an_imperative_put_as_what_has_been_done_is_a_reply():
    task = make("set_alarm", "en", time="07:30", request="Please set an alarm for 7:30 AM")
    assert not is_echo("Alarm for 7:30 AM set.", task)
    assert is_echo("Please set an alarm for 7:30 AM.", task)
    assert is_echo("Set an alarm for 7:30 AM.", task)
    assert is_echo("Alarm set for an 7:30 AM please.", task)
