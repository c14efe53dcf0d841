"""What is refused before a run starts, each in one sentence that says what to do."""

import asyncio
import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import httpx

from rewards.types import Task
from rl.chat import Chat
from rl.config import Config
from rl.errors import UserError
from rl.settings import Sandbox
from sandbox import open_sandbox
from sandbox.client import RemoteError, connect
from sandbox.code import PYTHON
from sandbox.isolation import probe
from sandbox.process import WorkerDied


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


def check_prompts(config: Config, chat: Chat, tasks: list[Task]) -> None:
    """Refuse tasks whose prompt leaves no room for an answer. Raises UserError."""
    size = {task.id: len(f"{task.messages}{task.tools}".encode()) for task in tasks}
    for task in sorted(tasks, key=lambda task: -size[task.id])[:20]:  # tokens follow bytes closely
        length = len(chat.prompt_ids(task.messages, task.tools))
        if length + config.rollout.max_new_tokens > config.rollout.max_model_len:
            raise UserError(
                f"The prompt of task {task.id} has {length} tokens, which leaves no room for an answer of "
                f"rollout.max_new_tokens {config.rollout.max_new_tokens}; raise rollout.max_model_len "
                f"{config.rollout.max_model_len} or lower data.tools_per_task."
            )


def check_disk(config: Config, model: Path) -> None:
    """Refuse to start where the checkpoints cannot fit (weights and two optimizer states each)."""
    size = sum(file.stat().st_size for file in model.glob("*.safetensors")) if model.is_dir() else 0
    needed = 4 * size * (config.trainer.keep + 1) + 50 * 2**20
    free = shutil.disk_usage(config.folder).free
    if free < needed:
        raise UserError(
            f"{config.output_dir} has {free / 1e9:.1f} GB free and this run's checkpoints may need "
            f"{needed / 1e9:.1f} GB; free some space, lower trainer.keep, or set output_dir to another disk."
        )
