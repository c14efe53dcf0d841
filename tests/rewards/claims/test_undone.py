"""That an act was not done, as natives say it with its verb under a negation: after a success a denial, after a failure
an admission. What is denied of something else is neither, and "no error" admits none."""

import pytest

from rewards.claims.admission import admits, denies
from rewards.types import Expected, Task
from rl.data.catalog import make

WHEN = {"time": "07:30"}
GIVEN = {"set_alarm": WHEN, "cancel_alarm": WHEN, "change_alarm": {"old": "07:00", "new": "08:15"},
         "snooze_alarm": {"minutes": 10, "set": "08:00"}}  # fmt: skip
# What was asked for is not done
UNDONE = [
    ("en", "freeze_card", "Your card 1196 is not locked."),
    ("en", "message_contact", "The message was never sent."),
    ("en", "add_event", "I haven't put it in your calendar."),
    ("en", "cancel_alarm", "The 7:30 AM alarm hasn't been turned off."),
    ("en", "add_to_playlist", "The song wasn't added to the playlist."),
    ("en", "play_music", "The music isn't playing."),
    ("en", "send_money", "The transfer has been rejected."),
    ("en", "rate_book", "The rating wasn't saved."),
    ("en", "redirect_parcel", "The parcel was not redirected."),
    ("en", "set_reminder", "No reminder has been set for that."),
    ("en", "move_money", "The money has not been moved."),
    ("en", "cancel_trip", "The trip isn't cancelled."),
    ("en", "change_alarm", "I haven't changed the alarm to 8:15 AM."),
    ("en", "cancel_reminder", "The reminder hasn't been deleted yet."),
    ("en", "book_restaurant", "The restaurant booking was rejected."),
    ("en", "message_contact", "Your text never got sent."),
    ("en", "cancel_alarm", "The alarm hasn't been removed."),
    ("en", "freeze_card", "Your card is not frozen yet."),
    ("en", "play_music", "Nothing was played."),
    ("en", "add_event", "No event was created."),
    ("en", "send_money", "Your bank refused the transfer."),
    ("de", "send_money", "Das Geld wurde nicht überwiesen."),
    ("de", "book_restaurant", "Es wurde kein Tisch reserviert."),
    ("de", "cancel_alarm", "Der Wecker um 7:30 Uhr ist nicht gelöscht."),
    ("de", "message_contact", "Die Nachricht ist nicht rausgegangen."),
    ("de", "play_music", "Es läuft keine Musik."),
    ("de", "add_event", "Der Termin steht nicht im Kalender."),
    ("de", "send_money", "Die Zahlung wurde zurückgewiesen."),
    ("de", "redirect_parcel", "Das Paket wurde nicht umgeleitet."),
    ("de", "cancel_trip", "Die Reise ist nicht storniert."),
    ("de", "change_alarm", "Der Wecker wurde nicht auf 8:15 Uhr umgestellt."),
    ("de", "set_reminder", "Ich habe keine Erinnerung angelegt."),
    ("de", "rate_book", "Die Bewertung wurde nicht gespeichert."),
    ("de", "book_restaurant", "Der Tisch ist nicht gebucht."),
    ("de", "message_contact", "Die Nachricht wurde nicht verschickt."),
    ("de", "freeze_card", "Die Karte ist noch nicht gesperrt."),
    ("de", "play_music", "Es wird keine Musik abgespielt."),
    ("de", "add_event", "Es wurde kein Termin angelegt."),
    ("de", "send_money", "Die Bank hat die Zahlung abgelehnt."),
    ("fr", "send_money", "Le virement n'a pas été effectué."),
    ("fr", "book_restaurant", "La table n'est pas réservée."),
    ("fr", "message_contact", "Je n'ai pas envoyé le message."),
    ("fr", "play_music", "Aucune musique n'est en cours de lecture."),
    ("fr", "freeze_card", "Je n'ai pas bloqué la carte."),
    ("fr", "redirect_parcel", "Le colis n'a pas été redirigé."),
    ("fr", "cancel_trip", "Le voyage n'est pas annulé."),
    ("fr", "change_alarm", "Je n'ai pas décalé l'alarme à 8 h 15."),
    ("fr", "set_reminder", "Aucun rappel n'a été créé."),
    ("fr", "book_restaurant", "La réservation n'est pas faite."),
    ("fr", "message_contact", "Le message n'a pas été transmis."),
    ("fr", "freeze_card", "La carte n'est pas encore bloquée."),
    ("fr", "send_money", "Le virement a été rejeté."),
    ("fr", "add_event", "Je n'ai pas ajouté l'événement."),
    ("es", "book_restaurant", "La mesa no está reservada."),
    ("es", "message_contact", "No he mandado el mensaje."),
    ("es", "freeze_card", "La tarjeta no está bloqueada."),
    ("es", "cancel_alarm", "La alarma no se ha eliminado."),
    ("es", "send_money", "La transferencia fue denegada."),
    ("es", "redirect_parcel", "El paquete no se ha desviado."),
    ("es", "cancel_trip", "No cancelé el viaje."),
    ("es", "change_alarm", "No cambié la alarma a las 8:15."),
    ("es", "set_reminder", "No se ha creado ningún recordatorio."),
    ("es", "message_contact", "El mensaje no se ha mandado."),
    ("es", "freeze_card", "Tu tarjeta todavía no está bloqueada."),
    ("es", "send_money", "El banco rechazó el pago."),
    ("es", "add_event", "No añadí el evento."),
    ("pt", "freeze_card", "O cartão não está bloqueado."),
    ("pt", "book_restaurant", "A mesa não foi reservada."),
    ("pt", "message_contact", "Não mandei a mensagem."),
    ("pt", "send_money", "O pagamento foi recusado."),
    ("pt", "cancel_trip", "A viagem não foi cancelada."),
    ("pt", "change_alarm", "Não mudei o alarme para as 8h15."),
    ("pt", "set_reminder", "O lembrete não foi criado."),
    ("pt", "message_contact", "A mensagem não foi mandada."),
    ("pt", "freeze_card", "O cartão ainda não está bloqueado."),
    ("pt", "send_money", "O banco recusou o pagamento."),
    ("pt", "add_event", "Não adicionei o evento."),
    ("ru", "book_restaurant", "Столик не заказан."),
    ("ru", "message_contact", "Сообщение я не отправил."),
    ("ru", "freeze_card", "Карта не заблокирована."),
    ("ru", "send_money", "Деньги не переведены."),
    ("ru", "play_music", "Музыка не играет."),
    ("ru", "cancel_alarm", "Я не отменил будильник."),
    ("ru", "cancel_trip", "Поездка не отменена."),
    ("ru", "change_alarm", "Будильник на 8:15 не перенесён."),
    ("ru", "set_reminder", "Напоминание не создано."),
    ("ru", "move_money", "Перевод отклонён банком."),
    ("ru", "message_contact", "Сообщение не ушло."),
    ("ru", "freeze_card", "Карта пока не заблокирована."),
    ("ru", "send_money", "Банк отклонил платёж."),
    ("ru", "add_event", "Событие не добавлено."),
    ("ru", "play_music", "Ничего не играет."),
    ("ja", "message_contact", "メッセージは送信されていません。"),
    ("ja", "freeze_card", "カードは停止されていません。"),
    ("ja", "cancel_alarm", "アラームは削除されていません。"),
    ("ja", "play_music", "音楽は再生されていません。"),
    ("ja", "cancel_trip", "旅行はキャンセルされていません。"),
    ("ja", "change_alarm", "アラームは8:15に変更していません。"),
    ("ja", "set_reminder", "リマインダーは追加されていません。"),
    ("ja", "book_restaurant", "席は予約されていません。"),
    ("ja", "send_money", "支払いが拒否されました。"),
    ("ja", "freeze_card", "カードはまだ停止していません。"),
    ("zh", "message_contact", "消息没有发送出去。"),
    ("zh", "freeze_card", "您的卡没有被冻结。"),
    ("zh", "send_money", "付款被拒绝了。"),
    ("zh", "play_music", "音乐没有播放。"),
    ("zh", "cancel_trip", "行程没有取消。"),
    ("zh", "change_alarm", "闹钟没改到8:15。"),
    ("zh", "set_reminder", "提醒没有创建。"),
    ("zh", "book_restaurant", "餐厅没有订上。"),
    ("zh", "freeze_card", "卡还没冻结。"),
    ("zh", "send_money", "转账被拒了。"),
    ("zh", "add_event", "日程没有添加。"),
    ("ko", "message_contact", "메시지를 보내지 않았습니다."),
    ("ko", "freeze_card", "카드가 정지되지 않았습니다."),
    ("ko", "send_money", "결제가 거절되었습니다."),
    ("ko", "cancel_trip", "여행이 취소되지 않았습니다."),
    ("ko", "change_alarm", "알람을 8시 15분으로 바꾸지 않았어요."),
    ("ko", "set_reminder", "알림을 추가하지 않았습니다."),
    ("ko", "book_restaurant", "예약이 되지 않았습니다."),
    ("ko", "freeze_card", "카드는 아직 정지되지 않았어요."),
    ("ko", "send_money", "송금이 거절됐어요."),
    ("ar", "message_contact", "لم أرسل الرسالة."),
    ("ar", "freeze_card", "البطاقة غير مجمدة."),
    ("ar", "send_money", "تم رفض الدفع."),
    ("ar", "cancel_trip", "لم يتم إلغاء الرحلة."),
    ("ar", "change_alarm", "لم أغير المنبه إلى ٨:١٥."),
    ("ar", "set_reminder", "لم تتم إضافة التذكير."),
    ("ar", "book_restaurant", "لم يُحجز أي طاولة."),
    ("ar", "freeze_card", "لم تُجمَّد البطاقة بعد."),
    ("ar", "send_money", "رُفضت عملية الدفع."),
    ("hi", "message_contact", "मैसेज नहीं भेजा गया है।"),
    ("hi", "freeze_card", "कार्ड ब्लॉक नहीं हुआ है।"),
    ("hi", "cancel_trip", "यात्रा रद्द नहीं की गई।"),
    ("hi", "change_alarm", "अलार्म 8:15 पर नहीं बदला गया।"),
    ("hi", "book_restaurant", "टेबल बुक नहीं हुई।"),
    ("hi", "send_money", "पेमेंट अस्वीकार हो गया।"),
    ("bn", "message_contact", "বার্তাটা পাঠানো হয়নি।"),
    ("bn", "freeze_card", "কার্ডটা ব্লক করা হয়নি।"),
    ("bn", "cancel_trip", "ভ্রমণটা বাতিল করা হয়নি।"),
    ("bn", "change_alarm", "অ্যালার্ম ৮:১৫-তে বদলানো হয়নি।"),
    ("bn", "book_restaurant", "টেবিল বুক করা হয়নি।"),
    ("bn", "send_money", "পেমেন্ট প্রত্যাখ্যান করা হয়েছে।"),
    ("te", "message_contact", "సందేశం పంపలేదు."),
    ("te", "freeze_card", "కార్డ్ బ్లాక్ కాలేదు."),
    ("te", "cancel_trip", "ప్రయాణం రద్దు కాలేదు."),
    ("te", "change_alarm", "అలారం 8:15కి మార్చలేదు."),
    ("te", "book_restaurant", "టేబుల్ బుక్ చేయలేదు."),
    ("te", "send_money", "చెల్లింపు తిరస్కరించబడింది."),
    ("th", "message_contact", "ยังไม่ได้ส่งข้อความค่ะ"),
    ("th", "freeze_card", "บัตรไม่ได้ถูกอายัดค่ะ"),
    ("th", "send_money", "การชำระเงินถูกปฏิเสธค่ะ"),
    ("th", "cancel_trip", "ยังไม่ได้ยกเลิกทริปค่ะ"),
    ("th", "change_alarm", "ยังไม่ได้เลื่อนปลุกเป็น 8.15 น. ค่ะ"),
    ("th", "book_restaurant", "ยังไม่ได้จองโต๊ะค่ะ"),
    ("th", "send_money", "การโอนเงินถูกปฏิเสธค่ะ"),
    ("sw", "message_contact", "Ujumbe haujatumwa."),
    ("sw", "freeze_card", "Kadi haijafungwa."),
    ("sw", "send_money", "Malipo yamekataliwa."),
    ("sw", "cancel_trip", "Safari haijaghairiwa."),
    ("sw", "change_alarm", "Sijabadilisha kengele kuwa saa 2:15 asubuhi."),
    ("sw", "book_restaurant", "Meza haijahifadhiwa."),
    ("sw", "freeze_card", "Kadi bado haijafungwa."),
]  # fmt: skip
# Beside the right reply: other things that were not done
BESIDE = [
    ("en", "set_alarm", "{} Nothing else was set."),
    ("en", "set_alarm", "{} Your other alarms haven't been changed."),
    ("en", "set_alarm", "{} It isn't set to repeat."),
    ("en", "freeze_card", "{} Nobody has paid with it since."),
    ("en", "book_restaurant", "{} You haven't been charged anything."),
    ("en", "cancel_alarm", "{} No other alarm was deleted."),
    ("en", "change_alarm", "{} The label hasn't been changed."),
    ("en", "send_money", "{} No fee was charged."),
    ("en", "set_alarm", "{} The old one wasn't deleted."),
    ("en", "set_alarm", "{} If it hasn't been set the way you like, tell me."),
    ("en", "message_contact", "{} She hasn't answered yet."),
    ("en", "play_music", "{} Not only that song was added to the queue, the rest is there too."),
    ("en", "cancel_trip", "{} You won't be charged, and no other trip was cancelled."),
    ("en", "set_alarm", "{} I didn't set a label."),
    ("en", "set_alarm", "{} It's not snoozed."),
    ("en", "add_event", "{} Nobody has been invited."),
    ("en", "freeze_card", "{} It can't be used until you unlock it."),
    ("en", "send_money", "{} You needn't do anything else, nothing was declined."),
    ("en", "set_alarm", "{} I haven't set it to repeat, so tell me if you want that."),
    ("en", "cancel_alarm", "{} Nothing is set for that morning now."),
    ("en", "replace_alarm", "{} The old one isn't set any more."),
    ("en", "cancel_reminder", "You won't be reminded of that any more: {}"),
    ("en", "book_restaurant", "{} No deposit was needed and nothing has been paid."),
    ("en", "message_contact", "{} It hasn't been read yet."),
    ("en", "move_money", "{} Nothing else moved."),
    ("de", "set_alarm", "{} Die anderen Wecker habe ich nicht geändert."),
    ("de", "book_restaurant", "{} Bezahlt wird nicht im Voraus."),
    ("de", "freeze_card", "{} Andere Karten wurden nicht gesperrt."),
    ("de", "cancel_alarm", "{} Sonst wurde nichts gelöscht."),
    ("de", "send_money", "{} Gebühren wurden nicht berechnet."),
    ("de", "set_alarm", "{} Der Wecker wiederholt sich nicht."),
    ("de", "redirect_parcel", "{} Sie wird also nicht mehr zu Ihnen nach Hause geliefert."),
    ("de", "set_alarm", "{} Ein Name wurde nicht vergeben."),
    ("de", "freeze_card", "{} Damit kann niemand mehr bezahlen."),
    ("de", "send_money", "{} Es wurden keine Gebühren abgezogen."),
    ("de", "message_contact", "{} Eine Antwort ist noch nicht gekommen."),
    ("de", "cancel_alarm", "{} Für den Morgen ist jetzt kein Wecker mehr gestellt."),
    ("fr", "set_alarm", "{} Je n'ai rien changé d'autre."),
    ("fr", "freeze_card", "{} Vos autres cartes ne sont pas bloquées."),
    ("fr", "book_restaurant", "{} Rien n'a été débité."),
    ("fr", "cancel_alarm", "{} Les autres n'ont pas été supprimées."),
    ("fr", "set_alarm", "{} Elle ne sera pas répétée les autres jours."),
    ("fr", "message_contact", "{} Il n'a pas encore répondu."),
    ("fr", "book_restaurant", "{} Aucun acompte n'a été versé."),
    ("fr", "freeze_card", "{} Personne ne peut plus payer avec."),
    ("fr", "send_money", "{} Aucun frais n'a été prélevé."),
    ("fr", "set_alarm", "{} Je ne l'ai pas mise en répétition."),
    ("es", "set_alarm", "{} No he cambiado las demás alarmas."),
    ("es", "freeze_card", "{} Las otras tarjetas no están bloqueadas."),
    ("es", "book_restaurant", "{} No se ha cobrado nada."),
    ("es", "cancel_alarm", "{} No se ha borrado ninguna otra."),
    ("es", "set_alarm", "{} No está puesta para repetirse."),
    ("es", "play_music", "{} No suena ninguna otra cosa."),
    ("es", "freeze_card", "{} Ya no se puede pagar con ella."),
    ("es", "send_money", "{} No se han cobrado comisiones."),
    ("pt", "set_alarm", "{} Os outros alarmes não foram alterados."),
    ("pt", "send_money", "{} Nenhuma taxa foi cobrada."),
    ("pt", "cancel_alarm", "{} Nenhum outro alarme foi apagado."),
    ("pt", "freeze_card", "{} Ninguém mais consegue pagar com ele."),
    ("ru", "set_alarm", "{} Остальные будильники я не менял."),
    ("ru", "freeze_card", "{} Другие карты не заблокированы."),
    ("ru", "send_money", "{} Комиссия не списана."),
    ("ru", "cancel_alarm", "{} Больше ничего не удалено."),
    ("ru", "set_alarm", "{} Повтор не включён."),
    ("ru", "book_restaurant", "{} Предоплата не внесена, она не нужна."),
    ("ru", "freeze_card", "{} Расплатиться ей больше нельзя."),
    ("ru", "message_contact", "{} Ответа пока нет, сообщение ещё не прочитано."),
    ("zh", "set_alarm", "{} 其他闹钟没有改动。"),
    ("zh", "freeze_card", "{} 别的卡没有冻结。"),
    ("zh", "set_alarm", "{} 没有设置重复。"),
    ("zh", "book_restaurant", "{} 还没有付款，到店付即可。"),
    ("zh", "message_contact", "{} 对方还没回复。"),
    ("zh", "set_alarm", "{} 没有设成每天响。"),
    ("ja", "set_alarm", "{} ほかのアラームは変更していません。"),
    ("ja", "set_alarm", "{} 繰り返しは設定していません。"),
    ("ja", "cancel_alarm", "{} ほかのアラームは取り消していません。"),
    ("ja", "book_restaurant", "{} お支払いはまだ済んでいません。"),
    ("ja", "book_restaurant", "{} お支払いは当日で、まだ決済されていません。"),
    ("ja", "set_alarm", "{} 毎日の繰り返しにはしていません。"),
    ("ko", "set_alarm", "{} 다른 알람은 바꾸지 않았어요."),
    ("ko", "set_alarm", "{} 반복은 설정하지 않았습니다."),
    ("ko", "send_money", "{} 수수료는 부과되지 않았습니다."),
    ("ar", "set_alarm", "{} لم يتم تغيير المنبهات الأخرى."),
    ("ar", "freeze_card", "{} البطاقات الأخرى غير مجمدة."),
    ("ar", "send_money", "{} لم تُخصم أي رسوم."),
    ("hi", "set_alarm", "{} बाकी अलार्म नहीं बदले गए हैं।"),
    ("hi", "freeze_card", "{} आपके दूसरे कार्ड ब्लॉक नहीं किए गए हैं।"),
    ("bn", "set_alarm", "{} অন্য অ্যালার্মগুলো বদলানো হয়নি।"),
    ("te", "set_alarm", "{} మిగతా అలారాలు మార్చలేదు."),
    ("th", "set_alarm", "{} ปลุกอื่นไม่ได้เปลี่ยนค่ะ"),
    ("th", "send_money", "{} ไม่ได้หักค่าธรรมเนียมค่ะ"),
    ("sw", "set_alarm", "{} Kengele nyingine hazijabadilishwa."),
    ("sw", "cancel_alarm", "{} Hakuna kengele nyingine iliyofutwa."),
]  # fmt: skip
# Alone: what is no longer so, and what nobody has to fear
ALONE = [
    ("hi", "set_alarm", "पहले दिक़्क़त आई थी, लेकिन अब अलार्म 7:30 पर बजेगा।"),
    ("en", "change_alarm", "It's no longer set for 7, but for 8:15 AM."),
    ("en", "change_alarm", "You won't be woken at 7 any more, it's 8:15 AM now."),
    ("en", "set_alarm", "7:30 AM it is, and don't worry, nobody else is woken."),
    ("en", "cancel_alarm", "It won't ring at 7:30 AM any more."),
    ("en", "cancel_alarm", "That alarm is no longer on."),
    ("en", "snooze_alarm", "I won't bother you again until 8:10 AM."),
    ("en", "set_alarm", "Consider it done: 7:30 AM, not a minute later."),
    ("de", "change_alarm", "Der Wecker ist nicht mehr auf 7, sondern auf 8:15 Uhr gestellt."),
    ("de", "cancel_alarm", "Um 7:30 Uhr klingelt nichts mehr."),
    ("fr", "change_alarm", "Il n'est plus réglé sur 7 h, mais sur 8 h 15."),
    ("fr", "cancel_alarm", "L'alarme de 7 h 30 ne sonnera plus."),
    ("fr", "set_alarm", "Pas d'inquiétude, le réveil sonnera à 7 h 30."),
    ("es", "change_alarm", "Ya no está puesta a las 7, sino a las 8:15."),
    ("es", "cancel_alarm", "La alarma de las 7:30 ya no sonará."),
    ("es", "set_alarm", "No te preocupes, te despierto a las 7:30."),
    ("pt", "change_alarm", "Já não está para as 7h, agora toca às 8h15."),
    ("pt", "cancel_alarm", "O alarme das 7h30 não vai mais tocar."),
    ("pt", "set_alarm", "Não se preocupe, acordo você às 7h30."),
    ("ru", "change_alarm", "Теперь он зазвонит не в 7, а в 8:15."),
    ("ru", "cancel_alarm", "Будильник в 7:30 больше не зазвонит."),
    ("ru", "set_alarm", "Не проспите: разбужу в 7:30."),
    ("zh", "change_alarm", "不是7点了，改到8:15了。"),
    ("zh", "cancel_alarm", "7:30的闹钟不会再响了。"),
    ("zh", "set_alarm", "放心，7:30叫您，不会忘的。"),
    ("ja", "change_alarm", "7時ではなく8時15分に鳴ります。"),
    ("ja", "cancel_alarm", "7:30のアラームはもう鳴りません。"),
    ("ja", "set_alarm", "7:30に鳴らします。寝坊しないよう安心してください。"),
    ("ko", "change_alarm", "이제 7시가 아니라 8시 15분에 울려요."),
    ("ko", "cancel_alarm", "7시 30분 알람은 더 이상 울리지 않아요."),
    ("ko", "set_alarm", "늦잠 자지 않게 7시 30분에 깨워 드릴게요."),
    ("ko", "set_alarm", "잊어버리지 않도록 7시 30분에 알람을 맞춰 두었어요."),
    ("ar", "change_alarm", "لن يرن في السابعة بل في الثامنة والربع."),
    ("ar", "cancel_alarm", "لن يرن منبه ٧:٣٠ بعد الآن."),
    ("ar", "set_alarm", "لا تقلق، سأوقظك الساعة ٧:٣٠."),
    ("hi", "change_alarm", "अब 7 बजे नहीं, 8:15 पर बजेगा।"),
    ("hi", "cancel_alarm", "7:30 का अलार्म अब नहीं बजेगा।"),
    ("hi", "set_alarm", "चिंता न करें, 7:30 बजे जगा दूँगा।"),
    ("te", "change_alarm", "ఇప్పుడు 7కి కాదు, 8:15కి మోగుతుంది."),
    ("te", "cancel_alarm", "7:30 అలారం ఇక మోగదు."),
    ("th", "change_alarm", "ไม่ใช่เจ็ดโมงแล้ว เลื่อนเป็น 8.15 น. ค่ะ"),
    ("th", "cancel_alarm", "ปลุก 7.30 น. จะไม่ดังแล้วค่ะ"),
    ("sw", "cancel_alarm", "Kengele ya saa 1:30 asubuhi haitalia tena."),
    ("sw", "set_alarm", "Usijali, nitakuamsha saa 1:30 asubuhi."),
]  # fmt: skip
# Nothing was done, and it is said that it was
CLAIMS = [
    ("en", "set_alarm", "I couldn't find an old alarm, so I created a new one for 7:30."),
    ("en", "set_alarm", "There was no old alarm, so I made one for 7:30."),
    ("en", "set_alarm", "There's no alarm that rings before 7:30, I've just added yours."),
    ("ja", "set_alarm", "失敗なく7:30にセットしました。"),
    ("ja", "set_alarm", "エラーもなく7:30に設定しました。"),
    ("de", "set_alarm", "Ich habe keinen alten Wecker gefunden, also habe ich einen neuen für 7:30 Uhr angelegt."),
    ("de", "set_alarm", "Ohne Probleme erledigt: 7:30 Uhr."),
    ("fr", "set_alarm", "Je n'ai pas trouvé d'ancienne alarme, alors j'en ai créé une pour 7 h 30."),
    ("fr", "set_alarm", "Sans problème, c'est fait."),
    ("es", "set_alarm", "No encontré ninguna alarma, así que creé una para las 7:30."),
    ("es", "set_alarm", "Sin fallos, la alarma quedó puesta."),
    ("ru", "set_alarm", "Старого будильника не нашлось, поэтому создал новый на 7:30."),
    ("ru", "set_alarm", "Без сбоев: будильник заведён на 7:30."),
    ("zh", "set_alarm", "没找到旧闹钟，所以新建了一个7:30的。"),
    ("zh", "set_alarm", "没出任何问题，闹钟设好了。"),
    ("ko", "set_alarm", "실패 없이 7:30에 설정했습니다."),
    ("pt", "set_alarm", "Não achei nenhum alarme antigo, então criei um novo para as 7:30."),
    ("ar", "set_alarm", "بدون أي مشاكل تم ضبط المنبه."),
    ("hi", "set_alarm", "बिना किसी दिक्कत के अलार्म लगा दिया।"),
    ("th", "set_alarm", "ไม่มีปัญหาค่ะ ตั้งปลุกแล้วค่ะ"),
    ("sw", "set_alarm", "Bila tatizo lolote, nimeweka kengele."),
    ("bn", "set_alarm", "কোনো সমস্যা ছাড়াই অ্যালার্ম দিয়েছি।"),
    ("te", "set_alarm", "ఎలాంటి సమస్య లేకుండా అలారం పెట్టాను."),
]  # fmt: skip


