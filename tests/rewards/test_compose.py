import asyncio
import sys

import pytest

from rewards.compose import Rewards
from tests.rewards.hand_written import ASKED, CONFIG, task, trajectory

RIGHT = ASKED["fr-FR"][1]
HERE = "tests.rewards.components"


def rewards(time_limit: float = 10, **components):
    made = {
        name: {"_target_": f"{HERE}.{target}", "weight": 1, **options}
        for name, (target, options) in components.items()
    }
    return Rewards.from_config({"components": made, "time_limit": time_limit})


def scored(target, time_limit: float = 10, **options):
    return rewards(time_limit, part=(target, options)).score(task(), trajectory(RIGHT))


@pytest.mark.parametrize("locale", ASKED)
def test_the_default_four_give_gold_all_and_mutants_less(locale):
    composed, asked = Rewards.from_config(CONFIG), task(locale)
    assert composed.score(asked, trajectory(ASKED[locale][1])).reward == pytest.approx(1.0)
    mutants = [
        trajectory(ASKED[locale][2]),
        trajectory(None),
        trajectory(ASKED[locale][1], arguments={"amount": 1.0}),
        trajectory(ASKED[locale][1], state={"paid": 2}),
        trajectory(ASKED[locale][1], calls=[]),
        trajectory("7"),
    ]
    if locale != "en-US":
        mutants.append(trajectory(ASKED["en-US"][1]))
    for mutant in mutants:
        assert composed.score(asked, mutant).reward < 0.95
    assert composed.score(asked, trajectory(ASKED[locale][1], calls=[])).reward == 0.0


def test_our_failure_masks_the_sample():
    score = Rewards.from_config(CONFIG).score(task(), trajectory(RIGHT, status="infra_error"))
    assert score.reward is None
    assert set(score.parts.values()) == {None}
    assert all(note.startswith("failed:") for note in score.notes.values())


@pytest.mark.parametrize(
    ("target", "options", "value"),
    [
        ("short_reply", {}, 1.0),
        ("short_reply", {"limit": 3}, 0.0),
        ("later", {}, 1.0),
        ("whole_score", {}, 0.5),
        ("trl", {}, 0.25),
        ("trl_bare", {}, 1.0),
        ("Counting", {"start": 0.5}, 0.5),
    ],
)
def test_every_kind_of_component(target, options, value):
    score = scored(target, **options)
    assert (score.reward, score.parts["part"]) == (value, value)


@pytest.mark.parametrize(
    ("target", "options", "why"),
    [
        ("raises", {}, "reward 'part' raised RuntimeError: out of order"),
        ("times_out_inside", {}, "raised TimeoutError: the database is slow"),
        ("trl_too_many", {}, "returned 2 values for 1 completion"),
        ("returns", {"value": "nan"}, "returned nan, which is outside 0..1"),
        ("returns", {"value": "big"}, "returned 1.5, which is outside 0..1"),
        ("returns", {"value": "negative"}, "outside 0..1"),
        ("returns", {"value": "text"}, "must return a number in 0..1, not str"),
        ("returns", {"value": "list"}, "must return a number in 0..1, not list"),
        ("hangs", {"time_limit": 0.1}, "reward 'part' took longer than 0.1 s"),
        ("hangs_async", {"time_limit": 0.1}, "reward 'part' took longer than 0.1 s"),
    ],
)
def test_a_part_that_fails_masks_the_sample_and_says_why(target, options, why):
    score = scored(target, **options)
    assert (score.reward, score.parts) == (None, {"part": None})
    assert score.notes["part"].startswith("failed: reward 'part' ")
    assert why in score.notes["part"]


def test_an_abstention_leaves_its_weight_to_the_others():
    score = rewards(a=("abstains", {}), b=("whole_score", {}), c=("later", {})).score(
        task(), trajectory(RIGHT)
    )
    assert score.reward == 0.75
    assert score.parts == {"a": None, "b": 0.5, "c": 1.0}
    assert score.notes == {"a": "abstains", "b.why": "half"}
    assert scored("abstains").reward is None


def test_a_part_without_weight_is_watched_and_costs_nothing():
    parts = {
        "a": {"_target_": f"{HERE}.raises", "weight": 0},
        "b": {"_target_": f"{HERE}.later", "weight": 2},
    }
    score = Rewards.from_config({"components": parts}).score(task(), trajectory(RIGHT))
    assert (score.reward, score.parts["a"]) == (1.0, None)


def test_hanging_parts_do_not_use_up_the_threads_of_others():
    composed = rewards(a=("hangs", {"time_limit": 0.05}), b=("later", {}))

    async def many():
        return await asyncio.gather(*(composed.ascore(task(), trajectory(RIGHT)) for _ in range(50)))

    assert all(score.parts == {"a": None, "b": 1.0} for score in asyncio.run(many()))


@pytest.mark.parametrize(
    ("component", "message"),
    [
        ({"_target_": "no_such_module.f"}, "Reward 'mine': there is no module no_such_module; .*PYTHONPATH"),
        ({"_target_": "rewards.execution.json_valit"}, "has no json_valit; did you mean json_valid?"),
        ({"_target_": f"{HERE}.NOT_CALLABLE"}, "NOT_CALLABLE is a int, which cannot be called"),
        ({"_target_": f"{HERE}.Counting", "begin": 1}, "Reward 'mine': .*Counting refused its options"),
        ({"_target_": "short_reply"}, "reward.components.mine needs _target_, a dotted path"),
        ({"weight": 1}, "reward.components.mine needs _target_"),
        ({"_target_": f"{HERE}.later", "weight": -1}, "reward.components.mine needs weight"),
        ({"_target_": f"{HERE}.later", "weight": True}, "reward.components.mine needs weight"),
        ({"_target_": f"{HERE}.later", "weight": 0}, "at least one component with a weight above 0"),
    ],
)
def test_a_wrong_configuration_is_one_clear_sentence(component, message):
    with pytest.raises(ValueError, match=message):
        Rewards.from_config({"components": {"mine": {"weight": 1, **component}}})


def test_a_module_of_the_current_folder_is_found(tmp_path, monkeypatch):
    (tmp_path / "rewards_of_mine.py").write_text("def one(task, trajectory):\n    return 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    composed = Rewards.from_config({"components": {"mine": {"_target_": "rewards_of_mine.one", "weight": 3}}})
    assert composed.score(task(), trajectory(RIGHT)).reward == 1.0
