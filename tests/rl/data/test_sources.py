"""The data sets of others, in small files of our own in their formats: gold scores 1.0, mutants less."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rewards.compose import Rewards
from rewards.types import Task, Trajectory
from rl.data import from_config, load
from rl.data.catalog import gold_messages
from rl.data.settings import SOURCE_SETTINGS
from rl.data.sources.bfcl import gold
from rl.errors import UserError
from rl.rollout import replay
from rl.runs.preflight import check_rewards, gold_turn
from rl.runs.prepare import prepared
from rl.runs.services import configured_rewards
from sandbox.types import ToolCall
from tests.rl.parts import composed

WEATHER = {
    "name": "weather.forecast",
    "description": "Weather of a city.",
    "parameters": {
        "type": "dict",
        "properties": {
            "city": {"type": "string", "description": "The city."},
            "days": {"type": "integer"},
            "share": {"type": "float"},
            "options": {"type": "dict", "properties": {"unit": {"type": "string"}}},
            "hours": {"type": "array", "items": {"type": "integer"}},
        },
        "required": ["city", "days"],
    },
}
FORECAST = {
    "city": ["Roma", "Rome"],
    "days": [3],
    "share": ["", 0.5],
    "options": [{"unit": ["C", ""]}],
    "hours": [[6, 18]],
}
BFCL = {
    "BFCL_v4_simple_python.json": [
        {
            "id": "simple_python_0",
            "question": [[{"role": "user", "content": "Che tempo fa?"}]],
            "function": [WEATHER],
        }
    ],
    "BFCL_v4_irrelevance.json": [
        {"id": "irrelevance_0", "question": [[{"role": "user", "content": "Ciao"}]], "function": [WEATHER]}
    ],
    "possible_answer/BFCL_v4_simple_python.json": [
        {"id": "simple_python_0", "ground_truth": [{"weather.forecast": FORECAST}]}
    ],
}
MASSIVE = {
    "de-DE.jsonl": [
        ("0", "train", "alarm_set", "weck mich diese woche um [time : fünf uhr morgens] auf"),
        ("1", "train", "general_greet", "guten morgen"),
        ("2", "test", "play_music", "spiel [artist_name : Nina Hagen]"),
    ],
    "ar-SA.jsonl": [
        ("0", "train", "alarm_set", "أيقظني [date : هذا الأسبوع] [time : الساعة الخامسة صباحًا]"),
        ("2", "test", "play_music", "شغل أغاني [artist_name : فيروز]"),
    ],
    "ja-JP.jsonl": [("0", "train", "alarm_set", "[date : 今週] は [time : 午前五時] に 起こして")],
    "zh-TW.jsonl": [("0", "train", "alarm_set", "[date : 這週] [time : 早上五點] 叫我起床")],
    "sl-SL.jsonl": [("0", "train", "alarm_set", "zbudi me [time : ob petih zjutraj]")],
}
SEARCH = {
    "name": "cari_resep",
    "description": "Cari resep masakan.",
    "parameters": {
        "bahan": {"type": "str", "description": "Bahan utama."},
        "jumlah": {"type": "int, optional", "description": "Banyaknya resep.", "default": 5},
        "tag": {"type": "List[str]", "default": []},
    },
}
XLAM = [
    {
        "id": 0,
        "query": "Tolong carikan tiga resep dari tempe.",
        "language": "id",
        "tools": json.dumps([SEARCH]),
        "answers": json.dumps([{"name": "cari_resep", "arguments": {"bahan": "tempe", "jumlah": 3}}]),
    },
    {
        "id": 1,
        "query": "Find recipes with tofu and with rice.",
        "tools": [SEARCH],
        "answers": [
            {"name": "cari_resep", "arguments": {"bahan": "tofu", "jumlah": "two"}},  # the data's own slip
            {"name": "cari_resep", "arguments": {"bahan": "rice", "tag": ["easy"]}},
        ],
    },
    {"id": 2, "query": "Hi!", "tools": "[]", "answers": "[]"},
]
AGENDA = {
    "apiCode": "AddAgenda",
    "description": "Adds an event.",
    "parameters": {
        "content": {"type": "str", "required": True, "description": "What."},
        "day": {"type": "int", "required": True, "description": "Which day."},
    },
    "response": {"ok": {"type": "bool"}},
}
MAPICALL = {
    "hi.json": [("कल का दिन याद दिला दो।", "माँ को फ़ोन करना", "5")],
    "th.json": [("ช่วยจดนัดให้หน่อยค่ะ", "ไปหาหมอฟัน", "12")],
    "pt-BR.json": [("Anota um compromisso para mim.", "reunião com a Ana", "7")],
}
ITC = [
    {
        "id": "vn-1",
        "language": "vi",
        "query": "Tỷ giá đô la hôm nay là bao nhiêu?",
        "tools": [
            {
                "name": "ty_gia",
                "description": "Tỷ giá ngoại tệ.",
                "parameters": {
                    "ngoai_te": {"type": "string", "required": True},
                    "ngay": {"type": "string", "required": False},
                },
            }
        ],
        "answer": {
            "thought": "Cần tra tỷ giá USD.",
            "action": [{"name": "ty_gia", "arguments": {"ngoai_te": "USD"}}],
        },
    },
    {
        "id": "tr-1",
        "language": "tr",
        "locale": "tr-CY",
        "query": "Bugün nöbetçi eczane hangisi?",
        "tools": [
            {
                "name": "nobetci_eczane",
                "description": "Nöbetçi eczaneler.",
                "parameters": {
                    "type": "object",
                    "properties": {"il": {"type": "string"}},
                    "required": ["il"],
                },
            }
        ],
        "answer": '{"Thought": "Lefkoşa için bakmalıyım.", "Action": {"tool": "nobetci_eczane", "parameters": {"il": "Lefkoşa"}}}',
    },
]


def write(path: Path, rows: list[Any], array: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("[\n" + ",\n".join(lines) + "\n]" if array else "\n".join(lines), encoding="utf-8")
    return path


def massive_row(locale: str, id: str, partition: str, intent: str, annotated: str) -> dict[str, Any]:
    words = [piece.split(" : ")[-1] for piece in annotated.replace("]", "[").split("[")]
    scenario = intent.split("_")[0]
    fields = {"id": id, "locale": locale, "partition": partition, "scenario": scenario, "intent": intent}
    return fields | {"utt": "".join(words), "annot_utt": annotated, "worker_id": "1"}


def mapicall_row(request: str, content: str, day: str) -> dict[str, Any]:
    said = f"User: {request}\nAI: ...\nAPI-Request: [GetDay()]->{{'day': {day}}}\nGenerate API Request:\n"
    output = f"API-Request: [AddAgenda(content='{content}', day='{day}')]"
    return {
        "instruction": "Write the API request.",
        "input": json.dumps(AGENDA) + "\n" + said,
        "output": output,
    }


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return written(tmp_path_factory.mktemp("data"))


def written(root: Path) -> dict[str, Path]:
    """The data sets as files or folders below ``root``, by name."""
    for name, rows in BFCL.items():
        write(root / "bfcl" / name, rows)
    for name, rows in MASSIVE.items():
        write(root / "massive" / name, [massive_row(name.split(".")[0], *row) for row in rows])
    for name, rows in MAPICALL.items():
        write(root / "mapicall" / name, [mapicall_row(*row) for row in rows], array=True)
    write(root / "xlam.json", XLAM, array=True)
    write(root / "itc.jsonl", ITC)
    return {p.stem: p for p in root.iterdir()}


SOURCES = ("bfcl", "massive", "mapicall", "itc", "xlam")
call_only = Rewards.from_config({
    "components": {
        "json_valid": {"_target_": "rewards.execution.json_valid", "weight": 0.5},
        "api_success": {"_target_": "rewards.execution.api_success", "weight": 0.5},
    }
})  # fmt: skip


def tried(task: Task, calls: list[ToolCall], reply: str = "") -> float | None:
    """What ``reward=call_only`` gives for those calls."""
    messages = [{"role": "assistant", "content": reply or ("Merhaba!" if task.expected.no_call else "")}]
    return call_only.score(task, Trajectory(task.id, [], [], [], [], messages, calls, [], "end")).reward


def gold_calls(task: Task) -> list[ToolCall]:
    calls = task.expected.calls
    return [ToolCall(str(i), call["name"], gold(call["arguments"])) for i, call in enumerate(calls)]


def mutants(calls: list[ToolCall]) -> Iterator[list[ToolCall]]:
    if not calls:
        yield [ToolCall("0", "invented", {})]
        return
    first, rest = calls[0], calls[1:]
    yield rest
    yield [*calls, first]
    yield [ToolCall("0", f"{first.name}x", first.arguments), *rest]
    yield [ToolCall("0", first.name, first.arguments, "", "no JSON"), *rest]
    for name, value in (first.arguments or {}).items():
        yield [ToolCall("0", first.name, {**(first.arguments or {}), name: [value, value]}), *rest]
        yield [
            ToolCall("0", first.name, {k: v for k, v in (first.arguments or {}).items() if k != name}),
            *rest,
        ]
    yield [ToolCall("0", first.name, {**(first.arguments or {}), "extra": 1}), *rest]


@pytest.mark.parametrize("source", SOURCES)
def test_gold_scores_one_and_mutants_less(source: str, paths: dict[str, Path]) -> None:
    tasks = load(source, paths[source])
    assert {task.source for task in tasks} == {source}
    assert len({task.id for task in tasks}) == len(tasks)
    for task in tasks:
        calls = gold_calls(task)
        assert tried(task, calls) == 1.0, task.id
        for mutant in mutants(calls):
            assert (tried(task, mutant) or 0.0) < 1.0, (task.id, mutant)


@pytest.mark.parametrize("preset", ["multilingual_tool_use", "gated", "rlvr", "call_only", "gdpo"])
@pytest.mark.parametrize("source", SOURCES)
def test_gold_earns_all_under_a_preset_or_the_preset_is_refused(
    source: str, preset: str, paths: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    config = composed(f"data={source}", f"data.path={paths[source]}", f"reward={preset}")
    tasks = from_config(config.data, config.data.split, config.sandbox)
    rewards = configured_rewards(config)
    try:
        check_rewards(rewards, tasks)
    except UserError as error:
        assert str(error).endswith("choose reward=call_only.") and preset != "call_only"
        return
    silent: set[str] = set()
    for task in (task for task in tasks if task.expected.calls):
        score = rewards.score(task, replay(task, [gold_turn(task)]))
        assert score.reward == 1.0, task.id
        silent |= {name for name, value in score.parts.items() if value is None}
    told = capsys.readouterr().err
    assert all(name in told for name in silent) and bool(silent) == ("no reply follows" in told)


def test_a_reward_that_needs_a_reply_is_refused_where_none_comes(paths: dict[str, Path]) -> None:
    late = "+reward.components.late={_target_: tests.rl.data.test_sources.replied, weight: 1.0}"
    for source in SOURCES:
        config = composed(f"data={source}", f"data.path={paths[source]}", late)
        with pytest.raises(UserError, match=r"late of the reward judges .* choose reward=call_only"):
            prepared(config, test_split=None, training=True)


@pytest.mark.parametrize("source", SOURCES)
def test_gold_of_tools_on_paper_has_calls_and_no_answers(source: str, paths: dict[str, Path]) -> None:
    for task in load(source, paths[source]):
        assert {message["role"] for message in gold_messages(task)} <= {"assistant"}


def replied(task: Task, trajectory: Trajectory) -> float:
    """A reward of a user's own that only looks at the reply."""
    return float(any(m.get("content") for m in trajectory.messages))


