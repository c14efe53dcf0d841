"""Sessions over real worker processes: order, isolation, limits, deaths and lies."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Sandbox, Session, ToolCall, ToolResult, open_sandbox
from sandbox.catalog import SPECS, TOOLS, run
from sandbox.host.framing import encode
from sandbox.host.worker import WorkerDied


@pytest.fixture(autouse=True)
def tools_of_this_folder(monkeypatch):
    """Workers import what their host can import; some machines' pytest does not put this folder there."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


@contextlib.asynccontextmanager
async def hostile(**options: Any) -> AsyncIterator[Sandbox]:
    async with open_sandbox(catalog="hostile_tools", **{"workers": 1, **options}) as sandbox:
        yield sandbox


async def ask(session: Session, name: str, **arguments: Any) -> ToolResult:
    return await session.call(ToolCall("1", name, arguments))


def one_call(name: str, options: dict[str, Any] | None = None, **arguments: Any) -> ToolResult:
    """The result of one call, after which the sandbox must still serve another session."""

    async def go() -> ToolResult:
        async with hostile(**(options or {})) as sandbox:
            async with sandbox.session() as session:
                result = await ask(session, name, **arguments)
            async with sandbox.session() as session:
                assert (await ask(session, "add", amount=5)).content == {"sum": 5}
            return result

    return asyncio.run(go())


def in_session(steps: Callable[[Session], Coroutine[Any, Any, None]], **options: Any) -> None:
    async def go() -> None:
        async with open_sandbox(workers=1) as sandbox, sandbox.session(**options) as session:
            await steps(session)

    asyncio.run(go())


