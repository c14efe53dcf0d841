import os
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.language import LanguageVerifier, Shares
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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("pt. 12.06, 14:30.", "pl"),
        ("пт 12.06, 14:30.", "uk"),
        ("vr 12-6, 14:30.", "nl"),
        ("Jum 12/6, 14.30.", "id"),
        ("sex., 12/06", "pt"),
    ],
)
def test_a_receipt_with_a_short_weekday_is_in_its_language(text, language):
    verdict = LanguageVerifier([language]).verify(text, language)
    assert verdict.match is not False
    assert verdict.probability > 0.8


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


def test_every_process_gives_the_same_verdicts():
    """Languages that are as likely are told apart by their names, not by the order of a set in this process."""
    code = (
        "from rewards.language import LanguageVerifier\n"
        "verifier = LanguageVerifier(['en', 'fr', 'es', 'pt', 'de', 'sw'])\n"
        "texts = ['La puesta de sol', 'Oui, la de', 'a la o que', 'el a de un', 'en la de un', 'Erlédigt, um dér Uhr']\n"
        "print([verifier.verify(text, tag) for text in texts for tag in ('en', 'sw', 'de')])\n"
    )
    said = set()
    for seed in "012":
        environment = os.environ | {"PYTHONHASHSEED": seed}
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
        said.add(run.stdout)
    assert len(said) == 1, said


def test_a_language_that_nobody_asked_for_is_seen(verifier):
    assert verifier.verify("Jutro rano przypomnę ci o zakupie świeżego mleka w sklepie.", "en").match is False
    assert verifier.verify("Morgen zal ik je eraan herinneren om melk te kopen.", "de").match is False
    assert LanguageVerifier().verify("Jutro przypomnę ci o zakupie mleka.", "pl").match is True


@pytest.mark.parametrize("piece", ["a", "a@", "{", '"', "1", "a_", "«", "https://", "_a b", "the "])
def test_long_hostile_texts_are_read_once(verifier, piece):
    """Quadratic reading would take the test's time limit, and more."""
    assert verifier.verify(piece * 30_000, "ja").match in (None, False)
    assert 0 <= verifier.verify(piece * (10_000_000 // len(piece)), "fr").probability <= 1


@pytest.mark.parametrize("marks", ["\u0301", "\u0327\u0301", "\u200b", "\u202e", "\ufe0f"])
def test_a_letter_under_a_hundred_thousand_marks_is_a_letter(verifier, marks):
    text = f"Votre réve{marks * 50_000}il est réglé sur sept heures."
    assert verifier.verify(text, "fr").match is True
    assert verifier.verify(text, "en").match is False


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.sampled_from(LANGUAGES))
def test_no_text_is_too_odd(text, language):
    verdict = LanguageVerifier(LANGUAGES).verify(text, language)
    assert verdict.match in (True, False, None)
    assert 0 <= verdict.probability <= 1


AS_CONFIGURED = {
    "pt-BR": "O ônibus sai às sete e eu já coloquei o lembrete no seu celular.",
    "pt-PT": "O autocarro sai às sete e já pus o lembrete no teu telemóvel.",
    "es-ES": "Vale, os he puesto la alarma para mañana a las siete.",
    "es-MX": "Ahorita les pongo la alarma para mañana a las siete.",
    "zh-Hans": "闹钟已经设置在早上七点，我会提醒你买牛奶。",
    "zh-Hant": "鬧鐘已經設定在早上七點，我會提醒你買牛奶。",
    "zh-CN": "这个房间的门没关，请检查一下。",
    "zh-TW": "這個房間的門沒關，請檢查一下。",
    "sr-Latn": "Alarm je podešen za sedam ujutru, podsetiću te sutra.",
    "sr-Cyrl": "Аларм је подешен за седам ујутру, подсетићу те сутра.",
    "hr": "Budilica je namještena za sedam ujutro, podsjetit ću te sutra.",
    "hi": "आपका अलार्म सुबह सात बजे के लिए सेट है।",
    "hi-Latn": "Aapka alarm subah saat baje ke liye set hai, main aapko yaad dilaunga.",
    "nb": "Alarmen er satt til klokken sju, og jeg minner deg på det i morgen.",
    "nn": "Alarmen er sett til klokka sju, og eg minner deg på det i morgon.",
    "id": "Alarm Anda sudah disetel untuk pukul tujuh pagi besok.",
    "ms": "Penggera anda telah ditetapkan pada pukul tujuh pagi esok.",
    "gsw": "Din Wecker isch uf sibni gstellt, i tue di morn dra erinnere.",
}  # fmt: skip


@pytest.mark.parametrize("tag", AS_CONFIGURED)
def test_a_variety_is_right_where_it_is_asked_for(tag):
    assert LanguageVerifier([tag]).verify(AS_CONFIGURED[tag], tag).match is True
    assert LanguageVerifier([tag]).verify("Your alarm is set for seven in the morning.", tag).match is False


@pytest.mark.parametrize(
    ("asked", "varieties"),
    [
        ("pt", ["pt-BR", "pt-PT"]),
        ("pt-BR", ["pt-PT"]),
        ("es-ES", ["es-MX"]),
        ("zh", ["zh-Hans", "zh-Hant", "zh-CN", "zh-TW"]),
        ("sr", ["sr-Latn", "sr-Cyrl", "hr"]),
        ("no", ["nb"]),
        ("de", ["gsw"]),
    ],
)
def test_varieties_count_as_the_language_unless_the_run_names_them(asked, varieties):
    for variety in varieties:
        assert LanguageVerifier([asked]).verify(AS_CONFIGURED[variety], asked).match is True, variety


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("zh-Hans", "zh-Hant"),
        ("zh-Hant", "zh-Hans"),
        ("zh-CN", "zh-TW"),
        ("zh-TW", "zh-CN"),
        ("sr-Latn", "sr-Cyrl"),
        ("sr-Cyrl", "sr-Latn"),
        ("hr", "sr-Cyrl"),
        ("hi", "hi-Latn"),
        ("hi-Latn", "hi"),
        ("gsw", "de"),
        ("de", "gsw"),
        ("ms", "id"),
        ("id", "ms"),
        ("nn", "nb"),
    ],
)
def test_what_is_asked_for_by_name_is_told_apart(asked, given):
    said = {**AS_CONFIGURED, "de": SAID["de"][1]}[given]
    assert LanguageVerifier([asked, given]).verify(said, asked).match is False


