"""A reply tells of what was asked: the place, the time, the value, and of each what is its own.

One row is a task, a reply and whether it tells all. Beside each wrong reply stand those that a native gives rightly.
"""

import pytest

from rewards.outcome import told
from rewards.samples import gold, trajectory
from rl.data.catalog import make

WEATHER, CLOCK, SUN = (
    ("get_weather", {"city": "bangkok"}),
    ("world_time", {"city": "tokyo"}),
    ("get_sunset", {"city": "berlin"}),
)
POST, HOLIDAY = (
    ("find_postal_code", {"city": "madrid"}),
    ("next_holiday", {"country": "ES", "date": "2026-03-29"}),
)
TWO = ("two_times", {"city": "tokyo", "city2": "paris"})
SNOOZED = ("snooze_alarm", {})  # it is 18:30; the alarm rings again at 18:50
SAME = ("two_times", {"city": "istanbul", "city2": "nairobi"})  # it is 11 in both
TRAIN = ("book_train", {"origin": "vienna", "destination": "london", "date": "2027-05-11"})
ROOM = ("reserve_room", {"city": "madrid", "date": "2026-06-09"})
TRIP = ("cancel_trip", {"city": "tokyo", "other": "paris", "a": "2027-05-05", "b": "2027-06-06"})
MOVED, REPLACED = (
    ("change_alarm", {"old": "06:00", "new": "07:30"}),
    ("replace_alarm", {"old": "06:00", "new": "07:30"}),
)
LEFT, EUROS = (
    ("alarm_time_left", {"minutes": 30}),
    ("convert_currency", {"amount": 250, "source": "USD", "target": "EUR"}),
)
CARD, BOOK, SET = (
    ("freeze_card", {"card": "8617", "other": "1234"}),
    ("rate_book", {"book": 0, "rating": "4"}),
    ("set_alarm", {"time": "07:30"}),
)

