"""The built-in tasks: complete native phrases, honest splits, parallel languages, gold that scores 1.0."""

import asyncio
import json
import re
import string
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from rewards.compose import Rewards
from rewards.facts import form
from rewards.types import Score, Task, Trajectory
from rl.chat import assistant_message, tool_message
from rl.data import catalog
from rl.data.scenarios import LOCAL_UNITS, SCENARIOS, draw, pool
from rl.errors import UserError
from sandbox import Sandbox, open_sandbox
from sandbox import catalog as apis
from sandbox.catalog import SPECS, city_key
from sandbox.catalog.routing import FAMILIES, currency_of, local_tool

LANGUAGES = ["ar", "bn", "de", "en", "es", "fr", "hi", "ja", "ko", "pt", "ru", "sw", "te", "th", "zh"]
SPLITS = ("train", "test")
UNSPOKEN = {"other", "set", "a", "b"}  # slots that only the session's state knows
UNASKED = {"alarm_time_left": {"minutes"}, "show_reminders": {"todo", "time"}}  # the answer, not the question
CLOSED = {
    "country",
    "currency",
    "foreign",
    "units",
    "people",
    "rating",
    "service",
    "place",
    "account",
}  # classes that both splits share
CITY = ("city", "location", "origin", "destination")  # arguments in the user's language
TEXT = ("todo", "title", "artist", "track", "playlist", "restaurant", "movie", "recipient")
MEANT = {
    "find_contact name": "contact",
    "message_contact text": "message",
    "rate_book title": "book",
    "find_media title": "movie",
}
LOCAL = ("send_money", "move_money")  # in the user's own money
SCRIPTS = {
    "ar": {"ARABIC"},
    "bn": {"BENGALI"},
    "hi": {"DEVANAGARI"},
    "ja": {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"},
    "ko": {"HANGUL"},
    "ru": {"CYRILLIC"},
    "te": {"TELUGU"},
    "th": {"THAI"},
    "zh": {"CJK"},
}
each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def tasks() -> dict[str, list[Task]]:
    """Two tasks of every kind in every language, of each split."""
    return {split: catalog.load(split, per_tool=2) for split in SPLITS}


@pytest.fixture(scope="module")
def every_task(tasks: dict[str, list[Task]]) -> list[Task]:
    return [task for split in SPLITS for task in tasks[split]]


def forms_of(entry: str | dict[str, str]) -> dict[str, str]:
    """A word's or text's forms by name; a plain string has one."""
    return entry if isinstance(entry, dict) else {"name": entry}


def kind_of(task: Task) -> str:
    return task.parallel_id.split("/")[2]


def request_of(task: Task) -> str:
    return str(task.messages[-1]["content"])


def arguments(task: Task) -> Iterator[tuple[str, str, list[Any]]]:
    """(tool, argument, acceptable values) of every gold call."""
    for call in task.expected.calls:
        for argument, values in call["arguments"].items():
            yield call["name"], argument, values


def templates(language: str, split: str) -> Iterator[tuple[str, str]]:
    """(kind, request template)."""
    file = catalog.phrases(language)
    for kind, phrasing in file["tools"].items():
        yield from ((kind, template) for template in phrasing["requests"][split])
    yield from (("small_talk", pair["request"]) for pair in file["small_talk"][split])


def all_replies(language: str) -> Iterator[tuple[str, str]]:
    """(kind, reply template)."""
    for kind, phrasing in catalog.phrases(language)["tools"].items():
        for reply in [*phrasing["replies"], *phrasing.get("replies_no", [])]:
            yield kind, reply


def asked_slots(kind: str) -> set[str]:
    """The slots that a request of this kind must name."""
    names: set[str] = set()
    for slot, values in SCENARIOS[kind].slots.items():
        names |= {"units": {"source", "target"}, "phone": {"phone", "country"}}.get(values, {slot})
    return names - UNSPOKEN - UNASKED.get(kind, set())


def told_facts(kind: str) -> set[str]:
    """The names of the facts that a reply of this kind must state."""
    words = catalog.spell(SCENARIOS[kind], draw(SCENARIOS[kind].slots, "train", Random(kind)), "en", "train")
    given = catalog.arguments(words, "en-US")
    state = SCENARIOS[kind].given(given)

    def run(tool: str, **given: Any) -> Any:
        nonlocal state
        content, state = apis.run(tool, given, state)
        return content

    facts = SCENARIOS[kind].play(given, run)
    return {name for name, fact in facts.items() if "verdict" not in fact}  # which words say, not a value


def letters(text: str) -> Counter[str]:
    """How often each script occurs among the letters (the first word of each letter's Unicode name)."""
    return Counter(unicodedata.name(c).split()[0] for c in text if c.isalpha())


def wording(template: str) -> str:
    """The template's words alone: no case, no punctuation, every slot alike."""
    plain = catalog.SLOT.sub(" § ", unicodedata.normalize("NFKC", template)).casefold()
    return " ".join("".join(c if c.isalnum() or c == "§" else " " for c in plain).split())


def test_the_languages_are_those_that_are_promised() -> None:
    assert set(catalog.LANGUAGES) == set(LANGUAGES)


@each_language
@pytest.mark.parametrize(
    "kind", ["show_alarms", "alarm_time_left", "small_talk"]
)  # their requests have no slots
def test_training_tasks_of_different_halves_share_no_phrasing(language: str, kind: str) -> None:
    tasks = catalog.load("train", [language], [kind], per_tool=200)
    first, second = (
        {request_of(task) for task in tasks if catalog.half(task.parallel_id) == h} for h in (0, 1)
    )
    assert first and second and not first & second
    assert first | second <= {template for k, template in templates(language, "train") if k == kind}


@each_language
def test_a_phrase_file_is_complete(language: str) -> None:
    file = catalog.phrases(language)
    assert set(file["tools"]) == set(SCENARIOS)
    for kind, phrasing in file["tools"].items():
        for split, count in (("train", 6), ("test", 3)):
            requests = phrasing["requests"][split]
            assert len(requests) == len({wording(r) for r in requests}) >= count, (kind, split)
        for name in ("replies", "replies_no") if kind in ("check_vat", "check_iban") else ("replies",):
            assert len(set(phrasing[name])) >= 2, (kind, name)
    for split, count in (("train", 8), ("test", 4)):
        talk = [wording(pair["request"]) for pair in file["small_talk"][split]]
        assert len(talk) == len(set(talk)) >= count, split
    for name, texts in file["values"].items():
        spellings = [str(text) for split, count in (("train", 8), ("test", 4)) for text in texts[split]]
        assert len(texts["train"]) == 8, name
        assert len(texts["test"]) == 4, name
        assert len(set(spellings)) == 12, name


@each_language
def test_requests_name_every_slot_once_and_replies_every_fact(language: str) -> None:
    for split in SPLITS:
        for kind, template in templates(language, split):
            if kind != "small_talk":
                named = sorted(slot for slot, _ in catalog.SLOT.findall(template))
                assert named == sorted(asked_slots(kind)), template
    for kind, reply in all_replies(language):
        named = {slot for slot, _ in catalog.SLOT.findall(reply)}
        assert told_facts(kind) <= named, reply
        assert named <= told_facts(kind) | asked_slots(kind), reply


@each_language
def test_every_form_that_a_phrase_uses_exists_for_every_word(language: str) -> None:
    tables = {"city": "cities", "country": "countries", "currency": "currencies", "foreign": "currencies",
              "service": "services", "place": "places", "account": "accounts"}  # fmt: skip
    used: dict[str, set[str]] = defaultdict(set)
    phrasings = [*templates(language, "train"), *templates(language, "test"), *all_replies(language)]
    for kind, template in phrasings:
        for slot, wanted in catalog.SLOT.findall(template):
            values = SCENARIOS[kind].slots.get(slot, "") if kind != "small_talk" else ""
            if slot in ("source", "target") and not values:
                values = "units"
            if slot == "country":
                values = "country"
            if wanted:
                used[tables.get(values, values)].add(wanted)
    for table, forms in used.items():
        words = catalog.phrases(language)["words"]
        entries = words[table].values() if table in words else _texts(language, table)
        for entry in entries:
            assert {"name", *forms} <= set(forms_of(entry)), (table, entry)


def _texts(language: str, values: str) -> list[Any]:
    texts = catalog.phrases(language)["values"][values.partition(":")[2]]
    return [text for split in SPLITS for text in texts[split]]


def test_built_texts_are_whole(every_task: list[Task]) -> None:
    for task in every_task:
        for text in (request_of(task), task.expected.reply or ""):
            assert text == " ".join(text.split(" ")).strip(), task.id
            assert not re.search(r"[{}\n\t]|  |\bNone\b|\bnan\b", text), (task.id, text)
            assert unicodedata.is_normalized("NFC", text), (task.id, text)
            assert any(c.isalpha() for c in text), (task.id, text)


@each_language
def test_train_and_test_share_no_wording(language: str) -> None:
    train, test = ({wording(t) for _, t in templates(language, split)} for split in SPLITS)
    assert not train & test


def test_train_and_test_share_no_request(tasks: dict[str, list[Task]]) -> None:
    train, test = ({(t.language, wording(request_of(t))) for t in tasks[split]} for split in SPLITS)
    assert not train & test


@pytest.mark.parametrize("values", sorted({k for s in SCENARIOS.values() for k in s.slots.values()}))
def test_no_open_value_is_in_both_splits(values: str) -> None:
    """Texts are drawn by position, so their disjointness is that of the phrase files."""
    train, test = pool(values, "train"), pool(values, "test")
    assert len(train) >= 4 <= len(test)
    if values.startswith("text:"):
        for language in LANGUAGES:
            texts = catalog.phrases(language)["values"][values.removeprefix("text:")]
            names = [{wording(forms_of(t)["name"]) for t in texts[split]} for split in SPLITS]
            assert not names[0] & names[1], language
    elif values not in CLOSED:
        assert not set(train) & set(test)


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
        locale = catalog.phrases(language)["locale"]
        here = {"send_pix", "send_upi", local_tool("send_money", locale)}
        assert called[language] == set(SPECS) - set(FAMILIES["send_money"]) | here


@each_language
def test_the_countrys_own_tool_stands_beside_those_of_others(language: str) -> None:
    family = set(FAMILIES["send_money"])
    for task in catalog.load("train", [language], ["send_money", "freeze_card"], per_tool=12):
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
        assert [task.language for task in group] == catalog.LANGUAGES
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
    texts = catalog.phrases(task.language)["values"][name][task.split]
    return [forms_of(text)["name"] for text in texts].index(value)


def _canonical_fact(task: Task, fact: dict[str, Any]) -> Any:
    if kind_of(task) in LOCAL:
        return fact["value"] / LOCAL_UNITS.get(currency_of(task.locale), 1)
    if fact["kind"] != "text":
        return fact["value"]
    for name, texts in catalog.phrases(task.language)["values"].items():
        forms = [forms_of(text)["name"] for text in texts[task.split]]
        if fact["value"] in forms and name in _text_slots(task):
            return name, forms.index(fact["value"])
    return fact["value"]


def _text_slots(task: Task) -> set[str]:
    slots = SCENARIOS[kind_of(task)].slots.values()
    return {kind.removeprefix("text:") for kind in slots if kind.startswith("text:")}


@each_language
def test_phrases_are_in_the_languages_own_script(language: str) -> None:
    """Latin beside it only as names that are written so (Pix, IBAN), never as the bulk of a phrase."""
    own, total = SCRIPTS.get(language, {"LATIN"}), Counter[str]()
    requests = [t for split in SPLITS for _, t in templates(language, split)]
    replies = [reply for _, reply in all_replies(language)]
    for phrase in requests + replies:
        found = letters(catalog.SLOT.sub("", phrase))
        assert set(found) <= own | {"LATIN"}, phrase
        assert sum(found[script] for script in own) >= found.total() / 2 or found.total() < 8, phrase
        total += found
    assert sum(total[script] for script in own) > 0.9 * total.total()
    assert set(total) >= own - {"IDEOGRAPHIC", "KATAKANA-HIRAGANA"}


@each_language
def test_words_and_texts_are_in_the_languages_own_script(language: str) -> None:
    """But for works and names that keep their own spelling (a Latin band name in Korean)."""
    own, file = SCRIPTS.get(language, {"LATIN"}), catalog.phrases(language)
    entries = [entry for table in file["words"].values() for entry in table.values()]
    for word in [word for entry in entries for word in forms_of(entry).values()]:
        assert set(letters(re.sub("°[CF]", "", word))) <= own, word
    texts = [forms_of(t)["name"] for name in file["values"] for t in _texts(language, f"text:{name}")]
    native = [text for text in texts if set(letters(text)) <= own]
    assert len(native) >= 0.6 * len(texts)
    assert all(set(letters(text)) <= own | {"LATIN"} for text in texts)


def test_texts_are_written_in_the_languages_letters_only_where_they_must() -> None:
    """Vietnamese or Polish letters would be a slip in any of the Latin languages here."""
    allowed = {
        "de": "äöüß", "en": "éïñ", "es": "áéíóúüñ", "fr": "àâæçéèêëîïôœùûüÿ", "pt": "áâãàçéêíóôõúü", "sw": "",
    }  # fmt: skip
    for language, extra in allowed.items():
        for split in SPLITS:
            for _, template in templates(language, split):
                odd = set(catalog.SLOT.sub("", template).lower()) - set(string.ascii_lowercase + extra)
                assert not [c for c in odd if c.isalpha()], template


def test_tasks_are_built_alike_every_time(tasks: dict[str, list[Task]]) -> None:
    again = catalog.load("test", per_tool=2)
    assert again == tasks["test"]
    one = [task for task in tasks["test"] if kind_of(task) == "book_train" and task.language == "ru"]
    alone = catalog.load("test", ["ru"], ["book_train"], per_tool=2)
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
        catalog.load(**wrong)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="module")
