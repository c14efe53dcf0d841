"""The sampler: balanced languages, parallel requests side by side, no task twice before all once."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.types import Expected, Task
from rl.training.sampler import LanguageBalancedSampler

quick = settings(max_examples=40, deadline=None)
LANGUAGES = ("ar", "en", "fr", "zh")


def a_task(language: str, parallel_id: str) -> Task:
    message = {"role": "user", "content": parallel_id}
    return Task(f"{parallel_id}/{language}", parallel_id, language, language, [message], [], Expected())


def parallel_tasks(count: int, languages: tuple[str, ...] = LANGUAGES) -> list[Task]:
    return [a_task(language, f"p{i}") for i in range(count) for language in languages]


def cut(values: Iterable[int], size: int) -> list[tuple[int, ...]]:
    """The values in pieces of ``size``; the last may be shorter."""
    row = tuple(values)
    return [row[i : i + size] for i in range(0, len(row), size)]


def steps_of(sampler: LanguageBalancedSampler) -> list[tuple[int, ...]]:
    """The indices of each step, its repeats included."""
    size = len(sampler) // sampler.steps
    return cut(sampler, size)


@quick
@given(
    tasks=st.integers(1, 7),
    prompts=st.integers(1, 4),
    generations=st.integers(1, 4),
    steps=st.integers(1, 6),
    repeats=st.integers(1, 3),
)
def test_every_step_has_each_language_alike_and_its_generations_in_a_row(
    tasks: int, prompts: int, generations: int, steps: int, repeats: int
) -> None:
    all_tasks = parallel_tasks(tasks)
    sampler = LanguageBalancedSampler(
        all_tasks, prompts_per_language=prompts, generations=generations, steps=steps, repeats=repeats
    )
    assert len(list(sampler)) == len(sampler) == steps * prompts * 4 * generations * repeats
    for step in steps_of(sampler):
        rounds = cut(step, len(step) // repeats)
        assert len(set(rounds)) == 1
        groups = cut(rounds[0], generations)
        assert all(len(set(group)) == 1 for group in groups)
        languages = Counter(all_tasks[group[0]].language for group in groups)
        assert languages == dict.fromkeys(LANGUAGES, prompts)


@quick
@given(tasks=st.integers(1, 7), prompts=st.integers(1, 4), seed=st.integers(0, 9))
def test_parallel_requests_come_in_all_languages_at_once(tasks: int, prompts: int, seed: int) -> None:
    all_tasks = parallel_tasks(tasks)
    sampler = LanguageBalancedSampler(
        all_tasks, prompts_per_language=prompts, generations=2, steps=5, seed=seed
    )
    for step in steps_of(sampler):
        asked: dict[str, list[str]] = {language: [] for language in LANGUAGES}
        for task in (all_tasks[i] for i in step):
            asked[task.language].append(task.parallel_id)
        assert len({tuple(ids) for ids in asked.values()}) == 1


@quick
@given(tasks=st.integers(1, 7), prompts=st.integers(1, 4), seed=st.integers(0, 9))
def test_all_tasks_are_used_before_one_comes_again(tasks: int, prompts: int, seed: int) -> None:
    all_tasks = parallel_tasks(tasks)
    sampler = LanguageBalancedSampler(
        all_tasks, prompts_per_language=prompts, generations=1, steps=12, seed=seed
    )
    for language in LANGUAGES:
        order = [i for i in sampler if all_tasks[i].language == language]
        for round_ in cut(order, tasks):
            assert len(set(round_)) == len(round_)
        assert len(set(order)) == min(tasks, len(order))


def test_a_language_with_fewer_tasks_comes_as_often() -> None:
    tasks = [*parallel_tasks(6, ("en",)), *(a_task("sw", f"own{i}") for i in range(2))]
    sampler = LanguageBalancedSampler(tasks, prompts_per_language=2, generations=1, steps=3)
    counts = Counter(tasks[i].language for i in sampler)
    assert counts == {"en": 6, "sw": 6}
    assert {i for i in sampler if tasks[i].language == "sw"} == {6, 7}


def test_rounds_are_shuffled_anew() -> None:
    sampler = LanguageBalancedSampler(
        parallel_tasks(20, ("en",)), prompts_per_language=20, generations=1, steps=3
    )
    first, second, third = steps_of(sampler)
    assert first != second != third
    assert sorted(first) == sorted(second) == sorted(third) == list(range(20))


@pytest.mark.parametrize("changed", [{"seed": 1}, {"seed": 2}])
def test_the_order_hangs_on_the_seed_alone(changed: dict[str, Any]) -> None:
    tasks = parallel_tasks(12)
    options = {"prompts_per_language": 2, "generations": 2, "steps": 6}
    first, again = (LanguageBalancedSampler(tasks, **options, seed=0) for _ in range(2))
    assert list(first) == list(again) == list(first)
    assert list(first) != list(LanguageBalancedSampler(tasks, **options | changed))


def test_the_order_of_the_tasks_does_not_matter() -> None:
    tasks = parallel_tasks(9)
    backward = tasks[::-1]
    options = {"prompts_per_language": 2, "generations": 1, "steps": 4}
    forward = [tasks[i].id for i in LanguageBalancedSampler(tasks, **options)]
    assert forward == [backward[i].id for i in LanguageBalancedSampler(backward, **options)]


@quick
@given(done=st.integers(0, 5))
def test_a_resumed_run_goes_on_where_it_stopped(done: int) -> None:
    tasks = parallel_tasks(5)
    options = {"prompts_per_language": 2, "generations": 3, "repeats": 2, "seed": 7}
    whole = list(LanguageBalancedSampler(tasks, **options, steps=6))
    step = len(whole) // 6
    resumed = islice(LanguageBalancedSampler(tasks, **options, steps=6), done * step, None)
    assert list(resumed) == whole[done * step :]
    shorter = list(LanguageBalancedSampler(tasks, **options, steps=done))
    assert shorter == whole[: done * step]


def test_tasks_that_share_a_request_within_a_language_are_all_used() -> None:
    """Two tasks of one language may bear one parallel_id, such as two wordings of a request."""
    tasks = [a_task("en", "same"), a_task("en", "same"), a_task("en", "other")]
    sampler = LanguageBalancedSampler(tasks, prompts_per_language=1, generations=1, steps=3)
    assert set(sampler) == {0, 1, 2}
