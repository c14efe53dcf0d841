"""The same tasks under one change: what changes, what does not, and how it is compared."""

import re
from dataclasses import replace

import pytest

from rewards.compose import Rewards
from rewards.types import Expected, Task
from rl.config.rewards import reward_settings
from rl.config.schema import Slice
from rl.data import catalog, from_config, load
from rl.data.disjoint import disjoint, is_unseen
from rl.errors import ConfigError, UserError
from rl.evaluation.languages import groups
from rl.evaluation.results import results
from rl.evaluation.slices import SHOWN, SLICES, compared, native_digits, slices, typos
from rl.evaluation.written import as_csv, as_markdown
from rl.rollout import replay
from rl.rollout.script import gold_turn
from tests.rl.evaluation.made import right, said, task_of
from tests.rl.parts import composed

TASKS = catalog.load(
    "test", ["en", "hi", "th", "zh", "ru"], ["set_alarm", "get_weather", "world_time"], per_tool=2
)


def asked(task: Task) -> str:
    return str(task.messages[-1]["content"])


def test_every_slice_has_a_name_in_the_settings() -> None:
    assert set(Slice.__args__) == {*SLICES, *SHOWN}
    with pytest.raises(ConfigError, match=r"evaluate\.slices"):
        composed("evaluate.slices=[upside_down]")


@pytest.mark.parametrize("name", [*SLICES, *SHOWN])
def test_a_right_answer_stays_right(name: str) -> None:
    """What changes is how it is asked, or shown: the same calls and reply earn everything."""
    config = composed("data.languages=[en,hi,th,zh,ru]")
    rewards = Rewards.from_config(reward_settings(config))
    changed = slices(TASKS, [name])[name]
    assert {task.parallel_id for task in changed} <= {task.parallel_id for task in TASKS}
    for task in changed[:6]:
        turns = [gold_turn(task)] if task.expected.calls else []
        trajectory = replay(task, [*turns, task.expected.reply or ""])
        assert rewards.score(task, trajectory).reward == pytest.approx(1.0), task.id


def test_typing_errors_are_swapped_letters_outside_the_values() -> None:
    said = "Set an alarm for seven thirty tomorrow morning please"
    one = replace(
        TASKS[0],
        messages=[{"role": "user", "content": said}],
        expected=Expected(
            calls=[{"name": "set_alarm", "arguments": {"datetime": ["seven thirty tomorrow"]}}]
        ),
    )
    changed = typos(one)
    assert changed is not None and asked(changed) != said and "seven thirty tomorrow" in asked(changed)
    assert sorted(asked(changed)) == sorted(said) and typos(one) == changed
    assert all(typos(task) is not None for task in TASKS if re.search(r"\w{4}", asked(task)))


@pytest.mark.parametrize(
    ("locale", "text", "there"),
    [("hi-IN", "5:55 बजे", "५:५५ बजे"), ("th-TH", "เวลา 17:55", "เวลา ๑๗:๕๕"), ("bn-BD", "7 টা", "৭ টা")],
)
def test_digits_become_the_locale_s_own(locale: str, text: str, there: str) -> None:
    task = replace(TASKS[0], locale=locale, messages=[{"role": "user", "content": text}])
    changed = native_digits(replace(task, expected=Expected()))
    assert changed is not None and asked(changed) == there
    assert native_digits(replace(task, locale="ru-RU")) is None, "Russian has no others"


def test_more_tools_hold_the_same_ones() -> None:
    for name, count in SHOWN.items():
        for task in slices(TASKS, [name])[name]:
            names = [tool.name for tool in task.tools]
            assert len(names) == len(set(names)) == count
            assert {call["name"] for call in task.expected.calls} <= set(names)


def test_a_slice_that_changes_nothing_is_told_of() -> None:
    with pytest.raises(UserError, match="code_switched changes none") as error:
        slices([task for task in TASKS if task.language == "en"], ["code_switched"])
    assert "\n" not in str(error.value)


def test_pairs_are_compared_request_by_request() -> None:
    tasks = [task_of("set_alarm", "en", request) for request in "abcdefgh"]
    plain = [right(task) for task in tasks]
    changed = [right(task) if i % 2 else said(task, "No.") for i, task in enumerate(tasks)]
    found = compared(plain, {"typos": changed})["typos"]["en"]
    assert (found["plain"]["rate"], found["changed"]["rate"], found["change"], found["n"]) == (
        1.0,
        0.5,
        -0.5,
        8,
    )
    assert found["ci95"][0] < -0.5 < found["ci95"][1] < 0
    whole = results(plain, 1, 0.0) | {"slices": {"typos": {"en": found}}}
    assert "| typos | en | 8 | 1.000" in as_markdown(whole)
    assert any(line.startswith("typos,en,change,-0.5,") for line in as_csv(whole).splitlines())


def test_languages_that_were_not_trained_are_transfer() -> None:
    values = {"en": {"a": 1.0}, "fr": {"a": 0.5}, "te": {"a": 0.0}}
    found = groups(values, ["en", "fr"])["exposure"]
    assert found["direct"]["languages"] == ["en", "fr"] and found["direct"]["mean"] == 0.75
    assert found["transfer"]["languages"] == ["te"]
    assert "exposure" not in groups(values)
    config = composed("data.languages=[en,fr]", "evaluate.languages=[en,te]")
    assert reward_settings(config)["languages"] == ["en", "fr", "te"]
    with pytest.raises(ConfigError, match=r"evaluate\.languages: no 'tee'"):
        composed("evaluate.languages=[tee]")


def names(tasks: list[Task]) -> set[str]:
    called = {call["name"] for task in tasks for call in task.expected.calls}
    return called | {tool.name for task in tasks for tool in task.tools}


def test_no_tool_name_is_in_both_parts() -> None:
    config = composed("data.unseen_tools=0.3", "data.languages=[en,sw]", "data.per_tool=4")
    train, test = (from_config(config.data, split) for split in ("train", "test"))
    assert names(train) and names(test) and not names(train) & names(test)
    assert {task.language for task in test} == {"en", "sw"}
    assert all(is_unseen(name, 0.3) for name in names(test))
    plain = load("catalog", split="train", languages=["en"], per_tool=4)
    assert all(len(t.tools) == 4 for t in disjoint(plain, 0.3, unseen=False) if t.expected.calls)
    with pytest.raises(UserError, match=r"data\.unseen_tools=0\.001 leaves no task"):
        disjoint(plain, 0.001, unseen=True)
