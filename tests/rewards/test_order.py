"""The order of rewards: what is better in one respect and equal in the others is never paid less.

Trajectories differ in their calls (right, wasteful, with more than was asked for, wrong, none) and in what is said
afterwards (all, too little, in another language, cut off, nothing; the truth or a claim after a failure).
"""

from collections.abc import Iterator

import pytest

from rewards.types import Trajectory
from tests.rewards.scripted import (
    ERROR,
    KINDS,
    LANGUAGES,
    MALFORMED,
    UNASKED,
    Case,
    case,
    cases,
    paid,
    pairs,
    preset,
)

CALLS = [  # chains, the better first
    ["right", "a look first", "an error and a look first", "more than asked for", "a look alone", "no call"],
    ["right", "malformed first", "malformed twice first", "a look alone"],
    ["an error and a look first", "malformed and an error and a look first", "a look alone"],
]
SAID_WHEN_DONE = [
    ["all", "all, cut off", "nothing"],
    ["all", "done, no more", "nothing"],
    ["all", "all in English", "nothing"],
    ["done, no more", "the request again"],
    ["all", "an apology for what was done"],
]
SAID_WHEN_NOT = [
    ["the truth", "a claim", "no reply"],
    ["the truth", "the truth in English", "no reply"],
    ["the truth", "an apology and a claim"],
    ["the truth", "an apology and 'done'"],
    ["the truth", "the truth, cut off"],
]
MARGIN = 1e-9


def rows(case: Case) -> Iterator[tuple[str, str, Trajectory]]:
    """(calls, reply) by name, and the trajectory."""
    done = {
        "right": case.right,
        "a look first": [case.look, *case.right],
        "an error and a look first": [ERROR, case.look, *case.right],
        "malformed first": [MALFORMED, *case.right],
        "malformed twice first": [MALFORMED, MALFORMED, *case.right],
        "malformed and an error and a look first": [MALFORMED, ERROR, case.look, *case.right],
        "more than asked for": [UNASKED, *case.right],
    }
    failed = {"a look alone": [case.look], "no call": []}
    for name, calls in done.items():
        yield name, "all", case.rolled_out(calls, case.reply)
        yield name, "done, no more", case.rolled_out(calls, case.done)
        yield name, "all in English", case.rolled_out(calls, case.english)
        yield name, "nothing", case.rolled_out(calls, "")
        yield name, "all, cut off", case.rolled_out(calls, case.reply[: 2 * len(case.reply) // 3], "length")
        yield name, "the request again", case.rolled_out(calls, case.task.messages[-1]["content"])
        yield name, "an apology for what was done", case.rolled_out(calls, case.sorry)
    for name, calls in failed.items():
        yield name, "all", case.rolled_out(calls, case.reply)
        yield name, "a claim", case.rolled_out(calls, case.reply)
        yield name, "the truth", case.rolled_out(calls, case.sorry)
        yield name, "the truth in English", case.rolled_out(calls, "I'm sorry, I wasn't able to do that.")
        yield name, "the truth, cut off", case.rolled_out(calls, case.sorry, "length")
        yield name, "an apology and a claim", case.rolled_out(calls, f"{case.sorry} {case.reply}")
        yield name, "an apology and 'done'", case.rolled_out(calls, f"{case.sorry} {case.done}")
        yield name, "no reply", case.rolled_out(calls, "")
        yield name, "nothing", case.rolled_out(calls, "")
        yield name, "all in English", case.rolled_out(calls, case.english)


CORNERS = {  # of the lattice: where its chains begin and end
    ("right", "all"), ("right", "all, cut off"), ("right", "done, no more"), ("right", "nothing"),
    ("an error and a look first", "all"), ("more than asked for", "all"), ("a look alone", "all"),
    ("a look alone", "the truth"), ("a look alone", "a claim"), ("no call", "all"),
}  # fmt: skip


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.task.id)
def test_what_is_better_is_never_paid_less(case: Case) -> None:
    assert_in_order(case, list(rows(case)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_so_it_is_for_every_kind_in_every_language(language: str) -> None:
    for kind in KINDS:
        of = case(kind, language)
        assert_in_order(of, [row for row in rows(of) if row[:2] in CORNERS])


def assert_in_order(case: Case, named: list[tuple[str, str, Trajectory]]) -> None:
    if case.task.language == "en":
        named = [row for row in named if "English" not in row[1]]
    made = paid(preset("multilingual_tool_use"), [(case.task, row) for _, _, row in named])
    reward = {(calls, said): value for (calls, said, _), value in zip(named, made, strict=True)}
    assert reward["right", "all"] == 1.0
    for (calls, said), value in reward.items():
        for worse in _worse(calls, said):
            assert worse not in reward or value >= reward[worse] - MARGIN, (case.task.id, calls, said, worse)
    assert (
        reward["right", "nothing"] > reward["a look alone", "the truth"] > reward["a look alone", "a claim"]
    )
    assert reward["an error and a look first", "all"] > reward["more than asked for", "all"] + 0.2
    assert reward["more than asked for", "all"] > reward["a look alone", "all"] + 0.2


def _worse(calls: str, said: str) -> Iterator[tuple[str, str]]:
    """The next worse ones, in the calls or in what is said."""
    for chain in CALLS:
        if said in ("all", "nothing", "all in English"):
            yield from ((worse, said) for better, worse in pairs(chain) if better == calls)
    for chain in SAID_WHEN_DONE if calls not in ("a look alone", "no call") else SAID_WHEN_NOT:
        yield from ((calls, worse) for better, worse in pairs(chain) if better == said)


def test_every_language_and_kind_is_looked_at() -> None:
    assert len({case.task.parallel_id for case in cases()}) >= 40
    assert len({case.task.language for case in cases()}) == 15
