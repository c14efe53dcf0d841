"""Which policy is kept, when training ends, and what gives alarm: and what does not."""

import pytest

from rl.evaluation.history import Look, alarms, best, is_over


def look(step: int, trained: float | None = None, **success: list[int]) -> Look:
    """A look at requests a, b, c ... of each language."""
    values = {tag: {f"r{i}": float(right) for i, right in enumerate(of)} for tag, of in success.items()}
    return Look(step, values, trained=None if trained is None else [trained, 0.02])


HALF, ALL, NONE = [1, 0] * 10, [1] * 20, [0] * 20


def test_the_mean_and_the_worst_language_choose_apart() -> None:
    looks = [look(0, en=HALF, sw=HALF), look(10, en=ALL, sw=[1, 0, 0, 0] * 5), look(20, en=HALF, sw=HALF)]
    assert best(looks, "mean").step == 10
    assert best(looks, "worst").step == 20, "of equals the newest"


def test_training_ends_after_so_many_looks_without_a_better_one() -> None:
    looks = [look(0, en=NONE), look(1, en=HALF), look(2, en=HALF), look(3, en=NONE)]
    assert [is_over(looks[:n], "mean", 2) for n in range(1, 5)] == [False, False, False, True]
    assert not is_over(looks, "mean", 0) and not is_over([*looks, look(4, en=ALL)], "mean", 2)


def test_a_fall_of_english_is_an_alarm_and_chance_is_none() -> None:
    before = look(0, en=ALL, sw=HALF)
    assert alarms([before, look(10, en=[*ALL[:19], 0], sw=HALF)], 0.05) == [], "one request of twenty"
    (said,) = alarms([before, look(10, en=HALF, sw=ALL)], 0.05)
    assert said.startswith("English success fell by 0.50") and "since step 0" in said
    assert alarms([before, look(10, en=ALL, sw=NONE)], 0.05) == [], "the alarm is for English"


def test_a_fall_is_one_from_the_best_look_before() -> None:
    looks = [look(0, en=HALF), look(10, en=ALL), look(20, en=HALF)]
    assert "since step 10" in alarms(looks, 0.05)[0]


@pytest.mark.parametrize(
    ("part", "name"), [("retained", "retained set"), ("replies", "replies"), ("thoughts", "thoughts")]
)
def test_other_falls(part: str, name: str) -> None:
    values = [{f"t{i}": float(v) for i, v in enumerate(of)} for of in (ALL, HALF)]
    looks = [Look(step, {"en": {"a": 1.0}}, **{part: of}) for step, of in zip((0, 10), values, strict=True)]
    (said,) = alarms(looks, 0.05)
    assert name in said
    assert alarms(looks[::-1], 0.05) == []


def test_a_loss_on_the_retained_set_that_rises_is_an_alarm() -> None:
    losses = [{f"t{i}": 0.4 + more * (i + 1) / 10 for i in range(19)} for more in (0.3, 0.0, 0.2)]
    looks = [Look(10 * i, {"en": {"a": 1.0}}, retained_loss=of) for i, of in enumerate(losses)]
    (said,) = alarms(looks, 0.05)
    assert said.startswith("nats a token on the retained set rose by 0.20") and "since step 10" in said
    assert alarms(looks[:2], 0.05) == [] and alarms(looks, 0.25) == []


def test_reward_that_rises_alone_is_an_alarm() -> None:
    looks = [look(0, None, en=HALF), look(10, 0.4, en=HALF), look(20, 0.7, en=HALF)]
    (said,) = alarms(looks, 0.05)
    assert "rose by 0.30 since step 10" in said
    better = [*looks[:2], look(20, 0.7, en=ALL)]
    assert alarms(better, 0.05) == []
    within = [*looks[:2], look(20, 0.455, en=HALF)]
    assert alarms(within, 0.05) == [], "its noise is as large"
    assert alarms(looks[:2], 0.05) == [], "the first training reward has nothing before it"
