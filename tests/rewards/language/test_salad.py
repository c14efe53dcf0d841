"""Real words in no order are no sentence, and what natives say in an unusual order is one."""

import random

import pytest

from rewards.language import LanguageVerifier
from rewards.language.order import AT_BAR, FEWER, against, known
from tests.rewards.hand_written import LANGUAGES
from tests.rewards.language.test_verifier import SAID as SENTENCES

WORDS = {
    "en": "your alarm has been set for the morning we will remind you about milk and then call mother tomorrow because weather is warm outside",
    "es": "tu alarma está puesta para la mañana te recordaremos comprar leche y después llamar a mamá porque el tiempo será bueno fuera",
    "fr": "votre réveil est réglé pour le matin nous vous rappellerons du lait et ensuite appeler maman demain parce que il fera chaud dehors",
    "de": "dein wecker ist für den morgen gestellt wir erinnern dich an milch und rufen dann mutter an weil das wetter draußen warm wird",
    "pt": "seu alarme está marcado para a manhã vamos lembrar você do leite e depois ligar para mãe porque o tempo fica bom fora",
    "ru": "ваш будильник поставлен на утро мы напомним вам про молоко и потом позвоним маме завтра потому что погода будет тёплая снаружи",
    "zh": "闹钟 已经 设置 早上 我们 提醒 您 牛奶 然后 打电话 妈妈 明天 因为 天气 外面 暖和 在 的 和 把 给 会 了 好",
    "ja": "目覚まし 朝 設定 しました 私たち 牛乳 こと お知らせ それから 母 電話 明日 天気 外 暖かい ので を に は が の で ます です",
    "ko": "알람을 아침으로 맞추었고 우리가 우유를 사라고 알려 드릴게요 그리고 내일 어머니께 전화를 밖이 날씨가 따뜻하니까 먼저 회의는 주문한 시간에 바로 합니다",
    "ar": "تم ضبط المنبه في الصباح سوف نذكرك بشراء الحليب ثم الاتصال مع أمك غدا لأن الطقس دافئ خارج البيت على هذا كل",
    "hi": "आपका अलार्म सुबह के लिए सेट है हम आपको दूध की याद दिलाएँगे और फिर माँ को फ़ोन करेंगे क्योंकि कल मौसम बाहर गर्म रहेगा",
    "bn": "আপনার অ্যালার্ম সকালের জন্য সেট করা হয়েছে আমরা দুধ কেনার কথা মনে করিয়ে দেব তারপর মাকে ফোন কারণ কাল আবহাওয়া বাইরে গরম থাকবে",
    "te": "మీ అలారం ఉదయం కోసం సెట్ చేయబడింది మేము పాలు కొనమని గుర్తు చేస్తాము తర్వాత అమ్మకు ఫోన్ రేపు ఎందుకంటే వాతావరణం బయట వెచ్చగా ఉంటుంది",
    "th": "ตั้ง นาฬิกาปลุก ตอน เช้า แล้ว เรา จะ เตือน คุณ เรื่อง นม และ โทรหา แม่ พรุ่งนี้ เพราะ อากาศ ข้างนอก อบอุ่น ที่ ให้ ของ ค่ะ",
    "sw": "kengele yako imewekwa kwa asubuhi sisi tutakukumbusha kununua maziwa na baadaye kumpigia mama simu kesho kwa sababu hali ya hewa nje joto",
}  # fmt: skip
# Inverted, left out, listed, spoken, in verse: what a native may well write.
SAID = {
    "en": ["Meeting moved to half past seven, room booked, coffee ordered.", "Gone is the alarm, as you wished.", "Milk, eggs, bread and a little butter: all four on your list.",
           "Nope, no rain today, just plenty of sunshine till late in the evening.", "Up you get, sleepyhead, it's nearly nine!", "Into the calendar it goes, right between lunch and the dentist."],
    "es": ["Cita confirmada, siete y media, taxi pedido, despertador listo.", "Borrada queda la alarma, como querías.", "Leche, huevos, pan y un poco de mantequilla: los cuatro en tu lista.",
           "Qué va, hoy ni una gota, sol hasta bien entrada la tarde.", "¡Arriba, dormilón, que ya casi son las nueve!", "Al calendario va, justo entre la comida y el dentista."],
    "fr": ["Rendez-vous fixé, sept heures et demie, taxi commandé, réveil prêt.", "Supprimée, ton alarme, comme tu voulais.", "Du lait, des œufs, du pain et un peu de beurre : les quatre y sont.",
           "Non, pas une goutte aujourd'hui, du soleil jusque tard dans la soirée.", "Debout, la marmotte, il est bientôt neuf heures !", "Entre le déjeuner et le dentiste, voilà où je l'ai mis."],
    "de": ["Termin steht, halb acht, Wecker gestellt, Taxi bestellt, alles bereit.", "Gelöscht hab ich ihn dir, deinen Wecker, wie gewünscht.", "Milch, Eier, Brot und ein bisschen Butter: alle vier auf der Liste.",
           "Nö, heut kein Tropfen, Sonne satt bis spät am Abend.", "Raus aus den Federn, gleich ist es neun!", "In den Kalender eingetragen habe ich dir den Zahnarzt, und zwar gleich nach dem Mittagessen."],
    "pt": ["Consulta marcada, sete e meia, táxi chamado, despertador pronto.", "Apagado está o alarme, como você queria.", "Leite, ovos, pão e um pouco de manteiga: os quatro na lista.",
           "Que nada, hoje nem uma gota, sol até o fim da tarde.", "Acorda, dorminhoco, já são quase nove!", "Entre o almoço e o dentista, foi ali que eu coloquei."],
    "ru": ["Встреча в силе, половина восьмого, такси заказано, будильник стоит.", "Удалил я ваш будильник, как вы и просили.", "Молоко, яйца, хлеб и немного масла: всё в списке.",
           "Не, дождя сегодня не будет, солнце до самого вечера.", "Вставай, соня, уже почти девять!", "В календарь записано, аккурат между обедом и зубным."],
    "zh": ["会议改好了，七点半，房间订了，咖啡也点了。", "按您说的，闹钟删掉啦。", "牛奶、鸡蛋、面包，再来点黄油：四样都记上了。",
           "没雨，今天一整天都是大太阳。", "快起床啦小懒虫，都快九点了！", "明月几时有，把酒问青天。"],
    "ja": ["会議は変更済み、七時半、部屋も予約、コーヒーも注文しました。", "消しときましたよ、目覚まし。", "牛乳、卵、パン、それとバターを少し。四つとも入れてあります。",
           "いえ、今日は降りませんよ、夕方遅くまでずっと晴れです。", "起きて起きて、もうすぐ九時だよ！", "入れておきました、お昼と歯医者さんのちょうど間に。"],
    "ko": ["회의 변경 완료, 일곱 시 반, 방 예약됨, 커피도 주문했어요.", "지웠어요, 알람, 말씀하신 대로.", "우유, 달걀, 빵 그리고 버터 조금, 네 가지 다 적었어요.",
           "아뇨, 오늘은 비 한 방울 안 와요, 저녁 늦게까지 쭉 맑아요.", "일어나요 잠꾸러기, 벌써 아홉 시 다 됐어요!", "넣어 뒀어요, 점심하고 치과 사이에 딱."],
    "ar": ["تم تغيير الموعد، السابعة والنصف، الغرفة محجوزة، والقهوة مطلوبة.", "حذفت لك المنبه كما أردت.", "حليب وبيض وخبز وقليل من الزبدة، كلها في قائمتك.",
           "لا، لا مطر اليوم، شمس ساطعة حتى المساء.", "هيا استيقظ، الساعة تقترب من التاسعة!", "بين الغداء وطبيب الأسنان وضعته لك في التقويم."],
    "hi": ["मीटिंग बदल दी, साढ़े सात बजे, कमरा बुक, कॉफ़ी भी मँगा ली।", "हटा दिया आपका अलार्म, जैसा आपने कहा था।", "दूध, अंडे, ब्रेड और थोड़ा मक्खन: चारों सूची में हैं।",
           "नहीं जी, आज बारिश बिल्कुल नहीं, शाम तक बस धूप ही धूप।", "उठो भी अब, नौ बजने वाले हैं!", "डाल दिया है कैलेंडर में, खाने और डॉक्टर के ठीक बीच में।"],
    "bn": ["মিটিং বদলে দিয়েছি, সাড়ে সাতটা, ঘর বুক করা, কফিও অর্ডার দেওয়া।", "মুছে দিলাম আপনার অ্যালার্ম, যেমন বলেছিলেন।", "দুধ, ডিম, পাউরুটি আর একটু মাখন: চারটেই তালিকায় আছে।",
           "না না, আজ এক ফোঁটাও বৃষ্টি নেই, সন্ধ্যা পর্যন্ত শুধু রোদ।", "ওঠো এবার, নয়টা যে বাজতে চলল!", "তুলে রেখেছি ক্যালেন্ডারে, দুপুরের খাওয়া আর দাঁতের ডাক্তারের মাঝখানে।"],
    "te": ["మీటింగ్ మార్చాను, ఏడున్నర, గది బుక్ చేశాను, కాఫీ కూడా చెప్పాను.", "తీసేశాను మీ అలారం, మీరు చెప్పినట్టే.", "పాలు, గుడ్లు, రొట్టె, కొంచెం వెన్న: నాలుగూ జాబితాలో ఉన్నాయి.",
           "లేదండీ, ఈరోజు వాన చుక్క కూడా లేదు, సాయంత్రం దాకా ఎండే.", "లేవండి ఇక, తొమ్మిది కావస్తోంది!", "పెట్టాను క్యాలెండర్‌లో, భోజనానికీ డాక్టర్‌కీ సరిగ్గా మధ్యలో."],
    "th": ["เลื่อนประชุมแล้ว เจ็ดโมงครึ่ง จองห้องไว้ สั่งกาแฟให้ด้วย", "ลบให้แล้วค่ะ นาฬิกาปลุก ตามที่บอก", "นม ไข่ ขนมปัง แล้วก็เนยนิดหน่อย ใส่ครบสี่อย่างแล้วครับ",
           "ไม่ตกเลยค่ะวันนี้ แดดเปรี้ยงยันเย็น", "ตื่นได้แล้วจ้า จะเก้าโมงอยู่แล้ว", "ลงไว้ในปฏิทินให้แล้ว ระหว่างมื้อเที่ยงกับหมอฟันพอดี"],
    "sw": ["Mkutano umebadilishwa, saa moja na nusu, chumba kipo, kahawa imeagizwa.", "Imefutwa kengele yako, kama ulivyotaka.", "Maziwa, mayai, mkate na siagi kidogo: vyote vinne vipo kwenye orodha.",
           "La, leo hakuna hata tone la mvua, ni jua tu mpaka jioni.", "Amka basi, inakaribia saa tatu!", "Kwenye kalenda nimeiweka, katikati ya chakula cha mchana na daktari."],
}  # fmt: skip
# What people say to one another and to an assistant, of which receipts have nothing
TALK_SW = [
    "Nzuri, karibu! Nipo hapa, niko tayari kukusaidia.", "Njema! Ndiyo, nipo hapa na niko tayari kukusaidia.",
    "Salama! Ndiyo, nipo hapa na niko tayari kukusaidia.", "Nzuri sana, asante! Na wewe je, uko salama?",
    "Poa kabisa! Niambie, unahitaji nini leo?", "Shikamoo! Naomba uniambie nikusaidie vipi.",
    "Karibu sana, usisite kuniuliza wakati wowote.", "Asante kwa kuuliza, mimi niko salama kabisa.",
    "Usijali, nipo hapa kukusaidia muda wote.", "Hakuna shida, tutaendelea ukiwa tayari.",
    "Pole sana kwa hilo, nitajaribu kukusaidia.", "Samahani, sikukuelewa vizuri. Tafadhali rudia tena.",
    "Ndiyo, naweza kukusaidia kuhesabu au kutafsiri maneno.", "Hapana, siwezi kupiga simu lakini naweza kutuma ujumbe.",
    "Furaha ni yangu, karibu tena wakati wowote.", "Usiku mwema, lala salama na uamke vizuri.",
    "Habari za asubuhi! Natumaini umelala vizuri.", "Nimefurahi kukusikia, unaendeleaje leo?",
    "Mimi ni msaidizi wako, uliza chochote unachotaka.", "Sawa, nimekuelewa. Nikufanyie nini kingine?",
    "Karibu! Kama una swali lingine, niambie tu.", "Hongera sana kwa siku yako ya kuzaliwa!",
    "Heri ya siku ya kuzaliwa, nakutakia maisha marefu.", "Safari njema, ufike salama nyumbani.",
    "Pole kwa kazi, pumzika kidogo basi.", "Ninaitwa msaidizi, na niko hapa kwa ajili yako.",
    "Kwa kweli sijui, lakini naweza kutafuta.", "Inategemea unapenda nini, nyama au samaki?",
    "Ningependekeza uende mapema ili kuepuka foleni.", "Chai ya tangawizi ni nzuri ukiwa na mafua.",
    "Ah, hiyo ni hadithi nzuri sana! Endelea.", "Mzaha mmoja: kwa nini kuku alivuka barabara? Ili kufika upande wa pili!",
    "Nairobi ni mji mkuu wa Kenya, na una watu wengi.", "Kiswahili kinazungumzwa Afrika Mashariki yote.",
    "Maji huchemka kwa nyuzi mia moja.", "Mlima mrefu zaidi Afrika ni Kilimanjaro.",
    "Ndiyo, bila shaka. Tuanze lini?", "Nzuri tu, nashukuru. Habari za nyumbani?",
    "Salama, mambo vipi kwako?", "Ndiyo, ninaweza kuzungumza Kiswahili na Kiingereza.",
    "Basi sawa, tutaonana kesho Mungu akipenda.", "Haya, kwaheri! Uwe na siku njema.",
    "Asante sana, umenifurahisha leo.", "Nashukuru kwa maneno yako mazuri, karibu tena.",
    "Naam, nakusikiliza. Sema unachohitaji.", "Unaweza kuniambia jina la mji unaotaka?",
    "Niambie saa ngapi unataka kuamshwa.", "Ungependa nikukumbushe lini?",
    "Samahani, nahitaji kujua tarehe kwanza.", "Tafadhali nipe jina kamili la mgahawa.",
    "Ni vizuri kunywa maji mengi kila siku.", "Usisahau kupumzika, afya yako ni muhimu.",
    "Hilo ni swali zuri! Jibu lake si rahisi.", "Sijambo, na wewe hujambo?",
    "Hujambo! Karibu, nikusaidie nini leo?", "Naelewa unavyojisikia, na pole sana.",
    "Kila la heri kwenye mtihani wako!", "Mungu akubariki pia, nashukuru sana.",
    "Kweli kabisa, hata mimi nakubaliana nawe.", "Ndiyo, ipo karibu na stendi ya mabasi.",
    "Jumapili nyingi watu hupumzika nyumbani.", "Wali na maharage ni chakula kitamu na cha bei nafuu.",
    "Asante, nimeridhika. Una lingine la kuuliza?",
]  # fmt: skip
PASSED = {"ru": 33, "sw": 40, "th": 41, "zh": 49}  # of 100 at most
USUALLY_PASSED = 28