def sandbox(runner: asyncio.Runner) -> Iterator[Sandbox]:
    context = open_sandbox(workers=2)
    yield runner.run(context.__aenter__())
    runner.run(context.__aexit__(None, None, None))


async def perform(sandbox: Sandbox, task: Task, turns: Sequence[str]) -> Trajectory:
    """What comes of a model that says ``turns``: its calls run in a session of the task."""
    messages, calls, results = [], [], []
    async with sandbox.session(task.state, 0, tools=[tool.name for tool in task.tools]) as session:
        for turn in turns:
            message, made = assistant_message(turn)
            numbered = [replace(call, id=str(len(calls) + i)) for i, call in enumerate(made)]
            answers = [await session.call(call) for call in numbered]
            messages += [message, *map(tool_message, numbered, answers)]
            calls, results = calls + numbered, results + answers
        state = session.state()
    return Trajectory(task.id, [], [], [], [], messages, calls, results, "end", 0, state)


def gold_turns(task: Task) -> list[str]:
    """The assistant's turns of the gold messages, as a model would write them."""
    said = [m for m in catalog.gold_messages(task) if m["role"] == "assistant"]
    return [m["content"] + "".join(tagged(c["function"]) for c in m.get("tool_calls", [])) for m in said]


def tagged(function: dict[str, Any]) -> str:
    return f"<tool_call>{json.dumps(function, ensure_ascii=False)}</tool_call>"


