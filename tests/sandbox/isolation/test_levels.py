"""The table of what each level stops, in docs/sandbox.md: rows of it are tried here, and hold what was found."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

import sandbox
from sandbox import ToolCall, ToolResult, open_sandbox
from sandbox.isolation import landlock
from sandbox.isolation.bubblewrap import LESS_STOPPED, environment, probe, readable
from sandbox.isolation.identity import can_leave_root, others_may_read

DOCS = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text("utf-8")
LIMITS: dict[str, Any] = {"workers": 1, "wall_seconds": 20.0, "cpu_seconds": 1, "spares": 2}
HOLDS = {"full": not probe()["missing"], "unprivileged": probe()["unprivileged"], "process": True}
LEVELS = [
    pytest.param(level, marks=pytest.mark.skipif(not holds, reason="not on this machine"))
    for level, holds in HOLDS.items()
]
SECRET = Path(__file__).resolve()
MARK = f"/tmp/polyglot-levels-{os.getpid()}"
C = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def ask(name, *arguments):
    if getattr(libc, name)(*arguments) < 0: raise OSError(ctypes.get_errno(), name)
"""
# Of each row programs that do it, and raise where they are stopped; the first is harmless where nothing stops it.
TRIED = {
    "reading the user's files": [
        f"open({str(SECRET)!r}).read(1)",
        "open('/etc/passwd').read()",
        f"import os; os.listdir({str(SECRET.parent)!r})",
        "import os; open(f'/proc/{os.getppid() or 1}/environ', 'rb').read()",
    ],
    "seeing that a file is there": [f"import os; os.stat({str(SECRET)!r})"],
    "the network": [
        "import socket; socket.socket(socket.AF_INET)",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import socket; socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b'x', '/nowhere')",
    ],
    "new processes": [
        "import os\npid = os.fork()\nif not pid: os._exit(0)\nos.waitpid(pid, 0)",
        "import os; os.execv('/bin/true', ['true'])",
    ],
    "signals to": ["import os; os.kill(os.getppid() or 1, 0)", f"{C}ask('ptrace', 0, 0, 0, 0)"],
    "seeing which processes": ["import os; os.stat('/proc/1/status')"],
    "mounts, namespaces": [
        f"{C}ask('unshare', 0x10000000)",
        f"{C}ask('mount', b'x', b'/tmp', b'tmpfs', 0, 0)",
    ],
    "leaving files": [
        f"import os; open('{MARK}', 'w').write('x')",
        f"open({str(SECRET.parent / 'x')!r}, 'w')",
    ],
}
LEFT = f"open('{MARK}').read()"


def results(*codes: str, **options: Any) -> list[ToolResult]:
    async def go() -> list[ToolResult]:
        async with open_sandbox(**LIMITS | options) as sandbox:
            found = []
            for code in codes:
                async with sandbox.session() as session:
                    found.append(await session.call(ToolCall("1", "python", {"code": code})))
                async with sandbox.session() as session:
                    after = await session.call(ToolCall("1", "python", {"code": "result = len('ab')"}))
                    assert after.content["result"] == 2
            async with sandbox.session() as session:
                clock = await session.call(ToolCall("1", "world_time", {"city": "Tokyo"}))
                assert clock.content["time"] == "17:00"
            return found

    return asyncio.run(go())


def told(row: str, level: str) -> bool:
    """Whether the table says that the level stops it."""
    table = [line.split("|")[1:-1] for line in DOCS.splitlines() if line.startswith("| ")]
    (head,) = [cells for cells in table if cells[0].strip().startswith("what a program or a tool may try")]
    (cells,) = [cells for cells in table if cells[0].strip().startswith(row)]
    cell = cells[[name.strip() for name in head].index(f"`{level}`")].strip()
    return not re.match(r"\*\*not stopped\*\*|bounded", cell)


