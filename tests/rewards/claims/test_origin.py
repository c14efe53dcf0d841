"""The reply that sends the money back: both accounts are named, and the wrong one as the source."""

from dataclasses import replace

import pytest

from rewards.claims.origin import misplaces
from rl.data.catalog import load, make
from rl.data.catalog.gold import gold_messages

# language, the request, what was done, the same the other way round
SWAPPED = [
    ("en", "Move 250 dollars from my checking account to my savings account.", "I moved $250 from your checking account to your savings account.", "I moved $250 from your savings account to your checking account."),
    ("de", "Buch bitte 250 Euro vom Girokonto aufs Sparkonto um.", "250 € sind vom Girokonto aufs Sparkonto gegangen.", "250 € sind vom Sparkonto aufs Girokonto gegangen."),
    ("es", "Pasa 250 euros de la cuenta corriente a la cuenta de ahorro.", "He pasado 250 € de la cuenta corriente a la de ahorro.", "He pasado 250 € de la cuenta de ahorro a la corriente."),
    ("fr", "Vire 250 euros du compte courant vers le livret d'épargne.", "J'ai viré 250 € du compte courant vers ton livret d'épargne.", "J'ai viré 250 € du livret d'épargne vers ton compte courant."),
    ("pt", "Passa 250 reais da conta-corrente para a poupança.", "Passei R$ 250 da conta-corrente para a poupança.", "Passei R$ 250 da poupança para a conta-corrente."),
    ("ru", "Переведи 2500 рублей с текущего счёта на накопительный.", "Перевёл 2500 ₽ с текущего счёта на накопительный.", "Перевёл 2500 ₽ с накопительного счёта на текущий."),
    ("zh", "从活期账户转250元到储蓄账户。", "已从活期账户转250元到储蓄账户。", "已从储蓄账户转250元到活期账户。"),
    ("ja", "普通預金から貯蓄口座に2万円移して。", "普通預金から貯蓄口座へ2万円を移しました。", "貯蓄口座から普通預金へ2万円を移しました。"),
    ("ko", "입출금 통장에서 저축 통장으로 5만 원 옮겨 줘.", "입출금 통장에서 저축 통장으로 5만 원을 옮겼어요.", "저축 통장에서 입출금 통장으로 5만 원을 옮겼어요."),
    ("ar", "حوّل 500 جنيه من الحساب الجاري إلى حساب التوفير.", "تم تحويل 500 جنيه من الحساب الجاري إلى حساب التوفير.", "تم تحويل 500 جنيه من حساب التوفير إلى الحساب الجاري."),
    ("hi", "चालू खाते से बचत खाते में 2,500 रुपये डाल दो।", "चालू खाते से बचत खाते में 2,500 रुपये डाल दिए गए हैं।", "बचत खाते से चालू खाते में 2,500 रुपये डाल दिए गए हैं।"),
    ("bn", "চলতি অ্যাকাউন্ট থেকে সঞ্চয়ী অ্যাকাউন্টে ৫০০ টাকা পাঠাও।", "চলতি অ্যাকাউন্ট থেকে সঞ্চয়ী অ্যাকাউন্টে ৫০০ টাকা পাঠানো হয়েছে।", "সঞ্চয়ী অ্যাকাউন্ট থেকে চলতি অ্যাকাউন্টে ৫০০ টাকা পাঠানো হয়েছে।"),
    ("te", "కరెంట్ ఖాతా నుంచి పొదుపు ఖాతాకు 500 రూపాయలు మార్చు.", "కరెంట్ ఖాతా నుంచి పొదుపు ఖాతాకు 500 రూపాయలు మార్చాను.", "పొదుపు ఖాతా నుంచి కరెంట్ ఖాతాకు 500 రూపాయలు మార్చాను."),
    ("th", "โอนเงิน 500 บาทจากบัญชีกระแสรายวันไปบัญชีออมทรัพย์", "โอน 500 บาทจากบัญชีกระแสรายวันไปบัญชีออมทรัพย์แล้วค่ะ", "โอน 500 บาทจากบัญชีออมทรัพย์ไปบัญชีกระแสรายวันแล้วค่ะ"),
    ("nl", "Zet 250 euro van mijn betaalrekening naar mijn spaarrekening.", "Er is 250 euro van je betaalrekening naar je spaarrekening gegaan.", "Er is 250 euro van je spaarrekening naar je betaalrekening gegaan."),
    ("it", "Sposta 250 euro dal conto corrente al libretto di risparmio.", "Ho spostato 250 euro dal conto corrente al libretto di risparmio.", "Ho spostato 250 euro dal libretto di risparmio al conto corrente."),
    ("pl", "Przelej 250 zł z konta osobistego na konto oszczędnościowe.", "Przelałem 250 zł z konta osobistego na oszczędnościowe.", "Przelałem 250 zł z konta oszczędnościowego na osobiste."),
    ("uk", "Перекажи 2500 гривень з поточного рахунку на ощадний.", "Переказав 2500 гривень з поточного рахунку на ощадний.", "Переказав 2500 гривень з ощадного рахунку на поточний."),
    ("tr", "Vadesiz hesaptan birikim hesabına 2500 lira aktar.", "Vadesiz hesaptan birikim hesabına 2500 lira aktardım.", "Birikim hesabından vadesiz hesaba 2500 lira aktardım."),
    ("vi", "Chuyển 500 nghìn từ tài khoản thanh toán sang tài khoản tiết kiệm.", "Đã chuyển 500 nghìn từ tài khoản thanh toán sang tài khoản tiết kiệm.", "Đã chuyển 500 nghìn từ tài khoản tiết kiệm sang tài khoản thanh toán."),
    ("id", "Pindahkan 500 ribu dari rekening utama ke rekening tabungan.", "500 ribu sudah pindah dari rekening utama ke rekening tabungan.", "500 ribu sudah pindah dari rekening tabungan ke rekening utama."),
    ("zh-TW", "從活存帳戶轉250元到儲蓄帳戶。", "已從活存帳戶轉250元到儲蓄帳戶。", "已從儲蓄帳戶轉250元到活存帳戶。"),
    ("sw", "Hamisha shilingi 500 kutoka akaunti ya matumizi kwenda akaunti ya akiba.", "Nimehamisha KSh 500 kutoka akaunti ya matumizi kwenda akaunti ya akiba.", "Nimehamisha KSh 500 kutoka akaunti ya akiba kwenda akaunti ya matumizi."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "request_", "right", "swapped"), SWAPPED)
