"""Runs beside each other, read from folders as a run leaves them."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from rl.errors import UserError
from rl.evaluation.compare import as_markdown, compare, presets
from rl.evaluation.stored import AFTER, BEFORE, stored
from rl.report.run_folder import RunFolder
from rl.report.samples import Row

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = ("en", "sw")
CONFIG = {
    "seed": 0,
    "model": {"path": "tiny"},
    "advantage": {"baseline": "shrunk"},
    "reward": {"components": {"outcome": {"weight": 1.0}}},
    "evaluate": {"samples": 1, "temperature": 0.0, "after": True},
}


def row(language: str, request: int, reward: float | None, **more: Any) -> Row:
    right = None if reward is None else reward > 0.5
    given = {
        "step": 0, "task_id": f"{request}/{language}", "language": language, "request": "?", "seed": 0,
        "reward": reward, "parts": {"outcome": reward}, "notes": {}, "advantage": 0.0, "length": 1,
        "policy_version": 0, "stop": "end", "messages": [], "lowest_version": 0, "parallel_id": str(request),
        "locale": "", "tools": [], "expected_calls": [], "facts": [], "statuses": [], "token_ids": [], "sampled": [],
        "logprobs": [],
        "steps": {} if right is None else {"outcome": right, "told": right},
    }  # fmt: skip
    return Row(**(given | more))


def rows(level: float, draw: int = 0, requests: int = 60) -> list[Row]:
    """Requests of unequal difficulty, the same in every run; ``level`` is added to all."""
    found = []
    for language in LANGUAGES:
        for request in range(requests):
            hard = Random(f"{language}{request}").uniform(0.1, 0.6)
            found.append(
                row(language, request, hard + level + Random(f"{draw}{language}{request}").gauss(0, 0.02))
            )
    return found


def run(root: Path, name: str, samples: list[Row], which: str = AFTER, **config: Any) -> Path:
    folder = RunFolder(root / name)
    (folder.path / "config.yaml").write_text(yaml.safe_dump(CONFIG | config), encoding="utf-8")
    folder.rollouts(which, samples)
    return folder.path


GRPO = {"advantage": {"baseline": "prompt"}}


def cell(comparison: dict[str, Any], figure: str, language: str) -> dict[str, Any]:
    return next(r for r in comparison["table"] if (r["figure"], r["language"]) == (figure, language))


def test_a_paired_difference_is_seen_where_means_alone_would_not_show_it(tmp_path: Path) -> None:
    one, other = (
        run(tmp_path, "one", rows(0.0, 1)),
        run(tmp_path, "other", rows(0.05, 2), advantage={"baseline": "prompt"}),
    )
    found = cell(compare([stored(one), stored(other)]), "reward", "sw")
    against = found["against"]["other"]
    assert against["difference"] == pytest.approx(0.05, abs=0.02)
    assert against["ci95"][0] > 0 and against["holm"] < 0.01
    assert (against["unit"], against["n"], found["tasks"]) == ("task", 60, 60)
    assert 10 < against["needed"] < 40  # (1.96 + 0.84)^2 * (0.02^2 + 0.02^2) / 0.02^2 = 15.7


def test_no_difference_is_none(tmp_path: Path) -> None:
    one, other = run(tmp_path, "one", rows(0.0, 1)), run(tmp_path, "other", rows(0.0, 1), **GRPO)
    against = cell(compare([stored(one), stored(other)]), "reward", "en")["against"]["other"]
    assert (against["difference"], against["p"], against["ci95"], against["needed"]) == (0.0, 1.0, None, None)


def test_holm_runs_over_the_languages_and_not_over_their_mean(tmp_path: Path) -> None:
    one, other = run(tmp_path, "one", rows(0.0, 1)), run(tmp_path, "other", rows(0.004, 2), **GRPO)
    comparison = compare([stored(one), stored(other)])
    cells = [cell(comparison, "reward", language)["against"]["other"] for language in LANGUAGES]
    least = min(cells, key=lambda c: c["p"])
    assert least["holm"] == pytest.approx(min(1.0, 2 * least["p"]))
    assert cell(comparison, "reward", "all")["against"]["other"]["holm"] is None


def test_seeds_are_the_unit_where_there_are_several(tmp_path: Path) -> None:
    """Each seed moves all tasks of its run: 120 tasks agree on a difference that two more seeds would turn."""
    shift = {0: 0.1, 1: -0.08, 2: 0.02}
    folders = [run(tmp_path, f"a{seed}", rows(0.0, seed), seed=seed) for seed in shift]
    folders += [run(tmp_path, f"b{s}", rows(by, 10 + s), seed=s, **GRPO) for s, by in shift.items()]
    comparison = compare([stored(folder) for folder in folders])
    assert [len(p["runs"]) for p in comparison["presets"]] == [3, 3]
    against = cell(comparison, "reward", "en")["against"]["b0 (seeds 0, 1, 2)"]
    assert (against["unit"], against["n"]) == ("seed", 3) and against["p"] >= 0.25
    assert against["ci95"][0] < 0 < against["ci95"][1]
    assert any("3 seeds cannot give a p below 0.25" in note for note in comparison["notes"])
    assert comparison["presets"][1]["settings"] == {"advantage.baseline": "prompt"}


def test_other_seeds_are_compared_unpaired(tmp_path: Path) -> None:
    folders = [run(tmp_path, f"a{s}", rows(0.0, s), seed=s) for s in (0, 1, 2)]
    folders += [run(tmp_path, f"b{s}", rows(0.2, s), seed=s, **GRPO) for s in (3, 4, 5)]
    against = cell(compare([stored(f) for f in folders]), "reward", "en")["against"]["b3 (seeds 3, 4, 5)"]
    assert against["p"] == pytest.approx(0.1) and against["ci95"][0] > 0.1


def test_the_same_seed_twice_is_two_runs_and_no_repetition(tmp_path: Path) -> None:
    runs = [stored(run(tmp_path, name, rows(0.0))) for name in ("x", "y")]
    assert [preset.name for preset in presets(runs)] == ["x", "y"]


def test_only_shared_tasks_count_and_it_is_said(tmp_path: Path) -> None:
    many, few = (
        run(tmp_path, "many", rows(0.0, requests=60)),
        run(tmp_path, "few", rows(0.3, requests=20), **GRPO),
    )
    comparison = compare([stored(many), stored(few)])
    assert cell(comparison, "reward", "en")["tasks"] == 20
    assert "Only the 40 tasks that all runs have are compared (of up to 120)." in as_markdown(comparison)


def test_other_rewards_are_not_held_against_each_other_unsaid(tmp_path: Path) -> None:
    one = run(tmp_path, "one", rows(0.0))
    other = run(tmp_path, "other", rows(0.0), reward={"components": {"outcome": {"weight": 0.5}}})
    notes = compare([stored(one), stored(other)])["notes"]
    assert any("compare success, not reward" in note for note in notes)


def test_masked_samples_are_counted_apart(tmp_path: Path) -> None:
    samples = [*rows(0.0), row("en", 7, None), row("en", 99, None)]
    found = stored(run(tmp_path, "x", samples))
    assert found.masked == 2 and ("en", "99/en") not in found.tasks and len(found.tasks) == 120


def test_a_file_of_an_older_version_is_read(tmp_path: Path) -> None:
    folder = run(tmp_path, "old", rows(0.0))
    path = folder / "rollouts" / f"{AFTER}.parquet"
    names = ("task_id", "language", "reward", "parts")
    old = [{name: row[name] for name in names} for row in pq.read_table(path).to_pylist()]
    pq.write_table(pa.Table.from_pylist([row | {"parts": json.dumps(row["parts"])} for row in old]), path)
    found = stored(folder)
    assert set(found.values) == {"reward", "outcome"} and len(found.tasks) == 120


def refused(folder: Path, which: str | None = None) -> str:
    with pytest.raises(UserError) as error:
        stored(folder, which)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_what_cannot_be_compared_is_one_sentence(tmp_path: Path) -> None:
    assert "is not the folder of a run" in refused(tmp_path)
    going = tmp_path / "going"
    RunFolder(going)
    (going / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    assert "goes on, or was cut off" in refused(going)
    (going / "config.yaml").write_text(yaml.safe_dump(CONFIG | {"evaluate": {"after": False}}))
    assert f"python -m rl.evaluate model={going}/model" in refused(going)
    assert "before its training" in refused(going, BEFORE)
    broken = run(tmp_path, "broken", rows(0.0))
    (broken / "rollouts" / f"{AFTER}.parquet").write_bytes(b"PAR1")
    assert "cannot be read" in refused(broken)
    assert "all of them are masked" in refused(run(tmp_path, "masked", [row("en", 0, None)]))
    apart = [run(tmp_path, name, [row("en", n, 0.5)], seed=n) for n, name in enumerate("ab")]
    with pytest.raises(UserError, match="a and b share no task"):
        compare([stored(folder) for folder in apart])


def call(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "rl.compare", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_the_command_line_shows_what_is_whole(tmp_path: Path) -> None:
    one, other = run(tmp_path, "one", rows(0.0, 1)), run(tmp_path, "other", rows(0.1, 2), **GRPO)
    done = call(str(one), str(other), str(tmp_path / "nothing"), "--json", str(tmp_path / "all.json"))
    assert done.returncode == 0 and "There is no folder" in done.stderr
    assert "| reward | sw | 60 |" in done.stdout and (tmp_path / "all.json").is_file()
    alone = call(str(one), str(tmp_path / "nothing"))
    assert alone.returncode == 2 and len(alone.stderr.splitlines()) == 1 and not alone.stdout
    nowhere = call(str(one), str(other), "--json", str(tmp_path / "nothing" / "all.json"))
    assert nowhere.returncode == 2 and not nowhere.stdout
    assert "all.json cannot be written (No such file or directory)" in nowhere.stderr
    assert len(nowhere.stderr.splitlines()) == 1


def test_one_run_is_compared_with_itself_before(tmp_path: Path) -> None:
    folder = run(tmp_path, "one", rows(0.1, 2))
    RunFolder(folder).rollouts(BEFORE, rows(0.0, 1))
    comparison = compare([stored(folder, BEFORE), stored(folder, AFTER)])
    assert [preset["name"] for preset in comparison["presets"]] == ["one, before", "one, after"]
    assert cell(comparison, "success", "all")["against"]["one, after"]["difference"] > 0


def test_runs_of_one_name_are_told_apart(tmp_path: Path) -> None:
    one = run(tmp_path / "a", "run", rows(0.0))
    other = run(tmp_path / "b", "run", rows(0.1, draw=1), advantage={"baseline": "prompt"})
    found = compare([stored(one), stored(other)])
    assert [preset["name"] for preset in found["presets"]] == ["run", "run (2)"]
    assert "run (2)" in as_markdown(found) and found["table"][0]["against"]["run (2)"]["difference"] > 0.05
