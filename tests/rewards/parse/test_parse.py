import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rewards.parse import FORMATS, parse_calls, prose, thoughts
from sandbox.types import ToolSpec

CALL = '<tool_call>\n{"name": "f", "arguments": {"city": "東京"}}\n</tool_call>'


def names(text):
    return [call.name for call in parse_calls(text)]


def test_hermes_calls_keep_their_order_and_get_ids():
    calls = parse_calls(f"Moment.\n{CALL}\n{CALL.replace('f', 'g', 1)}")
    assert [(c.id, c.name, c.error) for c in calls] == [("0", "f", None), ("1", "g", None)]
    assert calls[0].arguments == {"city": "東京"}


# Each format's own way of writing f(city="東京", n=2), and then g().
WRITTEN = {
    "hermes": '<tool_call>\n{"name": "f", "arguments": {"city": "東京", "n": 2}}\n</tool_call>\n'
    '<tool_call>\n{"name": "g", "arguments": {}}\n</tool_call>',
    "qwen3_coder": "<tool_call>\n<function=f>\n<parameter=city>\n東京\n</parameter>\n<parameter=n>\n2\n</parameter>\n"
    "</function>\n</tool_call>\n<tool_call>\n<function=g>\n</function>\n</tool_call>",
    "llama3_json": '{"name": "f", "parameters": {"city": "東京", "n": 2}}; {"name": "g", "parameters": {}}',
    "mistral": '[TOOL_CALLS] [{"name": "f", "arguments": {"city": "東京", "n": 2}, "id": "Fd0Gh1j2K"}, '
    '{"name": "g", "arguments": {}, "id": "a1B2c3D4e"}]',
    "pythonic": "[f(city='東京', n=2), g()]",
    "bfcl": "f(city='東京', n=2), g()",
    "api_bank": "API-Request: [f(city='東京', n=2), g()]",
    "itc": '{"thought": "東京の天気を調べる。", "action": [{"name": "f", "arguments": {"city": "東京", "n": 2}}, {"name": "g"}]}',
    "json": '[{"name": "f", "arguments": {"city": "東京", "n": 2}}, {"name": "g", "arguments": {}}]',
}
TOOLS = [ToolSpec("f", "", {"properties": {"city": {"type": "string"}, "n": {"type": "integer"}}})]


@pytest.mark.parametrize("format", WRITTEN)
def test_every_format_is_read_by_its_name_and_by_its_looks(format):
    for told in (format, "auto", None) if format != "bfcl" else (format,):
        calls = parse_calls(WRITTEN[format], told, TOOLS)
        assert [(c.id, c.name, c.arguments, c.error) for c in calls] == [
            ("0", "f", {"city": "東京", "n": 2}, None),
            ("1", "g", {}, None),
        ]
        assert prose(WRITTEN[format], told) == ""


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "auto"])
def test_a_format_that_was_not_told_is_not_read(format):
    """One whose notation is a part of it reads it, too; any other finds no call, or a malformed one."""
    alike = {"lfm2": {"pythonic"}, "bfcl": {"pythonic"}, "api_bank": {"pythonic"}, "llama3_json": {"json"}}
    for other, text in WRITTEN.items():
        if other != format and other not in alike.get(format, set()):
            assert all(call.error for call in parse_calls(text, format, TOOLS))


@pytest.mark.parametrize(
    "text",
    [
        '<|python_tag|>{"name": "f", "parameters": {"a": 1}}',
        '[TOOL_CALLS]f[ARGS]{"a": 1}',
        '[TOOL_CALLS]f[CALL_ID]x1[ARGS]{"a": 1}',
        '[TOOL_CALLS]f{"a": 1}',
        'Thought: ありがとう、調べます。\nAction: {"tool": "f", "parameters": {"a": 1}}',
        '{"Thought": "hm", "Action": {"name": "f", "parameters": {"a": 1}}}',
        '{"name": "f", "arguments": {"a": 1}, "id": "call_7"}',
        "[f(a=1)]",
        "<|tool_call_start|>[f(a=1)]<|tool_call_end|>",
        "<|python_start|>[f(a=1)]<|python_end|>",
    ],
)
def test_other_spellings(text):
    (call,) = parse_calls(text)
    assert (call.name, call.arguments, call.error) == ("f", {"a": 1}, None)
    assert prose(text) == ""


@pytest.mark.parametrize(
    ("format", "marker"), [("mistral", "[TOOL_CALLS]"), ("llama3_json", "<|python_tag|>")]
)
def test_words_may_stand_before_a_marker(format, marker):
    text = f'Un moment. {marker}[{{"name": "f", "arguments": {{}}}}]'
    assert [(c.name, c.error) for c in parse_calls(text, format)] == [("f", None)]
    assert prose(text, format) == "Un moment."