@pytest.mark.parametrize("source", SOURCES)
def test_settings_reach_the_source(source: str, paths: dict[str, Path]) -> None:
    config = Path(__file__).parents[3] / "conf" / "data" / f"{source}.yaml"
    assert config.exists()
    given = {"source": source, "path": str(paths[source]), "system": "Antworte kurz."}
    own = {"held_out": 0.0} if "held_out" in SOURCE_SETTINGS[source].model_fields else {"tools_per_task": 2}
    data = SOURCE_SETTINGS[source](**given, **own)
    tasks = from_config(data, "train")
    assert [task.id for task in tasks] == [task.id for task in load(source, paths[source])]
    assert {task.messages[0]["content"] for task in tasks} == {"Antworte kurz."}
    assert not any(task.run_calls for task in tasks)


def test_bfcl_categories_are_those_that_are_named(paths: dict[str, Path]) -> None:
    def ids(**given: Any) -> set[str]:
        settings: Any = SOURCE_SETTINGS["bfcl"]
        data = settings(source="bfcl", path=str(paths["bfcl"]), held_out=0.0, **given)
        return {task.id for task in from_config(data, "train")}

    assert ids() == {"simple_python_0", "irrelevance_0"}
    assert ids(categories=["irrelevance"]) == {"irrelevance_0"}


