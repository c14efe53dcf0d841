"""Close relatives are told apart, or the verdict is left open; none passes for the other."""

import pytest

from rewards.language import LanguageVerifier

# The same three things said in each: an alarm for seven tomorrow, a train in ten minutes, money moved.
GROUPS = {
    "Scandinavia": {
        "da": ["Din alarm er sat til klokken syv i morgen tidlig.", "Toget kører fra spor fem om ti minutter.", "Pengene er blevet overført til din konto, og du får besked i morgen."],
        "nb": ["Alarmen din er satt til klokken sju i morgen tidlig.", "Toget går fra spor fem om ti minutter.", "Pengene er overført til kontoen din."],
        "sv": ["Ditt larm är inställt på klockan sju i morgon bitti.", "Tåget går från spår fem om tio minuter.", "Pengarna har flyttats till ditt konto."],
    },
    "Iberia": {
        "pt": ["O seu alarme está marcado para as sete da manhã.", "O trem sai da plataforma cinco em dez minutos.", "O dinheiro já foi transferido para a sua conta."],
        "gl": ["A túa alarma está posta para as sete da mañá.", "O tren sae da vía cinco dentro de dez minutos e xa está no andén.", "Os cartos xa foron transferidos á túa conta."],
        "es": ["Tu alarma está puesta para las siete de la mañana.", "El tren sale de la vía cinco en diez minutos.", "El dinero ya está en tu cuenta."],
    },
    "East Slavic": {
        "ru": ["Ваш будильник установлен на семь часов утра.", "Поезд отправляется с пятого пути через десять минут.", "Деньги уже переведены на ваш счёт."],
        "uk": ["Ваш будильник встановлено на сьому годину ранку.", "Поїзд вирушає з п'ятої колії за десять хвилин.", "Гроші вже переказано на ваш рахунок."],
        "bg": ["Будилникът ви е настроен за седем часа сутринта.", "Влакът тръгва от пети коловоз след десет минути.", "Парите вече са преведени по сметката ви."],
    },
    "Czechoslovakia": {
        "cs": ["Budík je nastaven na sedm hodin ráno.", "Vlak odjíždí z pátého nástupiště za deset minut.", "Peníze už jsou převedené na váš účet."],
        "sk": ["Budík je nastavený na sedem hodín ráno.", "Vlak odchádza z piateho nástupišťa o desať minút.", "Peniaze už sú prevedené na váš účet."],
    },
    "the Low Countries and the Cape": {
        "nl": ["Je wekker staat op zeven uur morgenochtend.", "De trein vertrekt over tien minuten van spoor vijf.", "Het geld is naar je rekening overgemaakt."],
        "af": ["Jou wekker is vir sewe-uur môreoggend gestel.", "Die trein vertrek oor tien minute van platform vyf.", "Die geld is na jou rekening oorgeplaas."],
    },
    "Devanagari": {
        "hi": ["आपका अलार्म कल सुबह सात बजे के लिए सेट है।", "ट्रेन दस मिनट में प्लेटफ़ॉर्म पाँच से जाएगी।"],
        "mr": ["तुमचा अलार्म उद्या सकाळी सात वाजता लावला आहे.", "गाडी दहा मिनिटांत पाचव्या फलाटावरून सुटेल."],
        "ne": ["तपाईंको अलार्म भोलि बिहान सात बजेका लागि राखिएको छ।", "रेल दस मिनेटमा पाँच नम्बर प्लेटफर्मबाट छुट्छ।"],
    },
    "the Balkans": {
        "sr-Cyrl": ["Ваш аларм је подешен за седам сати ујутру.", "Воз полази са петог колосека за десет минута."],
        "mk": ["Вашиот аларм е поставен за седум часот наутро.", "Возот тргнува од петтиот колосек за десет минути."],
    },
    "Malay": {
        "id": ["Alarm Anda sudah disetel untuk pukul tujuh besok pagi.", "Uangnya sudah dikirim ke rekening Anda."],
        "ms": ["Penggera anda telah ditetapkan pada pukul tujuh pagi esok.", "Wang itu telah dipindahkan ke akaun anda."],
    },
}  # fmt: skip
PAIRS = [(group, said, asked) for group, some in GROUPS.items() for said in some for asked in some]


@pytest.mark.parametrize(("group", "said", "asked"), PAIRS)
def test_each_is_taken_for_itself_and_for_no_relative(group, said, asked):
    verifier = LanguageVerifier([*GROUPS[group], "en"])
    for text in GROUPS[group][said]:
        verdict = verifier.verify(text, asked)
        assert verdict.match is not (said != asked), (text, verdict)
        assert (verdict.probability > 0.5) is (said == asked), (text, verdict)


@pytest.mark.parametrize("group", GROUPS)
def test_where_the_run_asks_for_one_of_them_alone_it_is_taken_without_doubt(group):
    for language, texts in GROUPS[group].items():
        verifier = LanguageVerifier([language, "en"])
        assert [verifier.verify(text, language).match for text in texts] == [True] * len(texts)


