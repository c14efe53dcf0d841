"""What natives say in words of each kind, in every language where the kind exists, and what it must not be read as."""

import pytest

from rewards.facts import local, stated
from rewards.facts.telling import told

# locale, the time, times that it is not, what is said
TIMES = [
    ("el-GR", "14:30", "12:00 02:00", "Την Παρασκευή στις δυόμισι το μεσημέρι."),
    ("pl-PL", "20:00", "08:00", "Proszę ją odebrać 22 maja do godziny 20."),
    ("ta-IN", "06:45", "06:15 06:00", "காலை ஆறே முக்காலுக்கு அலாரம் வைத்துவிட்டேன்."),
    ("ta-IN", "07:30", "07:00", "காலை ஏழரைக்கு எழுப்பிவிடுகிறேன்."),
    ("ta-IN", "17:15", "17:00", "மாலை ஐந்தேகாலுக்கு வருகிறேன்."),
    # the day of a date before a part of the day
    ("te-IN", "05:20", "20:00", "బుక్ అయింది: మార్చి 20, ఉదయం 5:20."),
    ("te-IN", "10:00", "06:00", "పెట్టాను: మార్చి 6, ఉదయం 10 గంటలకు."),
    ("hi-IN", "10:00", "06:00", "मार्च 6, सुबह 10 बजे जोड़ दिया।"),
    ("bn-BD", "10:00", "06:00", "মার্চ ৬, সকাল ১০টা।"),
    ("sw-KE", "10:00", "12:00 00:00", "Nimeweka: Machi 6, asubuhi saa 4."),
    # a part of the day after a weekday
    ("en-US", "21:45", "09:45 09:15", "Your flight's at 9:45 on Friday night."),
    ("en-US", "21:45", "09:45 22:15", "Your flight's at a quarter to ten on Friday night, June 12."),
    ("en-US", "21:45", "09:45 22:15", "It's at a quarter to ten Friday night."),
    ("en-US", "13:35", "01:35", "It starts at 1:35 on Saturday afternoon."),
    ("en-US", "21:45", "09:45", "Friday night at 9:45."),
    ("de-DE", "13:20", "01:20 12:40", "Dein Termin ist am Freitagnachmittag um zwanzig nach eins."),
    ("de-DE", "21:45", "09:45", "Der Flug geht Freitagabend um 9:45 Uhr."),
    ("de-DE", "21:45", "09:45 22:15", "Der Flug geht am Freitagabend um Viertel vor zehn."),
    ("de-DE", "21:45", "09:45 22:15", "Um Viertel vor zehn am Freitagabend."),
    ("nl-NL", "21:45", "09:45", "De vlucht is vrijdagavond om kwart voor tien."),
    ("sv-SE", "21:45", "09:45", "Flyget går på fredag kväll kvart i tio."),
    ("sv-SE", "21:45", "09:45", "Flyget går kvart i tio på fredag kväll."),
    ("da-DK", "21:45", "09:45", "Flyet går fredag aften kvart i ti."),
    ("nb-NO", "21:45", "09:45", "Flyet går kvart på ti fredag kveld."),
    ("fr-FR", "21:45", "09:45", "Le vol est à dix heures moins le quart vendredi soir."),
    ("es-ES", "21:45", "09:45", "El vuelo sale a las diez menos cuarto del viernes por la noche."),
    ("it-IT", "21:45", "09:45", "Il volo è alle dieci meno un quarto di venerdì sera."),
    ("pt-BR", "21:45", "09:45", "O voo sai às 9h45 de sexta-feira à noite."),
    ("ru-RU", "21:45", "09:45", "Рейс без четверти десять в пятницу вечером."),
    ("uk-UA", "21:45", "09:45", "Рейс за чверть десята у п'ятницю ввечері."),
    ("pl-PL", "21:45", "09:45", "Lot jest za kwadrans dziesiąta w piątek wieczorem."),
    ("cs-CZ", "21:45", "09:45", "Letí to ve tři čtvrtě na deset v pátek večer."),
    ("hu-HU", "21:45", "09:45", "A gép pénteken este háromnegyed tízkor indul."),
    ("ro-RO", "21:45", "09:45", "Zborul e la zece fără un sfert vineri seara."),
    ("fi-FI", "21:45", "09:45", "Lento lähtee varttia vaille kymmenen perjantai-iltana."),
    ("el-GR", "21:45", "09:45", "Η πτήση είναι στις δέκα παρά τέταρτο την Παρασκευή το βράδυ."),
    ("he-IL", "21:45", "09:45", "הטיסה ב-9:45 ביום שישי בערב."),
    ("tr-TR", "21:45", "09:45", "Uçuş cuma akşamı ona çeyrek kala."),
    ("id-ID", "21:45", "09:45", "Pesawatnya jam 9.45 Jumat malam."),
    # minutes from midnight and noon
    ("en-US", "23:55", "00:05 11:55", "Boarding starts at five to midnight."),
    ("en-US", "23:50", "00:10 11:50", "Boarding starts at ten to midnight."),
    ("en-US", "12:10", "11:50 00:10", "Lunch is at ten past noon."),
    ("en-US", "12:15", "11:45 00:15", "Lunch is at quarter past noon."),
    ("en-US", "00:15", "12:15 00:45 23:45 00:00", "The last tube is at a quarter past midnight."),
    ("en-US", "00:30", "12:30 00:00 23:30", "The bar closes at half past midnight."),
    ("en-US", "23:55", "00:05 00:00", "Boarding starts five minutes before midnight."),
    ("fr-FR", "00:15", "12:15 00:45 00:00", "Le dernier métro passe à minuit et quart."),
    ("fr-FR", "00:15", "12:15 00:45 00:00", "Le dernier métro passe à minuit quinze."),
    ("fr-FR", "12:20", "00:20 12:00", "Le train part à midi vingt."),
    ("fr-FR", "00:30", "12:30 00:00", "Le dernier métro passe à minuit et demi."),
    ("fr-FR", "00:30", "12:30 00:00", "Le dernier métro passe à minuit et demie."),
    ("fr-FR", "23:45", "00:15 11:45 00:00", "Le dernier métro passe à minuit moins le quart."),
    ("fr-FR", "00:10", "23:50 00:00", "Il passe dix minutes après minuit."),
    ("pl-PL", "00:15", "12:15 23:45 00:00", "Ostatni tramwaj odjeżdża kwadrans po północy."),
    ("pl-PL", "00:15", "12:15 23:45 15:00", "Ostatni tramwaj odjeżdża piętnaście po północy."),
    ("pl-PL", "00:15", "12:15 23:45", "Ostatni tramwaj odjeżdża piętnaście minut po północy."),
    ("pl-PL", "00:30", "12:30 23:30", "Ostatni tramwaj odjeżdża pół godziny po północy."),
    ("pl-PL", "23:55", "00:05", "Pięć minut przed północą."),
    ("pl-PL", "01:00", "13:00 00:01 00:00", "Ostatni tramwaj odjeżdża o pierwszej po północy."),
    ("cs-CZ", "00:15", "12:15 23:45 00:00", "Poslední tramvaj jede čtvrt hodiny po půlnoci."),
    ("cs-CZ", "00:15", "12:15 23:45 00:00", "Poslední tramvaj jede patnáct minut po půlnoci."),
    ("sk-SK", "00:15", "12:15 00:00", "Posledná električka ide štvrť hodiny po polnoci."),
    ("hu-HU", "00:15", "12:15 23:45 00:00", "Az utolsó busz éjfél után negyed órával indul."),
    ("hu-HU", "23:55", "00:05 00:00", "Öt perccel éjfél előtt."),
    ("de-DE", "23:45", "00:15 11:45 00:00", "Der letzte Bus fährt um Viertel vor Mitternacht."),
    ("de-DE", "00:10", "23:50 12:10", "Der letzte Bus fährt zehn nach Mitternacht."),
    ("nl-NL", "00:15", "23:45 12:15", "De laatste trein gaat om kwart over middernacht."),
    ("nl-NL", "00:10", "23:50 12:10", "De laatste trein gaat tien over middernacht."),
    ("sv-SE", "00:15", "23:45 12:15", "Sista bussen går kvart över midnatt."),
    ("da-DK", "00:15", "23:45 12:15", "Den sidste bus kører kvart over midnat."),
    ("nb-NO", "23:50", "00:10", "Siste buss går ti på midnatt."),
    ("fi-FI", "00:15", "23:45 12:15", "Viimeinen bussi lähtee varttia yli keskiyön."),
    ("it-IT", "23:45", "00:15 11:45 00:00", "L'ultimo treno parte a un quarto a mezzanotte."),
    ("es-ES", "00:10", "23:50 00:00", "El último metro sale diez minutos después de medianoche."),
    ("pt-BR", "00:10", "23:50 00:00", "O último metrô sai dez minutos depois da meia-noite."),
    ("ro-RO", "00:10", "23:50 00:00", "Ultimul metrou pleacă la zece minute după miezul nopții."),
    ("ru-RU", "00:10", "23:50 00:00", "Автобус уходит через десять минут после полуночи."),
    ("ru-RU", "00:10", "23:50 12:10", "Автобус уходит в десять минут пополуночи."),
    ("uk-UA", "00:10", "23:50 00:00", "Автобус вирушає десять хвилин по півночі."),
    ("el-GR", "00:00", "12:00", "Το τελευταίο λεωφορείο φεύγει στις δώδεκα τα μεσάνυχτα."),
    ("el-GR", "00:15", "12:15 23:45 00:00", "Φεύγει στις δώδεκα και τέταρτο μετά τα μεσάνυχτα."),
    ("el-GR", "00:15", "12:15 23:45 00:00", "Το λεωφορείο φεύγει ένα τέταρτο μετά τα μεσάνυχτα."),
    ("tr-TR", "00:15", "12:15 23:45 00:00", "Son otobüs gece yarısını çeyrek geçe kalkıyor."),
    ("tr-TR", "23:45", "00:15 00:00", "Son otobüs gece yarısına çeyrek kala kalkıyor."),
    ("tr-TR", "00:30", "12:30 01:30 00:00", "Son otobüs gece yarımda kalkıyor."),
    ("ar-EG", "00:30", "12:30 00:00", "الطيارة هتقوم اتناشر ونص بعد نص الليل."),
    ("ar-EG", "00:30", "12:30 00:00", "الطيارة الساعة ١٢:٣٠ بعد منتصف الليل."),
    ("ar-EG", "00:15", "12:15 00:00", "القطر ١٢:١٥ بعد منتصف الليل."),
    ("fa-IR", "00:10", "23:50 00:00", "ده دقیقه بعد از نیمه‌شب."),
    ("he-IL", "00:10", "23:50 00:00", "עשר דקות אחרי חצות."),
    ("id-ID", "00:10", "23:50 00:00", "Sepuluh menit setelah tengah malam."),
    # quarters and halves before one o'clock
    ("hu-HU", "00:15", "12:15 01:15", "Az utolsó busz éjjel negyed egykor indul."),
    ("hu-HU", "00:15", "01:00 01:15", "Az utolsó busz negyed egykor indul éjszaka."),
    ("hu-HU", "00:30", "12:30 01:30", "Az utolsó busz éjjel fél egykor indul."),
    ("hu-HU", "12:45", "00:45 01:00 01:45", "Az ebéd délben háromnegyed egykor lesz."),
    ("hu-HU", "12:45", "01:00 01:45", "Az ebéd háromnegyed egykor lesz délben."),
    ("cs-CZ", "00:15", "12:15 01:15", "Poslední tramvaj jede ve čtvrt na jednu v noci."),
    ("cs-CZ", "00:30", "12:30 01:30", "Poslední tramvaj jede o půl jedné v noci."),
    ("sv-SE", "13:20", "01:20 12:40", "Du har tid tjugo över ett på eftermiddagen."),
    ("da-DK", "12:30", "00:30 13:30", "Mødet er halv et om eftermiddagen."),
    ("nl-NL", "12:30", "00:30 13:30", "De afspraak is om half een 's middags."),
    # minutes before and after
    ("hu-HU", "06:50", "07:10", "Rendben, tíz perccel hét előtt ébresztelek."),
    ("hu-HU", "06:50", "07:10", "Hét előtt tíz perccel ébresztelek."),
    ("hu-HU", "07:10", "06:50", "Reggel hét után tíz perccel ébresztelek."),
    ("hu-HU", "07:20", "07:40 08:20", "Fél nyolc előtt tíz perccel ébresztelek."),
    ("hu-HU", "06:50", "07:50 06:40", "Reggel háromnegyed hét után öt perccel ébresztelek."),
    ("uk-UA", "06:45", "07:15 18:45", "Будильник задзвонить за чверть до сьомої ранку."),
    ("ru-RU", "13:20", "01:20", "Вы записаны на пятницу, на час двадцать дня."),
    ("ru-RU", "01:30", "13:30", "Поезд в час тридцать ночи."),
    ("ru-RU", "15:30", "03:30 16:30", "Урок начинается в половине четвёртого дня."),
    ("ru-RU", "15:30", "03:30 16:30", "Урок начинается в полчетвёртого дня."),
    ("uk-UA", "15:30", "03:30 16:30", "Урок починається о пів на четверту після обіду."),
    ("uk-UA", "15:30", "03:30 16:30", "Урок починається о пів четвертої дня."),
    ("de-DE", "13:45", "01:45 14:45", "Der Termin ist um drei viertel zwei am Nachmittag."),
    # what happens in a part of the day
    ("en-US", "13:35", "01:35", "There's a matinee at 1:35 and an evening show at 7:40."),
    ("en-US", "19:40", "07:40", "There's a matinee at 1:35 and an evening show at 7:40."),
    ("en-US", "18:35", "06:35", "In Paris the sun sets at 6:35."),
    ("en-US", "18:35", "06:35", "Sunset in Paris is at 6:35."),
    ("en-US", "06:35", "18:35", "The sun rises at 6:35."),
    ("de-DE", "19:40", "07:40", "Die Abendvorstellung beginnt um 7:40 Uhr."),
    ("de-DE", "18:35", "06:35", "Sonnenuntergang ist um fünf nach halb sieben."),
    ("fr-FR", "18:35", "06:35 07:25", "À Paris, le soleil se couche à sept heures moins vingt-cinq."),
    ("fr-FR", "18:35", "06:35", "Coucher du soleil à 6 h 35."),
    ("es-ES", "18:35", "06:35", "El sol se pone a las siete menos veinticinco."),
    ("it-IT", "18:35", "06:35", "A Parigi il sole tramonta alle sette meno venticinque."),
    ("pt-BR", "18:35", "06:35", "O sol se põe às 6h35."),
    ("ru-RU", "18:35", "06:35", "Солнце сядет без двадцати пяти семь."),
    # the part of the day as it is spoken
    ("fa-IR", "18:45", "06:45 19:15", "جلسه‌تون ساعت یه ربع به هفت عصره."),
    ("fa-IR", "18:45", "06:45 19:15", "جلسه یه ربع مونده به هفت عصره."),
    ("fa-IR", "18:50", "06:50 19:10", "جلسه ده دقیقه به هفت عصره."),
    ("fa-IR", "19:30", "07:30", "جلسه هفت و نیم شبه."),
    ("fa-IR", "19:30", "07:30", "جلسه ساعت هفت و نیمِ عصره."),
    ("fa-IR", "08:00", "20:00", "جلسه هشت صبحه."),
    ("fa-IR", "19:30", "07:30", "جلسه ۷:۳۰ عصره."),
    ("bn-BD", "07:05", "07:50 07:00 19:05", "জি, সকাল সাতটা পাঁচে অ্যালার্ম দিয়েছি।"),
    ("bn-BD", "16:10", "04:10 16:00", "ট্রেন বিকেল চারটা দশে ছাড়বে।"),
    ("bn-BD", "20:40", "20:04 20:00", "রাত আটটা চল্লিশে অ্যালার্ম বাজবে।"),
    ("bn-BD", "15:05", "03:05 15:00", "দুপুর তিনটা পাঁচে চলবে।"),
    ("te-IN", "14:15", "14:00 14:30 13:45", "రైలు మధ్యాహ్నం రెండుంపావుకి బయల్దేరుతుంది."),
    ("te-IN", "07:15", "07:00 06:45", "రైలు ఉదయం ఏడుంపావుకి."),
    ("te-IN", "06:15", "06:00 05:45", "ఉదయం ఆరుంపావుకి."),
    ("te-IN", "06:15", "06:00 05:45", "ఉదయం ఆరూ పావుకి."),
    ("te-IN", "14:45", "03:15 15:15 15:00", "రైలు మధ్యాహ్నం పావు తక్కువ మూడుకి."),
    ("te-IN", "07:15", "07:45 08:00", "అలారం ఉదయం ముప్పావు తక్కువ ఎనిమిదికి."),
    ("ta-IN", "18:30", "18:00 06:30", "உங்கள் மீட்டிங் மாலை ஆறரை மணிக்கு."),
    ("ta-IN", "07:30", "07:00 19:30", "மீட்டிங் காலை ஏழரை மணிக்கு."),
    ("ta-IN", "18:15", "18:00 18:45", "மீட்டிங் மாலை ஆறே கால் மணிக்கு."),
    ("ta-IN", "18:45", "18:00 18:15", "மீட்டிங் மாலை ஆறே முக்கால் மணிக்கு."),
    ("ta-IN", "18:45", "18:00 18:15", "மீட்டிங் மாலை ஆறேமுக்கால் மணிக்கு."),
    ("mr-IN", "18:45", "19:00 19:15", "तुमची मीटिंग संध्याकाळी पावणेसात वाजता आहे."),
    ("mr-IN", "18:15", "18:00 17:45", "मीटिंग संध्याकाळी सव्वासहा वाजता आहे."),
    ("mr-IN", "18:30", "18:00 05:30", "मीटिंग संध्याकाळी साडेसहा वाजता आहे."),
    ("mr-IN", "20:30", "20:00 07:30", "रात्री साडेआठ वाजता टेबल बुक केलं आहे."),
    ("mr-IN", "13:30", "01:30 13:00", "गाडी दुपारी दीड वाजता सुटेल."),
    ("mr-IN", "14:30", "02:30 14:00", "गाडी दुपारी अडीच वाजता सुटेल."),
    ("mr-IN", "12:45", "00:45 13:15", "गाडी दुपारी पाऊण वाजता सुटेल."),
    ("mr-IN", "00:45", "12:45 01:15", "गाडी रात्री पाऊण वाजता सुटेल."),
    ("ur-PK", "13:30", "01:30 13:00", "ٹرین دوپہر ڈیڑھ بجے روانہ ہوگی۔"),
    ("ur-PK", "14:30", "02:30 14:00", "ٹرین دوپہر ڈھائی بجے ہے۔"),
    ("ur-PK", "01:30", "13:30 01:00", "ٹرین رات ڈیڑھ بجے ہے۔"),
    ("hi-IN", "13:30", "01:30 13:00", "ट्रेन दोपहर डेढ़ बजे है।"),
    ("hi-IN", "14:30", "02:30 14:00", "ट्रेन दोपहर ढाई बजे है।"),
    ("hi-IN", "19:20", "07:20 19:00", "ट्रेन शाम सात बीस पर है।"),
    ("th-TH", "18:45", "06:45 18:00", "ประชุมหกโมงสี่สิบห้าตอนเย็นค่ะ"),
    ("th-TH", "18:45", "06:45 18:00", "ประชุมหกโมงสี่สิบห้านาทีตอนเย็นค่ะ"),
    ("th-TH", "16:20", "04:20 16:00", "รถออกสี่โมงยี่สิบตอนเย็นค่ะ"),
    ("th-TH", "17:30", "05:30 17:00", "รถออกห้าโมงครึ่งเย็นค่ะ"),
    ("th-TH", "06:30", "18:30", "รถออกหกโมงครึ่งตอนเช้าค่ะ"),
    # a meal says the half of the day
    ("en-US", "13:00", "01:00", "You're having lunch with Joe at one."),
    ("en-GB", "13:30", "01:30", "Lunch with your mum is at half one."),
    ("en-GB", "18:00", "06:00", "Then drinks with Sam at six."),
    ("es-ES", "14:00", "02:00", "Tienes la comida con Javi a las dos."),
    ("pt-BR", "13:00", "01:00", "Você tem almoço com o Beto à uma."),
    ("nl-NL", "13:00", "01:00", "Je luncht om één uur met Joris."),
    ("sv-SE", "13:00", "01:00", "Du ska äta lunch med Jonas klockan ett."),
    # forms that speech gives to little words
    ("pt-BR", "19:45", "20:15 07:45", "Mesa reservada pra hoje às quinze pras oito da noite."),
    ("pt-BR", "14:50", "15:10 02:50", "Agora são dez pras três da tarde."),
    ("fi-FI", "19:45", "07:45 20:15", "Pöytä on varattu täksi illaksi varttia vaille kahdeksan."),
    ("fi-FI", "15:00", "03:00", "Varasin ajan huomiseksi iltapäiväksi kello kolme."),
    ("el-GR", "20:45", "08:45 09:15", "Η ταινία αρχίζει απόψε στις εννιά παρά τέταρτο."),
    ("el-GR", "10:00", "03:16 22:00", "Το δέμα θα παραδοθεί την Τρίτη 16 Ιουνίου, στις 10:00."),
    ("el-GR", "10:00", "05:18 22:00", "Το δέμα θα παραδοθεί την Πέμπτη 18 Ιουνίου, στις 10:00."),
    ("tr-TR", "20:30", "20:00 08:30", "Masanı akşam sekiz buçuğa ayırttım."),
    ("tr-TR", "08:30", "08:00 20:30", "Alarmı sabah sekiz buçuğa kurdum."),
    # a word beside the time, a number beside it
    ("en-GB", "07:00", "19:00", "Your alarm's set for 7am on Friday."),
    ("uk-UA", "15:00", "03:48 15:48", "Заселення з 15:00, номер 412 на 4 поверсі."),
    ("uk-UA", "19:30", "03:30 15:30", "Столик о 19:30 на 4 особи."),
    ("uk-UA", "07:10", "08:10 19:10", "Потяг о десять на восьму ранку."),
    ("hu-HU", "15:00", "03:00", "A check-in 15 órától lehetséges."),
    # how long it lasts is no time of day
    ("fr-FR", "20:45", "01:52 13:52", "Le film commence à 20 h 45 et dure 1 h 52."),
    ("pt-BR", "20:45", "01:52", "Começa às 20h45 e dura 1h52."),
    ("de-DE", "09:10", "02:15", "Abflug 9:10 Uhr, Flugdauer 2:15 Stunden."),
    ("nl-NL", "21:15", "02:00 14:00", "De film draait om 21.15 uur en duurt 2 uur."),
    ("hu-HU", "18:30", "01:00 13:00", "A Fradi 3–1-re nyert. A következő meccs 18:30-kor kezdődik."),
    ("uk-UA", "21:40", "20:00 01:40", "Потяг відправляється о двадцять першій сорок."),
    ("uk-UA", "22:15", "20:00 02:15", "Останній автобус о двадцять другій п'ятнадцять."),
    ("uk-UA", "14:20", "14:00 20:00", "Зустріч перенесли на чотирнадцяту двадцять."),
    ("nb-NO", "21:40", "20:00 01:40", "Toget går tjueen førti."),
    ("ta-IN", "06:15", "18:15", "பேருந்து காலை 6.15 மணிக்குப் புறப்படும்."),
    ("te-IN", "06:15", "18:15", "బస్సు ఉదయం 6.15 గంటలకు బయలుదేరుతుంది."),
    ("hi-IN", "06:15", "18:15", "बस सुबह 6.15 बजे छूटेगी।"),
]

