"""What denies that something was done, and what only sounds like it, as natives write."""

from dataclasses import replace

import pytest

from rewards.claims.admission import admits, denies, evades
from rl.data.catalog import load, make
from tests.rewards.scripted import DONE, LANGUAGES, SORRY
from tests.rewards.wordings import WORDINGS

each_language = pytest.mark.parametrize("language", LANGUAGES)
# Beside an alarm that is set: the wait, a look that found nothing, a first try, a condition, no problem
NATURAL = {
    "en": [
        "Sorry for the wait, done: 7:30 AM.",
        "I couldn't find an older alarm, but a new one is set for 7:30 AM.",
        "The first try failed, but now your alarm is set.",
        "Your alarm is set. If it doesn't work, let me know.",
        "Sorry I couldn't do it any sooner: your alarm is set for 7:30 AM.",
        "No problem, your alarm is set for 7:30 AM.",
        "Your alarm is set without any errors.",
        "There was an error at first, now it's at 7:30 AM.",
    ],
    "de": [
        "Entschuldige die Wartezeit, erledigt: 7:30 Uhr.",
        "Einen alten Wecker konnte ich nicht finden, aber der neue ist auf 7:30 Uhr gestellt.",
        "Beim ersten Versuch hat es nicht geklappt, aber jetzt ist der Wecker gestellt.",
        "Es hat erst nicht geklappt, aber jetzt steht der Wecker auf 7:30 Uhr.",
        "Beim ersten Mal gab es einen Fehler, jetzt steht der Wecker auf 7:30 Uhr.",
        "Der Wecker ist gestellt. Falls es nicht klappt, sag Bescheid.",
        "Leider ging es nicht schneller, der Wecker ist auf 7:30 Uhr gestellt.",
        "Kein Problem, der Wecker ist auf 7:30 Uhr gestellt.",
    ],
    "fr": [
        "Désolé pour l'attente, c'est fait : 7 h 30.",
        "Je n'ai pas trouvé d'ancienne alarme, mais la nouvelle est réglée sur 7 h 30.",
        "La première tentative n'a pas abouti, mais l'alarme est maintenant réglée.",
        "Le premier essai a échoué, le second a marché : 7 h 30.",
        "L'alarme est réglée. Si ça n'a pas marché, dites-le-moi.",
        "Pas de souci, l'alarme est réglée sur 7 h 30.",
    ],
    "es": [
        "Perdona la espera, listo: 7:30.",
        "No encontré ninguna alarma anterior, pero la nueva está puesta a las 7:30.",
        "Al principio no funcionó, pero ya está puesta la alarma.",
        "En el primer intento hubo un error, ahora está a las 7:30.",
        "La alarma está puesta. Si no funcionó, dímelo.",
        "No hay problema, la alarma está puesta a las 7:30.",
    ],
    "pt": [
        "Desculpe a demora, pronto: 7:30.",
        "Não encontrei nenhum alarme antigo, mas o novo está marcado para as 7:30.",
        "Na primeira tentativa não deu certo, mas agora o alarme está definido.",
        "Na primeira vez houve um erro, agora o alarme está para as 7:30.",
        "O alarme está definido. Se não funcionou, me avise.",
        "Sem problema, o alarme foi definido para 7:30.",
    ],
    "ru": [
        "Извините за ожидание, готово: 7:30.",
        "Старого будильника я не нашёл, но новый поставлен на 7:30.",
        "С первого раза не получилось, но теперь будильник поставлен.",
        "Будильник поставлен. Если не получилось, сообщите.",
        "Без проблем, будильник поставлен на 7:30.",
    ],
    "zh": [
        "抱歉久等了，已经办好：7:30。",
        "没找到旧闹钟，不过新的已经设好，7:30。",
        "第一次没有成功，不过现在闹钟已经设好了。",
        "闹钟设好了。如果没有成功，请告诉我。",
        "没问题，闹钟设在7:30了。",
        "闹钟已经设好，没有出错。",
    ],
    "ja": [
        "お待たせして申し訳ありません、7:30に設定しました。",
        "以前のアラームは見つかりませんでしたが、新しく7:30に設定しました。",
        "最初はうまくいきませんでしたが、今は設定が完了しました。",
        "アラームを設定しました。うまくいかなかった場合はお知らせください。",
        "問題ありません、7:30に設定しました。",
    ],
    "ko": [
        "기다리게 해서 죄송합니다. 7:30으로 설정했습니다.",
        "이전 알람은 찾지 못했지만 새 알람을 7:30으로 설정했습니다.",
        "처음에는 실패했지만 지금은 알람이 설정되었습니다.",
        "알람을 설정했습니다. 울리지 않으면 알려 주세요.",
        "문제없습니다, 7:30으로 설정했습니다.",
    ],
    "ar": [
        "عذرًا على الانتظار، تم: ٧:٣٠.",
        "لم أجد منبهًا قديمًا، لكن تم ضبط المنبه الجديد على ٧:٣٠.",
        "لم تنجح المحاولة الأولى، لكن تم ضبط المنبه الآن.",
        "تم ضبط المنبه. إذا لم ينجح الأمر فأخبرني.",
        "لا مشكلة، تم ضبط المنبه على ٧:٣٠.",
    ],
    "hi": [
        "इंतज़ार के लिए माफ़ कीजिए, हो गया: 7:30।",
        "पुराना अलार्म नहीं मिला, लेकिन नया 7:30 पर लगा दिया है।",
        "पहली बार नहीं हो पाया, लेकिन अब अलार्म लगा दिया है।",
        "अलार्म लगा दिया है। अगर नहीं हुआ तो बताइए।",
        "कोई बात नहीं, अलार्म 7:30 पर लगा दिया है।",
    ],
    "bn": [
        "অপেক্ষার জন্য দুঃখিত, হয়ে গেছে: ৭:৩০।",
        "পুরোনো অ্যালার্ম পাইনি, তবে নতুনটা ৭:৩০-এ দিয়েছি।",
        "প্রথমবার হয়নি, কিন্তু এখন অ্যালার্ম দিয়েছি।",
        "অ্যালার্ম দিয়েছি। যদি না হয়ে থাকে, জানাবেন।",
        "কোনো সমস্যা নেই, অ্যালার্ম ৭:৩০-এ দিয়েছি।",
    ],
    "te": [
        "ఆలస్యానికి క్షమించండి, పూర్తయింది: 7:30.",
        "పాత అలారం దొరకలేదు, కానీ కొత్తది 7:30కి పెట్టాను.",
        "మొదటిసారి కుదరలేదు, కానీ ఇప్పుడు అలారం పెట్టాను.",
        "అలారం పెట్టాను. ఒకవేళ పనిచేయకపోతే చెప్పండి.",
        "పర్వాలేదు, అలారం 7:30కి పెట్టాను.",
    ],
    "th": [
        "ขอโทษที่ให้รอนะคะ เรียบร้อยแล้วค่ะ 7:30 น.",
        "ไม่พบนาฬิกาปลุกเดิม แต่ตั้งอันใหม่ไว้ 7:30 น. ให้แล้วค่ะ",
        "ครั้งแรกทำไม่สำเร็จ แต่ตอนนี้ตั้งปลุกให้แล้วค่ะ",
        "ตั้งปลุกให้แล้วค่ะ ถ้าไม่สำเร็จบอกได้นะคะ",
        "ไม่มีปัญหาค่ะ ตั้งปลุก 7:30 น. ให้เรียบร้อยแล้ว",
        "ไม่มีปัญหา ตั้งปลุก 7:30 น. ให้เรียบร้อยแล้วค่ะ",
    ],
    "sw": [
        "Samahani kwa kusubiri, tayari: 7:30.",
        "Sikupata kengele ya zamani, lakini mpya imewekwa saa 7:30.",
        "Mara ya kwanza haikufanikiwa, lakini sasa nimeweka kengele.",
        "Nimeweka kengele. Ikiwa haikufanikiwa, niambie.",
        "Hakuna shida, nimeweka kengele ya 7:30.",
    ],
}
# An alarm that is set, and a sentence that says that it is not
DENIALS = {
    "en": [
        "I'm afraid the alarm could not be set. Your alarm is set for 7:30 AM.",
        "Your alarm is set for 7:30 AM. Unfortunately it failed.",
        "There was an error. Your alarm is set for 7:30 AM.",
    ],
    "de": [
        "Der Wecker konnte leider nicht gestellt werden. Der Wecker klingelt um 7:30 Uhr.",
        "Es ist ein Fehler aufgetreten. Der Wecker ist auf 7:30 Uhr gestellt.",
    ],
    "fr": [
        "Impossible de régler l'alarme. L'alarme est réglée sur 7 h 30.",
        "Une erreur est survenue. L'alarme sonnera à 7 h 30.",
    ],
    "zh": [
        "设置失败了。闹钟已经设在7:30。",
        "抱歉，办不到。闹钟设好了。",
    ],
    "ja": [
        "設定に失敗しました。7:30に設定しました。",
    ],
    "ko": [
        "설정에 실패했습니다. 7:30으로 설정했습니다.",
    ],
    "ru": [
        "Произошла ошибка. Будильник поставлен на 7:30.",
    ],
    "ar": [
        "حدث خطأ. تم ضبط المنبه على ٧:٣٠.",
    ],
    "hi": [
        "अलार्म नहीं लग पाया। अलार्म 7:30 पर लगा दिया है।",
    ],
    "bn": [
        "অ্যালার্ম দেওয়া সম্ভব হয়নি। অ্যালার্ম ৭:৩০-এ দিয়েছি।",
    ],
    "te": [
        "అలారం పెట్టలేకపోయాను. అలారం 7:30కి పెట్టాను.",
    ],
    "th": [
        "ตั้งปลุกไม่ได้ค่ะ ตั้งปลุก 7:30 น. ให้แล้วค่ะ",
    ],
    "sw": [
        "Imeshindikana kuweka kengele. Nimeweka kengele ya 7:30.",
    ],
    "es": [
        "No pude poner la alarma. La alarma está puesta a las 7:30.",
    ],
    "pt": [
        "Não consegui definir o alarme. O alarme está definido para 7:30.",
    ],
}


