"""``python -m rewards.check`` names what breaks the contract, as a run would."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from rewards.check import main
from rewards.samples import samples

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """A right answer twice, and a wrong one."""
    right, *others = samples()[:3]
    path = tmp_path_factory.mktemp("check") / "rows.jsonl"
    lines = [
        {"task": asdict(row.task), "trajectory": asdict(row.trajectory), "kind": row.kind}
        for row in (right, right, *others)
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return path


def checked(reward, rows, *options):
    command = [
        sys.executable,
        "-m",
        "rewards.check",
        f"tests.rewards.components.{reward}",
        "--data",
        str(rows),
        *options,
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("reward", "why"),
    [
        ("trl_too_many", "returned 2 values for 1 completion"),
        ("trl_without_repetitions", "completions (first on"),
        ("raises", "raised RuntimeError: out of order"),
    ],
)
def test_what_breaks_the_contract_is_named(reward, why, rows):
    done = checked(reward, rows)
    assert done.returncode == 1, done.stderr
    assert why in done.stdout and "The contract is broken." in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["a.b", "--options", "{limit"],
            "--options is a mapping such as '{limit: 200}', which '{limit' is not",
        ),
        (["a.b", "--time-limit", "0"], "--time-limit is 0; give seconds above 0"),
        (["short_reply"], "'short_reply' is no dotted path such as my_rewards.short_reply"),
    ],
)
def test_what_cannot_be_tried_is_said_in_a_sentence(words, said, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["check", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, capsys.readouterr().err) == (2, f"rewards.check: {said}\n")


def test_a_reward_that_always_abstains_is_asked_for_its_return(rows):
    done = checked("abstains", rows)
    assert done.returncode == 0 and "is a return missing?" in done.stdout


def test_a_reward_that_is_late_leaves_no_traceback_behind(rows):
    done = checked("hangs", rows, "--time-limit", "0.2")
    assert done.returncode == 1 and "took longer than 0.2 s" in done.stdout
    assert done.stderr == ""


def test_what_keeps_the_contract_passes(rows, tmp_path):
    marked = tmp_path / "rows.jsonl"
    marked.write_text("\ufeff" + rows.read_text("utf-8"), "utf-8")
    done = checked("trl_bare", marked)
    assert (done.returncode, "The contract holds." in done.stdout) == (0, True), done.stdout + done.stderr
