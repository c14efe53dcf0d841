"""What a session of programs has of the machine: kernel calls, memory, clocks, files; and what it keeps of its output."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.isolation.bubblewrap import probe
from tests.sandbox.opened import Opened, serving

pytestmark = pytest.mark.skipif(bool(probe()["missing"]), reason="not isolated here")
LIMITS: dict[str, Any] = {
    "workers": 1,
    "wall_seconds": 30.0,
    "cpu_seconds": 5,
    "program_mb": 256,
    "output_kb": 64,
    "spares": 2,
}


@pytest.fixture(scope="module")
def opened() -> Iterator[Opened]:
    with serving(**LIMITS) as one:
        yield one


@pytest.fixture(scope="module")
def unprivileged() -> Iterator[Opened]:
    with serving(**LIMITS | {"isolation": "unprivileged"}) as one:
        yield one


def called(*arguments: str) -> str:
    """A program that makes a system call by its number (x86-64)."""
    return f"""
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
room = ctypes.create_string_buffer(256)
if libc.syscall({", ".join(arguments)}) < 0:
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
result = 'it was let through'
"""


LOWERED = "import struct; limit = struct.pack('QQ', 1, 1)\n"
REFUSED = {
    "lowers its CPU time": LOWERED + called("302", "0", "0", "limit", "None"),
    "lowers its memory": LOWERED + called("302", "0", "9", "limit", "None"),
    "lowers its files": LOWERED + called("160", "7", "limit"),
    "another's limits": called("302", "1", "0", "None", "room"),
    "the CPU clock of another": called("228", "(~2 << 3) | 2", "room"),
    "a timer on another's clock": called("283", "(~2 << 3) | 2", "0"),
    "another's cores": called("204", "1", "128", "room"),
    "another's group": called("121", "2"),
    "another's session": called("124", "2"),
    "another's priority": called("140", "0", "2"),
    "another's locks": called("274", "2", "room", "room"),
    "sendmsg": called("46", "3", "room", "0"),
    "recvmsg": called("47", "3", "room", "0"),
    "urgent bytes": "import socket; a, b = socket.socketpair(); a.send(b'x', socket.MSG_OOB)",
    "arch_prctl": called("158", "0x1001", "room"),
    "merges memory": "import mmap; mmap.mmap(-1, 4096, flags=0x22).madvise(12)",
    "pages memory out": "import mmap; mmap.mmap(-1, 4096, flags=0x22).madvise(21)",
    "lends priority": called("202", "room", "6 | 128", "0", "None"),
    "wakes others": called("202", "room", "1", "1"),
    "memory to write and execute": "import mmap; mmap.mmap(-1, 4096, flags=0x22, prot=7)",
    "makes memory executable": called("10", "ctypes.addressof(room) & ~4095", "4096", "5"),
    "memory to share": "import mmap; mmap.mmap(-1, 4096)",
    "executable files": "open('/tmp/x', 'wb').write(bytes(4096))\nimport mmap, os\n"
    "mmap.mmap(os.open('/tmp/x', os.O_RDWR), 4096, flags=2, prot=5)",
    "pidfd": called("434", "1", "0"),
    "steals a descriptor": called("438", "3", "0", "0"),
    "a file without a name": called("319", "b'x'", "0"),
}


@pytest.mark.parametrize("attempt", REFUSED)
@pytest.mark.parametrize("level", ["opened", "unprivileged"])
def test_a_kernel_call_that_reaches_beyond_the_session_is_refused(attempt, level, request):
    result = request.getfixturevalue(level).result(REFUSED[attempt])
    assert result.status == "tool_error", result.content
    assert "Error" in result.content["error"]


def test_a_session_is_alone_in_its_process_namespace_and_has_no_descriptor_of_others(opened):
    look = """
import os, fcntl
fcntl.fcntl(0, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)
held = []
for fd in range(64):
    try:
        held.append((fd, fcntl.fcntl(fd, fcntl.F_GETFL)))
    except OSError:
        pass
