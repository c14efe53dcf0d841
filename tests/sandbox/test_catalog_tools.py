"""The catalog's tools: each has a valid spec, and what it does to the state."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sandbox.arguments import validate
from sandbox.catalog import CITIES, NOW, SPECS, TOOLS, initial_state, run
from sandbox.catalog.cities import LANGUAGES, city_key, local_name
from sandbox.catalog.money import PER_DOLLAR
from sandbox.catalog.text import fold, spread
from sandbox.host.framing import encode
from sandbox.tools import ToolError
from sandbox.types import ToolCall


def play(*calls: tuple[str, dict]) -> tuple[list, dict]:
    """The results of the calls in order, and the state after them."""
    state, results = initial_state(), []
    for name, arguments in calls:
        assert validate(SPECS[name], ToolCall("1", name, arguments)) is None
        content, state = run(name, arguments, state)
        results.append(content)
    return results, state


def test_there_are_many_tools_and_each_is_specified():
    assert len(TOOLS) >= 60
    assert list(SPECS) == list(TOOLS)
    assert NOW.isoformat() == "2026-03-02T08:00:00+00:00"


@pytest.mark.parametrize("name", TOOLS)
def test_a_spec_is_a_valid_closed_schema_without_the_state(name):
    spec = SPECS[name]
    Draft202012Validator.check_schema(spec.parameters)
    assert spec.name == name and spec.description.endswith(".")
    assert spec.parameters["additionalProperties"] is False
    assert "state" not in spec.parameters["properties"]
    assert all(one["description"] for one in spec.parameters["properties"].values())


def arguments_of(name: str) -> st.SearchStrategy[dict]:
    """Arguments that fit the tool's spec: odd texts, and texts near to right ones."""
    likely = ["tokyo", "FR", "usd", "BRL", "2026-03-02", "2100-12-31", "25:00", "07:30", "+55", "+55٣", "²"]
    text = st.sampled_from([*likely, "DE²", "EL1", "a@b", "a@b.c", "IN99", "GB82²"]) | st.text(max_size=40)
    kinds = {
        "string": text,
        "integer": st.integers(-(2**53), 2**53),
        "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53),
    }
    fields = {
        key: st.sampled_from(schema["enum"]) if "enum" in schema else kinds[schema["type"]]
        for key, schema in SPECS[name].parameters["properties"].items()
    }
    needed = {key: fields.pop(key) for key in SPECS[name].parameters["required"]}
    return st.fixed_dictionaries(needed, optional=fields)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_arguments_that_fit_give_json_or_a_refusal_in_one_line(data):
    name = data.draw(st.sampled_from(sorted(TOOLS)))
    state = {"alarms": [{"id": 1, "datetime": "09:15", "recurring": "", "label": "work"}]}
    before = copy.deepcopy(state)
    try:
        content, after = run(name, data.draw(arguments_of(name)), state)
    except ToolError as refusal:
        assert str(refusal) and "\n" not in str(refusal)
    else:
        assert encode(content) and set(after) == set(initial_state()) and encode(after)
    assert state == before


FREE_TEXT = [
    "set_alarm", "cancel_alarm", "change_alarm", "show_alarms", "alarm_time_left", "set_reminder",
    "cancel_reminder", "show_reminders", "get_weather", "get_sunrise", "get_sunset", "play_music",
    "add_to_playlist", "book_restaurant", "rate_book", "find_media", "find_screenings",
]  # fmt: skip


@pytest.mark.parametrize("name", FREE_TEXT)
def test_text_as_spoken_is_never_refused(name):
    spoken = dict.fromkeys(SPECS[name].parameters["properties"], "morgen om half acht 明日の朝")
    content, _ = run(name, spoken, {})
    assert isinstance(content, dict)


def test_a_partial_state_is_filled_up_and_an_unknown_tool_refused():
    _, after = run("play_music", {"artist": "Björk"}, {"alarms": []})
    assert after == initial_state() | {"playing": {"artist": "Björk"}}
    with pytest.raises(ToolError, match="no tool 'fly'"):
        run("fly", {}, {})


