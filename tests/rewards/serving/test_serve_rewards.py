"""A real server in a process of its own, and the clients that other trainers have."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
import torch
import yaml
from prometheus_client.parser import text_string_to_metric_families

from rewards.compose import Rewards
from rewards.samples import samples
from rewards.serving.app import MAX_BODY_BYTES, MAX_ITEMS
from rewards.serving.openrlhf import row_of
from rewards.types import Score, Task, Trajectory
from tests.rewards.hand_written import task, trajectory
from tests.sandbox.serving.refusals import assert_one_line

ROOT = Path(__file__).parents[3]
TOKEN = "one-token"
PARTS = {
    "json_valid": {"_target_": "rewards.outcome.json_valid", "weight": 0.3},
    "api_success": {"_target_": "rewards.outcome.api_success", "weight": 0.3, "gate": {"json_valid": 1.0}},
    "mine": {"_target_": "tests.rewards.components.follows", "weight": 0.4},
    "later": {"_target_": "tests.rewards.components.follows_later", "weight": 0.0},
}
CONFIG = {"components": PARTS, "time_limit": 5, "max_masked_share": 0.5}


@dataclass
class Served:
    process: subprocess.Popen[str]
    url: str

    def send(self, method: str, path: str, token: str | None = TOKEN, **options: Any) -> httpx.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.request(method, self.url + path, headers=headers, timeout=120, **options)

    def score(self, *rows: tuple[Task, Trajectory]) -> list[Score]:
        items = [{"task": asdict(t), "trajectory": asdict(x)} for t, x in rows]
        return [
            Score(**score) for score in self.send("POST", "/v1/score", json={"items": items}).json()["scores"]
        ]

    def metrics(self) -> dict[str, float]:
        families = text_string_to_metric_families(self.send("GET", "/metrics").text)
        samples = [sample for family in families for sample in family.samples]
        return {" ".join([s.name, *s.labels.values()]): s.value for s in samples}


def command(*options: str) -> dict[str, Any]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "POLYGLOT_REWARDS_TOKEN": TOKEN}
    args = [sys.executable, "-m", "rewards.serve", "--port", "0", "--actors", "1", *options]
    return {"args": args, "env": env, "text": True, "cwd": ROOT}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    config = tmp_path_factory.mktemp("serve") / "rewards.yaml"
    config.write_text(yaml.safe_dump(CONFIG))
    with subprocess.Popen(**command("--config", str(config)), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("The rewards are at http://127.0.0.1:")
        yield Served(process, line.split()[-1])
        process.terminate()


def test_scores_over_http_are_those_in_process(served):
    rows = [(sample.task, sample.trajectory) for sample in samples()[:40]]
    rows += [(task(), trajectory(reply)) for reply in ("raise", "abstain", "value 0.25")]
    rows += [(task(), trajectory("x", status="infra_error"))]
    here = Rewards.from_config(CONFIG)
    expected = [here.score(*row) for row in rows]
    assert served.score(*rows) == expected
    assert sum(score.reward is None for score in expected) == 2


def test_a_trajectory_may_be_just_its_messages(served):
    item = {
        "task": asdict(task()) | {"expected": {"no_call": True}},
        "trajectory": {"messages": [{"role": "assistant", "content": "Cela fait 12 €."}]},
    }
    (score,) = served.send("POST", "/v1/score", json={"items": [item]}).json()["scores"]
    assert (score["reward"], score["parts"]["api_success"]) == (1.0, 1.0)


def test_calls_that_stand_in_messages_alone_are_asked_for(served):
    trajectory = {"messages": [{"role": "assistant", "content": CALL}]}
    item = {"task": asdict(task()), "trajectory": trajectory}
    answer = served.send("POST", "/v1/score", json={"items": [item]})
    assert answer.status_code == 400
    assert "trajectory.calls is missing" in answer.json()["error"]
    item["trajectory"] = trajectory | {"calls": []}  # whoever says that there were none is believed
    assert served.send("POST", "/v1/score", json={"items": [item]}).status_code == 200


PROMPT = "<|im_start|>user\nCombien font 250 dollars ?<|im_end|>\n<|im_start|>assistant\n"
CALL = '<tool_call>{"name": "convert_currency", "arguments": {"amount": 250.0, "source": "USD", "target": "EUR"}}</tool_call>'


def openrlhf(served: Served, *responses: str) -> dict[str, Any]:
    """What OpenRLHF's single-turn executor posts, with the client and the URL that it has."""
    label = json.dumps(asdict(task()), ensure_ascii=False)
    payload = {
        "query": [PROMPT + response for response in responses],
        "prompts": [PROMPT] * len(responses),
        "labels": [label] * len(responses),
    }

    async def post() -> dict[str, Any]:
        url = served.url.replace("http://", f"http://trainer:{TOKEN}@") + "/openrlhf"
        async with aiohttp.ClientSession() as session, session.post(url, json=payload) as response:
            response.raise_for_status()
            return await response.json()

    return asyncio.run(post())


