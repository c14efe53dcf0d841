"""One evaluation's figures, and the files that they are written to."""

import csv
import json
from pathlib import Path

import pytest

from rl.evaluation.held_out import by_language
from rl.evaluation.results import results
from rl.evaluation.written import COLUMNS, as_markdown, write
from tests.rl.evaluation.made import right, said, task_of

LANGUAGES = ("en", "sw", "ja")
TASKS = [task_of(kind, tag, kind) for tag in LANGUAGES for kind in ("set_alarm", "small_talk")]
SAMPLES = [
    *(right(task) for task in TASKS),
    *(right(task) for task in TASKS if task.language == "en"),
    *(said(task, "?") for task in TASKS if task.language == "sw"),
    *(right(task, reward=None) for task in TASKS if task.language == "ja"),
]


def test_each_language_has_its_own_figures() -> None:
    found = by_language(SAMPLES, k=2)
    assert (
        found["en"]["pass_hat"]["2"] == found["en"]["pass_at"]["2"] == found["en"]["success"]["rate"] == 1.0
    )
    assert (found["sw"]["pass_at"]["2"], found["sw"]["pass_hat"]["2"]) == (1.0, 0.0)
    assert (found["sw"]["reward"], found["sw"]["worst"]) == (0.5, 0.0)
    assert (found["ja"]["n"], found["ja"]["masked"], found["ja"]["tasks"]) == (2, 2, 2)
    assert (
        found["ja"]["reward"] == 1.0 and found["ja"]["pass_hat"]["2"] is None and found["ja"]["worst"] is None
    )


def test_certainty_is_not_claimed_of_two_tasks() -> None:
    low, high = by_language(SAMPLES, k=2)["en"]["ci95"]
    assert low < 0.5 and high == 1.0


def test_the_files_say_the_same(tmp_path: Path) -> None:
    found = results(SAMPLES, 2, 1.0)
    paths = write(tmp_path, "evaluation", found)
    assert [path.name for path in paths] == ["evaluation.json", "evaluation.csv", "evaluation.md"]
    assert json.loads(paths[0].read_text(encoding="utf-8")) == found
    lines = list(csv.DictReader(paths[1].open(encoding="utf-8")))
    assert tuple(lines[0]) == COLUMNS
    (line,) = (
        x for x in lines if (x["section"], x["of"], x["figure"]) == ("languages", "sw", "success.rate")
    )
    wanted = found["languages"]["sw"]["success"]
    assert float(line["value"]) == wanted["rate"] == 0.5 and int(line["n"]) == wanted["n"] == 4
    assert [float(line["low"]), float(line["high"])] == pytest.approx(wanted["ci95"])


def test_the_page_has_every_language_in_every_table() -> None:
    page = as_markdown(results(SAMPLES, 2, 1.0))
    for title in ("Languages", "Funnel", "Errors in calls", "Effort", "Groups of languages"):
        table = page.split(f"## {title}\n")[1].split("\n## ")[0]
        widths = {line.count("|") for line in table.splitlines() if line.startswith("|")}
        assert len(widths) == 1, title
        assert title.startswith("Groups") or all(f"| {tag} |" in table for tag in LANGUAGES)
    assert page.index("| en |") < page.index("| ja |") and "pass^2" in page


def test_all_masked_is_shown_as_nothing_known() -> None:
    masked = results([right(task, reward=None) for task in TASKS], 1, 0.0)
    assert masked["languages"]["en"]["reward"] is None and masked["languages"]["en"]["masked"] == 2
    assert "| en | 2 | 0 | 2 | - |" in as_markdown(masked)