def test_gold_calls_give_the_recorded_results_in_the_sandbox(
    every_task: list[Task], sandbox: Sandbox, runner: asyncio.Runner
) -> None:
    for task in every_task:
        gold = runner.run(perform(sandbox, task, gold_turns(task)))
        assert gold.messages == catalog.gold_messages(task)
        assert [r.status for r in gold.results] == ["ok"] * len(task.expected.calls), task.id
        wanted, state = task.expected.final_state, gold.state or {}
        assert task.expected.no_call or (wanted and wanted.items() <= state.items()), task.id


def other_value(value: Any) -> Any:
    """A value of the same kind that is not acceptable."""
    if isinstance(value, int | float):
        return value + 1
    if re.fullmatch(r"\d\d:\d\d", value):
        return "04:44"  # no alarm is ever asked for at that time
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return "2029-12-30"
    return {"JP": "ZA", "USD": "SEK", "kilometer": "meter"}.get(value, "Oslo")


def with_first_call(task: Task, change: Callable[[dict[str, Any]], dict[str, Any]]) -> list[str]:
    """The gold turns with the first call changed."""
    first = gold_calls(task)[0]
    turns = gold_turns(task)
    return [turns[0].replace(tagged(first), tagged(change(first)), 1), *turns[1:]]


def gold_calls(task: Task) -> list[dict[str, Any]]:
    return [c["function"] for m in catalog.gold_messages(task) for c in m.get("tool_calls", [])]


