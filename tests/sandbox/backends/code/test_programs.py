"""Programs that a model wrote, in a real sandbox: what they can do, and what they cannot."""

import asyncio
import base64
import contextlib
import gc
import os
import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyseccomp
import pytest
import uvloop

from sandbox import Sandbox, Session, ToolCall, open_sandbox
from sandbox.isolation.bubblewrap import probe
from tests.sandbox.opened import Opened, ask, serving

pytestmark = pytest.mark.skipif(
    bool(probe()["missing"]), reason=f"not isolated here: {probe()['how_to_get']}"
)
LIMITS: dict[str, Any] = {
    "workers": 1,
    "wall_seconds": 30.0,
    "cpu_seconds": 1,
    "program_mb": 256,
    "disk_mb": 4,
    "output_kb": 64,
}


@pytest.fixture(scope="module")
def opened() -> Iterator[Opened]:
    with serving(**LIMITS) as one:
        yield one


@pytest.fixture(scope="module")
def impatient() -> Iterator[Opened]:
    with serving(**LIMITS | {"wall_seconds": 1.0}) as one:
        yield one


def test_a_program_s_result_and_what_it_printed_come_back(opened):
    result = opened.result("print('مرحبا', 3)\nresult = {'名前': [1, 2.5, None, True], 'é': 'ok'}")
    assert result.status == "ok"
    assert result.content == {"result": {"名前": [1, 2.5, None, True], "é": "ok"}, "stdout": "مرحبا 3\n"}
    assert result.seconds > 0


def test_names_stay_within_a_session_and_a_result_does_not(opened):
    first, second, third = opened.results("x = 20\nresult = x", "result = x + 1", "y = x")
    assert (first.content["result"], second.content["result"]) == (20, 21)
    assert (third.status, third.content) == (
        "no_result",
        {"error": "the program assigned nothing to `result`"},
    )


def test_a_wrong_program_is_told_what_is_wrong_and_in_which_line(opened):
    divided, misspelt = opened.results("x = 1\nresult = x / 0", "result = (")
    assert divided.content == {"error": "ZeroDivisionError: division by zero (line 2)"}
    assert misspelt.status == "tool_error" and "SyntaxError" in misspelt.content["error"]


EVERYTHING_RANDOM = """
import datetime, os, random, secrets, tempfile, time, uuid
result = [
    time.time(), datetime.datetime.now().isoformat(), datetime.date.today().isoformat(), time.strftime("%c %Z"),
    random.random(), os.urandom(8).hex(), secrets.token_hex(8), str(uuid.uuid4()), str(uuid.uuid1()),
    random.SystemRandom().random(), random.Random().random(), random.seed(), random.random(), os.getrandom(4).hex(),
    tempfile.mkdtemp(), list({"a", "b", "c", "d", "e"}), hash("word"), sorted(os.environ),
]
"""


def test_a_session_s_bytes_hang_on_its_seed_alone():
    async def answers(seed: int) -> list[Any]:
        async with open_sandbox(**LIMITS) as sandbox:
            found = []
            for _ in range(2):
                async with sandbox.session(seed=seed) as session:
                    found.append((await ask(session, EVERYTHING_RANDOM)).content["result"])
            assert found[0] == found[1]
            return found[0]

    one, same, other = (asyncio.run(answers(seed)) for seed in (1, 1, 2))
    assert one == same
    assert (
        one[:4]
        == other[:4]
        == [1772438400.0, "2026-03-02T08:00:00", "2026-03-02", "Mon Mar  2 08:00:00 2026 UTC"]
    )
    assert all(a != b for a, b in zip(one[4:11], other[4:11], strict=True))


def test_a_program_reaches_stateful_tools_through_the_host_alone(opened):
    async def go() -> None:
        async with opened.sandbox.session(tools=["python", "set_alarm", "show_alarms"]) as session:
            set_two = await ask(
                session,
                "for hour in (6, 7):\n    call_tool('set_alarm', datetime=f'{hour:02}:30')\n"
                "result = call_tool('show_alarms')",
            )
            assert [alarm["datetime"] for alarm in set_two.content["result"]["alarms"]] == ["06:30", "07:30"]
            assert [alarm["datetime"] for alarm in session.state()["alarms"]] == ["06:30", "07:30"]
            for code, said in (
                ("call_tool('set_alarm')", "missing argument 'datetime'"),
                ("call_tool('world_time', city='Tokyo')", "there is no tool 'world_time'"),
                ("call_tool('python', code='1')", "a program cannot call 'python'"),
                ("call_tool(['x'])", "the call names no tool"),
            ):
                refused = await ask(session, code)
                assert refused.status == "tool_error" and said in refused.content["error"]

    opened.runner.run(go())


