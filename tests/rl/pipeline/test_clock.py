"""Shares of a step, on a clock that the test turns."""

import json
from pathlib import Path
from statistics import fmean

import pytest

from rl.errors import WeightsWanted
from rl.hardware.flops import peak, utilization
from rl.pipeline.clock import Busy, StepClock
from rl.pipeline.trace import Trace


class Hand:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        for module in ("rl.pipeline.clock.time", "rl.pipeline.trace.time"):
            monkeypatch.setattr(f"{module}.perf_counter", lambda: self.now)

    def turn(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


def test_a_step_that_samples_then_learns(hand: Hand) -> None:
    engines = Busy()
    clock = StepClock(lambda: [engines.seconds()])
    with clock.waiting(), engines.span():
        hand.turn(6)
    clock.update()
    hand.turn(2)
    assert clock.figures(tokens=800, gpus=4) == {
        "time/step": 8, "time/idle_trainers": 0.75, "time/idle_engines": 0.25, "time/overlap": 0,
        "tokens_per_second": 100, "tokens_per_second_per_gpu": 25,
    }  # fmt: skip


def test_a_step_that_samples_while_it_learns(hand: Hand) -> None:
    """Two samples overlap; the second is still on its way when the update ends."""
    engines = Busy()
    clock = StepClock(lambda: [engines.seconds()])
    with engines.span():
        with engines.span():
            with clock.waiting():
                hand.turn(1)
            clock.update()
            hand.turn(1)
        hand.turn(2)
        found = clock.figures(tokens=40, gpus=0)
        hand.turn(5)
    assert found == {
        "time/step": 4, "time/idle_trainers": 0.25, "time/idle_engines": 0, "time/overlap": 1, "tokens_per_second": 10,
    }  # fmt: skip
    clock.update()
    hand.turn(5)
    assert clock.figures(1, 0)["time/idle_engines"] == 0.5, "the next step begins where the last ended"


def test_an_engine_without_samples_is_idle_while_another_has_them(hand: Hand) -> None:
    """And so is one that was started anew."""
    engines = [Busy(), Busy(), Busy()]
    with engines[2].span():
        hand.turn(9)
    clock = StepClock(lambda: [engine.seconds() for engine in engines])
    with engines[0].span():
        hand.turn(3)
    engines[2] = Busy()
    hand.turn(1)
    assert clock.figures(1, 0)["time/idle_engines"] == 1 - fmean([3 / 4, 0, 0])


def test_a_wait_that_ends_in_an_exception_was_a_wait(hand: Hand) -> None:
    """An engine that was started anew asks for weights while the trainer waits for its samples."""
    clock = StepClock(list)
    with pytest.raises(WeightsWanted), clock.waiting():
        hand.turn(3)
        raise WeightsWanted
    with clock.waiting():
        hand.turn(1)
    clock.update()
    hand.turn(4)
    assert clock.figures(tokens=8, gpus=0)["time/idle_trainers"] == 0.5


def test_a_trace_is_pairs_of_events_in_the_form_that_perfetto_reads(hand: Hand, tmp_path: Path) -> None:
    trace = Trace(tmp_path / "trace.json")
    with trace.span("sampling", "task/ja", language="ja"):
        hand.turn(0.5)
        with trace.span("update", "update 3"):
            hand.turn(1)
    trace.close()
    text = (tmp_path / "trace.json").read_text()
    events = json.loads(text.rstrip().rstrip(",") + "]")
    assert [(e["ph"], e["cat"], e["ts"], e["id"]) for e in events] == [
        ("b", "update", 5e5, 1), ("e", "update", 1.5e6, 1), ("b", "sampling", 0, 0), ("e", "sampling", 1.5e6, 0),
    ]  # fmt: skip
    assert events[2]["args"] == {"language": "ja"} and all({"name", "pid", "tid"} <= e.keys() for e in events)


def test_utilization_is_six_operations_a_weight_that_learns_and_token_and_four_a_frozen_one() -> None:
    assert peak("NVIDIA H100 80GB HBM3") == 989e12 and peak("NVIDIA A100-SXM4-80GB") == 312e12
    assert peak("Quadro") is None
    for trained, share in ((10**9, 0.1), (0, 0.1 * 4 / 6)):
        found = utilization(10**9, trained, tokens=1000, seconds=2, gpus=3, each=1e13)
        assert found == pytest.approx(share)
