import dataclasses
import json
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rewards.types import Expected, Task
from rl.config.schema import Sandbox
from rl.data import from_config, load
from rl.data.settings import Jsonl, Xsid
from rl.data.sources import jsonl, xsid
from rl.data.sources.xsid import Row
from rl.data.tools import without_nulls
from rl.errors import UserError
from sandbox.catalog import SPECS
from sandbox.types import ToolSpec

ENGLISH = """\
# text = Wake me at 7 , and again at 8 .
# intent = alarm/set_alarm
# slots: 8:12:datetime
1	Wake	alarm/set_alarm	O
2	me	alarm/set_alarm	O
3	at	alarm/set_alarm	B-datetime
4	7	alarm/set_alarm	I-datetime
5	,	alarm/set_alarm	O
6	and	alarm/set_alarm	O
7	again	alarm/set_alarm	O
8	at	alarm/set_alarm	B-datetime
9	8	alarm/set_alarm	I-datetime
10	.	alarm/set_alarm	O

# text = Alarm every Monday
# intent = alarm/set_alarm
1	Alarm	alarm/set_alarm	O
2	every	alarm/set_alarm	B-recurring_datetime
3	Monday	alarm/set_alarm	I-recurring_datetime

# text = Alarm every Monday
# intent = alarm/set_alarm
1	Alarm	alarm/set_alarm	O
2	every	alarm/set_alarm	B-recurring_datetime
3	Monday	alarm/set_alarm	I-recurring_datetime
"""
BAVARIAN = """\
# id = 40
# text-en = Wake me at 7 , and again at 8 .
# text = Weck mi um 7, und nomoi um 8.
# intent = alarm/set_alarm
1	Weck	alarm/set_alarm	O
2	mi	alarm/set_alarm	O
3	um	alarm/set_alarm	I-datetime
4	7	alarm/set_alarm	I-datetime
5	,	alarm/set_alarm	O
6	und	alarm/set_alarm	O
7	nomoi	larm/set_alarm	O
8	um	alarm/set_alarm	B-datetime
9	8	alarm/set_alarm	I-datetime
10	.	alarm/set_alarm	O
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "en.train.conll").write_text(ENGLISH, "utf-8")
    (tmp_path / "de-ba.train.conll").write_text(BAVARIAN, "utf-8")
    (tmp_path / "en.dev.conll").write_text(ENGLISH, "utf-8")
    return tmp_path


def row(text: str, labels: str, intent: str = "weather/find", words: str | None = None) -> Row:
    tokens = (words or text).split()
    return Row(text, text, intent, list(zip(tokens, labels.split(), strict=True)))


def test_every_row_is_a_task_with_the_values_as_spoken(folder: Path) -> None:
    tasks = {task.id: task for task in load("xsid", folder)}
    assert len(tasks) == 4
    task = tasks["xsid/train/bar/1"]
    assert task.messages == [{"role": "user", "content": "Weck mi um 7, und nomoi um 8."}]
    assert task.expected.calls == [{"name": "set_alarm", "arguments": {"datetime": ["um 7, um 8"]}}]
    assert (task.language, task.locale, task.source, task.split) == ("bar", "de-AT", "xsid", "train")


def test_a_required_argument_that_nobody_spoke_may_be_missing(folder: Path) -> None:
    task = next(t for t in load("xsid", folder) if t.messages[-1]["content"] == "Alarm every Monday")
    assert task.expected.calls[0]["arguments"] == {"datetime": [""], "recurring": ["every Monday"]}


def test_ids_are_unique_and_translations_share_a_parallel_id(folder: Path) -> None:
    tasks = load("xsid", folder) + load("xsid", folder, "dev")
    assert len({task.id for task in tasks}) == len(tasks)
    first = {
        task.language: task.parallel_id for task in tasks if task.split == "train" and task.id.endswith("/1")
    }
    assert first["en"] == first["bar"]
    english = [task.parallel_id for task in tasks if task.language == "en"]
    assert len(set(english)) == len(english), "a request that stands there twice is two parallel tasks"


def test_the_right_tool_stands_among_others_alike_in_all_languages(folder: Path) -> None:
    shown = {t.language: [tool.name for tool in t.tools] for t in load("xsid", folder) if t.id.endswith("/1")}
    assert shown["en"] == shown["bar"]
    assert "set_alarm" in shown["en"]
    assert len(set(shown["en"])) == 4
    alone = load("xsid", folder, tools=["set_alarm"], tools_per_task=4)
    assert all([tool.name for tool in task.tools] == ["set_alarm"] for task in alone)
    assert {tool.name for task in load("xsid", folder, tools_per_task=1) for tool in task.tools} == {
        "set_alarm"
    }


@pytest.mark.parametrize(
    ("spoken", "found"),
    [
        (row("rain in Rome today", "B-weather/attribute O B-location B-datetime"), ["rain", "Rome", "today"]),
        (row("rain in New York", "I-weather/attribute O I-location I-location"), ["rain", "New York"]),
        (row("Rome Milan", "B-location B-location"), ["Rome", "Milan"]),
        (row("Rome Milan", "B-datetime I-location"), ["Rome", "Milan"]),
        (row("明日東京", "B-datetime B-location", words="明日 東京"), ["明日", "東京"]),
        (row("明 日 東京", "B-datetime B-location", words="明日 東京"), ["明 日", "東京"]),
        (row("gegnd heit", "B-location B-datetime", words="gengd heit"), ["gegnd", "heit"]),
        (row("l'ora di Roma", "O O B-location", words="l'ora di Roma"), ["Roma"]),
    ],
)
def test_spans_are_exact_pieces_of_the_text(spoken: Row, found: list[str]) -> None:
    assert [piece for _, piece in xsid.spans(spoken)] == found


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=5),
            st.sampled_from(["O", "B-location", "I-location", "B-datetime", "I-datetime"]),
            st.sampled_from(["", " ", "  "]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_labels_give_pieces_of_the_text_that_hold_their_tokens(words: list[tuple[str, str, str]]) -> None:
    text = "".join(word + gap for word, _, gap in words).strip()
    labelled = [(word, label) for word, label, _ in words]
    pieces = [piece for _, piece in xsid.spans(Row(text, text, "weather/find", labelled))]
    assert all(piece in text for piece in pieces)
    said = "".join(word for word, label in labelled if label != "O")
    assert "".join("".join(piece.split()) for piece in pieces) == said


def test_a_slot_that_the_tool_has_no_argument_for_is_left_out() -> None:
    tool, arguments = xsid.expected_call(
        row("book Adele tonight", "O B-artist B-datetime", "BookRestaurant"), Path()
    )
    assert (tool, arguments) == ("book_restaurant", {"datetime": ["tonight"]})


def test_moving_an_alarm_takes_the_old_time_first() -> None:
    spoken = row("move 7 to 8", "O B-datetime O B-datetime", "alarm/modify_alarm")
    assert xsid.expected_call(spoken, Path())[1] == {"datetime": ["7"], "new_datetime": ["8"]}


def test_every_intent_has_a_tool_with_these_arguments() -> None:
    for tool, argument_of in xsid.INTENTS.values():
        assert set(argument_of.values()) <= SPECS[tool].parameters["properties"].keys()


@pytest.mark.parametrize(
    "code", "ar da de-ba de-muc de-st de en gsw id it ja kk lt nap nl sr tr zh pt hr uk".split()
)
def test_every_language_has_a_locale_that_cldr_knows(code: str) -> None:
    language = xsid.language_of(Path(f"{code}.train.conll"))
    Locale.parse(xsid.locale_of(language), sep="-")


def test_languages_are_distinct() -> None:
    codes = "ar da de-ba de-muc de-st de en gsw id it ja kk lt nap nl sr tr zh".split()
    assert len({xsid.language_of(Path(f"{code}.dev.conll")) for code in codes}) == len(codes)


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ("xsdi", {}, "no data source 'xsdi'; did you mean xsid?"),
        ("xsid", {}, "needs data.path"),
        ("xsid", {"path": "/nowhere/at/all"}, "does not exist"),
        ("xsid", {"path": "FOLDER", "split": "test"}, "no files of the split 'test': it has dev, train"),
        ("xsid", {"path": "FOLDER", "languages": ["baa"]}, "no language 'baa'; did you mean bar?"),
        (
            "xsid",
            {"path": "FOLDER", "tools": ["set_alarms"]},
            "no tool 'set_alarms'; did you mean set_alarm?",
        ),
        ("xsid", {"path": "FOLDER", "tools": ["rate_book"]}, "xsid has no tasks"),
        ("jsonl", {"path": "FOLDER"}, "must be a file"),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(
    folder: Path, source: str, options: dict, said: str
) -> None:
    given_options = options | ({"path": folder} if options.get("path") == "FOLDER" else {})
    with pytest.raises(UserError) as caught:
        load(source, **given_options)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_intent_without_a_tool_names_the_file(folder: Path) -> None:
    file = folder / "it.train.conll"
    file.write_text("# text = ciao\n# intent = alarm/set_alrm\n1\tciao\talarm/set_alrm\tO\n", "utf-8")
    with pytest.raises(
        UserError, match=r"it\.train\.conll: no tool for the intent .*did you mean alarm/set_alarm"
    ):
        load("xsid", folder)


def test_settings_choose_the_tasks(folder: Path) -> None:
    data = Xsid(source="xsid", path=str(folder), languages=["bar"], tools_per_task=2, system="Be brief.")
    (task,) = from_config(data, "train")
    assert (task.language, len(task.tools), task.messages[0]["content"]) == ("bar", 2, "Be brief.")


@pytest.mark.parametrize(
    ("show", "starts"),
    [("english", "Tell"), ("localized", "Dit"), ("both", "Tell what time it is now in a city. Dit")],
)
def test_settings_choose_the_language_of_descriptions(tmp_path: Path, show: str, starts: str) -> None:
    """A task's own tool carries its texts; a language without any keeps English."""
    texts = {"fr": ["Dit l'heure qu'il est dans une ville.", "Il est quelle heure à Lima ?"]}
    tool = dataclasses.replace(SPECS["world_time"], localized=texts)
    tasks = [a_task(tool, language) for language in ("fr-CA", "tlh")]
    jsonl.dump(tasks, tmp_path / "tasks.jsonl")
    data = Jsonl(source="jsonl", path=str(tmp_path / "tasks.jsonl"))
    french, klingon = from_config(data, "train", Sandbox(descriptions=show))
    assert french.tools[0].description.startswith(starts)
    assert klingon == tasks[1]
    if show == "english":
        assert french == tasks[0]


