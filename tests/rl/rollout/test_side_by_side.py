"""The calls of one turn: reads of an API wait for each other, whatever else the turn does."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from rewards.types import Task
from rl.rollout.agent import Bounds, rollout
from rl.rollout.chat import Chat
from rl.rollout.engines.base import Completion, Sampling
from sandbox import open_sandbox
from sandbox.types import ToolSpec


class Meeting(BaseHTTPRequestHandler):
    """Answers nobody before as many have come as are expected."""

    together: threading.Barrier

    def do_GET(self) -> None:
        self.together.wait()
        body = json.dumps({"asked": self.path}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def meeting() -> Iterator[str]:
    Meeting.together = threading.Barrier(2, timeout=60)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Meeting)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Says:
    """An engine that says the turns one after another."""

    def __init__(self, turns: list[list[int]]) -> None:
        self.turns = turns

    async def generate(self, prompt_ids: list[int], sampling: Sampling, seed: int) -> Completion:
        return Completion(self.turns[seed], [0.0] * len(self.turns[seed]), True)


def test_calls_that_share_no_state_run_side_by_side_and_their_results_keep_the_calls_order(
    meeting: str, tiny_tokenizer: PreTrainedTokenizerFast, some_tasks: list[Task], tmp_path: Path
) -> None:
    chat = Chat(tiny_tokenizer)
    document = tmp_path / "records.json"
    record = {"name": "look", "description": "Look.", "endpoint": f"http://{meeting}/look", "method": "GET"}
    document.write_text(
        json.dumps([record | {"parameters": {"at": {"type": "string", "description": "What."}}}])
    )
    wanted = [
        ("set_alarm", {"datetime": "07:30"}),
        ("look", {"at": "b"}),
        ("set_alarm", {"datetime": "08:30"}),
        ("look", {"at": "a"}),
    ]
    said = [{"type": "function", "function": {"name": n, "arguments": a}} for n, a in wanted]
    turns = [
        chat.turn_ids({"role": "assistant", "content": "", "tool_calls": said}),
        chat.turn_ids({"role": "assistant", "content": "ok"}),
    ]
    task = next(task for task in some_tasks if task.run_calls)
    names = {tool.name for tool in task.tools}
    assert "set_alarm" in names
    task = replace(task, tools=[*task.tools, ToolSpec("look", "Look.", {"type": "object"})])

    async def play() -> Any:
        rest = {"sources": [str(document)], "private_hosts": [meeting], "rate": 1000.0, "seconds": 60.0}
        async with open_sandbox(workers=1, rest=rest) as sandbox:
            bounds = Bounds(2, 200, 2048)
            return await rollout(task, Says(turns), sandbox, chat, bounds, Sampling(200), 0)

    trajectory = asyncio.run(play())
    assert [result.status for result in trajectory.results] == ["ok"] * 4, trajectory.results
    assert [result.call_id for result in trajectory.results] == ["0", "1", "2", "3"]
    contents = [result.content for result in trajectory.results]
    assert [contents[0]["id"], contents[2]["id"]] == [1, 2], "alarms are set in the calls' order"
    assert [content["asked"] for content in contents[1::2]] == ["/look?at=b", "/look?at=a"]
    told = [json.loads(message["content"]) for message in trajectory.messages if message["role"] == "tool"]
    assert told == contents and trajectory.stop == "end"
