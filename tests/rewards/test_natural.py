"""Replies as natives would write them after the right calls: right ones earn all, wrong ones do not."""

import pytest

from rewards.samples import gold, trajectory
from rl.data.catalog import make
from tests.rewards.scripted import LANGUAGES, paid, preset

TASKS = {
    "snooze": ("snooze_alarm", {"minutes": 10, "set": "08:00"}),  # until 8:10
    "change": ("change_alarm", {"old": "07:00", "new": "08:15"}),
    "sunrise": ("get_sunrise", {"city": "paris"}),  # 7:31
    "times": ("two_times", {"city": "tokyo", "city2": "paris"}),  # 17:00 and 9:00
    "post": ("find_postal_code", {"city": "paris"}),  # 75001
    "cancel": ("cancel_alarm", {"time": "07:00", "other": "09:00"}),
}
RIGHT = {
    "en": {
        "snooze": "Ten more minutes, then: I'll ring again at 8:10 AM.",
        "change": "Moved. You can sleep until a quarter past eight.",
        "sunrise": "In Paris the sun comes up at 7:31 in the morning.",
        "times": "Tokyo is at 5 PM and Paris at 9 AM right now.",
        "post": "It's 75001 for the center of Paris.",
        "cancel": "Gone, it won't ring at 7 AM. The one at 9 AM stays.",
    },
    "de": {
        "snooze": "Gut, um zehn nach acht klingelt er noch einmal.",
        "change": "Umgestellt, jetzt klingelt der Wecker um Viertel nach acht.",
        "sunrise": "In Paris geht die Sonne um 7:31 Uhr auf.",
        "times": "In Tokio ist es 17 Uhr, in Paris 9 Uhr.",
        "post": "Für die Pariser Innenstadt ist es die 75001.",
        "cancel": "Der Wecker um sieben ist gelöscht, der um neun bleibt.",
    },
    "fr": {
        "snooze": "Entendu, il sonnera de nouveau à 8 h 10.",
        "change": "C'est modifié, le réveil sonnera à huit heures et quart.",
        "sunrise": "À Paris, le soleil se lève à 7 h 31.",
        "times": "Il est 17 h à Tokyo et 9 h à Paris.",
        "post": "Le code postal du centre de Paris est le 75001.",
        "cancel": "L'alarme de 7 h est supprimée, celle de 9 h est toujours là.",
    },
    "es": {
        "snooze": "De acuerdo, volverá a sonar a las ocho y diez.",
        "change": "Cambiada: ahora suena a las ocho y cuarto.",
        "sunrise": "En París amanece a las 7:31.",
        "times": "En Tokio son las 17:00 y en París, las 9:00.",
        "post": "El código postal del centro de París es 75001.",
        "cancel": "He quitado la alarma de las siete; la de las nueve sigue puesta.",
    },
    "pt": {
        "snooze": "Combinado, o alarme toca de novo às 8h10.",
        "change": "Mudei o alarme para as oito e quinze.",
        "sunrise": "Em Paris o sol nasce às 7h31.",
        "times": "Em Tóquio são 17h e em Paris são 9h.",
        "post": "O código postal do centro de Paris é 75001.",
        "cancel": "Apaguei o alarme das sete, o das nove continua ativo.",
    },
    "ru": {
        "snooze": "Хорошо, будильник снова прозвенит в 8:10.",
        "change": "Перенёс, теперь будильник зазвонит в четверть девятого.",
        "sunrise": "В Париже солнце встаёт в 7:31.",
        "times": "В Токио сейчас 17:00, а в Париже 9:00.",
        "post": "Индекс центра Парижа — 75001.",
        "cancel": "Будильник на семь утра удалён, тот, что на девять, остался.",
    },
    "zh": {
        "snooze": "好的，八点十分再叫您。",
        "change": "已经改好，现在八点一刻响。",
        "sunrise": "巴黎的日出时间是早上7点31分。",
        "times": "东京现在是下午5点，巴黎是上午9点。",
        "post": "巴黎市中心的邮编是75001。",
        "cancel": "七点的闹钟已经取消，九点的还在。",
    },
    "ja": {
        "snooze": "かしこまりました。8時10分にもう一度鳴らします。",
        "change": "アラームを8時15分に変更しました。",
        "sunrise": "パリの日の出は午前7時31分です。",
        "times": "東京は今午後5時、パリは午前9時です。",
        "post": "パリ中心部の郵便番号は75001です。",
        "cancel": "7時のアラームを取り消しました。9時の分はそのままです。",
    },
    "ko": {
        "snooze": "네, 8시 10분에 다시 울려 드릴게요.",
        "change": "알람을 8시 15분으로 바꿨어요.",
        "sunrise": "파리에서는 오전 7시 31분에 해가 떠요.",
        "times": "도쿄는 지금 오후 5시이고 파리는 오전 9시예요.",
        "post": "파리 중심가의 우편번호는 75001입니다.",
        "cancel": "7시 알람은 취소했고 9시 알람은 그대로 있어요.",
    },
    "ar": {
        "snooze": "حسنًا، سيرن المنبه مرة أخرى الساعة ٨:١٠ ص.",
        "change": "تم تغيير المنبه إلى الثامنة والربع صباحًا.",
        "sunrise": "تشرق الشمس في باريس الساعة ٧:٣١ صباحًا.",
        "times": "الساعة الآن في طوكيو ٥:٠٠ مساءً وفي باريس ٩:٠٠ صباحًا.",
        "post": "الرمز البريدي لوسط باريس هو ٧٥٠٠١.",
        "cancel": "ألغيت منبه الساعة السابعة، ومنبه التاسعة ما زال موجودًا.",
    },
    "hi": {
        "snooze": "ठीक है, अलार्म 8:10 बजे फिर बजेगा।",
        "change": "अलार्म बदल दिया है, अब सवा आठ बजे बजेगा।",
        "sunrise": "पेरिस में सूरज सुबह 7:31 बजे उगता है।",
        "times": "टोक्यो में अभी शाम के 5 बजे हैं और पेरिस में सुबह के 9 बजे।",
        "post": "पेरिस के केंद्र का पिन कोड 75001 है।",
        "cancel": "सात बजे का अलार्म हटा दिया है, नौ बजे वाला अभी लगा हुआ है।",
    },
    "bn": {
        "snooze": "ঠিক আছে, সকাল ৮টা ১০ মিনিটে আবার বাজবে।",
        "change": "অ্যালার্ম বদলে দিয়েছি, এখন সোয়া আটটায় বাজবে।",
        "sunrise": "প্যারিসে সূর্য ওঠে সকাল ৭টা ৩১ মিনিটে।",
        "times": "টোকিওতে এখন বিকেল ৫টা আর প্যারিসে সকাল ৯টা।",
        "post": "প্যারিসের কেন্দ্রের পোস্ট কোড ৭৫০০১।",
        "cancel": "সকাল সাতটার অ্যালার্ম বাতিল করেছি, নয়টারটা রইল।",
    },
    "te": {
        "snooze": "సరే, అలారం 8:10కి మళ్లీ మోగుతుంది.",
        "change": "అలారం మార్చాను, ఇప్పుడు ఎనిమిదింపావుకి మోగుతుంది.",
        "sunrise": "పారిస్‌లో సూర్యుడు ఉదయం 7:31కి ఉదయిస్తాడు.",
        "times": "టోక్యోలో ఇప్పుడు సాయంత్రం 5 గంటలు, పారిస్‌లో ఉదయం 9 గంటలు.",
        "post": "పారిస్ నగర కేంద్రం పిన్ కోడ్ 75001.",
        "cancel": "ఏడు గంటల అలారం తీసేశాను, తొమ్మిది గంటలది అలాగే ఉంది.",
    },
    "th": {
        "snooze": "ได้ค่ะ จะปลุกอีกครั้งตอน 8:10 น. นะคะ",
        "change": "เปลี่ยนให้แล้วค่ะ จะปลุกตอนแปดโมงสิบห้านาที",
        "sunrise": "ที่ปารีสพระอาทิตย์ขึ้นเวลา 7:31 น. ค่ะ",
        "times": "ตอนนี้โตเกียวห้าโมงเย็น ส่วนปารีสเก้าโมงเช้าค่ะ",
        "post": "รหัสไปรษณีย์ใจกลางปารีสคือ 75001 ค่ะ",
        "cancel": "ยกเลิกปลุกเจ็ดโมงเช้าแล้วค่ะ ส่วนเก้าโมงยังอยู่เหมือนเดิม",
    },
    "sw": {
        "snooze": "Sawa, kengele italia tena saa 2:10 asubuhi.",
        "change": "Nimebadilisha, sasa kengele italia saa mbili na robo asubuhi.",
        "sunrise": "Jua linachomoza jijini Paris saa moja na dakika 31 asubuhi.",
        "times": "Saa hizi Tokyo ni saa 11 jioni na Paris ni saa 3 asubuhi.",
        "post": "Msimbo wa posta wa katikati ya Paris ni 75001.",
        "cancel": "Nimefuta kengele ya saa moja asubuhi, ile ya saa tatu bado ipo.",
    },
}  # fmt: skip
WRONG = {  # another time, the cities' times exchanged, a denial beside the right time
    "en": ("Moved. You can sleep until a quarter past nine.", "Tokyo is at 9 AM and Paris at 5 PM right now.", "I'm afraid I couldn't do that. It rings at 8:10 AM."),
    "de": ("Umgestellt, jetzt klingelt der Wecker um Viertel nach neun.", "In Tokio ist es 9 Uhr, in Paris 17 Uhr.", "Das ging leider nicht. Er klingelt um 8:10 Uhr."),
    "fr": ("C'est modifié, le réveil sonnera à neuf heures et quart.", "Il est 9 h à Tokyo et 17 h à Paris.", "Désolé, ça n'a pas fonctionné. Il sonnera à 8 h 10."),
    "es": ("Cambiada: ahora suena a las nueve y cuarto.", "En Tokio son las 9:00 y en París, las 17:00.", "No he podido hacerlo. Sonará a las 8:10."),
    "pt": ("Mudei o alarme para as nove e quinze.", "Em Tóquio são 9h e em Paris são 17h.", "Não consegui fazer isso. O alarme toca às 8h10."),
    "ru": ("Перенёс, теперь будильник зазвонит в четверть десятого.", "В Токио сейчас 9:00, а в Париже 17:00.", "У меня не получилось. Будильник прозвенит в 8:10."),
    "zh": ("已经改好，现在九点一刻响。", "东京现在是上午9点，巴黎是下午5点。", "抱歉，没能办到。八点十分再叫您。"),
    "ja": ("アラームを9時15分に変更しました。", "東京は今午前9時、パリは午後5時です。", "設定できませんでした。8時10分に鳴ります。"),
    "ko": ("알람을 9시 15분으로 바꿨어요.", "도쿄는 지금 오전 9시이고 파리는 오후 5시예요.", "죄송하지만 하지 못했어요. 8시 10분에 울려요."),
    "ar": ("تم تغيير المنبه إلى التاسعة والربع صباحًا.", "الساعة الآن في طوكيو ٩:٠٠ صباحًا وفي باريس ٥:٠٠ مساءً.", "لم أتمكن من ذلك. سيرن المنبه الساعة ٨:١٠ ص."),
    "hi": ("अलार्म बदल दिया है, अब सवा नौ बजे बजेगा।", "टोक्यो में अभी सुबह के 9 बजे हैं और पेरिस में शाम के 5 बजे।", "माफ़ कीजिए, नहीं हो सका। अलार्म 8:10 बजे बजेगा।"),
    "bn": ("অ্যালার্ম বদলে দিয়েছি, এখন সোয়া নয়টায় বাজবে।", "টোকিওতে এখন সকাল ৯টা আর প্যারিসে বিকেল ৫টা।", "দুঃখিত, পারিনি। সকাল ৮টা ১০ মিনিটে বাজবে।"),
    "te": ("అలారం మార్చాను, ఇప్పుడు 9:15కి మోగుతుంది.", "టోక్యోలో ఇప్పుడు ఉదయం 9 గంటలు, ప్యారిస్‌లో సాయంత్రం 5 గంటలు.", "క్షమించండి, కుదరలేదు. అలారం 8:10కి మోగుతుంది."),
    "th": ("เปลี่ยนให้แล้วค่ะ จะปลุกตอนเก้าโมงสิบห้านาที", "ตอนนี้โตเกียวเก้าโมงเช้า ส่วนปารีสห้าโมงเย็นค่ะ", "ขอโทษค่ะ ทำไม่ได้ค่ะ จะปลุกตอน 8:10 น. ค่ะ"),
    "sw": ("Nimebadilisha, sasa kengele italia saa tatu na robo asubuhi.", "Saa hizi Tokyo ni saa 3 asubuhi na Paris ni saa 11 jioni.", "Samahani, sikuweza. Kengele italia saa 2:10 asubuhi."),
}  # fmt: skip


def rewards(language, replies):
    """What the default preset pays for replies to the right calls, given as (task, reply)."""
    rows = []
    for name, reply in replies:
        kind, slots = TASKS[name]
        task = make(kind, language, **slots)
        rows.append((task, trajectory(task, gold(task).calls, reply)))
    return paid(preset("multilingual_tool_use"), rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_native_would_say_earns_all(language):
    replies = RIGHT[language].items()
    found = zip(replies, rewards(language, replies), strict=True)
    assert [(reply, reward) for (_, reply), reward in found if reward < 0.95] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wrong_does_not(language):
    replies = list(zip(("change", "times", "snooze"), WRONG[language], strict=True))
    found = zip(replies, rewards(language, replies), strict=True)
    assert [(reply, reward) for (_, reply), reward in found if reward > 0.9] == []
