"""Equal outcomes are equal, however they were brought about and spelled; what is not equal is not."""

from dataclasses import replace
from typing import Any

import pytest

from rewards.effects.effect import Effect, effect
from rewards.samples import gold, trajectory
from rewards.types import Expected, Task
from rl.data.catalog import make
from sandbox import catalog
from sandbox.types import ToolCall

ALARM = {"kind": "set_alarm", "time": "07:30"}


def task(kind: str, language: str = "en", request: str | None = None, **slots: Any) -> Task:
    """A task that is shown all of the catalog's tools."""
    made = make(kind, language, request=request, **slots)
    return replace(made, tools=list(catalog.SPECS.values()))


def came_to(of: Task, *calls: tuple[str, dict[str, Any]]) -> Effect:
    made = [ToolCall(str(i), name, arguments) for i, (name, arguments) in enumerate(calls)]
    found = effect(of, trajectory(of, made, None))
    assert found is not None
    return found


def set_alarm(**arguments: str) -> tuple[str, dict[str, Any]]:
    return "set_alarm", arguments


EQUAL = [
    (task("set_alarm", time="07:30"), [set_alarm(datetime="07:30", recurring="", label="")]),
    (task("set_alarm", time="07:30"), [set_alarm(datetime="7:30")]),
    (task("set_alarm", time="07:30"), [set_alarm(datetime="half past seven in the morning")]),
    (task("set_alarm", time="19:00"), [set_alarm(datetime="7 this evening")]),
    (task("set_alarm", "de", time="07:30"), [set_alarm(datetime="halb acht")]),
    (task("snooze_alarm", minutes=10, set="08:00"), [("snooze_alarm", {})]),
    (
        task("change_alarm", old="07:00", new="08:15"),
        [("cancel_alarm", {"datetime": "07:00"}), set_alarm(datetime="08:15")],
    ),
    (
        task("replace_alarm", old="07:00", new="08:15"),
        [("change_alarm", {"datetime": "07:00", "new_datetime": "08:15"})],
    ),
    (
        task("replace_alarm", old="07:00", new="08:15"),
        [set_alarm(datetime="08:15"), ("cancel_alarm", {"datetime": "07:00"})],
    ),
    (task("world_time", "de", city="tokyo"), [("world_time", {"city": "東京"})]),
    (
        task("convert_currency", amount=250, source="USD", target="EUR"),
        [("convert_currency", {"amount": 250.0, "source": "usd", "target": " eur "})],
    ),
    (task("next_holiday", country="FR", date="2026-05-02"), [("next_holiday", {"country": "fr", "after": "2026-05-02"})]),
    (
        task("check_iban", iban="DE89370400440532013000"),
        [("check_iban", {"iban": "DE89 3704 0044 0532 0130 00"})],
    ),
    (task("check_vat", vat="DE136695976"), [("check_vat", {"number": "de 136 695 976"})]),
    (
        task("format_phone", phone=("01 42 68 53 00", "FR")),
        [("format_phone", {"number": "+33 1 42 68 53 00", "country": "fr"})],
    ),
    (
        task("two_times", city="tokyo", city2="paris"),
        [("world_time", {"city": "Paris"}), ("world_time", {"city": "Tokio"})],
    ),
    (
        task("book_train", "fr", origin="london", destination="paris", date="2026-05-05"),
        [("book_train", {"origin": "London", "destination": "Paris", "date": "2026-05-05"})],
    ),
    (
        task("get_sunrise", city="paris"),
        [("get_sunrise", {"location": "París", "datetime": "2026-03-02"})],  # today, which is the default
    ),
]  # fmt: skip


@pytest.mark.parametrize(("of", "calls"), EQUAL, ids=lambda value: getattr(value, "id", ""))
def test_equal_outcomes_are_equal(of: Task, calls: list[tuple[str, dict[str, Any]]]) -> None:
    assert came_to(of, *calls) == Effect(True, True)


UNEQUAL = [
    (task("set_alarm", time="07:30"), [set_alarm(datetime="19:30")]),
    (task("set_alarm", time="07:30"), [set_alarm(datetime="half past eight")]),
    (task("set_alarm", time="07:30"), []),
    (task("set_alarm", time="07:30"), [set_alarm(datetime="07:30"), ("cancel_alarm", {"datetime": "07:30"})]),
    (task("change_alarm", old="07:00", new="08:15"), [set_alarm(datetime="08:15")]),
    (task("change_alarm", old="07:00", new="08:15"), [("cancel_alarm", {"datetime": "07:00"})]),
    (task("cancel_alarm", time="07:00", other="09:00"), [("cancel_alarm", {"datetime": "09:00"})]),
    (task("world_time", city="madrid"), [("world_time", {"city": "Lima"})]),
    (task("two_times", city="tokyo", city2="paris"), [("world_time", {"city": "Tokyo"})] * 2),
    (task("get_sunrise", city="paris"), [("get_sunset", {"location": "Paris"})]),
    (
        task("convert_currency", amount=250, source="USD", target="EUR"),
        [("convert_currency", {"amount": 250.0, "source": "EUR", "target": "USD"})],
    ),
    (task("send_pix", key="ana@exemplo.com.br", amount=50), [("send_pix", {"key": "loja@feira.com.br", "amount": 50.0})]),
    (task("send_pix", key="ana@exemplo.com.br", amount=50), [("send_pix", {"key": "ana@exemplo.com.br", "amount": 50.0})] * 2),
    (task("book_train", origin="london", destination="paris", date="2026-05-05"),
     [("book_train", {"origin": "Paris", "destination": "London", "date": "2026-05-05"})]),
]  # fmt: skip