WRONG = [
    # another place
    (WEATHER, "es", "En Roma hay ahora 32 °C."), (WEATHER, "ru", "В Лондоне сейчас 32 °C."), (WEATHER, "ko", "파리는 지금 32도예요."),
    (WEATHER, "te", "లండన్‌లో ఇప్పుడు 32°C ఉంది."), (WEATHER, "th", "ตอนนี้ที่โตเกียว 32 องศาค่ะ"), (WEATHER, "ar", "درجة الحرارة في لندن الآن 32 درجة مئوية."),
    (CLOCK, "de", "In Berlin ist es gerade 17:00 Uhr."), (CLOCK, "zh", "巴黎现在是下午5点。"), (CLOCK, "pt", "São 17h em Londres."),
    (CLOCK, "bn", "লন্ডনে এখন বিকেল ৫টা বাজে।"), (CLOCK, "ja", "ロンドンは17時です。"), (CLOCK, "sw", "Nairobi ni saa 11 jioni."),
    (SUN, "fr", "À Madrid, le soleil se couche à 17:50."), (POST, "en", "The postal code for downtown Berlin is 28013."), (POST, "hi", "बर्लिन का पिन कोड 28013 है।"),
    (HOLIDAY, "fr", "Le prochain jour férié en Allemagne est le 3 avril 2026."), (HOLIDAY, "ja", "ドイツの次の祝日は2026年4月3日です。"), (HOLIDAY, "es", "El próximo festivo en Japón es el 3 de abril de 2026."),
    (HOLIDAY, "ru", "Следующий праздник в Германии — 3 апреля 2026 г."), (ROOM, "fr", "La chambre à Rome est réservée pour 64 €."), (TRIP, "de", "Die Reise nach Paris am 5. Mai 2027 ist storniert."),
    (WEATHER, "de", "In Köln sind es 32 °C."), (WEATHER, "hi", "मुंबई में अभी 32 डिग्री है।"), (WEATHER, "pt", "Faz 32 °C em Curitiba."), (WEATHER, "ru", "В Казани сейчас 32 °C."), (CLOCK, "ko", "부산은 지금 오후 5시예요."),
    (SUN, "te", "మెల్‌బోర్న్‌లో సూర్యుడు సాయంత్రం 5:47కి అస్తమిస్తాడు."), (SUN, "en", "The sun sets in Melbourne at 5:47 PM."), (CLOCK, "ja", "メルボルンは17時です。"), (POST, "fr", "Le code postal du centre de Bruxelles est 28013."),
    # two places, swapped
    (TWO, "pt", "São 9h em Tokyo e 17h em Paris."), (TWO, "de", "In Tokyo ist es 9:00 Uhr, in der anderen Stadt 17:00 Uhr."), (TWO, "zh", "東京上午9点，巴黎下午5点。"),
    (TWO, "ja", "トーキョーは9:00、パリは17:00です。"), (TWO, "te", "టోక్యోలో ఉదయం 9 గంటలు, పారిస్‌లో సాయంత్రం 5 గంటలు."), (TWO, "ru", "В Tokyo 9:00, в Париже 17:00."),
    (TWO, "fr", "Il est 17 h à Tokyo et 9 h à Paris. Ou plutôt 9 h à Tokyo et 17 h à Paris."),
    # a time soon, on the other half of the day, and others
    (SNOOZED, "en", "I'll ring again at 6:50 AM."), (SNOOZED, "en", "I'll ring again at ten to six."), (SNOOZED, "en", "I'll ring again at 6:50 or 8:10."), (SNOOZED, "de", "Um 6:50 Uhr klingelt es wieder."),
    (SNOOZED, "es", "A las siete menos diez de la mañana te aviso."), (SNOOZED, "ja", "朝6時50分にまた鳴らします。"), (SNOOZED, "zh", "早上六点五十再叫您。"), (SNOOZED, "ko", "8시 50분에 다시 울릴게요."),
    # two places of one time, with one each
    (SAME, "pt", "Em Istambul são 11h e em Nairóbi são 12h."), (SAME, "fr", "Il est 11 h à Istanbul et 12 h à Nairobi."), (SAME, "pt", "São 12h em Istambul e 11h em Nairóbi."),
    # a journey turned round
    (TRAIN, "es", "El tren de Londres a Viena del 11 de mayo de 2027 sale a las 11:35."), (TRAIN, "pt", "Reservei o trem de Londres para Viena em 11 de maio de 2027, às 11:35."),
    (TRAIN, "ko", "2027년 5월 11일 런던에서 빈으로 가는 기차를 예약했어요. 오전 11:35 출발이에요."), (TRAIN, "hi", "11 मई 2027 को लंदन से वियना की ट्रेन बुक हो गई, सुबह 11:35 बजे चलेगी।"),
    (TRAIN, "en", "Booked: London → Vienna, May 11, 2027, 11:35 AM."), (TRAIN, "sw", "Treni kutoka London kwenda Vienna tarehe 11 Mei 2027 inaondoka saa 5:35 asubuhi."),
    (TRAIN, "en", "Your train leaves London for Vienna at 11:35 AM on May 11, 2027."), (TRAIN, "en", "Your London to Vienna train is booked for May 11, 2027, 11:35 AM."), (TRAIN, "fr", "Votre train quitte Londres pour Vienne le 11 mai 2027 à 11 h 35."),
    (TRAIN, "de", "Der Zug London nach Wien fährt am 11. Mai 2027 um 11:35 Uhr."), (TRAIN, "zh", "2027年5月11日上午11:35伦敦到维也纳的火车票订好了。"), (TRAIN, "ru", "Поезд Лондон — Вена 11 мая 2027 г. отправляется в 11:35."),
    # the old time for the new
    (MOVED, "pt", "Pronto, o alarme agora toca às 6:00."), (MOVED, "ko", "알람을 오전 6:00로 변경했어요."), (MOVED, "zh", "闹钟已改到早上6:00。"), (MOVED, "hi", "अलार्म अब सुबह 6:00 बजे बजेगा।"),
    (MOVED, "sw", "Kengele sasa italia saa 12:00 asubuhi."), (REPLACED, "en", "Done, I'll wake you at 6 AM."), (REPLACED, "de", "Erledigt, der Wecker klingelt um 6:00 Uhr."), (MOVED, "de", "Der Wecker ist von 7:30 Uhr auf 6:00 Uhr verschoben."),
    # one value or another
    (WEATHER, "es", "En Bangkok hay 32 o 25 grados."), (WEATHER, "sw", "Joto la Bangkok ni nyuzi 32 au 20."), (WEATHER, "bn", "ব্যাংককে এখন ৩২ বা ২০ ডিগ্রি।"), (WEATHER, "zh", "曼谷现在32度或25度。"),
    (CLOCK, "fr", "Il est 17 h ou 18 h à Tokyo."), (CLOCK, "pt", "São 17h ou 18h em Tóquio."), (CLOCK, "hi", "टोक्यो में शाम के पाँच या छह बजे हैं।"), (CLOCK, "ko", "도쿄는 오후 5시나 6시입니다."),
    (CLOCK, "te", "టోక్యోలో సాయంత్రం 5 లేదా 6 గంటలు."), (EUROS, "te", "212.5 యూరోలు లేదా 230 యూరోలు."), (EUROS, "es", "Son 212,50 o 230 euros."), (LEFT, "ja", "あと30分か40分です。"), (LEFT, "ar", "باقي 30 أو 40 دقيقة."),
    # another card, another rating
    (CARD, "de", "Die Karten 8617 und 1234 sind gesperrt."), (CARD, "ja", "カード8617と1234を止めました。"), (CARD, "hi", "कार्ड 8617 और 1234 ब्लॉक कर दिए हैं।"),
    (BOOK, "en", "I've rated it 5 stars."), (BOOK, "de", "Ich habe dem Buch fünf Sterne gegeben."), (BOOK, "zh", "已经给这本书打了5星。"), (BOOK, "ru", "Поставил книге 5 звёзд."),
]  # fmt: skip

