"""What natives write of each kind, and beside it the nearest that would be wrong."""

from pathlib import Path

import pytest

from rewards.facts import local, stated

HERE = Path(__file__).parent


def rows(name: str) -> list[list[str]]:
    lines = (HERE / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def holds(fact: dict, text: str, locale: str, right: str) -> None:
    assert stated(fact, text, locale) == (right == "yes")
    if right == "yes":
        assert local(fact, text, locale) is not False


@pytest.mark.parametrize("row", rows("times.tsv"), ids=" ".join)
def test_times_are_read_as_they_are_said(row):
    locale, right, value, text = row
    holds({"kind": "time", "value": value}, text, locale, right)


@pytest.mark.parametrize("row", rows("dates.tsv"), ids=" ".join)
def test_dates_are_read_as_they_are_said(row):
    locale, right, value, text = row
    holds({"kind": "date", "value": value}, text, locale, right)


@pytest.mark.parametrize("row", rows("measures.tsv"), ids=" ".join)
def test_numbers_and_money_are_read_as_they_are_said(row):
    locale, right, kind, written, unit, text = row
    value = float(written) if "." in written else int(written)
    fact = {"kind": kind, "value": value}
    if kind == "minutes":
        fact = {"kind": "number", "value": value, "unit": "minute"}
    elif unit:
        fact["currency" if kind == "money" else "unit"] = unit
    holds(fact, text, locale, right)


@pytest.mark.parametrize("row", rows("texts.tsv"), ids=" ".join)
def test_texts_are_read_in_other_forms(row):
    locale, right, value, text = row
    assert stated({"kind": "text", "value": value}, text, locale) == (right == "yes")


@pytest.mark.parametrize("row", rows("verdicts.tsv"), ids=" ".join)
def test_yes_and_no_are_read_as_they_are_said(row):
    language, right, text = row
    fact = {"kind": "text", "value": "", "verdict": right == "yes", "yes": [], "no": []}
    assert stated(fact, text, language) == (right != "neither")
    assert not stated(fact | {"verdict": right != "yes"}, text, language)


@pytest.mark.parametrize("row", rows("verdicts.tsv"), ids=" ".join)
def test_words_of_a_task_do_not_change_a_verdict(row):
    language, right, text = row
    words = {"yes": ["valid"], "no": ["not…valid"]}
    fact = {"kind": "text", "value": "", "verdict": right == "yes", **words}
    assert stated(fact, text, language) == (right != "neither")


def test_in_a_language_without_words_the_task_s_own_decide():
    fact = {"kind": "text", "value": "", "verdict": True, "yes": ["giltig"], "no": ["net…giltig"]}
    assert stated(fact, "D'Nummer ass giltig.", "lb")
    assert not stated(fact, "D'Nummer ass net giltig.", "lb")


FORMS = [
    ("ru-RU", "Мама", "Готово, маме написал.", "Готово, папе написал."),
    ("ru-RU", "Анна Петрова", "Отправил Анне Петровой.", "Отправил Анне Смирновой."),
    ("ru-RU", "Мария", "Отправил Марии.", "Отправил Марине."),
    ("ru-RU", "купить молоко", "Напомню, чтобы вы купили молока.", "Напомню купить хлеб."),
    ("uk-UA", "Олена", "Надіслав Олені.", "Надіслав Ользі."),
    ("pl-PL", "Anna Kowalska", "Wysłałem wiadomość do Anny Kowalskiej.", "Wysłałem do Anny Nowak."),
    ("cs-CZ", "Jana", "Poslal jsem zprávu Janě.", "Poslal jsem zprávu Haně."),
    ("hu-HU", "Péter", "Elküldtem Péternek.", "Elküldtem Pálnak."),
    ("fi-FI", "Anna", "Viesti lähetettiin Annalle.", "Viesti lähetettiin Anterolle."),
    ("tr-TR", "Mehmet", "Mesajı Mehmet'e yolladım.", "Mesajı Murat'a yolladım."),
    ("el-GR", "Γιώργος", "Το έστειλα στον Γιώργο.", "Το έστειλα στον Γιάννη."),
    ("en-US", "buy milk", "I'll remind you about buying milk.", "I'll remind you to buy bread."),
    ("de-DE", "die Miete überweisen", "Denk daran, die Miete zu überweisen.", "Denk an die Miete."),
    ("es-ES", "comprar leche", "Te recordaré que compres leche.", "Te recordaré comprar pan."),
    ("fr-FR", "acheter du lait", "Je vous rappellerai d'acheter le lait.", "Je vous rappellerai le lait."),
    ("it-IT", "comprare il latte", "Ti ricorderò di comprare latte.", "Ti ricorderò di comprare pane."),
    ("hi-IN", "दूध लाना", "दूध लाने की याद दिलाऊँगा।", "सब्ज़ी लाने की याद दिलाऊँगा।"),
    ("ar-EG", "منى", "تم إرسال الرسالة لمنى.", "تم إرسال الرسالة لسلمى."),
    ("ko-KR", "사장님", "사장님께 메시지를 보냈습니다.", "선생님께 메시지를 보냈습니다."),
    ("ja-JP", "田中", "田中さんに送りました。", "中田さんに送りました。"),
    ("en-US", "Anna", "I wrote to Anna.", "I wrote to Anne."),
    ("es-ES", "María", "Se lo mandé a María.", "Se lo mandé a Mario."),
]


@pytest.mark.parametrize(("locale", "value", "right", "wrong"), FORMS)
def test_texts_may_have_another_form_of_the_same_words(locale, value, right, wrong):
    fact = {"kind": "text", "value": value}
    assert stated(fact, right, locale)
    assert not stated(fact, wrong, locale)
