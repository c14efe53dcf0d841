"""The built-in tasks: honest splits, parallel languages, slots that fit their sentences, values as they are said."""

import re
import unicodedata
from collections import Counter, defaultdict
from random import Random
from typing import Any

import pytest

from rewards.types import Task
from rl.data.catalog import load, make, phrases
from rl.data.catalog.scenarios import SCENARIOS
from rl.data.catalog.slots import LOCAL_UNITS, RAILWAYS, WINDOWS, draw
from rl.data.catalog.spoken import say
from rl.data.catalog.words import LANGUAGES as FOUND
from rl.data.catalog.words import SLOT, forms_of, spell, suits
from rl.errors import UserError
from sandbox import catalog as apis
from sandbox.catalog import SPECS, city_key
from sandbox.catalog.routing import FAMILIES, currency_of, local_tool
from tests.rl.data.catalog_parts import (
    LANGUAGES,
    SPLITS,
    arguments,
    each_language,
    kind_of,
    request_of,
    wording,
)

CITY = ("city", "location", "origin", "destination")  # arguments in the user's language
TEXT = ("todo", "title", "artist", "track", "playlist", "restaurant", "movie", "recipient")
MEANT = {
    "find_contact name": "contact",
    "message_contact text": "message",
    "rate_book title": "book",
    "find_media title": "movie",
}
LOCAL = ("send_money", "move_money")  # in the user's own money


@pytest.fixture(scope="module")
def tasks() -> dict[str, list[Task]]:
    """Two tasks of every kind in every language, of each split."""
    return {split: load(split, per_tool=2) for split in SPLITS}


@pytest.fixture(scope="module")
def every_task(tasks: dict[str, list[Task]]) -> list[Task]:
    return [task for split in SPLITS for task in tasks[split]]


def test_built_texts_are_whole(every_task: list[Task]) -> None:
    for task in every_task:
        for text in (request_of(task), task.expected.reply or ""):
            assert text == " ".join(text.split(" ")).strip(), task.id
            assert not re.search(r"[{}\n\t]|  |\bNone\b|\bnan\b", text), (task.id, text)
            assert unicodedata.is_normalized("NFC", text), (task.id, text)
            assert any(c.isalpha() for c in text), (task.id, text)


def test_train_and_test_share_no_request(tasks: dict[str, list[Task]]) -> None:
    train, test = ({(t.language, wording(request_of(t))) for t in tasks[split]} for split in SPLITS)
    assert not train & test


def test_no_open_argument_is_in_both_splits(tasks: dict[str, list[Task]]) -> None:
    """As built, in every language; what a first call came to (the amount paid on) is no slot."""
    seen: dict[str, dict[str, set[str]]] = {split: defaultdict(set) for split in SPLITS}
    for split in SPLITS:
        for task in tasks[split]:
            for tool, argument, values in arguments(task):
                if kind_of(task) != "convert_and_pay" or tool != "send_pix":
                    seen[split][f"{task.language} {tool} {argument}"] |= {str(v).casefold() for v in values}
    closed = {"source", "target", "country", "rating", "party_size", "service", "place"}
    for name, train in seen["train"].items():
        if name.split()[2] not in closed:
            assert not train & seen["test"][name], name


def test_every_tool_but_those_of_other_countries_is_asked_for_in_every_language(
    every_task: list[Task],
) -> None:
    called: dict[str, set[str]] = defaultdict(set)
    for task in every_task:
        called[task.language] |= {call["name"] for call in task.expected.calls}
    for language in LANGUAGES:
        locale = phrases(language)["locale"]
        here = {"send_pix", "send_upi", local_tool("send_money", locale)}
        assert called[language] == set(SPECS) - set(FAMILIES["send_money"]) | here


@each_language
def test_the_countrys_own_tool_stands_beside_those_of_others(language: str) -> None:
    family = set(FAMILIES["send_money"])
    for task in load("train", [language], ["send_money", "freeze_card"], per_tool=12):
        shown = {tool.name for tool in task.tools} & family
        if kind_of(task) == "send_money":
            own = local_tool("send_money", task.locale)
            assert {call["name"] for call in task.expected.calls} == {own}
            rivals = shown - {own}
            assert len(rivals) == 2
            assert all(apis.SPECS[name].locale.split("-")[0] != language for name in rivals)
        else:
            assert not shown


