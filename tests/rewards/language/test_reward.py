from dataclasses import replace

import pytest

from rewards.language import language_match, language_score
from sandbox.types import ToolCall, ToolResult
from tests.rewards.hacks import MONEY, Hack
from tests.rewards.hand_written import ARGUMENTS, ASKED, LANGUAGES, task, trajectory

RIGHT = ASKED["fr-FR"][1]
ENGLISH = ASKED["en-US"][1]


def answered(reply, results=None, **message):
    made = trajectory(reply)
    messages = [*made.messages[:-1], {**made.messages[-1], **message}]
    replaced = {} if results is None else {"results": [ToolResult("0", "ok", results)]}
    return trajectory(reply, messages=messages, **replaced)


@pytest.mark.parametrize(
    ("content", "thought", "value"),
    [
        (f"<think>Je dois convertir deux cent cinquante dollars.</think>{RIGHT}", "any", 1.0),
        (f"<think>Je dois convertir deux cent cinquante dollars.</think>{RIGHT}", "user", 1.0),
        (f"<think>Je dois convertir deux cent cinquante dollars.</think>{RIGHT}", "english", 0.0),
        (f"<think>I have to convert the money first of all.</think>{RIGHT}", "any", 1.0),
        (f"<think>I have to convert the money first of all.</think>{RIGHT}", "user", 0.0),
        (f"<think>I have to convert the money first of all.</think>{RIGHT}", "english", 1.0),
        (f"I have to convert the money first of all.</think>{RIGHT}", "user", 0.0),
        (f"<think>I have to convert the money first of all.</think>{ENGLISH}", "english", 0.0),
        (f"[THINK]I have to convert the money first of all.[/THINK]{RIGHT}", "user", 0.0),
        (f"[THINK]I have to convert the money first of all.[/THINK]{RIGHT}", "english", 1.0),
        (f"<think>OK</think>{RIGHT}", "user", 1.0),
        (RIGHT, "english", 1.0),
    ],
)
def test_the_thought_has_a_rule_of_its_own(content, thought, value):
    assert language_match(task(), answered(content), LANGUAGES, thought=thought) == value


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thought"])
def test_a_thought_may_stand_in_a_field(field):
    made = answered(RIGHT, **{field: "I have to convert the money first of all."})
    assert language_match(task(), made, LANGUAGES, thought="english") == 1.0
    assert language_match(task(), made, LANGUAGES, thought="user") == 0.0


@pytest.mark.parametrize(
    ("reply", "french", "english"), [("user", 1.0, 0.0), ("english", 0.0, 1.0), ("any", None, None)]
)
def test_the_reply_has_a_rule(reply, french, english):
    assert language_match(task(), trajectory(RIGHT), LANGUAGES, reply=reply) == french
    assert language_match(task(), trajectory(ENGLISH), LANGUAGES, reply=reply) == english


@pytest.mark.parametrize("option", ["reply", "thought"])
def test_an_unknown_rule_is_named(option):
    with pytest.raises(ValueError, match=f"{option} must be any, user or english, not 'french'"):
        language_match(task(), trajectory(RIGHT), **{option: "french"})


@pytest.mark.parametrize(
    ("reply", "value", "why"),
    [
        (RIGHT, 1.0, "is fr"),
        (ENGLISH, 0.0, "should be fr, is en"),
        (None, 0.0, "there is no reply"),
        ("\U0001f44d", 0.0, "there is no reply"),
        ("oui " * 20, 0.0, "repeats itself"),
        ("1 229,50 €", 0.9, "could be fr or another language"),
        ("Oui, voilà, c'est fait comme vous vouliez.", 1.0, "is fr"),
    ],
)
def test_a_score_says_why(reply, value, why):
    score = language_score(task(), trajectory(reply), LANGUAGES)
    assert (score.reward, score.notes["reply"]) == (value, why)


@pytest.mark.parametrize("locale", ASKED)
def test_a_value_alone_earns_less_than_a_sentence_and_more_than_english_or_silence(locale):
    asked = task(locale)
    said = [None, ENGLISH if locale != "en-US" else RIGHT, "1229", ASKED[locale][1]]
    paid = [language_match(asked, trajectory(reply), LANGUAGES) for reply in said]
    assert paid[0] == paid[1] == 0.0 < paid[2] < paid[3] == 1.0


def test_whether_it_abstains_depends_on_the_task_alone():
    replies = [None, RIGHT, ENGLISH, "OK", "…"]
    on_paper = replace(task(), run_calls=False)
    assert {language_match(on_paper, trajectory(reply), LANGUAGES) for reply in replies} == {None}
    for asked in (task(), task(facts=[]), task(facts=[], calls=[], final_state=None)):
        assert None not in {language_match(asked, trajectory(reply), LANGUAGES) for reply in replies}
        failed = trajectory(RIGHT, status="tool_error")
        assert language_match(asked, failed, LANGUAGES) == 1.0  # what came of the calls is judged elsewhere


CARE = "I do not care about your language at all"