# Languages that neither a list nor the model knows
UNTOLD = {
    "sn": ["Aramu yako yaiswa pa7 mangwanani.", "Mangwana kuchanaya muHarare, torai amburera."],
    "wo": ["Sa alarm dafa taxaw ci 7 waxtu suba.", "Jërëjëf, lépp jeex na."],
    "ln": ["Mbongo etindami na konti na yo.", "Mesa mpo na bato mibale ebongisami."],
    "om": ["Alaarmiin kee ganama sa'aatii 7 irratti qabameera.", "Boru Finfinneetti rooba ni rooba."],
    "mi": ["Kua whakaritea tō pūoho mō te 7 i te ata.", "Kua tukuna te moni ki tō pūkete."],
    "st": ["Chelete e rometswe akhaonteng ya hao."], "ny": ["Ndalama zatumizidwa ku akaunti yanu."], "ee": ["Woɖo ga la ɖe wò akɔnta me."],
    "lg": ["Ssente zisindikiddwa ku akawunti yo."], "ak": ["Wɔde sika no akɔ wo akawnt mu."], "ru-Latn": ["Budil'nik postavlen na sem' chasov."],
}  # fmt: skip


@pytest.mark.parametrize("tag", UNTOLD)
def test_a_language_that_nothing_here_tells_gets_no_verdict_and_a_warning_and_others_are_refused(tag, caplog):
    verifier = LanguageVerifier([tag, "en", "fr", "sw"])
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert f"Nothing here tells {tag} from other languages" in caplog.text
    assert [verifier.verify(text, tag).match for text in UNTOLD[tag]] == [None] * len(UNTOLD[tag])
    for other in ("en", "fr", "sw"):
        assert verifier.verify(SAID[other][0], tag).match is False, other
    assert len(caplog.records) == 1


