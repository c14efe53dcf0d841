"""What stands beside what was done: what follows from it, what stays as it was, advice. It costs a right reply nothing,
and makes no wrong one right."""

import pytest

from rewards.samples import gold, trajectory
from rl.data.catalog import make
from tests.rewards.scripted import LANGUAGES, paid, preset

TASKS = {
    "nothing else is set": ("show_alarms", {"a": "06:30", "b": "22:00"}),
    "nobody can use it": ("freeze_card", {"card": "4821", "other": "7305"}),
    "it cannot be paid with": ("freeze_card", {"card": "4821", "other": "7305"}),
    "the other one stays": ("cancel_alarm", {"time": "07:30", "other": "09:00"}),
    "advice": ("get_weather", {"city": "moscow"}),
    "if it does not fit": ("check_iban", {"iban": "DE89370400440532013000"}),
    "it does not check out": ("check_iban", {"iban": "DE89370400440532013001"}),
    "once it failed": ("set_alarm", {"time": "07:30"}),
    "one of several": ("book_appointment", {}),
}
# The case's replies that some languages have
SOME = {
    "it does not check out": [
        ("en", "Hmm, no, that IBAN doesn't check out."), ("en", "It doesn't add up."), ("en", "It failed the check."), ("fr", "Cet IBAN ne fonctionne pas."),
        ("ar", "هذا الآيبان لا يعمل."), ("ko", "없는 IBAN이에요."), ("hi", "जाँच में फ़ेल हो गया।"), ("te", "ఈ IBAN పనిచేయదు."), ("th", "ไม่มี IBAN นี้ค่ะ"),
        ("pt", "Esse IBAN não bate."), ("sw", "IBAN hiyo haifanyi kazi."),
    ],
    "once it failed": [
        ("en", "It failed once, but your alarm is set for 7:30 AM now."), ("es", "Ha fallado una vez, pero ya está puesta a las 7:30."),
        ("ru", "Один раз не удалось, но теперь будильник поставлен на 7:30."), ("de", "Es hat nicht gleich geklappt, aber jetzt ist er auf 7:30 Uhr gestellt."),
        ("ko", "한 번 실패했는데 지금은 7시 30분으로 맞췄어요."), ("ko", "첫 시도는 실패했고 두 번째에 맞췄어요."),
    ],
}  # fmt: skip
RIGHT = {
    "nothing else is set": {
        "en": "Two: 6:30 AM and 10 PM. Nothing else is set.",
        "de": "Zwei: um 6:30 und um 22:00 Uhr. Sonst ist nichts gestellt.",
        "fr": "Deux : 6h30 et 22h. Rien d'autre n'est programmé.",
        "es": "Tienes dos: a las 6:30 y a las 22:00. No hay nada más programado.",
        "pt": "Você tem dois: às 6:30 e às 22:00. Não tem mais nada programado.",
        "ru": "У вас два: на 6:30 и на 22:00. Больше ничего не поставлено.",
        "hi": "आपके दो अलार्म हैं: सुबह 6:30 और रात 10:00 बजे। और कुछ सेट नहीं है।",
        "bn": "আপনার দুটি অ্যালার্ম আছে: সকাল ৬:৩০ আর রাত ১০:০০। আর কিছু সেট করা নেই।",
        "te": "మీకు రెండు అలారాలు ఉన్నాయి: ఉదయం 6:30, రాత్రి 10:00. ఇంకేమీ సెట్ చేయలేదు.",
        "sw": "Una kengele mbili: saa 12:30 asubuhi na saa 4:00 usiku. Hakuna nyingine iliyowekwa.",
        "ar": "لديك منبهان: ٦:٣٠ صباحًا و١٠:٠٠ مساءً. ولا يوجد غيرهما.",
        "ja": "6時30分と22時の2つです。ほかには設定されていません。",
        "zh": "您有两个闹钟：6:30和22:00。没有设其他的了。",
        "ko": "오전 6:30과 오후 10:00 두 개예요. 그 외에는 설정된 게 없어요.",
        "th": "มี 2 อันค่ะ 6:30 น. กับ 22:00 น. ไม่ได้ตั้งอันอื่นไว้ค่ะ",
    },
    "nobody can use it": {
        "en": "Done, it's frozen. Nobody can use it now.",
        "de": "Erledigt, sie ist gesperrt. Niemand kann sie mehr benutzen.",
        "fr": "C'est fait, elle est bloquée. Personne ne peut plus l'utiliser.",
        "es": "Listo, está bloqueada. Nadie puede usarla ya.",
        "pt": "Pronto, está bloqueado. Ninguém consegue usar agora.",
        "ru": "Готово, карта заблокирована. Теперь ею никто не может пользоваться.",
        "hi": "कार्ड फ्रीज़ हो गया है। अब इसे कोई इस्तेमाल नहीं कर सकता।",
        "bn": "কার্ডটি ফ্রিজ করা হয়েছে। এখন আর কেউ এটা ব্যবহার করতে পারবে না।",
        "te": "కార్డ్ ఫ్రీజ్ చేశాను. ఇప్పుడు దీన్ని ఎవరూ వాడలేరు.",
        "sw": "Kadi imefungwa. Sasa hakuna mtu anayeweza kuitumia.",
        "ar": "تم تجميد البطاقة. لا يمكن لأحد استخدامها الآن.",
        "ja": "カードを凍結しました。今は誰も使えません。",
        "zh": "卡已经冻结了，现在谁也用不了。",
        "ko": "카드를 정지했어요. 이제 아무도 쓸 수 없어요.",
        "th": "อายัดบัตรแล้วค่ะ ตอนนี้ไม่มีใครใช้ได้แล้วค่ะ",
    },
    "it cannot be paid with": {
        "en": "It's frozen. It can't be used for payments until you unfreeze it.",
        "de": "Sie ist gesperrt. Damit kann nicht mehr bezahlt werden.",
        "fr": "Elle est bloquée. On ne peut plus payer avec.",
        "es": "Está bloqueada. Ya no se puede usar para pagar.",
        "pt": "Está bloqueado. Não dá mais para pagar com ele.",
        "ru": "Карта заблокирована. Платить ею больше нельзя.",
        "hi": "कार्ड फ्रीज़ कर दिया है। अब इससे पेमेंट नहीं हो सकेगा।",
        "bn": "কার্ডটি ফ্রিজ করেছি। এটা দিয়ে আর পেমেন্ট করা যাবে না।",
        "te": "కార్డ్ ఫ్రీజ్ చేశాను. ఇక దీంతో చెల్లింపులు జరగవు.",
        "sw": "Nimeifunga kadi. Haiwezi kutumika kulipia tena.",
        "ar": "جمّدت البطاقة. لا يمكن الدفع بها الآن.",
        "ja": "カードを凍結しました。もう支払いには使えません。",
        "zh": "卡已冻结，暂时无法用来付款。",
        "ko": "카드를 정지했어요. 결제에는 더 이상 쓸 수 없어요.",
        "th": "อายัดบัตรแล้วค่ะ ตอนนี้ใช้จ่ายไม่ได้แล้วนะคะ",
    },
    "the other one stays": {
        "en": "It's off now. Your 9 o'clock one is still on.",
        "de": "Der Wecker ist aus. Der um neun bleibt an.",
        "fr": "Elle est supprimée. Celle de 9h reste active.",
        "es": "Ya está apagada. La de las 9 sigue activa.",
        "pt": "Já desliguei. O das 9h continua ligado.",
        "ru": "Всё, его больше нет. Тот, что на девять, остался.",
        "hi": "अलार्म हटा दिया है। 9 बजे वाला चालू है।",
        "bn": "অ্যালার্মটা বন্ধ করে দিয়েছি। ৯টারটা চালু আছে।",
        "te": "అలారం తీసేశాను. 9 గంటలది అలాగే ఉంది.",
        "sw": "Nimeifuta. Ile ya saa 3:00 bado ipo.",
        "ar": "حذفته. منبه الساعة ٩:٠٠ ما زال مضبوطًا.",
        "ja": "消しておきました。9時のほうはそのままです。",
        "zh": "取消了，9点那个还留着，放心吧。",
        "ko": "7시 반 알람은 껐어요. 9시 알람은 그대로 켜져 있어요.",
        "th": "ยกเลิกให้แล้วค่ะ ส่วนอัน 9:00 น. ยังอยู่ค่ะ",
    },
    "advice": {
        "en": "It's 27°F. Better not go out without a hat!",
        "de": "Minus drei Grad. Ohne Mütze besser nicht rausgehen!",
        "fr": "Il fait moins trois degrés. Ne sortez pas sans bonnet !",
        "es": "Hace tres grados bajo cero. ¡No salgas sin gorro!",
        "pt": "Está menos três graus. Não saia sem touca!",
        "ru": "Минус три градуса. Без шапки лучше не выходить!",
        "hi": "माइनस तीन डिग्री है। बिना टोपी के बाहर मत निकलिए!",
        "bn": "মাইনাস তিন ডিগ্রি। টুপি ছাড়া বাইরে যাবেন না!",
        "te": "మైనస్ మూడు డిగ్రీలు. టోపీ లేకుండా బయటికి వెళ్ళకండి!",
        "sw": "Ni nyuzi joto hasi tatu. Usitoke bila kofia!",
        "ar": "الحرارة ثلاث درجات تحت الصفر. لا تخرج بدون قبعة!",
        "ja": "マイナス3度です。帽子なしでは出かけないほうがいいですよ。",
        "zh": "零下3度，出门别忘了戴帽子。",
        "ko": "영하 3도예요. 모자 없이 나가지 마세요!",
        "th": "ลบ 3 องศาค่ะ อย่าลืมใส่หมวกนะคะ",
    },
    "if it does not fit": {
        "en": "Yes, it's valid. If it isn't the right one, send me another.",
        "es": "Sí, es válido. Si no te va bien, dímelo y miro otro.",
        "fr": "Oui, il est valide. Si ce n'est pas le bon, envoyez-m'en un autre.",
        "de": "Ja, sie ist gültig. Falls es nicht passt, sag mir einfach Bescheid.",
        "pt": "Sim, é válido. Se não for o certo, me mande outro.",
        "ru": "Да, он действителен. Если это не тот, пришлите другой.",
        "zh": "是的，这个账号有效。如果不对，再发我一个。",
        "ja": "はい、有効です。もし違っていたら、教えてくださいね。",
        "ko": "네, 유효한 번호예요. 맞지 않으면 말씀해 주세요.",
        "ar": "نعم، الرقم صحيح. إذا لم يكن مناسبًا فأخبرني.",
        "hi": "हाँ, यह वैध है। अगर सही न लगे तो बताइएगा।",
        "bn": "হ্যাঁ, এটা বৈধ। ঠিক না হলে আমাকে জানাবেন।",
        "te": "అవును, ఇది చెల్లుతుంది. ఒకవేళ సరిగ్గా లేకపోతే చెప్పండి.",
        "th": "ใช้ได้ค่ะ ถ้าไม่ถูกต้องแจ้งได้เลยนะคะ",
        "sw": "Ndiyo, ni halali. Ikiwa si sahihi, niambie.",
    },
}
# The same tasks after the right calls, and what was done is not said, or said to be otherwise.
WRONG = {
    "nothing else is set": {
        "en": "Nothing is set.", "de": "Es ist nichts gestellt.", "ru": "Ничего не поставлено.", "zh": "没有设闹钟。",
    },
    "nobody can use it": {
        "en": "I couldn't freeze the card, so it can still be used.", "de": "Ich konnte die Karte nicht sperren, sie lässt sich weiter benutzen.",
        "fr": "Je la bloque dès que tu confirmes.", "ja": "今から停止しますね、少々お待ちください。", "th": "จะให้อายัดบัตรเลยไหมคะ",
        "ar": "لم أتمكن من تجميد البطاقة. لا يمكن الدفع بها الآن.", "hi": "कार्ड फ्रीज़ नहीं हो सका। इससे पेमेंट हो सकता है।",
    },
    "if it does not fit": {
        "en": "If it is valid, I will tell you.", "de": "Falls sie gültig ist, sage ich Bescheid.", "es": "Si te parece válido, dímelo.",
    },
    # The times that were free; the first was booked
    "one of several": {
        "en": "You're booked for 10:35 AM, 1:30 PM, 3:20 PM.", "de": "Gebucht: 10:35, 13:30, 15:20 Uhr.", "fr": "Rendez-vous à 10:35, 13:30, 15:20.",
        "zh": "约好了：10:35、13:30、15:20。", "ja": "10:35、13:30、15:20で予約しました。", "ar": "الموعد الساعة ١٠:٣٥ ص، ١:٣٠ م، ٣:٢٠ م.",
        "sw": "Miadi: 10:35, 13:30, 15:20.",
    },
    "the other one stays": {
        "en": "It's still on. Your 9 o'clock one is off now.", "de": "Der um neun ist jetzt aus.", "zh": "9点那个取消了。",
        "th": "ยกเลิกอัน 9:00 น. แล้วค่ะ", "ja": "今から消しますね、少々お待ちください。",
    },
}  # fmt: skip


