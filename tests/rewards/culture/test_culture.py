"""Customs that rules decide: right replies and near-identical wrong ones, as natives write them."""

from dataclasses import replace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.compose import Rewards
from rewards.culture import RULES, culture
from rewards.culture.customs import RULES as FILES
from rewards.culture.customs import Customs, customs
from rewards.effects.gold import only_asks
from rewards.reply import owed
from rewards.types import Expected, Score, Task, Trajectory
from sandbox.types import ToolResult
from tests.rewards.hand_written import DEFAULTS, task, trajectory
from tests.rewards.scripted import cases, preset

DATE = {"kind": "date", "value": "2026-03-14"}
EVENING = {"kind": "time", "value": "19:30"}
WAY = {"kind": "quantity", "value": 1234.5, "unit": "kilometer"}


def asked(locale: str, request: str, *facts: dict) -> Task:
    expected = Expected(facts=list(facts), no_call=True)
    messages = [{"role": "user", "content": request}]
    return Task("a", "a", locale.split("-")[0], locale, messages, [], expected)


def said(reply: str) -> Trajectory:
    results = [ToolResult("0", "ok", {})]
    return Trajectory("a", [], [], [], [], [{"role": "assistant", "content": reply}], [], results, "end")


def score(locale: str, reply: str, *facts: dict, request: str = "?") -> Score:
    return culture(asked(locale, request, *facts), said(reply))


