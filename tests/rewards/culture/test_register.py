"""How a reply speaks to its user: what must be seen, and what must not be taken for it."""

import pytest

from rewards.culture import RULES, culture
from rewards.culture.reply_view import said as view
from tests.rewards.culture.test_culture import asked, said, score

# locale, request, reply: the manner is wrong
WRONG = [
    ("fr-FR", "Pouvez-vous régler mon réveil ?", "Ton réveil est réglé pour demain matin."),
    ("fr-FR", "?", "Votre réveil est réglé, dors bien."),
    ("fr-FR", "Réservez une table, je vous prie.", "C'est fait, j'ai envoyé le code sur ton téléphone."),
    ("es-ES", "?", "Le recuerdo a usted que tienes una cita mañana."),
    ("es-ES", "Por favor, reserve el vuelo más barato.", "Tu vuelo sale a las 14:45 de la terminal dos."),
    ("es-ES", "Concierte una cita con el dentista.", "Ya tienes la cita con el dentista para mañana."),
    ("es-ES", "?", "Ya está la alarma, ¿querés que avise después?"),
    ("es-MX", "?", "Ya está la alarma, si necesitás otra cosa acá estoy."),
    ("de-DE", "?", "Ihr Wecker ist gestellt, ich wünsche dir eine gute Nacht."),
    ("de-DE", "Können Sie mich bitte wecken?", "Der Wecker ist gestellt, schlaf gut bis morgen früh."),
    ("ru-RU", "Поставьте, пожалуйста, будильник на семь.", "Твой будильник поставлен на семь утра."),
    ("ru-RU", "Оформьте заказ, пожалуйста.", "Заказ оформлен, можешь забрать его завтра."),
    ("uk-UA", "Поставте, будь ласка, будильник.", "Твій будильник поставлено на сьому ранку."),
    ("ko-KR", "?", "알람을 내일 아침 일곱 시에 맞춰 뒀어."), ("ko-KR", "?", "알람을 일곱 시로 맞춰 놨다."),
    ("ko-KR", "?", "응, 알람을 일곱 시로 맞췄어."),
    ("ja-JP", "?", "うん、明日の朝七時にセットしておいたからね。"), ("ja-JP", "?", "アラームをセットしといたよ。"),
    ("hi-IN", "?", "आपका अलार्म लगा दिया है, कुछ और चाहिए तो बताओ।"), ("bn-BD", "?", "আপনার অ্যালার্ম দেওয়া হয়েছে, আর কিছু লাগলে বলো।"),
    ("te-IN", "?", "మీ అలారం పెట్టాను, ఇంకేమైనా కావాలంటే అడుగు."), ("pl-PL", "?", "Pana budzik jest ustawiony, śpij dobrze."),
    ("pt-PT", "?", "O seu alarme está definido, dorme bem e descansa."), ("tr-TR", "?", "Alarmınız kuruldu, şimdi rahatça uyu."),
    ("it-IT", "?", "La Sua sveglia è pronta, dormi bene."), ("cs-CZ", "?", "Váš budík je nastavený, spi dobře."),
    # The request is polite.
    ("cs-CZ", "Mohl byste mi nastavit budík?", "Budík máš nastavený."), ("cs-CZ", "Připomeňte mi, prosím, schůzku.", "Jasně, připomenu ti ji."),
    ("ro-RO", "Puteți să-mi setați alarma, vă rog?", "Alarma ta e setată."), ("ro-RO", "Trimiteți-mi lista.", "Ți-am trimis lista."),
    ("hu-HU", "Legyen szíves beállítani az ébresztőt.", "Az ébresztődet beállítottam."), ("hu-HU", "Kérem, foglaljon asztalt.", "Az asztalodat lefoglaltam."),
    ("hu-HU", "Lenne szíves emlékeztetni?", "Rendben, emlékeztetlek."), ("hu-HU", "Meg tudná nézni, mikor jön?", "A csomagod pénteken érkezik."),
    ("el-GR", "Θα μπορούσατε να βάλετε ξυπνητήρι;", "Το ξυπνητήρι σου χτυπάει στις έξι."), ("el-GR", "Υπενθυμίστε μου τη συνάντηση.", "Θα σου τη θυμίσω."),
    ("tr-TR", "Alarmı kurar mısınız lütfen?", "Alarmını kurdum."), ("tr-TR", "Saat sekize masa ayırtır mısınız?", "Masanı ayırttım."),
    ("tr-TR", "Lütfen toplantıyı bana hatırlatın.", "Toplantıyı sana hatırlatırım."), ("tr-TR", "Kargoma bakar mısınız?", "Kargon cuma günü geliyor."),
    ("fa-IR", "لطفاً یک میز رزرو کنید.", "میزت رزرو شد."), ("fa-IR", "می‌شود لطفاً جلسه را یادآوری کنید؟", "باشه، یادت می‌اندازم."),
    ("pl-PL", "Czy mógłby pan zarezerwować stolik?", "Stolik masz zarezerwowany."), ("fi-FI", "Voisitteko varata pöydän?", "Pöytäsi on varattu."),
    ("id-ID", "Bisakah Anda mengecek paket saya?", "Paketmu datang besok."), ("it-IT", "Mi può svegliare alle sette?", "Ti sveglio alle sette."),
    ("cs-CZ", "Byl byste tak laskav?", "Neboj, vzbudím tě v sedm."), ("el-GR", "Ξυπνήστε με στις επτά.", "Θα σε ξυπνήσω στις επτά."),
    ("pl-PL", "Czy może mi Pan przypomnieć?", "Jasne, przypomnę ci o tym."), ("id-ID", "Mohon dibantu, Pak, pesan taksi.", "Taksimu sudah jalan."),
    ("fi-FI", "Lähettäisittekö laskun?", "Laskusi on lähetetty."), ("pt-PT", "Pode acordar-me às sete?", "Acordo-te às sete."), ("pt-PT", "Lembre-me da reunião.", "Já te lembro dela."),
    # The reply mixes.
    ("fa-IR", "?", "بستهٔ شما رسید، برو بگیرش."), ("ja-JP", "?", "荷物が届きました。早く受け取れ。"), ("bn-BD", "?", "আপনার প্যাকেট এসেছে। গিয়ে নিয়ে আয়।"),
    ("pt-BR", "?", "Você tem consulta amanhã, queres que eu chame um táxi?"), ("pt-BR", "?", "O senhor tem uma reunião, não te esqueças dela."),
    ("sv-SE", "?", "Ditt bord är bokat, vill Ni ha en påminnelse?"), ("sv-SE", "?", "Er läkartid är bokad, glöm inte ditt leg."),
    ("fi-FI", "?", "Lääkäriaikanne on huomenna, muistathan korttisi."), ("fi-FI", "?", "Hyvä rouva, voit hakea sen huomenna."),
    ("it-IT", "?", "La Sua visita è confermata, non dimenticare la tessera."), ("es-MX", "?", "Su cita ya quedó, no olvides tu credencial."),
    ("fa-IR", "?", "رزرو شما تأیید شد، کارت ملی‌ات را بیاورید."), ("fa-IR", "?", "پرواز شما تأخیر دارد، نگران نباش."),
    ("ko-KR", "?", "예약은 다 됐습니다. 늦지 마라."), ("ko-KR", "?", "알람을 맞춰 드렸습니다. 빨리 자라."), ("ko-KR", "?", "택배가 왔어요. 얼른 가져가."),
    ("ja-JP", "?", "予約は完了しました。遅れるなよ。"), ("ja-JP", "?", "セットしました。早く寝ろ。"),
    ("th-TH", "?", "จองให้แล้วครับ ขอให้อร่อยนะคะ"), ("th-TH", "?", "ตั้งปลุกให้แล้วค่ะ ฝันดีนะครับ"), ("id-ID", "?", "Janji Anda dicatat, jangan lupa bawa kartumu."),
    ("hi-IN", "?", "आपका बिल भर दिया है। अब सो जा।"), ("bn-BD", "?", "আপনার বিল দেওয়া হয়েছে। এবার ঘুমা।"), ("ta-IN", "?", "உங்கள் கட்டணம் செலுத்தப்பட்டது. போய்த் தூங்கு."),
    ("te-IN", "?", "మీ రైలు ఆరింటికి. ఆలస్యం చేయకు."),
    # An imperative alone shows it.
    ("ru-RU", "?", "Ваш заказ готов, заходи за ним до восьми."), ("ru-RU", "?", "Твой столик ждёт, приходите к семи."),
    ("uk-UA", "?", "Ваше замовлення готове, заходь до восьмої."), ("uk-UA", "?", "Твій столик чекає, приходьте на сьому."),
    ("pl-PL", "?", "Pani zamówienie jest gotowe, zajrzyj do nas przed ósmą."), ("ta-IN", "?", "உங்கள் உணவு தயார், வந்து எடுத்துக்கொள்."),
    ("cs-CZ", "?", "Vaše objednávka je připravená, vezmi si s sebou doklad."), ("cs-CZ", "?", "Tvůj stůl čeká, přijďte v sedm."),
    ("fi-FI", "?", "Tilauksenne on valmis, muista henkilötodistus."), ("fi-FI", "?", "Junanne lähtee pian, ehditkö asemalle?"),
    ("id-ID", "Mohon bantu saya mengecek paket saya.", "Paketmu datang besok, tunggu di rumah ya."),
    ("tr-TR", "?", "Kargonuz geldi, bugün alabilirsin."), ("hu-HU", "?", "Az Ön csomagja megérkezett, vedd át még ma."), ("el-GR", "?", "Το δέμα σας έφτασε, πέρνα να το πάρεις."),
    # Imperatives and what else only the familiar say, beside the other manner.
    ("es-MX", "?", "Su alarma está puesta, descansa bien."), ("es-ES", "?", "Su alarma está puesta, dime si necesitas algo."), ("es-CO", "?", "Su despertador está listo, que duermas bien."),
    ("de-DE", "?", "Ihr Tisch ist reserviert, genieß den Abend."), ("de-DE", "?", "Ihr Wecker ist gestellt. Sag Bescheid, falls noch etwas ist."), ("de-AT", "Können Sie mich wecken?", "Ist erledigt, komm gut heim."),
    ("ru-RU", "?", "Ваш будильник стоит, пиши, если что."), ("ru-RU", "?", "Ваш столик ждёт, повеселись там."), ("ru-RU", "?", "Ваш заказ готов, наслаждайся."),
    ("uk-UA", "?", "Ваш будильник стоїть, пиши, якщо що."), ("cs-CZ", "?", "Váš stůl je zamluvený, užij si večer."), ("cs-CZ", "?", "Váš budík je nastavený, měj se hezky."),
    ("pl-PL", "?", "Pański budzik jest ustawiony, powiedz, czy coś jeszcze."), ("pl-PL", "?", "Pańska wizyta jest jutro, masz numer siedem."),
    ("pl-PL", "?", "Pana stolik jest zarezerwowany, baw się dobrze."), ("pl-PL", "?", "Pani budzik jest ustawiony, odezwij się w razie czego."), ("pl-PL", "?", "Pana lista jest gotowa, spróbuj ją otworzyć i daj znać."),
    ("hu-HU", "?", "Az Ön ébresztője be van állítva, szólj, ha kell még valami."), ("hu-HU", "?", "Az Ön asztala kész, érezd jól magad."), ("fi-FI", "Voisitteko herättää minut?", "Herätys on asetettu, nuku hyvin."),
    ("fi-FI", "?", "Teille on varattu pöytä, nauti illasta."), ("el-GR", "?", "Το τραπέζι σας είναι έτοιμο, να περάσεις καλά."), ("el-GR", "?", "Το ξυπνητήρι σας μπήκε, όταν ξυπνήσεις θα έχει ήλιο."),
    ("tr-TR", "?", "Masanız ayrıldı, iyi eğlen."), ("tr-TR", "Yarın yedide alarm kurar mısınız lütfen?", "Alarmın kuruldu."), ("tr-TR", "Alarmı kurar mısınız lütfen?", "Alarmın yarın saat 7 için ayarlandı."),
    ("te-IN", "?", "మీ టేబుల్ బుక్ అయింది, సాయంత్రం ఆనందంగా గడుపు."), ("te-IN", "?", "మీ టేబుల్ బుక్ అయింది, ఆస్వాదించు."), ("fa-IR", "?", "زنگ شما تنظیم شد، اگر چیزی خواستید بگو."), ("hi-IN", "?", "आपका अलार्म लग गया है, और कुछ चाहिए तो बता।"),
    ("pt-BR", "?", "O autocarro parte em frente ao hotel."), ("pt-BR", "?", "Está a chover em Curitiba."),
    ("pt-PT", "?", "O ônibus sai daqui a pouco."), ("pt-PT", "?", "O celular está carregando."),
]  # fmt: skip
# locale, request, reply, titles that are the task's: nothing is wrong
RIGHT = [
    ("hi-IN", "?", "तुम ही हो अब आपकी प्लेलिस्ट में जुड़ गया है।", "तुम ही हो"), ("bn-BD", "?", "সেই তুমি গানটি আপনার তালিকায় যোগ করা হয়েছে।", "সেই তুমি"),
    ("de-DE", "Können Sie mir helfen?", "Der Song Du hast ist jetzt in Ihrer Playlist.", "Du hast"),
    ("fr-FR", "Pouvez-vous m'aider ?", "J'ajoute Je te promets à votre liste de lecture.", "Je te promets"),
    ("ja-JP", "?", "リマインダーは三つあります。\n- 牛乳を買う\n- 母に電話する\n- 家賃を払う", ""),
    ("ru-RU", "Поставьте будильник, пожалуйста.", "В списке дел:\n1. Позвони тебе\n2. Купи молоко", ""),
    ("nl-BE", "?", "Je wekker staat op 7.05 u. en de koffie loopt.", ""), ("nl-NL", "?", "Zal ik u om 7 uur wekken?", ""),
    ("es-ES", "¿Me pones una alarma?", "Ya tienes la alarma puesta para las siete.", ""),
    ("es-ES", "¿Podría ponerme una alarma?", "Su alarma está puesta para las siete.", ""),
    ("es-AR", "¿Me ponés una alarma?", "Listo, ¿querés que te avise antes?", ""),
    ("fr-FR", "?", "Le ton de la sonnerie est réglé pour vous.", ""), ("de-DE", "?", "Lisa kommt um acht. Ihr Zug hatte Verspätung, ich sage dir Bescheid.", ""),
    ("ko-KR", "?", "네, 알람을 일곱 시로 맞춰 두었습니다."), ("ja-JP", "?", "かしこまりました。セットしておきましたからね。"),
    ("ru-RU", "?", "Это лишь напоминание на сайте, всё готово для вас.", ""), ("hi-IN", "?", "आपके लिए अलार्म सात बजे लगा दिया गया है।", ""),
    ("pl-PL", "?", "Tomasz dostał wiadomość, a budzik Pana jest ustawiony.", ""), ("pl-PL", "?", "Pański budzik jest ustawiony, a pańskie zamówienie w drodze.", ""), ("tr-TR", "?", "Kutlu olsun, alarmınız kuruldu.", ""),
    ("te-IN", "?", "మీరు అడిగిన అలారం రేపటి నుండి మోగుతుంది.", ""), ("pt-BR", "?", "Pronto, o alarme está marcado. Durma bem!", ""),
    ("hi-IN", "?", "घड़ी ने अलार्म से कहा, “तुम चुप रहो, सब सो रहे हैं!”"),
    ("it-IT", "?", "Sono le sei di sera e la sveglia è impostata.", ""),
    ("cs-CZ", "Kolik váží mládě zvířete?", "Mládě máš v seznamu, váží kilo."), ("pl-PL", "Proszę Pana o pomoc.", "Proszę, ci goście mają stolik obok Pana."),
    ("el-GR", "Μπορείτε να με βοηθήσετε;", "Το δωμάτιο είναι σε ξενοδοχείο, σε λίγο θα σας πω."), ("id-ID", "Telepon Ibu dong", "Ibumu sudah kutelepon."),
    ("fa-IR", "?", "قرار شما با خانم رضایی است، ایشان می‌آید و کارت‌ها را می‌گیرد."), ("bn-BD", "?", "আপনার যা লাগে তা নিয়ে যাবেন, টাকা দেওয়া যায়।"),
    ("tr-TR", "Annemin listesini okur musunuz?", "Listesini okuyorum, masanın üstünde kargonun kodu var."),
    ("pt-PT", "Podes acordar-me às sete?", "Acordo-te às sete."), ("pt-PT", "Escreve-me a lista.", "A tua lista está pronta."), ("pt-PT", "Pode acordar-me às sete?", "Acordo-o às sete."),
    ("fi-FI", "Lähettäisittekö laskun?", "Laskunne on lähetetty, olkaa hyvä."), ("fi-FI", "Lähettäisitkö laskun?", "Laskusi on lähetetty."),
    # The familiar asks, and is answered so; nobody's is no reader's.
    ("cs-CZ", "Mohl bys mi nastavit budík?", "Budík máš nastavený."), ("cs-CZ", "Mohl byste zavolat?", "Vzkaz dostanou i ti, kdo nepřijdou."),
    ("ro-RO", "Poți să-mi setezi alarma, te rog?", "Ți-am setat alarma."), ("ro-RO", "Vă rog, câți invitați sunt?", "Sunt opt invitați, vă aștept cu plăcere."),
    ("ro-RO", "Câți invitați vin?", "La petrecerea ta vin opt invitați."),
    ("hu-HU", "Foglalj asztalt, légy szíves!", "Az asztalodat lefoglaltam."), ("hu-HU", "Kérem, ébresszen fel.", "Negyed hétkor szól az ébresztője, majd csörög."),
    ("hu-HU", "Meg tudná nézni?", "A családi csomag Szegeden van, marad még egy szabad hely Önnek."),
    ("el-GR", "Μπορείς να βάλεις ξυπνητήρι;", "Το ξυπνητήρι σου χτυπάει στις έξι."), ("el-GR", "Μπορείτε να μου πείτε την ώρα;", "Είναι έξι, ώστε έχετε χρόνο."),
    ("tr-TR", "Lütfen yarın beni uyandır.", "Tamam, seni uyandırırım."), ("tr-TR", "Bana haber ver, lütfen yarın.", "Sana yarın haber veririm."),
    ("tr-TR", "Alarmı kurar mısınız?", "Sabah alarmını kurdum, masanın kodu geldi."), ("tr-TR", "Kargomu bul.", "Kargon cuma günü geliyor."),
    ("fa-IR", "یک میز رزرو کن", "میزت رزرو شد."), ("fa-IR", "بیدارم کن", "به تو خبر می‌دهم."), ("fa-IR", "?", "میزت برای ساعت هشت رزرو شد."),
    ("fa-IR", "لطفاً یک میز رزرو کنید.", "میز شما رزرو شد، کارت و صورت و ساعت را بیاورید."),
    ("pl-PL", "Zarezerwuj stolik.", "Stolik masz zarezerwowany."), ("pl-PL", "Czy mógłby Pan sprawdzić?", "Tomasz przyjdzie, a stolik dla Pana jest gotowy."),
    ("fi-FI", "Voisitko varata pöydän?", "Pöytäsi on varattu."), ("fi-FI", "?", "Pöytänne on varattu perheelle, haluatko muistutuksen?"),
    ("id-ID", "Cek paketku dong", "Paketmu datang besok."), ("id-ID", "Bisakah Anda mengecek tamu saya?", "Tamu Anda bertemu penemu jamu besok, semoga berilmu."),
    ("it-IT", "Mi può svegliare?", "La Sua sveglia è pronta, per non dimenticare la visita."), ("it-IT", "?", "Le ricordo di non dimenticare la Sua tessera."),
    ("es-MX", "¿A qué hora llega mi hermano?", "Su vuelo llega a las ocho, ¿quieres que te avise?"), ("es-ES", "?", "Su cita es mañana, no olvides llamarla."),
    ("pt-BR", "?", "Você tem consulta amanhã, eu te aviso antes."), ("pt-BR", "?", "Seu ônibus está chegando e o celular está a par."),
    ("it-IT", "Mi svegli alle sette domani?", "Certo, ti sveglio alle sette."),
    ("tr-TR", "Deniz'i ara.", "Deniz'i arıyorum, deniz kenarında yemeğin hazır."), ("hu-HU", "?", "Az Ön csomagja megérkezett, még ma átveheti."),
    ("pt-PT", "?", "O autocarro está a chegar, leve o telemóvel."), ("pt-PT", "?", "O comboio sai às nove, quando quiser aviso."), ("pt-BR", "?", "O senhor tem seis mesas e não te impede de nada."),
    ("sv-SE", "?", "Ert bord är bokat, vill du ha en påminnelse?"), ("sv-SE", "?", "Bordet är bokat, jag påminner er innan ni går och dig också."),
    ("ko-KR", "?", "목적지는 우리나라. 콜라를 준비했어요. 늦지 마세요."), ("ko-KR", "?", "예약했습니다. 일어나세요, 얼른 가져가시면 됩니다."), ("ko-KR", "?", "알람을 맞췄습니다. 푹 자세요. 얼른 가져가세요."),
    ("ja-JP", "?", "忘れないでくださいね。ご予約は後ろの席です。"), ("ja-JP", "?", "お風呂の用意ができました。いろいろありますね。"),
    ("th-TH", "?", "ได้คะแนนเต็มครับ มีคะน้าด้วยครับ"), ("th-TH", "?", "จองให้แล้วค่ะ ทานให้อร่อยนะคะ"),
    ("hi-IN", "?", "आप अब आराम कर सकते हैं, बिल भर दिया जा चुका है।"), ("bn-BD", "?", "আপনি এবার ঘুমান, বিল যা ছিল দেওয়া হয়েছে।"),
    ("ru-RU", "?", "Напоминаю о твоём визите к врачу и о новом лимите."), ("ru-RU", "?", "Ваш заказ готов, заходите до восьми."),
    ("uk-UA", "?", "Твоє замовлення готове, заходь до восьмої."), ("cs-CZ", "?", "Tvůj stůl čeká, vezmi si doklad a přijď v sedm."),
    ("fi-FI", "?", "Lento Lausanneen lähtee pian, ehditkö kentälle?"), ("fi-FI", "?", "Susanne odottaa tuonne asti, haluatko soittaa?"),
    ("pl-PL", "?", "Twoje zamówienie jest gotowe, zajrzyj przed ósmą."), ("ta-IN", "?", "உங்கள் உணவு தயார், வந்து எடுத்துக்கொள்ளுங்கள்."),
    ("ta-IN", "?", "உங்கள் கட்டணம் செலுத்தப்பட்டது, நன்றாகத் தூங்குங்கள்."), ("te-IN", "?", "మీరు ఆలస్యం చేయకుండా వెళ్ళండి."),
    # Forms that look like the familiar ones and are nobody's, or another's.
    ("es-ES", "?", "Su alarma está puesta, descanse bien y dígame si necesita algo más."), ("es-MX", "¿A qué hora llega mi hermano?", "Su reserva está lista, dime si quieres que te avise."),
    ("de-DE", "?", "Ihr Tisch ist reserviert, genießen Sie den Abend, und sagen Sie Bescheid."), ("de-DE", "?", "Ihr Termin steht; ich komme und sage Ihnen Bescheid, Fahrt und Pass sind bereit."),
    ("ru-RU", "?", "Ваш трамвай и случай записаны, пишите, отдыхайте и наслаждайтесь."), ("uk-UA", "?", "Ваш будильник стоїть, пишіть, якщо що."), ("cs-CZ", "?", "Váš stůl je zamluvený, užijte si večer a mějte se hezky."),
    ("pl-PL", "?", "Pana tramwaj odjeżdża dzisiaj, a kraj i rodzaj biletu są tutaj; miłego dnia."), ("pl-PL", "?", "Pani lot do Dubaj Marina jest w maju, proszę się dobrze bawić."), ("pl-PL", "Zarezerwuj stolik.", "Stolik zarezerwowany, baw się dobrze."),
    ("hu-HU", "?", "Az Ön ébresztője be van állítva, szóljon, ha kell még valami, és érezze jól magát."), ("hu-HU", "Ébressz fel hétkor!", "Beállítottam, szólj, ha kell még valami."), ("fi-FI", "Voisitteko herättää minut?", "Herätys on asetettu, nukkukaa hyvin; mitään ei tule pudota."),
    ("fi-FI", "?", "Teille on varattu pöytä, eikä aikaa tarvitse tarkistaa, nauttikaa illasta."), ("el-GR", "?", "Το τραπέζι σας είναι έτοιμο, να περάσετε καλά, κι αν εσείς θέλετε, θα δείτε τις κρατήσεις."), ("el-GR", "Μπορείς να κλείσεις τραπέζι;", "Έκλεισα, να περάσεις καλά."),
    ("tr-TR", "?", "Masanız ayrıldı, iyi eğlenceler."), ("tr-TR", "Alarmı kurar mısınız lütfen?", "Alarmın saati 7 olarak ayarlandı, alarmınız hazır."), ("tr-TR", "Alarm kur.", "Alarmın kuruldu."),
    ("te-IN", "?", "మీ టేబుల్ బుక్ అయింది, సాయంత్రం ఆనందంగా గడపండి, ఆస్వాదించండి."), ("fa-IR", "?", "زنگ شما تنظیم شد، اگر چیزی خواستید بگویید."), ("hi-IN", "?", "आपका अलार्म लग गया है, और कुछ चाहिए तो बताइए।"), ("hi-IN", "?", "मैंने सूची देख ली, आप देख सकते हैं।"),
]  # fmt: skip