def pay(case: str, replies: list[tuple[str, str]]) -> list[float]:
    """What the default preset pays for replies to the right calls, given as (language, reply)."""
    kind, slots = TASKS[case]
    tasks = [(make(kind, language, **slots), reply) for language, reply in replies]
    rows = [(task, trajectory(task, gold(task).calls, reply)) for task, reply in tasks]
    return paid(preset("multilingual_tool_use"), rows)


@pytest.mark.parametrize("case", RIGHT)
def test_it_costs_a_right_reply_nothing(case: str) -> None:
    assert set(RIGHT[case]) == set(LANGUAGES)
    replies = list(RIGHT[case].items())
    found = zip(replies, pay(case, replies), strict=True)
    assert [(reply, reward) for reply, reward in found if reward < 0.95] == []


@pytest.mark.parametrize("case", SOME)
def test_nor_does_it_in_other_words(case: str) -> None:
    found = zip(SOME[case], pay(case, SOME[case]), strict=True)
    assert [(reply, reward) for reply, reward in found if reward < 0.95] == []


@pytest.mark.parametrize("case", WRONG)
def test_it_makes_no_wrong_one_right(case: str) -> None:
    replies = list(WRONG[case].items())
    found = zip(replies, pay(case, replies), strict=True)
    assert [(reply, reward) for reply, reward in found if reward > 0.9] == []