# locale, both ends, what is said; and times that it does not say
RANGES = [
    ("fr-FR", "09:00 13:00", "09:13", "Ton colis arrive vendredi, entre 9h et 13h."),
    ("fr-FR", "14:00 16:00", "14:16", "Le technicien viendra entre 14 et 16 heures."),
    ("fr-FR", "09:00 19:00", "", "La pharmacie est ouverte de 9h à 19h."),
    ("pt-BR", "14:00 16:00", "14:16", "O técnico passa entre 14h e 16h."),
    ("pt-BR", "14:00 16:00", "", "O técnico passa entre as 2 e as 4 da tarde."),
    ("es-MX", "14:00 16:00", "14:04 02:04", "El técnico pasa entre 2 y 4 de la tarde."),
    ("es-ES", "10:00 20:00", "", "Abre de 10 a 20 h."),
    ("it-IT", "14:00 16:00", "", "Il tecnico passa tra le 14 e le 16."),
    ("ro-RO", "09:00 19:00", "", "E deschis de la 9 la 19."),
    ("en-GB", "08:00 13:00", "", "The engineer's coming between 8am and 1pm."),
    ("fi-FI", "14:00 16:00", "", "Asentaja tulee kahden ja neljän välillä iltapäivällä."),
    ("vi-VN", "14:00 16:00", "", "Thợ đến tầm 2-4 giờ chiều."),
    ("zh-CN", "14:00 16:00", "", "师傅下午2-4点上门。"),
    ("en-GB", "09:00 18:00", "06:00 17:51", "The chemist's open from 9 till 6 today."),
    ("en-US", "14:00 16:00", "", "The technician will be there between 2 and 4 PM."),
    ("de-DE", "14:00 16:00", "", "Der Techniker kommt zwischen 14 und 16 Uhr."),
    ("de-DE", "09:00 19:00", "", "Die Apotheke hat von 9 bis 19 Uhr geöffnet."),
    ("nl-NL", "09:00 18:00", "", "De apotheek is open van 9 tot 18 uur."),
    ("sv-SE", "09:00 13:00", "", "Paketet kommer fredag 22 maj mellan 9 och 13."),
    ("sv-SE", "09:00 19:00", "", "Apoteket har öppet 9–19 idag."),
    ("nb-NO", "14:00 16:00", "", "Budet kommer mellom 14 og 16."),
    ("fi-FI", "14:00 16:00", "", "Asentaja tulee kello 14:n ja 16:n välillä."),
    ("fi-FI", "09:00 19:00", "", "Apteekki on auki klo 9–19."),
    ("pl-PL", "14:00 16:00", "", "Kurier będzie między 14 a 16."),
    ("cs-CZ", "14:00 16:00", "", "Kurýr přijede mezi 14. a 16. hodinou."),
    ("uk-UA", "09:00 19:00", "", "Аптека працює з 9 до 19."),
    ("ru-RU", "14:00 16:00", "", "Мастер придёт с двух до четырёх дня."),
    ("hu-HU", "14:00 16:00", "", "A futár 14 és 16 óra között érkezik."),
    ("el-GR", "09:00 19:00", "", "Είναι ανοιχτά από τις 9 έως τις 19."),
    ("tr-TR", "14:00 16:00", "", "Kurye 14 ile 16 arasında gelecek."),
    ("he-IL", "14:00 16:00", "15:46", "השליח יגיע בין 14 ל-16."),
    ("fa-IR", "14:00 16:00", "", "پیک بین ساعت ۱۴ تا ۱۶ می‌رسد."),
    ("ar-EG", "14:00 16:00", "", "هيوصل بين الساعة ٢ و٤ بعد الظهر."),
    ("zh-CN", "14:00 16:00", "", "师傅下午2点到4点之间上门。"),
    ("ja-JP", "14:00 16:00", "", "14〜16時にお届けします。"),
    ("ko-KR", "14:00 16:00", "", "오후 2시에서 4시 사이에 도착해요."),
    ("hi-IN", "14:00 16:00", "", "पार्सल दोपहर 2 से 4 बजे के बीच आएगा।"),
    ("bn-BD", "14:00 16:00", "", "পার্সেল দুপুর ২টা থেকে ৪টার মধ্যে আসবে।"),
    ("te-IN", "14:00 16:00", "", "మధ్యాహ్నం 2 నుండి 4 గంటల మధ్య వస్తుంది."),
    ("th-TH", "14:00 16:00", "", "ช่างจะเข้าเวลา 14.00-16.00 น. ค่ะ"),
    ("sw-KE", "14:00 16:00", "", "Fundi atafika kati ya saa 8 na saa 10 mchana."),
    ("vi-VN", "14:00 16:00", "", "Thợ sẽ đến khoảng 2 đến 4 giờ chiều."),
    ("id-ID", "14:00 16:00", "", "Paket tiba antara pukul 14 dan 16."),
]