# locale, request, right reply, {what is wrong: (words, the words in their place)}
NATIVE = [
    ("de-DE", "Könnten Sie mir sagen, wann der Zug fährt?",
     "Ihr Zug fährt am 14.03.2026 um 19:30 Uhr, und Sie zahlen 1.229,50 €.",
     {"dates": ("14.03.2026", "03/14/2026"), "times": ("19:30 Uhr", "7:30 pm"),
      "numbers": ("1.229,50 €", "1,229.50 €"), "money": ("1.229,50 €", "€1.229,50"),
      "register": ("und Sie zahlen", "und du zahlst")}),
    ("fr-FR", "Pouvez-vous me dire combien ça fait ?",
     "Vous devez 1 229,50 € avant le 14/03/2026, et il reste 12,5 km à faire.",
     {"dates": ("14/03/2026", "2026-03-14"), "numbers": ("12,5 km", "12.5 km"),
      "money": ("1 229,50 €", "€1 229,50"), "units": ("12,5 km", "12,5 miles"),
      "register": ("Vous devez", "Tu dois")}),
    ("es-MX", "¿Me puede decir usted a qué hora sale?",
     "Su vuelo sale el 14/03/2026 a las 7:30 p.m. y usted pagó $1,229.50 por él.",
     {"dates": ("14/03/2026", "03/14/2026"), "numbers": ("$1,229.50", "$1.229,50"),
      "money": ("$1,229.50", "1,229.50 $"), "register": ("y usted pagó", "y tú pagaste")}),
    ("pt-BR", "Quanto fica a passagem?",
     "A passagem do dia 14/03/2026 às 19:30 custa R$ 1.229,50 para você.",
     {"dates": ("14/03/2026", "14.03.2026"), "times": ("às 19:30", "às 7:30 pm"),
      "numbers": ("R$ 1.229,50", "R$ 1,229.50"), "money": ("R$ 1.229,50", "1.229,50 R$")}),
    ("it-IT", "Quanto costa il biglietto?",
     "Il biglietto per il 14/03/2026 costa 1.229,50 € e tu parti alle 19:30.",
     {"dates": ("14/03/2026", "14 March 2026"), "times": ("alle 19:30", "alle 7:30 pm")}),
    ("ru-RU", "Подскажите, пожалуйста, когда вылет?",
     "Ваш рейс вылетает 14.03.2026 в 19:30, билет стоит 1 229,50 €, и вы летите 12,5 км.",
     {"dates": ("14.03.2026", "14/03/2026"), "times": ("в 19:30", "в 7:30 pm"),
      "numbers": ("1 229,50 €", "1,229.50 €"), "units": ("12,5 км", "12,5 мили"),
      "register": ("и вы летите", "и ты летишь")}),
    ("ja-JP", "明日の電車を教えて。",
     "令和8年3月14日の電車は19:30に出ます。料金は¥1,229で、距離は12.5 kmです。",
     {"calendar": ("令和8年", "令和2026年"), "times": ("19:30に", "7:30 pmに"),
      "money": ("¥1,229", "1,229¥"), "numbers": ("12.5 km", "12,5 km"), "register": ("出ます", "出るよ")}),
    ("ko-KR", "기차 언제 출발해?",
     "기차는 2026. 3. 14. 오후 7:30에 출발합니다. 요금은 ₩1,229,500이에요.",
     {"dates": ("2026. 3. 14.", "14/03/2026"), "numbers": ("₩1,229,500", "₩1.229.500"),
      "money": ("₩1,229,500", "1,229,500₩"), "register": ("출발합니다", "출발했어")}),
    ("zh-CN", "请问您能告诉我票价吗？",
     "您好，2026/3/14的票价是¥1,229.50，您需要走12.5公里。",
     {"dates": ("2026/3/14", "14/3/2026"), "numbers": ("¥1,229.50", "¥1.229,50"),
      "money": ("¥1,229.50", "1,229.50¥"), "units": ("12.5公里", "12.5英里"),
      "register": ("您需要", "你需要")}),
    ("ar-EG", "متى موعد القطار؟",
     "موعد القطار يوم ١٤/٣/٢٠٢٦ الساعة ٧:٣٠ م، والمسافة ١٬٢٢٩٫٥ كم، وهو عام ١٤٤٧ هـ.",
     {"dates": ("١٤/٣/٢٠٢٦", "٢٠٢٦-٣-١٤"), "numbers": ("١٬٢٢٩٫٥ كم", "1 229,5 كم"),
      "digits": ("٧:٣٠", "७:३०"), "calendar": ("١٤٤٧ هـ", "٢٠٢٦ هـ"), "units": ("١٬٢٢٩٫٥ كم", "١٬٢٢٩٫٥ ميل")}),
    ("hi-IN", "कृपया किराया बता दीजिए।",
     "आपका किराया 14/3/2026 के लिए ₹12,29,500.50 है और दूरी 12.5 किलोमीटर है।",
     {"dates": ("14/3/2026", "3/14/2026"), "numbers": ("₹12,29,500.50", "₹1,229,500.50"),
      "money": ("₹12,29,500.50", "12,29,500.50₹"), "units": ("12.5 किलोमीटर", "12.5 मील"),
      "register": ("आपका किराया", "तुम्हारा किराया")}),
    ("bn-BD", "ট্রেনের ভাড়া কত?",
     "আপনার ট্রেনের ভাড়া ১৪/৩/২০২৬ তারিখে ১২,২৯,৫০০.৫০ টাকা হবে।",
     {"dates": ("১৪/৩/২০২৬", "২০২৬-০৩-১৪"), "numbers": ("১২,২৯,৫০০.৫০", "১,২২৯,৫০০.৫০"),
      "digits": ("১৪/৩/২০২৬", "१४/३/२०२६"), "register": ("আপনার", "তোমার")}),
    ("te-IN", "రైలు ఎప్పుడు బయలుదేరుతుంది?",
     "మీ రైలు 14/3/2026 న బయలుదేరుతుంది, టికెట్ ధర ₹12,29,500.50 అవుతుంది.",
     {"dates": ("14/3/2026", "2026.03.14"), "numbers": ("₹12,29,500.50", "₹1,229,500.50"),
      "money": ("₹12,29,500.50", "12,29,500.50₹"), "register": ("మీ రైలు", "నీ రైలు")}),
    ("th-TH", "รถไฟออกกี่โมง",
     "รถไฟของคุณออกวันที่ 14 มีนาคม พ.ศ. 2569 (2026) เวลา 19:30 น. ราคา ฿1,229.50 ค่ะ",
     {"calendar": ("พ.ศ. 2569", "พ.ศ. 2026"), "times": ("19:30 น.", "7:30 pm"),
      "numbers": ("฿1,229.50", "฿1.229,50"), "money": ("฿1,229.50", "1,229.50฿"),
      "register": ("ของคุณ", "ของมึง")}),
    ("en-US", "When does my train leave?",
     "Your train leaves on 3/14/2026 at 7:30 PM, costs $1,229.50 and goes 12.5 miles.",
     {"dates": ("3/14/2026", "14/3/2026"), "times": ("7:30 PM", "19:30"),
      "numbers": ("$1,229.50", "$1.229,50"), "money": ("$1,229.50", "1,229.50$"),
      "units": ("12.5 miles", "12.5 km")}),
    ("pl-PL", "Czy może mi Pan powiedzieć, kiedy odjeżdża pociąg?",
     "Pociąg odjeżdża 14.03.2026 o 19:30, a bilet dla Pana kosztuje 1 229,50 €.",
     {"dates": ("14.03.2026", "14/03/2026"), "times": ("o 19:30", "o 7:30 pm"),
      "money": ("1 229,50 €", "€1 229,50"), "register": ("dla Pana", "dla ciebie")}),
    ("tr-TR", "Trenim ne zaman kalkıyor?",
     "Treniniz 14.03.2026 tarihinde saat 19:30'da kalkıyor, yol 12,5 km sürüyor ve size uygun.",
     {"dates": ("14.03.2026", "03/14/2026"), "numbers": ("12,5 km", "12.5 km"),
      "units": ("12,5 km", "12,5 mil"), "register": ("size uygun", "size uygun, sana da")}),
    ("nl-NL", "Kunt u mij zeggen wat de reis kost?",
     "De reis op 14-03-2026 om 19:30 kost € 1.229,50 en u reist 12,5 km.",
     {"dates": ("14-03-2026", "03/14/2026"), "times": ("om 19:30", "om 7:30 pm"),
      "numbers": ("€ 1.229,50", "€ 1,229.50"), "money": ("€ 1.229,50", "1.229,50 €"),
      "register": ("en u reist", "en je reist")}),
    ("vi-VN", "Chuyến tàu khởi hành lúc nào?",
     "Chuyến tàu của bạn khởi hành ngày 14/3/2026 lúc 19:30, giá vé là 1.229.500 ₫.",
     {"dates": ("14/3/2026", "3/14/2026"), "times": ("lúc 19:30", "lúc 7:30 pm"),
      "numbers": ("1.229.500 ₫", "1,229,500 ₫"), "money": ("1.229.500 ₫", "₫1.229.500"),
      "register": ("của bạn", "của mày")}),
]  # fmt: skip


