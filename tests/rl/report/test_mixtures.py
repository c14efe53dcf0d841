"""``study mixtures`` over runs whose figures are known."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from rl.errors import UserError
from rl.report.mixtures import BASE, accuracies
from rl.training.sft.study import mixtures

CORE = ["en", "es", "sw"]


def supervised(folder: Path, mixture: list[str] | None, after: dict[str, float]) -> Path:
    folder.mkdir(parents=True)
    config = {"data": {"languages": CORE}, "sft": {"mixture": mixture}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    for when, shares in (("before", dict.fromkeys(after, 0.1)), ("after", after)):
        (folder / f"evaluation-{when}.json").write_text(json.dumps(evaluation(shares)), encoding="utf-8")
    loss = {"first": 2.0, "last": 1.0}
    (folder / "summary.json").write_text(json.dumps({"loss": loss}), encoding="utf-8")
    return folder


def evaluation(joint: dict[str, float]) -> dict[str, Any]:
    """One in which more is done than told, and more told than told in the right language."""
    languages = {
        name: {"parts": {"outcome": share + 0.2}, "success": {"rate": share + 0.1}}
        for name, share in joint.items()
    }
    return {
        "languages": languages,
        "funnel": {name: {"joint": {"rate": share}} for name, share in joint.items()},
    }


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    """What is trained on has 0.6, another language 0.2, and one hundredth more for each language in the mixture."""
    return [
        supervised(
            tmp_path / f"run {number}", None if len(mixture) == 3 else list(mixture),
            {name: (0.6 if name in mixture else 0.2) + 0.01 * len(mixture) for name in [*CORE, "te"]},
        )
        for number, mixture in enumerate(mixtures(CORE, []))
    ]  # fmt: skip


def test_each_run_is_read_by_its_mixture(runs: list[Path]) -> None:
    found = accuracies(runs[::-1], "joint")
    assert (
        next(iter(found)) == BASE
        and list(found)[-1] == ("en", "es", "sw")
        and set(found[BASE].values()) == {0.1}
    )
    assert found["en", "es"] == pytest.approx({"en": 0.62, "es": 0.62, "sw": 0.22, "te": 0.22})
    assert accuracies(runs, "success")["en", "es"]["sw"] == pytest.approx(0.32)
    assert accuracies(runs, "outcome")["en", "es"]["sw"] == pytest.approx(0.42)


def test_the_tables_say_who_won(runs: list[Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rl.study", "mixtures", *map(str, runs)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "62.0*" in done.stdout and "22.0 " in done.stdout and "(before)" in done.stdout
    english, trained, others = (line.split("│") for line in done.stdout.splitlines() if "to 100.0" in line)
    assert [cell.strip() for cell in english[1:4]] == ["English", "2", "2"] and "+1.00" in english[5]
    assert trained[2].strip() == "2" and "+41.00" in trained[5]
    assert [cell.strip() for cell in others[2:4]] == ["4", "4"] and "+1.00" in others[5]
    assert "language in training" in done.stdout


def test_what_is_no_supervised_run_is_refused_in_a_sentence(runs: list[Path], tmp_path: Path) -> None:
    trained = supervised(tmp_path / "trained", ["en"], {"en": 0.5})
    (trained / "summary.json").write_text(json.dumps({"languages": {}}))
    with pytest.raises(UserError, match=r"no finished run of python -m rl\.sft"):
        accuracies([*runs, trained], "joint")
    done = subprocess.run(
        [sys.executable, "-m", "rl.study", "mixtures", str(tmp_path / "none")], capture_output=True, text=True
    )
    assert done.returncode == 2 and done.stderr.count("\n") == 1
