"""The same weights sampled by our engine and by vLLM's own server: an endpoint is evaluated as any model is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from rl.runs.prepare import prepared, with_model
from tests.rl.parts import composed
from tests.runs.test_run import SMALL, call
from tests.vllm_server import serving

SERVER = [
    "--dtype=float32", "--enforce-eager", "--served-model-name=ours", "--max-model-len=256",
    "--no-enable-chunked-prefill", "--max-num-batched-tokens=4096",
    "--enable-auto-tool-choice", "--tool-call-parser=hermes",
]  # fmt: skip
pytestmark = pytest.mark.timeout(1200)  # two engines start, on cores that others may use, too
GREEDY = [
    "evaluate.temperature=0",
    "rollout.dtype=float32",
    "rollout.kv_cache_gib=0.25",
    "rollout.max_new_tokens=56",
]


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learnt to write calls and replies."""
    folder = tmp_path_factory.mktemp("policy")
    steps = ["model.tiny.warm_start.steps=400", f"model.cache_dir={folder}"]
    return Path(with_model(prepared(composed(*SMALL, *steps), test_split="test", training=False)).model_path)


@pytest.fixture(scope="module")
def url(policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(policy, SERVER, tmp_path_factory.mktemp("server") / "log") as address:
        yield f"{address}/v1"


def evaluated(outputs: Path, run: str, *overrides: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The figures, and each task's messages."""
    code, output = call("rl.evaluate", outputs, f"run={run}", *GREEDY, *overrides)
    assert code == 0, output
    folder = outputs / f"evaluation-{run}"
    rows = pq.read_table(folder / "rollouts" / "evaluation.parquet").to_pylist()
    return json.loads((folder / "evaluation.json").read_text()), {
        row["task_id"]: row["messages"] for row in rows
    }


def malformed(messages: list[dict[str, Any]]) -> bool:
    """Whether a call in it could not be read: the server's parser then leaves text, where ours tells of an error."""
    return any(call["name"] == "unknown" for message in messages for call in message["tool_calls"])


def endpoint(url: str) -> list[str]:
    return [
        "rollout=openai",
        "model=ours",
        f"rollout.endpoint.base_url={url}",
        "rollout.endpoint.api_key_env=''",
    ]


def test_an_endpoint_gives_what_the_engine_gives(policy: Path, url: str, tmp_path: Path) -> None:
    ours, said = evaluated(tmp_path, "engine", f"model={policy}")
    theirs, answered = evaluated(tmp_path, "server", *endpoint(url))
    assert said.keys() == answered.keys() and len(said) == 12
    whole = [task for task in said if not malformed(said[task])]
    assert len(whole) >= 6
    assert sum(said[task] == answered[task] for task in whole) >= len(whole) - 1, "one may fall at a tie"
    for language, result in theirs["languages"].items():
        assert result["masked"] == 0
        assert result["reward"] == pytest.approx(ours["languages"][language]["reward"], abs=0.3)
        same = "prompt_tokens"
        assert theirs["effort"][language][same] == pytest.approx(ours["effort"][language][same])
    spend = theirs["spend"]
    assert spend["requests"] >= 12 and spend["failed"] == 0 and spend["completion_tokens"] > 0
    text = (tmp_path / "evaluation-server" / "evaluation.md").read_text()
    assert "Spent at the endpoint" in text


def test_tools_go_into_the_prompt_where_they_must(url: str, tmp_path: Path) -> None:
    options = ["rollout.endpoint.tools=prompt", "rollout.max_new_tokens=4", "rollout.max_turns=1"]
    found, _ = evaluated(tmp_path, "prompt", *endpoint(url), *options, "data.languages=[en]")
    spent = found["spend"]
    assert spent["failed"] + spent["requests"] >= 4
    assert found["languages"]["en"]["n"] + found["languages"]["en"]["masked"] == 4