def test_alarms_are_set_moved_snoozed_and_cancelled():
    results, state = play(
        ("set_alarm", {"datetime": "07:30"}),
        ("set_alarm", {"datetime": "23:50", "label": "Sleep"}),
        ("alarm_time_left", {}),
        ("snooze_alarm", {"minutes": 20}),
        ("change_alarm", {"datetime": "07:30", "new_datetime": "08:00"}),
        ("alarm_time_left", {"reference": "none of mine"}),
        ("cancel_alarm", {"reference": "ＳＬＥＥＰ"}),
        ("alarm_time_left", {}),
        ("show_alarms", {}),
    )
    assert results[2:] == [
        {"minutes": 15 * 60 + 50, "datetime": "23:50"},
        {"datetime": "00:10"},
        {"id": 1, "datetime": "08:00", "changed": 1},
        {"minutes": 16 * 60 + 10, "datetime": "00:10"},
        {"cancelled": 1, "datetime": "00:10"},
        {"minutes": 24 * 60, "datetime": "08:00"},
        {"alarms": state["alarms"]},
    ]
    assert state["alarms"] == [{"id": 1, "datetime": "08:00", "recurring": "", "label": ""}]


def test_what_is_asked_of_no_alarm_is_answered_without_error():
    results, state = play(
        ("snooze_alarm", {}),
        ("alarm_time_left", {}),
        ("cancel_alarm", {"datetime": "07:00"}),
        ("change_alarm", {"datetime": "07:00", "new_datetime": "08:00"}),
        ("set_alarm", {"datetime": "at dawn"}),
        ("change_alarm", {"datetime": "AT  DAWN"}),
        ("snooze_alarm", {}),
        ("cancel_alarm", {}),
    )
    assert results == [
        {"datetime": ""},
        {"minutes": None, "datetime": ""},
        {"cancelled": 0, "datetime": "07:00"},
        {"id": None, "datetime": "07:00", "changed": 0},
        {"id": 1, "datetime": "at dawn"},
        {"id": 1, "datetime": "AT  DAWN", "changed": 0},
        {"datetime": ""},
        {"cancelled": 1, "datetime": "at dawn"},
    ]
    assert state == initial_state()


def test_reminders_and_events():
    results, state = play(
        ("set_reminder", {"todo": "Miete zahlen", "datetime": "18:00"}),
        ("set_reminder", {"todo": "die Katze füttern"}),
        ("show_reminders", {"datetime": "18:00"}),
        ("cancel_reminder", {"todo": "DIE KATZE FÜTTERN"}),
        ("cancel_reminder", {"todo": "etwas anderes"}),
        ("add_event", {"title": "Yoga", "date": "2026-03-09", "time": "9:05"}),
    )
    assert results[2] == {"reminders": state["reminders"]}
    assert results[3:] == [
        {"cancelled": 1, "todo": "die Katze füttern"},
        {"cancelled": 0, "todo": "etwas anderes"},
        {"id": 1, "title": "Yoga", "date": "2026-03-09", "time": "09:05"},
    ]
    assert [one["todo"] for one in state["reminders"]] == ["Miete zahlen"]


def test_playlists_bookings_and_tickets_are_kept():
    results, state = play(
        ("add_to_playlist", {"track": "Imagine", "playlist": "Morning"}),
        ("add_to_playlist", {"track": "Yesterday", "playlist": "morning"}),
        ("book_restaurant", {"restaurant": "Chez Léon", "datetime": "20:00", "party_size": "4"}),
        ("book_train", {"origin": "Paris", "destination": "Wien", "date": "2026-05-01"}),
        ("rate_book", {"title": "Momo", "rating": "5"}),
    )
    assert state["playlists"] == {"Morning": ["Imagine", "Yesterday"]} and results[1]["tracks"] == 2
    assert state["bookings"] == [results[2]] and state["tickets"] == [results[3]]
    assert state["ratings"] == [{"title": "Momo", "rating": "5"}]


