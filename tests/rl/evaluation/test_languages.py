"""Agreement and gaps over parallel requests."""

from itertools import product
from random import Random

import pytest

from rl.data import load
from rl.evaluation.languages import TABLE, consistency, described, gaps, groups

VALUES = {
    "en": {"a": 1.0, "b": 1.0, "c": 0.0, "d": 1.0},
    "sw": {"a": 1.0, "b": 0.0, "c": 0.0, "e": 1.0},
    "ja": {"a": 1.0, "b": 1.0, "c": 0.0, "d": 0.0},
}


def test_consistency_counts_the_requests_that_all_have() -> None:
    found = consistency(VALUES)
    assert found["every"]["n"] == 3 and found["every"]["share"] == pytest.approx(2 / 3)
    assert found["every"]["all_right"] == pytest.approx(1 / 3)
    assert found["pairs"]["en-ja"]["share"] == 0.75 and found["pairs"]["en-ja"]["n"] == 4
    assert set(found["pairs"]) == {"en-ja", "en-sw", "ja-sw"}


def test_several_samples_give_the_share_of_equal_draws() -> None:
    """The chance that one sample of each language agrees is what drawing every pair of samples gives."""
    en, sw = [1, 1, 0, 1], [0, 1, 0, 0]
    drawn = [a == b for a, b in product(en, sw)]
    found = consistency({"en": {"a": 3 / 4}, "sw": {"a": 1 / 4}})
    assert found["every"]["share"] == pytest.approx(sum(drawn) / len(drawn))


def test_one_language_has_nobody_to_agree_with() -> None:
    assert consistency({"en": {"a": 1.0}}) == {"every": {}, "pairs": {}}


def test_gaps_are_taken_over_shared_requests() -> None:
    found = gaps(VALUES)
    assert found["english"]["sw"] == {
        "gap": pytest.approx(1 / 3), "ratio": pytest.approx(0.5), "n": 3, "ci95": pytest.approx([0.0, 1.0])
    }  # fmt: skip
    assert (found["worst_language"], found["worst"]) == ("ja", 0.5)
    assert found["spread"] == pytest.approx(0.25)


def test_without_english_there_is_no_gap_and_without_samples_nothing() -> None:
    assert gaps({"sw": {"a": 1.0}})["english"] == {}
    assert gaps({}) == gaps({"sw": {}}) == {}


def test_a_gap_s_interval_is_paired() -> None:
    """Requests of unequal difficulty: each language's mean is uncertain, their difference is not."""
    draw = Random(0)
    hard = {str(n): draw.random() for n in range(100)}
    low, high = gaps({"en": hard, "fr": {k: v - 0.1 + draw.gauss(0, 0.01) for k, v in hard.items()}})[
        "english"
    ]["fr"]["ci95"]
    assert low < 0.1 < high and high - low < 0.01


def test_groups_weigh_languages_alike() -> None:
    found = groups({"es": {"a": 1.0}, "fr": {"a": 0.0, "b": 0.0}, "zh": {"a": 1.0, "b": 0.5}})
    assert found["family"]["Romance"]["mean"] == 0.5 and found["family"]["Romance"]["languages"] == [
        "es",
        "fr",
    ]
    assert set(found["script"]) == {"Latn", "Hans"} and set(found["resource"]) == {"high"}


@pytest.mark.parametrize(
    ("tag", "family", "script", "resource"),
    [
        ("bn", "Indo-Aryan", "Beng", "medium"),
        ("sw", "Niger-Congo", "Latn", "low"),
        ("te", "Dravidian", "Telu", "low"),
        ("zh-TW", "Sino-Tibetan", "Hant", "high"),
        ("sr-Latn", "Slavic", "Latn", "high"),
        ("de-st", "Germanic", "Latn", "high"),
        ("xx", "unknown", "unknown", "unknown"),
    ],
)
def test_languages_are_described(tag: str, family: str, script: str, resource: str) -> None:
    assert described(tag) == {"family": family, "script": script, "resource": resource}


def test_every_language_of_the_catalog_is_in_the_table() -> None:
    languages = {task.language for task in load("catalog", split="test", per_tool=1)}
    assert {tag for tag in languages if "unknown" in described(tag).values()} == set()


# Classes 4 and 5, and 3, of the list that Joshi et al. publish (lang2tax.txt), as BCP 47 tags.
HIGH = "ar ca cs de en es eu fa fi fr hi hr hu it ja ko nl pl pt ru sr sv tr vi zh"
MEDIUM = "af be bg bn bs ceb da el et gl he id ka kk la lt lv ms ro sk sl ta th tl uk ur uz"


@pytest.mark.parametrize(("level", "tags"), [("high", HIGH), ("medium", MEDIUM)])
def test_resource_levels_are_the_published_ones(level: str, tags: str) -> None:
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert [tag for tag, _, found in rows if found == level] == tags.split()
