"""What is refused before a run starts, each in one sentence that says what to do."""

import asyncio
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import get_type_hints

import httpx
import torch
from pydantic import TypeAdapter, ValidationError

from rewards.compose import Rewards
from rewards.types import Task
from rl.cluster import check_address, rank
from rl.config.problems import check_batch, check_fields
from rl.config.schema import Config, Sandbox
from rl.config.trl import grpo_config, trl_settings
from rl.errors import ConfigError, UserError
from rl.report.live import say
from rl.rollout import replay
from rl.rollout.chat import Chat, as_function
from rl.rollout.engines.base import Sampling
from rl.rollout.engines.openai import EndpointError
from rl.rollout.engines.openai import connect as connect_endpoint
from rl.rollout.grammar import EXPRESSIBLE, calls_tag
from rl.rollout.script import gold_turn
from sandbox import open_sandbox
from sandbox.backends.code.server import PYTHON
from sandbox.client import RemoteError, connect
from sandbox.host.worker import WorkerDied
from sandbox.isolation.bubblewrap import probe

API_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # of a tool, as OpenAI's API takes it
XGRAMMAR_PLACE = re.compile(r"^\[[\d:]+\] \S+:\d+: ")  # where in its own code it met the error
GOLD_TRIED = 20  # right answers that are scored
PROMPTS_TRIED = 20  # the longest of each language


def check_parts(config: Config) -> None:
    """Refuse packages that are not installed and servers that do not answer. Raises UserError."""
    if config.rollout.engine == "vllm" and find_spec("vllm") is None:
        raise UserError("vLLM is not installed; run make install, or sample with rollout=hf.")
    for name in config.trainer.report_to:
        if find_spec(name) is None:
            raise UserError(f"trainer.report_to names {name}, which is not installed; pip install {name}.")
    if config.cluster.address and ":" in config.cluster.address:
        check_address(config.cluster.address)
    if config.judge.kind != "rules":
        _check_judge(str(config.judge.base_url), config.judge.timeout)


def check_shards(config: Config) -> None:
    """Refuse to part a policy over one rank, but where a run in shards is gone on with. Raises UserError."""
    sharding = config.trainer.sharding
    if sharding != "none" and config.cluster.processes == 1 and not config.resume:
        raise UserError(
            f"trainer.sharding={sharding} parts the policy over ranks, and cluster.processes is 1; set cluster=ray "
            "cluster.processes=<ranks>, or trainer.sharding=none."
        )


def _check_judge(url: str, timeout: float) -> None:
    try:
        httpx.get(url, timeout=timeout)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UserError(
            f"The judge at {url} cannot be reached ({_first_line(error)}); start it, correct judge.base_url, or "
            "use judge=rules."
        ) from error


def check_endpoint(config: Config, tasks: Sequence[Task]) -> None:
    """Refuse an endpoint that does not answer, does not know the model or refuses tools. Raises UserError."""
    try:
        asyncio.run(_ask_endpoint(config, tasks))
    except httpx.InvalidURL as error:
        raise UserError(f"rollout.endpoint.base_url is no address: {error}.") from None


