"""A model behind an endpoint: its turns become the trajectories that the agent loop makes of any other's."""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from rewards.compose import Rewards
from rewards.types import Task, Trajectory
from rl.config.rewards import reward_settings
from rl.config.schema import Config
from rl.data import catalog
from rl.errors import ConfigError, UserError
from rl.rollout import endpoint
from rl.rollout.endpoint import EndpointRollouts, as_api
from rl.rollout.script import gold_turn
from rl.runs.preflight import check_endpoint
from rl.runs.prepare import prepared
from tests.rewards.judge.judge_server import Handler, Server, hangs_up, serving
from tests.rl.parts import composed

USAGE = {"prompt_tokens": 50, "completion_tokens": 7}


def config(server: Server, *overrides: str) -> Config:
    return composed(
        "rollout=openai",
        "model=hub",
        "model.path=judge-me",
        f"rollout.endpoint.base_url={server.url}",
        "rollout.endpoint.api_key_env=''",
        "sandbox.workers=1",
        *overrides,
    )


def reply(content: str | None, finish: str = "stop", **message: Any) -> str:
    choice = {"message": {"role": "assistant", "content": content, **message}, "finish_reason": finish}
    return json.dumps({"choices": [choice], "usage": USAGE})


def calls_reply(*calls: tuple[str, str]) -> str:
    made = [
        {"id": f"abc{i}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for i, (name, arguments) in enumerate(calls)
    ]
    return reply(None, "tool_calls", tool_calls=made)


def gold(task: Task, native: bool) -> Callable[[dict[str, Any]], str]:
    """A server that answers the task rightly: its calls first, then what is to be said."""

    def answer(request: dict[str, Any]) -> str:
        last = request["messages"][-1]
        done = last["role"] == "tool" or "<tool_response>" in last["content"]
        if done or not task.expected.calls:
            return reply(task.expected.reply)
        if not native:
            return reply(gold_turn(task))
        wanted = [json.loads(line[11:-12]) for line in gold_turn(task).split("\n")]
        return calls_reply(*((call["name"], json.dumps(call["arguments"])) for call in wanted))

    return answer


def sampled(settings: Config, task: Task) -> tuple[Trajectory, dict[str, float]]:
    async def run() -> tuple[Trajectory, dict[str, float]]:
        rollouts = EndpointRollouts("judge-me", settings.rollout, settings.sandbox, None)
        await rollouts.start()
        try:
            found, _ = await rollouts.rollout(task, 8, 0.0)
            return found, rollouts.spend
        finally:
            await rollouts.close()

    return asyncio.run(run())


@pytest.mark.parametrize("tools", ["field", "prompt"])
@pytest.mark.parametrize(
    ("kind", "language"), [("set_alarm", "ar"), ("world_time", "ja"), ("small_talk", "sw")]
)
def test_right_turns_earn_everything(tools: str, kind: str, language: str) -> None:
    task = catalog.make(kind, language, split="test")
    with serving() as server:
        server.otherwise = gold(task, tools == "field")
        settings = config(server, f"rollout.endpoint.tools={tools}", "rollout.endpoint.price=[2,10]")
        found, spend = sampled(settings, task)
    score = Rewards.from_config(reward_settings(settings)).score(task, found)
    assert score.reward == pytest.approx(1.0), score
    turns = 1 + bool(task.expected.calls)
    assert spend["requests"] == turns and spend["failed"] == 0
    assert spend["money"] == pytest.approx(turns * (50 * 2 + 7 * 10) / 1e6)
    assert (len(found.prompt_ids), sum(found.sampled)) == (50, 7 * turns)
    shown = json.dumps(server.requests[0], ensure_ascii=False)
    assert all(tool.name in shown for tool in task.tools)
    assert ("tools" in server.requests[0]) == (tools == "field")


def test_results_answer_the_calls_by_their_ids() -> None:
    task = catalog.make("world_time", "en")
    with serving() as server:
        server.answers = [
            (200, calls_reply(("world_time", '{"city": "Paris"}'), ("world_time", "{broken"))),
            (200, reply("I do not know.")),
        ]
        found, _ = sampled(config(server), task)
    assert [call.error is None for call in found.calls] == [True, False]
    assert [result.status for result in found.results][1] == "invalid_call"
    assistant, first, second = server.requests[1]["messages"][-3:]
    assert [call["id"] for call in assistant["tool_calls"]] == ["abc0", "abc1"]
    assert (first["tool_call_id"], second["tool_call_id"]) == ("abc0", "abc1")
    assert json.loads(assistant["tool_calls"][1]["function"]["arguments"]) == {}, (
        "servers refuse what is no JSON"
    )


def test_thoughts_stand_as_thoughts() -> None:
    task = catalog.make("small_talk", "en")
    with serving() as server:
        server.answers = [(200, reply("Hello!", reasoning_content="He greets me."))]
        found, _ = sampled(config(server), task)
    assert found.messages[-1]["content"] == "<think>He greets me.</think>Hello!"


def never(handler: Handler) -> None:
    handler.give(500, "gone")


@pytest.mark.parametrize(
    "answers",
    [
        [(400, '{"error": {"message": "no such field"}}')],
        [never, never],
        [hangs_up, hangs_up],
        [(200, "not JSON"), (200, '{"choices": []}')],
        [(200, reply("", "content_filter"))],
    ],
    ids=["refused", "broken", "hung up", "no completion", "filtered"],
)
def test_the_endpoint_s_failures_are_masked(answers: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rl.rollout.engines.openai.BACKOFF", 0.0)
    task = catalog.make("small_talk", "en")
    with serving() as server:
        server.answers = list(answers)
        settings = config(server, "rollout.endpoint.retries=1")
        found, spend = sampled(settings, task)
    score = Rewards.from_config(reward_settings(settings)).score(task, found)
    assert score.reward is None
    assert spend["failed"] == 1 and spend["requests"] == len(answers)


def test_a_slow_endpoint_is_given_up() -> None:
    gone = threading.Event()
    with serving() as server:
        server.answers = [lambda handler: gone.wait()]
        settings = config(server, "rollout.endpoint.timeout=0.2", "rollout.endpoint.retries=0")
        _, spend = sampled(settings, catalog.make("small_talk", "en"))
        gone.set()
    assert spend["failed"] == spend["requests"] == 1


def test_what_passes_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rl.rollout.engines.openai.BACKOFF", 0.0)
    task = catalog.make("small_talk", "en")
    with serving() as server:
        server.answers = [(429, "slow down"), (503, "busy"), (200, reply(task.expected.reply))]
        found, spend = sampled(config(server), task)
    assert found.stop == "end" and spend["requests"] == 3 and spend["failed"] == 0


def test_a_turn_that_was_cut_off_is_one() -> None:
    with serving() as server:
        server.answers = [(200, reply("I will now", "length"))]
        found, _ = sampled(config(server), catalog.make("small_talk", "en"))
    assert found.stop == "length"


def test_fields_of_the_request_are_the_user_s() -> None:
    task = catalog.make("small_talk", "en")
    with serving() as server:
        server.answers = [(200, reply("Hi"))]
        sampled(config(server, "++rollout.endpoint.body={max_tokens: 5, seed: null, temperature: 0.3}"), task)
    request = server.requests[0]
    assert request["max_tokens"] == 5 and request["temperature"] == 0.3 and "seed" not in request
    assert request["model"] == "judge-me"


def test_a_dialogue_s_earlier_calls_are_in_the_api_s_form() -> None:
    said = [
        {"role": "user", "content": "?"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"function": {"name": "a", "arguments": {"x": "é"}}}],
        },
        {"role": "tool", "name": "a", "content": "1"},
        {"role": "user", "content": "again"},
    ]
    _, called, result, _ = as_api(said)
    assert called["tool_calls"][0]["function"]["arguments"] == '{"x": "é"}'
    assert called["tool_calls"][0]["id"] == result["tool_call_id"]
    assert endpoint.in_prompt(said, [])[1]["content"] == (
        '<tool_call>{"name": "a", "arguments": {"x": "é"}}</tool_call>'
    )