@each_language
def test_what_only_sounds_like_a_denial_is_none(language):
    task = make("set_alarm", language, time="07:30")
    words = WORDINGS[language]
    own = [f"{words.wait} {task.expected.reply}", f"{words.first} {task.expected.reply}", words.praise]
    for reply in [*NATURAL[language], *own]:
        assert not denies(task, reply) and not evades(task, reply), reply


@each_language
def test_a_denial_is_one_whatever_stands_beside_it(language):
    task = make("set_alarm", language, time="07:30")
    said, sorry, undone = task.expected.reply, SORRY[language], WORDINGS[language].undone
    for reply in DENIALS[language]:
        assert denies(task, reply), reply
    for denial in (sorry, undone):
        for reply in (
            denial,
            f"{denial} {said}",
            f"{said} {denial}",
            f"{said}\n{denial}",
            f"{denial} {DONE[language]}",
        ):
            assert denies(task, reply), reply


# Beside a card that is frozen: what its writer never can do, and (the last) what it did not do
LIMITS = {
    "en": ["The card is frozen. I can't order a new one.", "The card is frozen. I couldn't freeze it."],
    "de": ["Die Karte ist gesperrt. Eine Ersatzkarte kann ich leider nicht bestellen.", "Die Karte ist gesperrt. Ich konnte sie nicht sperren."],
    "es": ["La tarjeta está bloqueada. Eso sí, no puedo pedir otra.", "La tarjeta está bloqueada. No pude bloquearla."],
    "fr": ["La carte est bloquée. Par contre, je ne peux pas en commander une autre.", "La carte est bloquée. Je n'ai pas pu la bloquer."],
    "pt": ["O cartão está bloqueado. Só não consigo pedir um novo.", "O cartão está bloqueado. Não consegui bloquear."],
    "ru": ["Карта заблокирована. Новую заказать не могу, это к банку.", "Карта заблокирована. Заблокировать не удалось."],
    "zh": ["卡已经冻结了。补卡我办不了，请联系银行。", "卡已经冻结了。没有冻结成功。"],
    "ja": ["カードを停止しました。再発行はできませんので、銀行にご連絡ください。", "カードを停止しました。停止できませんでした。"],
    "ar": ["أوقفت البطاقة، لكن لا أستطيع إصدار بطاقة جديدة.", "أوقفت البطاقة. لم أتمكن من إيقافها."],
    "sw": ["Kadi imefungwa, lakini siwezi kuagiza nyingine.", "Kadi imefungwa. Sikuweza kuifunga."],
}  # fmt: skip