@pytest.mark.parametrize(("of", "calls"), UNEQUAL, ids=lambda value: getattr(value, "id", ""))
def test_what_is_not_done_is_not_done(of: Task, calls: list[tuple[str, dict[str, Any]]]) -> None:
    came = came_to(of, *calls)
    assert not came.done and not came.exact and came.why


def test_what_nobody_asked_for_costs_the_outcome() -> None:
    of = task("set_alarm", time="07:30")
    for beside in (
        set_alarm(datetime="07:30"),
        set_alarm(datetime="05:00"),
        ("play_music", {"genre": "jazz"}),
        ("send_pix", {"key": "ana@exemplo.com.br", "amount": 5.0}),
    ):
        came = came_to(of, set_alarm(datetime="07:30"), beside)
        assert came.done and not came.exact
    labelled = came_to(of, set_alarm(datetime="07:30", recurring="every day"))
    assert not labelled.exact


def test_a_look_is_wasted_and_a_change_that_was_undone_too() -> None:
    of = task("set_alarm", time="07:30")
    right, look = set_alarm(datetime="07:30"), ("show_alarms", {})
    assert came_to(of, look, right) == Effect(True, True, 1)
    assert came_to(of, look, right, look) == Effect(True, True, 2)
    wrong = set_alarm(datetime="05:00")
    undone = came_to(of, wrong, ("cancel_alarm", {"datetime": "05:00"}), right)
    assert undone.exact and undone.wasted == 2
    error = ("world_time", {"city": "Atlantis"})
    assert came_to(of, error, right) == Effect(True, True, 1)
    paper = ("world_time", {"town": "Paris"})  # does not fit its schema, for which json_valid counts
    assert came_to(of, paper, right) == Effect(True, True, 0)


def moved(*steps: tuple[str, str, int]) -> list[tuple[str, dict[str, Any]]]:
    return [("move_money", {"source": a, "target": b, "amount": amount}) for a, b, amount in steps]


@pytest.mark.parametrize(
    ("steps", "wasted"),
    [
        ([("checking", "savings", 250)], 0),
        ([("checking", "savings", 100), ("checking", "savings", 150)], 0),  # another way
        ([("checking", "savings", 100), ("savings", "checking", 100), ("checking", "savings", 250)], 2),
        ([("checking", "travel", 5), ("travel", "checking", 5)] * 3 + [("checking", "savings", 250)], 6),
        ([("checking", "savings", 25)] * 10, 9),
    ],
)
def test_doing_and_undoing_is_a_waste(steps: list[tuple[str, str, int]], wasted: int) -> None:
    of = task("move_money", source="checking", target="savings", amount=250)
    assert came_to(of, *moved(*steps)) == Effect(True, True, wasted)


def test_a_look_that_finds_things_in_the_state_wastes_nothing_but_itself() -> None:
    of = task("book_flight", origin="paris", destination="tokyo", date="2026-05-05")
    made = gold(of)
    assert effect(of, made) == Effect(True, True)
    found = came_to(of, ("find_flights", {"origin": "Lima", "destination": "Cairo", "date": "2026-05-05"}))
    assert not found.done
    search = made.calls[0]
    other = replace(search, id="9", arguments={**(search.arguments or {}), "date": "2026-05-06"})
    assert effect(of, trajectory(of, [other, *made.calls], None)) == Effect(True, True, 1)


def test_a_look_at_something_else_is_wasted_in_the_place_of_the_right_one_too() -> None:
    of = task("cancel_trip")
    made, look = gold(of), ToolCall("9", "show_alarms", {})
    assert [call.name for call in made.calls] == ["show_trips", "cancel_trip"]
    guessed = effect(of, trajectory(of, [look, made.calls[1]], None))
    assert guessed == effect(of, trajectory(of, [look, *made.calls], None)) == Effect(True, True, 1)


def test_without_the_state_the_calls_are_run_again() -> None:
    of = task("set_alarm", time="07:30")
    right = trajectory(of, [ToolCall("0", "set_alarm", {"datetime": "7:30"})], None)
    assert effect(of, replace(right, state=None)) == Effect(True, True)
    assert effect(of, replace(gold(of), state=None)) == Effect(True, True)


def test_many_calls_take_no_long_time() -> None:
    of = task("set_alarm", time="07:30")
    flood = [set_alarm(datetime="05:00"), ("cancel_alarm", {"datetime": "05:00"})] * 100
    assert came_to(of, *flood, set_alarm(datetime="07:30")).wasted == 200


def test_tools_on_paper_are_matched() -> None:
    call = {"name": "world_time", "arguments": {"city": ["Paris"]}}
    of = replace(task("world_time", city="paris"), expected=Expected([call]), run_calls=False)
    assert came_to(of, ("world_time", {"city": "Paris"})) == Effect(True, True)
    assert not came_to(of, ("world_time", {"city": "París"})).done


@pytest.mark.parametrize("language", ["en", "ja", "sw", "te"])
def test_an_optional_argument_that_was_asked_for_may_not_be_left_out(language: str) -> None:
    asked = task("get_weather", language, city="paris")
    (want,) = asked.expected.calls
    tomorrow = replace(
        asked, expected=Expected([{**want, "arguments": {**want["arguments"], "datetime": ["tomorrow"]}}])
    )
    assert came_to(tomorrow, ("get_weather", {"location": "Paris", "datetime": "tomorrow"})).exact
    assert not came_to(tomorrow, ("get_weather", {"location": "Paris"})).done