@pytest.mark.parametrize(("locale", "request_", "right", "wrong"), NATIVE, ids=[row[0] for row in NATIVE])
def test_a_native_reply_holds_every_rule_and_each_mutant_breaks_its_own(locale, request_, right, wrong):
    native = score(locale, right, request=request_)
    assert native.reward == 1.0, native.notes
    for rule, (words, others) in wrong.items():
        assert words in right
        mutant = score(locale, right.replace(words, others), request=request_)
        assert mutant.reward < 1.0, (rule, mutant.notes)
        assert mutant.notes[rule].startswith("broken: "), (rule, mutant.notes)


def test_the_examples_cover_every_rule_in_a_dozen_languages_and_more():
    assert len({row[0].split("-")[0] for row in NATIVE}) >= 12
    assert {rule for *_, wrong in NATIVE for rule in wrong} == set(RULES)


# What has no custom, is undecided, is not the reply's own, or is what the task is about.
SILENT = [
    ("de-DE", "Gern geschehen, bis bald einmal wieder hier."),
    ("de-DE", "Das Ergebnis der Umrechnung ist 1,234 geworden."),
    ("de-DE", "Die Version 3.11 des Programms ist jetzt verfügbar."),
    ("fr-FR", "L'adresse du serveur est 192.168.10.12 sur le réseau local."),
    ("ar-EG", "موعدك القادم في المساء إن شاء الله تعالى."),
    ("sw-KE", "Karibu sana, nitakusaidia tena wakati wowote."),
]


