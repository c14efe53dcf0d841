"""Errors in calls by kind, and what calls cost beyond the right ones."""

import pytest

from rl.evaluation.calls import against_english, call_errors, effort, gold_turns
from rl.rollout.script import gold_turn
from tests.rl.evaluation.made import call, right, said, task_of

ALARM = task_of("set_alarm", "sw")
CHAT = task_of("small_talk", "sw", "b")
REPLY = ALARM.expected.reply or ""


def test_right_calls_have_no_errors() -> None:
    found = call_errors([right(ALARM), right(CHAT)])
    assert found["selection_f1"] == found["invocation_f1"] == found["format"] == 1.0
    assert found["over_calling"]["rate"] == found["under_calling"]["rate"] == 0.0
    assert {v for k, v in found.items() if "_error_" in k} == {0.0}


@pytest.mark.parametrize(
    ("turn", "kind"),
    [
        (REPLY, "selection_error_missing"),
        (gold_turn(ALARM) + call("no_such_tool", "{}"), "selection_error_hallucinated"),
        (gold_turn(ALARM) + gold_turn(ALARM), "selection_error_extra"),
        (call("set_alarm", '{"datetime": "09:00"}'), "invocation_error_incorrect"),
        (call("set_alarm", "{}"), "invocation_error_missing"),
        (call("set_alarm", '{"datetime": "20:05", "snooze": 5}'), "invocation_error_extra"),
    ],
)
def test_each_kind_of_error_is_told_apart(turn: str, kind: str) -> None:
    found = call_errors([said(ALARM, turn, REPLY)])
    assert found[kind] == 1.0


def test_the_shares_of_a_kind_are_a_whole() -> None:
    wrong = [
        said(ALARM, REPLY),
        said(ALARM, call("no_such_tool", "{}"), REPLY),
        said(ALARM, call("set_alarm", '{"snooze": 5}'), REPLY),
        said(ALARM, call("set_alarm", '{"datetime": "09:00"}'), REPLY),
    ]
    found = call_errors(wrong)
    for kind in ("selection", "invocation"):
        shares = [value for name, value in found.items() if name.startswith(f"{kind}_error_")]
        assert len(shares) == 3 and sum(shares) == pytest.approx(1.0)


def test_over_and_under_calling() -> None:
    found = call_errors(
        [said(CHAT, call("get_sunset", '{"city": "Nairobi"}'), "Habari!"), right(CHAT), said(ALARM, REPLY)]
    )
    assert (found["over_calling"]["rate"], found["over_calling"]["n"]) == (0.5, 2)
    assert (found["under_calling"]["rate"], found["under_calling"]["n"]) == (1.0, 1)


def test_a_right_trajectory_costs_nothing_beyond_itself() -> None:
    for sample in (right(ALARM), right(CHAT), right(task_of("change_alarm", "en"))):
        found = effort([sample], lambda s: len(s.trajectory.token_ids), lambda _: None)
        assert found["calls_beyond_gold"] == found["turns_beyond_gold"] == found["tokens_beyond_gold"] == 0
        assert found["request_tokens"] is None


def test_a_second_call_costs_a_call_and_a_turn() -> None:
    again = said(ALARM, gold_turn(ALARM), gold_turn(ALARM), REPLY)
    found = effort([again], lambda _: None, lambda _: None)
    assert (found["calls_beyond_gold"], found["turns_beyond_gold"]) == (1, 1)
    assert found["tokens_beyond_gold"] is None and gold_turns(again) == 2


def test_tokens_are_held_against_the_same_request_in_english() -> None:
    tasks = [task_of("set_alarm", language, request) for language in ("en", "sw") for request in "ab"]
    lonely = task_of("set_alarm", "sw", "c")
    counts = {"a/en": 10, "b/en": 20, "a/sw": 30, "b/sw": 80, "c/sw": 1000}
    found = against_english([right(task) for task in [*tasks, lonely]], lambda s: counts[s.task.id])
    assert found == {"sw": pytest.approx(3.5)}
