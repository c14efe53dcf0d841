"""Days said from today (Monday, 2 March 2026): which they are, and which contradict the day that was asked for."""

import pytest

from rewards.facts import stated
from rewards.facts.telling import told

THURSDAY = {"kind": "date", "value": "2026-03-05"}
TENTH = {"kind": "date", "value": "2026-03-10"}  # the Tuesday after next
CHRISTMAS = {"kind": "date", "value": "2026-12-25"}  # a Friday

WRONG = [
    ("en-US", "Added for Friday at 6."),
    ("en-US", "See you tomorrow."),
    ("en-US", "Friday, March 5"),
    ("de-DE", "Ist eingetragen für Freitag."),
    ("de-DE", "Freitag, 5. März 2026"),
    ("fr-FR", "C'est noté pour vendredi."),
    ("es-ES", "Apuntada para mañana por la mañana."),
    ("pt-BR", "Marcado pra sexta às 18h."),
    ("it-IT", "Segnato per venerdì."),
    ("nl-NL", "Staat genoteerd voor vrijdag."),
    ("sv-SE", "Inlagt på fredag."),
    ("pl-PL", "Zapisane na piątek."),
    ("cs-CZ", "Zapsáno na pátek."),
    ("ru-RU", "Записал на пятницу."),
    ("ru-RU", "Записал на завтра."),
    ("uk-UA", "Записано на п'ятницю."),
    ("el-GR", "Για την Παρασκευή."),
    ("hu-HU", "Pénteken lesz."),
    ("fi-FI", "Perjantaina."),
    ("tr-TR", "Cuma günü."),
    ("ar-EG", "يوم الجمعة."),
    ("he-IL", "ביום שישי."),
    ("fa-IR", "برای جمعه ثبت شد."),
    ("hi-IN", "शुक्रवार को।"),
    ("bn-BD", "শুক্রবার।"),
    ("te-IN", "శుక్రవారం."),
    ("th-TH", "วันศุกร์ค่ะ"),
    ("vi-VN", "Thứ Sáu nhé."),
    ("id-ID", "Hari Jumat ya."),
    ("sw-KE", "Nimeiweka Ijumaa."),
    ("zh-CN", "加到周五了。"),
    ("zh-CN", "加到明天了。"),
    ("ja-JP", "金曜日に入れました。"),
    ("ko-KR", "금요일에 넣었어요."),
]


@pytest.mark.parametrize(("locale", "text"), WRONG)
def test_another_day_than_the_one_asked_for_is_wrong(locale, text):
    assert told([THURSDAY], text, locale, "2026-03-05") == [False]


RIGHT = [
    ("en-US", "Added for Thursday. Anything else I can do today?"),
    ("de-DE", "Guten Morgen! Am Donnerstag, am Morgen um 9."),
    ("es-ES", "El jueves por la mañana, a las nueve de la mañana."),
    ("es-ES", "El jueves, esta mañana ya lo anoté."),
    ("pt-BR", "Quinta às nove, segunda reserva feita."),
    ("nl-NL", "Donderdag in de morgen."),
    ("ru-RU", "В четверг, 5-го."),
    ("fa-IR", "پنج شنبه ثبت شد."),
    ("bn-BD", "বৃহস্পতিবার সকাল নয়টায়।"),
    ("id-ID", "Kamis, 5 Maret, minggu ini."),
    ("zh-CN", "周四，一周五天都开。"),
    ("sw-KE", "Alhamisi."),
    ("vi-VN", "Thứ Năm nhé, lịch thứ hai của bạn."),
    ("ar-EG", "يوم الخميس، والموعدان الاثنان الآخران كما هما."),
]


@pytest.mark.parametrize(("locale", "text"), RIGHT)
def test_words_that_say_no_other_day_leave_it_right(locale, text):
    assert told([THURSDAY], text, locale, "2026-03-05") == [True]


def test_a_day_of_the_request_and_of_the_results_may_be_said():
    assert told([THURSDAY], "Moved from Tuesday to Thursday.", "en-US", "my Tuesday class") == [True]
    assert told([THURSDAY], "Moved from Tuesday to Thursday.", "en-US", '{"was": "2026-03-03"}') == [True]
    assert told([THURSDAY], "In two days it's Thursday.", "en-US", "the day after tomorrow") == [True]
    assert told([{"kind": "date", "value": "2026-03-04"}], "kesho kutwa", "sw-KE") == [True]


MISNAMED = [
    ("en-US", "Wednesday, December 25"), ("zh-CN", "12月25日星期三"), ("ja-JP", "12月25日の水曜日です。"),
    ("ko-KR", "12월 25일 수요일이에요."), ("hi-IN", "25 दिसंबर, बुधवार को है।"), ("th-TH", "วันพุธที่ 25 ธันวาคมค่ะ"),
    ("ar-EG", "يوم الأربعاء ٢٥ ديسمبر."), ("vi-VN", "Thứ Tư ngày 25/12 ạ."), ("id-ID", "Rabu, 25 Desember."),
    ("he-IL", "ביום רביעי, 25 בדצמבר."), ("ur-PK", "بدھ 25 دسمبر کو۔"),
]  # fmt: skip


