"""xSID: real requests to an assistant in 13 languages and 5 dialects, as tasks on the catalog's tools.

A row's intent is the tool, its BIO slots are the arguments with the values as spoken: each value is
an exact piece of the request. An argument that was spoken in several pieces joins them with ", ". A
slot that the intent's tool has no argument for (an artist in a restaurant booking) is left out of the
expected call; an argument that the tool needs and nobody spoke is expected to be "" or missing.

Source: van der Goot et al., "From Masked Language Modeling to Translation: Non-English Auxiliary Tasks
Improve Zero-shot Spoken Language Understanding", NAACL 2021; xSID 0.7, CC BY-SA 4.0.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

from rewards.types import Expected, ExpectedCall, Task
from rl.data import rows
from rl.data.rows import shown
from rl.data.tools import fitting
from rl.errors import UserError, hint
from sandbox.catalog import SPECS, initial_state

# The data's own codes that are not BCP 47, and the locales that CLDR has nothing for. Munich's
# Bavarian and South Tyrol's are told from the Bavarian without a place by their region.
LANGUAGES = {"de-ba": "bar", "de-muc": "bar-DE", "de-st": "bar-IT"}
LOCALES = {"bar": "de-AT", "bar-DE": "de-DE", "bar-IT": "de-IT", "nap": "it-IT"}

WHEN = {"datetime": "datetime"}
WHICH = WHEN | {"reference": "reference"}
TODO = {"reminder/todo": "todo"}
REPEAT = {"recurring_datetime": "recurring"}
MUSIC = {name: name for name in ("artist", "album", "playlist", "music_item")}
INTENTS: dict[str, tuple[str, dict[str, str]]] = {
    "alarm/set_alarm": ("set_alarm", WHICH | REPEAT | {"reminder/todo": "label"}),
    "alarm/cancel_alarm": ("cancel_alarm", WHICH),
    "alarm/modify_alarm": ("change_alarm", WHEN),
    "alarm/show_alarms": ("show_alarms", WHICH),
    "alarm/snooze_alarm": ("snooze_alarm", {"reference": "reference"}),
    "alarm/time_left_on_alarm": ("alarm_time_left", {"reference": "reference"}),
    "reminder/set_reminder": ("set_reminder", WHEN | TODO | REPEAT),
    "reminder/cancel_reminder": ("cancel_reminder", WHICH | TODO),
    "reminder/show_reminders": ("show_reminders", WHICH | TODO),
    "weather/find": (
        "get_weather",
        WHEN
        | {"location": "location", "weather/attribute": "attribute"}
        | {"condition_description": "condition", "condition_temperature": "temperature"},
    ),
    "weather/checkSunrise": ("get_sunrise", WHEN | {"location": "location"}),
    "weather/checkSunset": ("get_sunset", WHEN | {"location": "location"}),
    "PlayMusic": (
        "play_music",
        WHEN | MUSIC | {name: name for name in ("track", "genre", "service", "sort")},
    ),
    "AddToPlaylist": ("add_to_playlist", MUSIC | {"entity_name": "track", "reference": "reference"}),
    "BookRestaurant": (
        "book_restaurant",
        WHEN
        | {"restaurant_name": "restaurant", "party_size_number": "party_size", "served_dish": "dish"}
        | {"party_size_description": "party_description"}
        | {name: name for name in ("location", "restaurant_type", "sort", "cuisine", "facility")},
    ),
    "RateBook": (
        "rate_book",
        {"object_name": "title", "rating_value": "rating", "object_select": "selection"}
        | {"object_part_of_series_type": "series_type"}
        | {name: name for name in ("best_rating", "rating_unit", "object_type")},
    ),
    "SearchCreativeWork": (
        "find_media",
        {"object_name": "title", "movie_name": "title", "object_type": "object_type"},
    ),
    "SearchScreeningEvent": (
        "find_screenings",
        WHEN
        | {"movie_name": "movie", "object_name": "movie", "object_location_type": "location_type"}
        | {name: name for name in ("location", "movie_type", "object_type")},
    ),
}


class Row(NamedTuple):
    """One request: its text, the English one it translates, and (token, BIO label) pairs."""

    text: str
    english: str
    intent: str
    tokens: list[tuple[str, str]]


def load(
    path: Path,
    split: str = "train",
    languages: Iterable[str] | None = None,
    tools: Sequence[str] | None = None,
    tools_per_task: int = 4,
    system: str | None = None,
) -> list[Task]:
    """Every row of the folder's ``*.<split>.conll``, file by file, in the files' order.

    ``languages`` (BCP 47) and ``tools`` keep only those; each task shows ``tools_per_task`` tools of
    ``tools``, its own among them. Raises ``UserError`` for a split, language, tool or intent that is
    not there.
    """
    files = {language_of(file): file for file in _files(path, split)}
    _known("language", languages or (), files)
    _known("tool", tools or (), [tool for tool, _ in INTENTS.values()])
    prompt = [{"role": "system", "content": system}] if system else []
    tasks = []
    for language in languages or files:
        file, asked = files[language], Counter[str]()
        for number, row in enumerate(_rows(file), 1):
            tool, arguments = expected_call(row, file)
            asked[row.english] += 1  # some requests stand there several times, in each file
            calls: list[ExpectedCall] = [{"name": tool, "arguments": arguments}]
            if tools is None or tool in tools:
                digest = hashlib.sha256(row.english.encode()).hexdigest()[:12]
                parallel_id = f"xsid/{split}/{digest}/{asked[row.english]}"
                tasks.append(
                    Task(
                        id=f"xsid/{split}/{language}/{number}",
                        parallel_id=parallel_id,
                        language=language,
                        locale=locale_of(language),
                        messages=[*prompt, {"role": "user", "content": row.text}],
                        tools=fitting(
                            [
                                SPECS[t]
                                for t in shown([tool], _others(tool, tools), tools_per_task, parallel_id)
                            ],
                            calls,
                        ),
                        expected=Expected(calls=calls),
                        state=initial_state(),
                        source="xsid",
                        split=split,
                        # A tool cannot run without what nobody said; whether the call is right can be told.
                        run_calls=not any(values == [""] for values in arguments.values()),
                    )
                )
    return tasks


def known_languages(path: Path) -> list[str]:
    """The languages that the folder has a file of."""
    return sorted({language_of(file) for file in path.glob("*.*.conll")})


def language_of(file: Path) -> str:
    """The BCP 47 tag of a file named ``<code>.<split>.conll``."""
    code = file.name.split(".")[0]
    return LANGUAGES.get(code, code)


def locale_of(language: str) -> str:
    """The likeliest locale of a language that CLDR has formats for, such as ``kk-KZ``."""
    return LOCALES.get(language) or rows.locale_of(language)


def expected_call(row: Row, file: Path) -> tuple[str, dict[str, list[str]]]:
    """The tool of a row's intent and its arguments, each with its one acceptable value."""
    if row.intent not in INTENTS:
        raise UserError(f"{file}: no tool for the intent {row.intent!r}{hint(row.intent, INTENTS)}")
    tool, argument_of = INTENTS[row.intent]
    pieces: dict[str, list[str]] = {}
    for slot, value in spans(row):
        if slot in argument_of:
            pieces.setdefault(argument_of[slot], []).append(value)
    if tool == "change_alarm" and len(pieces.get("datetime", [])) > 1:  # first the old time, then the new
        pieces["datetime"], pieces["new_datetime"] = pieces["datetime"][:1], pieces["datetime"][1:]
    needed = {name: [""] for name in SPECS[tool].parameters["required"]}
    return tool, needed | {name: [", ".join(values)] for name, values in pieces.items()}


