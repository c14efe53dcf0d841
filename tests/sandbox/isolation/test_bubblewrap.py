"""What the machine offers is found by trying it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import open_sandbox
from sandbox.isolation.bubblewrap import HOW_TO_GET, NOT_STOPPED, launcher, probe, python

PROBE = "import json; from sandbox.isolation.bubblewrap import probe; print(json.dumps(probe()))"
full = pytest.mark.skipif(bool(probe()["missing"]), reason=f"not isolated here: {probe()['how_to_get']}")


def test_the_probe_tells_what_is_there_and_how_to_get_the_rest():
    found = probe()
    assert set(found["missing"]) == {name for name in HOW_TO_GET if not found[name]}
    assert [line.partition(":")[0] for line in found["how_to_get"]] == found["missing"]
    assert found["level"] == ("process" if found["missing"] else "full")
    assert json.loads(json.dumps(found)) == found


def without_bubblewrap(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program on what looks like a machine that has none of it."""
    return subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": "/nonexistent", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )


def test_a_machine_without_bubblewrap_is_told_what_to_install():
    found = json.loads(without_bubblewrap(PROBE).stdout)
    assert "bubblewrap" in found["missing"] and found["level"] == "process"
    assert any("apt-get install bubblewrap" in line for line in found["how_to_get"])


ASK = """
import asyncio
from sandbox import ToolCall, open_sandbox

async def main():
    async with open_sandbox(workers=1) as sandbox:
        async with sandbox.session() as session:
            print((await session.call(ToolCall("1", "world_time", {"city": "Tokyo"}))).content["time"])
            print((await session.call(ToolCall("2", "python", {"code": "result = 1"}))).status)
        sandbox.session(tools=["python"])

asyncio.run(main())
"""


def test_without_isolation_the_catalog_runs_with_a_warning_and_programs_do_not():
    done = without_bubblewrap(ASK)
    assert done.stdout.split() == ["17:00", "invalid_call"]
    assert NOT_STOPPED in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ValueError: sandbox: programs cannot run isolated on this machine; bubblewrap: ")
    assert "apt-get install bubblewrap" in last and "sandbox.isolation=process" in last


def test_tools_that_are_not_trusted_are_refused_without_isolation():
    done = without_bubblewrap("from sandbox import open_sandbox; open_sandbox(tools=['my_tools'])")
    assert "the tools of my_tools cannot run isolated on this machine" in done.stderr.splitlines()[-1]


def test_a_level_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="isolation is 'vm', set it to 'full' or 'process'"):
        open_sandbox(isolation="vm")


@full
def test_what_runs_isolated_sees_python_the_modules_it_was_given_and_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "shown_tools.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    look = """
import json, os, sys
import sandbox.isolation.identity
sandbox.isolation.identity.leave_root()
def seen(folder):
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else None
print(json.dumps({
    "app": seen("/app"), "etc": seen("/etc"), "home": seen("/home"), "tmp": seen("/tmp"), "shm": seen("/dev/shm"),
    "processes": [name for name in os.listdir("/proc") if name.isdigit()], "net": seen("/sys/class/net"),
    "environment": sorted(set(os.environ) - {"LC_CTYPE", "LD_LIBRARY_PATH"}), "uid": os.getuid(), "gid": os.getgid(),
    "capabilities": [line.split()[1] for line in open("/proc/self/status") if line.startswith("CapEff")],
}))
"""
    done = subprocess.run(
        [*launcher(["shown_tools"]), *python("-c", look)],
        env={},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {
        "app": ["sandbox", "shown_tools.py"],
        "etc": ["ld.so.cache"],
        "home": None,
        "tmp": [],
        "shm": [],
        "processes": ["1", "2"],
        "net": None,
        "environment": ["PWD", "PYTHONHASHSEED", "PYTHONPATH", "PYTHONUTF8", "TZ"],
        "uid": 65533,
        "gid": 65533,
        "capabilities": ["0000000000000000"],
    }


@full
@pytest.mark.skipif(
    os.geteuid() != 0, reason="for another user every test here takes the way that this one tries"
)
def test_a_user_who_is_not_root_is_isolated_by_a_user_namespace(tmp_path):
    program = "import os; print(os.getuid(), os.listdir('/tmp'))"
    os.chmod(tmp_path, 0o755)
    (tmp_path / "as_user.py").write_text(
        "import os, subprocess\n"
        "os.setgroups([]); os.setgid(65532); os.setuid(65532)\n"
        "from sandbox.isolation.bubblewrap import launcher, python\n"
        f"done = subprocess.run([*launcher([]), *python('-c', {program!r})], env={{}}, capture_output=True, text=True)\n"
        "print(done.stdout, done.stderr)"
    )
    private = [p for p in (sys.base_prefix, sys.prefix, os.getcwd()) if p.startswith("/root/")]
    parents = [str(parent) for p in private for parent in reversed(Path(p).parents) if str(parent) > "/root"]
    shown = [word for parent in dict.fromkeys(parents) for word in ("--dir", parent)]
    shown += [word for p in private for word in ("--ro-bind", p, p)]
    outer = ["bwrap", "--dev-bind", "/", "/", "--tmpfs", "/root", "--chmod", "0755", "/root", *shown]
    done = subprocess.run(
        [*outer, sys.executable, str(tmp_path / "as_user.py")],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "65533 []", done.stderr
