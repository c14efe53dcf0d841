"""A typed function becomes a spec, and calls are checked against it."""

import time
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.arguments import CallCheck, validate
from sandbox.tools import tool_spec
from sandbox.types import ToolCall, ToolSpec


def order(
    state: dict, dish: str, count: int = 1, size: Literal["small", "large"] = "small", hot: bool = True
) -> str:
    """Order a dish
    from the kitchen.

    Args:
        dish: What to cook,
            in the user's words.
        count: How many.
        size: How big.
        hot: Whether it is served hot.
    """
    return dish


def weigh(grams: float, tags: list[str]) -> float:
    """Weigh.

    Args:
        grams: The weight.
        tags: Labels.
    """
    return grams


ORDER, WEIGH = tool_spec(order, locale="fr-FR", examples=["Une soupe !"]), tool_spec(weigh)


def test_a_spec_holds_what_the_function_says():
    assert (ORDER.name, ORDER.locale, ORDER.examples) == ("order", "fr-FR", ("Une soupe !",))
    assert ORDER.description == "Order a dish from the kitchen."
    assert ORDER.parameters == {
        "type": "object",
        "properties": {
            "dish": {"type": "string", "description": "What to cook, in the user's words."},
            "count": {"type": "integer", "description": "How many.", "default": 1},
            "size": {
                "type": "string",
                "enum": ["small", "large"],
                "description": "How big.",
                "default": "small",
            },
            "hot": {"type": "boolean", "description": "Whether it is served hot.", "default": True},
        },
        "required": ["dish"],
        "additionalProperties": False,
    }
    assert WEIGH.parameters["properties"]["tags"]["items"] == {"type": "string"}


def untyped(thing) -> None:  # type: ignore[no-untyped-def]
    """Take a thing.

    Args:
        thing: What.
    """


def undescribed(thing: str) -> None:
    """Take a thing."""


def undocumented(thing: str) -> None:
    pass


@pytest.mark.parametrize("function", [untyped, undescribed, undocumented])
def test_a_function_that_says_too_little_is_refused_by_name(function):
    with pytest.raises(ValueError, match=function.__name__):
        tool_spec(function)


def check(arguments: Any, spec=ORDER, **fields: Any) -> str | None:
    return validate(spec, ToolCall(**{"id": "1", "name": spec.name, "arguments": arguments, **fields}))


@pytest.mark.parametrize(
    "arguments", [{"dish": "soup"}, {"dish": "", "count": 2**53, "size": "large", "hot": False}]
)
def test_right_arguments_pass(arguments):
    assert check(arguments) is None


def test_an_integer_is_a_number():
    assert check({"grams": 5, "tags": []}, WEIGH) is None


def nested(depth: int) -> list:
    return [] if depth == 0 else [nested(depth - 1)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "missing argument 'dish'"),
        ({"dish": "soup", "spice": 1}, "unknown argument 'spice'; the arguments are: dish, count, size, hot"),
        ({"dish": "soup", "state": {}}, "unknown argument 'state'"),
        ({"dish": 5}, "'dish' must be of type string"),
        ({"dish": "soup", "count": True}, "'count' must be of type integer"),
        ({"dish": "soup", "count": 2.0}, "'count' must be of type integer"),
        ({"dish": "soup", "hot": 1}, "'hot' must be of type boolean"),
        ({"dish": "soup", "size": "huge"}, "'size' must be one of: small, large"),
        ({"dish": "soup", "count": 2**53 + 1}, "beyond 2**53"),
        ({"dish": "soup", "count": float("nan")}, "not finite"),
        ({"dish": "soup", "count": float("-inf")}, "not finite"),
        ({"dish": "\ud800"}, "not valid Unicode"),
        ({"dish": "x" * 65536}, "exceed 64 KB"),
        ({"dish": nested(30)}, "deeper than 20"),
        ({"dish": {1, 2}}, "a set, which JSON has not"),
        ({5: "soup"}, "a key that is not a string"),
        (["soup"], "must be a JSON object"),
        (None, "must be a JSON object"),
    ],
)
def test_each_fault_is_named_on_one_short_line(arguments, said):
    message = check(arguments)
    assert message is not None and said in message
    assert "\n" not in message and len(message) <= 300


