"""What the terminal shows. A log of a long piece of work must not look as if nothing went on."""

import io
import re
from typing import Any

import pytest
from rich.console import Console

from rl.report import live


def test_a_log_file_gets_a_line_for_each_tenth_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr(live, "console", Console(file=file, force_terminal=False, width=80))
    monkeypatch.setattr(live, "LONG", 0.0)
    with live.progress("SFT", 60) as advance:
        for step in range(1, 61):
            advance(step, f"loss [{step}]")
    lines = [line for line in file.getvalue().splitlines() if "%" in line]
    assert [int(re.findall(r"(\d+)%", line)[0]) for line in lines] == list(range(10, 100, 10))
    assert "loss [6]" in lines[0]


def test_a_mean_without_an_interval_claims_none() -> None:
    """Of a single request nothing is known of the spread."""
    one: Any = {"reward": 0.25, "ci95": None, "n": 1}
    more: Any = {"reward": 0.5, "ci95": (0.4, 0.6), "n": 9}
    summary: Any = {"languages": {"en": {"before": one, "after": more}}}
    cells = [list(column.cells) for column in live.summary_table(summary).columns]
    assert cells == [["en"], ["9"], ["0.250"], ["0.500 ± 0.100"], ["+0.250"]]