@pytest.mark.parametrize("format", ["json", "llama3_json", "auto"])
@pytest.mark.parametrize(
    "other",
    [
        '"thought": "I \\"look\\" <think>"',
        '"index": 0',
        '"type": "tool"',
        '"meta": {"a": [1, {"b": "}"}]}',
        '"a": 1, "b": []',
    ],
)
def test_other_keys_may_come_before_a_calls_own(format, other):
    for text in (
        f'{{{other}, "name": "f", "arguments": {{"a": 1}}}}',
        f'{{{other},\n "arguments": {{"a": 1}}, "name": "f"}}',
    ):
        for written in (text, f"[{text}]"):
            assert [(c.name, c.arguments, c.error) for c in parse_calls(written, format)] == [
                ("f", {"a": 1}, None)
            ]
            assert prose(written, format) == ""


@pytest.mark.parametrize(
    "text",
    [
        '{"city": "Rome", "name": "Anna"}',
        '{"title": "f", "arguments": {}}',
        '{"calls": [{"name": "f", "arguments": {}}]}',
    ],
)
def test_json_that_a_user_asked_for_is_no_call(text):
    assert parse_calls(text) == [] and prose(text) == text


def test_text_values_have_the_types_of_the_schema():
    """Qwen3-Coder writes 5 and "5" alike."""
    types = {"s": "string", "i": "integer", "b": "boolean", "o": "object", "u": ["string", "null"]}
    tool = ToolSpec("f", "", {"properties": {name: {"type": kind} for name, kind in types.items()}})
    written = {
        "s": "5",
        "i": "5",
        "b": "True",
        "o": '{"k": [1]}',
        "u": "None",
        "free": "5",
        "words": "so what",
    }
    body = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in written.items())
    (call,) = parse_calls(
        f"<tool_call>\n<function=f>\n{body}</function>\n</tool_call>", "qwen3_coder", [tool]
    )
    assert call.arguments == {
        "s": "5", "i": 5, "b": True, "o": {"k": [1]}, "u": None, "free": 5, "words": "so what",
    }  # fmt: skip
    wrong = "<tool_call><function=f><parameter=i>\nfünf\n</parameter></function></tool_call>"
    assert "parameter 'i' is no integer" in str(parse_calls(wrong, "qwen3_coder", [tool])[0].error)


@pytest.mark.parametrize(
    "parameters",
    [
        {"properties": {"a": {"type": "string"}}},
        {"properties": {"a": {"type": "string", "minLength": 2}}},
        {"properties": {}, "additionalProperties": {"type": "string"}},
        {"patternProperties": {"^a": {"type": "string"}}},
        {"allOf": [{"properties": {"a": {"type": "string"}}}]},
        {
            "anyOf": [
                {"properties": {"a": {"type": ["string", "null"]}}},
                {"properties": {"b": {"type": "integer"}}},
            ]
        },
        {"$ref": "#/$defs/P", "$defs": {"P": {"properties": {"a": {"type": "string"}}}}},
    ],
)
def test_a_text_is_a_text_wherever_the_schema_says_so(parameters):
    tool = ToolSpec("f", "", {"type": "object", **parameters})
    (call,) = parse_calls(
        "<tool_call><function=f><parameter=a>5</parameter></function></tool_call>", "qwen3_coder", [tool]
    )
    assert call.arguments == {"a": "5"}


def test_a_value_without_an_end_takes_no_other_call_in():
    unclosed, whole = "<tool_call><function=f><parameter=a>x</function></tool_call>", WRITTEN["qwen3_coder"]
    first, *others = parse_calls(f"{unclosed}\n{whole}", "qwen3_coder", TOOLS)
    assert "without </parameter>" in first.error
    assert [(c.name, c.error) for c in others] == [("f", None), ("g", None)]