def other_tool(task: Task) -> str:
    return next(t.name for t in task.tools if t.name not in {c["name"] for c in task.expected.calls})


def call_mutants(task: Task) -> dict[str, list[str]]:
    """Turns of a model that gets the calls wrong and the reply right."""
    gold, reply = gold_turns(task), task.expected.reply or ""
    extra = tagged({"name": other_tool(task), "arguments": {}})
    mutants = {"extra call": [extra + gold[0], *gold[1:]] if gold[1:] else [extra, reply]}
    if not task.expected.calls:
        return mutants
    broken = gold[0].replace("}</tool_call>", "</tool_call>", 1)
    mutants |= {
        "wrong tool": with_first_call(task, lambda c: c | {"name": other_tool(task)}),
        "call made twice": [gold[0] + tagged(gold_calls(task)[0]), *gold[1:]],
        "malformed call": [broken, *gold[1:]],
        "malformed, then right": [broken, *gold],
        "no call": [reply],
        "unknown argument": with_first_call(task, lambda c: c | {"arguments": c["arguments"] | {"to": "x"}}),
    }
    if gold_calls(task)[1:] and task.expected.ordered:
        mutants |= second_call_mutants(task)
    for argument, value in gold_calls(task)[0]["arguments"].items():
        changed = {argument: other_value(value)}
        mutants[f"other {argument}"] = with_first_call(
            task, lambda c, changed=changed: c | {"arguments": c["arguments"] | changed}
        )
        mutants[f"no {argument}"] = with_first_call(
            task, lambda c, a=argument: c | {"arguments": {k: v for k, v in c["arguments"].items() if k != a}}
        )
    return mutants


