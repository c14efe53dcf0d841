"""Free text in the user's language, codes and names as they are; what cannot be told is not judged."""

from typing import Any

import pytest

from rewards.argument_language import MARKS, argument_language
from rewards.types import Expected, Task, Trajectory
from sandbox.catalog import SPECS
from sandbox.types import ToolCall, ToolSpec

LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "ja", "pt", "ru", "th", "zh")
NOTE = ToolSpec(
    "notiz",
    "",
    {
        "type": "object",
        "properties": {
            "text": {"type": "string", "x-language": "user"},
            "code": {"type": "string", "x-language": "invariant"},
            "free": {"type": "string"},
            "mixed": True,
        },
    },
)


def judged(
    language: str, request: str, tool: str, given: dict[str, Any], **expected: list[str]
) -> float | None:
    calls = [{"name": tool, "arguments": expected}] if expected else []
    task = Task(
        "t", "t", language, language, [{"role": "user", "content": request}], [NOTE, *SPECS.values()],
        Expected(calls=calls),
    )  # fmt: skip
    made = [ToolCall("0", tool, given)]
    return argument_language(task, Trajectory("t", [], [], [], [], [], made, [], "end"), languages=LANGUAGES)


OWN = {
    "de": "Die Wohnung aufräumen und den Müll rausbringen",
    "fr": "Appeler le plombier pour la fuite dans la cuisine",
    "es": "Comprar pan y leche para el desayuno de mañana",
    "ru": "Позвонить бабушке и поздравить её с днём рождения",
    "ar": "الاتصال بالطبيب لتأكيد موعد الغد صباحًا",
    "hi": "बिजली का बिल भरना और दूध लाना है",
    "ja": "明日の会議のために資料を印刷しておく",
    "th": "โทรหาช่างซ่อมแอร์ตอนบ่ายวันพรุ่งนี้",
    "zh": "给妈妈打电话问她什么时候到北京",
}
ENGLISH = "Call the plumber about the leak in the kitchen"


@pytest.mark.parametrize("language", OWN)
def test_free_text_must_be_in_the_users_language(language: str) -> None:
    assert judged(language, "...", "set_reminder", {"todo": OWN[language]}) == 1.0
    assert judged(language, "...", "set_reminder", {"todo": ENGLISH}) == 0.0
    assert judged("en", "...", "set_reminder", {"todo": OWN[language]}) == 0.0


def test_free_text_as_the_user_said_it_is_right() -> None:
    assert judged("de", f"Erinner mich: {ENGLISH}.", "set_reminder", {"todo": ENGLISH}) == 1.0


@pytest.mark.parametrize("text", ["OK", "7", "Ana", ""])
def test_short_text_is_not_judged(text: str) -> None:
    assert judged("de", "...", "set_reminder", {"todo": text}) is None


@pytest.mark.parametrize(
    ("given", "accepted", "verdict"),
    [
        ("EUR", ["EUR"], 1.0),
        ("eur", ["EUR"], 1.0),
        ("Euro", ["EUR"], 0.0),
        ("यूरो", ["EUR"], 0.0),
        ("歐元", ["EUR"], 0.0),
        ("USD", ["EUR"], None),  # a wrong value, in no language
        ("France", ["FR"], 0.0),
        ("Fairuz", ["Fairuz", "فيروز"], 1.0),
        ("فيروز", ["Fairuz", "فيروز"], 1.0),
        ("Фейруз", ["Fairuz", "فيروز"], 0.0),
        ("Chez Paul", ["Chez Paul"], 1.0),
        ("Bei Paul", ["Chez Paul"], None),  # which names look alike is not told
        ("De chez le Paul", ["Chez Paul"], 0.0),
        ("EUR", [], None),
    ],
)
def test_what_is_invariant_must_not_be_translated(
    given: str, accepted: list[str], verdict: float | None
) -> None:
    expected = {"code": accepted} if accepted else {}
    assert judged("fr", "...", "notiz", {"code": given}, **expected) == verdict


def test_only_what_is_marked_is_judged_and_the_share_counts() -> None:
    both = {"text": OWN["de"], "code": "Euro", "free": ENGLISH, "mixed": ENGLISH}
    assert judged("de", "...", "notiz", both, code=["EUR"]) == 0.5
    assert judged("de", "...", "notiz", {"free": ENGLISH}) is None
    assert judged("de", "...", "notiz", {"text": [ENGLISH], "code": 5}, code=["EUR"]) is None
    assert judged("de", "...", "invented", {"text": ENGLISH}) is None


def test_a_request_may_be_given_in_parts() -> None:
    parts = [{"type": "text", "text": "Erinnere mich: "}, {"type": "text", "text": ENGLISH}]
    task = Task("t", "t", "de", "de-DE", [{"role": "user", "content": parts}], [NOTE], Expected())
    made = [ToolCall("0", "notiz", {"text": ENGLISH})]
    assert argument_language(task, Trajectory("t", [], [], [], [], [], made, [], "end"), LANGUAGES) == 1.0


def test_a_malformed_call_is_not_judged() -> None:
    task = Task("t", "t", "de", "de-DE", [], [NOTE], Expected())
    broken = ToolCall("0", "notiz", {"text": ENGLISH}, "", "key 'text' stands twice")
    assert argument_language(task, Trajectory("t", [], [], [], [], [], [broken], [], "end")) is None


def test_the_catalogs_marks_are_of_parameters_that_are_there() -> None:
    for tool, parameter in MARKS:
        assert parameter in SPECS[tool].parameters["properties"]