def test_bfcl_names_types_and_alternatives(paths: dict[str, Path]) -> None:
    task, other = sorted(load("bfcl", paths["bfcl"]), key=lambda t: t.expected.no_call)
    assert (task.id, other.id, other.expected.no_call) == ("simple_python_0", "irrelevance_0", True)
    assert task.tools[0].parameters["properties"]["options"]["type"] == "object"
    assert task.tools[0].parameters["properties"]["share"]["type"] == "number"
    written = {"city": "rome", "days": 3, "options": {}, "hours": [6, 18]}
    assert tried(task, [ToolCall("0", "weather.forecast", written)]) == 1.0
    assert tried(task, [ToolCall("0", "weather_forecast", written)]) == 0.0
    plain = load("bfcl", paths["bfcl"], underscore_names=True)
    assert {tool.name for t in plain for tool in t.tools} == {"weather_forecast"}
    assert (
        tried(next(t for t in plain if t.id == task.id), [ToolCall("0", "weather_forecast", written)]) == 1.0
    )


def test_bfcl_gold_gives_what_a_tool_demands_though_the_data_lets_it_be_left_out() -> None:
    answers = {"adults": [2, ""], "fuel": ["", 25.0], "tip": [1, ""], "from": [""]}
    assert gold(answers, ["adults", "fuel", "from"]) == {"adults": 2, "fuel": 25.0, "from": ""}
    assert gold(answers) == {}


