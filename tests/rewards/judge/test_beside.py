"""A judge adds to the verified part and does not replace it."""

from rewards.judge.beside import with_judge


def test_the_weight_is_shared_and_the_gates_are_the_same() -> None:
    culture = {"_target_": "rewards.culture.culture", "weight": 0.2, "scaled_by": "language_match"}
    made = with_judge({"other": {"weight": 1}, "culture": culture}, {"base_url": "http://x", "model": "m"})
    assert made["culture"] == culture | {"weight": 0.1}
    assert made["culture_judged"] == {
        "_target_": "rewards.judge.Judge",
        "weight": 0.1,
        "scaled_by": "language_match",
        "base_url": "http://x",
        "model": "m",
    }
    assert culture["weight"] == 0.2 and made["other"] == {"weight": 1}


def test_schedules_and_weights_by_language_are_halved() -> None:
    weight = {"default": 0.2, "ja": {0: 0.0, 100: 0.4}}
    made = with_judge({"culture": {"_target_": "a.b", "weight": weight}}, {})
    assert made["culture"]["weight"] == {"default": 0.1, "ja": {0: 0.0, 100: 0.2}}
