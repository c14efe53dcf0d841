"""Everyday words by language, in lower case: what a short text gives itself away by.

Function words first, then the verbs and nouns of requests to an assistant and of its replies. A word
of several languages stands in each of their lists and so tells only the others apart.
"""

WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": """the a an of to in on at for from with by and or but not no is are was were be been has
            have had will would can could should do does did it its this that these those there here my
            your his her our their me you he she we they us them i what which who when where why how if
            then than so as about into up down out off over after before until all any some every each
            more most please set cancel delete remove show play add find give put remind make turn
            change book rate tell get wake want need let today tomorrow tonight morning afternoon
            evening night week day hour minutes now done sure sorry here's it's i've you're alarm
            reminder reminders weather song music movie show's rain hot cold warm sunny forecast
            temperature going going's next last read see look list album playlist stars points theatre
            cinema schedule showing times nearest closest called named current book's table restaurant
            people alarms i'm don't i'll what's snooze stop pause skip resume start""",
        "es": """el la los las un una unos unas de del a al en con por para y o pero no es son era fue
            está están ser estar ha han hay que se su sus mi mis tu tus lo le les me te nos yo él ella
            usted qué cuál cuándo dónde cómo cuánto si más muy ya también hasta desde sobre este esta
            esto ese esa hoy mañana noche tarde ahora hora horas minutos pon ponme reproduce añade busca
            muestra recuérdame cancela borra listo alarma recordatorio tiempo canción lista reserva mesa
            gracias hola claro aquí tiene quedan he has hemos encontrado nuevo nueva evento favor puedes
            quiero dime cambio dan cuesta próximo próxima película libro tren código postal grados pago
            enviado añadido puesto apagado programada correcto""",
        "fr": """le la les l un une des de du d à au aux en dans sur avec par pour et ou mais ne pas non
            est sont était être a ont il y que qui se sa son ses mon ma mes ton ta tes votre vos notre
            nos lui leur je tu elle nous vous ils elles c'est quel quelle quand où comment combien si
            plus très déjà aussi jusqu'à depuis ce cette ces cet aujourd'hui demain soir matin nuit
            maintenant heure heures minutes mets joue ajoute trouve montre rappelle annule supprime
            voici alarme réveil rappel temps chanson liste réserve merci bonjour bien sûr fait reste
            est-ce qu'il j'ai peux veux trouvé ajouté nouveau nouvelle film livre train code postal
            degrés prochain prochaine férié paiement envoyé annulé réservée valide fois d'accord
            trouve-moi rappelle-moi mets-moi""",
        "de": """der die das den dem des ein eine einen einem einer eines und oder aber nicht kein keine
            ist sind war waren sein hat haben wird werden kann können soll ich du er sie es wir ihr mich
            mir dich dir ihn ihm ihnen uns mein meine meinen meinem deine dein ihre ihrem ihren was
            welche welcher wann wo wie wer wenn mehr sehr schon auch bis von vom zu zum zur für mit auf
            an am im in aus bei nach über um dass heute morgen abend nacht jetzt uhr stunden minuten
            stelle spiele füge finde zeige erinnere lösche bitte wecker alarm alle erinnerung wetter
            lied danke hallo klar hier noch gib reserviere tisch""",
        "pt": """o a os as um uma uns umas de do da dos das em no na nos nas com por para pelo pela e ou
            mas não é são era foi está estão ser estar tem têm há que se seu sua seus suas meu minha
            meus minhas lhe me te eu ele ela você vocês qual quando onde como quanto mais muito já
            também até desde sobre este esta isto esse essa isso hoje amanhã noite manhã tarde agora
            hora horas minutos coloque toque adicione encontre mostre lembre cancele apague pronto
            alarme lembrete tempo música lista reserve mesa obrigado olá claro aqui faltam às ao à novo
            nova evento busca encontrei favor pode quero diz diga próximo próxima feriado filme livro
            trem comboio código postal graus pagamento enviado adicionei coloquei cancelado reservado
            correto paga""",
        "it": """il lo la i gli le l un uno una di del della dei delle degli a al alla ai alle in nel
            nella con per da dal dalla su sul sulla e o ma non è sono era essere ha hanno ho c'è che chi
            si suo sua mio mia miei mie tuo tua mi ti ci vi io lui lei noi voi loro cosa quale quando
            dove come quanto se più molto già anche fino questo questa quello quella oggi domani sera
            mattina notte ora ore minuti metti imposta riproduci aggiungi trova mostra ricordami annulla
            cancella elimina tutti tutte sveglia sveglie promemoria tempo canzone playlist prenota
            tavolo grazie ciao ecco dell'""",
        "nl": """de het een van in op aan voor met bij uit naar om te en of maar niet geen is zijn was
            waren heeft hebben wordt worden kan kunnen zal ik jij je u hij zij ze wij we mij me mijn
            jouw uw hun ons onze wat welke wanneer waar hoe wie als meer veel al ook tot over na dat die
            dit deze er vandaag morgen avond ochtend nacht nu uur minuten zet speel voeg toe vind zoek
            toon laat zien herinner annuleer verwijder wis geef alle wekker wekkers alarm herinnering
            herinneringen weer lied nummers nummer boek tafel bedankt hallo hier nog gaat zoals genaamd""",
        "da": """en et den det de der som og eller men ikke ingen er var være har havde vil kan skal jeg
            du han hun vi i mig dig ham hende os jer dem min mit mine din dit dine sin hans hendes vores
            hvad hvilken hvilke hvornår hvor hvordan hvem hvis mere meget også til fra med på af om for
            ved over efter indtil at denne dette disse dag morgen aften nat nu klokken timer minutter
            sæt indstil afspil tilføj find vis mind påmind slet annuller anullér sluk fjern giv alle
            alarm alarmer alarmen påmindelse påmindelser vejret sang sange playliste bord bestil tak hej
            her bliver blive hedder filmen bogen serien albummet filmer biograf point fem""",
        "sv": """en ett den det de som och eller men inte ingen är var vara har hade vill kan ska skall
            jag du han hon vi ni mig dig honom henne oss er dem min mitt mina din ditt dina sin hans
            hennes vår vad vilken vilka när hur vem om mer mycket också till från med på av för vid över
            efter tills att denna detta dessa dag imorgon kväll natt nu klockan timmar minuter ställ
            spela lägg hitta visa påminn ta bort alla alarm larm påminnelse väder vädret låt låtar bord
            boka tack hej här finns kommer""",
        "no": """en ei et den det de som og eller men ikke ingen er var være har hadde vil kan skal jeg
            du han hun vi dere meg deg ham henne oss dem min mitt mine din ditt dine sin hans hennes vår
            hva hvilken hvilke når hvor hvordan hvem hvis mer mye også til fra med på av om for ved over
            etter å denne dette disse dag morgen kveld natt nå klokken timer minutter sett still spill
            legg finn vis minn slett avbryt fjern alle alarm alarmer alarmen påminnelse været sang
            sanger bord bestill takk hei her blir""",
        "fi": """ja tai mutta ei en et emme ole on oli ovat olla minä sinä hän me te he minun sinun
            minulle sinulle mitä mikä milloin missä miten kuka kuinka jos kun että niin kuin myös jo
            vielä tämä tämän se sen ne tänään huomenna illalla aamulla nyt kello tuntia minuuttia aseta
            soita lisää etsi näytä muistuta poista peruuta kaikki herätys muistutus sää laulu kiitos hei
            tässä""",
        "et": """ja või aga ei ole on oli olid olla mina ma sina sa tema ta meie teie nad minu sinu
            mulle sulle mis milline millal kus kuidas kes kui et nii ka juba veel see selle need täna
            homme õhtul hommikul praegu kell tundi minutit pane mängi lisa leia näita tuleta kustuta
            tühista kõik äratus meeldetuletus ilm laul tänan tere siin kraadi""",
        "pl": """i lub ale nie jest są był była było być ma mają w we na do z ze od po przez dla o u za
            pod nad że się to ten ta te tego tej ja ty on ona my wy mnie mi ciebie ci mój moja moje twój
            twoja jego jej co jaki jaka jakie kiedy gdzie jak kto czy jeśli gdy więcej bardzo już też
            także dziś dzisiaj jutro wieczorem rano teraz godzina godzinę minut ustaw włącz odtwórz
            dodaj znajdź pokaż przypomnij usuń anuluj wszystkie alarm przypomnienie pogoda piosenka
            dziękuję cześć oto""",
        "cs": """a nebo ale ne je jsou byl byla bylo být má mají v ve na do z ze od po pro o u za pod
            nad že se si to ten ta te toho té já ty on ona my vy mě mi tě ti můj moje tvůj jeho její co
            jaký jaká jaké kdy kde jak kdo když pokud více velmi už také dnes zítra večer ráno teď hodin
            minut nastav přehraj přidej najdi ukaž připomeň smaž zruš všechny budík připomínka počasí
            píseň děkuji ahoj tady""",
        "ro": """și sau dar nu este sunt era fi are au în la de din cu pe pentru prin că se să un o unei
            unui al a ai ale eu tu el ea noi voi mie îmi ție îți meu mea tău ta ce care când unde cum
            cine dacă mai foarte deja acest această azi astăzi mâine seara dimineața acum ora ore minute
            setează redă adaugă găsește arată amintește șterge anulează toate alarma memento vremea
            melodie mulțumesc bună iată""",
        "hu": """a az egy és vagy de nem van vannak volt lesz én te ő mi ti ők nekem neked engem mit
            mikor hol hogyan ki ha hogy mint is már még ez ezt azt ma holnap este reggel most óra órakor
            perc állíts játssz add keresd mutasd emlékeztess töröld összes ébresztő emlékeztető időjárás
            dal köszönöm szia itt""",
        "tr": """ve veya ama değil yok var bir bu şu o ben sen biz siz onlar bana sana beni seni benim
            senin için ile gibi kadar daha çok en ne nasıl nerede kim hangi mi mı mu mü mısın misin olan
            olarak olacak bugün yarın akşam sabah gece şimdi saat saatte dakika kur ayarla çal ekle bul
            göster hatırlat sil iptal et tüm bütün alarm alarmı alarmları alarmım hatırlatıcı
            hatırlatıcıyı hava şarkı şarkısını teşekkürler merhaba işte listeme listesine ver puan""",
        "id": """dan atau tetapi tidak bukan ada adalah akan sudah telah sedang bisa di ke dari untuk
            dengan pada oleh yang ini itu saya aku anda kamu dia kami kita mereka apa apakah kapan mana
            bagaimana siapa jika lebih sangat juga sampai hari besok malam pagi siang sore sekarang jam
            pukul menit setel atur putar mainkan tambahkan temukan cari tunjukkan tampilkan ingatkan
            hapus batalkan tunda semua alarm pengingat cuaca lagu musik daftar pesan meja terima kasih
            halo berikut beri berapa seberapa panas dingin suhu akankah memberi nilai poin bacakan
            tayang berapakah saat ingin""",
        "ms": """dan atau tetapi tidak bukan ada adalah akan sudah telah sedang boleh di ke dari untuk
            dengan pada oleh yang ini itu saya anda awak dia kami kita mereka apa bila bagaimana siapa
            jika lebih juga hari esok malam pagi petang sekarang pukul minit tetapkan mainkan tambah
            cari tunjukkan ingatkan padam batalkan semua penggera peringatan cuaca lagu kerana daripada""",
        "tl": """ang ng sa mga na at ay ni si kay ko mo niya natin namin ninyo nila ako ikaw siya kami
            tayo kayo sila ito iyan iyon dito hindi oo po ba kung para mula hanggang bukas ngayon gabi
            umaga oras""",
        "vi": """và hoặc nhưng không là có đã sẽ đang được bị ở tại trong trên với cho của từ đến về một
            các những này đó tôi bạn anh chị em nó chúng ta gì nào khi đâu thế ai nếu rất cũng hôm nay
            ngày mai tối sáng bây giờ lúc phút đặt phát thêm tìm hiển thị nhắc xóa hủy tất cả báo thức
            thời tiết bài hát cảm ơn xin chào đây""",
        "lt": """ir ar arba bet ne nėra yra buvo bus būti turi į iš su be prie per po apie nuo iki už
            kad kaip kai jei tai šis ši tas ta aš tu jis ji mes jūs jie man tau mane mano tavo jo jos
            kas koks kokia kokie kokiu kokiame kada kur kiek kuris daugiau labai jau taip pat šiandien
            rytoj vakare ryte dabar valandą valandų minučių nustatyk paleisk grok pridėk rask rodyk
            parodyk primink ištrink atšauk išjunk visus visi žadintuvas žadintuvą žadintuvus priminimas
            priminimus priminimą oras orai lauke lis dainą dainas ačiū labas štai noriu rasti ieškok
            rodo rodomas filmas serialo grojaraštį netoli netoliese""",
        "lv": """un vai bet ne nav ir bija būs būt uz no ar bez pie pa par līdz ka kā kad ja tas šis es
            tu viņš viņa mēs jūs man tev mans tavs kas kāds kāda kur cik ļoti jau arī šodien rīt vakarā
            tagad pulksten minūtes iestati atskaņo pievieno atrodi parādi atgādini dzēs atcel visus
            modinātājs laiks dziesma paldies sveiki""",
        "sr": """i ili ali ne nije je su bio bila bilo biti će ću ćeš ima u na do iz sa od po za o uz da
            se si to taj ta te ovo ovaj ja ti on ona mi vi oni mene me tebe moj moja moje moju mog tvoj
            njegov šta što koji koja koje kada kad gde gdje kako ko tko koliko ako više vrlo već takođe
            danas sutra večeras ujutru sada sati sat minuta postavi pusti dodaj nađi pronađi pokaži
            prikaži podseti obriši otkaži ukloni sve alarm alarme podsetnik podsetnike podsetnika vreme
            vrijeme pesma pesmu hvala zdravo evo daj ocenu bioskopu plejlistu film knjigu""",
        "sw": """na ya wa la za cha vya kwa ni si katika kutoka hadi kama au lakini hii hiyo huu huo
            hizi hizo hapa mimi wewe yeye sisi nyinyi wao yangu yako yake yetu yao wangu wako wake nini
            gani lini wapi vipi nani kiasi zaidi sana pia tu bado sasa leo kesho usiku asubuhi jioni
            mchana saa dakika siku weka cheza ongeza tafuta onyesha nionyeshe nikumbushe kumbusha futa
            ghairi kengele kikumbusho hali hewa wimbo muziki orodha meza asante habari sawa tayari
            imewekwa nitakukumbusha itakuwa una nina iko kuna bei nyuzi jua je tafadhali tena kuwa
            nataka unaweza naweza hebu nipe nipatie niambie niwekee niamshe zote yote wote ile yule kila
            bila ndiyo hapana sahihi filamu benki pesa fedha kidogo ngapi kamili mara moja mbili karibu
            nimeweka nimefuta nimepata nimeipata imefutwa imeongezwa zima ambayo inayolia kujua
            kusikiliza kutazama kukumbusha kukumbushwa sitakukumbusha badilisha kubadilisha
            nikibadilisha tarehe mvua baridi joto kalenda kumi saba tisa watu kitabu treni hoteli
            mgahawa mji nchi baada kabla inaanza itaanza furahia ziko uko sihitaji nimekosea thibitisha
            iangalie""",
        "ca": """el la els les un una uns unes de del dels a al als en amb per i o però no és són era
            està ser té hi ha que es seu seva meu meva jo tu ell ella nosaltres què quin quan on com si
            més molt ja també fins aquest aquesta avui demà vespre matí ara hora hores minuts posa
            reprodueix afegeix troba mostra recorda'm cancel·la gràcies""",
        "gl": """o a os as un unha de do da dos das en no na con por para e ou pero non é son era está
            ser ten hai que se seu súa meu miña eu ti el ela nós cal cando onde como si máis moi xa
            tamén ata este esta hoxe mañá noite agora hora horas minutos pon reproduce engade grazas""",
        "ru": """и в во на с со по для из от до за о об у к ко при над под без не нет да но или а
            что это эта этот эти как так кто где когда почему сколько какой какая какие если то же
            уже ещё ли бы был была было были есть будет будут быть я ты он она оно мы вы они мне
            меня тебе тебя вам вас нам нас его её их мой моя мои мою твой ваш ваша ваше ваши свой
            себя все всё всех сейчас сегодня завтра утром вечером ночью днём часов часа час часы
            часах минут минуты время времени поставь поставлен установи включи добавь найди покажи
            напомни удали отмени закажи забронируй переведи готово хорошо будильник напоминание
            погода песня фильм цена столик поезд рубль спасибо пожалуйста привет здесь вот градусов
            отправление объявлен ищу щас""",
        "uk": """і й та в у на з із зі по для від до за про при над під без не ні так але або а що
            це ця цей ці як хто де коли чому скільки який яка які якщо то вже ще чи був була було
            були є буде будуть я ти він вона воно ми ви вони мені мене тобі тебе вам вас нам нас
            його її їх мій моя мої твій ваш всі все зараз сьогодні завтра вранці ввечері годин
            година годині хвилин час постав увімкни додай знайди покажи нагадай видали скасуй готово
            будильник нагадування погода пісня фільм дякую будь ласка привіт тут ось градусів щось
            об'єкт""",
        "bg": """и в във на с със по за от до при над под без не да но или а че това тази този тези
            как така кой коя къде кога защо колко какво какъв ако то вече още ли би бил беше бяха е
            са съм си сте ще бъде аз ти той тя ние вие те ми ме ви ни го я ги му й им мой моя моят
            твой ваш всички всичко сега днес утре сутринта вечерта часа часът минути настрой пусни
            добави намери покажи напомни изтрий отмени готово аларма будилник напомняне времето
            песен филм благодаря моля здравей тук ето градуса""",
    }.items()
}
