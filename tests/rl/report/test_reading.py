"""Run folders as they are found: whole, cut off, of an older version, or no run at all."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from rl.errors import UserError
from rl.report.page import page
from rl.report.reading import FINISHED, OPEN, read_run
from tests.rl.report.made import CONFIG, LANGUAGES, run_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_folder(tmp_path_factory.mktemp("runs"))


def test_a_whole_run_is_read_whole(folder: Path) -> None:
    run = read_run(folder)
    assert run.state == FINISHED and run.notes == []
    assert len(run.samples) == 4 * len(LANGUAGES) * 2 * 4 + 1 + 2 * len(LANGUAGES) * 4
    assert [line["step"] for line in run.metrics] == [0, 1, 2, 3]
    assert set(run.evaluations) == {"evaluation-before", "evaluation-after"}


def test_a_run_that_was_cut_off_shows_what_is_whole(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, ended=False)
    with (folder / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "seco')
    (folder / "rollouts" / "step-000002.parquet").write_bytes(b"PAR1 and no more")
    (folder / "evaluation-before.json").write_text("{")
    run = read_run(folder)
    assert run.state == OPEN and len(run.metrics) == 4
    assert {s["step"] for s in run.samples if s["set"] == "training"} == {0, 1, 3}
    assert [note.split(" ")[0] for note in run.notes] == [
        "step-000002.parquet",
        "evaluation-before.json",
        "A",
    ]
    assert all(note.endswith(".") and "\n" not in note for note in run.notes)
    assert "Report" in page([run], 100)


def test_samples_of_an_older_version_are_read(folder: Path, tmp_path: Path) -> None:
    """Nested values were JSON text, and there were fewer columns."""
    old = run_folder(tmp_path, "old", steps=1)
    for file in (old / "rollouts").glob("*.parquet"):
        rows = pq.read_table(file).to_pylist()
        plain = [
            {
                "step": row["step"], "task_id": row["task_id"], "language": row["language"], "request": row["request"],
                "reward": row["reward"], "advantage": row["advantage"], "length": row["length"], "stop": row["stop"],
                "parts": json.dumps(row["parts"]), "notes": json.dumps(dict(row["notes"])),
                "messages": json.dumps([{"role": "assistant", "content": "تم", "tool_calls": [
                    {"type": "function", "function": {"name": "set_alarm", "arguments": {"datetime": "07:30"}}}]}]),
            }
            for row in rows
        ]  # fmt: skip
        pq.write_table(pa.Table.from_pylist(plain), file)
    run = read_run(old)
    assert run.notes == [] and run.samples[0]["parts"].keys() == {"outcome", "culture"}
    assert run.samples[0]["messages"] == [
        {
            "role": "assistant",
            "content": "تم",
            "calls": [{"name": "set_alarm", "arguments": {"datetime": "07:30"}}],
        }
    ]
    assert run.samples[0]["parallel_id"] == run.samples[0]["task_id"]
    assert "Report" in page([run, read_run(folder)], 1000)


def test_a_folder_that_is_no_run_is_refused_in_a_sentence(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(UserError, match="There is no folder"):
        read_run(tmp_path / "nothing")
    with pytest.raises(UserError, match=r"no config\.yaml"):
        read_run(tmp_path)
    with pytest.raises(UserError, match=f"such as {folder}"):
        read_run(folder.parent)


def test_a_run_that_has_only_begun_is_shown(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    run = read_run(tmp_path)
    assert run.notes == ["The folder has no samples and no metrics yet."]
    assert "Report" in page([run], 100)


def test_metrics_without_samples_give_curves_without_intervals(tmp_path: Path) -> None:
    from rl.report.figures import figures

    folder = run_folder(tmp_path)
    for file in (folder / "rollouts").glob("*.parquet"):
        file.unlink()
    curve = figures(read_run(folder))["curves"]["reward"]["fr"]
    assert [point[0] for point in curve] == [0.25 * n for n in range(4)] and curve[0][1] is None