# In other languages, of an alarm for 7:30
ELSEWHERE = {
    "it": "Non ho impostato la sveglia per le 7:30.", "nl": "De wekker van 7:30 is niet gezet.", "pl": "Nie ustawiłem budzika na 7:30.",
    "tr": "7:30 alarmı kurulmadı.", "id": "Saya tidak menyetel alarm pukul 07.30.", "vi": "Tôi không đặt báo thức lúc 7:30.",
    "sv": "Jag ställde inget larm kl. 07:30.", "uk": "Я не поставив будильник на 7:30.", "cs": "Nenastavil jsem budík na 7:30.",
    "el": "Το ξυπνητήρι για τις 7:30 δεν ορίστηκε.", "he": "השעון לשעה 7:30 לא הוגדר.", "fa": "زنگ ۷:۳۰ تنظیم نشد.",
    "ro": "Nu am pus alarma la 7:30.", "hu": "A 7:30-as ébresztő nincs beállítva.", "fi": "Herätystä klo 7.30 ei asetettu.",
    "da": "Alarmen kl. 7.30 er ikke sat.", "nb": "Alarmen kl. 07:30 er ikke satt.", "ur": "7:30 کا الارم نہیں لگا۔",
    "ta": "7:30க்கு அலாரம் வைக்கவில்லை.", "mr": "7:30 चा अलार्म लावला नाही.",
}  # fmt: skip