def test_an_endpoint_that_refuses_tools_is_told_of_in_a_sentence() -> None:
    task = catalog.make("set_alarm", "en")
    with serving() as server:
        server.answers = [
            (200, reply("-")),
            (400, '{"message": "\\"auto\\" tool choice requires --enable-auto-tool-choice"}'),
        ]
        with pytest.raises(UserError, match=r"refuses tools .*rollout.endpoint.tools=prompt\.$") as error:
            check_endpoint(config(server), [task])
    assert "\n" not in str(error.value)


def test_a_wrong_name_of_the_model_is_told_of_in_a_sentence() -> None:
    with serving() as server:
        server.answers = [(404, '{"error": {"message": "The model `judge-me` does not exist."}}')]
        with pytest.raises(UserError, match=r"does not answer for model=judge-me .*404: The model") as error:
            check_endpoint(config(server), [catalog.make("set_alarm", "en")])
    assert "\n" not in str(error.value)


def test_training_with_an_endpoint_is_refused() -> None:
    with serving() as server:
        settings = config(server)
    with pytest.raises(UserError, match="rollout=openai can only be evaluated") as error:
        prepared(settings, test_split="test", training=True)
    assert "\n" not in str(error.value)


def test_a_key_that_is_not_there_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with serving() as server:
        settings = config(server, "rollout.endpoint.api_key_env=NO_SUCH_KEY")
        with pytest.raises(UserError, match="set the environment variable NO_SUCH_KEY"):
            check_endpoint(settings, [catalog.make("set_alarm", "en")])


def test_what_it_needs_is_asked_for() -> None:
    with pytest.raises(ConfigError, match=r"needs rollout\.endpoint\.base_url, such as"):
        composed("rollout=openai")
    with pytest.raises(ConfigError, match="needs model=<the name"):
        composed("rollout=openai", "rollout.endpoint.base_url=http://127.0.0.1:1/v1")
