import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.parse import parse_calls, prose

CALL = '<tool_call>\n{"name": "f", "arguments": {"city": "東京"}}\n</tool_call>'


def names(text):
    return [call.name for call in parse_calls(text)]


def test_hermes_calls_keep_their_order_and_get_ids():
    calls = parse_calls(f"Moment.\n{CALL}\n{CALL.replace('f', 'g', 1)}")
    assert [(c.id, c.name, c.error) for c in calls] == [("0", "f", None), ("1", "g", None)]
    assert calls[0].arguments == {"city": "東京"}


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "f", "arguments": {"a": 1}}',
        '[{"name": "f", "arguments": {"a": 1}}]',
        "[f(a=1)]",
        '{"name": "f", "arguments": {"a": 1}, "id": "call_7"}',
    ],
)
def test_bare_calls(text):
    (call,) = parse_calls(text)
    assert (call.name, call.arguments, call.error) == ("f", {"a": 1}, None)
    assert prose(text) == ""


def test_pythonic_arguments_are_json_values():
    (call,) = parse_calls("[maps.route(a='x', b=[1, -2.5], c={'d': None}, e=true, g=False)]")
    assert call.name == "maps.route"
    assert call.arguments == {"a": "x", "b": [1, -2.5], "c": {"d": None}, "e": True, "g": False}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"name": "f", "arguments": {"a": NaN}}', "NaN is no JSON number"),
        ('{"name": "f", "arguments": {"a": 1e999}}', "too large"),
        ('{"name": "f", "arguments": {"a": 12345678901234567890123}}', "more than 18 digits"),
        ('{"name": "f", "arguments": {"a": 1, "a": 2}}', "stands twice"),
        ('{"name": "f", "arguments": {"a": "\\ud800"}}', "lone surrogate"),
        ('{"name": "f", "arguments": [1]}', "must be an object, not list"),
        ('{"name": "f", "arguments": "{}"}', "must be an object, not str"),
        ('{"name": "", "arguments": {}}', 'needs a "name"'),
        ('{"arguments": {}}', 'needs a "name"'),
        ('{"name": "f", "parameters": {}}', "no key 'parameters'"),
        ('{"name": "f", "arguments": {"a": 1}', "at character 35"),
        ('{"name": "f"} trailing', "at character 14"),
        ('"f"', "must be an object, not str"),
        ("[]", "empty list"),
        ("", "no JSON"),
        ('{"name": "f", "arguments": {"a": ' + "[" * 100_000, "more than 100 levels"),
    ],
)
def test_a_malformed_call_is_data_that_says_what_and_where(body, why):
    (call,) = parse_calls(f"<tool_call>{body}</tool_call>")
    assert call.error is not None
    assert why in call.error


@pytest.mark.parametrize(
    "text", ["[f(1)]", "[f(**x)]", "[f(a=b)]", "[f(a=1), 2]", "[f(a={1})]", "[f(a=1, a=2)]", "[f(a=1"]
)
def test_malformed_pythonic_calls(text):
    assert all(call.error for call in parse_calls(text))
    assert parse_calls(text)


def test_an_unclosed_call_is_malformed_and_the_next_one_is_read():
    first, second = parse_calls('<tool_call>{"name": "f"' + CALL)
    assert first.error == "<tool_call> without </tool_call>"
    assert second.name == "f"


@pytest.mark.parametrize(
    "text",
    [
        f"<think>{CALL}</think>Bonjour",
        f"{CALL}</think>Bonjour",  # the prompt had opened the thought
        f"<think>{CALL}",
        f"<!-- {CALL} -->Bonjour",
        f"```json\n{CALL}\n```",
        "I could call f(a=1).",
        'She said {"name": "f"}.',
    ],
)
def test_what_is_no_call(text):
    assert parse_calls(text) == []


def test_prose_is_what_the_reader_sees():
    assert prose(f"<think>hm</think>Voilà.\n{CALL}<!-- no --> Fini.") == "Voilà.\n Fini."
    assert prose("<think>only this") == ""
    assert prose(CALL) == ""


PIECES = [
    "<think>", "</think>", "<tool_call>", "</tool_call>", "```", "<!--", "-->", "{", "}", "[", "f(", ")",
    '"name":', '"', "\\", "a=1", "\ud800", "\x00",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5))).map("".join))
def test_nothing_raises(text):
    calls = parse_calls(text)
    assert [call.id for call in calls] == [str(i) for i in range(len(calls))]
    assert all((call.error is None) <= (call.name is not None) for call in calls)
    assert isinstance(prose(text), str)


texts = st.text(st.characters(codec="utf-8"), max_size=8)
scalars = st.one_of(st.booleans(), st.none(), st.integers(-(10**17), 10**17), texts)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(texts, st.one_of(scalars, st.lists(scalars, max_size=3))))
def test_what_is_written_is_read_back(arguments):
    body = json.dumps({"name": "f", "arguments": arguments})
    (call,) = parse_calls(f"<tool_call>{body}</tool_call>")
    assert call.arguments == arguments or "tool_call>" in body


@pytest.mark.parametrize(
    "piece", ["<tool_call>", "<think>", '<tool_call>"', "```", "[f(a=", '{"name":', '\\"', "<!--", "[f(a=-"]
)
def test_long_hostile_texts_are_read_once(piece):
    """Quadratic reading would take hours, and the test's time limit."""
    calls = parse_calls(piece * 50_000)
    assert all(call.error for call in calls)
    assert len(prose(piece * 50_000)) <= len(piece) * 50_000