def test_every_task_shows_the_tools_it_needs_and_others(every_task: list[Task]) -> None:
    places = Counter()
    for task in every_task:
        shown, needed = [tool.name for tool in task.tools], {c["name"] for c in task.expected.calls}
        assert needed <= set(shown)
        assert len(shown) == len(set(shown)) == 4
        places.update(shown.index(name) for name in needed)
    assert min(places[i] for i in range(4)) > sum(places.values()) / 8  # the place tells nothing


@pytest.mark.parametrize("split", SPLITS)
def test_parallel_tasks_ask_for_the_same(tasks: dict[str, list[Task]], split: str) -> None:
    groups: dict[str, list[Task]] = defaultdict(list)
    for task in tasks[split]:
        groups[task.parallel_id].append(task)
    for group in groups.values():
        assert [task.language for task in group] == FOUND
        for task in group[1:]:
            assert meaning(task) == meaning(group[0]), task.id
            assert task.tools == group[0].tools or kind_of(task) == "send_money"


def meaning(task: Task) -> list[Any]:
    """A task's calls and facts without its language: a city is its key, a text its position."""
    calls = [(_canonical_tool(tool), _canonical(task, tool, name, v[0])) for tool, name, v in arguments(task)]
    facts = [(f["kind"], f.get("unit"), _currency(task, f), _canonical_fact(task, f)) for f in _facts(task)]
    return [calls, facts, task.expected.no_call, task.expected.ordered, task.expected.rules]


def _canonical_tool(tool: str) -> str:
    return "send_money" if tool in FAMILIES["send_money"] else tool


def _currency(task: Task, fact: dict[str, Any]) -> str | None:
    if kind_of(task) in LOCAL:
        assert fact["currency"] == currency_of(task.locale)
        return None
    return fact.get("currency")


def _facts(task: Task) -> list[dict[str, Any]]:
    """Those that hang on the values asked for; a film's showing times hang on its title as spelled."""
    timed = kind_of(task) == "find_screenings"
    return [fact for fact in task.expected.facts if not (timed and fact["kind"] == "time")]


def _canonical(task: Task, tool: str, argument: str, value: Any) -> Any:
    if argument in CITY:
        key = city_key(value)
        assert key is not None, (task.id, value)
        return key
    if kind_of(task) == "send_money" and argument != "amount":
        return _position(task, "recipient", value)
    if kind_of(task) in LOCAL and argument == "amount":
        return value / LOCAL_UNITS.get(currency_of(task.locale), 1)
    meant = MEANT.get(f"{tool} {argument}", argument)
    return (argument, _position(task, meant, value) if meant in {*TEXT, *MEANT.values()} else value)


def _position(task: Task, name: str, value: str) -> int:
    texts = phrases(task.language)["values"][name][task.split]
    return [forms_of(text)["name"] for text in texts].index(value)


def _canonical_fact(task: Task, fact: dict[str, Any]) -> Any:
    if kind_of(task) in LOCAL:
        return fact["value"] / LOCAL_UNITS.get(currency_of(task.locale), 1)
    if fact["kind"] != "text":
        return fact["value"]
    for name, texts in phrases(task.language)["values"].items():
        forms = [forms_of(text)["name"] for text in texts[task.split]]
        if fact["value"] in forms and name in _text_slots(task):
            return name, forms.index(fact["value"])
    return fact["value"]


def _text_slots(task: Task) -> set[str]:
    slots = SCENARIOS[kind_of(task)].slots.values()
    return {kind.removeprefix("text:") for kind in slots if kind.startswith("text:")}


def test_tasks_are_built_alike_every_time(tasks: dict[str, list[Task]]) -> None:
    again = load("test", per_tool=2)
    assert again == tasks["test"]
    one = [task for task in tasks["test"] if kind_of(task) == "book_train" and task.language == "ru"]
    alone = load("test", ["ru"], ["book_train"], per_tool=2)
    assert [request_of(task) for task in one] == [request_of(task) for task in alone]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"split": "dev"}, "split 'dev'"),
        ({"languages": ["xx"]}, "language 'xx'"),
        ({"tools": ["fly"]}, "tool 'fly'"),
    ],
)
def test_what_the_catalog_has_not_is_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        load(**wrong)