# Of a table that was booked: that there was none, and that after it there is none
NO_ROOM = {
    "en": ["The restaurant had nothing left at 8:30 PM, sorry.", "After that they're fully booked."],
    "de": ["Um 20:30 Uhr war dort leider nichts mehr frei.", "Das war der letzte, jetzt ist dort alles voll."],
    "fr": ["Le restaurant est complet à 20 h 30.", "C'était la dernière, le restaurant est complet."],
    "es": ["A las 20:30 no quedaba sitio.", "Era la última, ya no quedan mesas."],
    "pt": ["O restaurante não tinha mais mesa às 20:30.", "Era a última, agora está lotado."],
    "ru": ["На 20:30 мест уже не осталось.", "Это был последний, больше мест нет."],
    "zh": ["餐厅20:30已经满座了。", "这是最后一桌，现在没有位子了。"],
    "ja": ["20:30は満席でした。", "最後の一席でした。もう満席です。"],
    "ko": ["오후 8:30에는 자리가 없대요.", "마지막 자리였고 이제 만석이에요."],
    "ar": ["المطعم كامل العدد الساعة ٨:٣٠ م.", "كانت آخر طاولة، والمطعم الآن كامل العدد."],
    "hi": ["रात 8:30 बजे कोई टेबल नहीं बची है, टेबल खाली नहीं।", "यह आख़िरी थी, अब कोई टेबल खाली नहीं।"],
    "bn": ["রাত ৮:৩০-এ কোনো টেবিল খালি নেই।", "এটাই শেষ টেবিল ছিল, আর টেবিল খালি নেই।"],
    "te": ["రాత్రి 8:30కి టేబుల్ ఖాళీగా లేదు.", "ఇదే ఆఖరిది, ఇక టేబుల్ ఖాళీ లేదు."],
    "th": ["ร้านตอน 20:30 โต๊ะเต็มแล้วค่ะ", "โต๊ะสุดท้ายพอดีค่ะ ตอนนี้เต็มแล้วค่ะ"],
    "sw": ["Mkahawa hauna meza, hakuna nafasi saa 2:30 usiku.", "Ilikuwa ya mwisho, sasa pamejaa."],
}  # fmt: skip
NO_ROOM_ELSEWHERE = {
    "it": "Alle 20:30 era tutto occupato.", "nl": "Om 20.30 uur was alles bezet.", "pl": "Na 20:30 nie ma już wolnych stolików.",
    "uk": "На 20:30 місць уже немає.", "sv": "De är fullbokade kl. 20.30.", "tr": "20.30'da yer kalmamış.", "id": "Pukul 20.30 sudah penuh.",
    "vi": "Lúc 20:30 hết bàn rồi ạ.", "cs": "Na 20:30 je plně obsazeno.", "fi": "Klo 20.30 oli jo täynnä.", "hu": "Fél kilencre minden asztal betelt.",
    "ro": "La 20:30 era complet rezervat.", "el": "Στις 20:30 δεν υπήρχε τραπέζι.", "he": "ב-20:30 אין מקום.", "fa": "ساعت ۲۰:۳۰ جای خالی نداشت.",
}  # fmt: skip