def test_a_list_s_items_are_checked():
    assert "'tags.1' must be of type string" in (check({"grams": 1.5, "tags": ["a", 2]}, WEIGH) or "")


def test_another_name_and_a_parse_error_are_faults():
    assert "'order'" in (check({"dish": "soup"}, name="ordre") or "")
    assert check(None, name=None, error="no closing\nbrace") == "no closing brace"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, derandomize=True)
@given(JSON)
def test_whatever_stands_for_a_string_only_strings_pass(value):
    message = check({"dish": value})
    assert message is not None or isinstance(value, str)


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


def doubled(levels: int) -> dict[str, Any]:
    """A schema of few bytes that comes to 2 ** levels parts."""
    names = [f"a{i}" for i in range(levels)]
    defs = {
        name: {"allOf": [{"$ref": f"#/$defs/{after}"}] * 2}
        for name, after in zip(names, [*names[1:], "z"], strict=True)
    }
    return {
        "type": "object",
        "properties": {"x": {"$ref": "#/$defs/a0"}},
        "$defs": defs | {"z": {"type": "string"}},
    }


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (
            {"type": "object", "properties": {"x": {"$ref": "http://127.0.0.1:9/x.json"}}},
            "not within this document",
        ),
        ({"type": "object", "properties": {"x": {"$ref": "file:///etc/passwd"}}}, "not within this document"),
        ({"type": "object", "properties": {"x": {"$ref": "#/nowhere"}}}, "leads nowhere"),
        (doubled(40), "more than"),
        ({"type": "object", "properties": {"x": {"type": "number", "minimum": "low"}}}, "no JSON Schema"),
        ({"type": "object", "properties": {"x": {"type": "strange"}}}, "no JSON Schema"),
    ],
)
def test_a_hostile_schema_is_refused_in_one_line(schema, said):
    with pytest.raises(ValueError, match=said) as caught:
        validate(ToolSpec("t", "d", schema), ToolCall("1", "t", {"x": "y"}))
    assert "\n" not in str(caught.value) and len(str(caught.value)) <= 300


def test_a_schema_nested_out_of_reach_is_refused():
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(10_000):
        schema = {"type": "object", "properties": {"x": schema}}
    with pytest.raises(ValueError, match="nested too deeply"):
        validate(ToolSpec("t", "d", schema), ToolCall("1", "t", {}))


def test_what_could_make_a_check_slow_does_not_count():
    pattern = {"type": "object", "properties": {"x": {"type": "string", "pattern": "^(a+)+$"}}}
    assert validate(ToolSpec("t", "d", pattern), ToolCall("1", "t", {"x": "a" * 40 + "b"})) is None
    unique = {"type": "object", "properties": {"x": {"type": "array", "uniqueItems": True}}}
    assert "an item twice" in str(
        validate(ToolSpec("t", "d", unique), ToolCall("1", "t", {"x": [{}] * 9000}))
    )
    itself = {"type": "object", "properties": {"x": {"$ref": "#"}}}
    assert validate(ToolSpec("t", "d", itself), ToolCall("1", "t", {"x": {"x": {}}})) is None
    many = {"type": "object", "properties": {"x": {"items": {"anyOf": [{"type": "string"}] * 5000}}}}
    assert "too many parts" in str(validate(ToolSpec("t", "d", many), ToolCall("1", "t", {"x": [1] * 9000})))


EXPONENTIAL = [
    "a?" * 60 + "a" * 60,
    "(a|a)" * 60 + "b",
    "(?:|a)" * 60 + "b",
    "(aa?)" * 60 + "b",
    "((a?){1}){1}" * 60 + "b",
]