@pytest.mark.parametrize("level", LEVELS)
def test_the_table_says_what_was_found(level):
    found: dict[str, bool] = {}
    try:
        for row, programs in TRIED.items():
            tried = programs[:1] if level == "process" else programs
            ended = results(*(f"{code}\nresult = 1" for code in tried), isolation=level)
            if row == "leaving files":  # each may have its own; the next session must not find them
                ended = [*ended[1:], *results(f"{LEFT}\nresult = 1", isolation=level)]
            found[row] = {result.status for result in ended} == {"tool_error"}
    finally:
        Path(MARK).unlink(missing_ok=True)
    expected = {row: told(row, level) for row in TRIED}
    if level == "process" and os.geteuid() != 0:
        del expected["new processes"], found["new processes"]  # bounded by the user's limit
    assert found == expected


SAY = "import socket\na, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\na.send(b'x')\n"


@pytest.mark.parametrize("level", [level for level in LEVELS if level.values != ("process",)])
def test_nothing_is_said_to_a_socket_of_this_machine(level):
    with (
        tempfile.TemporaryDirectory() as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as open_to_all,
    ):
        os.chmod(folder, 0o755)
        address = f"{folder}/log"
        open_to_all.bind(address)
        os.chmod(address, 0o777)
        open_to_all.setblocking(False)
        paired, said = results(
            SAY + "result = b.recv(1).decode()", f"{SAY}a.sendto(b'x', {address!r})", isolation=level
        )
        assert (paired.content["result"], said.status) == ("x", "tool_error")
        with pytest.raises(BlockingIOError):
            open_to_all.recv(1)


RUNAWAYS = {
    "while True: pass": "cpu_timeout",
    "x = []\nwhile True: x.append(bytes(10**7))": "memory",
    "while True: print('x' * 1000)": "output_limit",
    "import os; os._exit(0)": "no_result",
    "import ctypes; ctypes.string_at(0)": "killed",
}


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_bounds_time_memory_and_output(level):
    found = results(*RUNAWAYS, isolation=level)
    assert [result.status for result in found] == list(RUNAWAYS.values())
    (slept,) = results("import time; time.sleep(99)", isolation=level, wall_seconds=1.0)
    assert slept.status == "wall_timeout" and told("endless loops", level)


SUICIDES = [
    "import os; os.kill(os.getpid(), 9)",
    "import signal; signal.raise_signal(9)",
    "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass",
]


@pytest.mark.parametrize("level", LEVELS)
def test_a_program_that_ends_itself_failed_by_its_own_doing(level):
    found = results(*SUICIDES, isolation=level, cpu_seconds=3)
    assert {result.status for result in found} <= {"tool_error", "killed", "cpu_timeout"}, found


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_is_left_for_the_next_session_at_any_level(level):
    leave = "import builtins, os; builtins.note = os.environ['NOTE'] = 'x'; result = 1"
    look = "import builtins, os; result = [hasattr(builtins, 'note'), 'NOTE' in os.environ]"
    assert results(leave, look, isolation=level)[1].content["result"] == [False, False]
    assert told("leaving something", level)


@pytest.mark.parametrize("level", LEVELS)
def test_whether_a_session_reads_the_files_of_another_is_what_the_table_says(level):
    async def go() -> list[ToolResult]:
        async with (
            open_sandbox(**LIMITS, isolation=level) as sandbox,
            sandbox.session() as one,
            sandbox.session() as other,
        ):
            keep = "import tempfile\nwith tempfile.NamedTemporaryFile('w', delete=False) as f: f.write('x')\n"
            kept = await one.call(ToolCall("1", "python", {"code": f"{keep}result = f.name"}))
            path = kept.content["result"]
            read = {"code": f"result = open({path!r}).read()"}
            found = [await session.call(ToolCall("1", "python", read)) for session in (other, one)]
            remove = {"code": f"import os; result = os.unlink({path!r})"}
            return [*found, await one.call(ToolCall("1", "python", remove))]

    by_other, by_itself, _ = asyncio.run(go())
    assert by_itself.content["result"] == "x"
    assert (by_other.status != "ok") == told("reading another session's files", level)


@pytest.mark.parametrize("level", LEVELS)
def test_a_package_that_only_an_import_hook_finds_runs_at_any_level(level, monkeypatch):
    """As an editable install is found where the current folder is another one."""
    root = SECRET.parents[3]
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if Path(entry).resolve() != root])
    assert results("result = 1", isolation=level)[0].status == "ok"