def refused(call: str) -> str:
    """A program that makes a system call by its number (x86-64) and raises what it says."""
    return f"""
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall({call}) < 0:
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
result = 'it was let through'
"""


TEXT = "'x' * 1000"
ATTACKS = {
    "fork bomb": ("import os\nwhile True: os.fork()", "tool_error"),
    "subprocess": ("import subprocess; subprocess.run(['/bin/true'])", "tool_error"),
    "system": ("import os\nif os.system('true'): raise OSError\nresult = 1", "tool_error"),
    "execve by ctypes": (refused('59, b"/usr/bin/true", None, None'), "tool_error"),
    "execveat": (refused('322, -100, b"/usr/bin/true", None, None, 0'), "tool_error"),
    "clone3": (refused("435, None, 0"), "tool_error"),
    "vfork": (refused("58"), "tool_error"),
    "endless loop": ("while True: pass", "cpu_timeout"),
    "endless loop that catches all": (
        "while True:\n  try:\n    while True: pass\n  except: pass",
        "cpu_timeout",
    ),
    "ignores SIGXCPU": (
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
        "cpu_timeout",
    ),
    "regex blow-up": ("import re; re.match('(a+)+$', 'a' * 40 + 'b')", "cpu_timeout"),
    "huge int to str": ("result = str(10 ** 5000)", "tool_error"),
    "huger int to str": (
        "import sys; sys.set_int_max_str_digits(0); result = str(7 ** 10**7)",
        "cpu_timeout",
    ),
    "stdout flood": ("while True: print('x' * 100)", "output_limit"),
    "stdout flood that catches all": (
        f"try:\n  while True: print({TEXT})\nexcept BaseException: pass\nresult = 1",
        "output_limit",
    ),
    "sleeps for ever": ("import time; time.sleep(10**6)", "wall_timeout"),
    "sleeps for ever in C": ("import select; select.select([], [], [])", "wall_timeout"),
    "ignores SIGTERM": (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(10**6)",
        "wall_timeout",
    ),
    "reads standard input": ("result = input()", "tool_error"),
    "memory bomb": ("x = []\nwhile True: x.append(bytearray(10**6))", "memory"),
    "10 GB bytearray": ("result = len(bytearray(10**10))", "memory"),
    "50 MB result": ("result = 'x' * 50_000_000", "output_limit"),
    "nested deep": ("x = []\nfor _ in range(100_000): x = [x]\nresult = x", "tool_error"),
    "cyclic": ("x = []; x.append(x); result = x", "tool_error"),
    "NaN": ("result = float('nan')", "tool_error"),
    "infinity": ("result = 1e999", "tool_error"),
    "giant int": ("result = 10 ** 5000", "tool_error"),
    "not JSON": ("result = object()", "tool_error"),
    "connects to loopback": ("import socket; socket.create_connection(('127.0.0.1', 22), 1)", "tool_error"),
    "connects to the cloud": (
        "import socket; socket.create_connection(('169.254.169.254', 80), 1)",
        "tool_error",
    ),
    "asks DNS": ("import socket; result = socket.gethostbyname('example.org')", "tool_error"),
    "vsock": ("import socket; socket.socket(40, socket.SOCK_STREAM)", "tool_error"),
    "abstract socket": ("import socket; socket.socket(socket.AF_UNIX).bind(b'\\0x')", "tool_error"),
    "reads passwd": ("result = open('/etc/passwd').read()", "tool_error"),
    "reads shadow": ("result = open('/etc/shadow').read()", "tool_error"),
    "reads the first process's environment": (
        "result = open('/proc/1/environ', 'rb').read().hex()",
        "tool_error",
    ),
    "reads its own memory": ("open('/proc/self/mem', 'rb+')", "tool_error"),
    "reads the project": (f"result = open({str(Path(__file__).resolve())!r}).read()", "tool_error"),
    "reads the sandbox": ("result = open('/app/sandbox/pool.py').read()", "tool_error"),
    "imports the rewards": ("import rewards", "tool_error"),
    "kills its parent": ("import os; os.kill(os.getppid(), 9)", "tool_error"),
    "kills all": ("import os; os.kill(-1, 9)", "tool_error"),
    "traces its parent": (refused("101, 16, __import__('os').getppid(), None, None"), "tool_error"),
    "reads its parent's memory": (
        refused("310, __import__('os').getppid(), None, 0, None, 0, 0"),
        "tool_error",
    ),
    "daemonizes": ("import os\nif os.fork() == 0:\n  os.setsid()\n  while True: pass", "tool_error"),
    "fills the disk": (f"f = open('/tmp/x', 'w')\nfor _ in range(10**6): f.write({TEXT})", "tool_error"),
    "fills the disk by many files": (
        f"for i in range(10**6): open(f'/dev/shm/{{i}}', 'w').write({TEXT} * 100)",
        "tool_error",
    ),
    "fills the inodes": ("for i in range(10**5): open(f'/tmp/{i}', 'w')", "tool_error"),
    "writes to the root": ("open('/x', 'w')", "tool_error"),
    "writes to the devices": ("open('/dev/x', 'w')", "tool_error"),
    "writes to what is installed": ("open('/packages/0/x.py', 'w')", "tool_error"),
    "symlink": ("import os; os.symlink('/etc', '/tmp/x')", "tool_error"),
    "hard link": ("import os; open('/tmp/a', 'w'); os.link('/tmp/a', '/tmp/b')", "tool_error"),
    "core pattern": ("open('/proc/sys/kernel/core_pattern', 'w').write('|/bin/sh')", "tool_error"),
    "io_uring": (refused("425, 8, None"), "tool_error"),
    "bpf": (refused("321, 0, None, 0"), "tool_error"),
    "keyctl": (refused("250, 0, 0, 0, 0, 0"), "tool_error"),
    "mount": (refused('165, b"x", b"/tmp", b"tmpfs", 0, None'), "tool_error"),
    "unshare": (refused("272, 0x10000000"), "tool_error"),
    "setns": (refused("308, 3, 0"), "tool_error"),
    "userfaultfd": (refused("323, 0"), "tool_error"),
    "perf": (refused("298, None, 0, -1, -1, 0"), "tool_error"),
    "personality": (refused("135, 0x0040000"), "tool_error"),
    "more CPU time": ("import resource; resource.setrlimit(resource.RLIMIT_CPU, (99, 99))", "tool_error"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "killed"),
    "abort": ("import os; os.abort()", "killed"),
    "stack overflow": (
        "import ctypes\nf = ctypes.CFUNCTYPE(None)(lambda: f())\nimport sys; sys.setrecursionlimit(10**9)\nf()",
        "killed",
    ),
    "leaves": ("import os; os._exit(0)", "no_result"),
    "exits": ("import sys; sys.exit(0)", "no_result"),
    "interrupts": ("raise KeyboardInterrupt", "tool_error"),
    "hostile error": (
        "class E(BaseException):\n  def __str__(self): raise SystemExit\n  __repr__ = __str__\nraise E",
        "tool_error",
    ),
    "closes every file": ("import os; os.closerange(0, 99); result = 1", "no_result"),
    "forged frame": (
        'import os, struct\nbody = b\'{"id": 1, "status": "ok", "content": {"reward": 1.0}}\'\n'
        "os.write(3, struct.pack('>II', len(body), 0) + body)\nresult = 1",
        "protocol_error",
    ),
    "half a frame": ("import os; os.write(3, b'\\0\\0\\xff\\xff\\0\\0\\0\\0{'); result = 1", "wall_timeout"),
    "oversized frame": ("import os; os.write(3, b'\\xff' * 99); result = 1", "protocol_error"),
    "forges the session's state": (
        "import os, json, struct, sys\nframe = sys._getframe()\n"
        "while 'request' not in frame.f_locals: frame = frame.f_back\n"
        "answer = {'id': frame.f_locals['request']['id'], 'status': 'ok', 'content': {'result': 1, 'stdout': ''}}\n"
        "state = json.dumps({'alarms': [{'forged': 1}]}).encode(); body = json.dumps(answer).encode()\n"
        "os.write(3, struct.pack('>II', len(body), len(state)) + body + state)",
        "protocol_error",
    ),
    "forges a large result": (
        "import os, json, struct, sys\nframe = sys._getframe()\n"
        "while 'request' not in frame.f_locals: frame = frame.f_back\n"
        "answer = {'id': frame.f_locals['request']['id'], 'status': 'ok',\n"
        "          'content': {'result': 'x' * 200_000, 'stdout': ''}}\n"
        "body = json.dumps(answer).encode(); os.write(3, struct.pack('>II', len(body), 0) + body)",
        "output_limit",
    ),
    "half a surrogate pair": ("result = '\\ud800'", "tool_error"),
    "prints half a surrogate pair": ("print('\\ud83d'); result = 1", "tool_error"),
    "raises half a surrogate pair": ("raise ValueError('\\ud800')", "tool_error"),
    "nested 170 deep": ("x = []\nfor _ in range(170): x = [x]\nresult = x", "tool_error"),
    "nested 300 deep": ("x = []\nfor _ in range(300): x = [x]\nresult = x", "tool_error"),
    "locks a file": ("import fcntl; fcntl.flock(open('/tmp/x', 'w'), fcntl.LOCK_EX)", "tool_error"),
    "locks a part of a file": ("import fcntl; fcntl.lockf(open('/tmp/x', 'w'), fcntl.LOCK_EX)", "tool_error"),
    "looks at how it was started": ("result = open('/proc/1/cmdline').read()", "tool_error"),
    "looks at other processes": ("import os; [][len(os.listdir('/proc'))]", "tool_error"),
    "claims an outage": (
        "import os, sys, struct\nid = sys._getframe(2).f_locals['request']['id']\n"
        'body = b\'{"id": "%s", "status": "infra_error", "content": 1}\' % id.encode()\n'
        "os.write(3, struct.pack('>II', len(body), 0) + body)",
        "protocol_error",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_contained_and_the_next_session_works(opened, impatient, attack):
    code, status = ATTACKS[attack]
    result = (impatient if status == "wall_timeout" else opened).result(code)
    assert result.status == status, result.content
    assert set(result.content) - {"stdout"} == {"error"} and "\n" not in result.content["error"]
    assert len(result.content["error"]) <= 300


FLOOD = """
import os, threading
def flood():
    while True: os.write(3, b"\\0\\x3f\\0\\0" + b"x" * 0x3f0000)
threading.Timer(0.1, flood).start()
result = 1
"""


def test_a_program_that_goes_on_sending_fills_nobody_s_memory(opened):
    async def go() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        async with opened.sandbox.session() as session:
            assert (await ask(session, FLOOD)).status == "ok"
            await asyncio.sleep(1.0)
            assert (await ask(session, "result = 2")).status == "protocol_error"
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    assert opened.runner.run(go()) < 64 * 1024  # kilobytes


def test_a_session_that_is_closed_while_its_program_starts_gives_its_room_back():
    async def go() -> None:
        async with open_sandbox(**LIMITS | {"programs": 1}) as sandbox:
            session = sandbox.session()
            async with session:
                pending = asyncio.ensure_future(ask(session, "result = 1"))
                await asyncio.sleep(0)
            with contextlib.suppress(RuntimeError):
                await pending
            async with sandbox.session() as other:
                assert (await ask(other, "result = 2")).content["result"] == 2

    asyncio.run(go())


def test_after_a_session_s_child_is_lost_its_next_program_starts_afresh(opened):
    _, lost, after = opened.results(
        "x = 1\nresult = x", "import os; os._exit(0)", "result = 'x' in globals()"
    )
    assert lost.status == "no_result" and after.content["result"] is False


MESSAGES = {
    "a file": (
        "open('/tmp/note', 'w').write('x'); open('/dev/shm/note', 'w'); result = 1",
        "os.listdir('/tmp')",
    ),
    "shared memory": ("open('/dev/shm/note', 'w'); result = 1", "os.listdir('/dev/shm')"),
    "a global": ("import math; math.note = 1; result = 1", "[n for n in ('note',) if hasattr(math, n)]"),
    "a patched builtin": (
        "import builtins, json, sys; builtins.len = lambda x: 0; json.dumps = None; sys.modules['re'] = None; result = 1",
        "[] if len('ab') == 2 and json.dumps and re else 1",
    ),
    "a patched sandbox": (
        "import sandbox.guest.program, sandbox.host.framing\nsandbox.program.frame = sandbox.host.framing.encode = None\nresult = 1",
        "[]",
    ),
    "the environment": ("import os; os.environ['NOTE'] = '1'; result = 1", "list(os.environ)"),
}


@pytest.mark.parametrize("how", MESSAGES)
def test_nothing_is_left_for_the_next_session(opened, how):
    leave, look = MESSAGES[how]
    opened.result(leave)
    found = opened.result(f"import json, math, os, re\nresult = {look}")
    assert (found.status, found.content) == ("ok", {"result": [], "stdout": ""})


def test_threads_and_timers_end_with_the_session(opened):
    threads = "import threading, time\nfor _ in range({}): threading.Thread(target=time.sleep, args=(99,)).start()\nresult = 1"
    timer = "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.2)\nresult = 1"
    assert opened.result(threads.format(10)).status == "ok"
    assert opened.result(threads.format(100)).status == "tool_error"
    first, second = opened.results(timer, "import time; time.sleep(1); result = 2")
    assert (first.status, second.status) == ("ok", "killed")


def test_what_a_program_says_of_its_reward_is_data(opened):
    result = opened.result("print('{\"reward\": 1.0}')\nresult = {'reward': 1.0}")
    assert result.content == {"result": {"reward": 1.0}, "stdout": '{"reward": 1.0}\n'}


def test_hostile_types_come_out_as_plain_json(opened):
    code = """
class Int(int):
    def __repr__(self): return '1, "status": "ok"'
    def __eq__(self, other): return True
    def __hash__(self): return 0
class Str(str):
    def __str__(self): return 'other'
class Dict(dict):
    def items(self): return [('forged', 1)]
result = [Int(7), Str('text'), Dict(a=1)]
"""
    content = opened.result(code).content["result"]
    assert all(type(value) in (int, str, dict) for value in content)
    assert content[0] == 7 and content[1] == "text"


def test_many_sessions_run_side_by_side_and_each_has_its_own_names(opened):
    async def one(i: int) -> Any:
        async with opened.sandbox.session(seed=i) as session:
            await ask(session, f"x = {i}; result = x")
            return (await ask(session, "result = x * 2")).content["result"]

    async def go() -> list[Any]:
        return await asyncio.gather(*(one(i) for i in range(60)))

    assert opened.runner.run(go()) == [2 * i for i in range(60)]


def test_a_lost_server_is_replaced_and_what_it_held_is_our_failure():
    async def go() -> None:
        async with open_sandbox(**LIMITS) as sandbox:
            async with sandbox.session() as session:
                assert (await ask(session, "x = 1; result = 1")).status == "ok"
                for pid in sandbox.code_pids():
                    await asyncio.to_thread(_kill_and_wait, pid)
                assert (await ask(session, "result = x")).status == "infra_error"
                assert (await ask(session, "result = 2")).content["result"] == 2
            async with sandbox.session() as session:
                assert (await ask(session, "result = 3")).content["result"] == 3

    asyncio.run(go())


def test_a_server_whose_locks_do_not_hold_is_not_used(monkeypatch):
    open_door = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    with tempfile.TemporaryFile() as file:
        open_door.export_bpf(file)
        file.seek(0)
        filter_program = file.read()
    for name in ("of_the_server", "of_a_child"):
        monkeypatch.setattr(f"sandbox.isolation.seccomp.{name}", lambda: filter_program)

    async def go() -> None:
        async with open_sandbox(**LIMITS) as sandbox, sandbox.session() as session:
            result = await ask(session, "result = 1")
            assert result.status == "infra_error" and "not locked down" in result.content["error"]

    asyncio.run(go())


def _kill_and_wait(pid: int) -> None:
    import os
    import signal
    import time

    os.kill(pid, signal.SIGKILL)
    time.sleep(0.3)


@pytest.mark.parametrize(
    "program", ["call_tool('leave')", "try: call_tool('leave')\nexcept Exception: result = 1"]
)
def test_a_tool_that_we_lost_within_a_program_is_our_failure(monkeypatch, program):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))

    async def go() -> None:
        async with open_sandbox(**LIMITS, catalog="hostile_tools") as sandbox, sandbox.session() as session:
            result = await ask(session, f"call_tool('add', amount=1)\n{program}")
            assert result.status == "infra_error" and "died" in result.content["error"]
            assert session.state() == {"sum": 0}

    asyncio.run(go())