@pytest.mark.parametrize(
    "hidden",
    [
        f"```\n{CARE}\n```", f"`{CARE}`", f"« {CARE} »", f'"{CARE}"', f"「{CARE}」", f"<!-- {CARE} -->",
        f'{{"note": "{CARE}"}}', CARE.upper(), CARE.title(), CARE.replace(" ", "_"), CARE.replace(" ", "-"),
        CARE.title().replace(" ", ""), f"> {CARE}", f"# {CARE.title()}", f"**{CARE}**", f"({CARE})",
        CARE.translate(str.maketrans("aeio", "4310")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("locale", ["fr-FR", "ru-RU", "ja-JP", "sw-KE", "hi-IN"])
def test_english_is_seen_wherever_it_stands(locale, hidden):
    hack = Hack("hidden", locale, "english", f"{MONEY[locale][1]}\n{hidden}")
    assert language_match(hack.task, hack.trajectory, LANGUAGES) < 0.5


@pytest.mark.parametrize(
    "before", ["Let me look that up for you right now.", "<!-- I am going to convert it. -->"]
)
def test_what_is_said_in_a_turn_that_calls_is_said_to_the_user(before):
    made = trajectory(RIGHT)
    first = {"role": "assistant", "content": before, "tool_calls": [{"type": "function"}]}
    assert language_match(task(), replace(made, messages=[first, *made.messages]), LANGUAGES) == 0.0
    french = {**first, "content": "Je regarde cela pour vous tout de suite."}
    assert language_match(task(), replace(made, messages=[french, *made.messages]), LANGUAGES) == 1.0


@pytest.mark.parametrize("thought", ["I have to convert the money first of all.", "", "OK"])
def test_a_thought_in_a_turn_that_calls_is_a_thought(thought):
    made = trajectory(RIGHT)
    first = {
        "role": "assistant",
        "content": f"<think>{thought}</think>",
        "tool_calls": [{"type": "function"}],
    }
    value = language_match(task(), replace(made, messages=[first, *made.messages]), LANGUAGES, thought="user")
    assert value == (0.0 if " " in thought else 1.0)


# locale, request, a reply that is natural and much like it, and one that is the request again
LIKE = [
    ("fr-FR", "Rappelle-moi demain à 8 h d'acheter du lait.", "Je te rappellerai demain à 8 h d'acheter du lait.",
     "Rappelle-moi demain à 8 h d'acheter du"),
    ("de-DE", "Erinnere mich morgen um 8 Uhr daran, Milch zu kaufen.",
     "Ich erinnere dich morgen um 8 Uhr daran, Milch zu kaufen.",
     "Erinnere mich morgen um 8 Uhr daran, Milch zu"),
    ("en-US", "Set the volume of the kitchen speaker to five.", "The volume of the kitchen speaker is now five.",
     "the volume of the kitchen speaker to five set"),
    ("ru-RU", "Поставь, пожалуйста, будильник на семь часов утра.", "Будильник на семь часов утра поставлен.",
     "поставь пожалуйста будильник на семь часов"),
    ("ja-JP", "明日の朝七時にアラームをセットしてください。", "明日の朝七時にアラームをセットしておきました。",
     "明日の朝七時にアラームをセットしてくださ"),
]  # fmt: skip


@pytest.mark.parametrize(("locale", "request_", "natural", "echo"), LIKE, ids=[row[0] for row in LIKE])
def test_the_request_again_is_no_reply_and_a_reply_in_its_words_is_one(locale, request_, natural, echo):
    asked = Hack("echo", locale, "english", natural).task
    asked = replace(asked, messages=[{"role": "user", "content": request_}])
    assert language_match(asked, trajectory(natural), LANGUAGES) == 1.0
    assert language_match(asked, trajectory(echo), LANGUAGES) == 0.0


TOLD = "The amount that you have entered was converted at the official rate of the day."
LONG = "La conversion du montant que vous avez indiqué donne le résultat suivant pour aujourd'hui"


@pytest.mark.parametrize(
    ("results", "reply", "value"),
    [
        ({"text": LONG}, f"{LONG} : 1 229,50 €", 1.0),
        ({"text": TOLD}, f"{TOLD} : 1 229,50 €", 0.0),
        ({"list": [{"deep": [TOLD]}]}, f"{TOLD.upper()} — 1 229,50 €", 0.0),
        ({"text": "Everything But the Girl"}, "Cela fait 1 229,50 € avec « Everything But the Girl » au total.", 1.0),
        ({}, "Cela fait « That comes to € 1,229.50 for you in all » au total.", 0.0),
    ],
)  # fmt: skip
def test_names_in_a_result_are_values_and_its_sentences_are_words(results, reply, value):
    assert language_match(task(), answered(reply, results), LANGUAGES) == value


@pytest.mark.parametrize("again", ["oui ", "la la ", "et alors ", "bien sûr "])
def test_a_syllable_over_and_over_is_no_prose(again):
    assert language_match(task(), trajectory(again * 20 + "1 229,50 €"), LANGUAGES) == 0.0


@pytest.mark.parametrize("locale", ["fr-FR", "zh-CN"])
@pytest.mark.parametrize("piece", ["a", "\u0301", "é ", "<think>", "«", "1 229,50 € ", "{", "\u202e"])
def test_huge_replies_end(locale, piece):
    reply = piece * (2_000_000 // len(piece))
    made = trajectory(reply, calls=[ToolCall("0", "convert_currency", ARGUMENTS)])
    assert language_match(task(locale), made, LANGUAGES, thought="user") is not None
