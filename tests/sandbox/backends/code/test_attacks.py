"""What programs tried that were written to get round the sandbox, at the levels that lock: each ends as its own doing,
and the next session is right."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import ToolCall
from sandbox.isolation.bubblewrap import probe
from sandbox.isolation.landlock import LEAST_VERSION, version
from tests.sandbox.opened import Opened, serving

LIMITS: dict[str, Any] = {
    "workers": 1,
    "wall_seconds": 15.0,
    "cpu_seconds": 1,
    "disk_mb": 4,
    "output_kb": 64,
    "spares": 2,
}
HOLDS = {"full": not probe()["missing"], "unprivileged": probe()["unprivileged"]}
LEVELS = [
    pytest.param(level, marks=pytest.mark.skipif(not holds, reason="not on this machine"))
    for level, holds in HOLDS.items()
]


@pytest.fixture(scope="module", params=LEVELS)
def opened(request: pytest.FixtureRequest) -> Iterator[Opened]:
    with serving(**LIMITS | {"isolation": request.param}) as one:
        yield one


C = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
C += "def ask(*a):\n  if libc.syscall(*a) < 0: raise OSError(ctypes.get_errno(), 'refused')\n"
ID = "import json, os, struct, sys\nf = sys._getframe()\nwhile 'request' not in f.f_locals: f = f.f_back\n"
ID += "name = f.f_locals['request']['id']\n"
ID += "def say(d, state=b''):\n  b = d if isinstance(d, bytes) else json.dumps(d).encode()\n"
ID += "  os.write(3, struct.pack('>II', len(b), len(state)) + b + state)\n"
OK = "{'id': name, 'status': 'ok', 'content': {'result': 1, 'stdout': ''}, 'seconds': 0.1}"
OURS = {"tool_error", "no_result", "killed", "protocol_error", "output_limit", "memory", "cpu_timeout"}
OURS |= {"wall_timeout", "policy_denied"}

# The program, and how it may end; none ends as a failure of ours.
ENDS: dict[str, tuple[str, set[str]]] = {
    "leaves by a signal handler": (
        "import os, signal\nsignal.signal(signal.SIGALRM, lambda *_: os._exit(0))\nsignal.setitimer(0, .05)\nwhile True: pass",
        {"no_result"},
    ),
    "is killed by a timer that it does not catch": (
        "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_DFL)\nsignal.setitimer(0, .05)\nwhile True: pass",
        {"killed", "cpu_timeout"},
    ),
    "has a profiling timer": (
        "import signal\nsignal.signal(27, signal.SIG_DFL)\nsignal.setitimer(2, .05)\nwhile True: pass",
        {"killed", "cpu_timeout"},
    ),
    "blocks every signal and runs for ever": (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
        {"cpu_timeout"},
    ),
    "runs for ever in threads": (
        "import threading\nfor _ in range(8): threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()\n"
        "while True: pass",
        {"cpu_timeout", "memory"},
    ),
    "runs for ever as its module ends": (
        "class E:\n  def __del__(self):\n    while True: pass\ne = E()\ndel e\nresult = 1",
        {"cpu_timeout"},
    ),
    "runs for ever at each collection": (
        "import gc\ndef forever(*_):\n  while True: pass\ngc.callbacks.append(forever)\ngc.collect()\nresult = 1",
        {"cpu_timeout"},
    ),
    "traces what the sandbox runs after it": (
        "import sys\ndef trace(*_):\n  while True: pass\nsys.setprofile(trace)\nresult = 1",
        {"cpu_timeout"},
    ),
    "ends in what the sandbox calls after it": (
        "import os, sys\nsys.setprofile(lambda *_: os._exit(0))\nresult = 1",
        {"no_result"},
    ),
    "floods the process's own output": (
        "import os\ntry:\n  while True: os.write(1, b'x' * 10**6)\nexcept BaseException: pass\nresult = 1",
        {"cpu_timeout", "ok"},
    ),
    "more threads than there may be": (
        "import threading, time\nfor _ in range(10**4): threading.Thread(target=time.sleep, args=(9,)).start()\nresult = 1",
        {"tool_error", "memory"},
    ),
    "more pipes than there may be": ("import os\nkept = [os.pipe() for _ in range(10**4)]\nresult = 1", {"tool_error"}),
    "an integer that takes for ever": ("result = 3 ** 10**9", {"cpu_timeout", "memory"}),
    "an integer out of range": ("result = 2 ** 70000", {"tool_error"}),
    "a sort that lies": ("import functools\nclass L:\n  def __lt__(s, o): return True\nwhile True: sorted([L()] * 1000)", {"cpu_timeout"}),
    "a string that grows": ("x = 'x'\nwhile True: x += x", {"memory"}),
    "memory in many small pieces": ("x = []\nwhile True: x.append([object() for _ in range(1000)])", {"memory", "cpu_timeout"}),
    "memory of the kernel, in pipes": (
        "import os\nkept = []\ntry:\n  while True:\n    r, w = os.pipe(); os.set_blocking(w, False); kept.append(w)\n"
        "    while True:\n      try: os.write(w, bytes(65536))\n      except BlockingIOError: break\nexcept OSError as e: raise",
        {"tool_error"},
    ),
    "deep recursion": ("def f(): f()\nf()", {"tool_error"}),
    "deep recursion without a limit": (
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(*a): return sorted([1], key=f)\nf()",
        {"killed", "memory", "tool_error"},
    ),
    "a deep expression": ("result = eval('(' * 10**5 + ')' * 10**5)", {"tool_error", "memory"}),
    "a program that nobody can compile": ("exec('x=' + '-' * 10**6 + '1')", {"tool_error", "memory", "killed", "cpu_timeout"}),
    "a null byte in its text": ("exec('x\\0y')", {"tool_error"}),
    "a generator": ("result = (i for i in range(9))", {"tool_error"}),
    "bytes": ("result = b'abc'", {"tool_error"}),
    "a set": ("result = {1, 2}", {"tool_error"}),
    "a complex number": ("result = 1j", {"tool_error"}),
    "keys that are no texts": ("result = {(1, 2): 3}", {"tool_error"}),
    "a list that never ends": (
        "class L(list):\n  def __iter__(self):\n    while True: yield 1\n  def __len__(self): return 1\nresult = L([1])",
        {"ok", "cpu_timeout", "memory"},
    ),
    "an object whose items never end": (
        "class D(dict):\n  def items(self):\n    while True: yield 'k', 1\nresult = D(a=1)",
        {"ok", "cpu_timeout", "memory"},
    ),
    "minus infinity within": ("result = {'a': [-float('inf')]}", {"tool_error"}),
    "half a pair as a key": ("result = {'\\udfff': 1}", {"tool_error"}),
    "an error that never ends": (
        "class E(Exception):\n  def __str__(self):\n    while True: pass\nraise E",
        {"cpu_timeout"},
    ),
    "an error with a cause that is itself": ("e = ValueError('x'); e.__cause__ = e; raise e", {"tool_error"}),
    "a group of errors, nested": (
        "e = ValueError(1)\nfor _ in range(2000): e = ExceptionGroup('x', [e])\nraise e",
        {"tool_error"},
    ),
    "an error of a million letters": ("raise ValueError('x' * 10**6)", {"tool_error"}),
    "no builtins": ("import builtins\nfor n in list(vars(builtins)): delattr(builtins, n)\nresult = 1", OURS | {"ok"}),
    "no json": (
        "import sys\nfor n in list(sys.modules):\n  if n.startswith(('json', 'sandbox')): del sys.modules[n]\nresult = 1",
        OURS | {"ok"},
    ),
    "its own encoder": (
        "import sys\nm = sys.modules['sandbox.host.framing']\nm._encoder.encode = lambda v: '{}'\nresult = 1",
        OURS,
    ),
    "its own frames": (
        "import sys\nm = sys.modules['sandbox.guest.program']\nm.frame = lambda *a: b'\\0' * 8\nresult = 1",
        OURS | {"ok"},
    ),
    "an answer twice": (ID + f"say({OK}); say({OK})\nresult = 2", {"ok", "protocol_error"}),
    "an answer to another request": (ID + "name = 'x'\nsay(" + OK + ")\nresult = 2", {"protocol_error"}),
    "an answer with no id": (ID + "say({'status': 'ok'})\nresult = 2", {"protocol_error"}),
    "a status that there is not": (ID + "say({'id': name, 'status': 'great', 'content': 1})", {"protocol_error"}),
    "a status that is a list": (ID + "say({'id': name, 'status': ['ok'], 'content': 1})", {"protocol_error"}),
    "an answer that is a number": (ID + "say(b'1')", {"protocol_error"}),
    "an answer that says its key twice": (
        ID + "say(b'{\"id\": \"' + name.encode() + b'\", \"id\": 1, \"status\": \"ok\"}')",
        {"protocol_error"},
    ),
    "an answer in another encoding": (ID + "say('{}'.encode('utf-16'))", {"protocol_error"}),
    "an answer with infinity": (ID + "say(b'{\"id\": 1e999}')", {"protocol_error"}),
    "an answer with a huge integer": (ID + "say(b'{\"id\": ' + b'9' * 60000 + b'}')", {"protocol_error"}),
    "an answer with a state": (ID + f"say({OK}, b'{{}}')\nresult = 2", {"protocol_error"}),
    "a call that is no object": (ID + "say({'call': 1})\nimport time; time.sleep(99)", {"wall_timeout"}),
    "a call of a call": (
        ID + "say({'call': {'name': {'name': 'x'}, 'arguments': []}})\nimport time; time.sleep(99)",
        {"wall_timeout"},
    ),
    "a call of itself": ("call_tool('python', code='result = 1')", {"tool_error"}),
    "a call by a name that is a path": ("call_tool('../world_time')", {"tool_error"}),
    "a call with half a pair": ("call_tool('world_time', city='\\ud800')", {"tool_error"}),
    "a call with NaN": ("call_tool('convert_currency', amount=float('nan'), source='EUR', target='JPY')", {"tool_error"}),
    "a call of 60 KB, two hundred times": (
        "for _ in range(300):\n  try: call_tool('world_time', city='x' * 60_000)\n  except Exception: pass",
        {"policy_denied"},
    ),
    "a call of 100 KB": ("call_tool('world_time', city='x' * 100_000)", {"tool_error"}),
    "half a call, then silence": ("import os; os.write(3, b'\\0')\nwhile True: pass", {"cpu_timeout"}),
    "hangs up": ("import os, time; os.close(3); time.sleep(99)", {"no_result"}),
    "hangs up and goes on": ("import socket\nsocket.socket(fileno=3).shutdown(2)\nwhile True: pass", {"no_result", "cpu_timeout"}),
    "another channel in its place": (
        "import os, socket\na, b = socket.socketpair(); os.dup2(a.fileno(), 3); result = 1",
        {"no_result"},
    ),
    "reads what the host will say": ("import os\nos.set_blocking(3, False)\nos.read(3, 1)", {"tool_error"}),
    "fork by its number": (C + "ask(57)", {"tool_error"}),
    "vfork by its number": (C + "ask(58)", {"tool_error"}),
    "clone with new namespaces": (C + "ask(56, 0x10000000 | 17, 0, 0, 0, 0)", {"tool_error"}),
    "clone3": (C + "b = ctypes.create_string_buffer(88)\nask(435, b, 88)", {"tool_error"}),
    "a thread in a new namespace": (C + "ask(56, 0x10000 | 0x10000000, 0, 0, 0, 0)", {"tool_error"}),
    "execveat": (C + "ask(322, -100, b'/bin/true', 0, 0, 0)", {"tool_error"}),
    "a thread's signal": (C + "ask(234, os.getpid(), 1, 9)", {"tool_error"}),
    "a queued signal": (C + "ask(129, os.getpid(), 9, ctypes.create_string_buffer(128))", {"tool_error"}),
    "pidfd_send_signal": (C + "ask(424, 3, 9, 0, 0)", {"tool_error"}),
    "waits for a child": (C + "ask(61, -1, 0, 1, 0)", {"tool_error"}),
    "waitid": (C + "ask(247, 0, 0, 0, 1 | 4, 0)", {"tool_error"}),
    "a new Landlock ruleset": (C + "ask(444, 0, 0, 1)", {"tool_error"}),
    "a filter of its own": (C + "ask(317, 1, 0, 0)", {"tool_error"}),
    "dumpable again": (C + "ask(157, 4, 1, 0, 0, 0)", {"tool_error"}),
    "survives its parent": (C + "ask(157, 1, 0, 0, 0, 0)", {"tool_error"}),
    "a subreaper": (C + "ask(157, 36, 1, 0, 0, 0)", {"tool_error"}),
    "capabilities": (C + "ask(126, ctypes.create_string_buffer(24), ctypes.create_string_buffer(24))", {"tool_error"}),
    "another user": ("import os; os.setuid(0)", {"tool_error"}),
    "another root": ("import os; os.chroot('/tmp')", {"tool_error"}),
    "another mode": ("import os, tempfile; os.chmod(tempfile.gettempdir(), 0o777)", {"tool_error"}),
    "another owner": ("import os, tempfile; os.chown(tempfile.gettempdir(), 0, 0)", {"tool_error"}),
    "a device": ("import os, tempfile; os.mknod(tempfile.gettempdir() + '/x', 0o20666, 0x103)", {"tool_error"}),
    "a named pipe": ("import os, tempfile; os.mkfifo(tempfile.gettempdir() + '/x')", {"tool_error"}),
    "an attribute of a file": ("import os, tempfile; os.setxattr(tempfile.gettempdir(), 'user.x', b'1')", {"tool_error"}),
    "watches files": (C + "ask(294, 0)", {"tool_error"}),
    "the whole file system's events": (C + "ask(300, 0, 0)", {"tool_error"}),
    "a path by its handle": (C + "ask(304, 3, ctypes.create_string_buffer(64), 0)", {"tool_error"}),
    "the kernel's log": (C + "ask(103, 3, ctypes.create_string_buffer(64), 64)", {"tool_error"}),
    "the kernel's keys": (C + "ask(248, b'user', b'x', b'y', 1, -3)", {"tool_error"}),
    "memory of others, by their number": (C + "ask(311, os.getppid() or 2, 0, 0, 0, 0, 0)", {"tool_error"}),
    "shared memory of System V": (C + "ask(29, 1, 4096, 0o1666)", {"tool_error"}),
    "a message queue": (C + "ask(68, 1, 0o1666)", {"tool_error"}),
    "a POSIX queue": (C + "ask(240, b'x', 0o102, 0o666, 0)", {"tool_error"}),
    "the machine's name": (C + "ask(170, b'x', 1)", {"tool_error"}),
    "the machine's clock": ("import time; time.clock_settime(0, 1)", {"tool_error"}),
    "swaps": (C + "ask(167, b'/tmp/x', 0)", {"tool_error"}),
    "restarts": (C + "ask(169, 0xfee1dead, 672274793, 0x1234567, 0)", {"tool_error"}),
    "locks memory": (C + "ask(149, ctypes.create_string_buffer(99), 99)", {"tool_error"}),
    "a real-time priority": ("import os; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))", {"tool_error"}),
    "other cores": ("import os; os.sched_setaffinity(0, {0})", {"tool_error"}),
    "less nice": ("import os; os.setpriority(0, 0, -20)", {"tool_error"}),
    "a session of its own": ("import os; os.setsid()", {"tool_error"}),
    "types into the terminal": ("import fcntl; fcntl.ioctl(0, 0x5412, b'x')", {"tool_error"}),
    "signals at its input": ("import fcntl, os; fcntl.fcntl(3, fcntl.F_SETOWN, os.getpid())", {"tool_error"}),
    "a larger pipe": ("import fcntl, os; fcntl.fcntl(os.pipe()[1], 1031, 2**20)", {"tool_error"}),
    "a lease on a file": ("import fcntl, tempfile; fcntl.fcntl(tempfile.TemporaryFile(), 1024, 0)", {"tool_error"}),
    "raw sockets": ("import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)", {"tool_error"}),
    "the kernel's netlink": ("import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", {"tool_error"}),
    "the kernel's ciphers": ("import socket; socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)", {"tool_error"}),
    "a pair for the Internet": ("import socket; socket.socketpair(socket.AF_INET)", {"tool_error"}),
    "listens on its channel": ("import os, socket; socket.socket(fileno=os.dup(3)).listen()", {"tool_error"}),
    "descriptors over a socket": ("import socket\na, b = socket.socketpair()\nsocket.send_fds(a, [b'x'], [0])", {"tool_error"}),
    "code from a file that it wrote": (
        "import ctypes, tempfile, os\np = tempfile.mkdtemp() + '/x.so'\nopen(p, 'wb').write(b'\\x7fELF' + bytes(999))\n"
        "ctypes.CDLL(p)",
        {"tool_error"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ENDS)
def test_an_attack_ends_as_its_own_doing_and_the_next_session_is_right(opened, attack):
    code, statuses = ENDS[attack]
    (result,) = opened.results(code)
    assert result.status in statuses, result
    if result.status != "ok":
        assert set(result.content) <= {"error", "stdout"} and len(result.content["error"]) <= 300


def test_what_a_session_keeps_in_its_folder_no_other_reads(opened):
    keep = "import os, tempfile\np = tempfile.gettempdir() + '/note'\nopen(p, 'w').write('mine')\nresult = p"

    async def go() -> list[Any]:
        async with opened.sandbox.session() as one, opened.sandbox.session() as other:
            kept = await one.call(ToolCall("1", "python", {"code": keep}))
            found = []
            for code in (
                f"result = open({kept.content['result']!r}).read()",
                f"import os\nopen({kept.content['result']!r}, 'a').write('x')\nresult = os.stat({kept.content['result']!r}).st_size",
                "import os, tempfile\nresult = os.listdir(tempfile.gettempdir())",
            ):
                found.append(await other.call(ToolCall("1", "python", {"code": code})))
            again = await one.call(
                ToolCall("1", "python", {"code": "import os; result = [open(p).read(), os.listdir(p[:-5])]"})
            )
            assert again.content["result"] == ["mine", ["note"]]
            return found

    read, written, listed = opened.runner.run(go())
    assert read.status == "tool_error"
    # At level `full` the path is the same, and the file another one, the session's own.
    assert written.status == "tool_error" or written.content["result"] == 1
    assert set(listed.content["result"]) <= {"note"}


FILES = {
    "too large": "for i in range(9): open(f'{t}/{i}', 'wb').write(bytes(10**6))",
    "too many": "for i in range(5000): open(f'{t}/{i}', 'w')",
    "too deep": "os.chdir(t)\nfor _ in range(10**5): os.mkdir('d'); os.chdir('d')",
}


@pytest.mark.parametrize("how", FILES)
def test_a_session_that_keeps_too_much_is_stopped_and_nothing_of_it_stays(opened, how):
    (result,) = opened.results(
        f"import os, tempfile, time\nt = tempfile.gettempdir()\n{FILES[how]}\ntime.sleep(2)\nresult = 1"
    )
    assert result.status in ("tool_error", "output_limit"), result


@pytest.mark.skipif(version() < LEAST_VERSION, reason="no Landlock on this machine")
@pytest.mark.parametrize("how", ["import os; os.mkdir(t + '/shut', 0)", "open(t + '/a', 'w').write('x')"])
def test_the_folders_of_sessions_are_removed_with_the_sandbox(how, tmp_path, monkeypatch):
    os.chmod(tmp_path, 0o777)
    for parent in tmp_path.parents[:2]:
        os.chmod(parent, 0o755)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with serving(**LIMITS | {"isolation": "unprivileged"}) as one:
        one.results(f"import tempfile\nt = tempfile.gettempdir()\n{how}\nresult = 1")
        assert list(Path(tmp_path).iterdir())
    assert not list(Path(tmp_path).iterdir())
