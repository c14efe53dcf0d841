"""Times in replies to who knows the time: a wrong one in words is caught, a right one may leave out what both know."""

import pytest

from rewards.facts import stated
from rewards.facts.telling import told


def said(value, text, locale, known):
    return told([{"kind": "time", "value": value}], text, locale, known)[0]


WRONG = [
    ("en-US", "Sure, I'll wake you at seven then."),
    ("en-US", "Done, your alarm is at six forty."),
    ("en-US", "Your alarm is set for midnight."),
    ("de-DE", "Alles klar, um sieben weck ich dich."),
    ("de-DE", "Der Wecker ist auf Mittag gestellt."),
    ("fr-FR", "C'est noté, réveil à six heures quarante."),
    ("fr-FR", "Je te réveille à sept heures."),
    ("fr-FR", "L'alarme sonnera à minuit et demi."),
    ("es-ES", "Hecho, te despierto a las siete mañana."),
    ("es-ES", "Hecho, la alarma suena al mediodía."),
    ("pt-BR", "Pronto, te acordo às sete."),
    ("pt-BR", "Ok, meia-noite e meia."),
    ("pt-BR", "Tirei o das nove."),
    ("es-ES", "Quité la de las nueve."),
    ("it-IT", "Ho tolto quella delle nove."),
    ("it-IT", "Ti sveglio alle sette domani."),
    ("nl-NL", "Ik maak je om zeven wakker."),
    ("sv-SE", "Jag väcker dig klockan sju imorgon."),
    ("pl-PL", "O siódmej cię obudzę."),
    ("cs-CZ", "Vzbudím vás v sedm zítra."),
    ("ro-RO", "Te trezesc la șapte mâine."),
    ("ru-RU", "Хорошо, в семь разбужу."),
    ("ru-RU", "Будильник стоит на шесть сорок."),
    ("ru-RU", "Поставил на полдень."),
    ("uk-UA", "О сьомій розбуджу."),
    ("el-GR", "Στις επτά θα σε ξυπνήσω."),
    ("tr-TR", "Saat yedide uyandırırım."),
    ("ar-EG", "هصحيك الساعة سبعة بكرة."),
    ("fa-IR", "ساعت هفت بیدارت می‌کنم."),
    ("he-IL", "אעיר אותך בשעה שבע."),
    ("hi-IN", "सात बजे उठा दूँगा।"),
    ("bn-BD", "সাতটায় ডেকে দেব।"),
    ("te-IN", "ఏడు గంటలకు లేపుతాను."),
    ("id-ID", "Saya bangunkan jam tujuh besok."),
    ("vi-VN", "Lúc 7 giờ nhé."),
    ("ja-JP", "7時に起こします。"),
    ("zh-CN", "七点叫你。"),
    ("zh-CN", "好的，凌晨一点叫你。"),
]


@pytest.mark.parametrize(("locale", "text"), WRONG)
def test_a_wrong_hour_in_words_is_wrong(locale, text):
    assert said("16:20", text, locale, "16:20") is False