def test_massive_intents_slots_and_locales(paths: dict[str, Path]) -> None:
    tasks = {task.id: task for task in load("massive", paths["massive"])}
    assert {t.language: t.locale for t in tasks.values()} == {
        "de": "de-DE", "ar": "ar-SA", "ja": "ja-JP", "zh-TW": "zh-TW", "sl": "sl-SI",
    }  # fmt: skip
    alarm = [task for task in tasks.values() if task.expected.calls[0]["name"] == "alarm_set"]
    assert {task.parallel_id for task in alarm} == {"massive/train/0"}
    arabic = tasks["massive/train/0/ar-SA"]
    assert arabic.messages[-1]["content"] == "أيقظني هذا الأسبوع الساعة الخامسة صباحًا"
    assert arabic.expected.calls[0]["arguments"] == {
        "date": ["هذا الأسبوع"],
        "time": ["الساعة الخامسة صباحًا"],
    }
    assert len({tuple(tool.name for tool in task.tools) for task in alarm}) == 1
    assert set(next(t for t in arabic.tools if t.name == "alarm_set").parameters["properties"]) == {
        "date",
        "time",
    }
    assert [task.language for task in load("massive", paths["massive"], "test", languages=["ar"])] == ["ar"]
    only = load("massive", paths["massive"], tools=["general_greet"])
    assert [[tool.name for tool in task.tools] for task in only] == [["general_greet"]]


def test_xlam_tools_and_types(paths: dict[str, Path]) -> None:
    recipe, two, hello = load("xlam", paths["xlam"])
    assert (recipe.language, recipe.locale, two.language) == ("id", "id-ID", "en")
    schema = recipe.tools[0].parameters
    assert schema["required"] == ["bahan"]
    assert [part.get("type") for part in schema["properties"].values()] == ["string", "integer", "array"]
    assert two.tools[0].parameters["properties"]["jumlah"]["type"] == ["integer", "string"]
    assert tried(two, gold_calls(two)[::-1]) == 1.0
    assert hello.expected.no_call


def test_xlam_takes_openais_tools_and_a_parameter_of_any_name(tmp_path: Path) -> None:
    function = {
        "name": "f",
        "description": "d",
        "parameters": {"properties": {"type": "dict", "description": "x"}},
    }
    other = {"name": "g", "parameters": {"type": "object", "properties": {"a": {"type": "string"}}}}
    row = {
        "query": "?",
        "tools": [{"type": "function", "function": function}, other],
        "answers": [{"name": "f", "arguments": {"properties": {"a": 1}}}],
    }
    path = tmp_path / "rows.json"
    path.write_text(json.dumps([row]), "utf-8")
    (task,) = load("xlam", path)
    assert [list(tool.parameters["properties"]) for tool in task.tools] == [["properties"], ["a"]]
    assert tried(task, gold_calls(task)) == 1.0


