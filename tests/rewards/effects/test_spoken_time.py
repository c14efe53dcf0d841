"""A spoken time holds one time and only what leaves it as it is."""

import pytest

from rewards.effects.effect import Effect
from rewards.effects.spoken_time import says_only
from rewards.facts import form
from rl.data.catalog import make
from tests.rewards.effects.test_effect import came_to, task
from tests.rewards.scripted import LANGUAGES

TIME = 16 * 60 + 40
LOCALES = {language: make("set_alarm", language).locale for language in LANGUAGES}
EVERYWHERE = [
    "4:40 PM", "16:40:00", "2026-03-02T16:40:00", "2026-03-02 16:40", "today at 16:40", "at 4:40 in the afternoon",
    "this afternoon at 4:40", "16:40.",
]  # fmt: skip
SAID = {
    "en": ["4:40 p.m. today", "twenty to five in the afternoon", "March 2, 2026 at 4:40 PM"],
    "de": [
        "heute um 16:40 Uhr",
        "heute Nachmittag um 16:40",
        "2. März 2026, 16:40 Uhr",
        "zwanzig vor fünf nachmittags",
    ],
    "es": ["hoy a las 16:40", "a las 4:40 de la tarde", "las 16:40 horas"],
    "fr": ["aujourd'hui à 16h40", "à 16 h 40", "4h40 de l'après-midi"],
    "pt": ["hoje às 16:40", "às 16h40", "4:40 da tarde"],
    "ru": ["сегодня в 16:40", "16 часов 40 минут", "в 4:40 дня"],
    "ar": ["اليوم الساعة 4:40 مساءً", "الساعة ٤:٤٠ م"],
    "hi": ["आज शाम 4:40 बजे", "शाम के 4 बजकर 40 मिनट पर"],
    "bn": ["আজ বিকেল ৪:৪০", "বিকেল ৪টা ৪০ মিনিটে"],
    "te": ["ఈరోజు సాయంత్రం 4:40", "సాయంత్రం 4 గంటల 40 నిమిషాలకు"],
    "th": ["วันนี้ 16:40 น.", "เวลา 16:40 น.", "บ่าย 4 โมง 40 นาที"],
    "sw": ["leo saa 10:40 jioni", "saa kumi na dakika arobaini jioni"],
    "ja": ["今日の午後4時40分", "16時40分に"],
    "zh": ["今天下午4点40分", "下午四点四十"],
    "ko": ["오늘 오후 4시 40분에", "16시 40분"],
}
NOWHERE = [
    "not 16:40", "any time but 16:40", "5 hours after 16:40", "until 16:40", "before 16:40", "cancel 16:40",
    "16:40 or 17:40", "16:40, 16:50, 17:00", "16:40-17:40", "16:40 every day", "2030-12-25T16:40:00",
    "25.12.2030 16:40", "next year at 4:40 PM", "tomorrow at 16:40", "2026-03-03 16:40", "16:40 Tokyo time",
    "16:40 UTC", "2026-03-02T16:40:00Z", "2026-03-02T16:40:00+09:00", "4:40 AM", "16:45", "",
    "Your request is done and all is ready for 16:40 as you said",
]  # fmt: skip
CHANGED = {
    "en": ["past 4:40 PM", "daily at 4:40 PM", "Tuesday 4:40 PM"],
    "de": ["bis 16:40", "nicht um 16:40", "nach 16:40", "täglich um 16:40", "morgen um 16:40"],
    "es": ["antes de las 16:40", "no a las 16:40", "mañana a las 16:40", "hasta las 16:40"],
    "fr": ["jusqu'à 16h40", "pas à 16h40", "demain à 16h40", "après 16:40"],
    "pt": ["até às 16:40", "não às 16:40", "amanhã às 16:40", "todo dia às 16:40"],
    "ru": ["не в 16:40", "после 16:40", "завтра в 16:40", "каждый день в 16:40"],
    "ar": ["قبل الساعة 4:40 مساءً", "ليس الساعة 4:40 مساءً", "غدا الساعة 4:40 مساءً"],
    "hi": ["शाम 4:40 बजे से पहले", "शाम 4:40 बजे नहीं", "कल शाम 4:40 बजे"],
    "bn": ["বিকেল ৪:৪০ এর আগে", "বিকেল ৪:৪০ নয়", "কাল বিকেল ৪:৪০"],
    "te": ["సాయంత్రం 4:40 కాదు", "రేపు సాయంత్రం 4:40", "సాయంత్రం 4:40 లోపు"],
    "th": ["ก่อน 16:40 น.", "ไม่ใช่ 16:40 น.", "พรุ่งนี้ 16:40 น.", "ทุกวัน 16:40"],
    "sw": ["kabla ya saa 10:40 jioni", "si saa 10:40 jioni", "kesho saa 10:40 jioni"],
    "ja": ["16:40以降", "16:40まで", "16時40分じゃない", "明日の16:40", "毎日16:40"],
    "zh": ["下午4点40分之前", "不是下午4点40分", "明天下午4:40", "每天16:40"],
    "ko": ["오후 4시 40분 전", "오후 4시 40분 아님", "내일 오후 4시 40분", "매일 오후 4시 40분"],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_time_and_words_that_leave_it_as_it_is(language: str) -> None:
    locale = LOCALES[language]
    own = form({"kind": "time", "value": "16:40"}, locale)
    wrong = [v for v in [*EVERYWHERE, *SAID[language], own] if not says_only(TIME, v, locale, "")]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_makes_it_another_time(language: str) -> None:
    paid = [v for v in [*NOWHERE, *CHANGED[language]] if says_only(TIME, v, LOCALES[language], "")]
    assert paid == []


def test_the_request_may_name_the_day_and_lend_its_words() -> None:
    request = "Tomorrow I must not sleep past 4:40 PM, nor on Friday past 9:30."
    for said in ("tomorrow at 4:40 PM", "past 4:40 PM", "2026-03-03 16:40", "March 3, 2026, 4:40 PM"):
        assert says_only(TIME, said, "en-US", request)
    for said in ("not past 4:40 PM", "2026-03-04 16:40", "4:40 PM, nor on Friday past 9:30", request):
        assert not says_only(TIME, said, "en-US", request)


def test_a_time_that_has_passed_comes_tomorrow() -> None:
    assert says_only(7 * 60, "tomorrow at 7 AM", "en-US", "Wake me at 7.")
    assert says_only(7 * 60, "2026-03-03T07:00:00", "de-DE", "")
    assert not says_only(9 * 60, "tomorrow at 9 AM", "en-US", "Wake me at 9.")


@pytest.mark.parametrize("said", ["4:40 PM", "today at 16:40", "16:40 every day", "until 16:40"])
def test_the_outcome_is_judged_by_it(said: str) -> None:
    came = came_to(task("set_alarm", time="16:40"), ("set_alarm", {"datetime": said}))
    assert (came == Effect(True, True)) == says_only(TIME, said, "en-US", "")