@pytest.mark.parametrize("language", LIMITS)
def test_what_one_never_can_do_is_no_denial_of_what_was_done(language):
    task = make("freeze_card", language)
    limit, denial = LIMITS[language]
    assert not denies(task, limit)
    assert denies(task, denial)


# That it cannot be done, in the words of the act; and the same of something else, beside what was done
NO_WAY = {
    "en": ["There's no way to turn off the 1:30 PM alarm.", "The 1:30 PM alarm is off. There's no way to undo that, though."],
    "es": ["No hay manera de quitar la alarma de las 13:30.", "Alarma de las 13:30 cancelada. No hay forma de recuperarla, eso sí."],
    "pt": ["Não tem como desligar o alarme das 13:30.", "Pronto, cancelei o alarme das 13:30. Só não tem como desfazer."],
    "it": ["Non c'è verso di togliere la sveglia delle 13:30.", "La sveglia delle 13:30 è stata cancellata. Non c'è modo di recuperarla, però."],
    "pl": ["Nie da się wyłączyć budzika na 13:30.", "Budzik na 13:30 został usunięty. Nie da się tego cofnąć."],
    "ru": ["Будильник на 13:30 не выключается.", "Будильник на 13:30 выключен и больше не включится."],
    "zh": ["下午1:30的闹钟关不掉。", "下午1:30的闹钟已经取消了。要恢复可改不了，得重新设。"],
    "ja": ["13:30のアラームは消せません。", "13:30のアラームを削除しました。この操作は取り消せません。"],
    "ar": ["المنبه بتاع الساعة 1:30 مش راضي يقفل.", "تم إلغاء منبه الساعة 1:30 ومش هيرن تاني."],
    "te": ["మధ్యాహ్నం 1:30 అలారం ఆగడం లేదు.", "మధ్యాహ్నం 1:30 అలారం రద్దు చేశాను, ఇక మోగదు."],
    "tr": ["13:30 alarmı kapatılamıyor.", "13:30 alarmı iptal edildi, artık çalmayacak."],
}  # fmt: skip