def test_payments_move_money_and_stop_at_the_balance():
    results, state = play(
        ("send_pix", {"key": "ana@exemplo.com.br", "amount": 1250.405}),
        ("send_upi", {"vpa": "asha@oksbi", "amount": 500}),
    )
    assert results[0] == {"id": 1, "amount": 1250.41, "currency": "BRL", "balance": 3749.59}
    assert results[1] == {"id": 2, "amount": 500.0, "currency": "INR", "balance": 49500.0}
    assert state["ledger"]["balance"] == {"BRL": 3749.59, "INR": 49500.0}
    with pytest.raises(ToolError, match="more than the balance"):
        run("send_pix", {"key": "ana@exemplo.com.br", "amount": 3749.60}, state)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("send_pix", {"key": "ana@exemplo.com", "amount": 0}, "more than 0"),
        ("send_pix", {"key": "ana@exemplo.com", "amount": -5}, "more than 0"),
        ("send_pix", {"key": "ana@exemplo.com", "amount": float("inf")}, "more than 0"),
        ("send_pix", {"key": "ana@exemplo.com", "amount": 0.001}, "smallest unit"),
        ("send_pix", {"key": "529.982.247-24", "amount": 5}, "not a Pix key"),
        ("send_pix", {"key": "+55 11", "amount": 5}, "not a Pix key"),
        ("send_upi", {"vpa": "asha", "amount": 5}, "name@bank"),
        ("convert_currency", {"amount": 5, "source": "XYZ", "target": "EUR"}, "ISO 4217"),
        ("convert_units", {"value": 5, "source": "mile", "target": "pound"}, "cannot be converted"),
        ("world_time", {"city": "Atlantis"}, "unknown city 'Atlantis'"),
        ("find_postal_code", {"city": ""}, "unknown city"),
        ("next_holiday", {"country": "Frankreich", "after": "2026-01-01"}, "ISO 3166"),
        ("next_holiday", {"country": "FR", "after": "2026-02-30"}, "YYYY-MM-DD"),
        ("format_phone", {"number": "030", "country": "ZZ"}, "ISO 3166"),
        ("add_event", {"title": "x", "date": "tomorrow", "time": "09:00"}, "YYYY-MM-DD"),
        ("add_event", {"title": "x", "date": "2026-03-09", "time": "24:00"}, "HH:MM"),
        ("book_train", {"origin": "Wien", "destination": "vienna", "date": "2026-03-09"}, "two different"),
        ("snooze_alarm", {"minutes": 0}, "from 1 to 720"),
    ],
)
def test_a_wrong_value_is_refused_with_what_to_do(name, arguments, said):
    with pytest.raises(ToolError, match=said.replace("(", r"\(")):
        run(name, arguments, {})


@pytest.mark.parametrize("language", LANGUAGES.split())
def test_every_city_is_known_by_its_name_in_every_language(language):
    assert {city_key(local_name(key, language)) for key in CITIES} == set(CITIES)


def test_a_city_means_the_same_in_every_script():
    assert len(CITIES) == 35
    names = ["東京", "Токио", "طوكيو", "ＴＯＫＹＯ", "टोक्यो", " tokyo "]
    assert {city_key(name) for name in names} == {"tokyo"}
    for tool in ("get_weather", "get_sunrise", "get_sunset"):
        results = [run(tool, {"location": name}, {})[0] for name in names]
        assert len({str(result | {"location": ""}) for result in results}) == 1
    assert city_key("Nowhere") is None


def test_made_up_values_are_steady_and_evenly_spread():
    counts = [0] * 72
    for index in range(7200):
        counts[spread(72, "matinee", str(index))] += 1
    assert min(counts) > 60 and max(counts) < 145
    assert spread(1000, "a", "b") == 581
    temperatures = {
        run("get_weather", {"location": str(index)}, {})[0]["temperature"] for index in range(600)
    }
    assert temperatures == set(range(-5, 39))


def test_screenings_do_not_depend_on_how_the_title_is_written():
    times = [run("find_screenings", {"movie": title}, {})[0]["times"] for title in ("Amélie", "AMÉLIE ")]
    assert times[0] == times[1] and times[0][0] < times[0][1]
    assert fold("Straße") == fold("STRASSE")


def test_the_table_of_currencies_is_wide():
    assert len(PER_DOLLAR) >= 25
    for code in PER_DOLLAR:
        assert (
            run("convert_currency", {"amount": 100, "source": code, "target": code}, {})[0]["amount"] == 100
        )