# Right in each of the languages, or in more than one: never refused
SHARED = [
    (["da", "nb"], "Jeg har bestilt et bord for to."), (["da", "nb"], "Du har to alarmer."), (["da", "nb"], "Det er 17 grader i Oslo."),
    (["da", "nb"], "Vi ses senere."), (["da", "nb"], "Pengene er overført til din konto."), (["da", "nb"], "Du har ingen alarmer."),
    (["da", "nb"], "Filmen starter om ti minutter."), (["da", "nb"], "Prisen er 200 kroner."), (["da", "nb"], "Bussen er forsinket."),
    (["id", "ms"], "Terima kasih, semuanya sudah siap."), (["id", "ms"], "Alarm anda sudah siap."),
    (["id", "ms"], "Meja untuk dua orang sudah dipesan."), (["id", "ms"], "Hujan hari ini, suhu 17."), (["nl", "af"], "Alles is in orde."),
    (["cs", "sk"], "Budík je nastavený."), (["cs", "sk"], "Máte dva budíky, hotovo."),
    (["mr", "ne"], "शुभ रात्री!"), (["hi", "mr", "ne"], "धन्यवाद!"),
]  # fmt: skip
OWN = [
    ("af", ["nl"], "Die boodskap is aan jou ma gestuur."), ("ne", ["hi", "mr"], "मैले दुई जनाको लागि टेबुल बुक गरें।"), ("gl", ["pt", "es"], "Boas noites!"),
    ("ms", ["id"], "Suhu di sana 17 darjah."), ("nb", ["da", "sv"], "Jeg har sendt den."), ("da", ["nb", "sv"], "Pengene er overført til din konto."),
    ("bg", ["ru", "uk"], "Резервирах маса за двама."), ("uk", ["ru", "bg"], "Я забронював столик на двох."), ("sk", ["cs"], "Stôl je rezervovaný."),
    ("nn", ["nb"], "Bussen kjem klokka ti."), ("sk", ["cs"], "V Prahe prší."), ("af", ["nl"], "Die tafel is klaar."), ("gl", ["pt", "es"], "A mesa está lista."),
]  # fmt: skip
# Each in a relative, whether or not the run asks for it
OTHERS = [
    ("id", "Penggera anda telah disetkan untuk esok pagi, selamat malam."), ("uk", "Резервирах маса за двама."),
    ("nb", "Jeg håber, at du kan lide værelset."), ("da", "Jeg håper at du liker rommet."), ("nl", "Die boodskap is aan jou ma gestuur."),
]  # fmt: skip


@pytest.mark.parametrize(("languages", "text"), SHARED)
def test_what_is_right_in_relatives_is_refused_in_none_of_them(languages, text):
    verifier = LanguageVerifier([*languages, "en"])
    assert [x for x in languages if verifier.verify(text, x).match is False] == []


@pytest.mark.parametrize(("language", "relatives", "text"), OWN)
def test_short_sentences_are_their_own_languages(language, relatives, text):
    assert LanguageVerifier([language, *relatives, "en"]).verify(text, language).match is not False


@pytest.mark.parametrize(("language", "text"), OTHERS)
def test_a_relative_is_refused_where_the_run_does_not_ask_for_it(language, text):
    assert LanguageVerifier([language, "en"]).verify(text, language).match is False


CANTONESE = ["你嘅鬧鐘已經較咗朝早七點。", "我而家幫你打畀佢。", "啲錢已經過咗你個戶口喇。"]
MANDARIN = ["你的鬧鐘已經設定在早上七點了。", "我現在幫你打電話給他。", "錢已經轉到你的帳戶裡了。"]


def test_short_chinese_replies_are_not_japanese_and_japanese_without_kana_is():
    verifier = LanguageVerifier(["ja", "zh", "en"])
    for chinese in ("还剩49分钟。", "闹钟已设定。", "49分钟后响铃", "是10月12日。"):
        assert verifier.verify(chinese, "ja").match is False, chinese
        assert verifier.verify(chinese, "zh").match is not False, chinese
    for japanese in ("設定完了", "渋谷区", "予約済み", "髙島屋", "北京の鐘は49分後です。"):
        assert verifier.verify(japanese, "ja").match is not False, japanese