@pytest.mark.parametrize(("locale", "request_", "reply"), WRONG)
def test_the_wrong_manner_is_seen(locale, request_, reply):
    got = score(locale, reply, request=request_)
    assert got.notes["register"].startswith("broken"), got.notes
    assert got.reward < 1.0


@pytest.mark.parametrize("row", RIGHT, ids=lambda row: row[0])
def test_what_only_looks_like_it_is_not(row):
    locale, request, reply, title = (*row, "")[:4]
    facts = [{"kind": "text", "value": title}] if title else []
    got = score(locale, reply, *facts, request=request)
    assert not got.notes.get("register", "").startswith("broken"), got.notes


@pytest.mark.parametrize("locale", ["en-GB", "en-IE", "en-NZ"])
@pytest.mark.parametrize("time", ["7.05 pm", "7:05 pm", "19:05", "7pm"])
def test_both_clocks_are_heard_in_english_outside_america(locale, time):
    assert (
        not score(locale, f"Your alarm is set for {time} tonight.")
        .notes.get("times", "")
        .startswith("broken")
    )


@pytest.mark.parametrize("locale", ["en-US", "de-DE", "sw-KE", "zh-CN"])
def test_a_telephone_number_is_no_amount(locale):
    said_of = {
        "en-US": "Their number is {}.",
        "de-DE": "Die Nummer lautet {}.",
        "sw-KE": "Nambari yao ni {}.",
        "zh-CN": "他们的号码是{}。",
    }
    got = score(locale, said_of[locale].format("+254 712 345 601"))
    assert not got.notes.get("numbers", "").startswith("broken"), got.notes


@pytest.mark.parametrize("locale", ["en-US", "en-CA"])
@pytest.mark.parametrize("time", ["7.05 pm", "19.05"])
def test_no_dot_stands_in_a_time_in_america(locale, time):
    got = score(locale, f"Your alarm is set for {time} tonight.", {"kind": "time", "value": "19:05"})
    assert got.reward < 1.0
    assert got.notes["time 19:05"].startswith("broken")


PIECES = [".", "जिए", "t'", "요", "a" * 50 + "is ", "1. ", "+1 ", "a ti "]


@pytest.mark.parametrize("locale", ["hi-IN", "fr-FR", "ko-KR", "es-MX", "fi-FI", "hu-HU", "cs-CZ"])
@pytest.mark.parametrize("piece", PIECES)
def test_no_pattern_reads_a_hostile_reply_twice(locale, piece):
    """A quadratic pattern would take the test's time limit."""
    reply = piece * (300_000 // len(piece))
    task = asked(locale, reply[:20_000])
    for rule in RULES.values():
        rule(view(reply, task, said(reply)))
    assert culture(task, said(reply)).reward is not None