def test_a_task_is_made_with_slots_of_ones_choice() -> None:
    task = make("set_alarm", "sw", time="07:05")
    assert list(arguments(task)) == [("set_alarm", "datetime", ["07:05"])]
    assert "saa 1:05 asubuhi" in request_of(task) and "saa 1:05 asubuhi" in (task.expected.reply or "")
    words = "Nipigie alfajiri!"
    assert request_of(make("set_alarm", "sw", time="07:05", request=words)) == words
    assert make("set_alarm", "sw", time="07:05") == task  # the same every time


def test_what_is_made_takes_what_is_drawn() -> None:
    [units] = [
        c["arguments"]
        for c in make("convert_units", "de", value=100, units=["mile", "kilometer"]).expected.calls
    ]
    assert units == {"value": [100], "source": ["mile"], "target": ["kilometer"]}
    [title, *_] = (
        make("add_event", "fr", title=0, date="2026-03-14", time="10:00")
        .expected.calls[0]["arguments"]
        .values()
    )
    assert title[0] == forms_of(phrases("fr")["values"]["title"]["train"][0])["name"]
    [left] = make("alarm_time_left", "en", minutes=90).expected.facts
    assert left["value"] == 90, "more than an hour, too"
    [moved] = make("move_money", "ja", source="checking", target="savings", amount=500).expected.facts
    assert (moved["value"], moved["currency"]) == (50_000, "JPY")


