"""Tools described in the user's language: complete, native, and nothing that a task asks."""

import re
import unicodedata
from collections import Counter
from dataclasses import replace

import pytest

from sandbox.catalog import SPECS
from sandbox.catalog.described import LANGUAGES, catalog_texts, described, localized, missing_texts
from sandbox.catalog.local import SCHEMES
from sandbox.types import ToolSpec

OWN = ToolSpec("my_tool", "Mine.", {}, localized={"de": ["Meins.", "Tu es."], "fr-CA": ["Le mien."]})
SCRIPTS = {
    "ar": {"ARABIC"}, "bn": {"BENGALI"}, "hi": {"DEVANAGARI"}, "ja": {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"},
    "zh-Hant": {"CJK"}, "ko": {"HANGUL"}, "ru": {"CYRILLIC"}, "te": {"TELUGU"}, "th": {"THAI"}, "zh": {"CJK"},
}  # fmt: skip


def letters(text: str) -> Counter[str]:
    return Counter(unicodedata.name(c).split()[0] for c in text if c.isalpha())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tool_has_a_description_and_trigger_queries(language: str):
    texts = catalog_texts(language)
    assert set(texts) == set(SPECS)
    for name, (description, *queries) in texts.items():
        assert 1 <= len(queries) <= 2, name
        for text in (description, *queries):
            assert text == " ".join(text.split()) and unicodedata.is_normalized("NFC", text), (name, text)
            assert not set("{}“”") & set(text), (name, text)
    assert len({tuple(text) for text in texts.values()}) == len(texts)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_texts_are_in_the_languages_own_script(language: str):
    """Latin beside it only as names that are written so."""
    own, total = SCRIPTS.get(language, {"LATIN"}), Counter[str]()
    for name, texts in catalog_texts(language).items():
        assert texts[0] != SPECS[name].description, name
        for text in texts:
            found = letters(text)
            assert set(found) <= own | {"LATIN"}, text
            total += found
    assert sum(total[script] for script in own) > 0.75 * total.total()


@pytest.mark.parametrize("language", LANGUAGES)
def test_payments_say_which_scheme_they_are(language: str):
    texts = catalog_texts(language)
    assert len({texts[name][0] for name in SCHEMES}) == len(SCHEMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shown(language: str):
    for name, tool in SPECS.items():
        own = catalog_texts(language)[name]
        shown = {show: described(tool, language, show) for show in ("english", "localized", "both")}
        assert shown["english"] is tool
        assert shown["localized"].description.startswith(own[0])
        assert shown["both"].description.startswith(tool.description)
        for show in ("localized", "both"):
            assert shown[show].description.count(own[0]) == 1
            assert all(query in shown[show].description for query in own[1:])
            assert replace(shown[show], description=tool.description, parameters=tool.parameters) == tool
        if language == "en":
            assert shown["localized"] == shown["both"]


def test_a_tool_of_ones_own_carries_its_texts():
    assert described(OWN, "de", "localized").description == "Meins. “Tu es.”"
    assert described(OWN, "de-AT", "both").description == "Mine. Meins. “Tu es.”"
    assert described(OWN, "fr-CA", "localized").description == "Le mien."
    for language in ("fr", "it", "xx"):
        assert described(OWN, language, "localized") is OWN


def test_a_catalog_tool_in_a_tasks_own_words_keeps_them():
    mine = replace(SPECS["world_time"], description="The local time in a city.")
    assert localized(mine, "en") == []
    assert described(mine, "en", "localized") is mine
    assert localized(SPECS["world_time"], "xx-YY") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_english(language: str):
    assert missing_texts(language) == []


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_parameters_are_described_in_the_language(language: str):
    """And nothing else of the schema changes."""
    own = SCRIPTS.get(language, {"LATIN"})
    total = Counter[str]()
    for tool in SPECS.values():
        shown = described(tool, language, "localized").parameters
        both = described(tool, language, "both").parameters
        assert shown.keys() == tool.parameters.keys()
        for name, schema in tool.parameters["properties"].items():
            text = shown["properties"][name]["description"]
            assert text != schema["description"] and not set("{}“”") & set(text), (tool.name, name, text)
            assert shown["properties"][name] | {"description": schema["description"]} == schema
            assert both["properties"][name]["description"] == f"{schema['description']} {text}"
            found = letters(text)
            assert set(found) <= own | {"LATIN"}, text
            total += found
    assert sum(total[script] for script in own) > 0.5 * total.total()


def test_varieties_of_a_language_have_words_of_their_own():
    """Traditional characters in Taiwan, no Brazilian in Portugal, no Castilian in Mexico."""
    assert described(SPECS["set_alarm"], "zh-TW", "localized").description.startswith("設定鬧鐘")
    assert described(SPECS["set_alarm"], "zh-HK", "localized") == described(
        SPECS["set_alarm"], "zh-TW", "localized"
    )
    assert described(SPECS["set_alarm"], "zh-CN", "localized").description.startswith("设置闹钟")
    for tool in SPECS.values():
        told = {tag: described(tool, tag, "localized") for tag in ("zh-TW", "pt-PT", "es-MX")}
        assert not set("闹钟设时间这个") & set(told["zh-TW"].description), tool.name
        assert not re.search(r"\b(Me tira|usuário|celular|trem|você|a gente)\b", str(told["pt-PT"])), (
            tool.name
        )
        assert not re.search(r"\b(móvil|dejad|AVE|coger|ordenador|billete)\b", str(told["es-MX"])), tool.name
    assert "comboio" in described(SPECS["book_train"], "pt-PT", "localized").description
    assert "boleto" in described(SPECS["book_train"], "es-MX", "localized").description
    assert described(SPECS["move_money"], "es-MX", "localized") == described(
        SPECS["move_money"], "es", "localized"
    )