@pytest.mark.parametrize(("locale", "ends", "others", "text"), RANGES)
def test_both_ends_of_a_range_are_times(locale, ends, others, text):
    for value in ends.split():
        assert stated({"kind": "time", "value": value}, text, locale), value
    for other in others.split():
        assert not stated({"kind": "time", "value": other}, text, locale), other


@pytest.mark.parametrize(
    ("locale", "value", "text"),
    [
        ("en-US", "02:00", "It's between 2 and 4 miles from here."),
        ("de-DE", "02:00", "Es sind zwischen 2 und 4 km."),
        ("fr-FR", "02:00", "Cela coûte entre 2 et 4 euros."),
        ("en-US", "09:00", "Your appointment on 9-19 is confirmed."),
        ("en-US", "01:00", "Lunch with Joe is at noon, and 1 person is missing."),
    ],
)
def test_what_is_counted_or_dated_is_no_range_of_times(locale, value, text):
    assert not stated({"kind": "time", "value": value}, text, locale)


@pytest.mark.parametrize(
    ("locale", "value", "text"),
    [
        ("en-US", "12:00", "You're seeing the dentist on May 22nd at noon."),
        ("en-US", "12:00", "Lunch is on March 8, noon."),
        ("en-GB", "00:00", "The offer ends on 8 March at midnight."),
        ("de-DE", "00:00", "Das Angebot endet am 22. Mai um Mitternacht."),
        ("fr-FR", "12:00", "Le rendez-vous est le 8 mars à midi."),
        ("es-ES", "12:00", "La cita es el 22 de mayo al mediodía."),
        ("it-IT", "12:00", "Il pranzo è il 22 a mezzogiorno."),
        ("pt-BR", "12:00", "Ficou para o dia 22 ao meio-dia."),
        ("ru-RU", "12:00", "Приём 8 марта в полдень."),
        # and a part of the day after it makes it no hour
        ("es-ES", "09:30", "Tu cita es el 22 por la mañana, a las 9:30."),
        ("es-ES", "21:30", "Tu cita es el 8 por la noche, a las 21:30."),
        ("en-US", "09:30", "You're booked on the 22nd in the morning, at 9:30."),
        ("it-IT", "09:30", "È il 22 mattina alle 9:30."),
        ("de-DE", "09:30", "Am 8. vormittags um 9:30 Uhr."),
        ("fr-FR", "09:30", "C'est le 8 au matin, à 9h30."),
        ("pt-BR", "09:30", "Ficou no dia 8 de manhã, às 9h30."),
        ("ru-RU", "09:30", "Приём 22-го утром, в 9:30."),
        ("nl-NL", "09:30", "Dat is op de 8e 's ochtends om 9.30."),
        ("pl-PL", "09:30", "Wizyta jest 22 rano, o 9:30."),
        ("zh-CN", "09:30", "预约在22号上午9:30。"),
        ("ja-JP", "09:30", "22日の朝9時半です。"),
        ("sw-KE", "09:30", "Miadi ni tarehe 8 asubuhi, saa 3:30."),
        ("id-ID", "09:30", "Janjinya tanggal 8 pagi, pukul 9.30."),
        ("vi-VN", "09:30", "Lịch hẹn ngày 8 buổi sáng, lúc 9:30."),
        ("th-TH", "09:30", "นัดวันที่ 8 ตอนเช้า เวลา 9:30 น."),
        ("sv-SE", "09:30", "Det är den 8 på morgonen, klockan 9.30."),
    ],
)
def test_a_day_beside_a_part_of_the_day_is_no_hour(locale, value, text):
    assert told([{"kind": "time", "value": value}], text, locale) == [True]