@pytest.mark.parametrize("pattern", EXPONENTIAL)
def test_a_pattern_whose_choices_multiply_does_not_count(pattern):
    """It would be searched for until the end of time, by the host."""
    schema = {"type": "object", "properties": {"x": {"type": "string", "pattern": pattern}}}
    assert validate(ToolSpec("t", "d", schema), ToolCall("1", "t", {"x": "a" * 60})) is None


@pytest.mark.parametrize(
    "pattern, right, wrong",
    [
        (
            r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?$",
            "2026-03-02T08:00Z",
            "2026-03-02T8",
        ),
        (r"^(25[0-5]|1?\d?\d)\.(25[0-5]|1?\d?\d)\.0\.1$", "127.0.0.1", "256.0.0.1"),
        (r"^[^@\s]+@[^@\s]+\.(com|org)$", "a@b.org", "a@b"),
        ("a{1000}b", "a" * 1000 + "b", "a" * 999 + "b"),
    ],
)
def test_a_pattern_that_is_quick_counts(pattern, right, wrong):
    spec = ToolSpec("t", "d", {"type": "object", "properties": {"x": {"pattern": pattern}}})
    assert validate(spec, ToolCall("1", "t", {"x": right})) is None
    assert "does not match" in str(validate(spec, ToolCall("1", "t", {"x": wrong})))


SLOW: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "patterns": ({"allOf": [{"pattern": f"a*b{i}$"} for i in range(90)]}, ["a" * 1000] * 60),
    "fixed repeats": ({"allOf": [{"pattern": "a{150}" * 2 + f"b{i}"} for i in range(90)]}, ["a" * 300] * 200),
    "choices": ({"anyOf": [{"type": "string", "minLength": i} for i in range(60)]}, [1] * 9000),
    "errors": ({"enum": ["y" * 60_000, "z"]}, [1] * 18_000),
}


@pytest.mark.parametrize("what", SLOW)
def test_a_check_that_would_take_long_is_not_made(what):
    """Held against one another by hundreds, parts that are each quick would stop the host for minutes."""
    items, value = SLOW[what]
    schema = {"type": "object", "properties": {"x": {"type": "array", "items": items}}}
    check = CallCheck(ToolSpec("t", "d", schema))
    said = str(check(ToolCall("1", "t", {"x": value})))
    assert ("must be one of" if what == "errors" else "too many parts") in said
    assert not check.takes("x", value)
    assert check(ToolCall("1", "t", {"x": []})) is None


@pytest.mark.parametrize("value", [deep(10_000), {"y": deep(10_000)}, [[1] * 30_000] * 3])
def test_an_instance_out_of_reach_is_refused(value):
    anything = ToolSpec("t", "d", {"type": "object", "properties": {"x": {}}})
    assert validate(anything, ToolCall("1", "t", {"x": value})) is not None


