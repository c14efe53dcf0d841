import asyncio
import sys
from dataclasses import replace

import pytest

from rewards.compose import Rewards
from tests.rewards.hand_written import ASKED, CONFIG, task, trajectory

RIGHT = ASKED["fr-FR"][1]
HERE = "tests.rewards.components"


def rewards(time_limit: float = 10, **components):
    made = {
        name: {"weight": 1, **options, "_target_": f"{HERE}.{target}"}
        for name, (target, options) in components.items()
    }
    return Rewards.from_config({"components": made, "time_limit": time_limit})


def scored(target, time_limit: float = 10, **options):
    return rewards(time_limit, part=(target, options)).score(task(), trajectory(RIGHT))


@pytest.mark.parametrize("locale", ASKED)
def test_the_default_parts_give_gold_all_and_mutants_less(locale):
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


def test_a_part_is_given_so_many_rows_at_once_as_it_takes_also_on_another_event_loop():
    narrow = rewards(part=("Narrow", {}))

    async def many():
        return await asyncio.gather(*(narrow.ascore(task(), trajectory(RIGHT)) for _ in range(7)))

    for _ in range(2):
        assert [score.reward for score in asyncio.run(many())] == [1.0] * 7


def parts(**components):
    return rewards(**components).score(task(), trajectory(RIGHT))


def test_a_part_is_scaled_by_another_and_abstains_or_fails_with_it():
    half, whole = ("Counting", {"start": 0.5, "weight": 0}), ("Counting", {"start": 0.8, "scaled_by": "half"})
    score = parts(half=half, whole=whole)
    assert (score.parts, score.reward) == ({"half": 0.5, "whole": 0.4}, 0.4)
    assert score.notes == {"whole.share": "0.8 x 0.5"}
    chained = parts(half=half, whole=whole, last=("Counting", {"start": 1.0, "scaled_by": ["whole", "half"]}))
    assert chained.parts["last"] == pytest.approx(0.2)
    beside = ("Counting", {"start": 1.0})
    nothing = parts(half=("abstains", {"weight": 0}), whole=whole, beside=beside)
    assert (nothing.parts["whole"], nothing.reward) == (None, 1.0)
    failed = parts(half=("raises", {"weight": 0}), whole=whole, beside=beside)
    assert (failed.parts["whole"], failed.reward) == (None, None)
    assert failed.notes["whole"] == "failed: with half"


def test_what_counts_for_nothing_is_not_run():
    nothing = ("Counting", {"start": 0.0, "weight": 0})
    score = parts(half=nothing, whole=("raises", {"scaled_by": "half"}))
    assert (score.parts["whole"], score.reward) == (0.0, 0.0)
    assert score.notes["whole"] == "counts for nothing: half is 0"


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
        ("trl_later", {}, 0.5),
        ("trl_batch", {}, 0.01),
        ("numpy_like", {}, 0.5),
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
        ("nested", {}, "reward 'part' gave up: no answer"),
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


def test_an_abstention_masks_the_sample_where_the_part_says_so():
    parts = {"a": ("abstains", {"on_abstain": "mask"}), "b": ("later", {})}
    score = rewards(**parts).score(task(), trajectory(RIGHT))
    assert (score.reward, score.parts, score.notes["a"]) == (None, {"a": None, "b": 1.0}, "abstains")
    parts["a"][1]["weight"] = 0
    assert rewards(**parts).score(task(), trajectory(RIGHT)).reward == 1.0


def value(number, gate=None, **settings):
    return ("Counting", {"start": number, **settings} | ({"gate": gate} if gate else {}))


def test_a_part_behind_a_closed_gate_earns_nothing_and_is_not_run():
    score = rewards(a=value(0.4), b=("raises", {"gate": {"a": 0.5}}), c=value(1)).score(
        task(), trajectory(RIGHT)
    )
    assert score.reward == pytest.approx(1.4 / 3)
    assert (score.parts["b"], score.notes["b"]) == (0.0, "gated: a is 0.4, below 0.5")