def test_a_half_of_the_day_is_not_shared_with_a_24_hour_time():
    """ "1:35 and 7:40 PM" share it."""
    times = [{"kind": "time", "value": value} for value in ("16:00", "09:00")]
    assert told(times, "Paris: 4:00 PM, New York: 09:00.", "en-US") == [True, True]
    assert told(times, "4:00 PM, 09:00", "en-US") == [True, True]
    assert stated({"kind": "time", "value": "13:35"}, "At 1:35 and 7:40 PM.", "en-US")


def test_an_hour_at_noon_is_that_hour():
    """The day's moment is no second time beside it."""
    for locale, text in (
        ("es-ES", "Comemos a la 1 del mediodía."),
        ("de-DE", "Um 13 Uhr mittags."),
        ("ar-EG", "١٢:٣٠ بعد منتصف الليل."),
    ):
        assert not stated({"kind": "time", "value": "12:00"}, text, locale)
        assert not stated({"kind": "time", "value": "00:00"}, text, locale)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("ru-RU", "Вы записаны к стоматологу на 08.10, приём в 14:15."),
        ("pl-PL", "Wizyta przesunięta na 08.10, godzina 14:15."),
        ("he-IL", "התור שלך הוזז ל-08.10, בשעה 14:15."),
    ],
)
def test_a_day_in_digits_beside_a_time_is_no_other_time(locale, text):
    due = [{"kind": "date", "value": "2026-10-08"}, {"kind": "time", "value": "14:15"}]
    assert told(due, text, locale) == [True, True]
    assert told(due, text.replace("08.10", "09.10"), locale) != [True, True]


