import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.language import LanguageVerifier
from tests.rewards.hand_written import LANGUAGES

SAID = {
    "ar": ["تم ضبط المنبه على الساعة السابعة صباحًا.", "سأذكرك بشراء الحليب غدًا."],
    "bn": ["আপনার অ্যালার্ম সকাল সাতটায় সেট করা হয়েছে।", "আমি আপনাকে দুধ কেনার কথা মনে করিয়ে দেব।"],
    "de": ["Dein Wecker ist auf sieben Uhr gestellt.", "Ich erinnere dich morgen daran, Milch zu kaufen."],
    "en": ["Your alarm is set for seven.", "I will remind you to buy milk tomorrow."],
    "es": ["Tu alarma está puesta para las siete.", "Mañana te recordaré que compres leche."],
    "fr": ["Votre réveil est réglé sur sept heures.", "Je vous rappellerai d'acheter du lait demain."],
    "hi": ["आपका अलार्म सुबह सात बजे के लिए सेट है।", "मैं आपको कल दूध खरीदने की याद दिलाऊँगा।"],
    "ja": ["アラームを七時に設定しました。", "明日、牛乳を買うようにお知らせします。"],
    "ko": ["알람을 일곱 시로 맞췄습니다.", "내일 우유를 사라고 알려 드릴게요."],
    "pt": ["O seu alarme está marcado para as sete.", "Amanhã vou lembrar você de comprar leite."],
    "ru": ["Будильник поставлен на семь часов.", "Завтра я напомню вам купить молоко."],
    "sw": ["Kengele yako imewekwa saa moja asubuhi.", "Nitakukumbusha kununua maziwa kesho."],
    "te": ["మీ అలారం ఉదయం ఏడు గంటలకు సెట్ చేయబడింది.", "రేపు పాలు కొనమని మీకు గుర్తు చేస్తాను."],
    "th": ["ตั้งนาฬิกาปลุกไว้ตอนเจ็ดโมงเช้าแล้วค่ะ", "พรุ่งนี้จะเตือนให้คุณซื้อนมนะคะ"],
    "zh": ["闹钟已经设置在早上七点。", "我明天会提醒你买牛奶。"],
}  # fmt: skip


@pytest.fixture(scope="module")
def verifier():
    return LanguageVerifier(LANGUAGES)


@pytest.mark.parametrize("language", SAID)
def test_a_sentence_is_in_its_own_language_and_in_no_other(verifier, language):
    for text in SAID[language]:
        verdict = verifier.verify(text, language)
        assert (verdict.match, verdict.detected) == (True, language)
        for other in set(SAID) - {language}:
            assert verifier.verify(text, other).match is False, other


@pytest.mark.parametrize("language", [x for x in SAID if x != "en"])
@pytest.mark.parametrize("joint", [" ", "\n", "\n\n- "])
def test_an_english_sentence_spoils_the_text(verifier, language, joint):
    own, english = SAID[language][0], "Your alarm is set for seven."
    assert verifier.verify(own + joint + english, language).match is False
    assert verifier.verify(english + joint + own, language).match is False


@pytest.mark.parametrize("language", SAID)
def test_names_quotations_numbers_and_addresses_are_no_evidence(verifier, language):
    quoted = '"All the king\'s men and all the horses"'
    extra = f" {quoted} 12:30 https://example.com/the/way a@the.com John Smith 1 234,5"
    assert verifier.verify(SAID[language][0][:-1] + extra, language).match is True


@pytest.mark.parametrize(
    "text", ["", "   ", "12:30", "OK", "€ 12", "Paris", '"to be or not to be"', "…", "\x00\ud800"]
)
def test_too_little_text_gets_no_verdict(verifier, text):
    assert verifier.verify(text, "fr").match is None


def test_numbers_take_no_words_with_them_where_no_space_follows(verifier):
    assert verifier.verify("19:30に鳴ります", "ja").match is True
    assert verifier.verify("好的，17:55的闹钟已设好。", "zh").match is True


def test_regions_do_not_matter_and_batches_say_the_same(verifier):
    texts, tags = [SAID["pt"][0], SAID["zh"][0]], ["pt-BR", "zh-Hans-CN"]
    assert [v.match for v in verifier.verify_batch(texts, tags)] == [True, True]
    assert verifier.verify_batch(texts, tags) == [
        verifier.verify(t, x) for t, x in zip(texts, tags, strict=True)
    ]
    with pytest.raises(ValueError, match="zip"):
        verifier.verify_batch(texts, tags[:1])


def test_a_language_that_nobody_asked_for_is_seen(verifier):
    assert verifier.verify("Jutro rano przypomnę ci o zakupie świeżego mleka w sklepie.", "en").match is False
    assert verifier.verify("Morgen zal ik je eraan herinneren om melk te kopen.", "de").match is False
    assert LanguageVerifier().verify("Jutro przypomnę ci o zakupie mleka.", "pl").match is True


@pytest.mark.parametrize("piece", ["a", "a@", "{", '"', "1", "a_", "«", "https://", "_a b", "the "])
def test_long_hostile_texts_are_read_once(verifier, piece):
    """Quadratic reading would take the test's time limit, and more."""
    assert verifier.verify(piece * 30_000, "ja").match in (None, False)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.sampled_from(LANGUAGES))
def test_no_text_is_too_odd(text, language):
    verdict = LanguageVerifier(LANGUAGES).verify(text, language)
    assert verdict.match in (True, False, None)
    assert 0 <= verdict.probability <= 1