def test_less_than_full_is_asked_for_by_name_and_told_of(caplog):
    if not probe()["unprivileged"]:
        pytest.skip("not on this machine")
    results("result = 1", isolation="unprivileged")
    assert LESS_STOPPED in caplog.text


def test_landlock_shows_what_is_named_and_nothing_else(tmp_path):
    if not landlock.version():
        pytest.skip("no Landlock on this machine")
    (tmp_path / "shown").mkdir()
    for name in ("shown/a", "shown/rl", "other"):
        (tmp_path / name).write_text("x")
    look = f"""
import json, os
from sandbox.isolation.bubblewrap import installed, readable
from sandbox.isolation.landlock import Ruleset
os.chdir({str(tmp_path)!r})
rules = Ruleset([*installed(), *readable((), ()), {str(tmp_path / "shown")!r}], ["rl"])
rules.restrict()
def tried(*arguments):
    try:
        return bool(open(*arguments))
    except PermissionError:
        return False
print(json.dumps([tried("shown/a"), tried("shown/rl"), tried("other"), tried("shown/a", "a"), tried("/dev/null", "w")]))
"""
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [True, False, False, False, True]


def test_what_may_be_read_of_a_module_is_its_file_alone(tmp_path, monkeypatch):
    (tmp_path / "shop" / "inner").mkdir(parents=True)
    for name in ("__init__.py", "inner/__init__.py", "inner/tools.py", "gold.json"):
        (tmp_path / "shop" / name).touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    shown = {path for path in readable(["shop.inner.tools"], ()) if path.startswith(str(tmp_path))}
    assert shown == {
        str(tmp_path / "shop" / n) for n in ("__init__.py", "inner/__init__.py", "inner/tools.py")
    }
    with pytest.raises(ValueError, match=r"there is no module 'shop\.nowhere'"):
        readable(["shop.nowhere"], ())


@pytest.mark.parametrize(
    ("setgroups", "uids", "may"),
    [
        ("allow", "0 0 4294967295", True),
        ("allow", "0 100000 65536", True),
        ("deny", "0 0 1", False),
        ("allow", "0 0 1", False),
        ("allow", "0 1000 1\n1 100000 65532", False),
    ],
)
def test_root_of_a_namespace_that_has_no_other_user_cannot_leave_root(tmp_path, setgroups, uids, may):
    (tmp_path / "setgroups").write_text(setgroups)
    for name in ("uid_map", "gid_map"):
        (tmp_path / name).write_text(uids)
    assert can_leave_root(str(tmp_path)) is may


def test_whether_others_reach_a_path_is_read_from_the_folders_above_it(tmp_path):
    os.chmod(tmp_path, 0o700)
    (tmp_path / "file").touch()
    assert not others_may_read([str(tmp_path / "file")])
    assert others_may_read(["/usr/lib", "/nonexistent"])


ROOTLESS = """
import asyncio
from sandbox import ToolCall, open_sandbox

async def main():
    async with open_sandbox(workers=1) as sandbox, sandbox.session() as session:
        for code in ("result = 1", "open('/etc/passwd')"):
            print((await session.call(ToolCall("1", "python", {"code": code}))).status)
        print((await session.call(ToolCall("1", "world_time", {"city": "Tokyo"}))).content["time"])

asyncio.run(main())
"""


@pytest.mark.skipif(bool(probe()["missing"]), reason="not isolated here")
def test_root_of_a_user_namespace_is_isolated_in_full():
    done = subprocess.run(
        ["unshare", "-Ur", sys.executable, "-c", ROOTLESS], capture_output=True, text=True, timeout=120
    )
    assert done.stdout.split() == ["ok", "tool_error", "17:00"], done.stderr


def test_a_process_finds_the_sandbox_where_an_import_hook_found_it(monkeypatch):
    home = str(Path(sandbox.__file__).parents[1])
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if os.path.abspath(entry) != home])
    assert home in environment(inside=False)["PYTHONPATH"].split(os.pathsep)