def second_call_mutants(task: Task) -> dict[str, list[str]]:
    """The second of two dependent calls twice, without the first, or with an id that nobody told."""
    first, second, reply = gold_turns(task)
    call = gold_calls(task)[1]
    number, *others = call["arguments"].items()
    wrong = call | {"arguments": {number[0]: "flight-000000", **dict(others)}}
    return {
        "second call made twice": [first, second, second, reply],
        "second call alone": [second, reply],
        "wrong id": [first, tagged(wrong), reply],
        "first call alone": [first, reply],
    }


def reply_mutants(task: Task, parallel: dict[str, Task]) -> dict[str, list[str]]:
    """Turns of a model that gets the calls right and the reply wrong; ``parallel`` by language."""
    *calls, reply = gold_turns(task)
    mutants = {"empty reply": [*calls, ""], "echo": [*calls, request_of(task)], "calls alone": calls}
    neighbour = LANGUAGES[(LANGUAGES.index(task.language) + 1) % len(LANGUAGES)]
    for language in {"en", "zh", neighbour} - {task.language}:
        mutants[f"reply in {language}"] = [*calls, parallel[language].expected.reply or ""]
    for fact in task.expected.facts:
        mutants[f"wrong {fact['kind']}"] = [*calls, misstated(reply, fact, task.locale)]
    return {name: turns for name, turns in mutants.items() if turns}