def test_pythonic_arguments_are_json_values():
    (call,) = parse_calls("[maps.route(a='x', b=[1, -2.5], c={'d': None}, e=true, g=False)]")
    assert call.name == "maps.route"
    assert call.arguments == {"a": "x", "b": [1, -2.5], "c": {"d": None}, "e": True, "g": False}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"name": "f", "arguments": {"a": NaN}}', "NaN is no JSON number at character 44"),
        ('{"name": "f", "arguments": {"a": 1e999}}', "too large at character 44"),
        ('{"name": "f", "arguments": {"a": 12345678901234567890123}}', "18 digits at character 44"),
        ('{"name": "f", "arguments": {"a": 1, "a": 2}}', "'a' stands twice at character 47"),
        ('{"a": {"a": 1, "b": {"a": 2}}, "b": [{"c": 1, "c": 2}]}', "'c' stands twice at character 57"),
        ('{"name": "f", "arguments": {"a": "\\ud800"}}', "lone surrogate at character 45"),
        ('{"name": "f", "arguments": [1]}', "must be an object, not array"),
        ('{"name": "f", "arguments": "{}"}', "must be an object, not string"),
        ('{"name": "f", "arguments": null}', "must be an object, not null"),
        ("{'name': 'f', 'arguments': {}}", "double quotes at character 12"),
        ('{"name": "f", "arguments": {"a": "Rome}}', "Unterminated string starting at at character 44"),
        ("{“name”: “f”, “arguments”: {}}", "at character 12"),
        ("f with no arguments", "no JSON: Expecting value at character 11"),
        ('{"name": "", "arguments": {}}', 'needs a "name"'),
        ('{"arguments": {}}', 'needs a "name"'),
        ('{"name": "f", "parameters": {}}', "no key 'parameters'"),
        ('{"name": "f", "arguments": {"a": 1}', "at character 46"),
        ('{"name": "f"} trailing', "text after the value at character 25"),
        ('"f"', "must be an object, not string"),
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
    ("text", "why"),
    [
        ("[f(1)]", "without a name at character 3"),
        ("[f(**x)]", "without a name"),
        ("[f(été='x', a=b)]", "that JSON has not at character 14"),
        ("[f(a=1),\n 2]", "a call is expected at character 10"),
        ("[f(a={1})]", "that JSON has not"),
        ("[f(a={'b': 1, 'b': 2})]", "'b' stands twice at character 14"),
        ("[f(a={1: 2})]", "no string"),
        ("[f(a={**b})]", "no string"),
        ("[f(a=1, a=2)]", "'a' stands twice at character 8"),
        ("[f(a=1e999)]", "too large"),
        ("[f(a=b'x')]", "that JSON has not"),
        ("[f(a=1+1)]", "that JSON has not"),
        ("[f(a='\\ud800')]", "lone surrogate"),
        ("[f(a=0xffffffffffffffffff)]", "18 digits"),
        ("[f(ａ=1)]", "other characters"),
        ("[f(a=__import__('os').system('id'))]", "that JSON has not"),
        ("[f(a='John's')]", "no list of function calls"),
        ("<|python_start|>[f(a=b)]<|python_end|>", "that JSON has not at character 21"),
        ("<|tool_call_start|>[f(a=1)]", "without <|tool_call_end|>"),
        ("[f(a=1", "never closed at character 2"),
        ("API-Request: [f(a=b)]", "that JSON has not at character 18"),
        ("API-Request: f(a=1)", "no list of function calls"),
    ],
)
def test_malformed_pythonic_calls_say_where(text, why):
    (call,) = parse_calls(text)
    assert why in str(call.error)


@pytest.mark.parametrize(
    "text",
    [
        '</tool_call>', '{"name": "f", "arguments": {}}</tool_call>', '<tool_call>{"name": "f", "arguments": {}}',
        "<tool_call><function=f></tool_call>", "<tool_call><function=f><parameter=a>1</function></tool_call>",
        "<tool_call><function=f></function> or so</tool_call>", "<tool_call><function=f>",
        "<tool_call><function=f><parameter=a>1</parameter><parameter=a>2</parameter></function></tool_call>",
        "[TOOL_CALLS]", '[TOOL_CALLS]{"name": "f", "arguments": {}}', '[TOOL_CALLS]f[ARGS]{"a": 1} done',
        '[TOOL_CALLS]f[ARGS]', '<|python_tag|>f.call(a="1")', '{"name": "f", "parameters": {}}; and',
        '{"name": "f", "parameters": {}, "arguments": {}}', "{'name': 'f', 'arguments': {}}", '{name: "f"}',
        '{"thought": "x", "action": "f"}', '{"thought": "x", "action": {"name": "f", "args": {}}}',
        "Thought: x\nAction: f(a=1)",
    ],
)  # fmt: skip
def test_unbalanced_and_half_written_calls_are_malformed(text):
    assert [bool(call.error) for call in parse_calls(text)] == [True]


def test_an_unclosed_call_is_malformed_and_the_next_one_is_read():
    first, second = parse_calls('<tool_call>{"name": "f"' + CALL)
    assert first.error == "<tool_call> without </tool_call> at character 23"
    assert second.name == "f"