SILENT = [
    ("zh-CN", "闹钟设好了，今晚早一点睡吧。"),
    ("en-US", "I've set it. You get seven hours of sleep."),
    ("en-US", "Booked for four people at the Blue Door."),
    ("en-US", "It's at 5 percent."),
    ("en-US", "Done! That leaves 6 hours 40 minutes."),
    ("de-DE", "Erledigt, um 2 Euro günstiger."),
    ("de-DE", "Ich habe den Nachmittag geblockt."),
    ("fr-FR", "C'est fait, il vous reste sept heures de sommeil."),
    ("es-ES", "Hecho, las 2 alarmas están activas."),
    ("pt-BR", "Pronto, as 3 alarmes."),
    ("it-IT", "Fatto, le 3 sveglie sono attive."),
    ("it-IT", "Fatto, una delle 3 sveglie è attiva."),
    ("ru-RU", "Готово, через 7 часов."),
    ("pl-PL", "Gotowe, o 5 minut wcześniej."),
    ("ar-EG", "تم، بعد الظهر."),
    ("fa-IR", "انجام شد، بعد از ظهر."),
    ("he-IL", "נקבע אחרי הצהריים."),
    ("tr-TR", "Tamam, öğleden sonra çalacak."),
    ("ru-RU", "Готово, в 2 минутах от метро."),
    ("zh-CN", "订好了，还有一点要提醒您：请准时。"),
    ("zh-TW", "訂好了，會提前1時間提醒您。"),
    ("ja-JP", "予約しました。1時間前にお知らせします。"),
    ("ko-KR", "예약했어요. 한 시간 전에 알려 드릴게요."),
    ("te-IN", "ఈ పుస్తకానికి ఐదుకి ఐదు ఇచ్చాను."),
]


@pytest.mark.parametrize(("locale", "text"), SILENT)
def test_what_is_no_time_says_no_wrong_one(locale, text):
    assert said("16:20", text, locale, "16:20") is None


def test_an_hour_that_is_another_number_of_the_request_is_none():
    assert said("19:30", "You're set for four.", "en-US", "a table for four at 7:30 pm") is None
    assert said("19:30", "You're set for five.", "en-US", "a table for four at 7:30 pm") is False


HALF_LEFT_OUT = [
    ("en-US", "18:30", "remind me at 6:30pm", "I'll ping you at half past six."),
    ("en-US", "19:30", "table for four at 7:30 tonight", "You're all set for four at 7:30."),
    ("de-DE", "18:30", "um 18:30", "Ich sag dir um halb sieben Bescheid."),
    ("es-ES", "13:15", "a la una y cuarto de la tarde", "Puesta a la una y cuarto."),
    ("es-ES", "18:00", "el jueves a las 18", "Apuntada a las seis."),
    ("zh-CN", "19:30", "晚上7点半叫我", "OK，七点半叫你。"),
    ("ja-JP", "19:30", "今夜7時半に起こして", "7時半ですね。"),
    ("ko-KR", "19:30", "저녁 7시 반에 깨워 줘", "네, 7시 반에 깨울게요."),
    ("hi-IN", "19:30", "शाम 7:30 बजे उठा देना", "ठीक है, साढ़े सात बजे उठा दूँगा।"),
    ("bn-BD", "19:30", "সন্ধ্যা ৭:৩০-এ ডেকে দিন", "আচ্ছা, সাড়ে সাতটায় ডেকে দেব।"),
    ("te-IN", "18:30", "సాయంత్రం 6:30కి", "ఆరున్నరకి బుక్ చేశాను."),
    ("ar-EG", "18:30", "الساعة ستة ونص مساء", "تم الحجز الساعة ستة ونص."),
    ("th-TH", "18:30", "จองโต๊ะหกโมงครึ่งเย็น", "จองโต๊ะตอนหกโมงครึ่งให้แล้วค่ะ"),
    ("sw-KE", "18:30", "saa kumi na mbili na nusu jioni", "Imewekwa saa kumi na mbili na nusu."),
]


@pytest.mark.parametrize(("locale", "value", "known", "text"), HALF_LEFT_OUT)
def test_who_knows_the_half_of_the_day_may_hear_none(locale, value, known, text):
    assert said(value, text, locale, known) is not False


def test_the_other_half_is_wrong_where_it_is_said_or_the_clock_has_24_hours():
    assert said("18:30", "I'll ping you at 6:30 AM.", "en-US", "remind me at 6:30pm") is False
    assert said("18:30", "Um 6:30 Uhr.", "de-DE", "um 18:30") is False
    assert said("18:30", "06:30.", "ja-JP", "18:30") is False