def misstated(reply: str, fact: dict[str, Any], locale: str) -> str:
    """The reply with the fact's value, wherever it stands, replaced by another of its kind."""
    value = fact["value"]
    match fact["kind"]:
        case "time":
            hours, minutes = map(int, value.split(":"))
            other: Any = f"{(hours + 3) % 24:02d}:{(minutes + 21) % 60:02d}"
        case "date":
            other = (date.fromisoformat(value) + timedelta(days=40)).isoformat()
        case "text":
            other = "—"
        case _:
            other = value + 7
    for spelling in [form(fact, locale), *fact.get("also", [])]:
        reply = reply.replace(spelling, form(fact | {"value": other}, locale))
    return reply


@pytest.fixture(scope="module")
def rewards() -> Rewards:
    """The default reward, for a run in all languages."""
    path = Path(__file__).parents[2] / "conf" / "reward" / "multilingual_tool_use.yaml"
    return Rewards.from_config(yaml.safe_load(path.read_text()) | {"languages": LANGUAGES})


@pytest.fixture(scope="module")
def scored(rewards: Rewards, sandbox: Sandbox, runner: asyncio.Runner) -> Any:
    """``scored(task, attempts)``: the scores of several lists of turns, side by side."""

    async def one(task: Task, turns: Sequence[str]) -> Score:
        return await rewards.ascore(task, await perform(sandbox, task, turns))

    async def every(task: Task, attempts: Iterable[Sequence[str]]) -> list[Score]:
        return list(await asyncio.gather(*(one(task, turns) for turns in attempts)))

    return lambda task, attempts: runner.run(every(task, attempts))


@each_language
def test_gold_scores_one(tasks: dict[str, list[Task]], scored: Any, language: str) -> None:
    for task in (task for split in SPLITS for task in tasks[split] if task.language == language):
        [score] = scored(task, [gold_turns(task)])
        assert score.reward == 1.0, (task.id, task.expected.reply, score)


@each_language
def test_every_mutant_scores_less(tasks: dict[str, list[Task]], scored: Any, language: str) -> None:
    parallel: dict[str, dict[str, Task]] = defaultdict(dict)
    for task in tasks["test"]:
        if task.parallel_id.endswith("/0"):
            parallel[task.parallel_id][task.language] = task
    for group in parallel.values():
        task = group[language]
        mutants = call_mutants(task) | reply_mutants(task, group)
        for (name, turns), score in zip(mutants.items(), scored(task, mutants.values()), strict=True):
            assert score.reward is not None, (task.id, name, score)
            assert score.reward < 0.99, (task.id, name, turns, score)


ONLY_IN_STATE = [
    "reserve_room",
    "book_appointment",
    "message_contact",
    "redirect_parcel",
    "confirm_exchange",
    "move_money",
]


@pytest.mark.parametrize("kind", [*ONLY_IN_STATE, "book_flight", "send_money"])
def test_what_was_done_twice_or_not_at_all_shows_in_the_state(kind: str, scored: Any) -> None:
    """Even where other calls are tolerated: a room reserved twice, money that left an account twice."""
    for language in ("en", "ru"):
        task = catalog.load("test", [language], [kind], per_tool=1)[0]
        lenient = replace(task, expected=replace(task.expected, rules="subset", ordered=False))
        *calls, reply = gold_turns(task)
        once, twice = scored(lenient, [[*calls, reply], [*calls, calls[-1], reply]])
        assert once.reward == 1.0
        assert twice.parts["json_valid"] == 1.0 and twice.parts["api_success"] == 0.0
