"""What a language of the catalog still lacks, for whoever adds one."""

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache
from itertools import product
from random import Random
from typing import Any

from babel import Locale, UnknownLocaleError

from rl.data.catalog.scenarios import SCENARIOS
from rl.data.catalog.slots import CLOSED, TEST_CITIES, TRAIN_CITIES, WINDOW_NAMES, draw
from rl.data.catalog.tasks import arguments
from rl.data.catalog.words import LEXICON, PHRASES, SLOT, forms_of, read, spell
from sandbox import catalog
from sandbox.catalog.described import missing_texts

SPLITS = ("train", "test")
REQUESTS = {"train": 6, "test": 6}  # the fewest of a kind
REPLIES = {"train": 2, "test": 1}
TEXTS = {"train": 8, "test": 4}  # exactly as many, since a text is drawn by its position
ALIKE = 0.8
UNSPOKEN = {"other", "set", "a", "b"}  # slots that only the session's state knows
UNASKED = {"alarm_time_left": {"minutes"}, "show_reminders": {"todo", "time"}}  # the answer, not the question
VERDICTS = ("check_vat", "check_iban")
COUNTRIES = CLOSED["country"]
WORDS = {
    "cities": TRAIN_CITIES + TEST_CITIES,
    "countries": COUNTRIES,
    "currencies": CLOSED["currency"],
    "units": sorted({unit for pair in CLOSED["units"] for unit in pair}),
    "services": CLOSED["service"],
    "places": CLOSED["place"],
    "accounts": CLOSED["account"],
}


def check(language: str) -> list[str]:
    """What ``phrases/LANGUAGE.yaml`` and the tools' descriptions lack, a sentence each; empty if nothing."""
    path = PHRASES / f"{language}.yaml"
    if not path.exists():
        return [f"There is no {path.name}: copy {PHRASES / 'en.yaml'} and say everything in the language."]
    file = read(path)
    if missing := [
        key for key in ("language", "locale", "words", "values", "verdict", "tools") if not file.get(key)
    ]:
        return [f"{path.name} has no {key}." for key in missing]
    if blank := [*_blank(file)] or [*_misshapen(file)]:
        return [f"{path.name}: {line}" for line in blank]
    found = [
        *_locale(file),
        *_words(file),
        *_values(file),
        *_counts(file),
        *_slots(file),
        *_forms(file),
        *_resemblances(file),
    ]
    return [f"{path.name}: {line}" for line in found] + missing_texts(language)


def templates(file: dict[str, Any], split: str) -> Iterator[tuple[str, str]]:
    """(kind, request) of a split, but for small talk."""
    for kind in SCENARIOS:
        requests = file["tools"].get(kind, {}).get("requests", {})
        yield from ((kind, text) for text in requests.get(split, ()))


def replies(file: dict[str, Any], split: str) -> Iterator[tuple[str, str]]:
    """(kind, reply) of a split, but for small talk."""
    for kind in SCENARIOS:
        phrasing = file["tools"].get(kind, {})
        for name in ("replies", "replies_no"):
            yield from ((kind, text) for text in phrasing.get(name, {}).get(split, ()))


def _blank(value: Any, path: str = "") -> Iterator[str]:
    """What stands in the file without anything behind it."""
    if value is None:
        yield f"{path} is empty."
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _blank(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _blank(inner, f"{path}[{i}]")


def _misshapen(file: dict[str, Any]) -> Iterator[str]:
    """Phrasings that are not in two lists, and small talk that nobody answers."""
    lists = {f"tools.{kind}.{name}": x for kind, named in file["tools"].items() for name, x in named.items()}
    for name, given in {**lists, "small_talk": file.get("small_talk", {})}.items():
        if not isinstance(given, dict) or not all(isinstance(x, list) for x in given.values()):
            yield f"{name} must have a list under train and one under test."
        elif name == "small_talk":
            pairs = (pair for split in given.values() for pair in split)
            yield from (f"small_talk: {x} must have a request and a reply." for x in pairs if not _is_pair(x))


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, dict) and pair.keys() >= {"request", "reply"}


def _locale(file: dict[str, Any]) -> Iterator[str]:
    try:
        Locale.parse(file["locale"], sep="-")
    except (UnknownLocaleError, ValueError):
        yield f"CLDR has no locale {file['locale']!r}: name one such as en-US."


def _words(file: dict[str, Any]) -> Iterator[str]:
    for table, keys in WORDS.items():
        for key in keys:
            if key not in file["words"].get(table, {}):
                yield f"words.{table} has no word for {key}."
    for answer in ("yes", "no"):
        if not file["verdict"].get(answer):
            yield f"verdict.{answer} has no words that say that a number is right or wrong."


def _values(file: dict[str, Any]) -> Iterator[str]:
    names = {
        k.partition(":")[2] for s in SCENARIOS.values() for k in s.slots.values() if k.startswith("text:")
    }
    for name, (split, count) in product(sorted(names), TEXTS.items()):
        texts = file["values"].get(name, {}).get(split, [])
        if len(texts) != count:
            yield f"values.{name}.{split} has {len(texts)} texts, not {count}."


def _counts(file: dict[str, Any]) -> Iterator[str]:
    for kind in sorted(file["tools"].keys() - SCENARIOS.keys()):
        yield f"tools.{kind} is no kind of task."
    for kind in SCENARIOS:
        phrasing = file["tools"].get(kind, {})
        wanted = {"requests": REQUESTS, "replies": REPLIES}
        wanted |= {"replies_no": REPLIES} if kind in VERDICTS else {}
        for name, fewest in wanted.items():
            yield from _too_few(f"tools.{kind}.{name}", phrasing.get(name, {}), fewest)
    yield from _too_few("small_talk", file.get("small_talk", {}), REQUESTS)