@pytest.mark.parametrize(("locale", "value", "others", "text"), TIMES)
def test_a_time_is_read_as_that_time_only(locale, value, others, text):
    assert stated({"kind": "time", "value": value}, text, locale)
    assert local({"kind": "time", "value": value}, text, locale)
    for other in others.split():
        assert not stated({"kind": "time", "value": other}, text, locale), other


# locale, the date, dates that it is not, what is said
DATES = [
    ("hu-HU", "2026-12-01", "2026-12-02", "A lakbért december elsején kell fizetni."),
    ("hu-HU", "2026-12-01", "2026-11-01", "A lakbért december elsejéig kell fizetni."),
    ("hu-HU", "2026-12-01", "2026-12-10", "Az esedékesség december elseje."),
    ("hu-HU", "2026-12-05", "2026-12-15", "Az esedékesség december ötödike."),
    ("hu-HU", "2026-12-25", "2026-12-05", "Az esedékesség december huszonötödike."),
    ("fi-FI", "2026-12-01", "2026-12-02", "Vuokra pitää maksaa joulukuun ensimmäinen päivä."),
    ("fi-FI", "2026-12-01", "2026-12-11", "Vuokra pitää maksaa joulukuun ensimmäisenä päivänä."),
    ("fi-FI", "2026-12-01", "2026-11-01", "Vuokra maksetaan joulukuun ensimmäisenä."),
    ("fi-FI", "2026-12-01", "2026-12-11", "Vuokran eräpäivä on joulukuun 1. päivä."),
    ("fi-FI", "2026-12-15", "2026-12-05", "Vuokra maksetaan joulukuun viidentenätoista."),
    ("el-GR", "2026-12-01", "2026-01-12", "Το ενοίκιο πληρώνεται την 1η Δεκεμβρίου."),
    ("el-GR", "2026-12-01", "2026-12-11", "Το ενοίκιο πληρώνεται την 1η του Δεκέμβρη."),
    ("el-GR", "2026-12-05", "2026-12-15", "Το ενοίκιο πληρώνεται στις 5 του Δεκέμβρη."),
    ("ko-KR", "2026-06-08", "2026-01-08", "6월 8일 월요일에 진료가 있어요."),
    ("ko-KR", "2026-05-03", "2026-05-31", "택배는 5월 3일 일요일에 도착할 예정이에요."),
    ("fa-IR", "2026-05-03", "2026-05-13", "بسته‌تون سیزدهم اردیبهشت می‌رسه دستتون."),
    ("fa-IR", "2026-07-30", "2026-07-08", "جلسه‌ت افتاد پنجشنبه، هشتم مرداد."),
    ("fa-IR", "2026-07-14", "2026-07-11", "نوبتتون بیست و سوم تیر است."),
    ("ta-IN", "2026-05-21", "2026-05-12", "பார்சல் மே 21, வியாழக்கிழமை வந்து சேரும்."),
    ("ta-IN", "2026-05-21", "2026-05-20", "பார்சல் மே 21, 2026 அன்று வரும்."),
    ("ta-IN", "2026-05-21", "2026-05-02", "பார்சல் மே 21ஆம் தேதி வரும்."),
    ("ta-IN", "2026-05-21", "2026-06-21", "பார்சல் மே மாதம் 21ஆம் தேதி வரும்."),
    ("ta-IN", "2026-03-13", "2026-03-03", "மார்ச் 13 அன்று இரவு 8:30 மணிக்கு."),
    ("mr-IN", "2026-03-13", "2026-03-03", "१३ मार्चला रात्री टेबल बुक केलं आहे."),
    ("mr-IN", "2026-05-21", "2026-05-12", "पार्सल २१ मे रोजी पोहोचेल."),
]


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en-US", "You have alarms at 6:30, 7:15 and 9 AM."),
        ("de-DE", "Deine Wecker: 6:30, 7:15 und 9 Uhr."),
        ("fr-FR", "Tes alarmes : 6 h 30, 7 h 15 et 9 h."),
        ("sv-SE", "Dina larm: 6.30, 7.15 och 9."),
        ("pl-PL", "Budziki: 6.30, 7.15 i 9."),
        ("fi-FI", "Herätykset: 6.30, 7.15 ja 9."),
        ("tr-TR", "Alarmların: 6.30, 7.15 ve 9."),
        ("cs-CZ", "Budíky: 6:30, 7:15 a 9."),
        ("ru-RU", "Будильники: на 6:30, 7:15 и 9."),
        ("ja-JP", "アラームは6時半、7時15分、9時の3つです。"),
    ],
)
def test_every_time_of_a_list_is_read(locale, text):
    assert (
        told([{"kind": "time", "value": value} for value in ("06:30", "07:15", "09:00")], text, locale)
        == [True] * 3
    )