result = [os.getpid(), os.getppid(), held]
"""
    flags = "import fcntl; result = fcntl.fcntl(0, fcntl.F_GETFL)"
    (first,), (after,) = opened.results(look), opened.results(flags)
    pid, parent, held = first.content["result"]
    assert (pid, parent) == (1, 0)
    assert [fd for fd, _ in held] == [0, 1, 2, 3]
    assert after.content["result"] & 0o6000 == 0


@pytest.mark.parametrize(
    ("code", "status", "content"),
    [
        ("print('héllo')", "ok", {"result": None, "stdout": "héllo\n"}),
        ("print('a')\nresult = 1", "ok", {"result": 1, "stdout": "a\n"}),
        ("print('so far')\n1 / 0", "tool_error", {"stdout": "so far\n"}),
        ("print('so far')\nraise SystemExit", "no_result", {"stdout": "so far\n"}),
        ("print('so far')\nresult = object()", "tool_error", {"stdout": "so far\n"}),
        ("print('so far')\nx = []\nwhile True: x.append(bytes(10**7))", "memory", {"stdout": "so far\n"}),
        ("print('so far')\nwhile True: pass", "cpu_timeout", {"stdout": "so far\n"}),
        ("print('so far')\nimport os; os._exit(0)", "no_result", {"stdout": "so far\n"}),
        ("print('so far')\nimport ctypes; ctypes.string_at(0)", "killed", {"stdout": "so far\n"}),
        ("print('so far')\nimport os; os.write(3, b'x' * 99)", "protocol_error", {"stdout": "so far\n"}),
        ("print('so far')\nresult = 'x' * 10**6", "output_limit", {"stdout": "so far\n"}),
        (
            "print('so far')\nwhile True: call_tool('world_time', city='Tokyo')",
            "policy_denied",
            {"stdout": "so far\n"},
        ),
        ("x = 1", "no_result", {"error": "the program assigned nothing to `result`"}),
        ("print('\\ud800')", "tool_error", {"stdout": "?\n"}),
    ],
)
def test_what_a_program_printed_is_kept(opened, code, status, content):
    result = opened.result(code)
    assert result.status == status
    assert {key: value for key, value in result.content.items() if key in content} == content
    assert ("stdout" in result.content) == ("stdout" in content)


@pytest.mark.parametrize("text", ["x", "語", "\\0", "\\n", "x" * 1000 + "\\n"])
def test_what_a_flood_printed_is_kept_within_the_limit(opened, text):
    result = opened.result(f"while True: print('{text}', end='')")
    assert result.status == "output_limit" and len(result.content["stdout"]) > 1000
    assert (
        len(json.dumps(result.content["stdout"], ensure_ascii=False).encode()) <= LIMITS["output_kb"] * 1024
    )


NOTES = "import sys\nframe = sys._getframe()\nwhile 'notes' not in frame.f_locals: frame = frame.f_back\n"
NOTES += "memory = frame.f_locals['notes']._memory\n"


@pytest.mark.parametrize(
    "attack",
    [
        "memory[:] = bytes([255]) * len(memory)",
        "memory[:4] = bytes([0, 0, 255, 255]); memory[4:] = b'x' * (len(memory) - 4)",
        "memory.resize(10**9)",
        "memory.close()",
    ],
)
def test_a_program_that_writes_over_what_it_printed_says_no_more_than_may_be(opened, attack):
    ended, after = opened.results(f"{NOTES}{attack}\nimport os; os._exit(0)", "print('a')\n1 / 0")
    assert ended.status in ("no_result", "tool_error")
    assert len(ended.content.get("stdout", "")) <= LIMITS["output_kb"] * 1024
    assert after.status in ("tool_error", "no_result")


def test_a_forged_answer_brings_no_output_of_its_own(opened):
    forged = opened.result(
        "import json, os, struct, sys, time\n"
        "frame = sys._getframe()\n"
        "while 'request' not in frame.f_locals: frame = frame.f_back\n"
        "answer = {'id': frame.f_locals['request']['id'], 'status': 'tool_error', 'seconds': 0.1,\n"
        "          'content': {'error': 'x', 'stdout': 'y' * 150_000}}\n"
        "body = json.dumps(answer).encode()\n"
        "os.write(3, struct.pack('>II', len(body), 0) + body)\n"
        "time.sleep(9)"
    )
    assert (forged.status, forged.content) == ("tool_error", {"error": "x"})


def test_what_was_printed_before_an_error_stays_within_the_limit(opened):
    result = opened.result("print('\\0' * 60_000)\n1 / 0")
    assert result.status == "tool_error" and set(result.content["stdout"]) == {"\0"}


def test_libraries_that_set_memory_aside_load_and_what_is_used_is_bounded(opened):
    loaded = opened.result("import numpy\nresult = int(numpy.arange(10).sum())")
    assert loaded.content["result"] == 45
    reserved = opened.result(
        "import mmap\nm = mmap.mmap(-1, 600 * 2**20, flags=0x22, prot=1)\nresult = len(m)"
    )
    assert reserved.status == "ok", reserved.content
    used = opened.result(
        "import mmap, time\nm = mmap.mmap(-1, 400 * 2**20, flags=0x22)\n"
        "for i in range(0, len(m), 4096): m[i] = 1\ntime.sleep(9)\nresult = 1"
    )
    assert used.status == "memory" and "256 MB" in used.content["error"]


def test_sqlite_keeps_its_files_in_tmp(opened):
    code = """