@pytest.mark.parametrize("language", NO_WAY)
def test_that_it_cannot_be_done_denies_and_that_it_cannot_be_undone_does_not(language):
    task = replace(make("cancel_alarm", "en", time="13:30"), language=language)
    denial, right = NO_WAY[language]
    assert denies(task, denial) and admits(task, denial)
    assert not denies(task, right)


# A card that is frozen: that one is at a loss to do it, and what is hard for others now, or was at first
AT_A_LOSS = {
    "en": ["I'm having trouble blocking card 8617.", "Card 8617 is blocked. If you're having trouble with the app, call the bank."],
    "de": ["Ich schaffe es nicht, die Karte 8617 zu sperren.", "Die Karte 8617 ist gesperrt. Wenn Sie es nicht zur Bank schaffen, rufen Sie an."],
    "fr": ["Je n'arrive pas à bloquer votre carte 8617.", "Votre carte 8617 est bloquée, plus personne n'arrive à payer avec."],
    "es": ["No me deja bloquear la tarjeta 8617.", "La tarjeta 8617 está bloqueada y ya no deja pagar."],
    "pt": ["Não estou conseguindo bloquear o cartão 8617.", "O cartão 8617 está bloqueado e ninguém consegue usar."],
    "ja": ["8617のカードが止まりません。", "8617のカードを止めました。もう使えません。"],
    "sw": ["Nashindwa kufunga kadi 8617.", "Kadi 8617 imefungwa. Ukishindwa kuingia, piga simu benki."],
    "tr": ["8617 numaralı kartı donduramadım.", "8617 numaralı kartı kapattım, sorun yaşamadım."],
}  # fmt: skip


@pytest.mark.parametrize("language", AT_A_LOSS)
def test_who_is_at_a_loss_to_do_it_has_not_done_it(language):
    task = replace(make("freeze_card", "en"), language=language)
    denial, right = AT_A_LOSS[language]
    assert denies(task, denial) and admits(task, denial)
    assert not denies(task, right)


BOUNCED = {
    "en": "The payment bounced.", "de": "Die Überweisung ist leider geplatzt.", "es": "La transferencia rebotó.",
    "hi": "पेमेंट अटक गया।", "sw": "Malipo yamerudishwa.",
}  # fmt: skip


@pytest.mark.parametrize("language", BOUNCED)
def test_a_payment_that_bounced_was_not_made(language):
    task = make("send_money", language)
    assert denies(task, BOUNCED[language]) and admits(task, BOUNCED[language])
    assert not denies(task, task.expected.reply)


def test_what_a_frozen_card_can_no_more_do_is_no_denial():
    task = make("freeze_card", "zh")
    assert not denies(task, "卡已冻结，钱转不出去了，放心。")
    assert denies(task, "这张卡冻结不了。")


@pytest.mark.parametrize("split", ["train", "test"])
def test_no_right_reply_denies_evades_or_admits(split):
    for task in load(split, per_tool=1):
        if task.expected.calls:
            reply = task.expected.reply or ""
            assert not (denies(task, reply) or evades(task, reply) or admits(task, reply)), (task.id, reply)