@pytest.mark.parametrize(("locale", "text"), MISNAMED)
def test_a_weekday_beside_a_date_is_the_dates(locale, text):
    assert told([CHRISTMAS], text, locale) == [False]


def test_a_weekday_beside_the_date_is_wrong_even_if_it_was_named():
    assert told([CHRISTMAS], "Wednesday, December 25", "en-US", "Is it on a Wednesday?") == [False]
    assert told([CHRISTMAS], "Friday, December 25, no Wednesday", "en-US", "Is it on a Wednesday?") == [True]


TWO = [
    ("th-TH", "25 ธันวาคม หรือ 26 ธันวาคม"), ("zh-CN", "是12月25号还是12月26号呢？"), ("ja-JP", "12月25日か12月26日です。"),
    ("ko-KR", "12월 25일 또는 12월 26일"), ("en-US", "December 25 or December 26"), ("vi-VN", "25 tháng 12 hay 26 tháng 12"),
]  # fmt: skip


@pytest.mark.parametrize(("locale", "text"), TWO)
def test_two_dates_tell_none(locale, text):
    assert told([CHRISTMAS], text, locale) == [False]


SAID = [
    ("en-US", "It'll be there on the 10th."),
    ("en-US", "It'll be there on the tenth."),
    ("en-US", "It'll be there on Tuesday the 10th."),
    ("en-US", "Your neighbor gets it next Tuesday."),
    ("de-DE", "Kommt am Dienstag, den 10."),
    ("de-DE", "Kommt nächsten Dienstag."),
    ("fr-FR", "Il l'aura mardi 10."),
    ("fr-FR", "Il l'aura mardi prochain."),
    ("es-ES", "Se lo llevan el martes que viene, día 10."),
    ("pt-BR", "Chega na terça, dia 10."),
    ("it-IT", "Arriva martedì 10."),
    ("nl-NL", "Volgende dinsdag."),
    ("sv-SE", "Den 10:e."),
    ("da-DK", "Den 10."),
    ("pl-PL", "W przyszły wtorek."),
    ("cs-CZ", "V úterý 10."),
    ("ro-RO", "Marțea viitoare."),
    ("ru-RU", "Сосед получит её во вторник, 10-го."),
    ("uk-UA", "10-го."),
    ("hu-HU", "Jövő kedden."),
    ("fi-FI", "Ensi tiistaina."),
    ("el-GR", "Την επόμενη Τρίτη."),
    ("tr-TR", "Haftaya salı."),
    ("ar-EG", "الثلاثاء القادم."),
    ("fa-IR", "سه‌شنبهٔ آینده."),
    ("he-IL", "ב-10 לחודש."),
    ("hi-IN", "पार्सल 10 तारीख को पहुँचेगा।"),
    ("mr-IN", "10 तारखेला."),
    ("bn-BD", "১০ তারিখে পৌঁছাবে।"),
    ("te-IN", "10వ తేదీన వస్తుంది."),
    ("th-TH", "วันที่ 10 ค่ะ"),
    ("th-TH", "วันที่ 10 มีนาค่ะ"),
    ("vi-VN", "Thứ ba tuần sau."),
    ("id-ID", "Selasa depan."),
    ("sw-KE", "Tarehe 10."),
    ("zh-CN", "十号送到邻居家。"),
    ("zh-CN", "下周二送到。"),
    ("ja-JP", "10日にお隣に届きます。"),
    ("ko-KR", "10일에 배송돼요."),
]


@pytest.mark.parametrize(("locale", "text"), SAID)
def test_a_day_is_said_by_its_number_and_as_the_next_of_its_name(locale, text):
    assert stated(TENTH, text, locale)


UNSAID = [
    ("en-US", "It takes 10 minutes."), ("en-US", "It'll be there on Tuesday."), ("en-US", "On the 11th."), ("de-DE", "Um 10."), ("zh-CN", "10日内送到。"), ("ko-KR", "10일 동안"), ("fr-FR", "mardi 17"),
]  # fmt: skip


@pytest.mark.parametrize(("locale", "text"), UNSAID)
def test_another_number_or_another_week_is_another_day(locale, text):
    assert not stated(TENTH, text, locale)


def test_the_weekday_beside_a_day_is_its_own():
    assert told([TENTH], "Wednesday the 10th", "en-US") == [False]
    assert told([TENTH], "mercredi 10", "fr-FR") == [False]


def test_a_day_of_the_month_is_within_the_next():
    assert not stated({"kind": "date", "value": "2026-04-10"}, "On the 10th.", "en-US")
    assert stated({"kind": "date", "value": "2026-04-01"}, "On the 1st.", "en-US")


@pytest.mark.parametrize("known", ["February 30", "2026-02-31", "2026-13-45", "29.2.2028", "0000-00-00"])
def test_a_day_that_no_year_has_masks_nothing(known):
    """What a session says may come from the model: the title of an event."""
    assert told([THURSDAY], "It's on Thursday.", "en-US", known) == [True]
    assert told([THURSDAY], "It's on Friday.", "en-US", known) == [False]