@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c"])
def test_no_other_mark_than_a_line_feed_ends_a_line(odd: str, tmp_path: Path) -> None:
    row = mapicall_row(f"ช่วย{odd}จดนัด", "ไปหาหมอฟัน", "12") | {"language": "th"}
    api = json.dumps(AGENDA | {"description": f"a{odd}b"}, ensure_ascii=False)
    row["input"] = row["input"].replace(json.dumps(AGENDA), api)
    path = tmp_path / "th.json"
    path.write_text("\ufeff" + json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    (task,) = load("mapicall", path)
    (tool,) = task.tools
    assert odd in tool.description and odd in task.messages[1]["content"]


def test_mapicall_dialogues(paths: dict[str, Path]) -> None:
    tasks = {task.language: task for task in load("mapicall", paths["mapicall"])}
    assert {language: task.locale for language, task in tasks.items()} == {
        "hi": "hi-IN", "th": "th-TH", "pt-BR": "pt-BR",
    }  # fmt: skip
    assert {task.parallel_id for task in tasks.values()} == {"mapicall/1"}
    thai = tasks["th"]
    assert [message["role"] for message in thai.messages] == [
        "system", "user", "assistant", "assistant", "user",
    ]  # fmt: skip
    assert thai.messages[1]["content"] == "ช่วยจดนัดให้หน่อยค่ะ"
    assert thai.expected.calls == [
        {"name": "AddAgenda", "arguments": {"content": ["ไปหาหมอฟัน"], "day": ["12"]}}
    ]


def test_itc_answers(paths: dict[str, Path]) -> None:
    vietnamese, turkish = load("itc", paths["itc"])
    assert (vietnamese.locale, turkish.locale) == ("vi-VN", "tr-CY")
    assert turkish.expected.calls == [{"name": "nobetci_eczane", "arguments": {"il": ["Lefkoşa"]}}]
    assert vietnamese.tools[0].parameters["required"] == ["ngoai_te"]


def test_held_out_tasks_are_apart_and_parallel_ones_together(tmp_path: Path) -> None:
    rows = [XLAM[0] | {"id": i, "language": language} for i in range(60) for language in ("id", "ms")]
    path = write(tmp_path / "many.jsonl", rows)
    train, test = (load("xlam", path, split, held_out=0.2) for split in ("train", "test"))
    assert 4 <= len({t.parallel_id for t in test}) <= 24
    assert len(train) + len(test) == len(rows)
    assert not {t.parallel_id for t in train} & {t.parallel_id for t in test}
    with pytest.raises(UserError, match="no split 'dev'"):
        load("xlam", path, "dev")


@pytest.mark.parametrize(
    ("source", "rows", "where", "why"),
    [
        ("xlam", [XLAM[0], {"query": "x", "answers": "[]"}], ":2", "tools is missing"),
        ("xlam", [XLAM[0] | {"answers": "[{"}], ":1", "answers holds no JSON"),
        ("xlam", [XLAM[0] | {"answers": [{"arguments": {}}]}], ":1", "the name of an answer must be a text"),
        ("xlam", [XLAM[0] | {"query": 5}], ":1", "query must be a text, not a number"),
        ("xlam", ["x"], ":1", "a row must be an object"),
        ("itc", [ITC[0] | {"answer": "hm"}, ITC[0]], ":1", "answer cannot be read"),
        ("itc", [{k: v for k, v in ITC[0].items() if k != "language"}], ":1", "language is missing"),
        ("itc", [{**ITC[0], "querry": "x"} | {"query": None}], ":1", "query must be a text, not null"),
        ("mapicall", [mapicall_row("a", "b", "1") | {"output": "Sure!"}], ":1", "output is no API-Request"),
        ("mapicall", [mapicall_row("a", "it's", "1")], ":1", "output is no API-Request"),
        ("mapicall", [mapicall_row("a", "b", "1") | {"input": "User: a\nAI: b"}], ":1", "must end with"),
        (
            "massive",
            [massive_row("fi-FI", "0", "train", "x_y", "z") | {"annot_utt": None}],
            ":1",
            "annot_utt",
        ),
    ],
)
@pytest.mark.parametrize("array", [False, True])
def test_a_wrong_row_is_told_with_its_file_and_line(
    tmp_path: Path, source: str, rows: list[Any], where: str, why: str, array: bool
) -> None:
    path = write(tmp_path / "rows.jsonl", rows, array)
    with pytest.raises(UserError) as told:
        load(source, path)
    line = int(where[1:]) + array
    assert str(told.value).startswith(f"{path}:{line}: ")
    assert why in str(told.value)
    assert "\n" not in str(told.value)
    assert "; " in str(told.value)


def test_broken_files_and_folders(tmp_path: Path, paths: dict[str, Path]) -> None:
    (tmp_path / "broken.json").write_text(f'[{json.dumps(XLAM[0])},\n{{"query": ]', encoding="utf-8")
    (tmp_path / "latin.jsonl").write_bytes('{"query": "é"}'.encode("latin-1"))
    for name, why in (("broken.json", "broken.json:2: not JSON"), ("latin.jsonl", "not UTF-8")):
        with pytest.raises(UserError, match=why):
            load("xlam", tmp_path / name)
    with pytest.raises(UserError, match="must be a folder"):
        load("bfcl", paths["xlam"])
    with pytest.raises(UserError, match="BFCL_v"):
        load("bfcl", tmp_path)
    with pytest.raises(UserError, match="no language 'fr'"):
        load("itc", paths["itc"], languages=["fr"])
    with pytest.raises(UserError, match="did you mean alarm_set"):
        load("massive", paths["massive"], tools=["alarm_sett"])