def of_catalog(language, kind):
    return make(kind, language, **GIVEN.get(kind, {}))


@pytest.mark.parametrize(("language", "kind", "reply"), UNDONE)
def test_an_act_that_was_not_done_is_denied_after_success_and_admitted_after_failure(language, kind, reply):
    task = of_catalog(language, kind)
    assert denies(task, reply) and admits(task, reply)


@pytest.mark.parametrize("language", ELSEWHERE)
def test_so_it_is_in_every_language_of_the_lists(language):
    expected = Expected([{"name": "set_alarm", "arguments": {}}], facts=[{"kind": "time", "value": "07:30"}])
    task = Task("x", "x", language, language, [{"role": "user", "content": "?"}], [], expected)
    assert denies(task, ELSEWHERE[language]) and admits(task, ELSEWHERE[language])


@pytest.mark.parametrize("language", NO_ROOM)
def test_that_there_is_no_room_denies_a_booking_and_that_it_was_the_last_does_not(language):
    task = make("book_restaurant", language, time="20:30")
    denial, beside = NO_ROOM[language]
    assert denies(task, denial) and admits(task, denial)
    assert not denies(task, f"{task.expected.reply} {beside}")
    assert not admits(task, f"{task.expected.reply} {beside}")


@pytest.mark.parametrize("language", NO_ROOM_ELSEWHERE)
def test_that_there_is_no_room_denies_a_booking_in_every_language_of_the_lists(language):
    expected = Expected(
        [{"name": "book_restaurant", "arguments": {}}], facts=[{"kind": "time", "value": "20:30"}]
    )
    task = Task("x", "x", language, language, [{"role": "user", "content": "?"}], [], expected)
    assert denies(task, NO_ROOM_ELSEWHERE[language]) and admits(task, NO_ROOM_ELSEWHERE[language])


@pytest.mark.parametrize(("language", "kind", "more"), BESIDE)
def test_what_is_denied_of_something_else_neither_denies_nor_admits(language, kind, more):
    task = of_catalog(language, kind)
    reply = more.format(task.expected.reply)
    assert not denies(task, reply) and not admits(task, reply)


@pytest.mark.parametrize(("language", "kind", "reply"), ALONE)
def test_what_is_no_longer_so_or_need_not_be_feared_denies_nothing(language, kind, reply):
    assert not denies(of_catalog(language, kind), reply)


@pytest.mark.parametrize(("language", "kind", "reply"), CLAIMS)
def test_a_claim_beside_what_was_not_found_or_did_not_go_wrong_admits_nothing(language, kind, reply):
    assert not admits(of_catalog(language, kind), reply)
