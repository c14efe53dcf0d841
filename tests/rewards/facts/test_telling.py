from pathlib import Path

import pytest

from rewards.facts import form
from rewards.facts.telling import told


def time(value):
    return {"kind": "time", "value": value}


SEVENTEEN = {"kind": "temperature", "value": 17}
EUROS = {"kind": "money", "value": 212.5, "currency": "EUR"}
MILLION = {"kind": "money", "value": 1_250_000, "currency": "EUR"}
MARCH = {"kind": "date", "value": "2026-03-14"}
CODE = {"kind": "text", "value": "567982"}

# locale, fact, text, what is known besides, told
SAID = [
    ("en-US", time("07:30"), "Your alarm is set for 7:30 AM.", "", True),
    ("en-US", time("07:30"), "Done!", "", None),
    ("en-US", time("07:30"), "Your alarm is set for 7:30 AM or 8:30 AM.", "", False),
    ("en-US", time("07:30"), "Your alarm is set for 8:30 AM.", "", False),
    ("en-US", time("07:30"), "It is set for 7:30 AM or 1.2.3.", "", False),
    ("en-US", EUROS, "That is €212.50 or 1,234,567.", "", False),
    ("en-US", EUROS, "That is €212.50 or 1..2", "", False),
    ("en-US", SEVENTEEN, "It is 17 °C or 62,6,6.", "", False),
    ("de-DE", MILLION, "Das sind 1.250.000 Euro oder 1.250.000 €.", "", True),
    ("de-DE", MILLION, "Das sind 1.250.000 Euro oder 1.250.001,50 €.", "", False),
    ("en-US", time("07:30"), "It is not 7:30 AM.", "", False),
    ("en-US", time("07:30"), "It leaves at 7:30 and arrives at 9:45 AM.", '{"arrival": "09:45"}', True),
    ("en-US", time("07:30"), "The 6:15 alarm now rings at 7:30 AM.", "Change my 6:15 alarm to 7:30", True),
    ("de-DE", time("19:30"), "Der Film beginnt um halb acht abends.", "", True),
    ("de-DE", time("07:30"), "nicht um 7:30 Uhr", "", False),
    ("ja-JP", time("07:30"), "7:30ではありません。", "", False),
    ("zh-CN", time("07:30"), "不是7:30。", "", False),
    ("ko-KR", time("07:30"), "7:30이 아니에요.", "", False),
    ("ja-JP", SEVENTEEN, "17℃ではありません。", "", False),
    ("ja-JP", SEVENTEEN, "17℃ですが、寒いわけではありません。", "", True),
    ("ko-KR", EUROS, "212.5유로가 아닙니다.", "", False),
    ("hi-IN", EUROS, "यह 212.5 यूरो नहीं है।", "", False),
    ("hi-IN", EUROS, "यह 212.5 यूरो है, चिंता की बात नहीं है।", "", True),
    ("hi-IN", SEVENTEEN, "17 डिग्री सेल्सियस नहीं है।", "", False),
    ("bn-BD", SEVENTEEN, "১৭ ডিগ্রি নয়।", "", False),
    ("bn-BD", SEVENTEEN, "১৭ ডিগ্রি, খুব ঠান্ডা নয়।", "", True),
    ("te-IN", SEVENTEEN, "17 డిగ్రీలు కాదు.", "", False),
    ("te-IN", SEVENTEEN, "17 డిగ్రీలు, చలి కాదు.", "", True),
    ("tr-TR", SEVENTEEN, "17 derece değil.", "", False),
    ("sw-KE", SEVENTEEN, "Joto si nyuzi 17.", "", False),
    ("de-DE", SEVENTEEN, "Es sind 17 Grad.", "", True),
    ("de-DE", SEVENTEEN, "Es sind 17 Grad oder 25 Grad.", "", False),
    ("de-DE", SEVENTEEN, "Es sind 17 °C (63 °F).", "", True),
    ("en-US", SEVENTEEN, "It's 17°C (63°F).", "", True),
    ("en-US", EUROS, "250 dollars is 212.50 euros.", "", True),
    ("en-US", EUROS, "That's 212.50 euros, or 230 euros.", "", False),
    ("es-ES", EUROS, "Son 212 euros con 50 céntimos.", "", True),
    ("ja-JP", EUROS, "212ユーロ50セントになります。", "", True),
    ("en-US", MARCH, "It's on Saturday, March 14, 2026.", "", True),
    ("en-US", MARCH, "It's on March 14 or March 15.", "", False),
    ("en-US", MARCH, "Moved from March 10 to March 14.", '{"was": "2026-03-10"}', True),
    ("fr-FR", MARCH, "C'est le 14 mars 2026.", "", True),
    ("fa-IR", MARCH, "قرار شما ۱۴۰۴/۱۲/۲۳ است.", "", True),
    ("en-US", CODE, "Your code is 567982.", "", True),
    ("en-US", CODE, "Your code is 567982 or 567983.", "", False),
    ("en-US", {"kind": "number", "value": 30, "unit": "minute"}, "30 hours left.", "", None),
    ("en-US", {"kind": "text", "value": "", "verdict": True}, "No, it's invalid.", "", False),
    ("en-US", {"kind": "text", "value": "", "verdict": True}, "Let me see.", "", None),
]


