"""What an inference engine must do, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rl.weights.base import Weights


@dataclass(frozen=True)
class Sampling:
    """How a turn is sampled. ``temperature`` 0 is greedy; ``grammar`` is a structural tag (``rl.rollout.grammar``) that
    leaves only some tokens to choose from, where the engine knows grammars."""

    max_tokens: int
    temperature: float = 1.0
    top_p: float = 1.0
    grammar: str | None = None


@dataclass(frozen=True)
class Completion:
    """A sampled turn: tokens (the end-of-turn token included), their log-probabilities in nats under
    the distribution they were drawn from, whether the model ended its turn itself, and the updates that
    the policy had seen which sampled it."""

    token_ids: list[int]
    logprobs: list[float]
    ended: bool
    version: int = 0


class Generator(Protocol):
    """Token in, token out. Requests run side by side; each brings its own seed."""

    async def generate(self, prompt_ids: list[int], sampling: Sampling, seed: int) -> Completion: ...


class Engine(Generator, Protocol):
    """A generator whose policy is ours to change."""

    async def load_weights(self, parts: Sequence[Weights]) -> None:
        """Replace the policy's weights by those of all parts. No request may be running."""

    def close(self) -> None: ...
