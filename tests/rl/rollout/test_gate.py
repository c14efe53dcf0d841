"""New weights go in between turns: no turn is lost, none has two policies, and none waits for ever."""

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

import torch

from rl.rollout.engines.base import Completion, Sampling
from rl.rollout.gate import GatedEngine
from rl.weights.base import Weights


class Slow:
    """An engine that notices when its weights change while it samples."""

    def __init__(self) -> None:
        self.weights = 0.0

    async def generate(self, prompt_ids: list[int], sampling: Sampling, seed: int) -> Completion:
        before = self.weights
        await asyncio.sleep(Random(seed).random() * 0.01)
        assert self.weights == before, "the policy changed within a turn"
        return Completion([seed], [-before], True)

    async def load_weights(self, parts: Sequence[Weights]) -> None:
        await asyncio.sleep(0.002)
        self.weights = float(parts[0].tensors["w"])

    def close(self) -> None:
        """There is nothing to close."""


def test_weights_go_in_between_turns_and_each_turn_says_whose_it_is() -> None:
    async def play() -> list[list[Completion]]:
        engine = GatedEngine(Slow())

        async def sample(seed: int) -> list[Completion]:
            turns: list[Completion] = []
            while not turns or turns[-1].version < 5:
                turns.append(await engine.generate([], Sampling(1), seed + 100 * len(turns)))
            return turns

        async def train() -> None:
            for version in range(1, 6):
                await asyncio.sleep(0.004)
                await engine.load_weights([Weights({"w": torch.tensor(float(version))}, version)])

        found: Any = await asyncio.gather(*(sample(seed) for seed in range(20)), train())
        return found[:-1]

    samples = asyncio.run(asyncio.wait_for(play(), 30))
    for seed, one in enumerate(samples):  # every request came back, in its order
        assert [turn.token_ids for turn in one] == [[seed + 100 * turn] for turn in range(len(one))]
    assert all(-turn.logprobs[0] == turn.version for one in samples for turn in one)
    versions = [[turn.version for turn in one] for one in samples]
    assert all(one == sorted(one) for one in versions)
    assert len({version for one in versions for version in one}) > 1


def test_an_engine_that_fails_to_load_goes_on_with_what_it_has() -> None:
    class Broken(Slow):
        async def load_weights(self, parts: Sequence[Weights]) -> None:
            raise ValueError("no room")

    async def play() -> Completion:
        engine = GatedEngine(Broken())
        try:
            await engine.load_weights([Weights({}, 3)])
        except ValueError:
            return await asyncio.wait_for(engine.generate([], Sampling(1), 1), 5)
        raise AssertionError("the error was swallowed")

    assert asyncio.run(play()).version == 0


def test_an_engine_that_is_held_samples_again_with_the_weights_that_come_next() -> None:
    async def play() -> Completion:
        engine = GatedEngine(Slow())
        await engine.hold()
        turn = asyncio.ensure_future(engine.generate([], Sampling(1), 1))
        await asyncio.sleep(0.03)
        assert not turn.done()
        await engine.load_weights([Weights({"w": torch.tensor(4.0)}, 4)])
        return await turn

    found = asyncio.run(asyncio.wait_for(play(), 5))
    assert found.version == 4 and found.logprobs == [-4.0]
