"""Parts in processes of their own: what hangs, blocks or dies takes nothing with it but itself."""

import asyncio
import errno
import os
import pickle
import subprocess
from collections.abc import Sequence
from typing import Any

import psutil
import pytest
import uvloop

from rewards.compose import Rewards
from rewards.scoring.part import Part, PartScore, Row
from rewards.service.processes import Workers
from rewards.types import Score
from tests.rewards.hand_written import task, trajectory

HERE = "tests.rewards.components"


def config(time_limit: float = 0.5, **targets: str | dict):
    made = {
        name: target if isinstance(target, dict) else {"_target_": target} for name, target in targets.items()
    }
    return {
        "components": {
            name: {"weight": 1, **part, "_target_": f"{HERE}.{part['_target_']}"}
            for name, part in made.items()
        },
        "time_limit": time_limit,
    }


def scored(cfg, replies: Sequence[str]) -> list[Score]:
    """Scores of the replies, all at once, each part in its processes."""

    async def go() -> list[Score]:
        rewards, workers = Rewards.from_config(cfg), Workers(cfg)

        async def one(reply: str) -> Score:
            row = pickle.dumps(Row(task(), trajectory(reply)))

            async def run(part: Part) -> PartScore:
                return (await workers.evaluate(part, row))[0]

            return await rewards.compose("fr", 0, run)

        try:
            return await asyncio.gather(*map(one, replies))
        finally:
            await workers.close()

    return asyncio.run(go())


def test_they_give_what_is_given_in_process():
    cfg = config(
        5,
        a="follows",
        b="follows_later",
        c="trl_follows",
        d="whole_score",
        e="trl_later",
        f="nested",
    )
    replies = ["value 0.3", "raise", "abstain", "exit", "judge", "cancel", "value 7", "print", "ok"]
    here = Rewards.from_config(cfg)
    assert scored(cfg, replies) == [here.score(task(), trajectory(reply)) for reply in replies]


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize("reward", ["follows", "follows_later"])
def test_a_process_that_was_killed_between_two_rows_is_missed_by_none(loop: Any, reward: str) -> None:
    """Under uvloop, too, which a Ray actor has."""
    cfg = config(5, a=reward)

    async def go() -> None:
        part, workers = Rewards.from_config(cfg).parts[0], Workers(cfg)
        row = pickle.dumps(Row(task(), trajectory("value 0.3")))
        try:
            for _ in range(3):
                outcome, _ = await workers.evaluate(part, row)
                assert outcome.value == (0.3 if reward == "follows" else 1.0)
                for child in psutil.Process().children():
                    child.kill()
                await asyncio.sleep(0.1)  # the loop hears that it is gone
        finally:
            await workers.close()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(go())


def test_another_number_of_values_than_rows_fails_all_rows_that_came_together():
    scores = scored(config(5, a="trl_too_many", b="short_reply"), ["ok"] * 5)
    assert {(score.reward, score.parts["a"], score.parts["b"]) for score in scores} == {(None, None, 1.0)}
    assert all("failed: reward 'a' returned " in score.notes["a"] for score in scores)


def test_a_process_knows_the_training_step():
    async def go() -> PartScore:
        cfg = config(5, a="trl_step")
        (part,), workers = Rewards.from_config(cfg).parts, Workers(cfg)
        try:
            return (await workers.evaluate(part, pickle.dumps(Row(task(), trajectory("ok"), 30))))[0]
        finally:
            await workers.close()

    assert asyncio.run(go()).value == 0.3


def test_a_loop_in_c_is_ended_and_only_its_part_is_lost():
    cfg = config(a="follows", b="follows_later", c="short_reply")
    replies = ["spin"] + ["ok"] * 20
    spun, *others = scored(cfg, replies)
    assert spun.parts == {"a": None, "b": 1.0, "c": 1.0}
    assert spun.notes == {"a": "failed: reward 'a' took longer than 0.5 s"}
    assert {tuple(score.parts.values()) for score in others} == {(1.0, 1.0, 1.0)}


def test_an_async_part_that_blocks_its_loop_is_told_from_those_beside_it():
    cfg = config(a="follows_later", b="short_reply")
    blocked, waited, *others = scored(cfg, ["block", "wait 0.2"] + ["ok"] * 10)
    assert blocked.notes == {"a": "failed: reward 'a' took longer than 0.5 s"}
    assert (blocked.parts, waited.parts) == ({"a": None, "b": 1.0}, {"a": 1.0, "b": 1.0})
    assert all(score.reward == 1.0 for score in others)


def test_a_part_that_ends_its_process_twice_fails_and_nothing_else():
    first, *others = scored(config(5, a="follows", b="follows_later"), ["die"] + ["ok"] * 20)
    assert first.parts == {"a": None, "b": 1.0}
    assert first.notes == {"a": "failed: reward 'a' ended its process twice"}
    assert all(score.reward == 1.0 for score in others)


def test_work_whose_process_was_ended_once_is_done_again(tmp_path):
    cfg = config(5, a={"_target_": "dies_once", "mark": str(tmp_path / "died")})
    assert scored(cfg, ["ok"])[0].parts == {"a": 1.0}


def test_slow_functions_do_not_keep_others_waiting(tmp_path):
    """The first to be stuck waits for the second, in another process: one process alone could not end this."""
    cfg = config(60, a={"_target_": "meets_in_files", "folder": str(tmp_path)})
    assert [score.reward for score in scored(cfg, ["x", "y"])] == [1.0, 1.0]


def test_rows_of_trl_functions_come_together():
    values = [score.parts["a"] for score in scored(config(5, a="trl_batch"), ["ok"] * 64)]
    assert max(values) > 0.1


@pytest.mark.parametrize("bad", ["raise", "value 7", "die", "spin"])
def test_a_bad_row_spoils_no_other_of_its_batch(bad):
    cfg = config(a="trl_follows")
    replies = ["value 0.2", bad, "abstain", *["ok"] * 7]
    first, spoiled, abstained, *others = scored(cfg, replies)
    assert [score.parts["a"] for score in (first, spoiled, abstained)] == [0.2, None, None]
    assert spoiled.notes["a"].startswith("failed: ") and abstained.notes["a"] == "abstains"
    assert all(score.reward == 1.0 for score in others)


def test_a_part_that_cannot_be_made_there_says_why():
    cfg = config(a={"_target_": "Refuses", "path": str(os.getpid())})
    (score,) = scored(cfg, ["ok"])
    assert score.notes["a"].startswith("failed: reward 'a' had a process that did not start: Reward 'a': ")
    assert "no model at the path" in score.notes["a"]


def test_where_no_process_can_be_started_nobody_waits_for_one(monkeypatch):
    def full(*_: Any, **__: Any) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", full)
    (score,) = scored(config(a="follows", b="follows_later"), ["ok"])
    assert score.reward is None
    assert all(note.endswith("Resource temporarily unavailable") for note in score.notes.values())


def test_no_process_is_left_behind():
    before = children()
    scored(config(a="follows", b="follows_later"), ["ok", "spin"])
    assert children() <= before


def children() -> set[int]:
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return {int(pid) for pid in file.read().split()}