def test_openrlhf_gets_its_rewards(served):
    answer = openrlhf(served, CALL + "<|im_end|>", CALL.replace("amount", "summe"), "value 0.5<|im_end|>")
    assert set(answer) == {"rewards", "scores", "extra_logs"}
    assert answer["rewards"] == answer["scores"] == pytest.approx([1.0, 0.4, 0.2])
    assert answer["extra_logs"]["json_valid"] == [1.0, 0.0, 0.0]
    assert torch.tensor([answer["rewards"][0]]).shape == (1,)


def test_openrlhf_gets_null_where_we_failed_and_can_make_no_number_of_it(served):
    answer = openrlhf(served, "raise")
    assert answer == {
        "rewards": [None],
        "scores": [None],
        "extra_logs": {"json_valid": [0.0], "api_success": [0.0], "mine": [-1.0], "later": [1.0]},
    }
    with pytest.raises(RuntimeError, match="NoneType"):
        torch.tensor([answer["rewards"][0]])


@pytest.mark.parametrize(
    ("response", "left"),
    [
        ("ok<|im_end|>", "ok"),
        ("ok </s>\n<eos> \n", "ok"),
        ("ok</s> then<end_of_turn>", "ok</s> then"),
        ("ok \n", "ok \n"),
        ("<|eot_id|>", ""),
        *((piece * 100_000 + "x", piece * 100_000 + "x") for piece in (" ", "</s>", "</s> ")),  # in no time
    ],
    ids=range(8),
)
def test_openrlhf_s_response_ends_before_the_templates_tokens(response, left):
    label = json.dumps(asdict(task()), ensure_ascii=False)
    _, turn = row_of(0, PROMPT + response, PROMPT, label)
    assert turn.messages == [{"role": "assistant", "content": left}]


@pytest.mark.parametrize("token", [None, "wrong", TOKEN + "x", TOKEN[:-1]])
def test_without_the_token_nothing_is_served(served, token):
    for method, path in (("POST", "/v1/score"), ("POST", "/openrlhf"), ("GET", "/metrics"), ("GET", "/none")):
        refused = served.send(method, path, token)
        assert (refused.status_code, refused.json()) == (401, {"error": "this server asks for its token"})
    assert served.send("GET", "/health", token).json() == {"in_flight": 0}
    assert httpx.get(served.url + "/metrics", auth=("any", token or "")).status_code == 401
    assert httpx.get(served.url + "/metrics", headers={"Authorization": "Basic ???"}).status_code == 401


ITEM = {"task": asdict(task()), "trajectory": asdict(trajectory("x"))}


def item(**changes: Any) -> bytes:
    return json.dumps({"items": [ITEM | changes]}).encode()


