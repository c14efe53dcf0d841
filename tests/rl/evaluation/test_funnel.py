"""Each way to go wrong ends at its own step."""

from dataclasses import replace
from itertools import product
from random import Random

import pytest

from rewards.match import match_calls
from rewards.types import Score
from rl.evaluation.funnel import STEPS, Judged, funnel, judged
from rl.rollout.script import gold_turn
from tests.rl.evaluation.made import call, right, said, task_of

ALARM = task_of("set_alarm", "sw")
CHAT = task_of("small_talk", "sw")
REPLY = ALARM.expected.reply or ""


def first_wrong(sample: Judged) -> str | None:
    return next((step for step in STEPS if sample.steps[step] is False), None)


@pytest.mark.parametrize("language", ["en", "sw", "ja", "ar"])
@pytest.mark.parametrize("kind", ["set_alarm", "small_talk", "get_weather"])
def test_a_right_trajectory_takes_every_step(kind: str, language: str) -> None:
    sample = right(task_of(kind, language))
    assert first_wrong(sample) is None and sample.success
    assert (sample.steps["tool"] is None) == (kind == "small_talk")


@pytest.mark.parametrize(
    ("turns", "step"),
    [
        ([REPLY], "decision"),
        ([call("cancel_reminder", '{"reminder": "7"}'), REPLY], "tool"),
        ([call("set_alarm", '{"datetime": "21:05"}'), REPLY], "arguments"),
        ([gold_turn(ALARM), gold_turn(ALARM).replace("20:05", "21:05"), REPLY], "outcome"),
        ([gold_turn(ALARM), "Tayari."], None),
        ([gold_turn(ALARM), "Tayari, saa 3:15 usiku kutakuwa na kengele."], "told"),
    ],
)
def test_a_wrong_turn_ends_at_its_step(turns: list[str], step: str | None) -> None:
    assert first_wrong(said(ALARM, *turns)) == step


def test_a_call_where_none_is_due_is_a_wrong_decision() -> None:
    assert first_wrong(said(CHAT, call("get_sunset", '{"city": "Nairobi"}'), "Habari njema!")) == "decision"


def test_the_parts_of_the_reply_are_the_last_steps() -> None:
    assert first_wrong(right(ALARM, language_match=0.1, culture=0.0)) == "language"
    assert first_wrong(right(ALARM, culture=0.2)) == "culture"
    assert right(ALARM, language_match=None).steps["language"] is None
    assert judged(ALARM, right(ALARM).trajectory, Score(1.0, {})).steps["culture"] is None


def test_language_is_not_asked_of_what_was_not_done() -> None:
    sample = said(ALARM, REPLY, language_match=0.0)
    assert sample.steps["told"] is None and sample.steps["language"] is None


def test_masked_samples_count_nowhere() -> None:
    masked = right(ALARM, reward=None)
    assert masked.steps == {} and not masked.success
    assert funnel([masked])["joint"]["n"] == 0
    assert funnel([masked, right(ALARM)])["joint"] == funnel([right(ALARM)])["joint"]


def test_an_outcome_reached_by_other_arguments_took_the_steps_before() -> None:
    task = task_of("get_weather", "en")
    (wanted,) = task.expected.calls
    city = wanted["arguments"]["location"][0]
    sample = said(task, gold_turn(task).replace(city, city.upper()), task.expected.reply or "")
    assert not match_calls(task, sample.trajectory.calls).ok
    assert sample.steps["outcome"] is True and sample.steps["arguments"] is True


SOME = right(ALARM)


def made(steps: dict[str, bool | None], request: int) -> Judged:
    return replace(SOME, steps=steps, task=replace(ALARM, parallel_id=str(request)))


def test_the_joint_rate_is_the_product_where_all_steps_are_judged() -> None:
    draw = Random(0)
    samples = []
    for request in range(300):
        alive: bool | None = True
        steps: dict[str, bool | None] = {}
        for step in STEPS:
            steps[step] = draw.random() < 0.85 if alive else None
            alive = alive and steps[step]
        samples.append(made(steps, request))
    found = funnel(samples)
    assert found["joint"]["rate"] == pytest.approx(found["product"])
    assert found["deviation"] == pytest.approx(0.0)
    assert found["product"] == pytest.approx(0.85**7, abs=0.08)


def test_four_independent_steps_of_70_percent_are_all_right_in_24() -> None:
    """Every way that ten equal lots can fall, four times over: seven of the ten are right."""
    lots = [True] * 7 + [False] * 3
    none: dict[str, bool | None] = dict.fromkeys(STEPS)
    ways = product(lots, repeat=4)
    found = funnel([made({**none, **dict(zip(STEPS, way, strict=False))}, i) for i, way in enumerate(ways)])
    assert found["joint"]["rate"] == pytest.approx(0.240, abs=5e-4)
    assert found["product"] == pytest.approx(0.7**4) and found["deviation"] == pytest.approx(0.0)


def test_steps_that_hang_together_deviate_from_their_product() -> None:
    """Half of the requests need no call and all of those go right: steps that they skip pull the product down."""
    good: dict[str, bool | None] = {**dict.fromkeys(STEPS), "decision": True, "outcome": True}
    bad = {**good, "tool": False, "outcome": None}
    found = funnel([made(good, 0), made(bad, 1)])
    assert (found["joint"]["rate"], found["product"]) == (0.5, 0.0) and found["deviation"] == 0.5
