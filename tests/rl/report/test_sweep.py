"""The table over a sweep, as a reader sees it."""

import json
from pathlib import Path

from rich.console import Console

from rl.report.sweep import paired_table, sweep_table
from tests.rl.report.made import run_folder


def summary(folder: Path, **rewards: tuple[float | None, float | None]) -> Path:
    folder.mkdir()
    languages = {
        language: {"before": {"reward": before}, "after": {"reward": after}}
        for language, (before, after) in rewards.items()
    }
    (folder / "summary.json").write_text(json.dumps({"languages": languages}))
    return folder


def shown(jobs: dict[Path, dict[str, str]]) -> str:
    console = Console(width=200)
    with console.capture() as capture:
        console.print(sweep_table(jobs))
    return capture.get()


def row(text: str, word: str) -> list[str]:
    line = next(line for line in text.splitlines() if word in line)
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_each_job_has_a_row_with_what_it_had_and_what_came_of_it(tmp_path: Path) -> None:
    one = summary(tmp_path / "one", en=(0.5, 0.75), fr=(0.25, 0.25))
    two = summary(tmp_path / "two", en=(0.5, None), fr=(0.25, 0.5))
    (tmp_path / "three").mkdir()
    (tmp_path / "three" / "evaluation.json").write_text(json.dumps({"languages": {"de": {"reward": 0.125}}}))
    text = shown(
        {
            one: {"advantage": "grpo"},
            two: {"advantage": "batch"},
            tmp_path / "three": {"advantage": "language"},
        }
    )
    assert row(text, "grpo") == ["grpo", "0.375", "0.500", "fr 0.250"]
    assert row(text, "batch") == ["batch", "0.375", "0.500", "fr 0.500"]
    assert row(text, "0.125") == ["language", "-", "0.125", "de 0.125"]


def test_a_job_without_evaluation_has_no_figures(tmp_path: Path) -> None:
    assert row(shown({summary(tmp_path / "x"): {"seed": "1"}}), "│ 1 ") == ["1", "-", "-", "-"]


def test_jobs_are_held_against_the_first_and_what_cannot_be_is_said(tmp_path: Path) -> None:
    one = run_folder(tmp_path, "one", steps=1)
    two = run_folder(tmp_path, "two", steps=1)
    config = two / "config.yaml"
    config.write_text(config.read_text().replace("baseline: prompt", "baseline: batch"))
    console = Console(width=200)
    with console.capture() as capture:
        console.print(paired_table([one, two, tmp_path]))
    text = capture.get()
    assert "Held against one" in text and "+0.000" in row(text, "success")[3]
    assert "no config.yaml" in text and "Left out: " in text