RIGHT = [
    # another place in its place
    (WEATHER, "en", "It's 90°F in Bangkok, a lot warmer than Paris."), (WEATHER, "de", "In Bangkok sind es 32 °C, deutlich wärmer als in Berlin."), (WEATHER, "es", "Ahora mismo hace 32 °C."), (WEATHER, "fr", "Il fait 32 °C à Bangkok, bien plus chaud qu'à Paris !"),
    (WEATHER, "ru", "В Бангкоке сейчас 32 °C, в Москве такого не бывает."), (WEATHER, "th", "กรุงเทพฯ ตอนนี้ 32 องศาค่ะ"), (CLOCK, "en", "It's 5 PM in Tokyo, 8 hours ahead of Paris."), (CLOCK, "de", "In Tokio ist es 17:00 Uhr, acht Stunden später als in Berlin."),
    (CLOCK, "fr", "Il est 17 h au Japon."), (CLOCK, "zh", "东京现在是下午5点，时间走在伦敦前面。"), (CLOCK, "ja", "日本は今17時です。"), (CLOCK, "ko", "도쿄는 지금 오후 5시예요. 런던보다 9시간 빨라요."), (CLOCK, "ru", "В столице Японии сейчас 17:00."), (CLOCK, "ar", "الساعة الآن في طوكيو 5 مساءً."),
    (SUN, "pt", "O sol se põe às 17:47 em Berlim, bem antes de Lisboa."), (POST, "es", "El código postal del centro es 28013."), (HOLIDAY, "en", "The next one in Spain is April 3, 2026; Germany is off that day, too."), (HOLIDAY, "de", "Der nächste Feiertag ist der 3. April 2026."),
    (ROOM, "en", "Your room is reserved for €64."), (TRIP, "en", "Your Tokyo trip on May 5, 2027 is cancelled; the one to Paris stays."), (TRIP, "de", "Die Reise am 5. Mai 2027 ist storniert, die nach Paris bleibt."), (TRIP, "es", "El viaje a Tokio del 5 de mayo de 2027 está cancelado; el de París sigue."),
    (WEATHER, "en", "It's 90°F in Bangkok, hotter than Los Angeles today."), (WEATHER, "ja", "バンコクは32度です。大阪よりずっと暑いですね。"), (CLOCK, "zh", "那边现在是下午5点，和北京时间差一小时。"), (WEATHER, "es", "Hace 32 grados, más que en los lagos."),
    # two places, each its own
    (TWO, "en", "It's 5 PM in Japan and 9 AM in France."), (TWO, "de", "In Tokio ist es 17:00 Uhr, in Paris 9:00 Uhr. Tokio ist acht Stunden voraus."), (TWO, "es", "Son las 17:00 en Tokyo y las 9:00 en París."), (TWO, "ja", "トーキョーは17:00、パリは9:00です。"),
    (TWO, "zh", "東京下午5点，巴黎上午9点。"), (TWO, "fr", "Il est 9 h à Paris et 17 h à Tokyo."), (TWO, "en", "Tokyo is at 5 PM, the other one at 9 AM."), (TWO, "ru", "В Париже 9:00, а в Токио уже 17:00."), (TWO, "hi", "पैरिस में सुबह 9:00 और टोक्यो में शाम 5:00 बजे हैं।"),
    (SNOOZED, "en", "I'll ring again at ten to seven."), (SNOOZED, "en", "Snoozed till 6:50."), (SNOOZED, "de", "Um zehn vor sieben klingelt es wieder."), (SNOOZED, "es", "A las siete menos diez te aviso."), (SNOOZED, "ru", "Без десяти семь прозвенит снова."),
    (SNOOZED, "fr", "Il sonnera à sept heures moins dix."), (SNOOZED, "ko", "6시 50분에 다시 울릴게요."), (SNOOZED, "zh", "六点五十再叫您。"), (SNOOZED, "hi", "छह बजकर पचास मिनट पर फिर बजेगा।"),
    (SAME, "pt", "São 11h em Istambul e em Nairóbi, 5h a mais que em São Paulo."), (SAME, "fr", "Il est 11 h à Istanbul et à Nairobi aussi, avec 2 h de plus qu'ici."), (SAME, "en", "Istanbul is 3 hours ahead of London; in Nairobi, as there, it is 11 AM."),
    # a journey as it goes
    (TRAIN, "en", "Your train to London leaves Vienna at 11:35 AM on May 11, 2027."), (TRAIN, "de", "Der Zug nach London fährt am 11. Mai 2027 um 11:35 Uhr von Wien ab."), (TRAIN, "fr", "Votre train pour Londres part de Vienne le 11 mai 2027 à 11:35."), (TRAIN, "es", "El tren a Londres desde Viena sale el 11 de mayo de 2027 a las 11:35."),
    (TRAIN, "ru", "Билет в Лондон из Вены на 11 мая 2027 г. куплен, отправление в 11:35."), (TRAIN, "ja", "2027年5月11日、ロンドン行きの列車を予約しました。ウィーン発11:35です。"), (TRAIN, "zh", "已预订2027年5月11日去伦敦的火车，11:35从维也纳出发。"), (TRAIN, "ko", "빈에서 런던으로 가는 2027년 5월 11일 오전 11:35 기차를 예약했어요."),
    (TRAIN, "en", "You're booked Vienna to London on May 11, 2027, leaving at 11:35 AM."), (TRAIN, "en", "Off to London! The train leaves Vienna for London at 11:35 AM on May 11, 2027."), (TRAIN, "de", "Wien nach London am 11. Mai 2027 um 11:35 Uhr ist gebucht."),
    (TRAIN, "zh", "2027年5月11日上午11:35维也纳到伦敦的火车票订好了。"), (TRAIN, "es", "Llegas a Londres desde Viena: 11 de mayo de 2027, sale a las 11:35."), (TRAIN, "pt", "Viena para Londres, 11 de maio de 2027, às 11:35: comprado!"),
    # old times as old
    (MOVED, "en", "I moved your alarm from 6:00 to 7:30 AM."), (MOVED, "en", "It no longer rings at 6 AM but at 7:30 AM."), (MOVED, "en", "Your 6 AM alarm has been moved."), (MOVED, "de", "Der Wecker um 6:00 Uhr ist umgestellt."), (MOVED, "de", "Der Wecker klingelt nicht mehr um 6, sondern um 7:30 Uhr."), (MOVED, "fr", "L'alarme de 6:00 est décalée à 7:30."),
    (MOVED, "es", "He cambiado la alarma de las 6:00."), (MOVED, "ja", "6:00のアラームを変更しました。"), (MOVED, "ru", "Будильник на 6:00 перенесён на 7:30."), (MOVED, "ko", "오전 6:00 알람을 오전 7:30으로 바꿨어요."), (REPLACED, "en", "The 6 AM alarm is gone, and the new one rings at 7:30 AM."), (MOVED, "ar", "نقلت المنبه من 6:00 ص إلى 7:30 ص."),
    # an "or" that offers, or says the same
    (CLOCK, "de", "In Tokio ist es 17 Uhr oder 5 Uhr nachmittags."), (WEATHER, "en", "It's 32°C, or 90°F, in Bangkok."), (LEFT, "en", "30 minutes, or half an hour."), (SET, "en", "Your alarm is set for 7:30 AM. Want another one at 8 or 9?"),
    (WEATHER, "es", "En Bangkok hay 32 °C. ¿Quieres la previsión para 2 o 3 días?"), (SET, "pt", "Alarme às 7:30. Quer outro às 8 ou às 9?"), (SET, "fr", "Réveil réglé à 7 h 30, ou sept heures et demie si vous préférez."), (CLOCK, "ja", "東京は17時、または午後5時です。"),
    (ROOM, "hi", "कमरा बुक हो गया, किराया 64 यूरो है, 1 रात का।"), (MOVED, "ja", "6:00から7:30に変更しました。"), (MOVED, "hi", "सुबह 6:00 वाला अलार्म बदल दिया, अब सुबह 7:30 बजे बजेगा।"),
    # the right card, the right rating
    (CARD, "en", "Card 8617 is blocked; 1234 still works."), (CARD, "zh", "8617已冻结，1234仍可用。"), (BOOK, "en", "Rated: 4 out of 5 stars."), (BOOK, "de", "Vier von fünf Sternen sind vergeben."), (BOOK, "ja", "5つ星中4つで評価しました。"), (BOOK, "hi", "5 में से 4 स्टार दे दिए।"), (BOOK, "ko", "5점 만점에 4점을 줬어요."),
]  # fmt: skip


def _told(row):
    (kind, slots), language, reply = row
    task = make(kind, language, **slots)
    return told(task, trajectory(task, gold(task).calls, reply))


@pytest.mark.parametrize("row", WRONG, ids=lambda row: row[2][:40])
def test_what_belongs_to_something_else_is_not_told(row):
    assert _told(row) < 1.0


@pytest.mark.parametrize("row", RIGHT, ids=lambda row: row[2][:40])
def test_what_natives_say_beside_it_does_no_harm(row):
    assert _told(row) == 1.0