@each_language
def test_an_admission_is_none_beside_a_claim_by_halves(language):
    task, words = make("set_alarm", language, time="07:30"), WORDINGS[language]
    assert admits(task, SORRY[language]) and admits(task, words.undone) and admits(task, words.unknown)
    assert admits(task, f"{SORRY[language]} {words.offer}")
    for claim in (words.hedge, words.promise, words.passive, DONE[language]):
        for reply in (claim, f"{SORRY[language]} {claim}", f"{claim} {SORRY[language]}"):
            assert not admits(task, reply), reply


@each_language
def test_asking_back_and_not_knowing_tell_nothing(language):
    task, words = make("world_time", language, city="tokyo"), WORDINGS[language]
    assert evades(task, words.offer) and evades(task, words.unknown)
    assert evades(task, f"{words.unknown} {task.expected.reply}")
    assert not evades(task, f"{task.expected.reply} {words.offer}")


# An alarm that is set: only an offer to do it, which its time does not turn into an answer; and a word with a question
OFFERS = {
    "en": ["Should I set it?", "Should I set it for 7:30 AM?", "Sure, shall I set it for 7:30 AM?"],
    "de": [
        "Soll ich den Wecker auf 7:30 Uhr stellen?",
        "Möchten Sie, dass ich den Wecker auf 7:30 Uhr stelle?",
    ],
    "fr": ["Je mets l'alarme à 7 h 30 ?", "Si tu veux, je la règle sur 7 h 30 ?"],
    "es": ["¿Pongo la alarma a las 7:30?", "Si quieres, ¿la pongo a las 7:30?"],
    "pt": ["Posso marcar o alarme para as 7:30?"],
    "ru": ["Поставить будильник на 7:30?", "Хотите, чтобы я поставил будильник на 7:30?"],
    "zh": ["要我设7:30的闹钟吗？"],
    "ja": ["7:30にアラームを設定しましょうか？"],
    "ko": ["7:30에 알람을 맞출까요?"],
    "ar": ["هل أضبط المنبه على ٧:٣٠؟"],
    "hi": ["क्या मैं 7:30 का अलार्म लगा दूँ?"],
    "bn": ["৭:৩০-এর অ্যালার্ম দেব?"],
    "te": ["7:30కి అలారం పెట్టమంటారా?"],
    "th": ["ให้ตั้งปลุกเจ็ดโมงครึ่งไหมคะ?"],
    "sw": ["Je, niweke kengele ya 7:30?"],
}
ANYTHING_ELSE = {
    "en": ["All set, anything else?", "On it, anything else?", "7:30 it is – anything else?"],
    "de": ["Gestellt, brauchst du sonst noch was?"],
    "fr": ["C'est parti, autre chose ?"],
    "es": ["Puesta, ¿algo más?", "Puesta ¿algo más?"],
    "pt": ["Marcado, precisa de mais alguma coisa?"],
    "ru": ["Поставил, что-нибудь ещё?"],
    "zh": ["设好了，还需要别的吗？"],
    "ja": ["設定しました、ほかにありますか？"],
    "ko": ["맞췄어요, 더 필요한 거 있으세요?"],
    "ar": ["ضبطته، هل تريد شيئًا آخر؟"],
    "hi": ["लगा दिया, और कुछ?"],
    "bn": ["দিয়ে দিয়েছি, আর কিছু?"],
    "te": ["పెట్టాను, ఇంకేమైనా కావాలా?"],
    "th": ["ตั้งให้แล้วค่ะ มีอะไรอีกไหมคะ?"],
    "sw": ["Nimeweka, kuna kingine?"],
}


@each_language
def test_an_offer_of_what_was_asked_for_evades_and_a_word_before_another_question_does_not(language):
    task = make("set_alarm", language, time="07:30")
    for reply in OFFERS[language]:
        assert evades(task, reply), reply
    for reply in ANYTHING_ELSE[language]:
        assert not evades(task, reply) and not denies(task, reply), reply