def salads(language, count=100):
    draw = random.Random(language)
    gap = "" if language in ("zh", "ja", "th") else " "
    words = sorted(set(WORDS[language].split()))
    return [gap.join(draw.choices(words, k=draw.randint(8, 15))) for _ in range(count)]


@pytest.fixture(scope="module")
def verifier():
    return LanguageVerifier(LANGUAGES)


@pytest.mark.parametrize("language", WORDS)
def test_common_words_in_no_order_are_no_language(verifier, language):
    passed = [text for text in salads(language) if verifier.verify(text, language).match is True]
    assert len(passed) <= PASSED.get(language, USUALLY_PASSED), passed[:5]


@pytest.mark.parametrize("language", ["en", "fr", "ko"])
def test_a_comma_after_each_word_makes_no_sentence(verifier, language):
    texts = [text.replace(" ", ", ") for text in salads(language)]
    assert sum(verifier.verify(text, language).match is True for text in texts) <= 60


@pytest.mark.parametrize("language", SAID)
def test_what_is_said_in_an_unusual_order_is_the_language(verifier, language):
    for text in SAID[language]:
        verdict = verifier.verify(text, language)
        assert verdict.match is True, (text, verdict)


@pytest.mark.parametrize("text", TALK_SW)
def test_everyday_talk_is_in_order(verifier, text):
    assert verifier.verify(text, "sw").match is not False