# The 8th to the 12th of June, with one month for both
SHARED = [
    ("en-US", "The hotel in Boston is yours from June 8 to 12."),
    ("en-GB", "Your stay runs from the 8th to the 12th of June."),
    ("de-DE", "Das Hotel ist vom 8. bis 12. Juni gebucht."),
    ("fr-FR", "Votre chambre est réservée du 8 au 12 juin."),
    ("es-ES", "Tu hotel está reservado del 8 al 12 de junio."),
    ("es-MX", "Claro que sí, su hotel está reservado del 8 al 12 de junio."),
    ("pt-BR", "O hotel está reservado do dia 8 ao dia 12 de junho."),
    ("pt-PT", "O quarto está reservado de 8 a 12 de junho."),
    ("it-IT", "La camera è tua dall'8 al 12 giugno."),
    ("nl-NL", "Het hotel is geboekt van 8 tot en met 12 juni."),
    ("sv-SE", "Hotellet är bokat 8–12 juni."),
    ("da-DK", "Hotellet er booket fra den 8. til den 12. juni."),
    ("nb-NO", "Hotellet er booket fra 8. til 12. juni."),
    ("fi-FI", "Hotelli on varattu 8.–12. kesäkuuta."),
    ("pl-PL", "Hotel jest zarezerwowany od 8 do 12 czerwca."),
    ("cs-CZ", "Hotel máš od 8. do 12. června."),
    ("uk-UA", "Готель твій з 8 по 12 червня."),
    ("ru-RU", "Отель забронирован с 8 по 12 июня."),
    ("ro-RO", "Hotelul e rezervat din 8 până în 12 iunie."),
    ("hu-HU", "A szállás június 8-tól 12-ig a tiéd."),
    ("el-GR", "Το ξενοδοχείο είναι κλεισμένο από τις 8 έως τις 12 Ιουνίου."),
    ("tr-TR", "Oteliniz 8-12 Haziran için ayrıldı."),
    ("he-IL", "המלון מוזמן מה-8 עד ה-12 ביוני."),
    ("ar-EG", "الفندق محجوز من ٨ إلى ١٢ يونيو."),
    ("vi-VN", "Phòng khách sạn đã đặt từ ngày 8 đến ngày 12 tháng 6."),
    ("id-ID", "Hotelnya sudah dipesan dari tanggal 8 sampai 12 Juni."),
    ("sw-KE", "Hoteli imehifadhiwa kuanzia tarehe 8 hadi 12 Juni."),
    ("th-TH", "จองโรงแรมวันที่ 8–12 มิถุนายน ให้แล้วครับ"),
    ("hi-IN", "होटल 8 से 12 जून तक बुक है।"),
    ("ta-IN", "ஹோட்டல் ஜூன் 8 முதல் 12 வரை பதிவாகியுள்ளது."),
    ("zh-CN", "酒店订的是6月8日到12日。"),
    ("ja-JP", "6月8日から12日までホテルを予約しました。"),
    ("ko-KR", "6월 8일부터 12일까지 호텔을 예약했어요."),
    ("bn-BD", "৮ থেকে ১২ জুন হোটেল বুক করা আছে।"),
    ("en-US", "Your rental car is yours June 8-12."),
    ("tr-TR", "Tatilin 8-12 Haziran arası."),
    ("pl-PL", "Pokój jest na 8-12 czerwca."),
]