async def _ask_endpoint(config: Config, tasks: Sequence[Task]) -> None:
    """One token without tools, then one with those of the task whose tools have the oddest names."""
    endpoint = config.rollout.endpoint
    odd = max(tasks, key=lambda task: sum(not API_NAME.fullmatch(tool.name) for tool in task.tools))
    functions = [as_function(tool) for tool in odd.tools] if endpoint.tools == "field" else []
    sampling, hello = Sampling(1, config.evaluate.temperature), [{"role": "user", "content": "-"}]
    async with connect_endpoint(endpoint, config.model.path, 1) as client:
        try:
            await client.turn(hello, [], sampling, 0)
        except EndpointError as error:
            raise UserError(
                f"The endpoint {endpoint.base_url} does not answer for model={config.model.path} ({error}); correct "
                "the model's name, rollout.endpoint.base_url or the key, or set fields with rollout.endpoint.body."
            ) from error
        try:
            await client.turn(hello, functions, sampling, 0)
        except EndpointError as error:
            raise UserError(
                f"The endpoint {endpoint.base_url} refuses tools ({error}); start it with tool calling (vLLM: "
                "--enable-auto-tool-choice --tool-call-parser hermes), or put them in the prompt: "
                "rollout.endpoint.tools=prompt."
            ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def check_rewards(rewards: Rewards, tasks: Sequence[Task]) -> None:
    """Refuse rewards that judge what comes after a call on tasks whose calls are not run: nothing comes there, and
    the right answer would be paid less than others. Say which parts have no opinion there. Raises UserError.
    """
    idle = [task for task in tasks if not task.run_calls and task.expected.calls][:GOLD_TRIED]
    scores = [rewards.score(task, replay(task, [gold_turn(task)])) for task in idle]
    best = max(scores, key=lambda score: score.reward or 0.0, default=None)
    if best is None:
        return
    not_run = f"The calls of {idle[0].source or idle[0].id} are not run"
    unpaid = [name for name, value in best.parts.items() if value is not None and value < 1]
    if best.reward and best.reward <= 0.999:
        raise UserError(
            f"{not_run}, and {' and '.join(unpaid)} of the reward judge{'s' * (len(unpaid) == 1)} what comes after, "
            f"so that a right answer earns {best.reward:.2f} at most; choose reward=call_only."
        )
    silent = [name for name, value in best.parts.items() if value is None]
    if silent and rank() == 0:
        say(
            f"{not_run}, and no reply follows: {', '.join(silent)} of the reward judge nothing there, the others all."
        )


def check_trl(config: Config, languages: int) -> None:
    """Refuse names and values of ``trainer.trl`` that ``trl.GRPOConfig`` does not take. Raises ConfigError."""
    given = config.trainer.trl
    if not given:
        return
    grpo = grpo_config()
    kinds = get_type_hints(grpo, include_extras=False)
    check_fields("trainer.trl", "trl.GRPOConfig", given, kinds)
    for name, value in given.items():
        try:
            TypeAdapter(kinds[name]).validate_python(value)
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise ConfigError(
                f"trainer.trl.{name}={value!r} is wrong: {reason[0].lower()}{reason[1:]}"
            ) from None
    try:
        grpo(**trl_settings(config, check_batch(config, languages) // config.cluster.processes))
    except (ValueError, TypeError) as error:
        raise ConfigError(f"trainer.trl cannot be used ({_first_line(error).rstrip('.')})") from error


def check_sampling(config: Config) -> None:
    """Refuse to learn from a distribution that is cut off: the engine's log-probabilities are those of the tokens that
    ``top_p`` leaves, the trainer's those of all, and their ratio says nothing. Raises ConfigError."""
    if config.rollout.top_p < 1:
        raise ConfigError(
            f"rollout.top_p={config.rollout.top_p} samples from a distribution that is cut off, which the loss cannot "
            "correct; train with rollout.top_p=1.0 and, where less chance is wanted, a lower rollout.temperature"
        )


def check_one_device(config: Config) -> None:
    """Refuse engines that want more than the one GPU of a run of one process, which Ray would wait for. Raises
    ConfigError."""
    rollout, on_gpu = config.rollout, torch.cuda.is_available() or config.cluster.device_gb is not None
    if config.cluster.kind == "local" and on_gpu and rollout.workers * rollout.tensor_parallel > 1:
        raise ConfigError(
            f"rollout.workers {rollout.workers} x rollout.tensor_parallel {rollout.tensor_parallel} is more than the one "
            "GPU that training with cluster=local has, for policy and engine; set both to 1, or run python -m rl.train "
            "with cluster=ray cluster.gpus_per_process=1"
        )


def check_sandbox(config: Config, tasks: list[Task]) -> None:
    """Refuse what is not installed, and programs and untrusted tools where this machine cannot isolate them.

    Raises UserError.
    """
    sandbox = config.sandbox
    if sandbox.url:
        return asyncio.run(_check_served(config, tasks))
    if sandbox.transliterate and find_spec("uroman") is None:
        raise UserError(
            "sandbox.transliterate needs uroman; pip install 'polyglot-grpo[transliterate]', or set it to false."
        )
    programs = any(tool.name == PYTHON.name for task in tasks for tool in task.tools)
    if sandbox.isolation == "full" and (programs or sandbox.tools) and probe()["missing"]:
        what = (
            f"The tools of {', '.join(sandbox.tools)}" if sandbox.tools else "Programs that the model writes"
        )
        raise UserError(
            f"{what} cannot be isolated on this machine ({'; '.join(probe()['how_to_get'])}); mend that, or take "
            "the weaker level by name: sandbox=process."
        )
    own = [name for name in ("tools", "trusted_tools", "rest", "mcp") if getattr(sandbox, name)]
    if own:
        asyncio.run(_check_opens(sandbox, " and ".join(f"sandbox.{name}" for name in own)))


async def _check_opens(sandbox: Sandbox, own: str) -> None:
    """Refuse tools that cannot be loaded and servers that do not answer, before anything else has been started."""
    options = sandbox.model_dump(exclude={"url", "token_env", "descriptions"}) | {"workers": 1}
    try:
        async with open_sandbox(**options):
            pass
    except (ValueError, WorkerDied) as error:
        reason = str(error).removeprefix("sandbox: ").rstrip(".")
        raise UserError(f"The tools of {own} cannot be used ({reason}).") from error


async def _check_served(config: Config, tasks: list[Task]) -> None:
    """Refuse a served sandbox that does not answer, wants another token or lacks a tool of the tasks."""
    url, name = str(config.sandbox.url), config.sandbox.token_env
    try:
        async with connect(url, os.environ.get(name)) as served:
            missing = sorted(
                {tool.name for task in tasks if task.run_calls for tool in task.tools} - set(served.specs)
            )
    except (RemoteError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise UserError(
            f"sandbox.url={url} cannot be used ({error}); start it with `python -m sandbox.serve`, correct the "
            f"address, or put its token into the environment variable {name}."
        ) from error
    if missing:
        raise UserError(
            f"The sandbox at {url} has no tool {missing[0]!r}, which the tasks need; serve it there "
            "(python -m sandbox.serve --tools my_tools), or set data.tools."
        )


def check_prompts(config: Config, chat: Chat, tasks: list[Task], new_tokens: Mapping[str, int]) -> None:
    """Refuse tasks whose prompt leaves no room for an answer of ``rollout.max_new_tokens``, or of their language's own
    ``new_tokens``. Raises UserError."""
    rollout = config.rollout
    size = {task.id: len(f"{task.messages}{task.tools}".encode()) for task in tasks}
    tried: Counter[str] = Counter()
    for task in sorted(tasks, key=lambda task: -size[task.id]):  # tokens follow bytes closely
        tried[task.language] += 1
        if tried[task.language] > PROMPTS_TRIED:
            continue
        length = len(chat.prompt_ids(task.messages, task.tools))
        answer = new_tokens.get(task.language, rollout.max_new_tokens)
        if length + answer > rollout.max_model_len:
            scaled = f" x {answer / rollout.max_new_tokens:.2g} for {task.language}" * bool(new_tokens)
            raise UserError(
                f"The prompt of task {task.id} has {length} tokens, which leaves no room for an answer of "
                f"rollout.max_new_tokens {rollout.max_new_tokens}{scaled}; raise rollout.max_model_len "
                f"{rollout.max_model_len} or lower data.tools_per_task."
            )


def check_grammar(config: Config, chat: Chat, tasks: Sequence[Task]) -> None:
    """Refuse a form of calls and tools that no grammar is made of. Raises UserError."""
    if config.rollout.grammar == "none":
        return
    if chat.call_format not in EXPRESSIBLE:
        raise UserError(
            f"rollout.grammar=calls cannot be had for calls that are written as {chat.call_format}, only for "
            f"{', '.join(EXPRESSIBLE)}; leave it at none."
        )
    from xgrammar import Grammar

    for tool in {
        json.dumps([tool.name, tool.parameters]): tool for task in tasks for tool in task.tools
    }.values():
        try:
            Grammar.from_structural_tag(str(calls_tag(chat.call_format, [tool])))
        except (RuntimeError, ValueError) as error:
            raise UserError(
                f"rollout.grammar=calls cannot be had for the tool {tool.name!r} ({XGRAMMAR_PLACE.sub('', _first_line(error))}); mend its "
                "parameters, leave the tool out, or leave rollout.grammar at none."
            ) from error


def check_disk(config: Config, model: Path) -> None:
    """Refuse to start where the checkpoints cannot fit (weights and two optimizer states each)."""
    size = sum(file.stat().st_size for file in model.glob("*.safetensors")) if model.is_dir() else 0
    needed = 4 * size * (config.trainer.keep + 1) + 50 * 2**20
    there = next(folder for folder in (config.folder, *config.folder.resolve().parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise UserError(
            f"{config.output_dir} has {free / 1e9:.1f} GB free and this run's checkpoints may need "
            f"{needed / 1e9:.1f} GB; free some space, lower trainer.keep, or set output_dir to another disk."
        )