def _too_few(name: str, lists: dict[str, list[Any]], fewest: dict[str, int]) -> Iterator[str]:
    for split, count in fewest.items():
        given = len(lists.get(split) or ())
        if given < count:
            yield f"{name}.{split} has {given} phrasings, {count} are the fewest."


def asked_slots(kind: str) -> set[str]:
    """The slots that a request of this kind must name."""
    names: set[str] = set()
    for slot, values in SCENARIOS[kind].slots.items():
        names |= {"units": {"source", "target"}, "phone": {"phone", "country"}}.get(values, {slot})
    return names - UNSPOKEN - UNASKED.get(kind, set())


@cache
def told_facts(kind: str) -> frozenset[str]:
    """The names of the facts that a reply of this kind must state; a verdict is said in words."""
    scenario = SCENARIOS[kind]
    words = spell(scenario, draw(scenario.slots, "train", Random(kind)), "en", "train")
    given = arguments(words, "en-US")
    state = scenario.given(given)

    def run(tool: str, **given: Any) -> Any:
        nonlocal state
        content, state = catalog.run(tool, given, state)
        return content

    return frozenset(name for name, fact in scenario.play(given, run).items() if "verdict" not in fact)


def _slots(file: dict[str, Any]) -> Iterator[str]:
    for split in SPLITS:
        for kind, text in templates(file, split):
            named = sorted(slot for slot, _, _ in SLOT.findall(text))
            if named != sorted(asked_slots(kind)):
                yield f"{kind}: the request {text!r} must name {_listed(asked_slots(kind))}, each once."
            for window in {window for _, _, window in SLOT.findall(text)} - {"", *WINDOW_NAMES}:
                yield f"{kind}: the request {text!r} asks for @{window}, which is none of {', '.join(WINDOW_NAMES)}."
        for kind, text in replies(file, split):
            told, said = told_facts(kind), {slot for slot, _, _ in SLOT.findall(text)}
            if not told <= said <= told | asked_slots(kind):
                yield f"{kind}: the reply {text!r} must state {_listed(told)}, and may name what was asked."
    for kind, phrasing in file["tools"].items():
        lists = phrasing.get("requests", {})
        train, test = lists.get("train", []), lists.get("test", [])
        for name, texts in (("train", train[::2]), ("train", train[1::2]), ("test", test)):
            if texts and all("@" in text for text in texts):
                yield f"{kind}: every {name} request (of one half) suits some values only."


def _listed(names: Any) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "no slot"


def _forms(file: dict[str, Any]) -> Iterator[str]:
    """Forms that a phrasing uses and a word has not."""
    used: dict[tuple[str, str], str] = {}
    for split in SPLITS:
        for kind, text in [*templates(file, split), *replies(file, split)]:
            for slot, form, _ in SLOT.findall(text):
                if form:
                    used.setdefault((_table(kind, slot), form), text)
    for (table, form), text in used.items():
        for key, forms in _entries(file, table).items():
            if form not in forms:
                yield f"{table}.{key} has no form {form!r}, which {text!r} uses."


def _table(kind: str, slot: str) -> str:
    values = SCENARIOS[kind].slots.get(slot, "")
    if not values and slot in ("source", "target"):
        return "units"
    if slot == "country":
        return "countries"
    return LEXICON.get(values, values or "result")


def _entries(file: dict[str, Any], table: str) -> dict[str, dict[str, str]]:
    """The forms of each entry; numbers, times and dates have those of ``counted`` and ``spoken``."""
    if table in WORDS:
        entries = file["words"].get(table, {}).items()
        return {key: _with_counted(forms_of(entry)) for key, entry in entries}
    if table.startswith("text:"):
        texts = file["values"].get(table.removeprefix("text:"), {})
        return {f"{split} {i}": forms_of(t) for split in SPLITS for i, t in enumerate(texts.get(split, ()))}
    spoken = file.get("spoken", {}).get("time", {})
    return {"words": {"name": ""} | spoken.get("forms", {}) | file.get("counted", {})}


def _with_counted(forms: dict[str, str]) -> dict[str, str]:
    return forms | {"counted": forms["other"]} if "other" in forms else forms


def _resemblances(file: dict[str, Any]) -> Iterator[str]:
    """Test lines that say nearly what a training line says, so that they test no new wording."""
    for kind, phrasing in file["tools"].items():
        for name in ("requests", "replies", "replies_no"):
            lists = phrasing.get(name, {})
            for a, b in product(lists.get("test", ()), lists.get("train", ())):
                if alike(a, b):
                    yield f"{kind}: the test line {a!r} resembles the training line {b!r}."
        first, second = (phrasing.get("requests", {}).get("train", ())[half::2] for half in (0, 1))
        for a, b in product(first, second):
            if alike(a, b):
                yield f"{kind}: {a!r} and {b!r} resemble each other, so both must stand at odd places or at even ones."
    talk = file.get("small_talk", {})
    for a, b in product(talk.get("test", ()), talk.get("train", ())):
        if alike(a["request"], b["request"]):
            yield f"small_talk: the test line {a['request']!r} resembles the training line {b['request']!r}."


def alike(a: str, b: str) -> bool:
    """Whether two lines are the same but for a few letters, every slot being one sign."""
    plain = SLOT.sub("§", a), SLOT.sub("§", b)
    bare = _bare(plain[0]), _bare(plain[1])
    # What difflib finds of two texts depends on which is the first.
    return any(_close(*pair) for pair in (plain, plain[::-1], bare, bare[::-1]))


def _bare(text: str) -> str:
    """Without case and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[^\w\s§]|_", " ", folded).split())


def _close(a: str, b: str) -> bool:
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE
