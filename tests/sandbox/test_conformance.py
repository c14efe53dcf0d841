"""What every way to run a sandbox gives alike: processes, bubblewrap, and HTTP with a server behind it."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import ToolCall, ToolResult, catalog, open_sandbox
from sandbox.client import connect
from sandbox.isolation.bubblewrap import probe
from sandbox.types import STATUSES

LIMITS = {"workers": 1, "wall_seconds": 12.0, "cpu_seconds": 1, "output_kb": 32}
BACKENDS = ["process", "full", "http"]
ROMAN = {"datetime": "07:30", "label": "روما ‏é 👩‍👩‍👧 １２"}


@contextlib.contextmanager
def serving() -> Iterator[str]:
    options = ["--workers", "1", "--wall-seconds", "6", "--cpu-seconds", "1", "--output-kb", "32"]
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.serve", "--port", "0", *options], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


class Backend:
    """A sandbox on an event loop of its own."""

    def __init__(self, runner: asyncio.Runner, sandbox: Any):
        self.runner, self.sandbox = runner, sandbox

    def session(self, *calls: ToolCall, **options: Any) -> tuple[list[ToolResult], dict[str, Any]]:
        """The results of the calls, in a session of their own, and its snapshot after them."""

        async def go() -> tuple[list[ToolResult], dict[str, Any]]:
            async with self.sandbox.session(**options) as session:
                return [await session.call(call) for call in calls], session.snapshot()

        return self.runner.run(go())


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    if request.param == "full" and probe()["missing"]:
        pytest.skip(f"not isolated here: {probe()['missing']}")
    with contextlib.ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        context = (
            connect(stack.enter_context(serving()))
            if request.param == "http"
            else open_sandbox(isolation=request.param, **LIMITS)
        )
        yield Backend(runner, runner.run(context.__aenter__()))
        runner.run(context.__aexit__(None, None, None))


def call(name: Any, **arguments: Any) -> ToolCall:
    return ToolCall("an id", name, arguments)


def python(code: str) -> ToolCall:
    return call("python", code=code)


def test_the_tools_are_the_catalog_s_and_python(backend: Backend) -> None:
    assert set(catalog.SPECS) | {"python"} == set(backend.sandbox.specs)
    assert all(backend.sandbox.specs[name] == spec for name, spec in catalog.SPECS.items())


def test_a_call_gives_what_the_tool_gives_and_leaves_its_state(backend: Backend) -> None:
    (result,), snapshot = backend.session(call("set_alarm", **ROMAN))
    content, state = catalog.run("set_alarm", ROMAN, {})
    assert (result.call_id, result.status, result.content) == ("an id", "ok", content)
    assert json.dumps(snapshot["state"]) == json.dumps(state)
    assert snapshot["index"] == 1


def test_sessions_of_one_state_and_seed_are_byte_identical(backend: Backend) -> None:
    code = "import random, uuid, time\nresult = [random.random(), str(uuid.uuid4()), time.time(), list({'a', 'b', 'c'})]"
    calls = [
        python(code),
        call("book_train", origin="Łódź", destination="東京", date="2026-03-09"),
        python("result = 1"),
    ]

    def run(seed: int) -> str:
        results, snapshot = backend.session(
            *calls, state={"alarms": [{"id": 7, "datetime": "06:00"}]}, seed=seed
        )
        return json.dumps([[(one.status, one.content) for one in results], snapshot])

    assert run(3) == run(3)
    assert run(3) != run(4)


def test_a_snapshot_goes_on_where_the_session_was(backend: Backend) -> None:
    calls = [call("set_alarm", datetime=f"0{hour}:15") for hour in range(6, 9)]
    _, whole = backend.session(*calls, seed=5)
    _, half = backend.session(calls[0], seed=5)
    _, rest = backend.session(*calls[1:], **half)
    assert rest == whole


def test_sessions_run_side_by_side_and_do_not_see_each_other(backend: Backend) -> None:
    async def one(hour: int) -> dict[str, Any]:
        async with backend.sandbox.session() as session:
            await session.call(call("set_alarm", datetime=f"{hour:02}:00"))
            await session.call(python(f"hour = {hour}"))
            shown = await session.call(call("show_alarms"))
            kept = await session.call(python("result = hour"))
            return {
                "alarms": [a["datetime"] for a in shown.content["alarms"]],
                "kept": kept.content["result"],
            }

    async def go() -> list[dict[str, Any]]:
        return await asyncio.gather(*(one(hour) for hour in range(24)))

    assert backend.runner.run(go()) == [{"alarms": [f"{hour:02}:00"], "kept": hour} for hour in range(24)]


WRONG = [
    (call("set_alarms", datetime="07:00"), "invalid_call"),
    (call("../set_alarm", datetime="07:00"), "invalid_call"),
    (call("__class__"), "invalid_call"),
    (call(None), "invalid_call"),
    (call("set_alarm"), "invalid_call"),
    (call("set_alarm", datetime=7), "invalid_call"),
    (call("set_alarm", datetime="07:00", state={}), "invalid_call"),
    (call("snooze_alarm", minutes=True), "invalid_call"),
    (call("snooze_alarm", minutes=10.0), "invalid_call"),
    (call("snooze_alarm", minutes=10**22), "invalid_call"),
    (call("set_alarm", datetime="\ud800"), "invalid_call"),
    (call("set_alarm", datetime="x" * 70_000), "invalid_call"),
    (call("convert_currency", amount=float("nan"), source="EUR", target="JPY"), "invalid_call"),
    (ToolCall("an id", "set_alarm", None, error="no closing\nbrace"), "invalid_call"),
    (call("snooze_alarm", minutes=0), "tool_error"),
    (python("1 / 0"), "tool_error"),
    (python("x = 1"), "no_result"),
    (python("import os; os._exit(0)"), "no_result"),
    (python("import os; os.abort()"), "killed"),
    (python("while True: pass"), "cpu_timeout"),
    (python("import time; time.sleep(60)"), "wall_timeout"),
    (python("x = bytearray(10**10)"), "memory"),
    (python("result = 'x' * 40_000"), "output_limit"),
    (python("import os; os.write(3, b'\\xff' * 99); result = 1"), "protocol_error"),
    (python("for _ in range(300): call_tool('world_time', city='Rome')\nresult = 1"), "policy_denied"),
]


@pytest.mark.parametrize(("wrong", "status"), WRONG)
def test_what_is_wrong_has_its_status_and_one_line_and_the_next_call_is_right(
    backend: Backend, wrong: ToolCall, status: str
) -> None:
    before = backend.session()[1]["state"]
    (result, after), snapshot = backend.session(wrong, call("world_time", city="Tokyo"))
    assert result.status == status, result.content
    assert set(result.content) == {"error"} and "\n" not in result.content["error"]
    assert 0 < len(result.content["error"]) <= 300
    assert (after.status, after.content["time"]) == ("ok", "17:00")
    assert snapshot["state"] == before
    json.dumps(result.content).encode()


def test_the_table_has_every_status_that_is_the_model_s_doing() -> None:
    assert {status for _, status in WRONG} == set(STATUSES) - {"ok", "infra_error"}


def test_a_program_s_own_calls_change_the_session_s_state(backend: Backend) -> None:
    code = (
        "call_tool('set_alarm', datetime='09:45')\nresult = call_tool('show_alarms')['alarms'][0]['datetime']"
    )
    (result,), snapshot = backend.session(python(code))
    assert result.content["result"] == snapshot["state"]["alarms"][0]["datetime"] == "09:45"


def test_only_the_session_s_tools_can_be_called(backend: Backend) -> None:
    (result,), _ = backend.session(call("world_time", city="Rome"), tools=["set_alarm", "python"])
    assert result.status == "invalid_call" and "'world_time'" in result.content["error"]


@pytest.mark.parametrize("options", [{"tools": ["nothing"]}, {"state": {"x": float("nan")}}])
def test_a_session_that_cannot_be_is_a_value_error(backend: Backend, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"nothing|JSON"):
        backend.session(**options)