SHARED = [
    ("en-US", ("13:35", "19:40"), "There's one at 1:35 and another at 7:40 PM."),
    ("es-ES", ("17:15", "18:00"), "A las cinco y cuarto y a las seis de la tarde."),
    ("ru-RU", ("14:50", "19:15"), "Без десяти три и в четверть восьмого вечера."),
    ("zh-CN", ("15:15", "17:00"), "下午三点一刻和五点。"),
    ("ja-JP", ("15:00", "17:30"), "午後3時と5時半です。"),
]


@pytest.mark.parametrize(("locale", "values", "text"), SHARED)
def test_a_part_of_the_day_is_said_once_for_several_times(locale, values, text):
    facts = [{"kind": "time", "value": value} for value in values]
    assert told(facts, text, locale) == [True, True]


def test_a_part_of_the_day_ends_with_its_sentence():
    assert not stated({"kind": "time", "value": "13:35"}, "It's at 1:35. The next is at 7:40 PM.", "en-US")


HOURS = [
    ("en-US", "07:00", "I'll wake you at seven then, promise."),
    ("en-US", "09:00", "You're in at nine with the dentist."),
    ("en-US", "09:00", "You're booked in for 9 sharp."),
    ("de-DE", "07:00", "Okay, um sieben weck ich dich."),
    ("de-DE", "09:00", "Punkt neun beim Zahnarzt."),
    ("nl-NL", "09:00", "Je bent om negen bij de tandarts."),
    ("cs-CZ", "07:00", "V sedm vás vzbudím."),
    ("ru-RU", "09:00", "В девять вас ждёт стоматолог."),
    ("uk-UA", "07:00", "О сьомій розбуджу."),
    ("ro-RO", "07:00", "La șapte te trezesc."),
    ("fi-FI", "08:15", "Herätyskello soi vartin yli kahdeksan."),
    ("fi-FI", "07:00", "Kello seitsemän herätän sinut."),
]


@pytest.mark.parametrize(("locale", "value", "text"), HOURS)
def test_an_hour_stands_within_a_clause(locale, value, text):
    assert stated({"kind": "time", "value": value}, text, locale)


READ = [
    ("zh-CN", "06:30", True, "早上六点半一个。"),
    ("zh-CN", "18:30", True, "晚上六点半两位，订好了。"),
    ("zh-CN", "18:00", True, "晚上6点4位。"),
    ("zh-CN", "18:04", False, "晚上6点4位。"),
    ("zh-CN", "18:04", True, "晚上6点4分。"),
    ("ja-JP", "18:30", True, "夜6時半2名で予約しました。"),
    ("ko-KR", "19:00", True, "저녁 7시 4명 예약했어요."),
    ("th-TH", "05:20", True, "ปลุกตีห้ายี่สิบค่ะ"),
    ("th-TH", "05:20", True, "รถออกตี 5.20 น."),
    ("th-TH", "05:00", False, "รถออกตี 5.20 น."),
    ("th-TH", "04:15", True, "ปลุกตีสี่สิบห้านาทีค่ะ"),
    ("th-TH", "04:05", False, "ปลุกตีสี่สิบห้านาทีค่ะ"),
    ("th-TH", "04:05", True, "ปลุกตีสี่ห้านาทีค่ะ"),
    ("th-TH", "14:45", True, "ปลุกบ่ายสองสี่สิบห้าค่ะ"),
    ("de-DE", "08:15", True, "Viertel nach acht am Freitag, passt das?"),
    ("de-DE", "20:15", True, "Der Film läuft am Freitag um 8:15 pm."),
    ("pt-BR", "12:30", True, "Ok, meio-dia e meia."),
    ("pt-BR", "00:30", True, "Ok, meia-noite e meia."),
    ("fr-FR", "12:15", True, "À midi et quart."),
]


@pytest.mark.parametrize(("locale", "value", "right", "text"), READ)
def test_what_follows_an_hour(locale, value, right, text):
    assert stated({"kind": "time", "value": value}, text, locale) is right