REFUSED = [
    ("/v1/score", b"", 400, "the body is not JSON"),
    ("/v1/score", b"[]", 400, "the body is not a JSON object"),
    ("/v1/score", b'{"items": NaN}', 400, "NaN is not JSON"),
    ("/v1/score", b"{}", 400, "'items' must be a list"),
    ("/v1/score", b'{"items": [' + b"1," * MAX_ITEMS + b"1]}", 400, "'items' must be a list of at most"),
    ("/v1/score", b'{"items": [1]}', 400, "items[0]: an item must be an object, not a number"),
    ("/v1/score", b'{"items": [{}]}', 400, "items[0]: task is missing"),
    ("/v1/score", item(task={"id": "x"}), 400, "items[0]: task.parallel_id is missing"),
    ("/v1/score", item(task=ITEM["task"] | {"langage": "fr"}), 400, "did you mean task.language?"),
    ("/v1/score", item(task=ITEM["task"] | {"tools": [1]}), 400, "task.tools[0] must be an object"),
    ("/v1/score", item(trajectory={"messages": "x"}), 400, "trajectory.messages must be a list, not a text"),
    ("/v1/score", item(trajectory={"messages": [], "token_ids": [1]}), 400, "must have one length"),
    (
        "/v1/score",
        item(trajectory={"messages": [], "logprobs": [10**400]}),
        400,
        "logprobs[0] is a number out of range",
    ),
    (
        "/v1/score",
        item(trajectory={"messages": [], "results": [{"call_id": "1", "status": "good", "content": 1}]}),
        400,
        "is 'good'",
    ),
    ("/v1/score", b" " * (MAX_BODY_BYTES + 1), 413, "over the limit of 32 MB"),
    ("/openrlhf", b"{}", 400, "'query' must be a list of texts"),
    ("/openrlhf", b'{"query": ["a"], "prompts": [], "labels": []}', 400, "must have one length"),
    (
        "/openrlhf",
        b'{"query": ["a"], "prompts": ["b"], "labels": ["{}"]}',
        400,
        "query[0] does not contain prompts[0]",
    ),
    ("/openrlhf", b'{"query": ["a"], "prompts": [""], "labels": ["{}"]}', 400, "prompts[0] is empty; give"),
    (
        "/openrlhf",
        b'{"query": ["a"], "prompts": [" \\n"], "labels": ["{}"]}',
        400,
        "prompts[0] is empty; give",
    ),
    (
        "/v1/score",
        item(trajectory={"messages": [{"role": "assistant", "content": CALL}]}),
        400,
        "makes calls and trajectory.calls is missing; hand in the calls",
    ),
    (
        "/v1/score",
        item(trajectory={"messages": [{"role": "assistant", "content": [{"type": "text", "text": CALL}]}]}),
        400,
        "messages[0] makes calls and trajectory.calls is missing; hand in the calls",
    ),
    ("/v1/score", b'{"items": [' + b"[]," * (8 * 2**20) + b"[]]}", 413, "too many values for one request"),
    (
        "/openrlhf",
        b'{"query": ["a"], "prompts": ["a"], "labels": ["paris"]}',
        400,
        "labels[0] is no task: it is not JSON",
    ),
    ("/openrlhf", b'{"query": ["a"], "prompts": ["a"], "labels": ["{}"]}', 400, "labels[0].id is missing"),
    ("/v1/none", b"{}", 404, "Not Found"),
    ("/health", b"{}", 405, "Method Not Allowed"),
]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"), REFUSED, ids=[str(i) for i in range(len(REFUSED))]
)
def test_a_wrong_request_is_answered_with_one_line(served, path, body, status, said):
    assert_one_line(served.send("POST", path, content=body), status, said)


def test_calls_that_are_given_as_such_may_stand_in_the_messages_too(served):
    messages = [{"role": "assistant", "content": CALL}]
    for calls in ([], asdict(trajectory("x"))["calls"]):
        given = item(trajectory={"messages": messages, "calls": calls, "results": []})
        assert served.send("POST", "/v1/score", content=given).status_code == 200


def test_readiness_and_a_web_page(served):
    assert served.send("GET", "/ready", None).json() == {"ready": True}
    assert served.send("POST", "/v1/score", json={"items": []}).json() == {"scores": []}


def test_metrics_count_and_name_nothing_that_a_request_holds(served):
    before = served.metrics()
    served.score((task(), trajectory("raise")), (task(), trajectory("a word that a model made up")))
    after = served.metrics()
    grown = {name: after[name] - before[name] for name in after if not name.endswith("_created")}
    assert (grown["rewards_scores_total"], grown["rewards_masked_total"]) == (2, 1)
    assert (grown["rewards_part_runs_total mine"], grown["rewards_part_failures_total mine"]) == (2, 1)
    assert after["rewards_in_flight"] == 0
    assert "made up" not in served.send("GET", "/metrics").text


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("components: {a: {weight: 1}}", "reward.components.a needs _target_"),
        ("a: 1", "has no components"),
        ("components: [", "c.yaml is not YAML: while parsing"),
        ("{defaults: [x], components: {}}", "write it out in full"),
        ("{defaults: [c], components: {}}", "write it out in full"),
    ],
)
def test_what_keeps_a_server_from_starting_is_one_sentence(tmp_path, config, said):
    (tmp_path / "c.yaml").write_text(config)
    done = subprocess.run(**command("--config", str(tmp_path / "c.yaml")), capture_output=True)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1
    assert said in done.stderr


def test_a_cluster_that_is_not_there_is_one_sentence():
    done = subprocess.run(**command("--ray-address", "127.0.0.1:1"), capture_output=True)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1
    assert "no Ray cluster answers at 127.0.0.1:1 (" in done.stderr


def test_a_signal_lets_what_is_being_scored_finish(served):
    """The last of this file's tests: it ends the server."""
    found: list[Score] = []
    client = threading.Thread(target=lambda: found.extend(served.score((task(), trajectory("wait 1.5")))))
    client.start()
    while served.send("GET", "/health").json() != {"in_flight": 1}:
        pass
    served.process.send_signal(signal.SIGTERM)
    client.join()
    assert served.process.wait(60) == 0
    assert [score.parts["later"] for score in found] == [1.0]