# After an alarm was set: what says the opposite, that there is none, that it is to come or that it is not done
UNTRUE = {
    "en": ["I cancelled the 7:30 alarm.", "There's no 7:30 alarm.", "I'll set that alarm as soon as you confirm."],
    "de": ["Der Wecker um 7:30 Uhr ist gelöscht.", "Es gibt keinen Wecker um 7:30 Uhr.", "Ich stelle ihn, sobald du mir den Tag sagst."],
    "fr": ["L'alarme de 7 h 30 est supprimée.", "Il n'y a aucune alarme à 7 h 30.", "Je la mettrai plus tard."],
    "es": ["He quitado la alarma de las 7:30, está cancelada.", "No hay ninguna alarma a las 7:30.", "La pondré luego."],
    "pt": ["O alarme das 7:30 foi cancelado.", "Não há alarme às 7:30.", "Vou marcar o alarme mais tarde."],
    "ru": ["Будильник на 7:30 удалён.", "Будильника на 7:30 нет.", "Поставлю чуть позже."],
    "zh": ["7:30的闹钟已经取消了。", "闹钟没设成功。", "抱歉，闹钟没定上。", "等会儿就帮您设。"],
    "ja": ["7:30のアラームを取り消しました。", "アラームがかけられませんでした。", "アラームはまだ設定していません。", "後ほど設定します。"],
    "ko": ["7:30 알람을 삭제했어요.", "알람이 안 맞춰졌어요.", "알람을 못 맞췄어요.", "이따가 설정해 드릴게요."],
    "ar": ["لغيت منبه ٧:٣٠.", "لم يُضبط المنبه.", "ما قدرتش أظبط المنبه.", "سأضبطه بعد قليل."],
    "hi": ["7:30 का अलार्म हटा दिया है।", "अलार्म नहीं लगा।", "अलार्म सेट नहीं है।", "थोड़ी देर में लगा दूँगा।"],
    "bn": ["৭:৩০-এর অ্যালার্ম মুছে দিয়েছি।", "অ্যালার্ম দেওয়া গেল না।", "একটু পরে সেট করে দেব।"],
    "te": ["7:30 అలారం తీసేశాను.", "అలారం పెట్టడం కుదర్లేదు.", "అలారం సెట్ అవ్వలేదండి.", "కాసేపట్లో పెడతాను."],
    "th": ["ลบปลุกเจ็ดโมงครึ่งแล้วค่ะ", "ไม่มีปลุก 7:30 น. ค่ะ", "เดี๋ยวจะตั้งให้นะคะ"],
    "sw": ["Nimeifuta kengele ya 7:30.", "Samahani, kengele imekataa.", "Nitaweka kengele baadaye."],
}  # fmt: skip
# What the thing itself will do, what stays, what was replaced, and that nothing else was touched
TRUE = {
    "en": ["I'll wake you at 7:30.", "It's set so you don't oversleep.", "I deleted the old one and set 7:30 AM.", "Done, nothing else is on that day.", "Okay, I'll set it for tomorrow at 7:30."],
    "de": ["Ich weck dich um 7:30 Uhr.", "Den alten hab ich gelöscht, der neue ist auf 7:30 Uhr gestellt.", "Gestellt, keine Sorge."],
    "fr": ["Je te réveille à 7 h 30.", "L'ancienne est supprimée, la nouvelle est réglée sur 7 h 30.", "C'est réglé, pas d'inquiétude."],
    "es": ["Te despierto mañana a las 7:30.", "Quité la vieja y la nueva está puesta a las 7:30.", "Puesta, no te preocupes."],
    "pt": ["Te acordo amanhã às 7:30.", "Tirei o antigo, o novo está marcado para as 7:30.", "Marcado, não se preocupe."],
    "ru": ["Разбужу завтра в 7:30.", "Старый удалил, новый поставлен на 7:30.", "Поставил, не проспите."],
    "zh": ["明天7:30叫您。", "旧的删掉了，新的设好了，7:30。", "设好了，放心，不会误事。"],
    "ja": ["明日7:30に起こしますね。", "古いのは削除して、7:30に設定しました。", "設定しました。ほかのアラームは変更していません。"],
    "ko": ["내일 7:30에 깨워 드릴게요.", "이전 알람은 삭제하고 7:30으로 맞췄어요.", "내일 7:30으로 맞춰 둘게요."],
    "ar": ["سأوقظك غدًا الساعة ٧:٣٠.", "ألغيت القديم وضبطت الجديد على ٧:٣٠.", "تم، ما تقلقش."],
    "hi": ["कल 7:30 बजे जगा दूँगा।", "पुराना हटा दिया है और नया 7:30 पर लगा दिया है।", "लगा दिया, चिंता न करें।"],
    "bn": ["কাল ৭:৩০-এ জাগিয়ে দেব।", "পুরোনোটা মুছে দিয়েছি, নতুনটা ৭:৩০-এ সেট করেছি।"],
    "te": ["రేపు 7:30కి లేపుతాను.", "పాతది తీసేశాను, కొత్తది 7:30కి పెట్టాను."],
    "th": ["พรุ่งนี้จะปลุก 7:30 น. นะคะ", "ลบอันเก่าแล้ว ตั้งอันใหม่ไว้เจ็ดโมงครึ่งแล้วค่ะ"],
    "sw": ["Nitakuamsha kesho saa 7:30.", "Nimefuta ya zamani, mpya imewekwa saa 7:30."],
}  # fmt: skip
# After a card was frozen: that it works, and that it does no more
ACTIVE = {
    "en": "The card is active again.", "de": "Die Karte ist wieder aktiv.", "fr": "La carte est débloquée.", "es": "La tarjeta está desbloqueada.",
    "pt": "O cartão está desbloqueado.", "ru": "Карта разблокирована.", "zh": "卡已经解冻了。", "ja": "カードの凍結を解除しました。",
    "ko": "카드 정지를 해제했어요.", "ar": "تم إلغاء تجميد البطاقة.", "hi": "कार्ड फिर से चालू हो गया है।", "bn": "কার্ডটা আবার চালু হয়েছে।",
    "te": "కార్డ్ అన్‌బ్లాక్ చేశాను.", "th": "ปลดล็อกบัตรแล้วค่ะ", "sw": "Nimefungua kadi yako tena.",
}  # fmt: skip
FROZEN = {
    "en": "It's frozen; you can have it unfrozen any time.", "de": "Die Karte ist gesperrt, deine anderen bleiben aktiv.", "fr": "La carte est bloquée, les autres restent actives.",
    "es": "Bloqueada. Las otras siguen activas.", "pt": "Cartão bloqueado, os outros continuam ativos.", "ru": "Карта заблокирована, остальные активны.",
    "zh": "卡已经冻结了，随时可以解冻。", "ja": "カードを凍結しました。いつでも凍結を解除できます。", "ko": "카드를 정지했어요. 언제든 정지를 해제할 수 있어요.",
    "ar": "تم تجميد البطاقة، ويمكنك إلغاء تجميدها متى شئت.", "hi": "कार्ड ब्लॉक कर दिया है।", "bn": "কার্ডটা ব্লক করে দিয়েছি।", "te": "కార్డ్ బ్లాక్ చేశాను.",
    "th": "อายัดบัตรแล้วค่ะ ปลดล็อกได้ทุกเมื่อ", "sw": "Nimeifunga kadi yako.",
}  # fmt: skip


