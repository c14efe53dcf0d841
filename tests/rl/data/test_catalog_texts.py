"""The phrase files: complete and native, with test wordings that no training wording gives away."""

import re
import string
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from rl.data.catalog import check, load, phrases
from rl.data.catalog.missing import alike
from rl.data.catalog.scenarios import SCENARIOS
from rl.data.catalog.slots import draw, pool
from rl.data.catalog.tasks import half
from rl.data.catalog.words import LANGUAGES as FOUND
from rl.data.catalog.words import PHRASES, SLOT, forms_of, spell
from tests.rl.data.catalog_parts import (
    CLOSED,
    LANGUAGES,
    SPLITS,
    each_language,
    letters,
    reply_templates,
    request_of,
    templates,
    wording,
)

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


def test_the_languages_are_those_that_are_promised() -> None:
    assert set(FOUND) == set(LANGUAGES)


@each_language
def test_a_language_of_ours_lacks_nothing(language: str) -> None:
    assert check(language) == []


def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Any) -> list[str]:
    """What ``check`` says of the French file after ``change``."""
    file = yaml.safe_load((PHRASES / "fr.yaml").read_text(encoding="utf-8"))
    change(file)
    (tmp_path / "fr.yaml").write_text(yaml.safe_dump(file, allow_unicode=True), encoding="utf-8")
    monkeypatch.setattr("rl.data.catalog.missing.PHRASES", tmp_path)
    return check("fr")


