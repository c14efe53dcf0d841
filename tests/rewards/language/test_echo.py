"""The request said again is no reply; an answer in the words of the question is one."""

import pytest

from rewards.reply import answers, is_echo
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
