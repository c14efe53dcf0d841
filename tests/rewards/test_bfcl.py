"""Cases after the rules of the official checker; each is a rule that a plain equality would miss."""

from typing import Any

import pytest

from rewards.match import match_calls
from rewards.types import Expected, Task
from sandbox.types import ToolCall, ToolSpec

PROPERTIES: dict[str, Any] = {
    "s": {"type": "string"}, "i": {"type": "integer"}, "f": {"type": "float"}, "b": {"type": "boolean"},
    "l": {"type": "array", "items": {"type": "string"}}, "fs": {"type": "array", "items": {"type": "float"}},
    "t": {"type": "tuple", "items": {"type": "integer"}}, "d": {"type": "dict"}, "any": {"type": "any"},
    "ds": {"type": "array", "items": {"type": "dict"}},
}  # fmt: skip
TOOLS = [
    ToolSpec("f", "", {"type": "dict", "properties": PROPERTIES, "required": []}),
    ToolSpec("g", "", {"type": "dict", "properties": PROPERTIES, "required": ["s"]}),
]


def verdict(
    gold: list[dict[str, Any]], given: list[dict[str, Any]], name: str = "f", **expected: Any
) -> bool:
    calls = [{"name": name, "arguments": arguments} for arguments in gold]
    task = Task("t", "t", "en", "en-US", [], TOOLS, Expected(calls=calls, rules="bfcl", **expected))
    return match_calls(task, [ToolCall(str(i), name, a) for i, a in enumerate(given)]).ok


@pytest.mark.parametrize(
    ("gold", "given", "ok"),
    [
        ({"s": ["New York, NY"]}, {"s": "new-york ny"}, True),
        ({"s": ["São"]}, {"s": "Sa\u0303o"}, False),
        ({"s": ['a "b"']}, {"s": "A 'B'"}, True),
        ({"s": ["x", ""]}, {}, True),
        ({"s": ["x"]}, {}, False),
        ({"s": ["x"]}, {"s": "x", "i": 1}, False),
        ({"i": [1]}, {"i": True}, False),
        ({"i": [1]}, {"i": 1.0}, False),
        ({"f": [1.0]}, {"f": 1}, True),
        ({"f": [5]}, {"f": 5.0}, True),
        ({"fs": [[1.0]]}, {"fs": [1]}, False),
        ({"b": [True]}, {"b": 1}, False),
        ({"i": ["max_value"]}, {"i": "max_value"}, True),
        ({"i": ["max_value"]}, {"i": "Max Value"}, False),
        ({"any": ["a.b"]}, {"any": "A B"}, True),
        ({"l": [["A", "b"]]}, {"l": ["a", "B"]}, True),
        ({"l": [["A", "b"]]}, {"l": ["b", "a"]}, False),
        ({"l": [["a"], ""]}, {"l": []}, True),
        ({"l": [["a"]]}, {"l": [1]}, False),
        ({"t": [[1, 2]]}, {"t": [1, 2]}, True),
        ({"d": [{"k": ["V"], "o": ["w", ""]}]}, {"d": {"k": "v"}}, True),
        ({"d": [{"k": ["V"]}]}, {"d": {"k": "v", "z": 1}}, False),
        ({"d": [{"k": ["V"]}]}, {"d": {}}, False),
        ({"ds": [[{"k": [1]}, {"k": [2]}]]}, {"ds": [{"k": 1}, {"k": 2}]}, True),
        ({"ds": [[{"k": [1]}, {"k": [2]}]]}, {"ds": [{"k": 2}, {"k": 1}]}, False),
    ],
)
def test_arguments(gold, given, ok):
    assert verdict([gold], [given]) is ok


def test_parallel_calls_are_matched_greedily():
    assert verdict([{"i": [1]}, {"i": [2]}], [{"i": 2}, {"i": 1}])
    assert not verdict([{"i": [1, 2]}, {"i": [1]}], [{"i": 1}, {"i": 2}])
    assert not verdict([{"i": [1]}], [{"i": 1}, {"i": 1}])


def test_required_parameters_and_names():
    assert not verdict([{"i": [1]}], [{"i": 1}], name="g")
    assert verdict([{"i": [1], "s": ["a"]}], [{"i": 1, "s": "A"}], name="g")


def test_irrelevance_and_relevance():
    broken = [ToolCall("0", None, None, "{", "no JSON")]
    irrelevant = Task("t", "t", "en", "en-US", [], TOOLS, Expected(rules="bfcl", no_call=True))
    relevant = Task("t", "t", "en", "en-US", [], TOOLS, Expected(rules="bfcl"))
    assert match_calls(irrelevant, []).ok
    assert match_calls(irrelevant, broken).ok
    assert not match_calls(irrelevant, [ToolCall("0", "f", {})]).ok
    assert not match_calls(relevant, []).ok
    assert not match_calls(relevant, broken).ok
    assert match_calls(relevant, [ToolCall("0", "f", {})]).ok