def test_a_call_gives_its_result_and_changes_the_session_s_state():
    async def steps(session: Session) -> None:
        result = await session.call(ToolCall("call-7", "set_alarm", {"datetime": "07:30"}))
        assert (result.call_id, result.status, result.content) == (
            "call-7",
            "ok",
            {"id": 1, "datetime": "07:30"},
        )
        assert result.seconds > 0
        state = session.state()
        assert state["alarms"][0]["datetime"] == "07:30"
        state["alarms"].clear()
        assert session.state()["alarms"]

    in_session(steps)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            ToolCall("1", "set_alrm", {"datetime": "1"}),
            "there is no tool 'set_alrm'; the nearest is 'set_alarm'",
        ),
        (ToolCall("1", "send_pix", {}), "there is no tool 'send_pix'; the nearest is"),
        (ToolCall("1", None, {}), "the call names no tool"),
        (ToolCall("1", "set_alarm", None, error="no closing brace"), "no closing brace"),
        (ToolCall("1", "set_alarm", None), "the arguments must be a JSON object"),
        (
            ToolCall("1", "set_alarm", {"datetime": 7}),
            "set_alarm: argument 'datetime' must be of type string",
        ),
        (ToolCall("1", "x" * 10**5, {}), "there is no tool 'xxx"),
        (ToolCall("1", ["set_alarm"], {}), "the call names no tool"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_call_is_answered_with_one_line(call, said):
    async def steps(session: Session) -> None:
        result = await session.call(call)
        assert result.status == "invalid_call" and result.content["error"].startswith(said)
        assert "\n" not in result.content["error"] and len(result.content["error"]) <= 300
        assert session.snapshot()["index"] == 0

    in_session(steps, tools=["set_alarm", "world_time"])


def test_a_refusal_is_a_tool_error_and_changes_nothing():
    async def steps(session: Session) -> None:
        before = session.state()
        result = await ask(session, "send_pix", key="ana@exemplo.com", amount=5000.01)
        assert result.status == "tool_error"
        assert result.content == {"error": "the amount is more than the balance of 5000.0 BRL"}
        assert session.state() == before

    in_session(steps)


CALLS = [
    ("set_alarm", {"datetime": "07:30", "label": "نوم"}),
    ("snooze_alarm", {}),
    ("find_screenings", {"movie": "Amélie"}),
    ("next_holiday", {"country": "EG", "after": "2026-03-01"}),
    ("book_train", {"origin": "東京", "destination": "ソウル", "date": "2026-04-01"}),
    ("send_upi", {"vpa": "asha@oksbi", "amount": 99.95}),
    ("world_time", {"city": "Atlantis"}),
]


def test_two_workers_and_the_host_give_the_same_bytes():
    async def transcript() -> tuple[list[bytes], bytes, list[int]]:
        async with open_sandbox(workers=1) as sandbox, sandbox.session(seed=3) as session:
            results = [await ask(session, name, **arguments) for name, arguments in CALLS]
            return [encode(one.content) for one in results], encode(session.state()), sandbox.pids()

    first, second = asyncio.run(transcript()), asyncio.run(transcript())
    assert first[:2] == second[:2] and first[2] != second[2]
    state: dict[str, Any] = {}
    for (name, arguments), content in zip(CALLS[:-1], first[0], strict=False):
        expected, state = run(name, arguments, state)
        assert encode(expected) == content
    assert encode(state) == first[1]


def test_randomness_hangs_on_the_seed_and_the_call_s_index_alone():
    async def throws(sandbox: Sandbox, **options: Any) -> list[Any]:
        async with sandbox.session(**options) as session:
            return [(await ask(session, "dice")).content for _ in range(2)]

    async def go() -> None:
        async with hostile(workers=2) as sandbox:
            one, same, other = [await throws(sandbox, seed=seed) for seed in (1, 1, 2)]
            assert one == same != other and one[0] != one[1]
            assert await throws(sandbox, seed=1, index=1) != one
            assert (await throws(sandbox, seed=1, index=1))[0] == one[1]

    asyncio.run(go())


def test_a_snapshot_goes_on_where_the_session_was():
    async def go() -> None:
        async with hostile() as sandbox:
            async with sandbox.session(seed=4, tools=["add", "dice"]) as session:
                await ask(session, "add", amount=5)
                snapshot = json.loads(json.dumps(session.snapshot()))
                rest = [(await ask(session, "dice")).content, (await ask(session, "add", amount=1)).content]
            async with sandbox.session(**snapshot) as session:
                assert [
                    (await ask(session, "dice")).content,
                    (await ask(session, "add", amount=1)).content,
                ] == rest
                assert (await ask(session, "sleep", seconds=0)).status == "invalid_call"

    asyncio.run(go())


def test_calls_of_a_session_run_in_order_and_sessions_do_not_see_each_other():
    async def go() -> None:
        async with hostile(workers=2) as sandbox:

            async def count(step: int) -> None:
                async with sandbox.session({"sum": 100}) as session:
                    results = await asyncio.gather(*(ask(session, "add", amount=step) for _ in range(10)))
                    assert [one.content["sum"] for one in results] == [
                        100 + step * (n + 1) for n in range(10)
                    ]

            await asyncio.gather(*(count(step) for step in range(20)))
            assert len(sandbox.pids()) == 2

    asyncio.run(go())


def test_more_calls_than_the_queue_takes_wait_and_are_all_answered():
    async def go() -> None:
        async with hostile(workers=2, queue=3) as sandbox:

            async def count() -> int:
                async with sandbox.session() as session:
                    return (await ask(session, "add", amount=7)).content["sum"]

            assert await asyncio.gather(*(count() for _ in range(40))) == [7] * 40

    asyncio.run(go())


def test_killed_workers_lose_nothing():
    async def go() -> None:
        async with hostile(workers=2) as sandbox:
            killed: set[int] = set()

            async def count(step: int) -> None:
                async with sandbox.session() as session:
                    for turn in range(1, 13):
                        assert (await ask(session, "slow_add", amount=step)).content == {"sum": step * turn}

            async def kill() -> None:
                while len(killed) < 3:
                    fresh = [pid for pid in sandbox.pids() if pid not in killed]
                    for pid in fresh[:1]:
                        os.kill(pid, signal.SIGKILL)
                        killed.add(pid)
                    await asyncio.sleep(0.7)

            await asyncio.gather(*(count(step) for step in range(1, 13)), kill())
            async with sandbox.session() as session:
                assert (await ask(session, "add", amount=1)).content == {"sum": 1}
            assert not killed & set(sandbox.pids())

    asyncio.run(go())


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_worker_that_was_killed_between_two_calls_loses_nothing(loop: Any) -> None:
    """Under uvloop, too, which a Ray actor has: it raises where what was closed is written to."""

    async def go() -> None:
        async with hostile() as sandbox, sandbox.session() as session:
            assert (await ask(session, "add", amount=1)).content == {"sum": 1}
            os.kill(sandbox.pids()[0], signal.SIGKILL)
            while sandbox.pids():
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)  # the loop hears that it is gone
            assert (await ask(session, "add", amount=2)).content == {"sum": 3}

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(go())


def test_a_sandbox_that_cannot_open_leaves_no_process():
    async def go() -> None:
        sandbox = open_sandbox(workers=1, isolation="process", tools=["clashing_tools"])
        with pytest.raises(ValueError, match="clashing_tools has a tool 'world_time', a name that is taken"):
            await sandbox.__aenter__()
        assert sandbox.pids() == sandbox.code_pids() == []

    asyncio.run(go())


