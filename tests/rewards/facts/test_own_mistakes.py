"""An apology for a mistake of one's own says nothing of what was checked."""

import pytest

from rewards.facts import stated

SORRY = {
    "en": "Sorry for the mistake in my first try.", "de": "Entschuldigung für den Fehler beim ersten Versuch.", "fr": "Désolé pour mon erreur au premier essai.",
    "es": "Perdón por el error del primer intento.", "pt": "Desculpe pelo erro na primeira tentativa.", "ru": "Извините за ошибку в первой попытке.",
    "zh": "第一次弄错了，不好意思。", "ja": "最初の誤り、失礼しました。", "ko": "첫 시도에서 오류가 있었던 점 죄송해요.", "ar": "آسف على الخطأ في المحاولة الأولى.",
    "hi": "पहली बार की गलती के लिए माफ़ कीजिए।", "bn": "প্রথমবারের ভুলের জন্য দুঃখিত।", "te": "మొదటిసారి జరిగిన తప్పుకు క్షమించండి.",
    "sw": "Samahani kwa kosa la jaribio la kwanza.",
}  # fmt: skip
VALID = {
    "en": "The number is valid.", "de": "Die Nummer ist gültig.", "fr": "Le numéro est valide.", "es": "El número es válido.", "pt": "O número é válido.",
    "ru": "Номер действителен.", "zh": "号码有效。", "ja": "番号は有効です。", "ko": "번호가 유효해요.", "ar": "الرقم صحيح.", "hi": "नंबर सही है।",
    "bn": "নম্বরটি সঠিক।", "te": "నంబర్ సరైనది.", "sw": "Nambari ni sahihi.",
}  # fmt: skip


@pytest.mark.parametrize("language", SORRY)
def test_an_apology_for_a_first_try_leaves_the_verdict_as_it_is(language):
    fact = {"kind": "text", "value": "", "verdict": True}
    for text in (f"{VALID[language]} {SORRY[language]}", f"{SORRY[language]} {VALID[language]}"):
        assert stated(fact, text, language), text
        assert not stated(fact | {"verdict": False}, text, language), text
    assert not stated(fact, SORRY[language], language)
    assert not stated(fact | {"verdict": False}, SORRY[language], language)


FIRST = {
    "en": "The first number is not valid.", "de": "Die erste Nummer ist ungültig.", "zh": "第一个号码无效。", "ja": "最初の番号は無効です。",
    "ko": "처음 번호는 유효하지 않아요.", "te": "మొదటి నంబర్ చెల్లదు.", "fr": "Le premier numéro est invalide.",
}  # fmt: skip


@pytest.mark.parametrize("language", FIRST)
def test_a_first_number_is_judged(language):
    fact = {"kind": "text", "value": "", "verdict": False}
    assert stated(fact, FIRST[language], language)
