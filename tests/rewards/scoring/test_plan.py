import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.scoring.plan import Plan


def plan(languages=None, **components):
    made = {name: {"_target_": "a.b", **settings} for name, settings in components.items()}
    return Plan.from_config({"components": made, "languages": languages})


def test_weights_sum_to_one():
    assert plan(a={"weight": 1}, b={"weight": 3}).weights("fr", 0) == {"a": 0.25, "b": 0.75}


def test_a_weight_by_language_is_the_tags_own_then_the_languages_then_the_default():
    weight = {"default": 1, "pt": 2, "pt-BR": 3}
    found = plan(a={"weight": weight}, b={"weight": 1})
    shares = [found.weights(tag, 0)["a"] for tag in ("fr", "pt-PT", "pt", "pt-BR")]
    assert shares == pytest.approx([1 / 2, 2 / 3, 2 / 3, 3 / 4])


@pytest.mark.parametrize(
    ("step", "weight"), [(0, 0), (9, 0), (10, 0), (15, 0.5), (20, 1), (25, 0.75), (30, 0.5), (10**6, 0.5)]
)
def test_a_schedule_is_a_line_between_its_steps_and_level_outside(step, weight):
    found = plan(a={"weight": {10: 0, "20": 1, 30: 0.5}}, b={"weight": 1})
    assert found.weights("fr", step)["a"] == pytest.approx(weight / (1 + weight))


def test_a_schedule_may_be_one_languages_own():
    found = plan(a={"weight": {"default": 1, "sw": {0: 0, 100: 1}}}, b={"weight": 1})
    assert [found.weights(tag, 50)["a"] for tag in ("fr", "sw")] == pytest.approx([1 / 2, 1 / 3])


points = st.dictionaries(st.integers(0, 50), st.sampled_from([0, 0.5, 2]), min_size=1, max_size=4)


@given(a=points, b=points, step=st.integers(0, 60))
def test_where_a_plan_is_accepted_there_are_weights_at_every_step(a, b, step):
    try:
        found = plan(a={"weight": a}, b={"weight": b})
    except ValueError:
        return
    weights = found.weights("fr", step)
    assert sum(weights.values()) == pytest.approx(1)
    assert min(weights.values()) >= 0


@pytest.mark.parametrize(
    ("a", "message"),
    [
        ({"weight": {0: 0, 10: 0}}, "needs at least one component with a weight above 0."),
        ({"weight": {0: 1, 10: 0}}, "a weight above 0 at step 10."),
        ({"weight": {"default": 1, "fr": 0}}, "a weight above 0 for fr."),
        ({"weight": {"default": 1, "fr": {0: 0, 5: 1}}}, "a weight above 0 for fr."),
        ({"weight": {"default": 0, "fr": 1, "ja": 1}}, "a weight above 0 for default."),
        ({"weight": {"fr": 1}}, "a.weight needs default"),
        ({"weight": {"default": 1, "jp": 1}}, "a.weight names 'jp', which is no language of this run"),
        ({"weight": {"default": 1, False: 1}}, "has the key False beside others"),
        ({"weight": {"default": 1, 5: 1}}, "has the key 5 beside others"),
        ({"weight": {"default": {"fr": 1}}}, "a.weight by step is"),
        ({"weight": {-1: 1}}, "has the key -1"),
        ({"weight": {}}, "needs default"),
        ({"weight": {0: -1}}, "a needs weight, a number of at least 0"),
        ({"weight": float("nan")}, "a needs weight"),
        ({"weight": 1, "gate": "b"}, "a.gate names parts with their least values"),
        ({"weight": 1, "gate": {"b": 1}}, "a.gate names 'b', which is no component; there are a."),
        ({"weight": 1, "gate": {"aa": 1}}, "did you mean a?"),
        ({"weight": 1, "gate": {"a": 1}}, r"go in a circle (a -> a)"),
        ({"weight": 1, "gate": {"a": 0}}, "a.gate.a is the least value of a, above 0 and at most 1, not 0"),
        ({"weight": 1, "gate": {"a": True}}, "not True"),
        ({"weight": 1, "on_abstain": "drop"}, "a.on_abstain is renormalize or mask, not 'drop'"),
        ({"weight": 1, "time_limit": 0}, "a.time_limit is a number of seconds above 0"),
    ],
)
def test_what_cannot_work_is_one_sentence(a, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        plan(languages=["fr", "ja"], a=a)


def test_gates_in_a_circle_are_named():
    with pytest.raises(ValueError, match=r"circle \((a -> c -> b -> a|b -> a -> c -> b|c -> b -> a -> c)\)"):
        plan(
            a={"weight": 1, "gate": {"c": 1}},
            b={"weight": 1, "gate": {"a": 1}},
            c={"weight": 1, "gate": {"b": 1}},
        )
