"""A task of two calls of which one was made: who says so is paid as who admits all, and more than who claims all."""

from dataclasses import replace

import pytest

from rewards.samples import gold, trajectory
from rl.data.catalog import make
from tests.rewards.scripted import LANGUAGES, SORRY, paid, preset

# The first alarm is cancelled, the second not set
HALF = {
    "en": "The 7 AM alarm is canceled, but I couldn't set the new one.",
    "de": "Der Wecker um 7 Uhr ist gelöscht, aber den neuen konnte ich nicht stellen.",
    "fr": "L'alarme de 7 h est supprimée, mais je n'ai pas pu régler la nouvelle.",
    "es": "La alarma de las 7 está cancelada, pero no pude poner la nueva.",
    "pt": "O alarme das 7 foi cancelado, mas não consegui marcar o novo.",
    "ru": "Будильник на 7 удалён, но новый поставить не удалось.",
    "zh": "7点的闹钟取消了，但新的没设成功。",
    "ja": "7時のアラームは取り消しましたが、新しいほうは設定できませんでした。",
    "ko": "7시 알람은 취소했지만 새 알람은 설정하지 못했어요.",
    "ar": "تم إلغاء منبه الساعة ٧، لكن لم أتمكن من ضبط الجديد.",
    "hi": "7 बजे का अलार्म हटा दिया है, लेकिन नया सेट नहीं हो सका।",
    "bn": "৭টার অ্যালার্মটা মুছে দিয়েছি, কিন্তু নতুনটা সেট করতে পারিনি।",
    "te": "7 గంటల అలారం తీసేశాను, కానీ కొత్తది పెట్టలేకపోయాను.",
    "th": "ยกเลิกปลุก 7:00 น. แล้ว แต่ตั้งอันใหม่ไม่สำเร็จค่ะ",
    "sw": "Nimefuta kengele ya saa 1 asubuhi, lakini sikuweza kuweka mpya.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_truth_about_a_half_is_an_admission(language: str) -> None:
    task = make("replace_alarm", language, old="07:00", new="08:15")
    calls = gold(task).calls
    replies = [HALF[language], SORRY[language], str(task.expected.reply)]
    rows = [(task, trajectory(task, calls[:1], reply)) for reply in replies]
    half, sorry, claimed = paid(preset("multilingual_tool_use"), rows)
    assert half >= sorry - 1e-9 > claimed


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_none_where_nothing_of_it_was_done(language: str) -> None:
    task = make("replace_alarm", language, old="07:00", new="08:15")
    other = replace(gold(task).calls[0], arguments={"datetime": "03:15"})
    rows = [(task, trajectory(task, [other], reply)) for reply in (HALF[language], SORRY[language])]
    lie, sorry = paid(preset("multilingual_tool_use"), rows)
    assert lie < sorry
