from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rewards.match import graded_match, match_calls
from rewards.types import Expected, Task
from sandbox.types import ToolCall, ToolSpec

TOOL = ToolSpec(
    "f",
    "",
    {
        "type": "object",
        "properties": {
            "n": {"type": "number"},
            "i": {"type": "integer"},
            "s": {"type": "string"},
            "l": {"type": "array", "items": {"type": "number"}},
            "o": {"type": "object"},
        },
    },
)


def make(*calls: dict[str, list[Any]], **expected: Any) -> Task:
    wanted = [{"name": "f", "arguments": arguments} for arguments in calls]
    return Task("t", "t", "en", "en-US", [], [TOOL], Expected(calls=wanted, **expected))


def called(*arguments: dict[str, Any]) -> list[ToolCall]:
    return [ToolCall(str(i), "f", a) for i, a in enumerate(arguments)]


@pytest.mark.parametrize(
    ("wanted", "given", "ok"),
    [
        ({"n": [5]}, {"n": 5.0}, True),
        ({"i": [5]}, {"i": 5.0}, False),
        ({"i": [1]}, {"i": True}, False),
        ({"n": [1]}, {"n": True}, False),
        ({"n": [1]}, {"n": "1"}, False),
        ({"s": ["São"]}, {"s": "Sa\u0303o"}, True),
        ({"s": ["São"]}, {"s": "são"}, False),
        ({"s": ["a", "b"]}, {"s": "b"}, True),
        ({"s": ["a", ""]}, {}, True),
        ({"s": ["a"]}, {}, False),
        ({"s": ["a"]}, {"s": "a", "i": 1}, False),
        ({"l": [[1, 2]]}, {"l": [1.0, 2]}, True),
        ({"l": [[1, 2]]}, {"l": [2, 1]}, False),
        ({"o": [{"a": 1}]}, {"o": {"a": 1}}, True),
        ({"o": [{"a": 1}]}, {"o": {"a": True}}, False),
        ({"o": [{"a": 1}]}, {"o": {"a": 1, "b": 2}}, False),
    ],
)
def test_arguments_are_compared_type_for_type(wanted, given, ok):
    match = match_calls(make(wanted), called(given))
    assert match.ok is ok
    assert (match.reason is None) is ok


def test_order_counts_only_where_it_is_asked_for():
    swapped = called({"i": 2}, {"i": 1})
    assert match_calls(make({"i": [1]}, {"i": [2]}), swapped).ok
    assert not match_calls(make({"i": [1]}, {"i": [2]}, ordered=True), swapped).ok
    assert match_calls(make({"i": [2]}, {"i": [1]}, ordered=True), swapped).ok


def test_unordered_calls_are_assigned_and_not_taken_greedily():
    assert match_calls(make({"i": [1, 2]}, {"i": [1]}), called({"i": 1}, {"i": 2})).ok


@pytest.mark.parametrize("ordered", [True, False])
def test_further_calls_are_tolerated_by_subset_only(ordered):
    calls = called({"i": 1}, {"i": 9}, {"i": 2})
    assert match_calls(make({"i": [1]}, {"i": [2]}, rules="subset", ordered=ordered), calls).ok
    assert not match_calls(make({"i": [1]}, {"i": [2]}, ordered=ordered), calls).ok
    assert not match_calls(make({"i": [1]}, {"i": [3]}, rules="subset", ordered=ordered), calls).ok


def test_reasons_name_what_is_wrong():
    assert match_calls(make(no_call=True), called({})).reason == "1 calls where none was due"
    assert match_calls(make(no_call=True), []).ok
    broken = [ToolCall("0", "f", None, "", "no JSON")]
    assert match_calls(make({"i": [1]}), broken).reason == "call 0 is malformed: no JSON"
    assert "wrong value of 'i'" in str(match_calls(make({"i": [1]}), called({"i": 2})).reason)
    assert "is missing" in str(match_calls(make({"i": [1]}), [ToolCall("0", "g", {"i": 1})]).reason)


@pytest.mark.parametrize(
    ("wanted", "given", "grade"),
    [
        ([{"s": ["東京"], "i": [2]}], [{"s": "東京", "i": 2}], 1.0),
        ([{"s": ["東京"], "i": [2]}], [{"s": "大阪", "i": 2}], (1 + 1 + 1 / 2) / 3),
        ([{"s": ["東京"], "i": [2]}], [{"s": "東京"}], (1 + 1 / 2 + 1 / 2) / 3),
        ([{"s": ["東京"], "i": [2]}], [{"s": "東京", "n": 2}], (1 + 1 / 3 + 1 / 3) / 3),
        ([{"s": ["東京", ""]}], [{}], 1.0),
        ([{"i": [1]}, {"i": [2]}], [{"i": 2}], (1 / 2 + 1 / 2 + 1 / 2) / 3),
        ([{"i": [1]}], [{"i": 9}, {"i": 1}], (1 / 2 + 1 / 2 + 1 / 2) / 3),
        ([{"i": [1]}, {"i": [2]}], [{"i": 2}, {"i": 1}], 1.0),
        ([{"i": [1]}], [], 0.0),
    ],
)
def test_graded_credit(wanted, given, grade):
    assert graded_match(make(*wanted), called(*given)) == pytest.approx(grade)


def test_graded_credit_of_what_is_no_match_is_below_one():
    ordered = make({"i": [1]}, {"i": [2]}, ordered=True)
    assert graded_match(ordered, called({"i": 2}, {"i": 1})) == 0.99
    assert graded_match(make({"i": [1]}), [ToolCall("0", "f", {"i": 1}, "", "no JSON")]) == 0.0
    assert graded_match(make(no_call=True), called({})) == 0.0
    assert graded_match(make(no_call=True), []) == 1.0


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda v: st.one_of(st.lists(v, max_size=3), st.dictionaries(st.text(max_size=3), v, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("nislo"), values), max_size=4), st.randoms())
def test_the_expected_calls_match_in_any_order_and_any_left_out_does_not(arguments, random):
    task = make(*[{key: [value] for key, value in a.items()} for a in arguments])
    calls = called(*arguments)
    random.shuffle(calls)
    assert match_calls(task, calls).ok
    if calls:
        assert not match_calls(task, calls[1:]).ok


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from("nislo"), values, max_size=3), max_size=3),
    st.lists(st.dictionaries(st.sampled_from("nislo"), values, max_size=3), max_size=3),
    st.sampled_from(["exact", "subset", "bfcl"]),
)
@example([{"o": {"": None}}], [{"o": {}}], "bfcl")
@example([{"o": {"n": 1}}], [{"o": {"n": 1}}], "bfcl")
@example([{"l": None}], [{"l": []}], "bfcl")
def test_graded_credit_is_one_exactly_where_the_calls_match(wanted, given, rules):
    task = make(*[{key: [value] for key, value in a.items()} for a in wanted], rules=rules)
    grade = graded_match(task, called(*given))
    assert 0 <= grade <= 1
    assert (grade == 1.0) == match_calls(task, called(*given)).ok
