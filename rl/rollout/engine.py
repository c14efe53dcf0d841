"""What an inference engine must do, and nothing else."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Sampling:
    """How a turn is sampled. ``temperature`` 0 is greedy."""

    max_tokens: int
    temperature: float = 1.0
    top_p: float = 1.0


@dataclass(frozen=True)
class Sample:
    """A sampled turn: tokens (the end-of-turn token included), their log-probabilities in nats under
    the distribution they were drawn from, and whether the model ended its turn itself."""

    token_ids: list[int]
    logprobs: list[float]
    ended: bool


class Engine(Protocol):
    """Token in, token out. Requests run side by side; each brings its own seed."""

    async def generate(self, prompt_ids: list[int], sampling: Sampling, seed: int) -> Sample: ...

    async def load_weights(self, weights: bytes) -> None:
        """Replace the policy's weights with a safetensors file's bytes. No request may be running."""

    def close(self) -> None: ...