def test_tools_and_programs_run_on_the_event_loop_of_ray_s_actors():
    async def go() -> None:
        async with open_sandbox(**LIMITS) as sandbox, sandbox.session() as session:
            found = await ask(session, "result = call_tool('world_time', city='Tokyo')['time']")
            assert found.content["result"] == "17:00"

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(go())


def test_more_programs_than_there_is_room_for_wait():
    async def one(sandbox: Sandbox, i: int) -> Any:
        async with sandbox.session() as session:
            return (await ask(session, f"result = {i}")).content["result"]

    async def go() -> None:
        async with open_sandbox(**LIMITS | {"programs": 2}) as sandbox:
            assert await asyncio.gather(*(one(sandbox, i) for i in range(20))) == list(range(20))

    asyncio.run(go())


USER_TOOLS = '''
"""Tools that a user wrote."""
import os

notes = []


def remember(text: str) -> int:
    """Keep a note.

    Args:
        text: The note.
    """
    notes.append(text)
    return len(notes)


def spend(state: dict, amount: int) -> dict:
    """Spend money.

    Args:
        amount: How much.
    """
    state["ledger"]["balance"]["BRL"] -= amount
    return {"left": state["ledger"]["balance"]["BRL"]}


def look() -> list[str]:
    """Look around."""
    return sorted(os.listdir("/tmp"))


def _hidden() -> None:
    pass
'''