def test_cantonese_and_mandarin_where_the_run_has_both():
    verifier = LanguageVerifier(["yue", "zh-TW", "en"])
    for text in CANTONESE:
        assert verifier.verify(text, "yue").match is True and verifier.verify(text, "zh-TW").match is False
    for text in MANDARIN:
        assert verifier.verify(text, "yue").match is False and verifier.verify(text, "zh-TW").match is True


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("ps", "ستاسو الارم د سهار په اوو بجو ټاکل شوی دی."),
        ("ckb", "زەنگی ئاگادارکردنەوەکەت بۆ کاتژمێر حەوتی بەیانی دانراوە."),
        ("ka", "მაღვიძარა დაყენებულია დილის შვიდ საათზე."), ("am", "ማንቂያዎ ለጠዋቱ አንድ ሰዓት ተሞልቷል።"),
        ("my", "မနက် ခုနစ်နာရီအတွက် နှိုးစက် သတ်မှတ်ပြီးပါပြီ။"), ("km", "ម៉ោងរោទ៍របស់អ្នកត្រូវបានកំណត់នៅម៉ោងប្រាំពីរព្រឹក។"),
        ("hy", "Զարթուցիչը դրված է առավոտյան ժամը յոթին։"), ("si", "ඔබේ එලාමය උදේ හතට සකසා ඇත."),
        ("kn", "ನಿಮ್ಮ ಅಲಾರಂ ಬೆಳಿಗ್ಗೆ ಏಳು ಗಂಟೆಗೆ ಹೊಂದಿಸಲಾಗಿದೆ."), ("gu", "તમારું અલાર્મ સવારે સાત વાગ્યા માટે સેટ છે."),
    ],
)  # fmt: skip
def test_a_language_without_a_list_of_words_is_one_too(tag, text):
    verifier = LanguageVerifier([tag, "en"])
    assert verifier.verify(text, tag).match is not False
    assert verifier.verify("Your alarm is set for seven in the morning.", tag).match is False


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("vi", "Tôi đã đặt báo thức lúc bảy giờ sáng mai cho bạn."), ("vi", "Mẹ bé hé thú mì tô cá."),
        ("ar", "تَمَّ ضَبْطُ المُنَبِّهِ عَلَى السَّاعَةِ السَّابِعَةِ صَبَاحًا."),
        ("he", "הַשָּׁעוֹן הַמְעוֹרֵר כֻּוַּן לְשֶׁבַע בַּבֹּקֶר."),
        ("fr", "C'est J. K. Rowling et R.E.M. qui arrivent à 7 h. Bonne soirée à vous."),
    ],
)  # fmt: skip
def test_tones_vowel_points_and_initials(language, text):
    assert LanguageVerifier([language, "en"]).verify(text, language).match is True


@pytest.mark.parametrize("number", ["7", "19.30", "1,234.5", "12:05"])
def test_a_sentence_ends_after_a_number(number):
    verifier = LanguageVerifier(["de", "en"])
    assert (
        verifier.verify(
            f"Der Wecker klingelt morgen früh um {number}. Sleep well and have a good night.", "de"
        ).match
        is False
    )


NEIGHBOURS = [
    ("id", "Bungkusan awak akan sampai esok petang, jangan bimbang."),
    ("id", "Mesyuarat awak ditangguhkan ke petang esok."),
    ("id", "Paket panjenengan bakal teka sesuk sore, mboten usah kuwatir."),
    ("id", "Pakét anjeun bakal datang isukan sonten, ulah hariwang."),
    ("id", "Yournya alarmnya isnya setnya fornya tomorrow."),
    ("id", "Pak, your table is booked for tonight, Bu."),
    ("nb", "Eg vekkjer deg i morgon tidleg, sov godt så lenge. Har du fleire ynske?"),
    ("nb", "Timen din hjå tannlegen er klokka 14.30, hugs å møta opp i god tid."),
    ("nb", "Paketet kommer på fredag eftermiddag, budet ringer dig innan."),
]


@pytest.mark.parametrize(("asked", "text"), NEIGHBOURS)
def test_a_neighbour_s_own_words_are_seen_though_the_run_does_not_ask_for_it(asked, text):
    verdict = LanguageVerifier().verify(text, asked)
    assert verdict.match is False
    assert verdict.probability < 0.5


OWN = [
    ("id", "Paketnya akan sampai besok sore, tidak usah khawatir."),
    ("id", "Rapatnya ditunda ke besok sore, jangan lupa ya."),
    ("id", "Alarmnya udah disetel, selamat tidur ya."),
    ("id", "Nomornya Pak Budi 0812-3456-7890."),
    ("id", "Nomor Mbak Rina 0812-3456-7890."),
    ("id", "Kodenya 4711, Mbak."),
    ("nb", "Pakken kommer på fredag ettermiddag, budet ringer deg først."),
    ("nb", "Timen hos tannlegen er klokka 14.30, husk å møte opp i god tid."),
    ("nb", "Jeg vekker deg tidlig i morgen, sov godt så lenge."),
    ("he", "סבבה, אעיר אותך מחר ב-6:30."),
    ("ar", "سعر التذاكر ألف ومئتا جنيه."),
    ("sw", "Nimemwambia mama."),
    ("sw", "Tumemtumia Achieng pesa."),
]


@pytest.mark.parametrize(("language", "text"), OWN)
def test_short_native_replies_are_the_language_s_own(language, text):
    assert LanguageVerifier().verify(text, language).match is True