def a_task(tool: ToolSpec, language: str) -> Task:
    messages = [{"role": "user", "content": "?"}]
    return Task(language, language, language, language, messages, [tool], Expected(no_call=True))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(st.text(), json_values, max_size=3)
specs = st.builds(
    ToolSpec,
    st.just("world_time"),
    st.text(),
    # When it is read a schema has a type and properties, and none of the nulls that Arrow adds.
    objects.map(lambda schema: {"type": "object", "properties": {}} | without_nulls(schema)),
    st.none() | st.text(),
    st.tuples(st.text()),
    st.dictionaries(st.text(), st.lists(st.text(), max_size=2), max_size=2),
)
FACTS = [
    {"kind": "number", "value": 12.5},
    {"kind": "money", "value": 5, "currency": "JPY"},
    {"kind": "time", "value": "19:30"},
    {"kind": "date", "value": "2026-03-14"},
    {"kind": "text", "value": "", "verdict": True, "yes": ["はい"], "no": ["いいえ"]},
]
calls = st.fixed_dictionaries(
    {
        "name": st.just("world_time"),
        "arguments": st.dictionaries(st.text(), st.lists(json_values, min_size=1), max_size=2),
    }
)
tasks = st.builds(
    Task,
    id=st.uuids().map(str),
    parallel_id=st.text(),
    language=st.text(),
    locale=st.text(),
    messages=st.lists(
        st.fixed_dictionaries({"role": st.just("user"), "content": st.text()}), min_size=1, max_size=2
    ),
    tools=st.lists(specs, min_size=1, max_size=2),
    expected=st.builds(
        Expected,
        calls=st.lists(calls, max_size=2),
        rules=st.sampled_from(["bfcl", "exact", "subset"]),
        ordered=st.booleans(),
        facts=st.lists(st.sampled_from(FACTS), max_size=2),
        final_state=st.none() | objects,
        reply=st.none() | st.text(),
    ),
    state=objects,
    source=st.text(),
    split=st.just("train"),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=50)
