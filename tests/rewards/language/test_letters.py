"""Letters that follow one another as in the language, and what only looks like it."""

import random

import pytest

from rewards.language import LanguageVerifier
from rewards.language.letters import PIECES, known, letters
from tests.rewards.language.test_verifier import SAID

BRIEF = {
    "en": ["Done.", "All set!", "Sure.", "Yes"], "es": ["Hecho.", "Listo", "Vale.", "Sí", "No"], "fr": ["C'est fait.", "Voilà.", "Oui", "Entendu"],
    "de": ["Erledigt.", "Fertig!", "Ja", "Nein", "Klar."], "pt": ["Feito.", "Pronto!", "Claro.", "Sim"], "ru": ["Готово.", "Сделано", "Да", "Хорошо."],
    "zh": ["好的。", "已完成", "完成了"], "ja": ["完了しました。", "はい。", "設定しました"], "ko": ["완료했어요.", "네", "설정했습니다"], "ar": ["تم.", "حسنًا", "نعم"],
    "hi": ["हो गया।", "ठीक है", "हाँ"], "bn": ["হয়ে গেছে।", "ঠিক আছে"], "te": ["పూర్తయింది.", "సరే"], "th": ["เรียบร้อยค่ะ", "ได้ค่ะ"], "sw": ["Tayari!", "Sawa.", "Imekamilika"],
    "it": ["Fatto!", "Ecco."], "nl": ["Klaar.", "Gedaan!"], "pl": ["Gotowe.", "Zrobione"], "tr": ["Tamam.", "Hazır"], "vi": ["Xong rồi.", "Vâng"],
    "fi": ["Valmis.", "Tehty"], "cs": ["Hotovo."], "hu": ["Kész.", "Rendben"], "ro": ["Gata!", "Făcut"], "uk": ["Готово.", "Зроблено"],
    "id": ["Selesai.", "Sudah"], "el": ["Έγινε.", "Εντάξει"], "he": ["בוצע.", "סיימתי"], "fa": ["انجام شد.", "باشه"], "sv": ["Klart!", "Ordnat"],
}  # fmt: skip


@pytest.mark.parametrize("language", BRIEF)
def test_a_brief_reply_is_in_its_language(language):
    verifier = LanguageVerifier([language, "en"])
    for text in BRIEF[language]:
        verdict = verifier.verify(text, language)
        assert verdict.match is not False and verdict.probability >= 0.85, (text, verdict)


@pytest.mark.parametrize("language", [x for x in BRIEF if x != "en"])
def test_a_brief_english_one_is_not(language):
    verifier = LanguageVerifier([language, "en"])
    for text in ("Done.", "All set!", "Sure, here you go.", "Your alarm is set."):
        assert verifier.verify(text, language).probability < 0.3, text


@pytest.mark.parametrize("language", SAID)
def test_what_says_nothing_in_any_language_leaves_it_to_the_prior(language):
    verifier = LanguageVerifier(list(SAID))
    for text in ("7:30", "OK", "+49 30 2270", "€ 12,50", "R2-D2", "…", ""):
        verdict = verifier.verify(text, language)
        assert verdict.match is None and verdict.probability == 0.9, text


@pytest.mark.parametrize("language", SAID)
def test_letters_of_the_language_at_random_are_no_language(language):
    """The letters are those of real sentences, drawn one by one, as words of three to seven."""
    verifier, draw = LanguageVerifier(list(SAID)), random.Random(0)
    alphabet = sorted({c for text in SAID[language] for c in text.lower() if c.isalpha()})
    texts = [
        " ".join("".join(draw.choices(alphabet, k=draw.randint(3, 7))) for _ in range(6)) for _ in range(100)
    ]
    passed = sum(verifier.verify(text, language).match is True for text in texts)
    assert passed <= {"zh": 20}.get(language, 10)


SCRIPTS = {
    "ko": [(0xAC00, 0xD7A3)], "zh": [(0x4E00, 0x9FA5)], "ja": [(0x3041, 0x3093)], "th": [(0xE01, 0xE2E), (0xE40, 0xE44)],
    "hi": [(0x905, 0x939), (0x93E, 0x94C)], "bn": [(0x995, 0x9A8), (0x9BE, 0x9C4)], "te": [(0xC15, 0xC28), (0xC3E, 0xC44)],
    "ar": [(0x627, 0x63A), (0x641, 0x64A)], "ru": [(0x430, 0x44F)], "en": [(0x61, 0x7A)], "de": [(0x61, 0x7A)], "sw": [(0x61, 0x7A)],
}  # fmt: skip


@pytest.mark.parametrize("language", SCRIPTS)
def test_letters_of_the_script_at_random_are_no_language(language):
    """Also those that the language hardly uses."""
    verifier, draw = LanguageVerifier(list(SAID)), random.Random(1)
    letters = [chr(i) for first, last in SCRIPTS[language] for i in range(first, last + 1)]
    gap = "" if language in ("zh", "ja", "th") else " "
    texts = [
        gap.join("".join(draw.choices(letters, k=draw.randint(3, 7))) for _ in range(8)) for _ in range(50)
    ]
    assert sum(verifier.verify(text, language).match is True for text in texts) <= 2


TRANSCRIBED = {
    "ru": "Ёр аларм из сет фор севен тумороу морнинг энд ай вилл вейк ю",
    "ja": "ユア アラーム イズ セット フォー セブン トゥモロー モーニング",
    "hi": "योर अलार्म इज़ सेट फॉर सेवेन टुमॉरो मॉर्निंग",
    "ar": "يور الارم از سيت فور سفن تومورو مورنينج",
    "bn": "ইয়োর অ্যালার্ম ইজ সেট ফর সেভেন টুমরো মর্নিং",
    "te": "యువర్ అలారం ఈజ్ సెట్ ఫర్ సెవెన్ టుమారో మార్నింగ్",
    "ko": "유어 알람 이즈 셋 포 세븐 투모로우 모닝",
    "es": "yor alarm es set for seven tumorou end ai wil rimaind yu",
    "de": "yur älärm is set for sefen tumorro ent ai wil rimeind yu",
}


@pytest.mark.parametrize("language", TRANSCRIBED)
def test_english_in_the_users_letters_is_not_the_users_language(language):
    verdict = LanguageVerifier(list(SAID)).verify(TRANSCRIBED[language], language)
    assert verdict.match is not True and verdict.probability < 0.6


@pytest.mark.parametrize("language", sorted(known()))
def test_each_table_has_an_order_and_is_whole(language):
    table = letters(language)
    assert table.size in (2, 3) and len(table.after) > 100
    assert {len(group) for group in table.after} == {table.size}
    assert all(-9 <= value <= 0 for value in [*table.after.values(), *table.alone.values()])


@pytest.mark.parametrize("language", [x for x in SAID if x != "ar"])
def test_sentences_flow_and_their_letters_reversed_do_not(language):
    table = letters(language)
    words = PIECES.findall(" ".join(SAID[language]).lower())
    forth, back = (sum(table.words[w][0] for w in said) for said in (words, [w[::-1] for w in words]))
    assert forth > 0 and forth > back


def test_english_in_thai_letters_is_no_thai() -> None:
    verifier = LanguageVerifier(["th", "en"])
    assert verifier.verify("เดอะ ไทม์ อิน โตเกียว อิส 17:00 น. ไรท์ นาว มาย เฟรนด์", "th").match is False
    assert verifier.verify("จองโต๊ะที่ เดอะ มอลล์ บางกะปิ ไว้ให้แล้วค่ะ เวลา 17:00 น.", "th").match is True
