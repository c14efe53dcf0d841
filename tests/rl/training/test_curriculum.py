"""How a step's prompts are shared among languages."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.types import Task
from rl.config.schema import Curriculum
from rl.errors import ConfigError
from rl.training.curriculum import drawn, shares
from rl.training.sampler import LanguageBalancedSampler
from tests.rl.parts import composed

TASKS = {"en": 900, "fr": 90, "sw": 10}
LEVEL = {"en": 0.9, "fr": 0.5, "sw": None}
quick = settings(max_examples=50, deadline=None)


def found(done: float = 0.0, **options: Any) -> dict[str, float]:
    return shares(Curriculum(**options), TASKS, lambda: LEVEL, done)


def test_no_language_is_lost_and_shares_sum_to_one() -> None:
    ways: list[dict[str, Any]] = [
        {"kind": "uniform"}, {"kind": "temperature"}, {"kind": "gap"},
        {"kind": "schedule", "start": {"en": 1.0}, "end": {"sw": 1.0}},
    ]  # fmt: skip
    for way in ways:
        got = found(**way)
        assert sum(got.values()) == pytest.approx(1) and min(got.values()) >= 0.1 / 3


def test_temperature_goes_from_the_numbers_of_tasks_to_uniform() -> None:
    sharp, flat = found(kind="temperature"), found(kind="temperature", temperature=100.0)
    assert sharp["en"] == pytest.approx(0.9 * 0.9 + 0.1 / 3) and flat["en"] < 0.35


def test_gap_gives_to_laggards_and_to_what_nobody_saw_yet() -> None:
    got = found(kind="gap")
    assert got["sw"] > got["fr"] > got["en"]


def test_a_schedule_goes_linearly_from_start_to_end() -> None:
    way = {"kind": "schedule", "start": {"en": 0.7, "fr": 0.3}, "end": {"en": 0.4, "fr": 0.3, "sw": 0.3}}
    english = [found(done, **way)["en"] for done in (0.0, 0.5, 1.0)]
    assert english == pytest.approx([0.9 * share + 0.1 / 3 for share in (0.7, 0.55, 0.4)])


@quick
@given(
    weights=st.lists(st.floats(0.01, 1), min_size=1, max_size=9),
    prompts=st.integers(1, 64),
    seed=st.integers(),
)
def test_a_step_is_full_and_near_what_is_due(weights: list[float], prompts: int, seed: int) -> None:
    due = {str(i): weight / sum(weights) for i, weight in enumerate(weights)}
    counts = drawn(due, prompts, Random(seed))
    assert sum(counts.values()) == prompts
    assert all(abs(counts[name] - share * prompts) < 1 + 1e-6 for name, share in due.items())


def test_over_many_steps_each_language_gets_its_share() -> None:
    total: Counter[str] = Counter()
    for step in range(2000):
        total.update(drawn({"en": 0.65, "fr": 0.25, "sw": 0.1}, 3, Random(step)))
    assert [total[name] / 6000 for name in ("en", "fr", "sw")] == pytest.approx([0.65, 0.25, 0.1], abs=0.01)


def test_the_sampler_follows_it_and_every_step_has_as_many_prompts(some_tasks: list[Task]) -> None:
    english = {language: float(language == "en") for language in ("ar", "en", "fr", "zh")}
    sampler = LanguageBalancedSampler(
        some_tasks, prompts_per_language=2, generations=3, steps=4, shares=lambda step: english
    )
    rows = list(sampler)
    assert len(rows) == len(sampler) == 4 * 8 * 3
    assert {some_tasks[i].language for i in rows} == {"en"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["kind=schedule", "start={en: 0.5, fr: 0.4}", "end={en: 1}"], "start sums to 0.9"),
        (["kind=schedule", "start={en: 1}", "end={eng: 1}"], "end has 'eng'"),
        (["start={en: 1}"], "start needs trainer.curriculum.kind=schedule"),
    ],
)
def test_bad_curricula_end_in_one_sentence(words: list[str], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        composed("data.languages=[en,fr]", *(f"++trainer.curriculum.{word}" for word in words))
    assert said in str(refused.value) and "\n" not in str(refused.value)