@given(st.lists(tasks, min_size=1, max_size=3))
def test_tasks_come_back_from_a_file_as_they_were(tmp_path: Path, written: list[Task]) -> None:
    jsonl.dump(written, tmp_path / "tasks.jsonl")
    assert load("jsonl", tmp_path / "tasks.jsonl") == written


GOOD = Task(
    id="a",
    parallel_id="a",
    language="en",
    locale="en-US",
    messages=[{"role": "user", "content": "What time is it in Rome?"}],
    tools=[SPECS["world_time"]],
    expected=Expected(calls=[{"name": "world_time", "arguments": {"city": ["Rome"]}}]),
)


TOOL = dataclasses.asdict(SPECS["world_time"])


def line(**changes: object) -> str:
    return json.dumps(dataclasses.asdict(GOOD) | changes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "the line must be an object, not a list"),
        (line(locle="x"), "locle is not a field of Task; did you mean locale?"),
        (line(language=7), "language must be a text, not a number"),
        (line(tools=[{"name": "t", "description": "d"}]), "tools[0].parameters is missing"),
        (
            line(tools=[{"name": "t", "description": "d", "parameters": {}, "localized": {"fr": "Dit"}}]),
            "tools[0].localized.fr must be a list, not a text",
        ),
        (
            line(tools=[dataclasses.asdict(SPECS["set_alarm"]), TOOL | {"name": "world_tme"}]),
            "tools[1].name 'world_tme' is not in the catalog; did you mean world_time?; for a tool of your own",
        ),
        (line(expected={"rules": "exactly"}), "expected.rules is 'exactly'; did you mean exact?"),
        (line(expected={"ordered": 1}), "expected.ordered must be true or false, not a number"),
        (line(expected={"calls": [{"name": "t"}]}), "expected.calls[0].arguments is missing"),
        (line(expected={"calls": [{"name": "t", "arguments": {}}]}), "'t' is none of the task's tools"),
        (
            line(expected={"calls": [{"name": "world_time", "arguments": {"city": "Rome"}}]}),
            "expected.calls[0].arguments.city must be a list, not a text",
        ),
        (
            line(expected={"calls": [{"name": "world_time", "arguments": {"city": []}}]}),
            "must list at least one acceptable value",
        ),
        (
            line(expected=dataclasses.asdict(GOOD.expected) | {"no_call": True}),
            "expected.no_call is true and",
        ),
        (line(messages=[]), "messages must end with one whose role is 'user'"),
        (line(messages=[{"role": "user"}]), "messages[0].content must be a text, not null"),
        (line(state={"x": float("nan")}), "NaN is no number"),
        (line(state={"x": 1}).replace('"x": 1', '"x": 1e999'), "1e999 is no number"),
        ('{"id": "a", "id": "b"}', "the key 'id' stands there twice"),
        ('{"state": ' + "[" * 100_000, "nested too deeply"),
        (line() + "\n" + line(), "line 3: id 'a' stands on line 2 already"),
    ],
)
def test_a_bad_line_is_named_with_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_text("\n" + text, "utf-8")
    with pytest.raises(UserError) as caught:
        load("jsonl", file)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{file}, line ")
    assert "\n" not in str(caught.value)


def test_a_file_is_narrowed_by_split_language_and_tool(tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    other = dataclasses.replace(GOOD, id="b", language="fr")
    jsonl.dump([GOOD, other, dataclasses.replace(GOOD, id="c", split="test")], file)
    assert load("jsonl", file, languages=["fr"]) == [other]
    assert [task.id for task in load("jsonl", file, "test")] == ["c"]
    with pytest.raises(UserError, match="jsonl has no tasks"):
        load("jsonl", file, tools=["get_weather"])
    with pytest.raises(UserError, match="no language 'de'"):
        load("jsonl", file, languages=["de"])


def test_a_file_that_is_no_text_is_said_so(tmp_path: Path) -> None:
    file = tmp_path / "tasks.jsonl"
    file.write_bytes(b"\xff\xfe{}")
    with pytest.raises(UserError, match="is not UTF-8 text"):
        load("jsonl", file)
