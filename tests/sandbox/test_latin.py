"""Transliteration beside results in other scripts: the result itself is never touched."""

import asyncio
import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import ToolCall, open_sandbox
from sandbox.host.framing import encode
from sandbox.latin import KEY, MAX_CHARACTERS, transliterated

SCRIPTS = "अआकखगঅআকখఅఆకఖกขคงابتثあいうアイウ가나다абвг北京東αβγაბგ"
texts = st.text(st.sampled_from("abc é1 .-" + SCRIPTS), max_size=40)
values = st.recursive(
    texts | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "latin"),
    [  # as the places' own maps and the languages' usual romanizations have them, but for long vowels
        ("Москва", "moskva"),
        ("서울", "seoul"),
        ("తెలుగు", "telugu"),
        ("मुंबई", "mumbaii"),
        ("北京", "beijing"),
        ("とうきょう", "toukyou"),
        ("বাংলাদেশ", "baanglaadesha"),
        ("Αθήνα", "athena"),
    ],
)
def test_scripts_are_read_as_their_readers_do(text: str, latin: str):
    shown = transliterated({"name": text, "count": 3}, 256)
    assert shown == {"name": text, "count": 3, KEY: {text: shown[KEY][text]}}
    assert shown[KEY][text].lower() == latin


@settings(max_examples=60, deadline=None, derandomize=True)
@given(values, st.integers(1, 4))
def test_the_result_stays_as_it_is(content, output_kb: int):
    before = copy.deepcopy(content)
    shown = transliterated(content, output_kb)
    assert content == before
    if shown is content:
        return
    assert len(encode(shown)) <= output_kb * 1024
    assert sum(map(len, shown[KEY])) <= MAX_CHARACTERS
    assert all(text in encode(content).decode() or '"' in text for text in shown[KEY])
    rest = {key: value for key, value in shown.items() if key != KEY}
    assert rest == (content if isinstance(content, dict) else {"result": content})
    assert all(latin and (latin.isascii() or "é" in text) for text, latin in shown[KEY].items())


@pytest.mark.parametrize(
    "content",
    [
        {"city": "Łódź", "also": ["Đà Nẵng", "Ｔｏｋｙｏ", 5, None]},
        {"error": "нет такого города"},
        {"name": "東京", KEY: "Tokyo"},
        {"text": "я" * (MAX_CHARACTERS + 1)},
        "",
        7,
    ],
)
def test_there_is_nothing_to_add(content):
    assert transliterated(content, 256) is content


def test_what_would_be_too_long_is_left_out():
    assert transliterated({"text": "я" * 400}, 1) == {"text": "я" * 400}


def calls(transliterate: bool) -> list:
    async def go() -> list:
        async with open_sandbox(workers=1, transliterate=transliterate) as sandbox, sandbox.session() as s:
            asked = [("world_time", {"city": "मुंबई"}), ("world_time", {"city": "Токио"}), ("show_alarms", {})]
            results = [await s.call(ToolCall(str(i), *call)) for i, call in enumerate(asked)]
            return [(result.status, result.content) for result in results]

    return asyncio.run(go())


def test_a_sandbox_transliterates_only_where_it_is_asked_to():
    plain, shown = calls(False), calls(True)
    assert [status for status, _ in plain] == ["tool_error", "ok", "ok"]
    assert shown[0] == plain[0] and shown[2] == plain[2]
    assert shown[1][1] == plain[1][1] | {KEY: {"Токио": "Tokio"}}
