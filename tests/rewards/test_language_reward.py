import pytest

from rewards.language import language_match, language_score
from sandbox.types import ToolCall, ToolResult
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
        ("1 229,50 €", 0.0, "too little prose of its own"),
        ("Oui, voilà, c'est fait comme vous vouliez.", 0.0, "the task is not answered"),
    ],
)
def test_a_score_says_why(reply, value, why):
    score = language_score(task(), trajectory(reply), LANGUAGES)
    assert (score.reward, score.notes["reply"]) == (value, why)


def test_an_answer_is_needed_unless_the_option_says_otherwise():
    empty = trajectory("Oui, voilà, c'est fait comme vous vouliez.")
    assert language_match(task(), empty, LANGUAGES) == 0.0
    assert language_match(task(), empty, LANGUAGES, only_answered=False) == 1.0


def test_without_facts_the_calls_must_have_succeeded():
    done = "C'est fait, la conversion est enregistrée."
    assert language_match(task(facts=[]), trajectory(done), LANGUAGES) == 1.0
    assert language_match(task(facts=[]), trajectory(done, {**ARGUMENTS, "amount": 2.0}), LANGUAGES) == 0.0
    assert language_match(task(facts=[]), trajectory(done, status="tool_error"), LANGUAGES) == 0.0
    assert language_match(task(facts=[]), trajectory(done, state=None), LANGUAGES) is None


def test_where_no_reply_is_due_none_is_judged():
    bare = task(facts=[], calls=[], final_state=None)
    assert language_match(bare, trajectory(None, calls=[]), LANGUAGES) is None


LONG = "La conversion du montant que vous avez indiqué donne le résultat suivant pour aujourd'hui"


@pytest.mark.parametrize(
    ("results", "reply", "value"),
    [
        ({"text": LONG}, f"{LONG} : 1 229,50 €", 0.0),
        ({"text": LONG}, f"Pas de souci, cela fait 1 229,50 €. {LONG}.", 1.0),
        ({"text": LONG}, f"{LONG.upper()} — 1 229,50 €", 0.0),
        ({"text": LONG}, "\u200b".join(LONG) + " 1 229,50 €", 0.0),
        ({"list": [{"deep": [LONG]}]}, f"{LONG}, 1 229,50 €", 0.0),
        ({"text": "Everything But the Girl"}, "Cela fait 1 229,50 € avec « Everything But the Girl » au total.", 1.0),
        ({}, "Cela fait « That comes to € 1,229.50 for you in all » au total.", 0.0),
    ],
)  # fmt: skip
def test_what_a_tool_wrote_is_not_the_models_prose(results, reply, value):
    assert language_match(task(), answered(reply, results), LANGUAGES) == value


def test_a_system_prompt_recited_is_no_prose():
    asked = task()
    system = {
        "role": "system",
        "content": "Vous êtes un assistant qui aide les clients avec leurs achats en ligne.",
    }
    asked.messages.insert(0, system)
    recited = f"{system['content']} 1 229,50 €"
    assert language_match(asked, trajectory(recited), LANGUAGES) == 0.0
    assert language_match(asked, trajectory(f"{RIGHT} {system['content']}"), LANGUAGES) == 1.0


@pytest.mark.parametrize("again", ["oui ", "la la ", "et alors ", "bien sûr "])
def test_a_syllable_over_and_over_is_no_prose(again):
    assert language_match(task(), trajectory(again * 20 + "1 229,50 €"), LANGUAGES) == 0.0


@pytest.mark.parametrize("locale", ["fr-FR", "zh-CN"])
@pytest.mark.parametrize("piece", ["a", "\u0301", "é ", "<think>", "«", "1 229,50 € ", "{", "\u202e"])
def test_huge_replies_end(locale, piece):
    reply = piece * (2_000_000 // len(piece))
    made = trajectory(reply, calls=[ToolCall("0", "convert_currency", ARGUMENTS)])
    assert language_match(task(locale), made, LANGUAGES, thought="user") in (0.0, 1.0, None)