@pytest.mark.parametrize(("locale", "text"), SHARED)
def test_two_days_share_a_month(locale, text):
    due = [{"kind": "date", "value": value} for value in ("2026-06-08", "2026-06-12")]
    assert told(due, text, locale) == [True, True]
    for other in ("2026-06-09", "2026-06-18", "2026-07-08"):
        assert not stated({"kind": "date", "value": other}, text, locale)


@pytest.mark.parametrize(
    ("locale", "value", "text"),
    [
        ("da-DK", "2026-03-22", "Den 22. om morgenen klokken 9.30."),
        ("fi-FI", "2026-03-22", "22. päivä aamulla kello 9.30."),
        ("tr-TR", "2026-03-22", "Ayın 22'sinde sabah 9.30'da."),
        ("ru-RU", "2026-03-22", "22 утром, в 9:30."),
        ("fi-FI", "2026-03-06", "Perjantaina kello 14.45."),
    ],
)
def test_a_time_with_a_dot_beside_a_day_is_no_date(locale, value, text):
    assert stated({"kind": "date", "value": value}, text, locale)


@pytest.mark.parametrize(("locale", "value", "others", "text"), DATES)
def test_a_date_is_read_as_that_date_only(locale, value, others, text):
    assert stated({"kind": "date", "value": value}, text, locale)
    assert local({"kind": "date", "value": value}, text, locale)
    for other in others.split():
        assert not stated({"kind": "date", "value": other}, text, locale), other


# locale, the currency, the amount, amounts that it is not, what is said
MONEY = [
    ("fi-FI", "EUR", 20, [2, 200], "Valmis, Matille lähti kaksikymppiä."),
    ("fi-FI", "EUR", 50, [5, 15], "Matille lähti viisikymppiä."),
    ("fi-FI", "EUR", 20, [10, 2], "Matille lähti parikymppiä."),
    ("fi-FI", "EUR", 20, [2], "Matille lähti kakskyt euroa."),
    ("fi-FI", "EUR", 25, [20, 5], "Matille lähti kakskytviis euroa."),
    ("sv-SE", "SEK", 20, [1, 21], "Johan fick en tjuga av dig."),
    ("el-GR", "EUR", 89.9, [89, 90, 89.09], "Κάνει ογδόντα εννέα ευρώ και ενενήντα λεπτά."),
    ("el-GR", "EUR", 89.9, [98.9, 89.09, 9.9], "Κάνει ογδόντα εννιά και ενενήντα ευρώ."),
    ("es-ES", "EUR", 89.9, [98.9, 89.09], "Cuesta ochenta y nueve con noventa euros."),
    ("ro-RO", "RON", 89.9, [89, 90], "Costă 89 de lei și 90 de bani."),
    ("ro-RO", "RON", 12.5, [12, 50], "Costă doisprezece lei și cincizeci de bani."),
    ("ro-RO", "RON", 89.9, [89, 90], "Costă optzeci și nouă de lei și nouăzeci de bani."),
    ("cs-CZ", "CZK", 200, [2, 100, 102], "Hotovo, Petrovi odešlo dvě stě korun."),
    ("cs-CZ", "CZK", 200, [2, 100], "Petrovi jsem poslal dvěstě korun."),
    ("cs-CZ", "CZK", 300, [3, 100], "Petrovi jsem poslal tři sta korun."),
    ("cs-CZ", "CZK", 500, [5, 100], "Petrovi jsem poslal pět set korun."),
    ("cs-CZ", "CZK", 1250, [1000, 250], "Petrovi jsem poslal tisíc dvě stě padesát korun."),
    ("cs-CZ", "CZK", 200, [2, 100], "Petrovi jsem poslal dvě stovky."),
    ("sk-SK", "EUR", 200, [2, 100], "Petrovi odišlo dvesto eur."),
    ("sk-SK", "EUR", 500, [5, 100], "Petrovi odišlo päťsto eur."),
    ("ar-SA", "SAR", 350, [300, 50, 53], "تم تحويل ثلاثمئة وخمسين ريالًا إلى خالد."),
    ("ar-SA", "SAR", 350, [300, 50], "تم تحويل ثلاثمائة وخمسين ريالًا إلى خالد."),
    ("ar-SA", "SAR", 250, [200, 50], "حوّلت لك مئتين وخمسين ريالًا."),
    ("ar-SA", "SAR", 450, [400, 50], "تم تحويل أربعمية وخمسين ريال."),
    ("vi-VN", "VND", 299000, [1, 299], "Buffet 299.000 đồng một người."),
    ("ar-EG", "EGP", 320.5, [320, 300], "فاتورة الكهربا طلعت ٣٢٠ جنيه ونص."),
    ("he-IL", "ILS", 320.5, [320, 300], "החשבון יצא 320 שקל וחצי."),
    ("ar-EG", "EGP", 1200, [1000, 200, 2], "سعر التذاكر ألف ومئتا جنيه."),
    ("ar-EG", "EGP", 200, [2, 100], "تم تحويل مئتي جنيه إلى منى."),
    ("bn-BD", "BDT", 20.5, [20, 50, 20.05], "মোট ২০ টাকা ৫০ পয়সা।"),
    ("bn-BD", "BDT", 1250.5, [1250, 50], "মোট ১,২৫০ টাকা ৫০ পয়সা হয়েছে।"),
    ("bn-BD", "BDT", 1250, [1200, 12.5, 1200.5], "মোট সাড়ে বারোশো টাকা।"),
    ("bn-BD", "BDT", 650, [600, 6.5], "মোট সাড়ে ছয়শ টাকা।"),
    ("mr-IN", "INR", 650, [600, 6.5], "एकूण साडेसहाशे रुपये."),
    ("mr-IN", "INR", 6500, [6000, 6.5], "एकूण साडेसहा हजार रुपये."),
    ("ur-PK", "PKR", 20.5, [20, 50], "کل 20 روپے 50 پیسے بنے۔"),
    ("ur-PK", "PKR", 1250.5, [1250], "کل 1,250 روپے 50 پیسے بنے۔"),
    ("zh-CN", "CNY", 12.5, [12, 12.05], "一共12块5。"),
    ("zh-CN", "CNY", 35.6, [35, 35.06, 356], "一共三十五块六。"),
    ("zh-CN", "CNY", 1250.5, [1250, 1250.05], "一共1250块5毛。"),
    ("zh-CN", "CNY", 1250.5, [1250, 1250.05], "一共1250元5角。"),
    ("zh-CN", "CNY", 1250.5, [1250, 1250.05], "一共一千二百五十块五毛。"),
    ("zh-CN", "CNY", 1250.53, [1250.5, 1250], "一共1250元5角3分。"),
    ("zh-CN", "CNY", 230.8, [230, 238], "一共二百三十块八毛。"),
    ("zh-TW", "TWD", 35.6, [35, 356], "總共是35塊6。"),
    ("ta-IN", "INR", 1500, [1000, 500], "ரவிக்கு ஆயிரத்து ஐநூறு ரூபாய் அனுப்பிவிட்டேன்."),
    ("ta-IN", "INR", 2000, [2, 1000], "இரண்டாயிரம் ரூபாய் அனுப்பினேன்."),
    ("ta-IN", "INR", 5000, [5, 1000], "ஐயாயிரம் ரூபாய் அனுப்பினேன்."),
    ("ta-IN", "INR", 2500, [2000, 500], "இரண்டாயிரத்து ஐநூறு ரூபாய் அனுப்பினேன்."),
    ("ta-IN", "INR", 250000, [200000, 2.5], "சேமிப்புக் கணக்கில் இரண்டரை லட்சம் ரூபாய் போட்டுவிட்டேன்."),
    ("ta-IN", "INR", 150000, [100000, 1.5], "ஒன்றரை லட்சம் ரூபாய்."),
    ("ta-IN", "INR", 25000000, [2.5, 20000000], "இரண்டரை கோடி ரூபாய்."),
    ("ta-IN", "INR", 1250.5, [1250, 50], "1250 ரூபாய் 50 காசு."),
    # Somebody who is called as a currency is.
    ("he-IL", "ILS", 1250, [1, 250], "העברתי לדני 1,250 ש״ח."),
    ("vi-VN", "VND", 1500000, [1000000, 1.5], "Đã chuyển cho Lan một triệu rưỡi."),
    ("vi-VN", "VND", 500000, [500], "Em đã gửi chị Nga 500 nghìn rồi ạ."),
    ("sw-KE", "KES", 500, [5], "Umelipa shilingi 500."),
]


