"""The request said again is no reply; an answer in the words of the question is one."""

from dataclasses import replace

import pytest

from rewards.claims.echo import answers, is_echo
from rewards.language import language_match
from rewards.samples import gold, trajectory
from rl.data.catalog import make, tasks
from tests.rewards.scripted import paid, preset

ANSWERS = {
    "de": ("Ist die Umsatzsteuer-ID {} gültig?", "Ja, die Umsatzsteuer-ID {} ist gültig."),
    "es": ("¿Es válido el número de IVA {}?", "Sí, el número de IVA {} es válido."),
    "fr": ("Est-ce que le numéro de TVA {} est valide ?", "Oui, le numéro de TVA {} est valide."),
    "ja": ("VAT番号 {} は有効ですか？", "VAT番号 {} は有効です。"),
    "ru": ("Действителен ли номер НДС {}?", "Да, номер НДС {} действителен."),
    "zh": ("增值税号 {} 有效吗？", "增值税号 {} 有效。"),
}
NUMBER = "IT00743110157"


def asked(language: str):
    request, reply = (text.format(NUMBER) for text in ANSWERS[language])
    task = make("check_vat", language, request=request)
    number = next(iter(task.expected.calls[0]["arguments"].values()))[0]
    return make("check_vat", language, request=request.replace(NUMBER, number)), reply.replace(NUMBER, number)


@pytest.mark.parametrize("language", ANSWERS)
def test_an_answer_in_the_words_of_the_question_is_paid_and_the_question_is_not(language: str) -> None:
    task, reply = asked(language)
    right = gold(task)
    question = task.messages[-1]["content"]
    less = " ".join(question.split()[:-1]) if " " in question else question[:-4]
    replies = [reply, question, less]
    rewards = paid(
        preset("multilingual_tool_use"), [(task, trajectory(task, right.calls, r)) for r in replies]
    )
    assert rewards[0] >= 0.95 and max(rewards[1:]) <= 0.7, dict(zip(replies, rewards, strict=True))


def test_who_asks_back_answers_nothing() -> None:
    task, reply = asked("ja")
    calls = gold(task).calls
    assert answers(task, trajectory(task, calls, reply))
    assert not answers(task, trajectory(task, calls, reply.replace("です。", "ですか？")))
    assert is_echo(task.messages[-1]["content"], task)


# A noun that is neither a form of any word in the requests nor says anything.
NOUN = {
    "ar": "طاولة", "bn": "টেবিল", "de": "Tisch", "en": "table", "es": "mesa", "fr": "table", "hi": "मेज़", "ja": "机上",
    "ko": "책상", "pt": "mesa", "ru": "стол", "sw": "meza", "te": "బల్ల", "th": "โต๊ะ", "zh": "桌子",
}  # fmt: skip
UNSPACED = ("ja", "th", "zh")


def spoilt(request: str, language: str):
    """The request less one word and with one word changed, at every place."""
    if language in UNSPACED:
        for at in range(2, len(request) - 6, 3):
            yield request[:at] + request[at + 2 :]
            yield request[:at] + NOUN[language][:2] + request[at + 2 :]
        return
    words = request.split()
    for at in range(len(words)):
        yield " ".join(words[:at] + words[at + 1 :])
        yield " ".join([*words[:at], NOUN[language], *words[at + 1 :]])


@pytest.mark.parametrize("language", tasks.LANGUAGES)
def test_the_request_less_a_word_or_with_one_changed_is_an_echo(language: str) -> None:
    some = [tasks.build(kind, 1, language, "train", tasks.KINDS, 4, None) for kind in tasks.KINDS]
    some = [task for task in some if task.expected.calls and is_long(task.messages[-1]["content"], language)]
    rows = [
        (task, trajectory(task, gold(task).calls, again))
        for task in some[::4]
        for again in spoilt(task.messages[-1]["content"], language)
    ]
    assert len(rows) > 40
    replies = [made.messages[-1]["content"] for _, made in rows]
    rewards = paid(preset("multilingual_tool_use"), rows)
    passed = [reply for reply, reward in zip(replies, rewards, strict=True) if reward > 0.7]
    assert len(passed) <= 0.05 * len(rows), passed


def is_long(request: str, language: str) -> bool:
    return len(request) > 12 if language in UNSPACED else len(request.split()) > 5


# kind, language, request and a reply in nearly its words that tells something
TELLING = [
    ("set_alarm", "en", "Set another alarm for 7:30 AM.", "Set another alarm for 7:30 AM, done."),
    ("set_alarm", "hi", "सुबह 7:30 बजे का अलार्म लगा दो।", "सुबह 7:30 बजे का अलार्म लगा दिया।"),
    ("set_alarm", "ko", "오전 7:30에 알람 하나 맞춰.", "오전 7:30에 알람 하나 맞췄어요."),
    ("set_alarm", "sw", "Weka kengele ya saa 1:30 asubuhi.", "Nimeweka kengele ya saa 1:30 asubuhi."),
    ("set_alarm", "ar", "اضبط لي المنبه على الساعة ٧:٣٠ ص.", "ضبطت لك المنبه على الساعة ٧:٣٠ ص."),
    ("set_alarm", "ru", "Поставь ещё один будильник на 07:30.", "Поставил ещё один будильник на 07:30."),
    ("set_alarm", "te", "ఉదయం 7:30 గంటలకు ఒక అలారం పెట్టు.", "ఉదయం 7:30 గంటలకు ఒక అలారం పెట్టాను."),
    ("check_vat", "sw", "Je, nambari ya VAT {} ni halali?", "Ndiyo, nambari ya VAT {} ni halali."),
    ("check_vat", "pt", "O número de IVA {} é válido?", "Sim, o número de IVA {} é válido."),
    ("check_vat", "de", "Ist die Umsatzsteuer-ID {} gültig?", "Die Umsatzsteuer-ID {} ist gültig."),
    ("check_vat", "ko", "VAT 번호 {}는 유효한가요?", "네, VAT 번호 {}는 유효합니다."),
    ("check_vat", "th", "หมายเลข VAT {} ถูกต้องไหมคะ", "หมายเลข VAT {} ถูกต้องค่ะ"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "language", "request_", "reply"), TELLING)
def test_what_tells_something_in_the_words_of_the_request_is_a_reply(kind, language, request_, reply) -> None:
    task = make(kind, language, **({"time": "07:30"} if kind == "set_alarm" else {}))
    number = next(iter(task.expected.calls[0]["arguments"].values()))[0]
    task = replace(task, messages=[{"role": "user", "content": request_.format(number)}])
    assert not is_echo(reply.format(number), task)
    score = language_match(task, trajectory(task, gold(task).calls, reply.format(number)))
    assert score is not None
    assert score > 0.5


# kind, language, number and split of tasks whose reference reply has nearly the words of the request
REFERENCE = [
    ("check_iban", "pt", 12, "train"), ("check_iban", "pt", 10, "train"), ("find_postal_code", "sw", 5, "train"),
    ("send_upi", "sw", 7, "train"), ("find_media", "te", 7, "test"), ("two_times", "ar", 11, "test"),
    ("convert_currency", "es", 5, "train"), ("convert_currency", "sw", 8, "test"), ("small_talk", "zh", 2, "train"),
    ("small_talk", "hi", 6, "test"), ("small_talk", "sw", 5, "test"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "language", "number", "split"), REFERENCE)
def test_a_reference_reply_is_no_echo(kind: str, language: str, number: int, split: str) -> None:
    task = tasks.build(kind, number, language, split, tasks.KINDS, 4, None)
    assert paid(preset("multilingual_tool_use"), [(task, gold(task))]) == [1.0]