def test_a_worker_is_replaced_after_so_many_calls_and_nothing_is_lost():
    async def pids(**options: Any) -> list[int]:
        async with hostile(**options) as sandbox, sandbox.session() as session:
            seen = []
            for turn in range(1, 10):
                assert (await ask(session, "add", amount=1)).content == {"sum": turn}
                seen += [pid for pid in sandbox.pids() if pid not in seen]
            return seen

    assert len(asyncio.run(pids())) == 1
    assert len(asyncio.run(pids(recycle_calls=4))) >= 3


def test_a_worker_that_grows_is_replaced_before_it_fails():
    async def go() -> None:
        async with hostile(memory_mb=512, isolation="process") as sandbox, sandbox.session() as session:
            for _ in range(30):
                assert (await ask(session, "leak", megabytes=20)).status == "ok"
                for _ in range(64):
                    assert (await ask(session, "add", amount=0)).status == "ok"

    asyncio.run(go())


def test_a_worker_that_answers_wrongly_is_found_out_and_replaced(monkeypatch, caplog):
    monkeypatch.setattr("sandbox.host.worker.CANARY_EVERY", 10)

    async def go() -> None:
        async with hostile() as sandbox, sandbox.session() as session:
            await ask(session, "poison")
            for _ in range(20):
                await ask(session, "add", amount=1)
            async with sandbox.session() as other:
                assert (await ask(other, "add", amount=1)).content == {"sum": 1}

    asyncio.run(go())
    assert "a worker answered a call wrongly whose answer is known" in caplog.text


def test_a_call_that_is_lost_is_run_once_more(tmp_path):
    seen_by_both = {"isolation": "process"}
    assert one_call("leave_once", seen_by_both, marker=str(tmp_path / "been")).content == "second time"


def test_a_call_that_kills_each_worker_is_given_up_as_our_failure():
    result = one_call("leave")
    assert result.status == "infra_error" and "died" in result.content["error"]


def test_a_call_over_the_wall_limit_is_killed():
    result = one_call("sleep", {"wall_seconds": 0.3}, seconds=1000.0)
    assert result.status == "wall_timeout" and "0.3 seconds" in result.content["error"]


@pytest.mark.parametrize(
    ("name", "arguments", "status"),
    [
        ("add", {"amount": 1}, "ok"),
        ("write", {"count": 300_000}, "ok"),  # more than is read at once
        ("sleep", {"seconds": 0.6}, "wall_timeout"),
    ],
)
def test_an_answer_is_judged_by_the_worker_s_clock_not_by_a_busy_host(name, arguments, status):
    async def go() -> None:
        async with hostile(wall_seconds=0.4, output_kb=1024) as sandbox, sandbox.session() as session:
            pending = asyncio.ensure_future(ask(session, name, **arguments))
            await asyncio.sleep(0.001)
            time.sleep(1.0)  # the host's loop is held up for longer than the limit
            assert (await pending).status == status

    asyncio.run(go())


def test_a_cancelled_call_leaves_no_answer_behind_for_the_next():
    async def go() -> None:
        async with hostile() as sandbox:
            async with sandbox.session() as session:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(ask(session, "sleep", seconds=30.0), 0.1)
            async with sandbox.session() as session:
                assert (await ask(session, "add", amount=2)).content == {"sum": 2}

    asyncio.run(go())


def test_a_result_or_a_state_over_its_limit_is_refused():
    assert one_call("write", {"output_kb": 8}, count=4090).status == "ok"  # 2 bytes each, and quotes
    assert one_call("write", {"output_kb": 8}, count=4096).status == "output_limit"
    result = one_call("hoard", count=4 * 1024 * 1024)
    assert result.status == "output_limit" and "state" in result.content["error"]


def test_memory_is_limited():
    assert one_call("eat", {"memory_mb": 512}, megabytes=64).status == "ok"
    assert one_call("eat", {"memory_mb": 512}, megabytes=600).status == "memory"


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("recurse", {"depth": 0}, "RecursionError"),
        ("not_json", {"what": "nan"}, "ValueError"),
        ("not_json", {"what": "infinity"}, "ValueError"),
        ("not_json", {"what": "huge"}, "ValueError"),
        ("not_json", {"what": "set"}, "TypeError"),
        ("scribble", {"path": "/dev/shm/sandbox-test"}, ("OSError: [Errno 27]", "PermissionError")),
    ],
)
def test_a_tool_s_fault_is_a_tool_error(name, arguments, said):
    try:
        result = one_call(name, **arguments)
    finally:
        Path("/dev/shm/sandbox-test").unlink(missing_ok=True)
    assert result.status == "tool_error" and result.content["error"].startswith(said)


def test_a_failing_tool_leaves_the_state_as_it_was():
    async def go() -> None:
        async with hostile() as sandbox, sandbox.session({"sum": 3}) as session:
            result = await ask(session, "spoil_and_fail")
            assert result.status == "tool_error" and "\n" not in result.content["error"]
            assert session.state() == {"sum": 3}

    asyncio.run(go())


