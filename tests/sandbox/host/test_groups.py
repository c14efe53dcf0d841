"""The bound on all untrusted code together: found from what the kernel tells, and felt where groups can be made."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import ToolCall, open_sandbox
from sandbox.host.groups import Group, _places
from sandbox.isolation.bubblewrap import probe


@pytest.fixture(scope="module")
def possible():
    group = Group(256, 64)
    group.open()
    if group.folders is None:
        pytest.skip("no control group can be made here")
    group.close()


def told(folder: Path, groups: str, mounts: str) -> list[tuple[Path, Path]]:
    (folder / "cgroup").write_text(groups)
    (folder / "mountinfo").write_text(mounts)
    return list(_places(folder))


def test_version_1_has_a_place_in_each_hierarchy(tmp_path):
    for name in ("memory/ours", "pids"):
        (tmp_path / name).mkdir(parents=True)
    mounts = "".join(
        f"3{n} 2 0:{n} / {tmp_path}/{name} rw - cgroup cgroup rw,{name}\n"
        for n, name in enumerate(["memory", "pids"])
    )
    places = told(tmp_path, "4:memory:/ours\n8:pids:/\n0::/\n", mounts)
    assert places == [(tmp_path / "memory/ours", tmp_path / "pids")]
    # Within a container the path is that of the machine, and what is mounted our own group.
    assert told(tmp_path, "4:memory:/docker/x\n8:pids:/docker/x\n", mounts) == [
        (tmp_path / "memory", tmp_path / "pids")
    ]


@pytest.mark.parametrize(
    ("ours", "beside", "where"),
    [("", "cpu memory pids", "user"), ("memory pids", "", "user/app"), ("", "memory", None), ("", "", None)],
)
def test_version_2_has_a_place_where_memory_and_processes_are_handed_down(tmp_path, ours, beside, where):
    (tmp_path / "user/app").mkdir(parents=True)
    (tmp_path / "user/app/cgroup.subtree_control").write_text(ours)
    (tmp_path / "user/cgroup.subtree_control").write_text(beside)
    mount = f"30 2 0:5 / {tmp_path} rw,nosuid - cgroup2 cgroup2 rw\n"
    places = told(tmp_path, "0::/user/app\n", mount)
    assert places == ([(tmp_path / where, tmp_path / where)] if where else [])


def test_where_there_are_no_groups_a_command_is_as_it_was(tmp_path, monkeypatch):
    for name in ("cgroup", "mountinfo"):
        (tmp_path / name).touch()
    monkeypatch.setattr("sandbox.host.groups._places", lambda: _places(tmp_path))
    group = Group(1, 1)
    group.open()
    assert group.folders is None and group.entering(["true"]) == ["true"]


def test_no_more_processes_than_the_whole_may_have_and_none_of_it_stays(possible):
    group = Group(256, 4)
    group.open()
    assert group.folders is not None
    folders = group.folders
    bomb = "for i in 1 2 3 4 5 6 7 8; do sleep 0.2 & done; wait"
    done = subprocess.run(group.entering(["/bin/sh", "-c", bomb]), capture_output=True, text=True)
    assert "fork" in done.stderr.lower()
    group.close()
    assert not any(folder.exists() for folder in folders)


def test_no_more_memory_than_the_whole_may_have(possible):
    group = Group(64, 16)
    group.open()
    eat = ["python3", "-c", "x = b'1' * 300_000_000; print('ate')"]
    done = subprocess.run(group.entering(eat), capture_output=True, text=True)
    assert done.returncode != 0 and "ate" not in done.stdout
    group.close()


@pytest.mark.skipif(bool(probe()["missing"]), reason="not isolated here")
def test_programs_are_in_the_group_and_the_group_ends_with_the_sandbox(possible):
    async def go() -> list[Path]:
        async with open_sandbox(workers=1, programs=2, spares=1) as sandbox, sandbox.session() as session:
            assert (await session.call(ToolCall("1", "python", {"code": "result = 1"}))).status == "ok"
            entered = Path(f"/proc/{sandbox.code_pids()[0]}/cgroup").read_text()
            (name,) = {line.rpartition("/")[2] for line in entered.splitlines() if "polyglot-sandbox" in line}
            found = [*Path("/sys/fs/cgroup").glob(f"**/{name}")]
            assert found and all(len((one / "cgroup.procs").read_text().split()) > 2 for one in found)
            return found

    assert not any(one.exists() for one in asyncio.run(go()))


def test_the_group_of_a_killed_host_is_removed_by_the_next(possible):
    gone = subprocess.run(
        [sys.executable, "-c", MAKE_AND_DIE], stdout=subprocess.PIPE, text=True, check=False
    )
    left = [Path(line) for line in gone.stdout.split()]
    assert gone.returncode == -9 and left and all(folder.is_dir() for folder in left)
    group = Group(memory_mb=256, processes=16)
    group.open()
    assert not any(folder.exists() for folder in left) and all(folder.is_dir() for folder in group.folders)
    group.close()


MAKE_AND_DIE = """
import os, signal
from sandbox.host.groups import Group
group = Group(memory_mb=256, processes=16)
group.open()
print(*group.folders, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