@pytest.mark.parametrize("language", SAID)
def test_two_words_and_three_tell_no_order(verifier, language):
    """Nothing is judged that is too short to tell."""
    for text in SAID[language]:
        told = against(" ".join(text.split()[:3])[:9], language)
        assert told < AT_BAR if language in FEWER else told == 0.0


@pytest.mark.parametrize(("language", "least"), [("zh", 0.2), ("ja", 0.2), ("th", 0.5)])
def test_a_few_letters_in_no_order_are_seen_where_no_spaces_set_words_apart(verifier, language, least):
    """What is left of a short reply around its fact, shuffled; and the clauses that natives say."""
    parts = [
        part
        for text in SAID[language] + SENTENCES[language]
        for part in text.split("、" if language == "ja" else "，" if language == "zh" else " ")
    ]
    draw, caught, count = random.Random(language), 0, 0
    for part in (part for part in parts if len(part) >= FEWER[language][0] + 2):
        assert against(part, language) < AT_BAR, part
        for _ in range(10):
            caught += against("".join(draw.sample(part, len(part))), language) > AT_BAR
            count += 1
    assert caught > least * count, (caught, count)


@pytest.mark.parametrize("language", sorted(known()))
def test_sentences_are_in_order_and_their_words_backwards_are_not(language):
    gap = "" if language in ("zh", "ja", "th") else " "
    assert all(against(text, language) <= AT_BAR for text in SENTENCES[language])
    back = gap.join(reversed(WORDS[language].split()))
    assert against(back, language) > 0


def test_a_language_without_a_table_is_left_alone():
    assert known() == set(LANGUAGES)
    assert against("zda budík je ráno pro tvůj na nastaven sedm a mléko", "cs") == 0.0
