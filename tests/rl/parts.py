"""Small real parts for trainer tests: an engine in this process, and a scorer that draws lots."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from random import Random
from typing import Any

import torch
from transformers import PreTrainedTokenizerFast

from rewards.types import Score, Task, Trajectory
from rl.config.load import load
from rl.config.schema import Config, Tiny
from rl.rollout.agent import Bounds, rollout
from rl.rollout.chat import Chat
from rl.rollout.engines.base import Sampling
from rl.rollout.engines.transformers import HfEngine
from rl.rollout.gate import GatedEngine
from rl.tiny import model as tiny
from rl.weights.base import Weights
from sandbox import open_sandbox

SIZES = {
    "hidden_size": 32,
    "layers": 2,
    "heads": 2,
    "kv_heads": 1,
    "intermediate_size": 48,
    "vocab_size": 640,
}


def save_policy(folder: Path, tokenizer: PreTrainedTokenizerFast, **sizes: int) -> Path:
    """A random policy with its tokenizer on disk; ``sizes`` are other than ``SIZES``."""
    model = tiny.new_model(Tiny(**SIZES | sizes), tokenizer, 512, seed=0)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def composed(*overrides: str) -> Config:
    from hydra import compose, initialize_config_dir
    from omegaconf import OmegaConf

    conf = str(Path(__file__).resolve().parents[2] / "conf")
    with initialize_config_dir(conf, version_base="1.3"):
        return load(OmegaConf.to_container(compose("config", ["run=test", *overrides]), resolve=True))


class Rollouts:
    """The agent loop on a transformers engine, without Ray."""

    wanted: Future[None] = Future()

    def __init__(self, policy: Path, tokenizer: PreTrainedTokenizerFast) -> None:
        torch.manual_seed(0)
        self.chat = Chat(tokenizer)
        self.engine = GatedEngine(
            HfEngine(str(policy), dtype="float32", concurrency=64, end_ids=self.chat.end_ids)
        )
        self.context = open_sandbox(workers=1)
        self.opening: asyncio.Task[Any] | None = None

    async def rollout(self, task: Task, seed: int, temperature: float) -> tuple[Trajectory, dict[str, float]]:
        if self.opening is None:  # the rollouts that start together share one
            self.opening = asyncio.ensure_future(self.context.__aenter__())
        trajectory = await rollout(
            task,
            self.engine,
            await self.opening,
            self.chat,
            Bounds(max_turns=2, max_new_tokens=8, max_model_len=256),
            Sampling(8, temperature),
            seed,
        )
        return trajectory, {"rollout": 1.0, "tools": 0.0}

    def keep(self, part: Weights) -> Weights:
        """As it is now: what comes may be the trained model's own memory."""
        return Weights({name: tensor.clone() for name, tensor in part.tensors.items()}, part.version)

    async def load_weights(self, parts: Sequence[Weights]) -> None:
        await self.engine.load_weights(parts)

    async def busy(self) -> list[float]:
        return [self.engine.busy.seconds()]

    async def close(self) -> None:
        if self.opening is not None:
            await self.context.__aexit__(None, None, None)


class Lots:
    """Rewards that depend on the sample alone; ``masked_every`` n-th lot is a mask. With ``parts``, each of
    them draws a lot of its own, and some abstain."""

    def __init__(self, masked_every: int = 0, parts: Sequence[str] = ()) -> None:
        self.masked_every, self.parts = masked_every, parts

    async def score(self, task: Task, trajectory: Trajectory, step: int | None = None) -> Score:
        draw = Random(f"{task.id}{trajectory.token_ids}")
        lot = draw.randrange(1000)
        if self.parts:
            parts = {name: draw.choice([None, 0.0, 1.0, draw.random()]) for name in self.parts}
            masked = lot % 5 == 0 or not any(value is not None for value in parts.values())
            return Score(None if masked else lot / 1000, parts)
        if self.masked_every and lot % self.masked_every == 0:
            return Score(None, {"lot": None}, {"lot.why": "as it fell", "lot": "failed: drawn"})
        return Score(lot / 1000, {"lot": lot / 1000})

    def metrics(self) -> dict[str, float]:
        return {"reward/lot/seconds": 0.0}