LIES = ["garbage", "oversized", "array", "deep", "nan", "infinity", "another id", "odd status", "odd state"]


@pytest.mark.parametrize("what", [*LIES, "no seconds"])
def test_a_false_frame_is_a_protocol_error_and_costs_the_worker(what):
    assert one_call("forge", what=what).status == "protocol_error"


def test_a_worker_sees_no_environment_and_none_of_the_host_s_files(monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    with open(__file__) as held:
        seen = one_call("peek").content
        assert held.fileno() > 2
    assert set(seen["environment"]) <= {
        "PYTHONPATH", "PYTHONHASHSEED", "PYTHONUTF8", "TZ", "LD_LIBRARY_PATH", "LC_CTYPE", "PWD"
    }  # fmt: skip
    assert seen["folder"] == "/"
    assert len(seen["open"]) <= 5  # the three standard ones, the channel, and the listing itself


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def calls(draw: st.DrawFn) -> ToolCall:
    """What a parser could hand over: any name, and any JSON under names that are half right."""
    name = draw(st.sampled_from(sorted(TOOLS)) | st.text(max_size=12) | st.none())
    known = list(SPECS[name].parameters["properties"]) if name in SPECS else []
    keys = st.sampled_from(known) | st.text(max_size=6) if known else st.text(max_size=6)
    arguments = draw(st.dictionaries(keys, ANYTHING, max_size=4) | st.none())
    return ToolCall("1", name, arguments, error=draw(st.none() | st.text(max_size=9)))


def test_whatever_a_model_writes_is_answered():
    with asyncio.Runner() as runner:
        sandbox = runner.run(open_sandbox(workers=1).__aenter__())

        @settings(max_examples=200, deadline=None, derandomize=True)
        @given(calls())
        def answered(call: ToolCall) -> None:
            async def go() -> ToolResult:
                async with sandbox.session() as session:
                    return await session.call(call)

            result = runner.run(go())
            assert result.status in ("ok", "invalid_call", "tool_error")
            assert encode(result.content)

        try:
            answered()
        finally:
            runner.run(sandbox.__aexit__(None, None, None))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"workers": 0}, "workers is 0, set it to at least 1"),
        ({"wall_seconds": float("nan")}, "wall_seconds"),
        ({"memory_mb": 10}, "memory_mb"),
        ({"queue": 0}, "queue"),
        ({"cpu_seconds": 0}, "cpu_seconds"),
        ({"spares": -1}, "spares"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        open_sandbox(**options)


def test_a_session_is_refused_a_state_that_is_not_json_and_tools_that_are_not_there():
    async def go() -> None:
        async with hostile() as sandbox:
            with pytest.raises(ValueError, match="must be JSON"):
                sandbox.session({"sum": {1, 2}})
            with pytest.raises(ValueError, match="4096 KB"):
                sandbox.session({"sum": "x" * 5_000_000})
            with pytest.raises(ValueError, match="no tool 'fly'"):
                sandbox.session(tools=["add", "fly"])

    asyncio.run(go())


def test_use_outside_its_block_is_told_apart_from_a_failure():
    async def go() -> None:
        async with hostile() as sandbox:
            session = sandbox.session()
            with pytest.raises(RuntimeError, match="session is not open"):
                await ask(session, "add", amount=1)
            async with session:
                await ask(session, "add", amount=1)
            assert session.state() == {"sum": 1}
        assert sandbox.pids() == []
        async with session:
            with pytest.raises(RuntimeError, match="sandbox is not open"):
                await ask(session, "add", amount=1)

    asyncio.run(go())


def test_calls_under_way_when_the_sandbox_closes_are_our_failure():
    async def go() -> None:
        async with hostile() as sandbox, sandbox.session() as session:
            pending = asyncio.ensure_future(ask(session, "sleep", seconds=30.0))
            await asyncio.sleep(0.05)
        assert (await pending).status == "infra_error"

    asyncio.run(go())


def test_a_catalog_that_does_not_load_in_the_worker_is_told_at_once(tmp_path, monkeypatch):
    source = "import datetime, os\nNOW = datetime.datetime.min\nSPECS = {}\nTOOLS = {'one': lambda: 1}\n"
    source += "CANARY = ('one', {})\ninitial_state = dict\nhome = os.environ['HOME']\n"
    (tmp_path / "needs_home.py").write_text(source)
    monkeypatch.setenv("HOME", "/")
    monkeypatch.syspath_prepend(str(tmp_path))

    async def go() -> None:
        async with open_sandbox(catalog="needs_home"):
            pass

    with pytest.raises(WorkerDied, match="could not load needs_home: KeyError: 'HOME'"):
        asyncio.run(go())
