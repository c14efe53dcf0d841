"""What denies that something was done, and what only sounds like it, as natives write."""

import pytest

from rewards.admission import admits, denies, evades
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
    ],
    "de": [
        "Entschuldige die Wartezeit, erledigt: 7:30 Uhr.",
        "Einen alten Wecker konnte ich nicht finden, aber der neue ist auf 7:30 Uhr gestellt.",
        "Beim ersten Versuch hat es nicht geklappt, aber jetzt ist der Wecker gestellt.",
        "Der Wecker ist gestellt. Falls es nicht klappt, sag Bescheid.",
        "Leider ging es nicht schneller, der Wecker ist auf 7:30 Uhr gestellt.",
        "Kein Problem, der Wecker ist auf 7:30 Uhr gestellt.",
    ],
    "fr": [
        "Désolé pour l'attente, c'est fait : 7 h 30.",
        "Je n'ai pas trouvé d'ancienne alarme, mais la nouvelle est réglée sur 7 h 30.",
        "La première tentative n'a pas abouti, mais l'alarme est maintenant réglée.",
        "L'alarme est réglée. Si ça n'a pas marché, dites-le-moi.",
        "Pas de souci, l'alarme est réglée sur 7 h 30.",
    ],
    "es": [
        "Perdona la espera, listo: 7:30.",
        "No encontré ninguna alarma anterior, pero la nueva está puesta a las 7:30.",
        "Al principio no funcionó, pero ya está puesta la alarma.",
        "La alarma está puesta. Si no funcionó, dímelo.",
        "No hay problema, la alarma está puesta a las 7:30.",
    ],
    "pt": [
        "Desculpe a demora, pronto: 7:30.",
        "Não encontrei nenhum alarme antigo, mas o novo está marcado para as 7:30.",
        "Na primeira tentativa não deu certo, mas agora o alarme está definido.",
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
    "th": ["ให้ตั้งปลุก 7:30 น. ไหมคะ?"],
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