def test_an_open_gate_changes_nothing():
    score = rewards(a=value(0.5), b=value(0.3, {"a": 0.5, "c": 1.0}), c=value(1)).score(
        task(), trajectory(RIGHT)
    )
    assert (score.parts, score.notes) == ({"a": 0.5, "b": 0.3, "c": 1.0}, {})


def test_gates_stand_one_behind_the_other_in_any_order():
    score = rewards(c=value(1, {"b": 0.5}), b=value(1, {"a": 1.0}), a=value(0.9)).score(
        task(), trajectory(RIGHT)
    )
    assert score.parts == {"c": 0.0, "b": 0.0, "a": 0.9}


@pytest.mark.parametrize("gate", ["abstains", "raises", "hangs_async"])
def test_a_gate_that_abstained_or_failed_punishes_nobody(gate):
    gate_part = (gate, {"weight": 0, "time_limit": 0.05})
    score = rewards(a=gate_part, b=value(0.7, {"a": 1.0})).score(task(), trajectory(RIGHT))
    assert (score.reward, score.parts) == (0.7, {"a": None, "b": 0.7})
    counted = rewards(a=(gate, {"time_limit": 0.05}), b=value(0.7, {"a": 1.0})).score(
        task(), trajectory(RIGHT)
    )
    assert counted.reward == (0.7 if gate == "abstains" else None)


def test_weights_go_by_the_tasks_language_and_the_policys_step():
    composed = rewards(
        a=value(1.0, weight={"default": 1, "de": 3}),
        b=value(0.0, weight={0: 1, 100: 3}),
        c=value(0, weight=0),
    )
    found = [
        composed.score(task(locale), trajectory(RIGHT, policy_version=step)).reward
        for locale, step in (("fr-FR", 0), ("de-DE", 0), ("fr-FR", 100), ("fr-FR", 50), ("de-DE", 900))
    ]
    assert found == pytest.approx([1 / 2, 3 / 4, 1 / 4, 1 / 3, 1 / 2])


def test_trls_global_step_is_the_step_that_weights_go_by():
    row = task(), replace(trajectory(RIGHT), policy_version=7)
    seen = rewards(part=("trl_step", {}))
    assert (seen.score(*row).reward, seen.score(*row, step=30).reward) == (0.07, 0.3)


def test_parts_run_side_by_side():
    score = rewards(a=("meets", {}), b=("meets", {})).score(task(), trajectory(RIGHT))
    assert score.parts == {"a": 1.0, "b": 1.0}


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

    scores = asyncio.run(many())
    assert all(score.parts == {"a": None, "b": 1.0} for score in scores)
    assert {score.notes["a"] for score in scores} == {"failed: reward 'a' took longer than 0.05 s"}


@pytest.mark.parametrize(
    ("component", "message"),
    [
        ({"_target_": "no_such_module.f"}, "Reward 'mine': there is no module no_such_module; .*PYTHONPATH"),
        ({"_target_": "rewards.outcome.json_valit"}, "has no json_valit; did you mean json_valid?"),
        ({"_target_": f"{HERE}.NOT_CALLABLE"}, "NOT_CALLABLE cannot be called: its type is int"),
        ({"_target_": f"{HERE}.Counting", "begin": 1}, "Reward 'mine': .*Counting refused its options"),
        ({"_target_": "short_reply"}, "reward.components.mine needs _target_, a dotted path"),
        ({"weight": 1}, "reward.components.mine needs _target_"),
        ({"_target_": f"{HERE}.short_reply", "limt": 1}, "has no option 'limt'; did you mean limit?"),
        ({"_target_": f"{HERE}.takes_text"}, r"must take \(task, trajectory\), and takes \(text\)"),
        ({"_target_": f"{HERE}.trl_solution"}, "asks for the column 'solution'; there are prompts, "),
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