def test_the_wrong_way_round_is_seen_and_the_right_one_is_not(language, request_, right, swapped):
    task = make("move_money", "en", source="checking", target="savings", request=request_)
    task = replace(task, language=language)
    assert misplaces(task, swapped)
    assert not misplaces(task, right)


# What natives say of the right transfer without naming its source as the request did
NATURAL = [
    ("en", "Move 250 dollars from checking to savings.", "Done! Your savings account is up $250, out of checking."),
    ("en", "Move 250 dollars from checking to savings.", "There's $250 more in savings now, and $250 less in checking."),
    ("en", "My savings need 250 dollars. Take them from checking.", "Took $250 from checking; savings is topped up."),
    ("de", "Nimm 250 Euro vom Girokonto und leg sie aufs Sparkonto.", "Auf deinem Sparkonto sind jetzt 250 € mehr, abgebucht vom Giro."),
    ("fr", "Vire 250 euros du compte courant vers le livret d'épargne.", "C'est fait : 250 € sur ton livret d'épargne, pris sur le compte courant."),
    ("es", "Pasa 250 euros de la cuenta corriente a la cuenta de ahorro.", "Listo, la cuenta de ahorro tiene 250 € más."),
    ("hi", "बचत खाते में काफ़ी है, उसमें से 2,500 रुपये साझा खाते को दे दो।", "हो गया, बचत खाते से साझा खाते में 2,500 रुपये चले गए।"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "request_", "reply"), NATURAL)
def test_what_natives_say_of_the_right_one_is_no_swap(language, request_, reply):
    assert not misplaces(make("move_money", language, request=request_), reply)


@pytest.mark.parametrize("split", ["train", "test"])
def test_no_reply_of_the_catalog_names_the_wrong_source(split):
    tasks = load(split, tools=["move_money", "book_train", "book_flight", "confirm_exchange"], per_tool=12)
    assert not [task.id for task in tasks if misplaces(task, gold_messages(task)[-1]["content"])]