HALVES = {
    "de": ("Ich habe deinen Wecker für morgen früh um sieben gestellt und", "dann fliegst du mit dem nächsten Flug von hier nach Berlin"),
    "en": ("I have set your alarm for seven tomorrow morning and", "then you will be on the next flight from here to Berlin"),
    "es": ("He puesto tu alarma para mañana a las siete y", "luego sale tu vuelo desde aquí hasta Berlín con los demás"),
    "fr": ("J'ai réglé votre réveil pour demain matin à sept heures et", "ensuite vous prendrez le prochain vol d'ici pour aller à Berlin"),
    "pt": ("Coloquei o seu alarme para amanhã às sete da manhã e", "depois você vai no próximo voo daqui até Berlim com eles"),
    "ru": ("Я поставил ваш будильник на семь часов завтрашнего утра, и", "потом вы полетите отсюда в Берлин следующим рейсом вместе со всеми"),
    "hi": ("मैंने कल सुबह सात बजे के लिए आपका अलार्म सेट कर दिया है और", "उसके बाद आप अगली उड़ान से यहाँ से बर्लिन जाएँगे और सबसे मिलेंगे"),
    "sw": ("Nimeweka kengele yako ya kesho saa moja asubuhi na", "baada ya hapo utapanda ndege kutoka hapa kwenda Berlin pamoja na wengine"),
    "tr": ("Yarın sabah saat yedi için alarmınızı kurdum ve", "sonra buradan bir sonraki uçak ile herkes gibi siz de gideceksiniz"),
}  # fmt: skip


@pytest.mark.parametrize("first", HALVES)
@pytest.mark.parametrize("second", HALVES)
def test_a_switch_in_the_middle_of_a_sentence_is_seen(first, second):
    verifier = LanguageVerifier(HALVES)
    text = f"{HALVES[first][0]} {HALVES[second][1]}"
    for asked in {first, second}:
        assert verifier.verify(text, asked).match is (first == second), asked


# A short sentence or the end of one in English, as it is left when names and numbers have been taken out
WITH_ENGLISH = [
    ("pt", "Pode ficar tranquilo, o IBAN está correto. Everything looks fine, is a valid IBAN."),
    ("de", "In London ist es jetzt 8 Uhr. It's 8:00 AM in London right now."),
    ("zh", "最便宜的房间已经订 cheapest room, which costs 80."),
    ("ko", "제일 싼 방을 예약했습니다 cheapest room, which costs 80."),
    ("ar", "الغرفة محجوزة cheapest room, which costs 80."),
    ("hi", "कमरा 80 यूरो cheapest room, which costs 80."),
    ("hu", "A fizetés sikerült, have a nice day!"),
    ("cs", "Stůl je zamluvený, enjoy your meal!"),
    ("ro", "Plata a fost făcută, see you soon!"),
    ("tr", "Ödeme yapıldı, have a nice day!"),
    ("fr", "La table est réservée, see you soon!"),
]  # fmt: skip
WITH_TITLES = [
    ("ja", "「The Girl on the Train」を再生します。"), ("ja", "Spotifyで Bohemian Rhapsody を再生します。"),
    ("hi", "The Hunger Games को पाँच में से चार अंक दे दिए हैं।"), ("ar", "تم تشغيل Rolling in the Deep الآن"),
    ("th", "กำลังเล่นเพลง Someone Like You ค่ะ"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), WITH_ENGLISH)
def test_a_sentence_or_its_half_in_english_is_seen(verifier, language, text):
    assert verifier.verify(text, language).match is False


@pytest.mark.parametrize(("language", "text"), WITH_TITLES)
def test_a_title_in_another_script_is_no_english(verifier, language, text):
    assert verifier.verify(text, language).match is True


def test_words_of_two_languages_by_turns_are_seen(verifier):
    for own, other in (("fr", "en"), ("es", "en"), ("de", "en")):
        pair = zip(HALVES[own][0].split(), HALVES[other][0].split(), strict=False)
        assert verifier.verify(" ".join(word for words in pair for word in words), own).match is False