@pytest.mark.parametrize(("locale", "reply"), SILENT)
def test_a_reply_that_concerns_no_rule_breaks_none(locale, reply):
    assert score(locale, reply) == Score(1.0, {}, {})


@pytest.mark.parametrize(
    ("locale", "request_", "reply", "held"),
    [
        ("fr-FR", "Tu peux m'aider ?", "Bien sûr, je suis là pour vous aider.", True),
        ("fr-FR", "Tu peux m'aider ?", "Bien sûr, je suis là pour t'aider.", True),
        ("fr-FR", "Pouvez-vous m'aider ?", "Bien sûr, je suis là pour t'aider.", False),
        ("fr-FR", "Aide-moi avec mon rendez-vous.", "Ton aide est là : tu peux compter sur moi.", True),
        ("es-MX", "¿Me ayudas?", "Claro, vosotros podéis contar conmigo siempre.", False),
        ("es-ES", "¿Me ayudas?", "Claro, tú puedes contar conmigo siempre.", True),
        ("es-AR", "¿Me ayudás?", "Claro, vos podés contar conmigo siempre.", True),
        ("es-AR", "¿Me ayudás?", "Claro, tú puedes contar conmigo siempre.", False),
        ("ja-JP", "手伝ってくれる？", "もちろん、喜んでお手伝いします。", True),
        ("ja-JP", "手伝ってくれる？", "もちろん、喜んで手伝うよ。", False),
        ("ko-KR", "도와줄래?", "네, 기꺼이 도와드릴게요.", True),
        ("ko-KR", "도와줄래?", "응, 내가 바로 도와줄게. 이제 다 됐어.", False),
        ("hi-IN", "तुम कौन हो?", "मैं आपका सहायक हूँ और आपकी मदद करता हूँ।", True),
        ("hi-IN", "आप कौन हैं?", "मैं तुम्हारा सहायक हूँ और तुम्हारी मदद करता हूँ।", False),
        ("hi-IN", "तुम कौन हो?", "मैं तुम्हारा सहायक हूँ और तुम्हारे लिए काम करता हूँ।", True),
        ("de-DE", "Hilf mir bitte.", "Klar, wenn Sie mögen, helfe ich dir gern dabei.", False),
        ("de-DE", "Wo sind die Kinder?", "Die Kinder sind im Garten. Sie spielen dort gerade, und ich helfe dir.", True),
    ],
)  # fmt: skip
def test_the_manner_that_is_due(locale, request_, reply, held):
    verdict = score(locale, reply, request=request_)
    assert verdict.notes["register"].startswith("holds" if held else "broken")
    assert verdict.reward == float(held)


def test_a_shekel_sign_may_stand_on_either_side_and_numbers_keep_their_form():
    sum_ = {"kind": "money", "value": 1249.5, "currency": "ILS"}
    for right in ("₪1,249.50", "1,249.50 ₪"):
        assert score("he-IL", f"זה יוצא {right} סך הכול.", sum_).reward == 1.0
    assert score("he-IL", "זה יוצא ₪1.249,50 סך הכול.", sum_).reward < 1.0


def test_what_the_task_measures_in_is_free():
    miles = {"kind": "quantity", "value": 7.5, "unit": "mile"}
    assert score("fr-FR", "Cela fait 7,5 milles en tout pour vous.", miles).reward == 1.0
    asked_for = score("fr-FR", "Cela fait 7,5 milles en tout.", request="Ça fait combien, 12 km en miles ?")
    assert "units" not in asked_for.notes
    both = score("en-US", "It is a drive of 12.5 miles (20 km) from your home.")
    assert both.notes["units"].startswith("holds")