import sqlite3
for mode in ("delete", "memory", "truncate"):
    with sqlite3.connect(f"/tmp/{mode}.db") as one, sqlite3.connect(f"/tmp/{mode}.db") as other:
        one.execute(f"PRAGMA journal_mode={mode}")
        one.execute("CREATE TABLE t (a)")
        one.executemany("INSERT INTO t VALUES (?)", [(i,) for i in range(1000)])
        one.commit()
        found = other.execute("SELECT sum(a) FROM t").fetchone()
result = found
"""
    result = opened.result(code)
    assert result.content == {"result": [499500], "stdout": ""}


CLOCKS = """
import datetime, email.utils, logging, time
result = [
    time.ctime(), time.asctime(), time.ctime(None), time.strftime("%F"), time.gmtime()[:6],
    time.clock_gettime(time.CLOCK_REALTIME), time.clock_gettime(time.CLOCK_TAI), time.clock_gettime_ns(time.CLOCK_TAI),
    time.clock_gettime(5), datetime.datetime.now(datetime.UTC).isoformat(), email.utils.formatdate(),
    logging.makeLogRecord({}).created,
]
"""


def test_all_clocks_of_the_day_stand_still(opened):
    ctime, asctime, none, day, moment, real, tai, tai_ns, coarse, now, mail, logged = opened.result(
        CLOCKS
    ).content["result"]
    assert ctime == asctime == none == "Mon Mar  2 08:00:00 2026"
    assert (day, moment) == ("2026-03-02", [2026, 3, 2, 8, 0, 0])
    assert real == tai == coarse == logged == 1772438400.0 and tai_ns == 1772438400 * 10**9
    assert now == "2026-03-02T08:00:00+00:00" and mail.startswith("Mon, 02 Mar 2026 08:00:00")


def test_the_clock_stands_for_compiled_libraries_too(opened):
    code = """
import numpy, sqlite3
asked = sqlite3.connect(':memory:').execute("SELECT datetime('now'), current_timestamp").fetchone()
result = [str(numpy.datetime64('now')), str(numpy.datetime64('today')), str(numpy.array(['now'], 'M8[s]')[0]), *asked]
"""
    now = "2026-03-02T08:00:00"
    result = opened.result(code)
    assert result.content["result"] == [now, "2026-03-02", now, "2026-03-02 08:00:00", "2026-03-02 08:00:00"]


def test_two_machines_lay_out_memory_alike():
    """Two servers stand for them: without randomization an address is the same in both."""
    code = "import ctypes\nresult = [ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p).value, id(None), id(len)]"
    with serving(**LIMITS) as one, serving(**LIMITS) as other:
        assert one.result(code).content["result"] == other.result(code).content["result"]


def test_a_session_pays_for_no_module_that_it_does_not_use(opened):
    """Each page that a fork server has is copied or looked through for each session, and `threading` has much to do."""
    heavy = ["bz2", "lzma", "pathlib", "shutil", "subprocess", "tempfile", "threading"]
    code = f"import sys\nresult = [name for name in {heavy} if name in sys.modules]"
    assert opened.result(code).content == {"result": [], "stdout": ""}