BROKEN: dict[str, tuple[Any, str]] = {
    "section": (lambda f: f.pop("verdict"), "fr.yaml has no verdict"),
    "kind": (lambda f: f["tools"].pop("set_alarm"), "tools.set_alarm.requests.train has 0 phrasings"),
    "few": (lambda f: f["tools"]["play_music"]["requests"]["test"].pop(), "play_music.requests.test has 5"),
    "no reply": (lambda f: f["tools"]["play_music"]["replies"].pop("test"), "play_music.replies.test has 0"),
    "no requests": (lambda f: f["tools"]["play_music"].pop("requests"), "play_music.requests.train has 0"),
    "no texts": (lambda f: f["values"].pop("todo"), "values.todo.train has 0 texts"),
    "kind unknown": (lambda f: f["tools"].update(fly={}), "tools.fly is no kind"),
    "no word": (lambda f: f["words"]["cities"].pop("lima"), "words.cities has no word for lima"),
    "no form": (lambda f: f["words"]["cities"]["lima"].pop("at"), "cities.lima has no form 'at'"),
    "texts": (lambda f: f["values"]["todo"]["train"].pop(), "values.todo.train has 7 texts, not 8"),
    "slot": (lambda f: f["tools"]["set_alarm"]["requests"]["test"].append("Allez !"), "must name {time}"),
    "fact": (lambda f: f["tools"]["set_alarm"]["replies"]["test"].append("Fait."), "must state {time}"),
    "alike": (
        lambda f: f["tools"]["set_alarm"]["requests"]["test"].append("Mets une alarme à {time} !"),
        "resembles the training line",
    ),
    "blank kind": (lambda f: f["tools"].update(set_alarm=None), "tools.set_alarm is empty"),
    "blank requests": (
        lambda f: f["tools"]["set_alarm"].update(requests=None),
        "set_alarm.requests is empty",
    ),
    "one list": (
        lambda f: f["tools"]["set_alarm"].update(requests=["Réveille-moi à {time}."]),
        "tools.set_alarm.requests must have a list under train and one under test",
    ),
    "blank word": (lambda f: f["words"]["cities"].update(lima=None), "words.cities.lima is empty"),
    "window": (
        lambda f: f["tools"]["set_alarm"]["requests"]["train"].append("Debout à {time@erly} !"),
        "asks for @erly, which is none of early",
    ),
    "locale": (lambda f: f.update(locale="xx-YY"), "CLDR has no locale 'xx-YY'"),
    "no answer": (
        lambda f: f["small_talk"]["train"].append({"request": "Salut !"}),
        "must have a request and a reply",
    ),
    "halves": (
        lambda f: f["tools"]["find_media"]["requests"]["train"].extend(
            ["Zut, où est {movie} ?", "Zut, où est {movie} ??"]
        ),
        "resemble each other",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_what_a_language_lacks_is_said(fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change, sentence = BROKEN[fault]
    assert any(sentence in line for line in broken(tmp_path, monkeypatch, change))


def test_which_of_two_lines_is_the_first_does_not_matter() -> None:
    lines = "Jua litapotea saa ngapi {city} leo?", "Jua linatua saa ngapi {city}?"
    assert alike(*lines) and alike(*lines[::-1])


PARTICLE = re.compile(
    SLOT.pattern + r"[’'\"]?(은|는|을|를|과|와|으로|로|이랑|랑|이라|라|이네요|네요|이에요|예요|이야|야)"
)
AFTER_VOWELS = {"는", "를", "와", "로", "랑", "라", "네요", "예요", "야"}
SOUNDED = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True)) | {"C": "씨", "F": "프"}


def before_particles(split: str) -> Iterator[tuple[str, str]]:
    """The values that Korean phrasings say, and the particle that follows each."""
    for kind, template in [*templates("ko", split), *reply_templates("ko", split)]:
        words = [
            spell(SCENARIOS[kind], draw(SCENARIOS[kind].slots, split, Random(seed)), "ko", split)
            for seed in range(20 if PARTICLE.search(template) else 0)
        ]
        for slot, form, _, particle in PARTICLE.findall(template):
            # What only a run knows is no word of the request's.
            yield from ((each[slot].forms[form or "name"], particle) for each in words if slot in each)


@pytest.mark.parametrize("split", SPLITS)
def test_korean_particles_suit_all_values_that_they_follow(split: str) -> None:
    """은 after a consonant and 는 after a vowel, and their kin; 로 after ㄹ, too."""
    said = set(before_particles(split))
    assert said
    for value, particle in said:
        final = (ord(SOUNDED.get(value[-1], value[-1])) - ord("가")) % 28
        is_open = final == 0 or (particle in ("로", "으로") and final == 8)
        assert is_open == (particle in AFTER_VOWELS), value + particle


def test_a_language_without_a_file_is_told_where_to_begin() -> None:
    [line] = check("xx")
    assert "There is no xx.yaml: copy" in line


@each_language
@pytest.mark.parametrize(
    "kind", ["show_alarms", "alarm_time_left", "small_talk"]
)  # their requests have no slots
def test_training_tasks_of_different_halves_share_no_phrasing(language: str, kind: str) -> None:
    tasks = load("train", [language], [kind], per_tool=200)
    first, second = ({request_of(task) for task in tasks if half(task.parallel_id) == h} for h in (0, 1))
    assert first and second and not first & second
    assert first | second <= {template for k, template in templates(language, "train") if k == kind}


@each_language
def test_no_wording_stands_twice(language: str) -> None:
    for phrasing in phrases(language)["tools"].values():
        for name in ("requests", "replies", "replies_no"):
            lines = [wording(line) for line in chain(*phrasing.get(name, {}).values())]
            assert len(lines) == len(set(lines)), lines
    talk = [wording(pair["request"]) for pair in chain(*phrases(language)["small_talk"].values())]
    assert len(talk) == len(set(talk))


@each_language
def test_texts_of_a_kind_are_different(language: str) -> None:
    for name, texts in phrases(language)["values"].items():
        names = [forms_of(text)["name"] for split in SPLITS for text in texts[split]]
        assert len(set(names)) == 12, name


def _texts(language: str, values: str) -> list[Any]:
    texts = phrases(language)["values"][values.partition(":")[2]]
    return [text for split in SPLITS for text in texts[split]]


@pytest.mark.parametrize("values", sorted({k for s in SCENARIOS.values() for k in s.slots.values()}))
def test_no_open_value_is_in_both_splits(values: str) -> None:
    """Texts are drawn by position, so their disjointness is that of the phrase files."""
    train, test = pool(values, "train"), pool(values, "test")
    assert len(train) >= 3 <= len(test)
    if values.startswith("text:"):
        for language in LANGUAGES:
            texts = phrases(language)["values"][values.removeprefix("text:")]
            names = [{wording(forms_of(t)["name"]) for t in texts[split]} for split in SPLITS]
            assert not names[0] & names[1], language
    elif values not in CLOSED:
        assert not set(train) & set(test)


@each_language
def test_phrases_are_in_the_languages_own_script(language: str) -> None:
    """Latin beside it only as names that are written so (Pix, IBAN), never as the bulk of a phrase."""
    own, total = SCRIPTS.get(language, {"LATIN"}), Counter[str]()
    requests = [t for split in SPLITS for _, t in templates(language, split)]
    replies = [reply for split in SPLITS for _, reply in reply_templates(language, split)]
    for phrase in requests + replies:
        found = letters(SLOT.sub("", phrase))
        assert set(found) <= own | {"LATIN"}, phrase
        assert sum(found[script] for script in own) >= found.total() / 2 or found.total() < 8, phrase
        total += found
    assert sum(total[script] for script in own) > 0.9 * total.total()
    assert set(total) >= own - {"IDEOGRAPHIC", "KATAKANA-HIRAGANA"}


@each_language
def test_words_and_texts_are_in_the_languages_own_script(language: str) -> None:
    """But for works and names that keep their own spelling (a Latin band name in Korean)."""
    own, file = SCRIPTS.get(language, {"LATIN"}), phrases(language)
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
                odd = set(SLOT.sub("", template).lower()) - set(string.ascii_lowercase + extra)
                assert not [c for c in odd if c.isalpha()], template


INCLUSIVE = {  # the tool looks strictly after the day, so no request may ask from that day on
    "ar": "بدءًا من|ابتداءً من|إذا بدأنا من",
    "bn": "তারিখ থেকে",
    "de": r"\bab dem\b|\bvom {date} an",
    "en": r"\bfrom {date}|starting {date}|on or after",
    "es": "a partir del",
    "fr": "à compter du|à partir du",
    "hi": "{date} से(?! आगे)",
    "ja": "以降|以後|から見て",
    "ko": "{date}부터",
    "pt": "a partir de",
    "ru": "начиная|считать от|с {date}",
    "sw": "kuanzia {date}|Nikitoka",
    "te": "{date} నుంచి",
    "th": "ตั้งแต่|นับจาก",
    "zh": "从{date}起|自{date}",
}


@each_language
def test_the_next_holiday_is_asked_for_strictly_after_the_day(language: str) -> None:
    for split in SPLITS:
        for kind, template in templates(language, split):
            if kind == "next_holiday":
                assert not re.search(INCLUSIVE[language], template), template


@each_language
def test_what_asks_for_a_sum_does_not_order_an_exchange(language: str) -> None:
    """``convert_currency`` computes, ``confirm_exchange`` acts: no wording may stand for both."""
    lines: dict[str, set[str]] = {
        kind: {wording(t) for split in SPLITS for k, t in templates(language, split) if k == kind}
        for kind in ("convert_currency", "confirm_exchange")
    }
    assert not lines["convert_currency"] & lines["confirm_exchange"]