def test_each_fact_is_a_rule_and_what_else_is_right_gains_nothing():
    padding = " Le 14/03/2026, vous avez 12,5 km à faire."
    right = score("fr-FR", "Le train part à 19:30 et fait 1 234,5 km.", EVENING, WAY)
    half = score("fr-FR", "Le train part à 7:30 pm et fait 1 234,5 km.", EVENING, WAY)
    padded = score("fr-FR", "Le train part à 7:30 pm et fait 1 234,5 km." + padding, EVENING, WAY)
    assert right.reward == 1.0
    assert padded.reward <= half.reward < 1.0
    assert half.notes["time 19:30"] == "broken: not in the form of fr-FR"
    unstated = score("fr-FR", "Le train fait 1 234,5 km en tout." + padding, EVENING, WAY)
    assert unstated.reward == 1.0 and "time 19:30" not in unstated.notes  # what is told is judged elsewhere


def test_an_answer_that_is_withheld_does_not_escape_its_rule():
    case = next(c for c in cases() if only_asks(c.task) and all(owed(c.task)))
    told, withheld = (
        culture(case.task, case.rolled_out(case.right, said)) for said in (case.reply, case.done)
    )
    assert told.reward == 1.0 and withheld.reward == 0.0
    failed, claimed = (
        culture(case.task, case.rolled_out([case.look], said)) for said in (case.sorry, case.done)
    )
    assert failed.reward == 1.0 and claimed.reward == 0.0  # after a failure there is nothing to tell
    action = next(c for c in cases() if not only_asks(c.task))
    assert culture(action.task, action.rolled_out(action.right, action.done)).reward == 1.0


@pytest.mark.parametrize(
    ("locale", "reply", "held"),
    [
        ("ja-JP", "予約は山田太郎様のお名前です。", True),
        ("ja-JP", "予約は太郎山田様のお名前です。", False),
    ],
)
def test_the_family_name_comes_first_in_japan(locale, reply, held):
    name = {"kind": "text", "value": "山田", "name": {"family": "山田", "given": "太郎"}}
    assert score(locale, reply, name).reward == float(held)


def test_a_foreign_name_keeps_its_order():
    name = {"kind": "text", "value": "スミス", "name": {"family": "スミス", "given": "ジョン"}}
    assert score("ja-JP", "予約はジョン・スミス様のお名前です。", name).reward == 1.0
    western = {"kind": "text", "value": "Müller", "name": {"family": "Müller", "given": "Jürgen"}}
    assert score("de-DE", "Der Termin ist bei Jürgen Müller am Nachmittag.", western).reward == 1.0
    assert score("de-DE", "Der Termin ist bei Müller, Jürgen am Nachmittag.", western).reward == 1.0
    assert score("de-DE", "Der Termin ist bei Müller Jürgen am Nachmittag.", western).reward == 0.0


ADDRESS = {"street": "Hauptstraße", "number": "5", "postal_code": "10115", "city": "Berlin"}


@pytest.mark.parametrize(
    ("locale", "parts", "reply", "held"),
    [
        ("de-DE", ADDRESS, "Die Adresse lautet Hauptstraße 5, 10115 Berlin.", True),
        ("de-DE", ADDRESS, "Die Adresse lautet 5 Hauptstraße, Berlin 10115.", False),
        ("fr-FR", {**ADDRESS, "street": "rue de Rivoli", "postal_code": "75001", "city": "Paris"},
         "L'adresse est 5 rue de Rivoli, 75001 Paris.", True),
        ("fr-FR", {**ADDRESS, "street": "rue de Rivoli", "postal_code": "75001", "city": "Paris"},
         "L'adresse est rue de Rivoli 5, Paris 75001.", False),
        ("ja-JP", {"postal_code": "100-0005", "region": "東京都", "city": "千代田区", "street": "丸の内"},
         "住所は〒100-0005 東京都千代田区丸の内です。", True),
        ("ja-JP", {"postal_code": "100-0005", "region": "東京都", "city": "千代田区", "street": "丸の内"},
         "住所は丸の内、千代田区、東京都 100-0005です。", False),
    ],
)  # fmt: skip
def test_an_address_goes_as_the_post_has_it(locale, parts, reply, held):
    fact = {"kind": "text", "value": parts["city"], "address": parts}
    assert score(locale, reply, fact).reward == float(held)
    abroad = {**fact, "address": {**parts, "country": "XX"}}
    assert f"text {parts['city']}" not in score(locale, reply, abroad).notes