def spans(row: Row) -> list[tuple[str, str]]:
    """(slot, piece of the text) for each BIO span; an I- that continues nothing begins a span."""
    edges = _edges(row.text, [token for token, _ in row.tokens])
    found: list[tuple[str, int, int]] = []
    before = "O"
    for (_, label), (start, end) in zip(row.tokens, edges, strict=True):
        kind, _, slot = label.partition("-")
        if kind == "I" and before == slot:
            found[-1] = (slot, found[-1][1], end)
        elif kind != "O":
            found.append((slot, start, end))
        before = slot
    return [(slot, row.text[start:end].strip()) for slot, start, end in found]


def _edges(text: str, tokens: list[str]) -> list[tuple[int, int]]:
    """Where each token stands in the text. White space may differ, and single characters."""
    places = [i for i, character in enumerate(text) if not character.isspace()]
    spoken, written = "".join(text[i] for i in places), "".join("".join(token.split()) for token in tokens)
    place_of = dict.fromkeys(range(len(written) + 1), len(text))
    for tag, i, j, k, m in SequenceMatcher(None, written, spoken, autojunk=False).get_opcodes():
        if tag != "insert":
            place_of |= {i + n: places[min(k + n, max(m - 1, k), len(places) - 1)] for n in range(j - i)}
    edges, at = [], 0
    for token in tokens:
        size = len("".join(token.split()))
        edges.append((place_of[at], place_of[at + size - 1] + 1 if size else place_of[at]))
        at += size
    return edges


def _rows(file: Path) -> Iterator[Row]:
    for block in file.read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in block.splitlines() if line.strip()]
        heads = dict(line[2:].split(" = ", 1) for line in lines if line.startswith("# ") and " = " in line)
        cells = [line.split("\t") for line in lines if line.count("\t") == 3]
        if not lines:
            continue
        if not {"text", "intent"} <= heads.keys():
            raise UserError(f"{file}: the row {lines[0]!r} lacks its '# text = ' or '# intent = ' line")
        text = heads["text"].strip()
        english = " ".join(heads.get("text-en", text).split())
        yield Row(text, english, heads["intent"].strip(), [(cell[1], cell[3].strip()) for cell in cells])


def _others(tool: str, tools: Sequence[str] | None) -> list[str]:
    return [name for name in tools or SPECS if name != tool and SPECS[name].locale is None]


def _files(path: Path, split: str) -> list[Path]:
    files = sorted(path.glob(f"*.{split}.conll"))
    if not files:
        splits = sorted({file.name.split(".")[-2] for file in path.glob("*.*.conll")})
        there = f"it has {', '.join(splits)}" if splits else "it has no *.conll files at all"
        raise UserError(f"{path} has no files of the split {split!r}: {there}")
    return files


def _known(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    for name in given:
        if name not in known:
            raise UserError(f"xsid has no {what} {name!r}{hint(name, known)}; it has {' '.join(known)}")
