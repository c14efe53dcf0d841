"""What the machine offers is found by trying it."""

import json
import os
import subprocess
import sys

import pytest

from sandbox.isolation import HOW_TO_GET, probe, require


def test_the_probe_tells_what_is_there_and_how_to_get_the_rest():
    found = probe()
    assert found["level"] == "process" and found["root"] is (os.geteuid() == 0)
    assert set(found["missing"]) == {name for name in HOW_TO_GET if not found[name]}
    assert [line.partition(":")[0] for line in found["how_to_get"]] == found["missing"]
    assert found["bubblewrap_path"] is not None or not found["bubblewrap"]
    assert json.loads(json.dumps(found)) == found


def test_a_machine_without_tools_is_told_what_to_install():
    command = "import json; from sandbox.isolation import probe; print(json.dumps(probe()))"
    done = subprocess.run(
        [sys.executable, "-c", command],
        env={"PATH": "/nonexistent", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert "bubblewrap" in found["missing"]
    assert any("apt-get install bubblewrap" in line for line in found["how_to_get"])


def test_only_what_exists_can_be_required():
    require("process")
    with pytest.raises(ValueError, match="'bubblewrap' is not available"):
        require("bubblewrap")
