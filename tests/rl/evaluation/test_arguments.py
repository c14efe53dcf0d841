"""Right arguments by kind of value and script."""

from dataclasses import replace
from typing import Any

import pytest

from rewards.types import Expected
from rl.evaluation.arguments import argument_accuracy, kind_of
from rl.evaluation.results import results
from rl.evaluation.written import as_csv, as_markdown
from tests.rl.evaluation.made import call, right, said, task_of


@pytest.mark.parametrize(
    ("value", "kind"),
    [(3, "number"), (2.5, "number"), (True, "boolean"), ([1], "list"), ({"a": 1}, "object"),
     ("2026-03-14", "date"), ("07:30", "time"), ("AB123", "code"), ("Новосибирск", "text"), ("New York", "text")],
)  # fmt: skip
def test_kinds(value: Any, kind: str) -> None:
    assert kind_of(value) == kind


def test_each_argument_counts_for_its_kind_and_its_script() -> None:
    made = task_of("world_time", "ru")
    wanted = [
        {"name": "world_time", "arguments": {"city": ["Москва", "Moscow"], "days": [3], "unit": ["", "h"]}}
    ]
    task = replace(made, expected=Expected(calls=wanted), run_calls=False)
    whole = said(task, call("world_time", '{"city": "Moscow", "days": 4}'), reward=1.0)
    silent = said(replace(task, parallel_id="b"), "No.", reward=0.0)
    found = argument_accuracy([whole, silent])
    assert found["kind"]["text"]["rate"] == 0.5 and found["kind"]["text"]["n"] == 2
    assert found["kind"]["number"]["rate"] == 0.0, "4 is not 3"
    assert set(found["kind"]) == {"text", "number"}, "what may be left out is not counted"
    assert found["script"] == {"Cyrillic": found["kind"]["text"]}


def test_they_are_in_the_files() -> None:
    found = results([right(task_of("set_alarm", "en"))], 1, 0.0)
    assert "Arguments that are right" in as_markdown(found)
    assert any(line.startswith("arguments,en,kind.time.rate,1.0") for line in as_csv(found).splitlines())