@pytest.mark.parametrize(("locale", "currency", "value", "others", "text"), MONEY)
def test_an_amount_is_read_as_that_amount_only(locale, currency, value, others, text):
    assert stated({"kind": "money", "value": value, "currency": currency}, text, locale)
    assert local({"kind": "money", "value": value, "currency": currency}, text, locale)
    for other in others:
        assert not stated({"kind": "money", "value": other, "currency": currency}, text, locale), other


# locale, degrees, degrees that it is not, what is said
DEGREES = [
    ("hu-HU", -7, 7, "Debrecenben most hét fok hideg van."),
    ("hu-HU", -7, 7, "Debrecenben 7 fok hideg van."),
    ("hu-HU", 7, -7, "Debrecenben hét fok van, hideg a szél."),
    ("ar-SA", -2, 2, "الحرارة في تبوك الآن درجتان تحت الصفر، خلّك دافي."),
    ("ar-SA", -2, 2, "الحرارة درجتين تحت الصفر."),
    ("ar-SA", 2, -2, "الحرارة درجتان مئويتان."),
    ("te-IN", -2, 2, "సిమ్లాలో ఇప్పుడు సున్నా కంటే రెండు డిగ్రీలు తక్కువగా ఉంది."),
    ("te-IN", -2, 2, "సిమ్లాలో సున్నా కంటే 2 డిగ్రీలు తక్కువ."),
    ("te-IN", -2, 2, "సిమ్లాలో సున్నాకి రెండు డిగ్రీలు తక్కువ."),
    ("te-IN", -2, 2, "సిమ్లాలో సున్నాకు రెండు డిగ్రీల దిగువన ఉంది."),
    ("te-IN", 2, -2, "సిమ్లాలో సున్నా కంటే రెండు డిగ్రీలు ఎక్కువ."),
    ("en-GB", -7, 7, "It's seven below in Aviemore."),
    ("en-GB", 7, -7, "It's seven degrees, see the forecast below."),
    ("en-GB", 7, -7, "It's seven, below the average for May."),
]


@pytest.mark.parametrize(("locale", "value", "other", "text"), DEGREES)
def test_degrees_are_read_below_zero_or_above(locale, value, other, text):
    assert stated({"kind": "temperature", "value": value}, text, locale)
    assert not stated({"kind": "temperature", "value": other}, text, locale)


# locale, minutes, minutes that it is not, what is said
LENGTHS = [
    ("ar-EG", 135, [120, 15, 130], "المشوار بياخد ساعتين وربع."),
    ("he-IL", 135, [120, 15], "שעתיים ורבע."),
    ("he-IL", 120, [60, 2], "הנסיעה אורכת שעתיים."),
    ("fi-FI", 90, [60, 150], "Matka kestää puolitoista tuntia."),
    ("ta-IN", 135, [120, 15], "2 மணி நேரம் 15 நிமிடம் ஆகும்."),
    ("ta-IN", 90, [60, 150], "ஒன்றரை மணி நேரம் ஆகும்."),
    ("ar-EG", 45, [3, 15, 60], "فاضل تلات تربع ساعة على المنبه."),
    ("ar-EG", 45, [15, 60, 75], "فاضل ساعة إلا ربع على المنبه."),
    ("te-IN", 45, [15, 60], "ముప్పావు గంటలో అలారం మోగుతుంది."),
    ("mr-IN", 45, [60, 15], "पाऊण तासात अलार्म वाजेल."),
]


@pytest.mark.parametrize(("locale", "value", "others", "text"), LENGTHS)
def test_a_length_of_time_is_read_as_that_length_only(locale, value, others, text):
    assert stated({"kind": "number", "value": value, "unit": "minute"}, text, locale)
    for other in others:
        assert not stated({"kind": "number", "value": other, "unit": "minute"}, text, locale), other


# locale, how many, what is said
PEOPLE = [
    ("te-IN", 4, "నలుగురికి టేబుల్ బుక్ చేశాను."),
    ("te-IN", 3, "ముగ్గురు వస్తున్నారు."),
    ("ta-IN", 2, "இருவருக்கு மேசை பதிவாகிவிட்டது."),
    ("bn-BD", 4, "চারজনের টেবিল বুক করেছি।"),
    ("bn-BD", 2, "দুজনের টিকিট কেটে দিয়েছি।"),
    ("hi-IN", 3, "आज आपकी तीनों मीटिंगें तय हैं।"),
    ("mr-IN", 4, "चौघांसाठी टेबल बुक केलं आहे."),
    ("ru-RU", 2, "Столик на двоих забронирован."),
    ("ru-RU", 4, "Столик на четверых забронирован."),
    ("uk-UA", 5, "Столик на п'ятьох заброньовано."),
    ("pl-PL", 4, "Stolik dla czworga jest zarezerwowany."),
    ("de-DE", 3, "Ihr seid zu dritt eingetragen."),
    ("ko-KR", 3, "표 세 장을 샀어요."),
    ("sw-KE", 3, "Una mikutano mitatu leo."),
    ("ar-EG", 2, "تم حجز طاولة لشخصين."),
    ("ar-EG", 4, "تم حجز طاولة لأربعة أشخاص."),
    ("id-ID", 4, "Mejanya sudah dipesan untuk berempat."),
]


@pytest.mark.parametrize(("locale", "value", "text"), PEOPLE)
def test_people_and_things_are_counted_as_natives_count_them(locale, value, text):
    others = {1, 2, 3, 4, 5} - {value}
    assert stated({"kind": "number", "value": value}, text, locale)
    assert not any(stated({"kind": "number", "value": other}, text, locale) for other in others)