@pytest.mark.parametrize("language", [x for x in SAID if x != "en"])
def test_words_of_many_scripts_by_turns_are_no_language(verifier, language):
    words = ["погода", "今天", "अलार्म", "the", "กรุงเทพ", "منبه", "réveil", "알람", "будильник", "牛奶"]
    assert verifier.verify(" ".join(words * 3), language).match is False


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich habe den Song „Everybody Hurts“ von R.E.M. auf Spotify gestartet.", "de"),
        ("Je t'ai envoyé le lien du meeting sur WhatsApp et Google Calendar.", "fr"),
        ("Запустил плейлист Today's Top Hits в Spotify на вашем iPhone.", "ru"),
        ("「The Crown」の第3シーズンをNetflixで再生しています。", "ja"),
        ("我已经在Google Calendar里添加了John Smith的生日。", "zh"),
        ("تم تشغيل أغنية Shape of You على تطبيق Spotify الآن.", "ar"),
        ("आपका ऑर्डर ID AB-1234-XYZ है और Amazon से कल आएगा।", "hi"),
        ("Nimetuma barua pepe kwa john.smith@example.com kuhusu mkutano wa kesho.", "sw"),
        ("O código do seu voo é TP-1351 e o check-in online já está aberto.", "pt"),
        ("알람을 7:30 AM으로 맞추고 Slack에 알림을 보냈습니다.", "ko"),
        ("Der Check-in ist online möglich, und der Termin steht im Kalender.", "de"),
        ("Tu vuelo con check-in online sale a las nueve; el wifi premium está incluido.", "es"),
        ("Tisch für vier Personen um 19 Uhr reserviert, All you can eat für 24,90 € pro Person.", "de"),
        ("Masa pentru 4 persoane e rezervată, all you can eat costă 89,90 lei de persoană.", "ro"),
        ("Telefonul e pe modul do not disturb până la ora șapte.", "ro"),
        ("„Don't look up“ läuft um 20:15 Uhr in Saal drei.", "de"),
        ("Jouw all-in pakket is geboekt, inclusief een last minute upgrade.", "nl"),
    ],
)
def test_names_products_codes_and_loanwords_are_no_other_language(verifier, text, language):
    verdict = verifier.verify(text, language)
    assert verdict.match is True
    assert verdict.shares.lines == 1.0


def test_shares_by_line_and_by_word(verifier):
    french, english = SAID["fr"], SAID["en"]
    assert verifier.verify("\n".join(french), "fr").shares == Shares(1.0, 1.0)
    assert verifier.verify("\n".join(english), "fr").shares == Shares(0.0, 0.0)
    mixed = verifier.verify("\n".join([*french, english[0], "", french[0]]), "fr")
    assert mixed.match is False
    assert mixed.detected == "en"
    assert mixed.shares.lines == 0.75
    assert 0.6 < mixed.shares.words < 0.9
    assert verifier.verify("19:30", "fr").shares is None


# Letters that look like Latin ones, from Cyrillic.
LOOK_ALIKE = str.maketrans("aeopcxyi", "аеорсхуі")


@pytest.mark.parametrize("language", [x for x in SAID if x != "en"])
@pytest.mark.parametrize(
    "trick",
    [
        lambda text: text.translate(LOOK_ALIKE),
        lambda text: "\u200b".join(text),
        lambda text: "\u202e" + text[::-1] + "\u202c",
        lambda text: "".join(c + "\u0337" for c in text),
        lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
        lambda text: "".join(chr(0x1D5BA + ord(c) - 97) if "a" <= c <= "z" else c for c in text),
    ],
    ids=["homoglyphs", "zero width", "right to left", "struck through", "full width", "mathematical"],
)
def test_english_in_disguise_is_not_the_users_language(verifier, language, trick):
    for text in SAID["en"]:
        assert verifier.verify(trick(text), language).match is not True


@pytest.mark.parametrize("language", SAID)
@pytest.mark.parametrize(
    "same",
    [
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: unicodedata.normalize("NFKC", text),
        lambda text: unicodedata.normalize("NFKD", text),
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace(" ", "  \t "),
        lambda text: f"\n\n  {text}  \n",
        str.upper,
        str.lower,
        lambda text: "\u2066".join(text),
    ],
)
def test_one_text_in_other_characters_gets_one_verdict(verifier, language, same):
    for text in SAID[language]:
        for asked in (language, "en" if language != "en" else "fr"):
            assert verifier.verify(same(text), asked).match is verifier.verify(text, asked).match


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80), st.sampled_from(LANGUAGES))
def test_normal_forms_of_any_text_get_one_verdict(text, language):
    verifier = LanguageVerifier(LANGUAGES)
    verdicts = [verifier.verify(unicodedata.normalize(form, text), language) for form in ("NFC", "NFKC")]
    assert verdicts == [verifier.verify(text, language)] * 2


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(list(SAID)), st.sampled_from(list(SAID)), st.data())
def test_spaces_and_invisible_letters_change_no_verdict(language, asked, data):
    verifier = LanguageVerifier(LANGUAGES)
    text = SAID[language][0]
    blank = data.draw(st.text(" \t\u00a0\u2003\u3000", min_size=1, max_size=4))
    unseen = data.draw(st.text("\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a", max_size=3))
    other = blank.join(word + unseen for word in text.split(" "))
    assert verifier.verify(other, asked).match is verifier.verify(text, asked).match


