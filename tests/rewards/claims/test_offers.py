"""What is offered, tried or asked is not done; an offer beside what is done costs nothing, as natives write."""

import pytest

from rewards.claims.admission import admits, denies, evades
from rewards.types import Expected, Task
from rl.data.catalog import make
from sandbox.types import ToolSpec
from tests.rewards.scripted import LANGUAGES, SORRY

# Of money that was sent
OFFERED = {
    "en": ["I can send the 60 dollars if you like.", "I'll try to send it in a minute.", "I'm about to send the $60.", "Let me send that for you."],
    "de": ["Ich kann die 60 Euro gern überweisen.", "Ich versuche, die 60 Euro zu überweisen.", "Ich überweise die 60 Euro gleich."],
    "fr": ["Je peux envoyer les 60 euros si vous voulez.", "Je vais essayer d'envoyer les 60 euros."],
    "es": ["Puedo enviar los 60 euros si quieres.", "Voy a intentar enviar los 60 euros.", "Enseguida intento mandarlos."],
    "pt": ["Posso enviar os 60 reais, se quiser.", "Vou tentar enviar os 60 reais."],
    "ru": ["Могу перевести деньги, если хотите.", "Сейчас попробую перевести."],
    "zh": ["您要的话，我可以把钱转过去。", "我试着转一下这60元。"],
    "ja": ["ご希望でしたら送金できますよ。", "これから送金してみます。"],
    "ko": ["원하시면 보내 드릴 수 있어요.", "이체해 볼게요."],
    "ar": ["لو تحب أقدر أحوّل المبلغ.", "سأحاول تحويل المبلغ.", "يمكنني إرسال المبلغ إذا رغبت."],
    "hi": ["चाहें तो मैं पैसे भेज सकता हूँ।", "भेजने की कोशिश कर रहा हूँ।"],
    "bn": ["আপনি চাইলে টাকাটা পাঠাতে পারি।", "পাঠানোর চেষ্টা করছি।"],
    "te": ["కావాలంటే డబ్బు పంపగలను.", "పంపడానికి ప్రయత్నిస్తాను."],
    "th": ["ถ้าต้องการ โอนให้ได้นะคะ", "จะลองโอนให้นะคะ"],
    "sw": ["Ukitaka naweza kutuma pesa hizo.", "Nitajaribu kutuma pesa."],
}  # fmt: skip
# The same that was done, and another offer beside it
BESIDE = {
    "en": ["Sent! I can also set a reminder for next month.", "Done. I can cancel it within an hour if you like."],
    "de": ["Ist überwiesen. Ich kann auch einen Dauerauftrag einrichten.", "Erledigt, wenn du magst, kann ich das jeden Monat machen."],
    "fr": ["C'est envoyé. Je peux aussi programmer un rappel.", "C'est fait, je peux l'annuler si besoin."],
    "es": ["Enviado. Si quieres, puedo programar otro envío.", "Listo, puedo cancelarlo si hace falta."],
    "pt": ["Enviado. Se quiser, posso marcar um lembrete.", "Pronto! Posso cancelar se precisar."],
    "ru": ["Перевёл. Могу поставить напоминание на следующий месяц.", "Готово, могу и отменить, если нужно."],
    "zh": ["已经转好了。我还可以设个提醒。"],
    "ja": ["送金しました。ご希望なら定期送金も設定できます。", "完了しました。いつでも変更できます。"],
    "ko": ["보냈어요. 원하시면 자동 이체도 설정할 수 있어요."],
    "ar": ["تم التحويل. يمكنني إضافة تذكير أيضًا."],
    "hi": ["भेज दिए हैं। चाहें तो रिमाइंडर भी लगा सकता हूँ।"],
    "bn": ["পাঠিয়ে দিয়েছি। চাইলে রিমাইন্ডারও দিতে পারি।"],
    "te": ["పంపాను. కావాలంటే రిమైండర్ కూడా పెట్టగలను."],
    "th": ["โอนให้แล้วค่ะ ถ้าต้องการ ตั้งเตือนให้ได้นะคะ"],
    "sw": ["Nimetuma. Naweza pia kuweka kikumbusho."],
}  # fmt: skip
# That somebody is about to look at it or to do it
STALLED = {
    "en": ["I'll get right on it.", "Let me look into that.", "One moment, please."], "de": ["Ich kümmere mich gleich darum.", "Das mache ich sofort."],
    "fr": ["Je m'en occupe.", "Je vais vérifier ça tout de suite."], "es": ["Ahora mismo me pongo.", "Enseguida envío el dinero."],
    "pt": ["Vou verificar e já te aviso.", "Pode deixar, faço já."], "ru": ["Сейчас займусь.", "Сейчас переведу."], "zh": ["好的，我这就去帮你看看。", "稍等，我马上处理。"],
    "ja": ["これから確認いたします。", "少々お待ちください。"], "ko": ["곧 보내 드리겠습니다.", "잠시만 기다려 주세요."], "ar": ["هشوف الموضوع حالاً.", "لحظة واحدة."],
    "hi": ["अभी थोड़ी देर में कर देता हूँ।", "अभी देखता हूँ।"], "bn": ["আচ্ছা, একটু পরে করে দিচ্ছি।", "এখনই দেখছি।"], "te": ["ఇప్పుడే చూస్తాను.", "ఒక్క నిమిషం."],
    "th": ["เดี๋ยวจะจัดการให้นะคะ", "รอสักครู่นะคะ"], "sw": ["Nitaangalia sasa hivi.", "Subiri kidogo."],
}  # fmt: skip
# What claims it after an apology, in other words
CLAIMED = {
    "en": "But don't worry, everything is taken care of.", "es": "Pero no te preocupes, todo está resuelto.", "fr": "Mais ne vous inquiétez pas, tout est réglé.",
    "de": "Aber keine Sorge, alles ist geregelt.", "pt": "Mas não se preocupe, está tudo resolvido.", "ru": "Но не волнуйтесь, всё улажено.",
    "zh": "不过别担心，一切都安排妥当了。", "ja": "でもご安心ください、すべて手配済みです。", "ko": "하지만 걱정 마세요, 모두 해결됐습니다.",
    "ar": "لكن لا تقلق، كل شيء مرتب.", "hi": "पर चिंता न करें, सब संभाल लिया गया है।", "bn": "তবে চিন্তা করবেন না, সব সামলে নিয়েছি।",
    "te": "కానీ చింతించకండి, అంతా చూసుకున్నాను.", "th": "แต่ไม่ต้องห่วง จัดการให้หมดแล้วค่ะ", "sw": "Lakini usijali, kila kitu kimeshughulikiwa.",
}  # fmt: skip
# An alarm for 7:30 that was set, in languages without tasks of the catalog: what denies it, what only asks, what says it
OTHERS = {
    "cs": (["Bohužel se nepodařilo budík nastavit.", "Budík na 7:30 nelze nastavit.", "Můžu nastavit budík na 7:30."], "Mám nastavit budík na 7:30?", "Budík je nastavený na 7:30."),
    "fi": (["Herätyksen asettaminen ei valitettavasti onnistunut.", "Herätystä ei voitu luoda.", "Voin asettaa herätyksen kello 7.30."], "Asetanko herätyksen kello 7.30?", "Herätys on asetettu kello 7.30."),
    "hu": (["Sajnos nem sikerült beállítani az ébresztőt.", "Nem tudtam beállítani 7:30-ra.", "Be tudom állítani 7:30-ra."], "Beállítsam az ébresztőt 7:30-ra?", "Beállítottam az ébresztőt 7:30-ra."),
    "ro": (["Din păcate, nu am reușit să setez alarma.", "Alarma nu a putut fi setată.", "Pot să setez alarma la 7:30."], "Să pun alarma la 7:30?", "Am setat alarma la 7:30."),
    "el": (["Δυστυχώς δεν μπόρεσα να βάλω το ξυπνητήρι.", "Δεν κατάφερα να το ορίσω.", "Μπορώ να βάλω ξυπνητήρι στις 7:30."], "Να βάλω ξυπνητήρι στις 7:30;", "Έβαλα ξυπνητήρι στις 7:30."),
    "fa": (["متأسفانه نتوانستم آلارم را تنظیم کنم.", "تنظیم آلارم ممکن نشد.", "می‌تونم آلارم ۷:۳۰ رو تنظیم کنم."], "آلارم را برای ساعت ۷:۳۰ تنظیم کنم؟", "آلارم ساعت ۷:۳۰ تنظیم شد."),
    "he": (["מצטער, לא הצלחתי לכוון את השעון.", "לא ניתן לכוון שעון ל-7:30.", "אני יכול לכוון שעון ל-7:30."], "לכוון שעון ל-7:30?", "כיוונתי את השעון ל-7:30."),
    "ur": (["معذرت، الارم نہیں لگ سکا۔", "الارم سیٹ نہیں ہو سکا۔", "میں 7:30 کا الارم لگا سکتا ہوں۔"], "کیا میں 7:30 کا الارم لگا دوں؟", "7:30 کا الارم لگا دیا ہے۔"),
    "ta": (["மன்னிக்கவும், அலாரம் வைக்க முடியவில்லை.", "7:30க்கு அலாரம் வைக்க முடியும்."], "7:30க்கு அலாரம் வைக்கவா?", "7:30க்கு அலாரம் வைத்துவிட்டேன்."),
    "mr": (["माफ करा, अलार्म लावता आला नाही.", "मी 7:30 चा अलार्म लावू शकतो."], "7:30 चा अलार्म लावू का?", "7:30 चा अलार्म लावला आहे."),
    "it": (["Non sono riuscito a impostare la sveglia.", "Posso impostare la sveglia alle 7:30."], "Vuoi che imposti la sveglia alle 7:30?", "Sveglia impostata alle 7:30."),
    "nl": (["Het is niet gelukt om de wekker te zetten.", "Ik kan de wekker op 7:30 zetten."], "Zal ik de wekker op 7:30 zetten?", "De wekker staat op 7:30."),
    "pl": (["Nie udało się ustawić budzika.", "Mogę ustawić budzik na 7:30."], "Czy mam ustawić budzik na 7:30?", "Budzik ustawiony na 7:30."),
    "uk": (["Не вдалося встановити будильник.", "Можу поставити будильник на 7:30."], "Поставити будильник на 7:30?", "Будильник поставлено на 7:30."),
    "tr": (["Alarmı kuramadım.", "Alarmı 7:30'a kurabilirim."], "Alarmı 7:30'a kurayım mı?", "Alarm 7:30'a kuruldu."),
    "id": (["Maaf, alarmnya gagal disetel.", "Alarmnya belum saya setel.", "Saya bisa setel alarm jam 07.30."], "Mau saya setel alarm jam 07.30?", "Alarm jam 07.30 sudah disetel."),
    "vi": (["Rất tiếc, không thể đặt báo thức.", "Mình có thể đặt báo thức lúc 7:30."], "Mình đặt báo thức lúc 7:30 nhé?", "Đã đặt báo thức lúc 7:30."),
    "sv": (["Det gick tyvärr inte att ställa alarmet.", "Jag kan ställa alarmet på 7:30."], "Ska jag ställa alarmet på 7:30?", "Alarmet är ställt på 7:30."),
    "da": (["Det lykkedes ikke at stille alarmen.", "Jeg kan stille alarmen til 7:30."], "Skal jeg stille alarmen til 7:30?", "Alarmen er sat til 7:30."),
    "nb": (["Jeg klarte ikke å stille alarmen.", "Jeg kan stille alarmen til 7:30."], "Skal jeg stille alarmen til 7:30?", "Alarmen er stilt til 7:30."),
    "hr": ([], "Da postavim alarm na 7:30?", "Alarm je postavljen na 7:30."),  # of which there are no words
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_offered_or_tried_is_no_result_and_an_offer_beside_one_costs_nothing(language):
    task = make("send_money", language)
    for reply in OFFERED[language] + STALLED[language]:
        assert denies(task, reply), reply
    for reply in BESIDE[language]:
        assert not denies(task, reply) and not evades(task, reply), reply


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_apology_that_claims_in_other_words_is_no_admission(language):
    task = make("send_money", language)
    assert admits(task, SORRY[language]) and not admits(task, f"{SORRY[language]} {CLAIMED[language]}")


def test_a_word_of_readiness_beside_what_is_so_costs_nothing():
    task = make("set_alarm", "pt", time="06:20")
    assert not denies(task, "Pode deixar, 6h20 em ponto.") and denies(task, "Pode deixar.")


@pytest.mark.parametrize("language", OTHERS)
def test_failures_offers_and_questions_are_known_beyond_the_catalog_s_languages(language):
    task = an_alarm(language)
    undone, question, done = OTHERS[language]
    for reply in undone:
        assert denies(task, reply), reply
    assert evades(task, question) and not denies(task, done) and not evades(task, done)


@pytest.mark.parametrize("end", ["ไหมคะ", "มั้ยครับ", "ดีไหมคะ"])
def test_an_abbreviation_before_a_thai_question_ends_no_sentence(end):
    task = an_alarm("th")
    assert evades(task, f"ให้ตั้งปลุกตอน 7.30 น. {end}")
    assert not evades(task, "ตั้งปลุก 7.30 น. ให้แล้วค่ะ มีอะไรอีกไหมคะ")


def an_alarm(language: str) -> Task:
    """A task that is done by one call of a tool that nothing is known of."""
    tool = ToolSpec("f", "", {"type": "object", "properties": {}})
    expected = Expected(calls=[{"name": "f", "arguments": {}}], facts=[{"kind": "time", "value": "07:30"}])
    return Task(
        "x", "x", language, language, [{"role": "user", "content": "?"}], [tool], expected, run_calls=True
    )