@pytest.mark.parametrize(
    "text",
    [
        f"<think>{CALL}</think>Bonjour",
        f"{CALL}</think>Bonjour",  # the prompt had opened the thought
        f"<think>{CALL}",
        f"<!-- {CALL} -->Bonjour",
        f"```json\n{CALL}\n```",
        f"````\n```\n{CALL}\n```\n````",
        "```\n[f(a=1)]\n```",
        f"[THINK]{CALL}[/THINK]Bonjour",
        "<!-- [TOOL_CALLS]f{} -->",
        "[1] Voir (plus bas).",
        "[lien](https://exemple.fr)",
        "{name} est arrivé",
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
    assert prose("Voici :\n```\nx = 1\n```") == "Voici :\n```\nx = 1\n```"


def test_thoughts():
    assert thoughts(f"<think>un</think>{CALL}<think>deux</think>") == "un\ndeux"
    assert thoughts("un</think>Voilà") == "un"
    assert thoughts(WRITTEN["itc"]) == "東京の天気を調べる。"
    assert thoughts('Thought: নতুন\nAction: {"name": "f"}') == "নতুন"
    assert thoughts("Bonjour") == ""


PIECES = [
    "<think>", "</think>", "<tool_call>", "</tool_call>", "```", "<!--", "-->", "{", "}", "[", "f(", ")", "]",
    '"name":', '"arguments":', '"', "'", "\\", "a=1", ",", ";", "\ud800", "\x00", "<function=f>", "</function>",
    "<parameter=a>", "</parameter>", "[TOOL_CALLS]", "[ARGS]", "<|python_tag|>", "<|python_start|>", "<|python_end|>", "API-Request: ", "Thought: ",
    "\nAction: ", '{"thought":', '{"name": "f", "arguments": {', "é", "\r", "\u2028", "1e999", "-", "**",
]  # fmt: skip
pieces = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5))).map("".join)


@settings(max_examples=500, deadline=None)
@given(pieces, st.sampled_from(sorted(FORMATS)))
def test_nothing_raises(text, format):
    calls = parse_calls(text, format, TOOLS)
    assert [call.id for call in calls] == [str(i) for i in range(len(calls))]
    assert all((call.error is None) <= (call.name is not None) for call in calls)
    assert isinstance(prose(text, format) + thoughts(text), str)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(data):
    for text in (data.decode("latin-1"), data.decode("utf-8", "surrogateescape")):
        assert all(call.error for call in parse_calls("<tool_call>" + text) if call.name is None)


texts = st.text(st.characters(codec="utf-8"), max_size=8)
scalars = st.one_of(st.booleans(), st.none(), st.integers(-(10**17), 10**17), texts)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(texts, st.one_of(scalars, st.lists(scalars, max_size=3))))
def test_what_is_written_is_read_back(arguments):
    """Unless a value has the tags themselves, which end what they always end."""
    body = json.dumps({"name": "f", "arguments": arguments})
    assume("tool_call>" not in body and "</think>" not in body)
    (call,) = parse_calls(f"<tool_call>{body}</tool_call>")
    assert call.arguments == arguments


HOSTILE = [
    "<tool_call>", "</tool_call>", "<think>", '<tool_call>"', "```", "[f(a=", '{"name":', '\\"', "<!--", "[f(a=-",
    "[", "{", "(", " ", "\n", "f(", "[f(a=1),", '{"name":"f"};', '{"name":"f","a":[', "[TOOL_CALLS]", "[TOOL_CALLS]f{",
    "[TOOL_CALLS]x[CALL_ID]y", "<|python_tag|>", "<tool_call><function=f><parameter=a>", "<tool_call><function=",
    '<parameter=a>["', "<tool_call><function=f><parameter=a></function></tool_call>", '"a":[{"b":"c"},', '{"a":{"b":1},',
    "Thought: \nAction:", "API-Request: ", "[f(é=1,", "`", "\\", '"', "'", "[f.a", "[f(a='x' ", "[f(a=not ", "\r",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_long_hostile_texts_are_read_once(piece):
    """Ten million characters. Quadratic reading would take hours, and the test's time limit."""
    text = piece * (10_000_000 // len(piece))
    assert all(call.error for call in parse_calls(text) if call.name is None)
    assert len(prose(f'{{"name": "f", "arguments": {{"a": {text}')) <= len(text)


@pytest.mark.parametrize("depth", [5, 50, 95, 150, 3000])
@pytest.mark.parametrize("piece", ["[", "(", "{'a':", "-", "not ", "lambda:", "f(a=", "a if b else ", "x."])
def test_nested_python_is_bounded(piece, depth):
    calls = parse_calls("[f(a=" + piece * depth)
    assert [bool(call.error) for call in calls] == [True]
    assert all(call.error for call in parse_calls("[f(a=" + piece * depth + "1"))


def test_many_keys_with_the_last_one_twice():
    keys = ", ".join(f'"k{i}": 1' for i in range(50_000))
    (call,) = parse_calls(f'{{"name": "f", "arguments": {{{keys}, "k49999": 2}}}}')
    assert "stands twice at character" in str(call.error)