NODE = {
    "type": "object",
    "properties": {"v": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}},
    "required": ["v"],
}
NAMED = {"type": "object", "patternProperties": {"^x": {"type": "string"}}, "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"$ref": "#/$defs/Node"}, {"v": 1, "next": {"v": 2, "next": None}}, {"v": 1, "next": "x"}),
        ({"$ref": "#/$defs/Node"}, {"v": 1}, {"v": 1, "next": {"v": 2, "next": {"v": "z"}}}),
        ({"not": {"$ref": "#/$defs/Node"}}, {"v": 1, "next": {"v": "z"}}, {"v": 1, "next": {"v": 2}}),
        ({"oneOf": [{"$ref": "#/$defs/Node"}, {"type": "object"}]}, {"v": 1, "next": 5}, {"v": 1}),
        ({"anyOf": [NAMED, {"type": "null"}]}, {"x1": "a"}, {"x1": 5}),
        ({"anyOf": [NAMED, {"type": "null"}]}, {}, {"y": "a"}),
        ({"oneOf": [NAMED, NAMED | {"required": ["x1"]}]}, {"x2": "a"}, {"x1": "a"}),
        ({"allOf": [{"patternProperties": {"^x": {"type": "string"}}}]}, {"y": 5}, {"x": 5}),
        ({"not": {"patternProperties": {"^x": {"type": "string"}}}}, {"x": 5}, {"x": "a"}),
        # What may be slow says nothing, nor does what refuses by it.
        ({"not": {"patternProperties": {r"^(\S+)+$": {}}, "required": ["x"]}}, {"x": 5}, None),
        ({"patternProperties": {r"^(\S+)+$": {}}, "additionalProperties": False}, {"x": 5}, None),
        ({"not": {"$ref": "#/$defs/Slow"}}, {"v": "a"}, None),
    ],
)
def test_schemas_are_whole_within_others_and_within_themselves(schema, right, wrong):
    slow = {
        "properties": {
            "next": {"not": {"$ref": "#/$defs/Slow"}},
            "v": {"type": "string", "pattern": r"^(\S+)+$"},
        }
    }
    given = {"type": "object", "properties": {"a": schema}, "$defs": {"Node": NODE, "Slow": slow}}
    spec = ToolSpec("t", "d", given)
    again = ToolSpec("t", "e", CallCheck(spec).schema)
    for one in (spec, again):
        assert validate(one, ToolCall("1", "t", {"a": right})) is None
        assert wrong is None or validate(one, ToolCall("1", "t", {"a": wrong})) is not None


def test_schemas_within_themselves_take_no_long_time_to_refuse():
    both = {"l": {"$ref": "#/$defs/E"}, "r": {"$ref": "#/$defs/E"}}
    branches = [{"type": "object", "properties": both, "required": [name]} for name in both]
    parameters = {
        "type": "object",
        "properties": {"e": {"$ref": "#/$defs/E"}},
        "$defs": {"E": {"anyOf": [*branches, {"type": "integer"}]}},
    }

    def tree(depth, leaf):
        return {"l": tree(depth - 1, leaf), "r": tree(depth - 1, leaf)} if depth else leaf

    spec = ToolSpec("t", "d", parameters)
    assert validate(spec, ToolCall("1", "t", {"e": tree(6, 1)})) is None
    started = time.monotonic()
    for depth in (6, 9):
        assert "too many parts" in validate(spec, ToolCall("1", "t", {"e": tree(depth, "x")}))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("name", ["x" * 300, "x" * 60_000])
def test_names_that_patterns_are_not_looked_for_in_are_refused(name):
    named = {"type": "object", "patternProperties": {r"^\w+-\w+$": {"type": "string"}}}
    assert validate(ToolSpec("t", "d", named), ToolCall("1", "t", {name: 1})) is not None
    assert validate(ToolSpec("t", "d", named), ToolCall("1", "t", {"x" * 50: 1})) is None


SCHEMAS = st.recursive(
    st.sampled_from([{}, {"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "boolean"}])
    | st.lists(st.text(max_size=3) | st.integers(-2, 2), min_size=1, max_size=3, unique=True).map(
        lambda choices: {"enum": choices}
    ),
    lambda inner: (
        inner.map(lambda one: {"type": "array", "items": one})
        | st.lists(inner, min_size=1, max_size=2).map(lambda some: {"anyOf": some})
        | st.dictionaries(st.sampled_from("abc"), inner).map(
            lambda some: {"type": "object", "properties": some}
        )
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abc"), SCHEMAS, min_size=1),
    st.dictionaries(st.sampled_from("abcd"), JSON),
)
def test_the_quick_way_to_check_arguments_agrees_with_the_validator(properties, arguments):
    schema = {"type": "object", "properties": properties, "required": ["a"], "additionalProperties": False}
    check = CallCheck(ToolSpec("t", "d", schema))
    quick = check(ToolCall("1", "t", arguments))
    check._plainly_fit = lambda _: False  # type: ignore[method-assign]
    assert check(ToolCall("1", "t", arguments)) == quick