def test_where_no_other_language_is_likely_a_text_is_judged_all_the_same() -> None:
    """Nothing that is said may raise: what raises is taken for our failure, and masked."""
    for languages in (["en", "hi"], ["en"], ["zh", "en"]):
        verdict = LanguageVerifier(languages).verify('reply: few: Лечу "Не du Белова",', "en")
        assert verdict.detected == "en"


MIXED = ["reply:", "few:", "Лечу", '"Не', "du", "Белова", "तक", "ça", "日", "é", "1", "\n"]


@given(st.lists(st.sampled_from(MIXED), max_size=9), st.sampled_from(["en", "hi", "ru"]))
def test_a_mix_of_scripts_is_judged(words, expected):
    verdict = LanguageVerifier([expected]).verify(" ".join(words), expected)
    assert 0.0 <= verdict.probability <= 1.0


GLUES = [
    "🙂",
    "=",
    "→",
    "•",
    "*",
    "~",
    "&",
    "\\",
    "'",
    " @",
    "@",
    "///",
    "1",
    ",",
    ":",
    "—",
    "**",
    "<br>",
    "--",
    "\u2060",
    "",
    "²",
]
OFFER = "please let me know if you need anything else"


@pytest.mark.parametrize("language", ["ar", "de", "fr", "hi", "ja", "ru", "sw", "th"])
def test_english_glued_together_is_english(verifier, language):
    """The cheapest way to say something that no list of words knows; what is glued in parts as well."""
    own, words = SAID[language][0], OFFER.split()
    glued = [glue.join(words) for glue in GLUES]
    glued += [
        "pleaseLetMe knowIfYou needAnything",
        "PleaseLetMe KnowIfYou NeedAnything",
        "please-let me-know if-you need-anything",
    ]
    glued += [
        "please(let)me(know)if(you)need",
        "pleaselet meknow ifyouneed anythingelse alright",
        "ᴘʟᴇᴀꜱᴇ ʟᴇᴛ ᴍᴇ ᴋɴᴏᴡ ɪꜰ ʏᴏᴜ",
    ]
    paid = [text for text in glued if verifier.verify(f"{own} {text}", language).match is True]
    assert not paid


# What stands between letters, or words that stand together, in replies of natives
JOINED = [
    ("fr", "Votre rendez-vous chez Jean-Luc est confirmé, c'est-à-dire demain ; vous êtes inscrit·e et prêt(e)."),
    ("de", "Ich habe alle Kolleg:innen per E-Mail/SMS eingeladen."),
    ("es", "Está todo listo/a: la mesa (terraza) quedó reservada en OpenTable y/o por WhatsApp."),
    ("ca", "La col·lecció i la pel·lícula ja són a la llista del teu col·lega."),
    ("ru", "Заказ оформлен/оплачен, и/или его привезут на дом; столик (у окна)забронирован."),
    ("uk", "П'ять об'єктів додано до списку — зв'язок з кур'єром є."),
    ("sv", "Jag har skickat SMS:et till Karl-Erik, och TV:n/radion är avstängd."),
    ("it", "Ho prenotato l'albergo all'aeroporto dell'Aquila, dall'altro lato c'è un bar/ristorante."),
    ("hi", "BookMyShow पर आपके दो टिकट बुक हो गए हैं।"),
    ("ja", "YouTubeとPayPayの通知(メール)をオンにしました。"),
    ("pt", "Já enviei o e-mail/SMS para joao.silva@exemplo.com.br e o Wi-Fi está ligado."),
    ("sw", "Nimetuma SMS/barua pepe kwa Juma (kaka yako), ng'ombe wako wako salama."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), JOINED)
def test_what_natives_join_is_their_own(language, text):
    assert LanguageVerifier([language]).verify(text, language).match is True