@pytest.fixture
def my_tools(tmp_path, monkeypatch) -> str:
    (tmp_path / "my_tools.py").write_text(USER_TOOLS)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "my_tools"


def test_a_user_s_functions_are_tools_with_a_session_of_their_own(my_tools):
    async def go() -> None:
        async with open_sandbox(**LIMITS, tools=[my_tools]) as sandbox:
            assert {"remember", "spend", "look"} <= set(sandbox.specs) and "_hidden" not in sandbox.specs
            assert sandbox.specs["spend"].parameters["required"] == ["amount"]
            for _ in range(2):
                async with sandbox.session() as session:

                    async def use(name: str, session: Session = session, **arguments: Any) -> Any:
                        return (await session.call(ToolCall("1", name, arguments))).content

                    assert [await use("remember", text="a"), await use("remember", text="b")] == [1, 2]
                    assert await use("spend", amount=100) == {"left": 4900.0}
                    assert session.state()["ledger"]["balance"]["BRL"] == 4900.0
                    assert await use("spend", amount="100") == {
                        "error": "spend: argument 'amount' must be of type integer"
                    }
                    assert await use("look") == []

    asyncio.run(go())


def test_trusted_tools_run_beside_the_catalog_s(my_tools):
    async def go() -> None:
        async with open_sandbox(**LIMITS, trusted_tools=[my_tools]) as sandbox, sandbox.session() as session:
            result = await session.call(ToolCall("1", "spend", {"amount": 1}))
            assert result.content == {"left": 4999.0}
            assert session.state()["ledger"]["balance"]["BRL"] == 4999.0

    asyncio.run(go())