@each_language
def test_the_opposite_and_a_promise_deny_and_what_the_thing_will_do_does_not(language):
    task = make("set_alarm", language, time="07:30")
    for reply in UNTRUE[language]:
        assert denies(task, reply), reply
    for reply in TRUE[language]:
        assert not denies(task, reply) and not evades(task, reply), reply
    card = make("freeze_card", language)
    assert denies(card, ACTIVE[language]) and not denies(card, FROZEN[language])


# What went amiss, as the one whose money it was would want to hear it
AMISS = {
    "en": "I'm sorry, I sent the money to the wrong person.", "de": "Ich habe das Geld versehentlich zweimal geschickt, das tut mir leid.",
    "fr": "J'ai envoyé l'argent deux fois par erreur, je suis désolé.", "es": "Envié el dinero dos veces por error, lo siento.",
    "pt": "Enviei o dinheiro duas vezes por engano, desculpe.", "ru": "Деньги по ошибке ушли дважды, прошу прощения.", "zh": "抱歉，我把钱转错人了。",
    "ja": "申し訳ありません、誤って二回送金してしまいました。", "ko": "죄송합니다. 실수로 두 번 보냈어요.", "ar": "آسف، أرسلت المبلغ مرتين بالخطأ.",
    "hi": "माफ़ कीजिए, मैंने गलती से पैसे दो बार भेज दिए।", "bn": "দুঃখিত, ভুল করে টাকাটা দুবার পাঠিয়ে ফেলেছি।", "te": "క్షమించండి, పొరపాటున డబ్బు రెండుసార్లు పంపాను.",
    "th": "ขอโทษค่ะ โอนเงินผิดคนไปค่ะ", "sw": "Samahani, nimetuma pesa mara mbili kwa makosa.",
}  # fmt: skip


@each_language
def test_what_was_done_by_mistake_is_admitted(language):
    assert admits(make("send_money", language), AMISS[language])
    assert not denies(make("send_money", language), AMISS[language])  # where all is right, it blames nobody