def test_an_address_without_a_part_that_the_post_puts_in_order_is_not_judged():
    fact = {"kind": "text", "value": "Deutschland", "address": {"country": "DE"}}
    assert "text Deutschland" not in score("de-DE", "Das ist in Deutschland.", fact).notes


def test_am_before_a_word_is_no_half_of_the_day_on_a_24_hour_clock():
    assert score("de-DE", "Um 8:15 am Freitag beim Friseur.").notes["times"].startswith("holds")
    assert score("de-DE", "Am Freitag um 8:15 am.").notes["times"].startswith("broken")
    assert score("fr-FR", "À 8:15 pm vendredi chez le coiffeur.").notes["times"].startswith("broken")


def test_what_says_nothing_earns_nothing():
    empty = trajectory("")
    assert culture(task(), empty) == Score(0.0, {}, {"reply": "there is none"})
    on_paper = replace(task(), run_calls=False)
    assert {culture(on_paper, trajectory(reply)).reward for reply in ("", "Cela fait 12,5 km.")} == {None}


@pytest.mark.parametrize("name", ["multilingual_tool_use", "gated"])
def test_customs_count_in_the_users_language_alone(name):
    """Whose presets scale this part by the language: "19:30" is French in an English sentence, too."""
    case = next(c for c in cases() if c.task.language == "fr")
    english, french = (
        preset(name).score(case.task, case.rolled_out(case.right, said))
        for said in (case.english, case.reply)
    )
    assert (english.parts["culture"], french.parts["culture"]) == (0.0, 1.0)


def test_the_reasons_are_in_the_composed_score_s_notes():
    alone = {name: value for name, value in DEFAULTS["culture"].items() if name != "scaled_by"}
    rewards = Rewards.from_config({"components": {"culture": alone}})
    got = rewards.score(task("de-DE"), trajectory("Das sind insgesamt €1,229.50 für dich."))
    assert got.parts == {"culture": 0.0}
    assert got.notes["culture.money 1229.5"] == "broken: not in the form of de-DE"
    assert got.notes["culture.money"] == "broken: '€' stands after the amount in de-DE"


@pytest.mark.parametrize("file", sorted(FILES.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_file_of_rules_loads_and_names_its_sources(file):
    rules = yaml.safe_load(file.read_text("utf-8"))
    assert set(rules) - {"sources"} == set(rules["sources"])
    assert all(rules["sources"].values())
    assert customs(file.stem) != Customs()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120), st.sampled_from(["de-DE", "ja-JP", "ar-EG", "hi-IN", "th-TH", "en-US"]))
def test_no_reply_is_too_odd(text, locale):
    reward = culture(asked(locale, text), said(text)).reward
    assert reward is None or 0 <= reward <= 1


def test_a_locale_that_cldr_does_not_know_is_named():
    with pytest.raises(ValueError, match="unknown locale 'xx-XX'"):
        score("xx-XX", "so so")


@pytest.mark.parametrize(
    ("locale", "reply"),
    [
        ("es-ES", "Son 250 libras."),
        ("fr-FR", "Cela fait 250 livres."),
        ("ru-RU", "Это 250 фунтов."),
        ("pt-BR", "São 250 libras."),
        ("de-DE", "Das sind 250 Pfund."),
        ("ja-JP", "250ポンドです。"),
        ("ko-KR", "250파운드예요."),
        ("th-TH", "ได้มา 250 ปอนด์สเตอร์ลิงค่ะ"),
        ("th-TH", "ได้มา 250 ปอนด์ค่ะ"),
    ],
)
def test_a_currency_that_is_called_like_a_weight_is_a_weight_only_where_no_such_money_is_meant(locale, reply):
    pounds = {"kind": "money", "value": 250, "currency": "GBP"}
    euros = {"kind": "money", "value": 250, "currency": "EUR"}
    assert "US units" in score(locale, reply, euros).notes["units"]
    assert "US units" not in score(locale, reply, pounds).notes.get("units", "")