@pytest.mark.parametrize(("locale", "fact", "text", "known", "expected"), SAID)
def test_a_value_tells_alone_and_undenied(locale, fact, text, known, expected):
    assert told([fact], text, locale, known) == [expected]


CITIES = [
    ("en-US", [["Tokyo"], ["Paris"]], "In Tokyo it's {0} and in Paris {1}."),
    ("en-US", [["Tokyo"], ["Paris"]], "{0} in Tokyo, {1} in Paris."),
    ("de-DE", [["Tokio"], ["Paris"]], "In Tokio ist es {0} Uhr, in Paris {1} Uhr."),
    ("ja-JP", [["東京"], ["パリ"]], "東京は{0}、パリは{1}です。"),
    ("ru-RU", [["Токио"], ["Париж", "Париже"]], "В Токио {0}, а в Париже {1}."),
    ("ar-EG", [["طوكيو"], ["باريس"]], "الساعة {0} في طوكيو و{1} في باريس."),
]


def test_a_length_of_time_and_another_number_are_told_side_by_side():
    length, stars = {"kind": "number", "value": 30, "unit": "minute"}, {"kind": "number", "value": 4}
    assert told([length, stars], "It takes 30 minutes and has 4 stars.", "en-US") == [True, True]
    assert told([length, stars], "It takes 40 minutes and has 4 stars.", "en-US") == [False, True]


@pytest.mark.parametrize(("locale", "cities", "text"), CITIES)
def test_values_that_have_changed_places_tell_nothing(locale, cities, text):
    facts = [time("17:00"), time("09:00")]
    first, second = (form(fact, locale) for fact in facts)
    assert told(facts, text.format(first, second), locale, "", cities) == [True, True]
    assert told(facts, text.format(second, first), locale, "", cities) == [False, False]
    assert told(facts[::-1], text.format(second, first), locale, "", cities) == [True, True]


def test_without_the_subjects_spelled_so_nothing_is_swapped():
    facts = [time("17:00"), time("09:00")]
    assert told(facts, "It's 9:00 AM there and 5:00 PM here.", "en-US", "", [["Tokyo"], ["Paris"]]) == [
        True,
        True,
    ]


ROWS = Path(__file__).with_name("told.tsv").read_text("utf-8").splitlines()[1:]
TOLD = {"yes": (True,), "no": (None,), "wrong": (False,), "not": (None, False)}


@pytest.mark.parametrize("row", ROWS)
def test_numbers_amounts_and_lengths_are_told_as_natives_say_them(row):
    locale, right, kind, written, unit, text, known = row.split("\t")
    value = float(written) if "." in written else int(written)
    fact = {"kind": "number" if kind == "stars" else kind, "value": value}
    if kind == "stars":
        fact["not"] = [other for other in range(1, 6) if other != value]
    elif unit:
        fact["currency" if kind == "money" else "unit"] = unit
    assert told([fact], text, locale, known)[0] in TOLD[right]