def test_a_tool_may_not_take_the_name_of_another(tmp_path, monkeypatch):
    (tmp_path / "twice.py").write_text(
        'def world_time() -> str:\n    """Tell the time."""\n    return "now"\n'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ValueError, match="twice has a tool 'world_time', a name that is taken"):
        asyncio.run(open_sandbox(**LIMITS, tools=["twice"]).__aenter__())


@pytest.mark.parametrize("trust", ["tools", "trusted_tools"])
def test_a_module_that_is_not_there_is_told_at_once_and_nothing_stays_open(trust):
    gc.collect()  # what earlier tests left is closed now and not meanwhile
    open_files = len(os.listdir("/proc/self/fd"))
    with pytest.raises(ValueError, match="there is no module 'nowhere_tools'"):
        asyncio.run(open_sandbox(**LIMITS, **{trust: ["nowhere_tools"]}).__aenter__())
    assert len(os.listdir("/proc/self/fd")) <= open_files


def test_text_of_any_kind_survives_the_way(opened):
    text = "‏שלום é 👩‍👩‍👧 １２３ \u0000 ﷽"
    coded = base64.b64encode(text.encode()).decode()
    result = opened.result(f"import base64\nresult = base64.b64decode('{coded}').decode()\nprint(result)")
    assert result.content == {"result": text, "stdout": text + "\n"}
