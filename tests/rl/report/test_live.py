"""What a log file shows of a long piece of work: it must not look as if nothing went on."""

import io
import re

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