@pytest.mark.parametrize("kind", [*SCENARIOS, "small_talk"])
def test_every_kind_can_be_made(kind: str) -> None:
    for language in LANGUAGES:
        for split in SPLITS:
            task = make(kind, language, split=split)
            assert kind_of(task) == kind and task.split == split and task.expected.reply


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "fly"}, "kind 'fly'"),
        ({"language": "xx"}, "language 'xx'"),
        ({"split": "dev"}, "split 'dev'"),
        ({"town": "lima"}, "slot of get_weather 'town'"),
    ],
)
def test_what_cannot_be_made_is_named(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        make(**{"kind": "get_weather", "language": "en"} | wrong)


@each_language
def test_a_sentence_suits_its_slots(language: str) -> None:
    """Whoever sleeps in has no alarm for the evening, and no dinner is at noon."""
    file = phrases(language)
    windowed = [
        (kind, template, window)
        for kind, phrasing in file["tools"].items()
        for lines in phrasing["requests"].values()
        for template in lines
        for _, _, window in SLOT.findall(template)
        if window
    ]
    assert {"early", "evening", "small"} <= {window for *_, window in windowed}
    assert {window for *_, window in windowed} <= {*WINDOWS, "small"}
    for kind, template, window in windowed:
        scenario, fits = SCENARIOS[kind], Counter[bool]()
        for seed in range(60):
            slots = draw(scenario.slots, "train", Random(seed))
            fit = suits(template, spell(scenario, slots, language, "train"))
            fits[fit] += 1
            if fit and window != "small":
                first, last = WINDOWS[window]
                assert first <= slots["time"] <= last
        assert fits[False] > 0


def test_trains_go_where_there_are_rails_and_mail_where_there_are_codes(every_task: list[Task]) -> None:
    lines = [line for split in SPLITS for line in RAILWAYS[split]]
    for task in every_task:
        for _, argument, [value, *_] in arguments(task):
            if kind_of(task) == "book_train" and argument == "origin":
                origin = city_key(value)
            if kind_of(task) == "book_train" and argument == "destination":
                assert any({origin, city_key(value)} <= set(line) for line in lines), task.id
        if kind_of(task) == "find_postal_code":
            assert not {city_key(v) for _, _, [v, *_] in arguments(task)} & {"dubai", "hong_kong"}


def test_sums_are_such_as_people_name_in_a_currency() -> None:
    for seed in range(200):
        slots = draw(SCENARIOS["convert_currency"].slots, "train", Random(seed))
        assert slots["amount"] >= {"JPY": 2000, "INR": 200}.get(slots["source"], 20)


SAID = [  # the language, a fact, and what a native writes
    ("hi", {"kind": "time", "value": "20:25"}, "रात के 8:25 बजे"),
    ("bn", {"kind": "time", "value": "16:40"}, "বিকেল ৪টা ৪০ মিনিট"),
    ("te", {"kind": "time", "value": "20:25"}, "రాత్రి 8:25"),
    ("sw", {"kind": "time", "value": "07:05"}, "saa 1:05 asubuhi"),
    ("sw", {"kind": "time", "value": "19:00"}, "saa 1 usiku"),
    ("th", {"kind": "date", "value": "2026-08-30"}, "30 สิงหาคม 2569"),
    ("pt", {"kind": "date", "value": "2026-05-01"}, "1º de maio de 2026"),
    ("fr", {"kind": "date", "value": "2027-05-01"}, "1er mai 2027"),
    ("te", {"kind": "date", "value": "2026-03-03"}, "మార్చి 3, 2026"),
    ("ru", {"kind": "date", "value": "2026-03-03"}, "3 марта 2026 года"),
    ("zh", {"kind": "money", "value": 1560.0, "currency": "CNY"}, "1,560元"),
    ("ja", {"kind": "money", "value": 156000.0, "currency": "JPY"}, "156,000円"),
    ("ko", {"kind": "money", "value": 1560000.0, "currency": "KRW"}, "1,560,000원"),
    ("ar", {"kind": "money", "value": 6924.71, "currency": "BRL"}, "٦٬٩٢٤٫٧١ ريالًا برازيليًا"),
    ("ar", {"kind": "money", "value": 1305.0, "currency": "GBP"}, "١٬٣٠٥ جنيهات إسترلينية"),
    ("ar", {"kind": "money", "value": 1500.0, "currency": "EGP"}, "١٬٥٠٠ جنيه"),
    ("bn", {"kind": "money", "value": 57600.0, "currency": "INR"}, "৫৭,৬০০ রুপি"),
    ("ru", {"kind": "money", "value": 2661.0, "currency": "CNY"}, "2\xa0661 юань"),
    ("ru", {"kind": "money", "value": 10952.94, "currency": "CNY"}, "10\xa0952,94 юаня"),
    ("de", {"kind": "money", "value": 212.5, "currency": "EUR"}, "212,50 €"),
    ("en", {"kind": "money", "value": 1560.0, "currency": "USD"}, "$1,560"),
    ("en", {"kind": "temperature", "value": 17}, "63°F"),
    ("ar", {"kind": "temperature", "value": 33}, "٣٣ درجة مئوية"),
    ("ja", {"kind": "quantity", "value": 2397.92, "unit": "kilometer"}, "2,397.92キロメートル"),
    ("sw", {"kind": "quantity", "value": 410, "unit": "fahrenheit"}, "nyuzi 410 za Fahrenheit"),
]


@pytest.mark.parametrize(("language", "fact", "said"), SAID)
def test_a_value_is_said_as_in_a_sentence(language: str, fact: dict[str, Any], said: str) -> None:
    assert say(fact, phrases(language))["name"].replace("\u202f", "\xa0") == said.replace("\u202f", "\xa0")


def test_nouns_take_the_form_of_their_number() -> None:
    """Arabic: 3 to 10 the plural, 11 to 99 the accusative singular, hundreds the genitive."""
    asked = {n: request_of(make("send_pix", "ar", key="+5511987654321", amount=n)) for n in (205, 220, 300)}
    assert "٢٠٥ ريالات برازيلية" in asked[205]
    assert "٢٢٠ ريالًا برازيليًا" in asked[220]
    assert "٣٠٠ ريال برازيلي" in asked[300]


def test_a_contact_stands_in_its_case_and_may_be_told_in_it() -> None:
    task = make("message_contact", "ru", contact=1)
    assert "Анн" in request_of(task)
    [fact] = task.expected.facts
    assert fact["value"] == "Анна Петрова" and "Анне Петровой" in fact["also"]


@each_language
def test_gold_replies_of_the_test_split_were_never_a_training_reply(language: str) -> None:
    for kind, phrasing in phrases(language)["tools"].items():
        for name in ("replies", "replies_no"):
            lists = phrasing.get(name, {"train": [], "test": []})
            assert not {wording(r) for r in lists["train"]} & {wording(r) for r in lists["test"]}, kind