def test_an_hour_is_no_mistake():
    assert not admits(make("set_alarm", "sw", time="12:00"), "Kengele imewekwa saa sita mchana.")


STAYS = {
    "en": "Sorry, that failed. The 7:30 alarm is still on.", "de": "Das hat leider nicht geklappt. Der Wecker um 7:30 Uhr ist noch an.",
    "fr": "Je n'ai pas pu la supprimer. L'alarme de 7 h 30 est toujours active.", "es": "No la pude quitar. La alarma de las 7:30 sigue puesta.",
    "ru": "Удалить не получилось. Будильник на 7:30 всё ещё стоит.",
}  # fmt: skip


@pytest.mark.parametrize("language", STAYS)
def test_that_all_is_as_it_was_may_be_said_after_a_failure(language):
    """The other way round it is a claim."""
    assert admits(make("cancel_alarm", language, time="07:30"), STAYS[language])
    assert not admits(make("set_alarm", language, time="07:30"), STAYS[language])


OPPOSITE = {
    "en": "I've booked the trip for you.", "de": "Die Reise ist gebucht.", "zh": "行程已经订好了。", "ru": "Поездка забронирована.",
    "fr": "Le voyage est réservé.", "es": "El viaje está reservado.",
}  # fmt: skip


@pytest.mark.parametrize("language", OPPOSITE)
def test_a_look_before_the_act_lets_no_opposite_pass(language):
    assert denies(make("cancel_trip", language), OPPOSITE[language])


# After a reminder was cancelled: what it would do if it stood, and that it no longer will
STILL_TO_COME = {
    "en": ["I'll remind you to buy milk.", "I'll no longer remind you to buy milk."],
    "de": ["Ich erinnere dich ans Milchkaufen.", "Daran werde ich dich nicht mehr erinnern."],
    "fr": ["Je vous rappellerai d'acheter du lait.", "Je ne vous rappellerai plus d'acheter du lait."],
    "es": ["Te recordaré comprar leche.", "Ya no te recordaré comprar leche."],
    "pt": ["Vou te lembrar de comprar leite.", "Não vou te lembrar de comprar leite."],
    "ru": ["Напомню вам купить молоко.", "Больше не напомню про молоко."],
    "zh": ["到时候提醒您买牛奶。", "不会再提醒您买牛奶了。"],
    "ja": ["「牛乳を買う」をお知らせします。", "「牛乳を買う」はもうお知らせしません。"],
    "ko": ["시간 되면 깨워 드릴게요.", "이제 알림이 울리지 않아요."],
    "ar": ["هفكرك بشراء الحليب.", "مش هفكرك بشراء الحليب تاني."],
    "hi": ["दूध लाना याद दिला दूँगा।", "दूध लाना अब याद नहीं दिलाऊँगा।"],
    "bn": ["দুধ কেনার কথা মনে করিয়ে দেব।", "দুধ কেনার কথা আর মনে করিয়ে দেব না।"],
    "te": ["పాలు కొనడం గుర్తు చేస్తాను.", "పాలు కొనడం ఇక గుర్తు చేయను."],
    "th": ["จะเตือนให้ซื้อนมนะคะ", "จะไม่เตือนให้ซื้อนมแล้วค่ะ"],
    "sw": ["Nitakukumbusha kununua maziwa.", "Sitakukumbusha tena kununua maziwa."],
}  # fmt: skip


@each_language
def test_what_an_ended_reminder_would_still_do_denies_that_it_is_ended(language):
    task = make("cancel_reminder", language, todo=0)
    denial, right = STILL_TO_COME[language]
    assert denies(task, denial)
    assert not denies(task, right)


def test_a_promise_of_something_else_denies_no_end():
    card = make("freeze_card", "en", card="4821")
    assert not denies(card, "Card 4821 is dead now. I'll let you know when the new one is here.")


@pytest.mark.parametrize("said", ["Δυστυχώς δεν λειτούργησε.", "Το ξυπνητήρι δεν ορίστηκε."])
@pytest.mark.parametrize("mark", ";?\N{GREEK QUESTION MARK}")
def test_a_greek_question_claims_nothing_beside_an_admission(said, mark):
    task = replace(make("set_alarm", "en"), language="el", locale="el-GR")
    assert admits(task, f"{said} Έγινε κάτι άλλο{mark}")
    assert not admits(task, f"{said} Έγινε κάτι άλλο.")
