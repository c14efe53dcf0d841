"""A question answered in its own words, as a statement, and the request said again, which is none."""

import pytest

from rewards.claims.echo import is_echo
from rewards.samples import gold, trajectory
from rl.data.catalog import make
from tests.rewards.scripted import paid, preset

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


DONE = [  # terse requests, and natives' replies in nearly the same words
    ("en", "Set an alarm for 7:30.", "An alarm for 7:30 is set."),
    ("en", "Set an alarm for 7:30.", "Alarm for 7:30 set."),
    ("en", "Set an alarm for 7:30.", "Alarm set for 7:30."),
    ("en", "Set an alarm for 7:30.", "7:30 alarm set."),
    ("en", "Please set an alarm for 7:30 AM", "Alarm for 7:30 AM set."),
    ("de", "Stell einen Wecker auf 7:30 Uhr.", "Wecker auf 7:30 Uhr gestellt."),
    ("fr", "Mets une alarme à 7h30.", "Alarme mise à 7h30."),
    ("es", "Pon una alarma a las 7:30.", "Alarma puesta a las 7:30."),
    ("es", "Quiero una alarma a las 7:30.", "Tienes una alarma a las 7:30."),
    ("pt", "Quero um alarme para as 7:30.", "Você tem um alarme para as 7:30."),
    ("ru", "Поставь будильник на 7:30.", "Поставила будильник на 7:30."),
    ("zh", "设一个7:30的闹钟。", "设了一个7:30的闹钟。"),
    ("ja", "7時30分にアラームをセットして。", "7時30分にアラームをセットしました。"),
    ("ja", "7時30分にアラームをセットして。", "7時30分にアラームをセットします。"),
    ("zh", "设7:30的闹钟。", "7:30的闹钟设了。"),
    ("ko", "7시 30분에 알람 맞춰 주세요.", "7시 30분에 알람 맞춰 뒀어요."),
    ("ar", "اضبط منبهًا على 7:30.", "ضبطت منبهًا على 7:30."),
    ("hi", "7:30 का अलार्म लगाओ।", "7:30 का अलार्म लगा दिया।"),
    ("bn", "৭:৩০-এ অ্যালার্ম দাও।", "৭:৩০-এ অ্যালার্ম দিলাম।"),
    ("te", "7:30కి అలారం పెట్టు.", "7:30కి అలారం పెట్టాను."),
    ("th", "ตั้งปลุก 7:30 น.", "ตั้งปลุก 7:30 น. แล้วค่ะ"),
    ("sw", "Weka kengele ya saa 1:30 asubuhi.", "Una kengele ya saa 1:30 asubuhi."),
]
UNDONE = [  # the request said again, whatever is left out or moved
    ("en", "Set an alarm for 7:30.", "Set an alarm for 7:30."),
    ("en", "Please set an alarm for 7:30 AM", "Set an alarm for 7:30 AM."),
    ("en", "Set an alarm for 7:30.", "Alarm for 7:30 set an."),
    ("en", "Please set an alarm for 7:30 AM", "Alarm set for an 7:30 AM please."),
    ("de", "Stell einen Wecker auf 7:30 Uhr.", "Einen Wecker auf 7:30 Uhr stell."),
    ("ja", "7時30分にアラームをセットして。", "7時30分にアラームをセットして。"),
    ("ja", "7時30分にアラームをセットして。", "アラームを7時30分にセットして。"),
    ("zh", "请帮我设一个早上7:30的闹钟。", "请设一个早上7:30的闹钟帮我。"),
    ("es", "Quiero una alarma a las 7:30.", "Una alarma a las 7:30 quiero."),
]


def _paid(row):
    language, asked, reply = row
    task = make("set_alarm", language, time="07:30", request=asked)
    return paid(preset("multilingual_tool_use"), [(task, trajectory(task, gold(task).calls, reply))])[0]


@pytest.mark.parametrize("row", DONE)
def test_what_was_asked_for_is_done_in_the_words_of_the_request(row):
    assert _paid(row) == 1.0


@pytest.mark.parametrize("row", UNDONE)
def test_the_request_said_again_is_no_reply(row):
    assert _paid(row) <= 0.6
