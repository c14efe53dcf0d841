"""What means the same is the same, and its cheapest counterfeit is not."""

from typing import Any

import pytest

from rewards.effects.gold import gold
from rewards.types import Task
from tests.rewards.effects.test_effect import came_to, task
from tests.rewards.scripted import LANGUAGES


def right(of: Task, place: int) -> dict[str, Any]:
    """The first accepted arguments of a right call."""
    want = of.expected.calls[place]["arguments"]
    return {name: values[0] for name, values in want.items() if values[0] != ""}


def verdict(of: Task, place: int = 0, /, **arguments: Any) -> str:
    """What the right calls come to with other arguments in one of them."""
    calls = [
        (want["name"], right(of, i) | (arguments if i == place else {}))
        for i, want in enumerate(of.expected.calls)
    ]
    came = came_to(of, *calls)
    return "right" if came.exact else "more" if came.done else "wrong"


RATED = [
    {"best_rating": "5"}, {"rating_unit": "stars"}, {"object_type": "book"}, {"rating": "4/5"}, {"rating": "4 stars"},
    {"rating": "4.0"}, {"rating": "4 out of 5"}, {"rating": "4 out of 5 stars", "best_rating": "5"},
]  # fmt: skip
MISRATED = [
    {"best_rating": "10"}, {"best_rating": "4"}, {"rating": "4/10"}, {"rating": "5/4"}, {"rating": "4 of 10"},
    {"rating": "4/5", "best_rating": "10"}, {"rating": "not 4"}, {"rating": "4 or 5"}, {"rating": "4.5"},
    {"rating": "5"}, {"rating": "-4"}, {"rating": "40"},
]  # fmt: skip
OUT_OF_FIVE = {
    "de": "4 von 5 Sternen", "es": "4 sobre 5", "fr": "4 sur 5", "pt": "4 de 5 estrelas", "ru": "4 из 5",
    "ar": "٤ من ٥", "hi": "5 में से 4", "bn": "৫ এর মধ্যে ৪", "te": "5లో 4", "th": "4 จาก 5 ดาว",
    "sw": "4 kati ya 5", "ja": "5点中4点", "zh": "5分制4分", "ko": "5점 만점에 4점", "en": "four out of five",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rating_is_the_same_on_the_usual_scale(language: str) -> None:
    of = task("rate_book", language, rating="4")
    rated = [*RATED, {"rating": OUT_OF_FIVE[language]}]
    assert [one for one in rated if verdict(of, **one) != "right"] == []
    assert [one for one in MISRATED if verdict(of, **one) != "wrong"] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_may_end_and_be_quoted_as_one_likes(language: str) -> None:
    of = task("message_contact", language)
    text = right(of, 1)["text"]
    same = ["{}.", "{}!", "{}。", "{}।", '"{}"', "«{}»", "「{}」", "„{}“."]
    assert [form for form in same if verdict(of, 1, text=form.format(text)) != "right"] == []
    other = ["{}?", "Hi {}", "{} not", "{0} {0}", "."]
    assert [form for form in other if verdict(of, 1, text=form.format(text)) != "wrong"] == []
    assert verdict(of, 1, text=text[: len(text) // 2]) == "wrong"


@pytest.mark.parametrize(
    ("language", "todo", "same", "other"),
    [
        (
            "en",
            3,
            ["pay rent", "Pay the rent.", '"pay the rent"'],
            ["pay the bill", "pay", "pay the rent twice"],
        ),
        ("de", 3, ["Miete überweisen", "die Miete überweisen."], ["Miete kürzen"]),
        ("fr", 3, ["payer loyer", "payer un loyer"], ["payer le dîner"]),
        ("es", 3, ["pagar alquiler"], ["pagar la luz"]),
        ("pt", 3, ["pagar aluguel"], ["pagar a luz"]),
        ("zh", 3, ["交房租。", "「交房租」"], ["房租"]),
    ],
)
def test_a_todo_may_keep_its_article_or_drop_it(
    language: str, todo: int, same: list[str], other: list[str]
) -> None:
    of = task("set_reminder", language, todo=todo)
    assert [one for one in same if verdict(of, todo=one) != "right"] == []
    assert [one for one in other if verdict(of, todo=one) != "wrong"] == []


@pytest.mark.parametrize(
    ("language", "national", "others"),
    [
        ("es", "633 90 21 76", ["+34633902176", "+34 633-90-21-76", "0034 633 90 21 76", "633902176"]),
        ("fr", "06 78 03 41 59", ["+33 6 78 03 41 59", "0033678034159", "06.78.03.41.59"]),
        ("ja", "070-2345-0163", ["+81 70-2345-0163", "07023450163"]),
        ("ru", "8 (911) 555-01-63", ["+7 911 555-01-63", "89115550163"]),
        ("en", "(415) 555-0132", ["+1 415 555 0132", "415.555.0132"]),
        ("bn", "01313-667021", ["+8801313667021", "008801313667021"]),
    ],
)
def test_a_phone_number_is_the_same_at_home_and_from_abroad(
    language: str, national: str, others: list[str]
) -> None:
    for position in range(8):
        of = task("send_money", language, recipient=position)
        if right(of, 0)["recipient"] == national:
            break
    assert [one for one in others if verdict(of, recipient=one) != "right"] == []
    other = others[0][:-1] + str((int(others[0][-1]) + 1) % 10)
    assert verdict(of, recipient=other) == "wrong"


@pytest.mark.parametrize(
    ("kind", "unsaid", "more"),
    [
        (
            "play_music",
            {"music_item": ["songs", "music", "song", "Musik", "曲"]},
            {"music_item": ["album", "podcast"]},
        ),
        (
            "set_alarm",
            {
                "recurring": ["none", "once", "no", "Never", "einmalig"],
                "label": ["Alarm", "none"],
                "reference": ["alarm"],
            },
            {"recurring": ["every day"], "label": ["Gym"]},
        ),
        ("set_reminder", {"recurring": ["none", "once"]}, {"recurring": ["weekly"]}),
        (
            "book_restaurant",
            {"restaurant_type": ["restaurant"]},
            {"restaurant_type": ["bar"], "location": ["Rome"], "party_description": ["3 people"]},
        ),
    ],
)
def test_an_argument_that_says_no_more_is_as_if_left_out(
    kind: str, unsaid: dict[str, list[str]], more: dict[str, list[str]]
) -> None:
    for language in LANGUAGES:
        of = task(kind, language)
        assert [v for k, some in unsaid.items() for v in some if verdict(of, **{k: v}) != "right"] == []
        assert [v for k, some in more.items() for v in some if verdict(of, **{k: v}) != "more"] == []


def test_an_addition_to_a_wrong_row_makes_it_no_better() -> None:
    of = task("set_alarm", time="16:40")
    assert verdict(of, datetime="17:40", label="Gym") == "wrong"
    cancelled = task("cancel_alarm", time="07:30", other="09:00")
    again = ("set_alarm", {"datetime": "07:30", "label": "Gym"})
    assert not came_to(cancelled, ("cancel_alarm", {"datetime": "07:30"}), again).done


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_party_is_counted(language: str) -> None:
    of = task("book_restaurant", language, people="2")
    assert verdict(of, party_size="2 people") == "right"
    assert verdict(of, party_description="2 people") == "right"
    for other in ("3 people", "2 or 3", "not 2 people", "20", f"2{' ' * 80}or 3"):
        assert verdict(of, party_size=other) == "wrong"


QUOTABLE = [
    ("find_media", "title"), ("find_screenings", "movie"), ("add_to_playlist", "track"), ("rate_book", "title"),
    ("add_to_playlist", "playlist"), ("book_restaurant", "restaurant"), ("add_event", "title"),
    ("play_music", "artist"), ("cancel_reminder", "todo"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), QUOTABLE)
def test_a_name_may_keep_its_quotation_marks(kind: str, name: str) -> None:
    for language in LANGUAGES:
        of = task(kind, language)
        text = right(of, 0)[name]
        for form in ('"{}"', "«{}»", "「{}」", "“{}”", "『{}』", "„{}“"):
            assert verdict(of, **{name: form.format(text)}) == "right"
        assert verdict(of, **{name: f"{text} 2"}) == "wrong"


def test_codes_may_be_grouped_and_named() -> None:
    of = task("check_iban", iban="DE89370400440532013000")
    for iban in ("IBAN DE89 3704 0044 0532 0130 00", "iban: DE89370400440532013000"):
        assert verdict(of, iban=iban) == "right"
    assert verdict(of, iban="IBAN DE89370400440532013001") == "wrong"
    of = task("check_vat", vat="ESB58378431")
    assert verdict(of, number="ESB58.378.431") == "right"
    assert verdict(of, number="ESB58.378.432") == "wrong"


@pytest.mark.parametrize("kind", ["world_time", "get_weather", "get_sunset", "find_postal_code"])
def test_a_city_may_be_named_with_its_country(kind: str) -> None:
    of = task(kind, city="lisbon")
    (name,) = right(of, 0)
    for city in ("Lisbon, Portugal", "Lisboa (Portugal)"):
        assert verdict(of, **{name: city}) == "right"
    for city in ("Porto, Portugal", "Madrid, Portugal", "Lisbon, Spain"):
        assert verdict(of, **{name: city}) == "wrong"


def test_times_come_in_their_order_and_not_in_that_of_their_hashes() -> None:
    made = gold(task("show_alarms", a="22:00", b="06:30"))
    assert made is not None and made.same.times["datetime"] == (390, 1320)
